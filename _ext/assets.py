"""A Sphinx extension: each page loads one style sheet and one script, which hold what the book uses and no more.

The theme and its extensions send a page some twenty files, 700 kB of them for icons. When a build ends, their style
sheets are joined, with the outlines of the icons in use instead of fonts, their scripts are joined, and each page's
head is put right.
"""

import hashlib
import html
import re
from pathlib import Path
from urllib.parse import quote

from book_words import words
from docutils import nodes
from PIL import Image

SHEETS = (
    "basic.css",
    "styles/pydata-sphinx-theme.css",
    "pygments.css",
    "styles/sphinx-book-theme.css",
    "copybutton.css",
    "mystnb.*.css",
    "vendor/katex/katex.min.css",
    "book.css",
)
SCRIPTS = (
    "documentation_options.js",
    "doctools.js",
    "translations.js",  # not in English
    "sphinx_highlight.js",
    "clipboard.min.js",
    "copybutton.js",
    "scripts/sphinx-book-theme.js",
    "scripts/bootstrap.js",
    "scripts/pydata-sphinx-theme.js",
    "book.js",
)
KEPT = re.compile(r"demos/|documentElement\.dataset")  # a page's own demos, and the theme's choice of light or dark
SEARCH = re.compile(r"searchtools\.js|language_data\.js|searchindex\.js")  # on the search page alone
ICON_FONTS = (  # rules, and their ends in a style sheet
    r"(?:\.fa(?:[bsr]|-[-\w]+)?(?:::?\w+)?,?)+\{[^{}]*\}",
    r"[^{}]*\{[^{}]*Font Awesome[^{}]*\}",
)
TAG = re.compile(r"<script\b[^>]*>.*?</script>\n?|<link\b[^>]*(?:stylesheet|preload)[^>]*>\n?", re.DOTALL)
REPAIRS = {  # for those who hear the page: no header of nothing, a region, no label that hides what a button shows
    r"<th></th>": "<td></td>",
    r'(?<=<div id="pst-primary-sidebar")': ' role="complementary" aria-label="{side_bar}"',
    r'(?<=<summary) aria-label="[^"]*"': "",
    r'(search-button-field[^>]*?) aria-label="[^"]*"': r"\1",
}
THEBE = re.compile(r'<script type="text/x-thebe-config">.*?</script>\s*<script>kernelName.*?</script>', re.DOTALL)
STORAGE = """<script>
  for (const name of ["localStorage", "sessionStorage"]) {
    try {
      window[name];
    } catch { // a reader may forbid it
      Object.defineProperty(window, name, { value: { getItem: () => null, setItem() {}, removeItem() {} } });
    }
  }
</script>
"""


def light(css):
    """A style sheet without the rules that draw icons from Font Awesome's fonts, and without other formats of fonts."""
    for rule in ICON_FONTS:
        css = re.sub(rf"(?<=[{{}}/])(?:{rule})", "", css)
    return re.sub(r",url\(fonts/[^)]*\.(woff|ttf)\) format\(\"\w+\"\)", "", css).replace(
        "(fonts/", "(vendor/katex/fonts/"
    )


def icons(fontawesome, names):
    """Rules that draw the theme's icons of some names from their outlines in its script."""
    rules = []
    for name in sorted(names):
        outlines = re.findall(rf'[{{,]"?{name}"?:\[(\d+),(\d+),\[[^\]]*\],"\w+","([^"]+)"', fontawesome)
        if outlines:
            width, height, path = outlines[-1]
            svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'><path d='{path}'/></svg>"
            rules.append(f'.fa-{name}{{--icon:url("data:image/svg+xml,{quote(svg, safe=" /:=")}")}}\n')
    return "".join(rules)


def add(static, name, text):
    """Write a file that the pages share; returns its name with a mark of what it holds."""
    (static / name).write_text(text, encoding="utf-8")
    return f"{name}?v={hashlib.sha256(text.encode()).hexdigest()[:8]}"


def size(file):
    """Width and height of a picture, in pixels."""
    if file.suffix == ".svg":
        box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', file.read_text(encoding="utf-8"))
        return [round(float(points) * 4 / 3) for points in box.groups()]
    return Image.open(file).size


def is_drawn(file):
    """Whether a figure is lines, areas and letters alone, without pixels whose brightness means something."""
    return file.suffix == ".svg" and "<image" not in file.read_text(encoding="utf-8")


def with_sizes(text, page):
    """A page's text whose images state their size, so that nothing moves when they arrive, and which are drawings."""

    def tag(match):
        file = page.parent / match.group(1)
        width, height = size(file)
        kind = " data-drawn" if is_drawn(file) else ""
        return f'{match.group()} width="{width}" height="{height}" loading="lazy" decoding="async"{kind}'

    return re.sub(r'<img\b[^>]*?src="([^":]*_images/[^"]+)"', tag, text)


def repaired(text, said):
    """A page's text with better tags in the place of some that the theme and others write."""
    for before, after in REPAIRS.items():
        text = re.sub(before, after.format(**said), text)
    return text


def slim(text, static, sheet, script, search):
    """A page's text with the shared sheet and script, its own demos, and no other files."""
    tags = f'<link rel="stylesheet" href="{static}{sheet}" />\n<script defer src="{static}{script}"></script>\n'

    def choose(match):
        tag = match.group()
        if search and SEARCH.search(tag):
            return tag.replace("<script", "<script defer")
        return tag if KEPT.search(tag) else ""

    head, body = text.split("</head>", 1)
    content, end = body.rsplit("</main>", 1)
    content, end = THEBE.sub("", content), TAG.sub("", end)
    head = re.sub(r'<meta name="viewport"[^>]*>', "", TAG.sub(choose, head), count=2)
    head = head.replace("<script", f"{STORAGE}<script", 1).replace("</noscript>", f"</noscript>\n{tags}", 1)
    return f"{head}</head>{content}</main>{end}"


def finish(app, error):
    """Join the sheets and scripts, and let every page load them."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    static = out / "_static"
    names = [*app.env.found_docs, "genindex", "search"]
    pages = {path: path.read_text(encoding="utf-8") for path in (out / f"{name}.html" for name in names)}
    found = [path.read_text(encoding="utf-8") for name in SCRIPTS for path in static.glob(name)]
    script = add(
        static, "pages.js", ";\n".join([*found[:1], "DOCUMENTATION_OPTIONS.search_as_you_type=false", *found[1:]])
    )
    names = set(re.findall(r"\bfa-([-\w]+)", "\n".join([*pages.values(), *found])))
    css = "".join(light(next(static.glob(name)).read_text(encoding="utf-8")) for name in SHEETS)
    outlines = (static / "scripts/fontawesome.js").read_text(encoding="utf-8")
    sheet = add(static, "pages.css", css + icons(outlines, names))
    for path, text in pages.items():
        here = "../" * (len(path.relative_to(out).parts) - 1)
        text = slim(repaired(text, words(app.config)), f"{here}_static/", sheet, script, path.stem == "search")
        path.write_text(with_sizes(text, path), encoding="utf-8")


def bold_opening(node):
    """The bold words that a paragraph or a quote begins with, or none."""
    bold = next(node.findall(nodes.strong), nodes.strong()).astext()
    return bold if node.astext().startswith(bold) else ""


def opening(doctree):
    """A page's first paragraph as a text, without the bold words that it may begin with; a page may have none."""
    first = next(doctree.findall(nodes.paragraph), nodes.paragraph())
    return first.astext().removeprefix(bold_opening(first)).lstrip("：").strip()


def shorten(text, width=160):
    """A text of at most so many letters, which ends at a space where the language has spaces."""
    text = " ".join(text.split())
    return text if len(text) <= width else re.sub(r"\s+\S{0,20}$", "", text[: width - 2]) + " …"


def describe(app, page, template, context, doctree):
    """Give a page a description, its first paragraph, for those who find it by a search."""
    text = (doctree and opening(doctree)) or f"{context.get('title') or page} · {app.config.project}"
    tag = f'<meta name="description" content="{html.escape(shorten(text))}" />\n'
    context["metatags"] = context.get("metatags", "") + tag


def name_callouts(app, doctree, _):
    """Let the style see what a block quote begins with: **Predict.** makes it of the classes callout and predict."""
    kinds = words(app.config)["callouts"]
    for block in doctree.findall(nodes.block_quote):
        if bold := bold_opening(block):
            block["classes"] += ["callout", kinds.get(bold, "note")]


def list_nothing(app, config):
    """Jupyter Book would let every page load all that lies in _static."""
    config.html_css_files, config.html_js_files = [], []


def setup(app):
    """Called by Sphinx."""
    app.connect("config-inited", list_nothing)
    app.connect("doctree-resolved", name_callouts)
    app.connect("html-page-context", describe)
    app.connect("build-finished", finish, priority=900)  # the theme writes a style sheet then, too
    return {"parallel_read_safe": True, "parallel_write_safe": True}
