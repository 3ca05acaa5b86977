"""Which pages the built book has, in each of its languages."""

import re

import yaml

from tools.pieces import HAN
from tools.places import EDITIONS, ROOT

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
ENGLISH = ["index", *(chapter["file"] for part in TOC["parts"] for chapter in part["chapters"])]
FOLDERS = ["", *(f"{language}/" for language in EDITIONS)]
CHAPTERS = [f"{folder}{name}" for folder in FOLDERS for name in ENGLISH]
PAGES = [f"{folder}{name}" for folder in FOLDERS for name in (*ENGLISH, "genindex", "search")]


def count(text):
    """How many words a text has; a Chinese character is one."""
    return len(re.findall(rf"[{HAN}]|[^\W{HAN}]+", text))
