"""The surnames that the helpers bring along, and that all they bring is packed."""

import hashlib
import tomllib
from pathlib import Path

import helpers
from tools.places import ROOT

HELPERS = Path(helpers.__file__).parent


def test_the_surnames_are_the_ten_thousand_most_frequent_of_the_census():
    text = (HELPERS / "surnames.txt").read_text(encoding="ascii")
    names = text.split()
    assert names[:3] == ["smith", "johnson", "williams"]
    assert len(names) == len(set(names)) == 10_000
    assert set("".join(names)) == set("abcdefghijklmnopqrstuvwxyz")
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest == "9525078599e7e72be8dbddb0875b1787ba46883a5e2c7594cfc0964f5d4af3cc"


def test_what_lies_beside_the_helpers_is_packed():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    packed = {path for pattern in settings["package-data"]["helpers"] for path in HELPERS.glob(pattern)}
    assert {path for path in HELPERS.iterdir() if path.is_file() and path.suffix != ".py"} <= packed
