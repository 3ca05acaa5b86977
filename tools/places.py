"""Where things lie, and how a lesson is found by its name, which outlives its number."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ROOT / "lessons"
PROGRAMS = ROOT / "programs"
HTML = ROOT / "_build/html"


def lesson(name):
    """The Markdown file of a lesson, as `04_gradients_by_hand.md`, from its name without the number."""
    (path,) = LESSONS.glob(f"[0-9][0-9]_{name}.md")
    return path


def name_of(path):
    """A lesson's name without its number and ending."""
    return path.stem.split("_", 1)[1]
