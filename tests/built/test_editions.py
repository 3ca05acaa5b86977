"""Gate 6: editions in other languages, built from a small book: what is executed once, translated, linked and found."""

import json
import re
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

from _ext import edition
from tests.built.test_book import INDEX, SmallBook
from tests.support.browser import violations, watch
from tools import zip
from tools.pieces import HAN
from tools.places import LANGUAGES

CODE = '''from IPython.display import Markdown, display
from helpers import animate
import matplotlib.pyplot as plt
x = 3  # a number
def half(x):
    """Half of it."""
    return x / 2
alt = "A flat line bends into a wave, hill by hill."
display(animate(lambda axis, frame: axis.plot([0, frame]), [1, 2], alt, (2, 2)))
display(Markdown(f"**data**\\n\\n{x}, 4 cores"))
plt.plot([1, 2]);'''
LESSON = """
**The question.** Is this a parameter?

The slope, $w$, and a formula that may be divided, $a + b + c + d + e + f = g$, end here.

> **Trap.** See [the end](#the-end), or [the other one](plain.md#plain).

[Walk downhill yourself](https://OWNER.github.io/pytorch-by-hand/lessons/draws.html#demo-descent)

## The end
"""
TRANSLATIONS = {
    "lessons/draws": {
        "draws": "画图",
        "**The question.** Is this a parameter?": "**问题**：这是参数吗？它让计算机学习。",
        "The slope, $w$, and a formula that may be divided, $a + b + c + d + e + f = g$, end here.": (
            "斜率（$w$），和一个可以断开的公式 $a + b + c + d + e + f = g$，到此为止。"
        ),
        "**Trap.** See [the end](#the-end), or [the other one](plain.md#plain).": (
            "**陷阱**：看[结尾](#the-end)，或者[另一课](plain.md#plain)。"
        ),
        "[Walk downhill yourself](https://OWNER.github.io/pytorch-by-hand/lessons/draws.html#demo-descent)": (
            "[自己走下坡](https://OWNER.github.io/pytorch-by-hand/lessons/draws.html#demo-descent)"
        ),
        "The end": "结尾",
        "a number": "一个数",
        "Half of it.": "它的一半。",
        "A plot of one line.": "一条线的图。",
    },
    "lessons/plain": {"plain": "普通"},
    "index": {"A small book": "一本小书"},
    "demos": {"Walk downhill yourself": "自己走下坡", "Learning rate": "学习率"},
}
LATIN = {"English", "Colab", "Binder", "Kaggle", ".ipynb", ".md", ".pdf", "简体中文", "繁體中文", "Matplotlib"}
SAID = re.compile(r'\b(?:title|aria-label|placeholder|data-bs-title)="([^"]+)"|admonition-title">([^<]+)')


class Editions(SmallBook):
    """A small book whose pages are translated."""

    LESSONS = {"draws": CODE, "plain": "x = 1"}  # noqa: RUF012

    def __init__(self, folder):
        super().__init__(folder)
        page = self.book / "lessons/draws.md"
        text = page.read_text().replace("# draws\n", f"# draws\n{LESSON}").replace(":tags: [hide-input]\n", HEADER)
        page.write_text(text)
        for name, texts in TRANSLATIONS.items():
            entries = [f"msgid {quoted(old)}\nmsgstr {quoted(new)}\n" for old, new in texts.items()]
            (self.book / f"locale/zh_CN/{name}.po").write_text("\n".join(entries), encoding="utf-8")
        for folder in ("", *LANGUAGES):
            (self.book / folder / "lessons").mkdir(parents=True, exist_ok=True)
            (self.book / folder / "lessons/draws.ipynb").write_text("{}")
        self.html = self.book / "_build/html"

    def read(self, name):
        """A built file."""
        return (self.html / name).read_text(encoding="utf-8")


HEADER = """---
mystnb:
  image:
    alt: A plot of one line.
tags: [hide-input]
---
"""


def quoted(text):
    """A text as a catalogue has it."""
    return json.dumps(text, ensure_ascii=False)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The small book in three languages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDITIONS", " ".join(LANGUAGES))
        book = Editions(tmp_path_factory.mktemp("editions"))
        book.executed = book.build()
    assert book.green, book.output
    return book


def test_three_editions_execute_a_lesson_once(book):
    assert book.executed == sorted(book.LESSONS)


@pytest.mark.parametrize(("name", "language"), [("", "en"), ("zh_CN/", "zh-CN"), ("zh_TW/", "zh-TW")])
def test_a_page_says_its_language(book, name, language):
    assert f'<html lang="{language}"' in book.read(f"{name}lessons/draws.html")
    assert INDEX.split("\n")[0][2:] in book.read("index.html")


WANTED = {  # what a page of each edition must say
    "zh_CN": [
        "问题</strong>：这是参数吗",
        "一条线的图。",
        "一个数",
        "它的一半。",
        "动画",
        "数据",
        "3，4 核",
        "显示代码",
    ],
    "zh_TW": [
        "問題</strong>：這是參數嗎",
        "一條線的圖。",
        "一個數",
        "它的一半。",
        "動畫",
        "資料",
        "3，4 核",
        "顯示程式碼",
    ],
}


@pytest.mark.parametrize("language", WANTED)
def test_a_page_speaks_its_language(book, language):
    page = book.read(f"{language}/lessons/draws.html")
    assert not [text for text in WANTED[language] if text not in page]
    assert re.search(r'name="description" content="(这是参数吗|這是參數嗎)', page)
    assert not re.search(r"a number|Half of", page)
    outside = re.sub(r'<div class="cell_input.*?</pre>', "", page, flags=re.DOTALL)  # where strings stay as they are
    assert not re.search(r"A flat line|A plot of|4 cores|One step", outside)


@pytest.mark.parametrize("language", WANTED)
@pytest.mark.parametrize("page", ["index", "lessons/draws", "search", "genindex"])
def test_the_frame_of_a_page_holds_no_english(book, language, page):
    said = {first or second for first, second in SAID.findall(book.read(f"{language}/{page}.html"))}
    english = {text.strip() for text in said if not re.search(f"[{HAN}]", text)} - LATIN
    assert not english


@pytest.mark.parametrize("language", WANTED)
def test_sections_keep_their_english_ids_and_links_lead_there(book, language):
    page = book.read(f"{language}/lessons/draws.html")
    assert '<section id="the-end">' in page
    assert re.search(r'href="#the-end">(<[^>]+>)*(结尾|結尾)', page)
    assert 'href="plain.html#plain"' in page
    assert 'id="plain"' in book.read(f"{language}/lessons/plain.html")
    assert 'class="callout trap"' in page


@pytest.mark.parametrize("language", WANTED)
def test_marks_stay_with_a_short_formula(book, language):
    together = re.findall(
        r'<span class="together">(.)<span class="katex">.*?</span>(.{2})</span>',
        book.read(f"{language}/lessons/draws.html"),
    )
    assert together == [("（", "），")]


@pytest.mark.parametrize("name", ["", "zh_CN/", "zh_TW/"])
@pytest.mark.parametrize("page", ["index", "lessons/draws", "search"])
def test_each_page_leads_to_itself_in_the_other_languages(book, name, page):
    file = book.html / f"{name}{page}.html"
    group = re.search(r'dropdown-language-buttons">.*?</ul>', file.read_text(encoding="utf-8"), re.DOTALL).group()
    links = {(file.parent / link).resolve() for link in re.findall(r'href="([^"]+)"', group)}
    everywhere = {book.html / f"{other}{page}.html" for other in ("", "zh_CN/", "zh_TW/")}
    assert links == everywhere - {file}
    assert all(link.exists() for link in links)
    assert "hreflang" not in file.read_text(encoding="utf-8")  # the pages have no address yet


HERE = [("en", ""), ("zh-CN", "zh_CN/"), ("zh-TW", "zh_TW/"), ("x-default", "")]


@pytest.mark.parametrize(("language", "up"), [("en", "../"), ("zh_TW", "../../")])
def test_a_book_with_an_address_tells_search_engines_of_its_languages(monkeypatch, language, up):
    monkeypatch.setattr(edition, "site", lambda: "https://books.example/book")
    app = SimpleNamespace(config=SimpleNamespace(editions=list(LANGUAGES), language=language))
    context = {"header_buttons": []}
    edition.link_editions(app, "lessons/one", "page.html", context, None)
    links = re.findall(r'hreflang="([^"]+)" href="https://books.example/book/([^"]+)"', context["metatags"])
    assert links == [(name, f"{folder}lessons/one.html") for name, folder in HERE]
    (group,) = context["header_buttons"]
    assert all(button["url"].startswith(up) for button in group["buttons"])


def test_a_book_in_one_language_has_no_button_for_others():
    app, context = SimpleNamespace(config=SimpleNamespace(editions=[], language="en")), {"header_buttons": []}
    edition.link_editions(app, "index", "page.html", context, None)
    assert context == {"header_buttons": []}


def test_nothing_is_built_of_a_book_that_stands(book, monkeypatch):
    monkeypatch.setenv("EDITIONS", " ".join(LANGUAGES))
    page = book.html / "zh_CN/index.html"
    before = page.stat().st_mtime_ns
    assert book.build() == []
    assert book.green
    assert page.stat().st_mtime_ns == before


@pytest.mark.parametrize("language", WANTED)
def test_launch_and_download_lead_to_notebooks_of_the_edition(book, language):
    page = book.read(f"{language}/lessons/draws.html")
    colab = re.search(r'href="(https://colab[^"]+)"', page).group(1)
    assert colab.endswith(f"/blob/main/{language}/lessons/draws.ipynb")
    assert f"/blob/main/{language}/lessons/draws.ipynb" in re.search(r'href="(https://kaggle[^"]+)"', page).group(1)
    notebook = json.loads(book.read(f"{language}/_sources/lessons/draws.ipynb"))
    code = next("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    assert re.search(r"x = 3  # (一个数|一個數)", code)
    assert re.search("这是参数吗|這是參數嗎", "".join(notebook["cells"][0]["source"]))


@pytest.mark.parametrize(
    ("language", "typed"), [("zh_CN", "计算机"), ("zh_TW", "電腦"), ("zh_CN", "学习"), ("zh_CN", "结尾")]
)
def test_a_search_finds_chinese_words(book, chromium, language, typed):
    page = chromium.new_page()
    faults = watch(page)
    page.goto((book.html / f"{language}/search.html").as_uri())
    page.fill(".bd-search-container input", typed)
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a")
    links = page.eval_on_selector_all("#search-results li a", "links => links.map(link => link.href)")
    page.close()
    assert any("/lessons/draws.html" in link for link in links)
    assert not faults


@pytest.mark.parametrize("language", WANTED)
def test_a_page_with_a_demo_speaks_and_is_sound(book, chromium, language):
    page = chromium.new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    faults = watch(page)
    page.goto((book.html / f"{language}/lessons/draws.html").as_uri())
    demo = page.locator("[data-demo=descent]")
    demo.scroll_into_view_if_needed()
    assert demo.locator(".demo-title").inner_text() == "自己走下坡"
    assert re.search("学习率|學習率", demo.inner_text())
    assert "Learning rate" not in demo.inner_text()
    faults += violations(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.close()
    assert not faults


def test_a_zip_holds_one_edition_and_no_way_to_another(book):
    for html in (book.html, book.html / "zh_CN"):
        zip.pack(html, book.folder / "book.zip")
        with ZipFile(book.folder / "book.zip") as packed:
            names = packed.namelist()
            pages = [packed.read(name).decode() for name in names if name.endswith(".html") and "_static" not in name]
        assert not [name for name in names if re.match(r"[^/]+/zh_", name)]
        assert len(pages) == 5
        assert not any("dropdown-language-buttons" in page for page in pages)
