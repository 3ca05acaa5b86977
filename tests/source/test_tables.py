"""Gate 3: the tables of README and first page say what results/ recorded."""

import pytest

from tools.places import ROOT
from tools.tables import PAGES, with_tables


@pytest.mark.parametrize("page", PAGES)
def test_recorded_tables_are_up_to_date(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert text == with_tables(text), f"{page}: `.venv/bin/python -m tools.tables` writes its tables anew"
