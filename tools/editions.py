"""Editions in other languages: the English pages, with each piece of what they say replaced by its translation.

A piece is a heading, a paragraph, an item of a list, a cell of a table, a figure's alternative text, or a comment in
code. Its translation stands in locale/zh_CN/PAGE.po under the English itself, so that a changed piece has none until
somebody has looked at it. Code, formulas and HTML pass unchanged. The Taiwanese edition is the mainland one, converted
by OpenCC with our own terms for our field (locale/zh_TW/terms.txt), and with whole pieces by hand in locale/zh_TW.
"""

import csv
import re
import unicodedata
from functools import cache

import opencc
import yaml
from babel.messages.pofile import read_po
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, String
from pygments.util import ClassNotFound

from tools.places import LESSONS, ROOT

LANGUAGES = {"zh_CN": "简体中文", "zh_TW": "繁體中文"}
LOCALE = ROOT / "locale"
LESSON_PAGES = [f"lessons/{path.stem}" for path in sorted(LESSONS.glob("*.md"))]
REFERENCE = [f"pages/{path.stem}" for path in sorted((ROOT / "pages").glob("*.md"))]
PAGES = ["index", "README", *LESSON_PAGES, *REFERENCE]
PARSER = MarkdownIt("commonmark").enable("table").use(front_matter_plugin).use(dollarmath_plugin)
KEPT = re.compile(
    r"(`+).+?\1|\$[^$]+\$|\]\([^)]*\)|https?://[A-Za-z0-9./#?=&%_~-]+|<[^>]+>"
)  # nothing to translate in these
HAN = re.compile(r"[\u3400-\u9fff]")
TO_CHINESE = re.compile(r'<div lang="zh-.*?</div>\n\n', re.DOTALL)  # what an English page says in Chinese
HEADER = re.compile(r"---\n((?:[^\n]*\n)*?)---\n|((?::[^\n]*\n)+)\n?")  # of a cell
NO_PROSE = re.compile(r"# (noqa|type|fmt|ruff)\b|# →")  # but what a tool reads, and a result
WIDTH = 85


def path(page):
    """The English source of a page."""
    return ROOT / f"{page}.md"


def has_words(text):
    """Whether there is English prose in a piece."""
    prose = KEPT.sub("", text)
    words = re.findall(r"[A-Za-z]{2,}", prose)
    return len(words) > len(HAN.findall(prose))


def comments(code, language="ipython3"):
    """Where the comments and docstrings of some code lie, and what each says on one line.

    Comments on lines of their own that follow each other are one, unless a line is set in.
    """
    try:
        lexer = get_lexer_by_name(language or "text", ensurenl=False, stripnl=False)
    except ClassNotFound:
        return []
    found = []
    for start, kind, value in lexer.get_tokens_unprocessed(code):
        value = value.rstrip()
        if kind is String.Doc and code[:start].rstrip().endswith(":"):
            found.append((start + 3, start + len(value) - 3, " ".join(value[3:-3].split())))
        elif kind is Comment.Single and value.startswith("# ") and not NO_PROSE.match(value):
            goes_on = found and re.fullmatch(r"\n *", code[found[-1][1] : start])
            goes_on = goes_on and not any(text.startswith(" ") for text in (found[-1][2], value[2:]))
            if goes_on and indent(code, found[-1][0]) == indent(code, start) is not None:
                first, _, before = found.pop()
                found.append((first, start + len(value), f"{before} {value[2:]}"))
            else:
                found.append((start, start + len(value), value[2:]))
    return [(start, stop, text) for start, stop, text in found if has_words(text)]


def indent(code, place):
    """What stands before a place in its line, if that is but space."""
    before = code[code.rfind("\n", 0, place) + 1 : place]
    return before if not before.strip() else None


def wide(text):
    """How many columns a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text, width):
    """A comment's lines; Chinese may break anywhere but before what closes and after what opens."""
    lines = [""]
    for part in re.findall(
        r"[（“《]*(?:[\u3400-\u9fff]|[^\s\u3400-\u9fff，。：；？！、）”》]+|\s+)[，。：；？！、）”》]*", text
    ):
        if wide(lines[-1] + part.rstrip()) > width:
            lines.append("")
        lines[-1] += part if lines[-1] else part.lstrip()
    return [line.rstrip() for line in lines]


def translated_code(code, words, language="ipython3"):
    """Some code with the comments that `words` knows exchanged."""
    parts, end = [], 0
    for start, stop, piece in comments(code, language):
        if piece in words:
            before, text = indent(code, start), words[piece]
            if code[start] == "#":
                lines = wrapped(text, WIDTH - 2 - len(before)) if before is not None else [text]
                text = f"\n{before}".join(f"# {line}" for line in lines)
            parts += [code[end:start], text]
            end = stop
    return "".join([*parts, code[end:]])


def cell(content):
    """The metadata and the code of a code cell as it stands in Markdown."""
    header = HEADER.match(content)
    if not header:
        return {}, content
    metadata = yaml.safe_load(header[1] or re.sub(r"^:", "", header[2], flags=re.MULTILINE))
    return metadata, content[header.end() :]


def said_by_cell(content):
    """What a code cell says: its figure's alternative text, and its comments; none of it has a place."""
    metadata, code = cell(content)
    if alt := metadata.get("mystnb", {}).get("image", {}).get("alt"):
        yield None, None, alt, "a figure in words, for those who hear the page"
    for start, _, text in comments(code):
        line = code[code.rfind("\n", 0, start) + 1 :].split("\n")[0].strip()
        yield None, None, text, "a comment" if line.startswith("#") else f"in code: {line}"


def pieces(text):
    """The pieces of a page's Markdown in order: where each starts and ends, its text on one line, and what it is.

    What a code cell says has no place: it stays English there, since the cell is part of the cache's key.
    """
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    kind, in_table, done = "", False, 0
    for token in PARSER.parse(text):
        if token.type in ("table_open", "table_close"):
            in_table = token.type == "table_open"
        elif token.type == "fence" and token.info.startswith("{code-cell}"):
            yield from said_by_cell(token.content)
        elif token.type == "fence":
            place = starts[token.map[0] + 1]
            for start, stop, comment in comments(token.content, token.info.strip()):
                yield place + start, place + stop, comment, "a comment"
        elif token.type == "inline" and token.content:
            content = token.content.replace("|", r"\|") if in_table else token.content
            first, last = content.split("\n")[0], content.split("\n")[-1]
            start = text.index(first, max(done, starts[token.map[0]]))
            done = text.index(last, max(start, starts[token.map[1] - 1])) + len(last)
            if has_words(content):
                kind = "a heading" if token.level == 1 and text[:done].rpartition("\n")[2].startswith("#") else ""
                yield (
                    start,
                    done,
                    re.sub(r"[ \n]+", " ", content),
                    kind,
                )  # other spaces, such as that of «30 min», count


def translated(text, words):
    """A page's Markdown with the pieces that `words` knows exchanged, but for what its cells say."""
    parts, end = [], 0
    for start, stop, piece, kind in pieces(text):
        if start is not None and piece in words:
            parts += [text[end:start], "# " * (kind == "a comment") + words[piece]]
            end = stop
    return "".join([*parts, text[end:]])


def read(language, page):
    """A catalogue's entries that somebody has translated and nobody has put in doubt, as a dict."""
    file = LOCALE / language / f"{page}.po"
    if not file.exists():
        return {}
    with file.open(encoding="utf-8") as lines:
        return {entry.id: entry.string for entry in read_po(lines) if entry.id and entry.string and not entry.fuzzy}


def opening(text):
    """A lesson's title, and its question (the first paragraph) without its label and without links."""
    title, question = re.search(r"^# (.+?)\n\n(.+?)\n\n", text, re.MULTILINE | re.DOTALL).groups()
    question = re.sub(r"^\*\*.+?\*\*[：\s]*", "", " ".join(question.split()))
    return title, re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", question)


@cache
def rows(language):
    """The titles and questions of all lessons, as the tables of README and first page have them."""
    found = {}
    for page in LESSON_PAGES:
        text = path(page).read_text(encoding="utf-8")
        (title, question), (new_title, new_question) = opening(text), opening(translated(text, read(language, page)))
        number = re.match(r"\d\d |", f"{path(page).stem[:2]} ")[0]
        found |= {f"[{number}{title}]({page}.md)": f"[{number}{new_title}]({page}.md)", question: new_question}
    return found


def points():
    """What the table of the five texts says."""
    with (ROOT / "pages/five_texts.csv").open(encoding="utf-8", newline="") as file:
        return {text: None for row in csv.DictReader(file) for text in (row["point"], row["note"]) if has_words(text)}


@cache
def to_taiwan():
    """A function that turns mainland Chinese into Taiwan's, our own words first; code and links are left alone."""
    lines = (LOCALE / "zh_TW/terms.txt").read_text(encoding="utf-8").splitlines()
    terms = dict(line.split("\t") for line in lines if line and not line.startswith("#"))
    ours = re.compile("|".join(sorted(map(re.escape, terms), key=len, reverse=True)) + r"|《[^》]*》")
    convert = opencc.OpenCC("s2twp").convert

    def prose(text):
        """OpenCC sees the words between ours together, and never ours: they stand as private characters meanwhile."""
        found = []

        def hide(match):
            found.append(terms.get(match.group(), match.group()))
            return chr(0xE000 + len(found) - 1)

        return re.sub(
            "[\ue000-\uf8ff]", lambda match: found[ord(match.group()) - 0xE000], convert(ours.sub(hide, text))
        )

    def whole(text):
        parts, end = [], 0
        for kept in KEPT.finditer(text):
            parts += [prose(text[end : kept.start()]), kept.group()]
            end = kept.end()
        return "".join([*parts, prose(text[end:])])

    return whole


@cache
def words(language, page):
    """What a page's pieces are in a language; «book» has what the theme says, «demos» what the demos say."""
    mainland = read("zh_CN", page)
    if page in ("index", "README"):
        mainland = rows("zh_CN") | read("zh_CN", "index") | mainland
    if language == "zh_CN":
        return mainland
    convert = to_taiwan()
    return {piece: convert(text) for piece, text in mainland.items()} | read(language, page)
