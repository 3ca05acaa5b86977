"""Gate 3: the page of errors names checks that lesson 13 has."""

import re

from tools.places import ROOT, lesson


def test_each_check_that_a_symptom_names_is_one_of_the_lesson():
    page = (ROOT / "pages/errors.md").read_text(encoding="utf-8")
    program = (ROOT / f"programs/{lesson('silent_bugs').stem}.py").read_text(encoding="utf-8")
    checks = set(re.findall(r"^def (\w+)", program, re.MULTILINE))
    named = set(re.findall(r"\(check `(\w+)`\)", page))
    assert len(named) >= 7
    assert named <= checks
