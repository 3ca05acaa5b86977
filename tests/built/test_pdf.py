"""The printed book: all of its pages as a browser lays them out for paper, and a few of them as a PDF."""

import pikepdf
import pytest
import yaml
from lxml.html import parse, tostring

from tools import pdf
from tools.places import HTML, ROOT, lesson

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
HOME = "https://somebody.example/book"
WIDTH, HEIGHT = 657, 986  # pixels of a sheet of A4 within its margins
WHOLE = "img, table, pre, .katex-display, .demo, .demo :is(svg, canvas)"
CUT = """(selector) => [...document.querySelectorAll(`article :is(${selector})`)].filter((element) => {
  const box = element.getBoundingClientRect(), room = element.closest("article").getBoundingClientRect();
  const tall = element.matches("img, svg, canvas") && box.height > window.innerHeight;
  const wide = box.left < room.left - 1 || box.right > room.right + 1;
  return tall || wide || element.scrollWidth > element.clientWidth + 1;
}).map((element) => `${element.closest("article").id}: ${element.outerHTML.slice(0, 200)}`)"""
STUCK = """() => [...document.querySelectorAll("article *")].filter((element) => {
  const { overflow, breakInside } = getComputedStyle(element);
  const long = element.getBoundingClientRect().height > window.innerHeight;
  return long && (overflow !== "visible" || breakInside !== "auto");
}).map((element) => element.outerHTML.slice(0, 100))"""
LOST = """() => [...document.querySelectorAll("a[href^='#']")].map((link) => decodeURIComponent(link.hash.slice(1)))
  .filter((id) => !document.getElementById(id))"""


@pytest.fixture(scope="module")
def page(chromium, tmp_path_factory):
    """The whole book as it is printed; nothing may fail on it."""
    page = pdf.show(chromium, pdf.document(HTML, HOME), tmp_path_factory.mktemp("whole"))
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.emulate_media(media="print")
    yield page
    page.close()


def test_no_figure_table_formula_or_code_is_wider_than_a_sheet(page):
    assert page.locator(".katex-display").count() > 10
    assert page.evaluate(CUT, WHOLE) == []


def test_what_is_longer_than_a_sheet_may_be_divided(page):
    assert page.evaluate(STUCK) == []


def test_links_between_pages_lead_to_places_that_are_there_and_none_to_files(page):
    assert page.locator("article a[href^='#lessons/']").count() > 200
    assert page.evaluate(LOST) == []
    assert page.locator("a[href^='file:'], a[href='']").count() == 0
    programs = page.eval_on_selector_all("a.download", "links => links.map((link) => link.href)")
    assert programs
    assert all((HTML / program.removeprefix(f"{HOME}/")).is_file() for program in programs)


def test_what_folds_is_open_and_what_moves_stands_still(page):
    assert page.locator("details").count() > 50
    assert page.locator("details:not([open]), summary:visible, .player p:visible, .demo button:visible").count() == 0
    assert page.eval_on_selector_all("img", "all => all.filter((image) => !image.naturalWidth).length") == 0
    demos = page.locator("[data-demo]")
    assert demos.count() >= 5
    assert all(demo.locator("svg, canvas").count() for demo in demos.all())
    assert set(demos.evaluate_all("all => all.map((demo) => getComputedStyle(demo).borderStyle)")) == {"solid"}


NAMES = ["index", *(f"lessons/{lesson(name).stem}" for name in ("whole_game", "tensors", "linear_regression"))]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The built book with three of its lessons, in two parts."""
    html = tmp_path_factory.mktemp("small") / "html"
    html.mkdir()
    for name in ("_static", "_images", "lessons"):
        (html / name).symlink_to(HTML / name)
    index = parse(HTML / "index.html").getroot()
    for link in index.xpath("//nav[@class='bd-links bd-docs-nav']//a[@href!='#']"):
        if link.get("href").removesuffix(".html") not in NAMES:
            link.getparent().drop_tree()
    (html / "index.html").write_text(tostring(index, encoding="unicode"), encoding="utf-8")
    return html


@pytest.fixture(scope="module")
def printed(chromium, small, tmp_path_factory):
    """That book as a PDF, and on which sheets its contents say that pages begin."""
    folder = tmp_path_factory.mktemp("printed")
    page = pdf.show(chromium, pdf.document(small), folder)
    pdf.write(page, folder / "book.pdf")
    numbers = page.eval_on_selector_all("nav a", "links => links.map((link) => Number(link.dataset.sheet))")
    page.close()
    with pikepdf.open(folder / "book.pdf") as book:
        yield book, dict(zip(NAMES, numbers))


def test_contents_and_outline_agree_on_parts_pages_and_sheets(printed):
    book, numbers = printed
    with book.open_outline() as outline:
        first, *parts = outline.root
    captions = [part["caption"] for part in TOC["parts"]][:3]
    assert [part.title for part in parts] == captions
    pages = [first, *(page for part in parts for page in part.children)]
    sheets = {page.objgen: number for number, page in enumerate(book.pages, 1)}
    assert [sheets[page.destination[0].objgen] for page in pages] == list(numbers.values())
    assert [page.title for page in pages][1:3] == ["The whole game", "What is a tensor?"]
    assert all(len(page.children) > 3 for page in pages)


def links(book):
    """What the links of a PDF lead to: names of places in it, and addresses."""
    notes = [note for page in book.pages for note in page.get("/Annots", []) if note.Subtype == "/Link"]
    return [str(note.Dest) for note in notes if "/Dest" in note], [str(note.A.URI) for note in notes if "/A" in note]


def test_links_lead_to_sheets_or_to_the_web(printed):
    book, _ = printed
    places, addresses = links(book)
    assert set(places) <= set(book.Root.Dests.keys())
    assert {f"/{name}" for name in NAMES} <= set(places)
    assert addresses
    assert all(address.startswith("https://") for address in addresses)


def test_a_sheet_is_a4_and_says_of_itself_what_it_is(printed):
    book, _ = printed
    assert {tuple(round(float(side)) for side in page.MediaBox) for page in book.pages} == {(0, 0, 595, 842)}
    assert str(book.docinfo["/Title"]) == "PyTorch by Hand"
    assert book.Root.MarkInfo.Marked
