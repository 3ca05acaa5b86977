"""The glossary's prose, which no cell can watch: alphabetic, whole, and each word stands where it sends us."""

import re

import pytest

from tools.places import ROOT

PAGES = ROOT / "pages"
TEXT = (PAGES / "glossary.md").read_text(encoding="utf-8")
LINES = [line for line in TEXT.splitlines() if line.startswith("| ") and "<b id=" not in line][1:]
ROWS = [[re.sub("<[^>]+>", "", part).strip() for part in line.strip("|").split("|")] for line in LINES]


def test_the_glossary_is_alphabetic_and_says_each_word_once():
    words = [row[0].strip("`").lower() for row in ROWS]
    assert words == sorted(set(words))
    assert len(words) >= 80


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_word_is_translated_and_stands_in_the_lesson_that_it_links_to(row):
    english, meaning, simplified, traditional, link = row
    assert all([simplified, traditional, meaning]), f"{english} lacks something"
    lesson = (PAGES / re.search(r"\((.+)\)", link).group(1)).read_text(encoding="utf-8")
    names = [re.escape(name.strip("` ")) for name in re.split(r"[()]", english) if name.strip()]
    assert re.search(r"(?<!\w)(" + "|".join(names) + ")", " ".join(lesson.split()), re.IGNORECASE), f"{english}: {link}"


def test_the_letters_above_lead_to_the_letters_between_the_words():
    above, between = (re.findall(rf'<{tag}="#?(\w)">', TEXT) for tag in ("a href", "b id"))
    assert above == between == sorted({row[0].strip("`")[0].lower() for row in ROWS})


def test_a_word_that_sends_us_to_another_leads_to_its_row():
    sent = re.findall(r'see <a href="#([\w-]+)">([^<]+)</a>', TEXT)
    assert len(sent) == len(re.findall(r"\bsee (?!how)", "\n".join(LINES))) >= 8
    for target, word in sent:
        assert f'<span id="{target}">{word}</span>' in TEXT, word
