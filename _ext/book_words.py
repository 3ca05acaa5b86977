"""What the book's extensions say and look for, in the language of the book."""

import tomllib
from pathlib import Path

from sphinx.errors import ExtensionError

WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def words(config):
    """The words for a book with this Sphinx configuration; Sphinx has no name for the language when it is English."""
    language = config.language or "en"
    if language not in WORDS:
        raise ExtensionError(f"words.toml has no words for a book in {language}")
    return WORDS[language]
