"""A Sphinx extension: the pages of an edition in another language, and links between the editions.

A page's prose is translated as it is read, so that its cells, and with them the cache of what they showed, are those of
the English page. What stands in the cells, alternative texts and comments, follows when the page is written.
"""

import dataclasses
import html
import json
import re
import tomllib
from pathlib import Path

from docutils import nodes
from myst_nb.core.render import NbElementRenderer
from myst_parser.mdit_to_docutils.base import default_slugify
from sphinx.locale import translators
from sphinx.search.en import SearchEnglish
from sphinx.transforms import SphinxTransform

from _ext.book_words import words as book_words
from tools import editions
from tools.pieces import CLOSING, HAN, headings, translated_code
from tools.places import LANGUAGES, ROOT, site

SAID = re.compile(  # what the theme's templates say by themselves
    r'(\b(?:title|aria-label|placeholder|data-bs-title)="|btn__text-container">|'
    r'<p class="(?:collapsed|expanded|copyright)[^>]*>\s*)([^"<]+?)(?=\s*["<])'
)
ENDS = re.compile(r"(?<=作者：) |(?<=日)\.(?=\s*<br)")  # what the theme writes after an author's title and a date
SHORT = 24  # characters of TeX: such a formula need not be divided between lines
PLAYER = tomllib.loads((ROOT / "helpers/words.toml").read_text(encoding="utf-8"))


class Pairs(SearchEnglish):
    """Search in Chinese without a dictionary: every two neighbouring characters are a word, in pages and in queries."""

    lang = "zh"
    language_name = "Chinese"
    js_splitter_code = f"""
function splitQuery(query) {{
  const pairs = (run) => Array.from({{ length: Math.max(run.length - 1, 1) }}, (_, i) => run.slice(i, i + 2));
  const runs = query.match(/[{HAN}]+|[^{HAN}\\s\\p{{P}}\\p{{S}}]+/gu) ?? [];
  return runs.flatMap((run) => /[{HAN}]/u.test(run) ? pairs(run) : [run]);
}}
"""

    def split(self, text):
        """The words of a text."""
        for run in re.findall(rf"[{HAN}]+|[^\W{HAN}]+", text):
            yield from [run[i : i + 2] for i in range(max(len(run) - 1, 1))] if re.match(f"[{HAN}]", run) else [run]


class KeepIds(SphinxTransform):
    """Let sections keep the ids of their English titles: Chinese ones would be id1, id2, and links would not last."""

    default_priority = 1  # before anything refers to them

    def apply(self):
        """Rename the sections of a page that is in another language."""
        if self.config.language not in LANGUAGES:
            return
        slugs = self.document.myst_slugs = self.env.metadata[self.env.docname]["myst_slugs"] = {}
        titles = headings(editions.english(self.env.docname))
        for section, title in zip(self.document.findall(nodes.section), titles, strict=True):
            if (name := nodes.make_id(title)) and name not in self.document.ids:
                self.document.ids[name], section["ids"] = section, [name]
            slugs[unused(default_slugify(title), slugs)] = (section.line, section["ids"][0], section[0].astext())


def unused(slug, slugs):
    """A slug that no heading above has."""
    number = 1
    while slug in slugs:
        slug, number = f"{slug}-{number}", number + 1
    return slug


def speak(app, config):
    """Give the configuration its words: titles, dates, the names of the book's parts; buttons lead to the notebooks."""
    if config.language not in LANGUAGES:
        return
    said = editions.words(config.language, editions.BOOK)
    for name in ("html_title", "project", "author"):
        config[name] = said.get(config[name], config[name])
    config.html_last_updated_fmt = book_words(config)["date"]
    config.html_theme_options["path_to_docs"] = config.language
    for page in config.external_site_map.values():
        for part in page.subtrees:
            part.caption = said.get(part.caption, part.caption)
    speak_in_cells(config.language)


def speak_in_cells(language):
    """Translate what cells show as Markdown, before it is parsed; myst-nb takes another renderer from packages only."""
    render = NbElementRenderer.render_markdown

    def render_markdown(self, data):
        return render(self, dataclasses.replace(data, content=editions.shown(data.string, language)))

    NbElementRenderer.render_markdown = render_markdown


def prepare(app):
    """Write what the demos say. The theme has but one Chinese, the mainland's: Taiwan's edition converts it."""
    if app.config.language not in LANGUAGES:
        return
    folder = Path("_static/demos/words")
    file = Path(app.outdir) / folder / f"{app.config.language}.js"
    file.parent.mkdir(parents=True, exist_ok=True)
    script = (ROOT / folder / "en.js").read_text(encoding="utf-8")
    file.write_text(editions.script(app.config.language, script), encoding="utf-8")
    for translator in translators.values() if app.config.language == "zh_TW" else ():
        while translator is not None:
            known = getattr(translator, "_catalog", {})
            known.update({key: editions.to_taiwan(text) for key, text in known.items() if key})
            translator = translator._fallback


def translate_source(app, page, source):
    """Exchange a page's prose before it is parsed; the page depends on its catalogue."""
    if app.config.language in LANGUAGES:
        for name in (page, editions.OUTPUTS):
            app.env.note_dependency(str(editions.LOCALE / f"zh_CN/{name}.po"))
        source[0] = editions.to_edition(source[0], app.config.language, page)


def translate_cells(app, doctree, page):
    """Translate what stands in a page's cells: alternative texts, comments, players; and the heads of tables."""
    if app.config.language not in LANGUAGES:
        return
    words = editions.words(app.config.language, page)
    for image in doctree.findall(nodes.image):
        image["alt"] = words.get(image.get("alt"), image.get("alt", ""))
    for cell in doctree.findall(lambda node: "cell_input" in getattr(node, "attributes", {}).get("classes", ())):
        for block in cell.findall(nodes.literal_block):
            block.rawsource = translated_code(block.astext(), words)
            block[:] = [nodes.Text(block.rawsource)]
    for raw in doctree.findall(nodes.raw):
        if 'class="player"' in raw.astext():
            raw[:] = [nodes.Text(player(raw.astext(), app.config.language))]
    said = editions.words(app.config.language, editions.BOOK)
    for text in [text for head in doctree.findall(nodes.thead) for text in head.findall(nodes.Text)]:
        text.parent.replace(text, nodes.Text(said.get(text, text)))
    keep_marks(doctree)


def keep_marks(doctree):
    """Keep a short formula together with the marks around it: no Chinese line begins with a comma, or ends with （."""
    for math in [node for node in doctree.findall(nodes.math) if len(node.astext()) <= SHORT]:
        parent, place = math.parent, math.parent.index(math)
        before, after = [one if isinstance(one, nodes.Text) else nodes.Text("") for one in neighbours(parent, place)]
        opening, closing = re.search("[（“《]*$", before)[0], re.match(f"[{CLOSING}]*", after)[0]
        if opening:
            parent[place - 1] = nodes.Text(before[: -len(opening)])
        if closing:
            parent[place + 1] = nodes.Text(after[len(closing) :])
        if opening or closing:
            parent[place] = nodes.inline("", "", nodes.Text(opening), math, nodes.Text(closing), classes=["together"])


def neighbours(parent, place):
    """What stands before and after a place; nothing at the ends."""
    return parent[place - 1] if place else None, parent[place + 1] if place + 1 < len(parent) else None


def player(text, language):
    """A player's HTML with its words and its alternative text in another language."""
    said = {word: PLAYER[language][name] for name, word in PLAYER["en"].items()}
    said |= editions.words(language, editions.OUTPUTS)
    known = re.compile('(?<=[">])(' + "|".join(map(re.escape, map(html.escape, said))) + ')(?=["<])')
    return known.sub(lambda match: html.escape(said[html.unescape(match[0])]), text)


def link_editions(app, page, template, context, doctree):
    """A button for the other languages; where the book has an address, search engines hear of them, too."""
    if not app.config.editions:
        return
    up, here = "../" * page.count("/") + "../" * (app.config.language in LANGUAGES), app.config.language or "en"
    folders = {"en": ""} | {language: f"{language}/" for language in app.config.editions}
    names = {"en": "English"} | LANGUAGES
    buttons = [
        {"type": "link", "text": names[language], "url": f"{up}{folder}{page}.html", "label": f"language-{language}"}
        for language, folder in folders.items()
        if language != here
    ]
    group = {"type": "group", "tooltip": "Language", "icon": "fas fa-language", "label": "language-buttons"}
    context["header_buttons"].append(group | {"buttons": buttons})
    if "OWNER" not in site():
        languages = {language.replace("_", "-"): folder for language, folder in folders.items()} | {"x-default": ""}
        tag = '<link rel="alternate" hreflang="{}" href="{}/{}{}.html" />\n'
        links = [tag.format(language, site(), folder, page) for language, folder in languages.items()]
        context["metatags"] = context.get("metatags", "") + "".join(links)


def translate_notebook(app, page, template, context, doctree):
    """Let the notebook that a page offers have comments in the page's language, too."""
    file = Path(app.outdir) / f"_sources/{page}.ipynb"
    if app.config.language in LANGUAGES and context.get("ipynb_source"):
        notebook, words = json.loads(file.read_text(encoding="utf-8")), editions.words(app.config.language, page)
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["source"] = translated_code("".join(cell["source"]), words)
        file.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")


def speak_on_pages(app, error):
    """Exchange what the theme says by itself, in each page."""
    if error or app.config.language not in LANGUAGES:
        return
    said = editions.words(app.config.language, editions.BOOK)

    def say(match):
        return match[1] + editions.known_or_same(match[2], said)

    for file in Path(app.outdir).rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        text = ENDS.sub(lambda match: "。" if match[0] == "." else "", SAID.sub(say, text))
        file.write_text(text, encoding="utf-8")


def setup(app):
    """Called by Sphinx; the theme makes its buttons at 501, and _ext/assets.py finishes the pages at 900."""
    app.add_config_value("editions", [], "html")
    app.add_search_language(Pairs)
    app.add_transform(KeepIds)
    app.connect("config-inited", speak, priority=900)
    app.connect("builder-inited", prepare)
    app.connect("source-read", translate_source)
    app.connect("doctree-resolved", translate_cells)
    app.connect("html-page-context", translate_notebook, priority=502)
    app.connect("html-page-context", link_editions, priority=503)
    app.connect("build-finished", speak_on_pages, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
