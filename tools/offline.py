"""What can be read offline lies beside the first page of a built book, which offers it until the next build."""

import re

from _ext.book_words import WORDS
from tools.places import LANGUAGES

NAME = "pytorch-by-hand"
PLACE = re.compile(r'(<p id="offline">).*?(</p>)', re.DOTALL)
OTHERS = re.compile(r'<div class="dropdown dropdown-language-buttons">.*?</ul>\s*</div>', re.DOTALL)


def files(html):
    """What can be read offline, whether it is there or not."""
    name = f"{NAME}-{html.name}" if html.name in LANGUAGES else NAME
    return [html / f"{name}.{kind}" for kind in ("pdf", "zip")]


def alone(text):
    """The text of a page that offers nothing to download, and no other language."""
    return OTHERS.sub("", PLACE.sub(r"\1\2", text))


def offer(html):
    """Let the first page of a built book link to what was made from it since it was built, with sizes."""
    index, built = html / "index.html", (html / "searchindex.js").stat().st_mtime
    text = index.read_text(encoding="utf-8")
    said = WORDS[re.search(r'<html[^>]* lang="([^"]+)"', text).group(1).replace("-", "_")]["offline"]
    new = [file for file in files(html) if file.exists() and file.stat().st_mtime > built]
    links = [f'<a href="{file.name}">{said[file.suffix[1:]].format(file.stat().st_size / 1e6)}</a>' for file in new]
    sentence = said["sentence"].format(said["between"].join(links)) if links else ""
    index.write_text(PLACE.sub(lambda place: place[1] + sentence + place[2], text), encoding="utf-8")
