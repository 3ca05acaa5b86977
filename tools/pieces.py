"""The pieces of what a page says, each by itself: found, and exchanged for their translations.

A piece is a heading, a paragraph, an item of a list, a cell of a table, a figure's alternative text, or a comment or
docstring in code. Code, formulas and HTML pass unchanged.
"""

import re
import unicodedata
from collections import namedtuple
from functools import cache
from itertools import accumulate, pairwise

import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from pygments.lexers import JavascriptLexer, get_lexer_by_name
from pygments.token import Comment, String
from pygments.util import ClassNotFound

PARSER = MarkdownIt("commonmark").enable("table").use(front_matter_plugin).use(dollarmath_plugin)
KEPT = re.compile(r"(`+).+?\1|\$[^$]+\$|\]\([^)]*\)|https?://[A-Za-z0-9./#?=&%_~-]+|<[^>]+>")  # in a translation, too
HAN = r"\u3400-\u9fff"  # between brackets of a pattern, a Chinese character
HEADER = re.compile(r"---\n((?:[^\n]*\n)*?)---\n|((?::[^\n]*\n)+)\n?")  # of a cell
NO_PROSE = re.compile(r"# (noqa|type|fmt|ruff)\b|# →")  # what a tool reads, and what a line results in
FIGURE, HEADING, COMMENT = "a figure in words, for those who hear the page", "a heading", "a comment"
CLOSING = "，。：；？！、）”》"
PART = re.compile(rf"[（“《]*(?:[{HAN}]|[^\s{HAN}{CLOSING}]+|\s+)[{CLOSING}]*")  # a line may end after it
WIDTH = 85

Piece = namedtuple("Piece", "start stop text kind")  # text: on one line; kind: what translators should know


def has_words(text):
    """Whether there is English prose in a text."""
    prose = KEPT.sub("", text)
    return len(re.findall(r"[A-Za-z]{2,}", prose)) > len(re.findall(f"[{HAN}]", prose))


def indent(code, place):
    """What stands before a place in its line, if that is but space."""
    before = code[code.rfind("\n", 0, place) + 1 : place]
    return None if before.strip() else before


def line(code, place):
    """The line in which a place lies."""
    return code[code.rfind("\n", 0, place) + 1 :].split("\n")[0].strip()


def remarks(code, language):
    """Where each comment and docstring of some code lies, and what it says."""
    try:
        tokens = get_lexer_by_name(language, ensurenl=False, stripnl=False).get_tokens_unprocessed(code)
    except ClassNotFound:
        return
    for start, kind, value in tokens:
        value = value.rstrip()
        if kind is String.Doc and code[:start].rstrip().endswith(":"):
            yield start + 3, start + len(value) - 3, " ".join(value[3:-3].split())
        elif kind is Comment.Single and value.startswith("# ") and not NO_PROSE.match(value):
            yield start, start + len(value), value[2:]


@cache
def comments(code, language="ipython3"):
    """The comments and docstrings of some code; lines of comment that follow each other are one, but those set in."""
    found = []
    for start, stop, text in remarks(code, language):
        first, end, before = found[-1] if found else (0, 0, " ")
        follows = re.fullmatch(r"\n *", code[end:start]) and indent(code, first) == indent(code, start) is not None
        if follows and code[start] == "#" and not before.startswith(" ") and not text.startswith(" "):
            found[-1] = (first, stop, f"{before} {text}")
        else:
            found.append((start, stop, text))
    return [Piece(*remark, where(code, remark[0])) for remark in found if has_words(remark[2])]


def where(code, place):
    """What translators should know of a comment: whether it stands alone, or else its line."""
    return COMMENT if indent(code, place) is not None else f"in code: {line(code, place)}"


def columns(text):
    """How many columns a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text, width):
    """A text's lines; Chinese may break anywhere but before what closes and after what opens."""
    lines = [""]
    for part in PART.findall(text):
        if columns(lines[-1] + part.rstrip()) > width:
            lines.append("")
        lines[-1] += part if lines[-1] else part.lstrip()
    return [line.rstrip() for line in lines]


def written(code, piece, text):
    """A translation as it stands in code, in the place of a comment or docstring."""
    if code[piece.start] != "#":
        return text
    before = indent(code, piece.start)
    lines = [text] if before is None else wrapped(text, WIDTH - len(f"{before}# "))
    return f"\n{before}".join(f"# {line}" for line in lines)


def translated_code(code, words, language="ipython3"):
    """Some code with the comments that `words` knows exchanged."""
    known = [piece for piece in comments(code, language) if piece.text in words]
    return exchanged(code, [(piece, written(code, piece, words[piece.text])) for piece in known])


def exchanged(text, changes):
    """A text with other texts in the places of some pieces."""
    parts, end = [], 0
    for piece, new in changes:
        parts += [text[end : piece.start], new]
        end = piece.stop
    return "".join([*parts, text[end:]])


def cell(content):
    """The metadata and the code of a code cell as it stands in Markdown."""
    header = HEADER.match(content)
    if not header:
        return {}, content
    metadata = yaml.safe_load(header[1] or re.sub(r"^:", "", header[2], flags=re.MULTILINE))
    return metadata, content[header.end() :]


def said_by_cell(content):
    """What a code cell says. It has no place: a cell stays as it is, since it is part of the cache's key."""
    metadata, code = cell(content)
    if alt := metadata.get("mystnb", {}).get("image", {}).get("alt"):
        yield Piece(None, None, alt, FIGURE)
    yield from (piece._replace(start=None, stop=None) for piece in comments(code))


@cache
def pieces(text):
    """The pieces of a page's Markdown in order."""
    return tuple(cut(text))


def cut(text):
    """Cut a page's Markdown into its pieces."""
    starts = list(accumulate(map(len, text.splitlines(keepends=True)), initial=0))
    above, done = [], 0
    for token in PARSER.parse(text):
        if token.type == "fence" and token.info.startswith("{code-cell}"):
            yield from said_by_cell(token.content)
        elif token.type == "fence":
            place = starts[token.map[0] + 1]
            for start, stop, comment, kind in comments(token.content, token.info.strip() or "text"):
                yield Piece(place + start, place + stop, comment, kind)
        elif token.type == "inline" and token.content:
            content = token.content.replace("|", r"\|") if above[-1].type in ("td_open", "th_open") else token.content
            lines = content.split("\n")
            start = text.index(lines[0], max(done, starts[token.map[0]]))
            done = text.index(lines[-1], max(start, starts[token.map[1] - 1])) + len(lines[-1])
            if has_words(content):
                one_line = re.sub(r"[ \n]+", " ", content)  # other spaces, such as that of «30 min», count
                yield Piece(start, done, one_line, HEADING if above[-1].type == "heading_open" else "")
        above.append(token)


def translated(text, words):
    """A page's Markdown with the pieces that `words` knows exchanged, but for what its cells say."""
    known = [piece for piece in pieces(text) if piece.start is not None and piece.text in words]
    return exchanged(text, [(piece, written(text, piece, words[piece.text])) for piece in known])


def headings(text):
    """The headings of a page, each without its markup."""
    inside = [token for before, token in pairwise(PARSER.parse(text)) if before.type == "heading_open"]
    kinds = ("text", "code_inline", "math_inline")
    return ["".join(part.content for part in token.children if part.type in kinds) for token in inside]


def title_and_question(text):
    """A lesson's title, and its question (the first paragraph) without its label and without links."""
    title, question = re.search(r"^# (.+?)\n\n(.+?)\n\n", text, re.MULTILINE | re.DOTALL).groups()
    question = re.sub(r"^\*\*.+?\*\*[：\s]*", "", " ".join(question.split()))
    return title, re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", question)


def strings(script):
    """The texts of a script in JavaScript: what stands in quotation marks or backticks, but for names."""
    start = None
    for place, kind, value in JavascriptLexer().get_tokens_unprocessed(script):
        if kind is String.Double and not script.startswith(":", place + len(value)):
            yield from literal(script, place + 1, place + len(value) - 1)
        elif kind is String.Backtick and value == "`":
            if start is not None:
                yield from literal(script, start, place)
            start = place + 1 if start is None else None


def literal(script, start, stop):
    """A text of a script as a piece, if it says something beside what it fills in."""
    if has_words(re.sub(r"\$\{[^}]*\}", "", script[start:stop])):
        yield Piece(start, stop, script[start:stop], "")
