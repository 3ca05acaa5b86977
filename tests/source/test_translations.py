"""Gate 3: the editions in other languages say what the English pages say, and run what they run."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
import quickjs

from tools import editions, translations
from tools.editions import LESSON_PAGES, PAGES, english, known_or_same, to_taiwan, words
from tools.pieces import PARSER, cell, columns, comments, headings, pieces, translated, translated_code
from tools.places import EDITIONS, LANGUAGES, LESSONS, ROOT, site
from tools.sync import in_language, notebook
from tools.translations import CATALOGUES, faults, markup, sayings, unstyled

NO_TRANSLATION = " has no translation: "
LONG = "用中文写的注释，" * 30 + "`x` 是数。"


@pytest.mark.parametrize("page", CATALOGUES)
def test_what_is_translated_keeps_code_links_and_style(page):
    found = [fault for fault in faults(page) if NO_TRANSLATION not in fault]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("page", CATALOGUES)
def test_an_edition_that_is_built_is_whole(page):
    missing = [fault for fault in faults(page) if NO_TRANSLATION in fault] if EDITIONS else []
    assert not missing, "`make translations`, then translate what is empty or fuzzy:\n" + "\n".join(missing)


@pytest.mark.parametrize("page", CATALOGUES)
def test_taiwan_keeps_code_and_links_too_and_its_own_words(page):
    kinds = {text: kind for _, text, kind in sayings(page)}
    for piece, text in words("zh_TW", page).items():
        mainland = words("zh_CN", page)[piece]
        assert page in translations.PLAIN or kinds.get(piece) or markup(text) == markup(mainland), text
        assert text == piece or not list(unstyled(text, "zh_TW")), text


def form(text):
    """What a translation must leave of a page: its structure, and what is not prose."""
    same = ("math_block", "html_block", "front_matter")
    tokens = [token for token in PARSER.parse(text) if token.type != "text"]
    return [(t.type, t.level, t.content if t.type in same or "code-cell" in t.info else "") for t in tokens]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_keeps_its_form(page):
    text = editions.TO_CHINESE.sub("", english(page))
    assert translated(text, {}) == text
    same = translated(text, {piece.text: piece.text for piece in pieces(text)})
    assert form(same) == form(text)
    assert [piece.text for piece in pieces(same)] == [piece.text for piece in pieces(text)]
    for language in LANGUAGES:
        assert form(translated(text, words(language, page))) == form(text), language


def without_docstrings(code):
    """The syntax tree of a cell, which holds no comments, without docstrings and lines that are IPython's own."""
    tree = ast.parse("\n".join("pass" if re.match(r"[%!]", line) else line for line in code.splitlines()))
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node) is not None:
            node.body[0] = ast.Pass()
    return ast.dump(tree)


@pytest.mark.parametrize("page", LESSON_PAGES)
def test_translated_comments_leave_the_code_alone_and_fit(page):
    known = {piece.text: LONG for piece in pieces(english(page))}
    cells = [cell(token.content)[1] for token in PARSER.parse(english(page)) if "code-cell" in token.info]
    said = [piece for code in cells for piece in comments(code)]
    assert said
    for code in cells:
        new = translated_code(code, known)
        assert without_docstrings(new) == without_docstrings(code)
        assert new.count("`x` 是数") == len(comments(code))
        assert all(columns(line) <= 85 for line in new.splitlines() if line.lstrip().startswith("# "))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", LESSON_PAGES)
def test_a_notebook_runs_what_the_english_one_runs(page, language):
    path, other = in_language(ROOT / f"{page}.md", language)
    ours = notebook(ROOT / f"{page}.md")
    assert path == ROOT / language / f"{page}.ipynb"
    assert [(c.cell_type, c.metadata) for c in other.cells] == [(c.cell_type, c.metadata) for c in ours.cells]
    for one, two in zip(ours.cells, other.cells):
        assert one.cell_type == "markdown" or without_docstrings(one.source) == without_docstrings(two.source)
    for link in re.findall(r"\]\(([^)#]+)", "\n".join(c.source for c in other.cells if c.cell_type == "markdown")):
        target = link.removeprefix(f"{site()}/{language}/").removesuffix(".html")
        assert target in PAGES or link.startswith("https://") != (path.parent / link).resolve().exists(), link


@pytest.mark.parametrize("language", EDITIONS or [None])
def test_an_edition_holds_what_sync_writes(language):
    written = dict(in_language(lesson, language) for lesson in LESSONS.glob("*.md")) if language else {}
    assert all(nbformat.read(path, 4) == nb for path, nb in written.items()), "`make sync` writes them"
    folders = {folder for folder in LANGUAGES if (ROOT / folder).exists()}
    assert folders == set(EDITIONS), "the folders of notebooks are not those of the editions"


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_of_a_readme_lead_somewhere(language):
    links = re.findall(r"\]\(([^)#]+)", editions.readme(language))
    assert len(links) > 20
    readmes = [ROOT / name / "README.md" for name in LANGUAGES]  # written by `make sync`
    for link in links:
        here = (ROOT / language / link).resolve()
        lesson = here.with_suffix("") == (ROOT / language / "lessons" / here.stem) and (LESSONS / here.name).exists()
        assert lesson or here in readmes or here.exists() or link.startswith("https://"), link


def test_the_glossary_and_the_taiwanese_edition_use_the_same_words():
    rows = [line.strip("|").split("|") for line in english("pages/glossary").splitlines() if line.count("|") == 6]
    terms = {zh.strip(): tw.strip() for _, _, zh, tw, *_ in rows[2:]}
    assert len(terms) > 100
    others = {"块", "填充", "存储", "循环"}  # no nouns elsewhere; as nouns they have other words in Taiwan
    alike = {zh for zh, tw in terms.items() if to_taiwan(zh) in (tw, tw.partition("（")[0])}
    wrong = {zh: (to_taiwan(zh), tw) for zh, tw in terms.items() if zh not in alike | others}
    assert not wrong, f"locale/zh_TW/terms.txt: {wrong}"


SHAPE = """(script) => {
  eval(script);
  const inside = (value) => Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shape(part)]));
  const shapes = { function: (value) => value.length, object: inside, string: () => "" };
  const shape = (value) => shapes[typeof value](value);
  return JSON.stringify(shape(demoWords));
}"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_demos_have_the_same_words_in_each_language(language):
    script = translations.WORDS.read_text(encoding="utf-8")
    shape = quickjs.Context().eval(SHAPE)
    assert shape(editions.script(language, script)) == shape(script)


PAGE = """# A *title* of `code`

A paragraph
that goes on, with $x$ and a [link](01_a.md).

> **Predict.** What is it?

- an item
  - 123
- 中文的一项 in two

| one | two\\|three |
|---|---|
| 梯度 | [four](b.md) |

<p id="here"></p>

```sh
make book  # builds all
```

```{code-cell} ipython3
---
mystnb:
  image:
    alt: A line
      rises.
tags: [hide-input]
---
def f(x):
    \"\"\"Half of it.\"\"\"
    # One line
    # and another.
    #     x_i / 2
    # Then more.
    return x / 2  # noqa: E731


f(2)  # one, not two
f(4)  # → 2.0
"# no comment"
```
"""
SAID = [
    ("A *title* of `code`", "a heading"),
    ("A paragraph that goes on, with $x$ and a [link](01_a.md).", ""),
    ("**Predict.** What is it?", ""),
    ("an item", ""),
    ("one", ""),
    ("two\\|three", ""),
    ("[four](b.md)", ""),
    ("builds all", "in code: make book  # builds all"),
    ("A line rises.", "a figure in words, for those who hear the page"),
    ("Half of it.", 'in code: """Half of it."""'),
    ("One line and another.", "a comment"),
    ("Then more.", "a comment"),
    ("one, not two", "in code: f(2)  # one, not two"),
]


def test_the_pieces_of_a_page():
    assert [(piece.text, piece.kind) for piece in pieces(PAGE)] == SAID
    assert headings(PAGE) == ["A title of code"]


def test_pieces_are_exchanged_and_nothing_else():
    known = {text: f"〈{number}〉" for number, (text, _) in enumerate(SAID)}
    new = translated(PAGE, known)
    prose, code = new.split("```{code-cell}")
    assert code == PAGE.split("```{code-cell}")[1]
    assert re.findall(r"〈\d+〉", prose) == [f"〈{number}〉" for number in range(8)]
    assert "make book  # 〈7〉" in prose
    new = translated_code(cell(code.split("\n", 1)[1].removesuffix("```\n"))[1], known)
    assert new.splitlines()[:5] == ["def f(x):", '    """〈9〉"""', "    # 〈10〉", "    #     x_i / 2", "    # 〈11〉"]
    assert new.endswith('f(2)  # 〈12〉\nf(4)  # → 2.0\n"# no comment"\n')


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """A page with two pieces, and the file that will be its catalogue."""
    for module in (editions, translations):
        monkeypatch.setattr(module, "LOCALE", tmp_path / "locale")
    monkeypatch.setattr(editions, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "forbidden", lambda language: {"您": "你"})
    (tmp_path / "page.md").write_text("# A title\n\nSome words\nof `code`.\n", encoding="utf-8")
    translations.update("page")
    return tmp_path / "locale/zh_CN/page.po"


def fill(catalogue, *texts):
    """Write translations into a catalogue, one after the other."""
    parts = iter(texts)
    text = re.sub(r'msgstr ".*"', lambda _: f'msgstr "{next(parts)}"', catalogue.read_text(encoding="utf-8"))
    catalogue.write_text(text, encoding="utf-8")


def test_a_new_piece_waits_for_its_translation(catalogue):
    assert list(faults("page")) == [
        "page.md:1 has no translation: A title",
        "page.md:4 has no translation: Some words of `code`.",
    ]
    fill(catalogue, "标题", "关于 `code` 的话。")
    assert list(faults("page")) == []
    before = catalogue.read_text(encoding="utf-8")
    translations.update("page")
    assert catalogue.read_text(encoding="utf-8") == before


def test_a_changed_piece_is_named_and_keeps_its_old_translation_in_doubt(catalogue):
    fill(catalogue, "标题", "关于 `code` 的话。")
    page = catalogue.parents[2] / "page.md"
    page.write_text(page.read_text(encoding="utf-8").replace("Some words", "\nSome other words"), encoding="utf-8")
    named = ["page.md:5 has no translation: Some other words of `code`."]
    assert list(faults("page")) == named
    translations.update("page")
    text = catalogue.read_text(encoding="utf-8")
    assert '#, fuzzy\n#| msgid "Some words of `code`."\nmsgid "Some other words of `code`."\nmsgstr "关于' in text
    assert list(faults("page")) == named
    catalogue.write_text(text.replace("#, fuzzy\n", ""), encoding="utf-8")
    assert list(faults("page")) == []


WRONG = {
    "没有代码。": "lacks",
    "关于 `code` 和 `more` 的话。": "adds",
    "关于 `code` **的话。**话": "star",
    "关于`code` 的话。": "no space",
    "关于 `code` 的话.": "half-width",
    "关于 `code` ，话。": "beside a full-width",
    '关于 `code` 的"话"。': "straight",
    "关于 `code` 的 话。": "between two Chinese",
    "关于 `code`  的话。": "two spaces",
    "关于 `code`...的话": "dots",
    "关于 `code`，您的话。": "forbidden",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_fault_of_a_translation_is_named(catalogue, text):
    fill(catalogue, "标题", text.replace('"', r"\""))
    found = list(faults("page"))
    assert any(WRONG[text] in fault for fault in found), found
    assert all(fault.startswith("page.md:4: ") for fault in found)


GOOD = [
    "见[第 05 课](05.md)。",
    "**问题**：$w$ 是 3～5 个吗？",
    "2017–2020 年，54% 的图",
    "形如 (2, 3) 的“张量”",
    "等等……",
]


@pytest.mark.parametrize("text", GOOD)
def test_good_chinese_is_left_alone(text):
    assert list(unstyled(text)) == []


@pytest.mark.parametrize("name", ["您", "学习速率", "时代"])
def test_forbidden_words_come_from_the_style_sheet(name):
    assert any("forbidden" in fault for fault in unstyled(f"一个{name}"))


def test_an_output_is_translated_by_its_pattern():
    known = {"{}, {} cores": "{1} 核的 {0}", "a chip": "一种芯片", "where": "位置"}
    assert known_or_same("where", known) == "位置"
    assert known_or_same("a chip, 2 cores", known) == "2 核的 一种芯片"
    assert known_or_same("elsewhere", known) == "elsewhere"


def test_taiwan_leaves_code_links_and_titles_alone():
    text = "参数 `参数` 见[函数](参数.md)，《学习参数》：“全连接层”。"
    assert to_taiwan(text) == "參數 `参数` 見[函式](参数.md)，《学习参数》：「全連接層」。"


def test_catalogues_belong_to_pages():
    there = {path.relative_to(editions.LOCALE / "zh_CN").with_suffix("").as_posix() for path in CATALOGUE_FILES}
    assert there == set(CATALOGUES)


CATALOGUE_FILES = list(Path(editions.LOCALE).glob("zh_CN/**/*.po"))
