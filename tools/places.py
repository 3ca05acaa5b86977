"""Where things lie, and how a lesson is found by its name, which outlives its number."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ROOT / "lessons"
PROGRAMS = ROOT / "programs"
HTML = ROOT / "_build/html"


def lesson(name):
    """The Markdown file of a lesson, as `04_gradients_by_hand.md`, from its name without the number."""
    (path,) = (path for path in LESSONS.glob("*.md") if name_of(path) == name)
    return path


def name_of(path):
    """A lesson's name without its number, if it has one, and ending."""
    return re.sub(r"^\d\d_", "", path.stem)
