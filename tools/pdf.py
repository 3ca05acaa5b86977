"""The whole book as one PDF, and each edition, printed by a Chromium from the built pages: `make pdf`.

The articles of all pages follow each other on one, so that links lead from sheet to sheet; the outline is Chromium's.
It is printed twice: the second time, the contents know on which sheet a page begins.
"""

import json
import tempfile
from copy import deepcopy
from pathlib import Path
from urllib.parse import unquote

import pikepdf
from lxml.html import HTMLParser, builder, fragments_fromstring, parse, tostring
from playwright.sync_api import sync_playwright

from _ext.book_words import WORDS
from tools import browser, offline
from tools.places import HTML, LANGUAGES, books, site

STYLE = Path(__file__).with_suffix(".css")
COVER = """<section class="cover"><p class="title">{}</p><p>{}</p><p class="imprint">{}</p></section>
<p class="title">{}</p>"""
COVERED = ("article//h1", "article//p", "p[@class='component-author']", "p[@class='last-updated']")
RUNNING_HEAD = '[id="{0}"] {{ page: p{1} }}\n@page p{1} {{ @top-right {{ content: {2} }} }}\n'
PAPER = {"prefer_css_page_size": True, "print_background": True}
NUMBER = """sheets => document.querySelectorAll("nav a").forEach((link) => {
  link.dataset.sheet = sheets[decodeURIComponent(link.hash.slice(1))];
})"""
STILLS = """() => document.querySelectorAll("[data-demo]").forEach((demo) => {
  const first = document.querySelector(`[data-demo=${demo.dataset.demo}]`);
  if (demo !== first) demo.innerHTML = first.innerHTML;
})"""  # its script fills the first demo of a name


def read(html, name):
    """A built page, whose pictures, scripts and links are found from anywhere."""
    file = html / f"{name}.html"
    page = parse(file, HTMLParser(encoding="utf-8")).getroot()
    page.make_links_absolute(file.as_uri())
    return page


def within(url, html):
    """A page, or another file, of a built book and the place on it, by their address; other addresses stay whole."""
    path, _, place = unquote(url.removeprefix(f"{html.as_uri()}/")).partition("#")
    return path.removesuffix(".html"), place


def lead(url, html, names, home):
    """Where a link leads: to a sheet, or elsewhere; to other files of the book only at its home, if it has one."""
    name, place = within(url, html)
    if name in names:
        return f"#{name}:{place}" if place else f"#{name}"
    return url if not url.startswith("file:") else home and f"{home}/{name}"


def article(page, name):
    """A page's article as it stands among the others: ids of its own, stills, every fold open."""
    found = page.find(".//article")
    for left_out in found.xpath(".//script | .//a[@class='headerlink'] | .//p[@id='offline']"):
        left_out.drop_tree()
    for element in found.xpath(".//*[@id]"):
        element.set("id", f"{name}:{element.get('id')}")
    for fold in found.iter("details"):
        fold.set("open", "")
    for picture in found.iter("img"):
        picture.set("loading", "eager")
    for heading in found.iter("h1", "h2", "h3"):
        heading.set("aria-level", str(int(heading.tag[1]) + 1))  # below the part's
    found.set("id", name)
    return found


def cover(index, home):
    """What stands before the contents: title and subtitle, the authors, the day of the build, the licence, the home."""
    said = WORDS[index.get("lang").replace("-", "_")]["offline"]
    title, subtitle, *imprint = (index.findtext(f".//{place}").strip() for place in COVERED)
    lines = "<br>".join([*imprint, said["licence"], home])
    return fragments_fromstring(COVER.format(title, subtitle, lines, said["contents"]))


def chapters(html, nav):
    """Each page that a side bar lists, by its name; the first page of a part begins with the part's title."""
    pages, part = {}, []
    for item in nav.iter("p", "a"):
        if item.tag == "p":
            part = [deepcopy(item)]
            part[0].set("aria-level", "1")
            del item.attrib["role"]  # the outline lists it once
        else:
            name, _ = within(item.get("href"), html)
            pages[name] = read(html, name)
            pages[name].find(".//article")[:0] = part
            part = []
    return pages


def style(titles):
    """How the book looks on paper; each page's title stands at the head of its sheets."""
    heads = [
        RUNNING_HEAD.format(name, number, json.dumps(title, ensure_ascii=False))
        for number, (name, title) in enumerate(titles.items())
    ]
    return builder.STYLE(STYLE.read_text(encoding="utf-8") + "".join(heads))


def document(html, home=""):
    """A built book as one page: its cover, the side bar as its contents, and every article."""
    book = read(html, "index")
    nav, front = book.find(".//nav[@class='bd-links bd-docs-nav']"), cover(book, home)
    pages = chapters(html, nav)
    demos = [tag for page in pages.values() for tag in page.xpath("//head/*[contains(@src | @href, '/demos/')]")]
    articles = {name: article(page, name) for name, page in pages.items()}
    titles = {name: found.find(".//h1").text_content() for name, found in articles.items()}
    del nav.attrib["class"]
    book.body.clear()
    book.body.extend([*front, nav, *articles.values()])
    for link in book.body.xpath(".//a[@href]"):
        place = lead(link.attrib.pop("href"), html, pages, home)
        link.attrib.update({"href": place} if place else {})
    for script in book.head.xpath("script"):
        script.drop_tree()
    book.head.extend([style(titles), *{tostring(tag): tag for tag in demos}.values()])
    book.find("head/title").text = titles["index"]
    book.set("data-theme", "light")
    return tostring(book, encoding="unicode", doctype="<!doctype html>")


def sheets(pdf):
    """On which sheet each named place of a PDF lies, counted from 1."""
    with pikepdf.open(pdf) as book:
        numbers = {page.objgen: number for number, page in enumerate(book.pages, 1)}
        return {name.removeprefix("/"): numbers[place[0].objgen] for name, place in book.Root.Dests.items()}


def pack(pdf):
    """Pack what says which text is a heading or stands for a figure, for those who listen: half of the PDF."""
    with pikepdf.open(pdf, allow_overwriting_input=True) as book:
        book.save(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def show(chromium, text, folder):
    """Open a page that stands anywhere, with all that its demos load when they are seen."""
    source = folder / "book.html"
    source.write_text(text, encoding="utf-8")
    page = chromium.new_page()
    page.set_default_timeout(180_000)  # it is large
    page.goto(source.as_uri())
    for demo in page.locator("[data-demo]").all():
        demo.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    page.evaluate(STILLS)
    return page


def write(page, pdf):
    """Print a page, and once more with the numbers of its sheets in its contents."""
    page.pdf(path=pdf, **PAPER)
    page.evaluate(NUMBER, sheets(pdf))
    page.pdf(path=pdf, **PAPER, tagged=True, outline=True)
    pack(pdf)


def main(html=HTML):
    """Print the book, and offer it."""
    pdf, _ = offline.files(html)
    home = "/".join([site(), html.name]) if html.name in LANGUAGES else site()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        chromium = playwright.chromium.launch(**browser.how())
        write(show(chromium, document(html, "" if "OWNER" in home else home), Path(folder)), html.parent / pdf.name)
        chromium.close()
    (html.parent / pdf.name).replace(pdf)  # whole
    offline.offer(html)
    print(f"The printed book is {pdf}, {pdf.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    for html in books():
        main(html)
