"""Gate 2: a lesson is a whole pair, and notebook and program are what its Markdown makes them."""

import nbformat

from tools.places import LESSONS, PROGRAMS
from tools.sync import notebook, program


def test_a_lesson_is_a_pair(lesson):
    for suffix, remedy in ((".md", "the .md is the side we edit"), (".ipynb", "make sync writes it")):
        assert lesson.with_suffix(suffix).exists(), f"{lesson.name}{suffix} is missing: {remedy}"


def test_the_header_makes_the_book_execute_it(lesson):
    header = lesson.with_suffix(".md").read_text(encoding="utf-8").split("---")[1]
    assert "text_representation" in header, f"{lesson.name}.md has no jupytext header: the book would not execute it"
    assert "kernelspec" in header, f"{lesson.name}.md names no kernel"


def test_both_sides_hold_the_same_cells(lesson):
    ours, theirs = notebook(lesson.with_suffix(".md")), nbformat.read(lesson.with_suffix(".ipynb"), 4)
    remedy = "keep what you changed in the .ipynb by hand, then `make sync` writes it from the .md"
    for number, (ours_, theirs_) in enumerate(zip(ours.cells, theirs.cells, strict=False)):
        for part in ("cell_type", "source", "metadata", "id"):
            assert ours_[part] == theirs_[part], f"{lesson.name}: the sides differ in cell {number} ({part}): {remedy}"
    assert len(ours.cells) == len(theirs.cells), f"{lesson.name}: one side has more cells: {remedy}"
    assert ours.metadata == theirs.metadata, f"{lesson.name}: the notebook's metadata differ: {remedy}"


def test_a_notebook_carries_no_outputs(lesson):
    for cell in nbformat.read(lesson.with_suffix(".ipynb"), 4).cells:
        ran = cell.cell_type == "code" and (cell.outputs or cell.execution_count)
        assert not ran, f"{lesson.name}.ipynb carries outputs: `make sync` writes it without"


def test_the_programs_are_those_of_the_lessons():
    made = dict(program(markdown) for markdown in LESSONS.glob("*.md"))
    there = {path: path.read_text(encoding="utf-8") for path in PROGRAMS.glob("*.py")}
    assert there == {path: code for path, code in made.items() if code}, "make sync writes them"
