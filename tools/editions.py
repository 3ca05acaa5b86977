"""Editions in other languages: the English pages and notebooks, with each piece of what they say translated.

A piece's translation stands in locale/zh_CN/PAGE.po under the English itself, so that a changed piece has none until
somebody has looked at it. The Taiwanese edition is the mainland one, converted by OpenCC with our own terms for our
field (locale/zh_TW/terms.txt), and with whole pieces by hand in locale/zh_TW.
"""

import csv
import re
from functools import cache
from pathlib import PurePosixPath

import opencc
from babel.messages.pofile import read_po

from tools.pieces import KEPT, exchanged, has_words, pieces, strings, title_and_question, translated, translated_code
from tools.places import LESSONS, ROOT, site

LOCALE = ROOT / "locale"
LESSON_PAGES = [f"lessons/{path.stem}" for path in sorted(LESSONS.glob("*.md"))]
PAGES = ["index", "README", *LESSON_PAGES, *(f"pages/{path.stem}" for path in sorted((ROOT / "pages").glob("*.md")))]
BOOK, DEMOS, OUTPUTS = "book", "demos", "outputs"  # what the frame of a page, the demos and executed cells say
TO_CHINESE = re.compile(r'<div lang="zh-.*?</div>\n\n', re.DOTALL)  # what an English page says to Chinese readers
HINT = ("<summary>Hint</summary>", "<summary>提示</summary>")  # HTML is no piece
MARKUP = re.compile(r"(`[^`]*`)|([_*|$<])")
LINK = re.compile(r"\]\(([\w./]+?)(\.md)?(#[^)]*)?\)")


def english(page):
    """A page's text."""
    return (ROOT / f"{page}.md").read_text(encoding="utf-8")


def read(language, page):
    """A catalogue's entries that somebody has translated and nobody has put in doubt, as a dict."""
    file = LOCALE / language / f"{page}.po"
    if not file.exists():
        return {}
    with file.open(encoding="utf-8") as lines:
        return {entry.id: entry.string for entry in read_po(lines) if entry.id and entry.string and not entry.fuzzy}


@cache
def rows():
    """The titles and questions of all lessons, as the tables of README and first page have them."""
    found = {}
    for page in LESSON_PAGES:
        number = re.match(r"lessons/(\d\d)?", page)[1]
        texts = english(page), translated(english(page), read("zh_CN", page))
        before, after = map(title_and_question, texts)
        links = [f"[{' '.join(filter(None, (number, title)))}]({page}.md)" for title, _ in (before, after)]
        found |= {links[0]: links[1], before[1]: after[1]}
    return found


def points():
    """What the table of the five texts says, as its page shows it."""
    with (ROOT / "pages/five_texts.csv").open(encoding="utf-8", newline="") as file:
        cells = [text for row in csv.DictReader(file) for text in (row["point"], row["note"])]
    return [" ".join(text.split()) for text in cells if has_words(text)]


def outputs():
    """What other cells show as Markdown; {} stands for what differs from run to run."""
    lines = (LOCALE / "outputs.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


@cache
def taiwan_terms():
    """Our terms, and what finds them, and titles, which are left alone."""
    lines = (LOCALE / "zh_TW/terms.txt").read_text(encoding="utf-8").splitlines()
    terms = dict(line.split("\t") for line in lines if line and not line.startswith("#"))
    longest_first = sorted(map(re.escape, terms), key=len, reverse=True)
    return terms, re.compile("|".join([*longest_first, "《[^》]*》", KEPT.pattern]))


@cache
def converter():
    """OpenCC, from mainland Chinese to Taiwan's with its words."""
    return opencc.OpenCC("s2twp")


def to_taiwan(text):
    """Mainland Chinese as Taiwan's; OpenCC sees our terms, code and links as private characters, and leaves them."""
    terms, known = taiwan_terms()
    found = []

    def hide(match):
        found.append(terms.get(match[0], match[0]))
        return chr(0xE000 + len(found) - 1)

    text = converter().convert(known.sub(hide, text))
    return re.sub("[\ue000-\uf8ff]", lambda hidden: found[ord(hidden[0]) - 0xE000], text)


@cache
def words(language, page):
    """What a page's pieces are in a language, as a dict."""
    mainland = read("zh_CN", page)
    if page in ("index", "README"):
        mainland = rows() | read("zh_CN", "index") | mainland
    if language == "zh_CN":
        return mainland
    return {piece: to_taiwan(text) for piece, text in mainland.items()} | read(language, page)


def to_edition(text, language, page):
    """A page's Markdown in another language; links to the book lead to the same edition."""
    text = translated(TO_CHINESE.sub("", text), words(language, page)).replace(*HINT)
    return text.replace(f"]({site()}/", f"]({site()}/{language}/")


def known_or_same(text, words):
    """A text's translation, as a whole or by a pattern, where {} stands for any text; an unknown one as it is."""
    if text in words:
        return words[text]
    for pattern in (known for known in words if "{}" in known):
        if match := re.fullmatch(re.escape(pattern).replace(r"\{\}", "(.+?)"), text):
            return words[pattern].format(*(known_or_same(part, words) for part in match.groups()))
    return text


def plain(text):
    """Words in which no character outside code is taken for Markdown, as the table of the five texts shows them."""
    return MARKUP.sub(lambda found: found[1] or "\\" + found[2], text)


def shown(text, language):
    """The Markdown that a cell shows, in another language."""
    table = {plain(old): plain(new) for old, new in words(language, "pages/five_texts").items()}
    known = words(language, OUTPUTS) | table
    return exchanged(text, [(piece, known_or_same(piece.text, known)) for piece in pieces(text)])


def script(language, text):
    """The script with all that the demos say, in another language."""
    known = words(language, DEMOS)
    return exchanged(text, [(piece, known.get(piece.text, piece.text)) for piece in strings(text)])


def notebook(nb, language, page):
    """A lesson's notebook in another language: comments and prose are translated, links lead to the edition's pages."""
    folder = PurePosixPath(page).parent

    def link(match):
        name, is_page, place = match.groups(default="")
        if not is_page:
            return f"](../{name}{place})"
        target = str(folder / name).replace("lessons/../", "")
        return f"]({site()}/{language}/{target}.html{place})"

    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.source = translated_code(cell.source, words(language, page))
        else:
            cell.source = LINK.sub(link, to_edition(cell.source, language, page))
    return nb


def readme(language):
    """The README in another language; links lead to the edition's notebooks, and else one folder up."""
    text = to_edition(english("README"), language, "README")
    text = re.sub(r"\]\((lessons/\w+)\.md\)", r"](\1.ipynb)", text)
    return re.sub(r"\]\((?!https?:|#|lessons/)", "](../", text)
