"""Bring the catalogues of locale/zh_CN up to date with the English pages: `make translations`.

A new piece gets an empty entry. Where a piece has changed, the old translation stays, marked fuzzy, with the old
English above it: translate what changed, and delete the line «#, fuzzy». `python -m tools.translations check PAGE …`
writes nothing: it prints, for some pages or all, each piece that lacks a translation or whose translation breaks a rule
of locale/STYLE.md, and ends with 1 if there is one.
"""

import re
import sys
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from tools.editions import BOOK, DEMOS, LOCALE, OUTPUTS, PAGES, english, outputs, points, read, rows
from tools.pieces import HAN, HEADING, KEPT, PARSER, pieces, strings
from tools.places import ROOT

CATALOGUES = [*PAGES, BOOK, DEMOS, OUTPUTS]
PLAIN = (BOOK, DEMOS)  # what is no Markdown
ONE_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # no date of today: what is written depends on the text alone
WORDS = ROOT / "_static/demos/words/en.js"
THEME = (  # what the configuration says, and what the theme says without a translation, or with a wrong one
    "PyTorch by Hand", "The authors of PyTorch by Hand", "© Copyright {}.", "Language",
    "Search this book...", "Site navigation", "Main", "Page", "Contents", "Version warning",
    "Toggle primary sidebar", "Toggle secondary sidebar", "Link to this heading", "previous page", "next page",
    "Color mode", "Light", "Dark", "System Settings", "Fullscreen mode", "Source repository", "Download this page",
    "Download notebook file", "Download source file", "Print to PDF", "列印成 PDF",
    "Launch interactive content", "Launch on Binder", "Launch on Colab", "Launch on Kaggle",
    "Show code cell source", "Hide code cell source", "Show code cell content", "Hide code cell content",
    "Show code cell output", "Hide code cell output", "Copy", "Copy to clipboard", "Copied!",
    "Document", "Modified", "Method", "Run Time (s)", "Status",
)  # fmt: skip
FORBIDDEN = re.compile(r"^\| `([^`]+)` \| ([^|]*) \| (zh_CN|zh_TW|both) \|$", re.MULTILINE)
CHINESE, FULL = f"[{HAN}]", "，。：；？！、（）“”‘’《》「」『』"
UNSTYLED = {
    "a half-width mark beside Chinese": rf"{CHINESE}[,;:?!()]|[,;?!()]{CHINESE}|{CHINESE}\.(?!\w)|{CHINESE} \([A-Za-z]",
    "no space between Chinese and Latin": rf"{CHINESE}[A-Za-z0-9\ue000]|[A-Za-z0-9\ue000%]{CHINESE}",
    "a space beside a full-width mark": rf"[{FULL}] | [{FULL}]",
    "a space between two Chinese characters": rf"{CHINESE} +{CHINESE}",
    "a straight quotation mark": rf"{CHINESE}[\"']|[\"']{CHINESE}",
    "a dash that is not ——": rf"{CHINESE} ?(?<!—)[—–](?!—)|(?<!—)[—–](?!—) ?{CHINESE}",
    "dots that are not ……": rf"{CHINESE}(\.\.\.|…(?!…))|(\.\.\.|(?<!…)…){CHINESE}",
    "two spaces": r"  ",
    "a line break": r"\n",
}


def template(page):
    """A catalogue without translations of what a page, the demos, or the book's frame say."""
    catalog = Catalog(creation_date=ONE_DAY, revision_date=ONE_DAY, fuzzy=False)
    for place, text, kind in sayings(page):
        catalog.add(text, locations=[place], auto_comments=[kind] if kind else [])
    return catalog


def sayings(page):
    """All that a catalogue holds: for each text its place, as a file and a line, itself, and its kind."""
    if page == DEMOS:
        script = WORDS.read_text(encoding="utf-8")
        yield from (((WORDS.name, line(script, piece.start)), piece.text, "") for piece in strings(script))
    elif page == OUTPUTS:
        yield from ((("outputs.txt", ""), text, "") for text in outputs())
    elif page == BOOK:
        captions = re.findall(r"caption: \"?([^\"\n]+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
        yield from ((("_toc.yml", ""), text, "") for text in (*captions, *THEME))
    else:
        yield from said_on_page(page)


def said_on_page(page):
    """A page's pieces, but for those that stand in another catalogue."""
    text, end = english(page), 0
    elsewhere = set(rows()) if page in ("index", "README") else set()
    elsewhere |= {text for _, text, _ in sayings("index")} if page == "README" else set()
    for _, stop, piece, kind in pieces(text):
        end = stop or end
        if piece not in elsewhere:
            yield (f"{page}.md", line(text, end)), piece, kind
    yield from ((("five_texts.csv", ""), text, "") for text in (points() if page == "pages/five_texts" else ()))


def line(text, place):
    """The number of the line in which a place lies."""
    return text.count("\n", 0, place) + 1


def markup(text):
    """What a translation must keep of a piece: its code, formulas, links, and how much is bold or italic."""
    kept = Counter()
    for token in PARSER.parseInline(text)[0].children:
        if token.type in ("code_inline", "math_inline"):
            kept[token.content] = 1  # a language may repeat what another says with «it»
        elif token.type in ("link_open", "strong_open", "em_open", "image"):
            kept[token.type.removesuffix("_open"), token.attrGet("href") or token.attrGet("src") or ""] += 1
        elif token.type == "text" and "*" in token.content:
            kept["a star that marks nothing"] += 1
    return kept


def values(text):
    """What a text of a demo or an output fills in."""
    return Counter(re.findall(r"\$?\{(?:[^{}]|\{[^}]*\})*\}", text))


def unlike(piece, text, page, kind):
    """In what a translation differs that must be alike, in words."""
    if page in (DEMOS, OUTPUTS):
        before, after = values(piece), values(text)
    elif page in PLAIN or kind not in ("", HEADING):
        return
    else:
        before, after = markup(piece), markup(text)
    if lost := before - after:
        yield f"lacks {list(lost)}"
    if more := after - before:
        yield f"adds {list(more)}"


@cache
def forbidden(language):
    """The patterns that an edition must not hold, with what to write."""
    table = FORBIDDEN.findall((LOCALE / "STYLE.md").read_text(encoding="utf-8"))
    return {wrong: right for wrong, right, where in table if where in (language, "both")}


def plain(text):
    """A translation's prose, where a private character stands for code, a formula, or what a demo fills in."""
    text = re.sub(r"\$?\{[^}]*\}", "\ue000", text)
    text = KEPT.sub(lambda kept: "" if kept[0][0] in "]<" else "\ue000", text)
    return re.sub(r"(?<=\S)\*+|\*+(?=\S)|[\[\]]", "", text)


def unstyled(text, language="zh_CN"):
    """What a translation breaks of punctuation, spacing and words, in words."""
    prose = plain(text)
    for what, pattern in UNSTYLED.items():
        if found := re.search(pattern, prose):
            yield f"{what}: {prose[max(0, found.start() - 8) : found.end() + 8]}".replace("\ue000", "`…`")
    for wrong, right in forbidden(language).items():
        if re.search(wrong, prose):
            yield f"“{wrong}” is forbidden: {right}"


def faults(page, language="zh_CN"):
    """What is wrong with a page's catalogue, in words; a copy of the English is taken to be code or a name."""
    done = read(language, page)
    for message in template(page):
        if not message.id:
            continue
        place, text = ":".join(map(str, message.locations[0])) if message.locations else page, done.get(message.id)
        if text is None:
            yield f"{place} has no translation: {message.id[:70]}"
        elif text != message.id:
            found = [*unlike(message.id, text, page, "".join(message.auto_comments)), *unstyled(text, language)]
            yield from (f"{place}: {fault}\n    {text}" for fault in found)


def update(page):
    """Write a page's catalogue anew, with what it held."""
    file, new = LOCALE / f"zh_CN/{page}.po", template(page)
    if file.exists():
        with file.open(encoding="utf-8") as lines:
            old = read_po(lines)
        old.update(new, update_header_comment=False)
        new = old
    for message in new:
        message.flags &= {"fuzzy"}
    new.creation_date = new.revision_date = ONE_DAY
    buffer = BytesIO()
    write_po(buffer, new, width=0, omit_header=True, no_location=True, include_previous=True, ignore_obsolete=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(buffer.getvalue())


def count(page):
    """How many pieces and English words a catalogue has, and how many are translated."""
    ids = [message.id for message in template(page) if message.id]
    return (
        len(ids),
        sum(len(re.findall(r"[A-Za-z][\w'’-]*", KEPT.sub("", text))) for text in ids),
        len(read("zh_CN", page)),
    )


def main(*arguments):
    """Update all catalogues and count their pieces, or check some."""
    if arguments[:1] == ("check",):
        found = [fault for page in arguments[1:] or CATALOGUES for fault in faults(page)]
        print(*found, f"{len(found)} faults", sep="\n")
        return bool(found)
    for page in CATALOGUES:
        update(page)
        print("{}: {} pieces, {} words, {} translated".format(page, *count(page)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
