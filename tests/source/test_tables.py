"""Gate 3: the tables of README and first page say what results/ recorded."""

import pytest

from tools.places import ROOT
from tools.tables import PAGES, listed, with_tables


@pytest.mark.parametrize("page", PAGES)
def test_recorded_tables_are_up_to_date(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert text == with_tables(text), f"{page}: `.venv/bin/python -m tools.tables` writes its tables anew"


def test_a_message_is_listed_without_its_sizes_and_short():
    assert listed("`The size of tensor a (3) must match`") == "`The size of tensor a … must match`"
    assert listed("`weight of size [6, 1, 5, 5], got (torch.Size([3]))`") == "`weight of size …, got …`"
    assert listed("`[WinError 126] The module`") == "`[WinError 126] The module`"
    assert listed(f"`at {'word ' * 20}`") == f"`at {'word ' * 12}…`"
