"""Gate 3: every point of the five texts is decided, with a reason where one is due, and stands where the table says."""

import csv
import re

import pytest
from myst_parser.mdit_to_docutils.base import default_slugify

from tools.places import LESSONS, ROOT

TABLE = ROOT / "pages/five_texts.csv"
HEADING = re.compile(r"^#{2,3} (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
POINTS = {"A": 62, "B": 37, "C": 121, "D": 119, "E": 43}
CORRECTED = ("wrong", "broken", "dated")


def rows():
    """The points, in the order in which the texts make them."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page(name):
    """The file of a page or a lesson, named without its number."""
    places = [ROOT / f"{name}.md", ROOT / f"pages/{name}.md", *LESSONS.glob(f"[0-9][0-9]_{name}.md")]
    return next((path for path in places if path.exists()), None)


def sections(path):
    """What stands under each heading of a page, by the name that links give it; under "" the whole page."""
    text = path.read_text(encoding="utf-8")
    outside = FENCE.sub(lambda code: re.sub("(?m)^#", "%", code.group()), text)  # a comment is no heading
    starts = list(HEADING.finditer(outside))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    parts = {
        default_slugify(start.group(1).replace("`", "")): text[start.start() : end] for start, end in zip(starts, ends)
    }
    return {"": text} | parts


def plain(text):
    """Words and code without marks and addresses, in one line."""
    return " ".join(re.sub(r"\]\([^)]*\)|[`*\\\[\]]", "", text).split()).lower()


def fault(row):
    """What is wrong with a row, or nothing."""
    name, _, anchor = row["where"].partition("#")
    if row["decision"] == "left out":
        return None if row["note"] and not name else "what is left out has a reason, and no place"
    if row["decision"] not in ("taught", *CORRECTED, "mentioned"):
        return "not decided"
    if row["decision"] in CORRECTED and not 1 <= len(row["note"].split()) <= 12:
        return "what is corrected says what was wrong, in at most twelve words"
    if not (path := page(name)):
        return f"there is no page {name!r}"
    if anchor not in (parts := sections(path)):
        return f"{path.name} has no heading #{anchor}"
    found = row["word"] and plain(row["word"]) in plain(parts[anchor])
    return None if found else f"{row['word']!r} does not stand in {row['where']}"


def test_every_point_is_there_once():
    table = rows()
    assert {text: sum(row["text"] == text for row in table) for text in POINTS} == POINTS
    assert len({(row["text"], row["line"], row["point"]) for row in table}) == len(table) == 382


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['text']}-{row['point']}")
def test_a_point_is_decided_and_stands_where_the_table_says(row):
    assert not (found := fault(row)), f"text {row['text']}, {row['point']}: {found}"


GOOD = {"decision": "taught", "where": "tensors#memory-is-one-long-row", "word": "*storage*", "note": ""}
BAD = {
    "not decided": {"decision": ""},
    "no page": {"where": "tensor"},
    "no heading": {"where": "tensors#memory"},
    "does not stand": {"where": "tensors#the-table-answers-questions"},
    "a reason": {"decision": "left out", "where": ""},
    "says what was wrong": {"decision": "wrong"},
    "at most twelve words": {"decision": "dated", "note": "word " * 13},
    "no place": {"decision": "left out", "note": "old"},
}


@pytest.mark.parametrize("words", BAD)
def test_each_fault_of_a_row_is_found(words):
    assert not fault(GOOD)
    assert not fault(GOOD | {"decision": "mentioned"})
    assert not fault(GOOD | {"decision": "broken", "note": "it shares its numbers"})
    assert words in fault(GOOD | BAD[words])
