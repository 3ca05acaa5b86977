"""Where things lie, in which languages, and how a lesson is found by its name, which outlives its number."""

import os
import re
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ROOT / "lessons"
PROGRAMS = ROOT / "programs"
HTML = ROOT / "_build/html"
LANGUAGES = {"zh_CN": "简体中文", "zh_TW": "繁體中文"}  # an edition's files lie in a folder of this name
EDITIONS = os.environ.get("EDITIONS", " ".join(LANGUAGES)).split()  # those that are built


@cache
def site():
    """The address at which the built book is read, as `make repository` stamps it."""
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["pages"]


def books():
    """The folders of the built book and of its editions in other languages, which lie in it."""
    return [HTML, *(HTML / language for language in EDITIONS)]


def lesson(name):
    """The Markdown file of a lesson, as `04_gradients_by_hand.md`, from its name without the number."""
    (path,) = (path for path in LESSONS.glob("*.md") if name_of(path) == name)
    return path


def name_of(path):
    """A lesson's name without its number, if it has one, and ending."""
    return re.sub(r"^\d\d_", "", path.stem)
