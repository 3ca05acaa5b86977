"""Bring the catalogues of locale/zh_CN up to date with the English pages: `make translations`.

A new piece gets an empty entry. Where a piece has changed, the old translation stays, marked fuzzy, with the old English
above it: translate what changed, and delete the line «#, fuzzy». `python -m tools.translations check PAGE …` writes
nothing: it prints, for some pages or all, each piece that lacks a translation or whose translation breaks a rule of
locale/STYLE.md, and ends with 1 if there is one.
"""

import re
import sys
from collections import Counter
from datetime import UTC, datetime
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from pygments.lexers import JavascriptLexer
from pygments.token import String

from tools.editions import KEPT, LOCALE, PAGES, PARSER, ROOT, has_words, path, pieces, points, read, rows

BOOK, DEMOS = "book", "demos"
CATALOGUES = [*PAGES, BOOK, DEMOS]
ONE_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # no date of today: what is written depends on the text alone
WORDS = ROOT / "_static/demos/words/en.js"
THEME = (  # what the theme says without a translation, or with a wrong one
    "Search this book...", "Toggle primary sidebar", "Toggle secondary sidebar", "Toggle hidden content", "Color mode",
    "System Settings", "Launch on Binder", "Launch on Colab", "Launch on Kaggle", "Launch interactive content", "Page",
    "Main", "Link to this heading", "列印成 PDF", "Copy", "Copy to clipboard", "Copied!",
)  # fmt: skip
FORBIDDEN = re.compile(r"^\| `([^`]+)` \| ([^|]*) \| (zh_CN|zh_TW|both) \|$", re.MULTILINE)
HAN, FULL = "[\u3400-\u9fff]", "，。：；？！、（）“”‘’《》「」『』"
UNSTYLED = {
    "a half-width mark beside Chinese": rf"{HAN}[,;:?!()]|[,;?!()]{HAN}|{HAN}\.(?!\w)|{HAN} \([A-Za-z]",
    "no space between Chinese and Latin": rf"{HAN}[A-Za-z0-9\ue000]|[A-Za-z0-9\ue000%]{HAN}",
    "a space beside a full-width mark": rf"[{FULL}] | [{FULL}]",
    "a space between two Chinese characters": rf"{HAN} +{HAN}",
    "a straight quotation mark": rf"{HAN}[\"']|[\"']{HAN}",
    "a dash that is not ——": rf"{HAN} ?(?<!—)[—–](?!—)|(?<!—)[—–](?!—) ?{HAN}",
    "dots that are not ……": rf"{HAN}(\.\.\.|…(?!…))|(\.\.\.|(?<!…)…){HAN}",
    "two spaces": r"  ",
    "a line break": r"\n",
}


def strings(script):
    """The texts in a script: what stands in quotation marks or backticks, without them, and where each lies."""
    found, start = [], None
    for place, kind, value in JavascriptLexer().get_tokens_unprocessed(script):
        if (
            kind in (String.Double, String.Single)
            and has_words(value)
            and not script[place + len(value) :].startswith(":")
        ):
            found.append((place + 1, place + len(value) - 1))
        elif kind is String.Backtick and value == "`":
            if start is not None:
                found.append((start, place))
            start = place + 1 if start is None else None
    return [(a, b, script[a:b]) for a, b in found if has_words(re.sub(r"\$\{[^}]*\}", "", script[a:b]))]


def template(page):
    """A catalogue without translations of what a page, the demos or the book's frame say."""
    catalog = Catalog(creation_date=ONE_DAY, revision_date=ONE_DAY, fuzzy=False)
    if page == DEMOS:
        script = WORDS.read_text(encoding="utf-8")
        for start, _, text in strings(script):
            catalog.add(text, locations=[(WORDS.name, script.count("\n", 0, start) + 1)])
    elif page == BOOK:
        captions = re.findall(r"caption: \"?([^\"\n]+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
        for text in (*captions, "Language", *THEME):
            catalog.add(text)
    else:
        fill(catalog, page)
    return catalog


def fill(catalog, page):
    """Add a page's pieces, but for those that stand in another catalogue."""
    text, end = path(page).read_text(encoding="utf-8"), 0
    elsewhere = rows("zh_CN") if page in ("index", "README") else {}
    elsewhere |= {entry.id: "" for entry in template("index")} if page == "README" else {}
    for start, stop, piece, kind in pieces(text):
        end = stop or text.find(piece.split(" ")[-1], end)
        if piece not in elsewhere:
            line = text.count("\n", 0, start if start is not None else end) + 1
            catalog.add(piece, locations=[(f"{page}.md", line)], auto_comments=[kind] if kind else [])
    for piece in points() if page == "pages/five_texts" else ():
        catalog.add(piece, locations=[("pages/five_texts.csv", "")])


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
    """What a text of a demo fills in."""
    return Counter(re.findall(r"\$\{(?:[^{}]|\{[^}]*\})*\}", text))


def unlike(piece, text, page, kind):
    """In what a translation differs that must be alike, in words."""
    if page == DEMOS:
        before, after = values(piece), values(text)
    elif page == BOOK or kind:
        return  # plain text
    else:
        before, after = markup(piece), markup(text)
    if lost := before - after:
        yield f"lacks {list(lost)}"
    if more := after - before:
        yield f"adds {list(more)}"


def forbidden(language):
    """The strings that an edition must not hold, with what to write."""
    table = FORBIDDEN.findall((LOCALE / "STYLE.md").read_text(encoding="utf-8"))
    return {wrong: right for wrong, right, where in table if where in (language, "both")}


def plain(text):
    """A translation's prose, where a private character stands for code, a formula, or what a demo fills in."""
    text = re.sub(r"\$\{[^}]*\}", "\ue000", text)
    text = KEPT.sub(lambda kept: "" if kept[0][0] in "]<" else "\ue000", text)
    return re.sub(r"[*\[\]]", "", text)


def unstyled(text, language="zh_CN"):
    """What a translation breaks of punctuation, spacing and words, in words."""
    prose = plain(text)
    for what, pattern in UNSTYLED.items():
        if found := re.search(pattern, prose):
            yield f"{what}: {prose[max(0, found.start() - 8) : found.end() + 8]}".replace("\ue000", "`…`")
    for wrong, right in forbidden(language).items():
        if wrong in prose:
            yield f"“{wrong}” is forbidden: {right}"


def faults(page, language="zh_CN"):
    """What is wrong with a page's catalogue, in words; where a piece is translated word for word as it was, it is code."""
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
        old = read_po(file.open(encoding="utf-8"))
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
