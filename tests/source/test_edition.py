"""Gate 3: the form that lessons of the second edition keep, those that lessons/ruff.toml does not name as older.

The limits are those of lessons that read well; `faults` says which of them a lesson breaks.
"""

import ast
import re
import tomllib

import jupytext
import pytest
import torch
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from torch import nn

from tools.places import LESSONS
from tools.sync import script, tagged

OLDER = tomllib.loads((LESSONS / "ruff.toml").read_text(encoding="utf-8"))["format"]["exclude"]
FOLDED = {"hide-cell", "hide-input", "remove-cell", "remove-input"}  # code that a reader may never see
PLACES = (torch, torch.Tensor, nn, nn.functional, torch.optim, torch.autograd, torch.utils.data)
TORCH = {name for place in PLACES for name in dir(place)}
CELLS = {"puzzles": 70}  # three small ones a puzzle; a lesson has at most 36


def code(nb, but=frozenset()):
    """The sources of a notebook's code cells, but for those with one of some tags."""
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    return [cell.source for cell in cells if not but & set(cell.metadata.get("tags", []))]


def prose(nb):
    """The paragraphs of a notebook, without formulas, code and tags of HTML."""
    cells = [cell.source for cell in nb.cells if cell.cell_type == "markdown"]
    return [re.sub(r"\$[^$]*\$|`[^`]*`|<[^>]*>", " ", part) for cell in cells for part in cell.split("\n\n")]


def lines(source):
    """How many lines of some code are not blank."""
    return sum(bool(line.strip()) for line in source.splitlines())


def names(cells):
    """What code says after a dot, or imports."""
    tree = ast.parse(re.sub(r"^[%!].*$", "", "\n".join(cells), flags=re.MULTILINE))
    said = [(getattr(node, "attr", None), getattr(node, "name", None)) for node in ast.walk(tree)]
    return {name.rpartition(".")[2] for pair in said for name in pair if name}


def untaught(nb, earlier=()):
    """Names of torch that solutions use, although no cell in sight shows them, here or in an earlier lesson."""
    shown = names([cell for lesson in (*earlier, nb) for cell in code(lesson, FOLDED)])
    return names([cell.source for cell in tagged(nb, "hide-cell")]) & TORCH - shown


def counts(nb, cells):
    """What is counted in a lesson of at most so many code cells, as {what: (how many, at most)}."""
    paragraphs = prose(nb)
    old = [len(re.findall(r"\b[Tt]exts? [A-E]\b", part)) for part in paragraphs if "sources.md" not in part]
    return {
        "code cells": (len(code(nb)), cells),
        "lines in one cell": (max(map(lines, code(nb))), 15),
        "words": (sum(len(re.findall(r"[A-Za-z][\w'’-]*", part)) for part in paragraphs), 1600),
        "mentions of old texts": (sum(old), 5),
        "folded predictions": (len(tagged(nb, "hide-output")), 3),
    }


def faults(nb, earlier=(), cells=36):
    """What is wrong with the form of a lesson, one line each."""
    found = [f"{number} {what}, at most {most}" for what, (number, most) in counts(nb, cells).items() if number > most]
    shown = [line for cell in code(nb, {"remove-cell"}) for line in cell.splitlines()]
    found += [f"wider than 85 columns: {line}" for line in shown if len(line) > 85]
    found += [f"solutions use {name}, which no cell has shown" for name in sorted(untaught(nb, earlier))]
    program = script(nb)
    if program and not 10 <= lines(program) <= 45:
        found.append(f"a program of {lines(program)} lines, not 10 to 45")
    if re.search(r"^\s*(from|import) helpers\b", program, re.MULTILINE):
        found.append("a program that imports helpers")
    return found


def test_a_lesson_of_the_second_edition_keeps_its_form(lesson):
    if f"{lesson.name}.ipynb" not in OLDER:
        earlier = [jupytext.read(path) for path in LESSONS.glob("*.md") if path.stem < lesson.name]
        found = faults(jupytext.read(lesson.with_suffix(".md")), earlier, CELLS.get(lesson.name, 36))
        assert not found, "\n".join([f"{lesson.name}.md:", *found])


def test_older_lessons_are_there():
    assert all((LESSONS / name).exists() for name in OLDER), "take away from lessons/ruff.toml what is gone"


def cell(source, *tags):
    """A code cell."""
    return new_code_cell(source, metadata={"tags": list(tags)})


GOOD = [new_markdown_cell("# A title\n\nWhy?"), cell("import torch\ntorch.ones(2)"), cell("torch.ones(3)", "hide-cell")]
BAD = {
    "37 code cells, at most 36": [cell("x = 1")] * 35,
    "16 lines in one cell, at most 15": [cell("x = 1\n\n" * 16)],
    "1601 words, at most 1600": [new_markdown_cell("word `code` $f(x)$ <br> " * 1598)],
    "6 mentions of old texts, at most 5": [new_markdown_cell("text A, texts B and C. " * 3)],
    "4 folded predictions, at most 3": [cell("x", "hide-output")] * 4,
    f"wider than 85 columns: x = '{'y' * 80}'": [cell(f"x = '{'y' * 80}'")],
    "solutions use zeros, which no cell has shown": [cell("torch.zeros(2)", "hide-cell")],
    "solutions use eye, which no cell has shown": [
        cell("torch.eye(2)", "hide-input"),
        cell("torch.eye(3)", "hide-cell"),
    ],
    "a program of 9 lines, not 10 to 45": [cell("x = 1\n" * 9, "program")],
    "a program of 46 lines, not 10 to 45": [cell("x = 1\n" * 12, "program")] * 3 + [cell("x = 1\n" * 10, "program")],
    "a program that imports helpers": [cell("from helpers import fit\n" + "x = 1\n" * 9, "program")],
}


@pytest.mark.parametrize("fault", BAD)
def test_each_fault_is_found_alone(fault):
    assert faults(NotebookNode(cells=GOOD + BAD[fault])) == [fault]


def test_what_is_at_its_limit_is_no_fault():
    program = [cell("x = 1\n" * 15, "program")] * 3
    sources = new_markdown_cell("Texts A, text B, text C, text D, text E, text A: see [Sources](../pages/sources.md)")
    earlier = NotebookNode(cells=[cell("torch.zeros(1)")])
    limits = [cell("x = 1")] * 31 + [cell("torch.zeros(2)", "hide-cell"), new_markdown_cell("text A " * 5), sources]
    assert faults(NotebookNode(cells=GOOD + program + limits[1:]), [earlier]) == []
