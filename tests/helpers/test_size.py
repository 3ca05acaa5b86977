"""The size that the helpers promise: few names, short functions, and a file on training that a page can print whole."""

import ast
import inspect
from pathlib import Path

import pytest

import helpers

SOURCES = sorted(Path(helpers.__file__).parent.glob("*.py"))


def functions(path):
    """The functions and methods of a file, each with the number of its lines, its docstring's aside."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            lines = node.end_lineno - node.lineno + 1
            if ast.get_docstring(node) is not None:
                lines -= node.body[0].end_lineno - node.body[0].lineno + 1
            yield node.name, lines


def test_at_most_fourteen_names_are_public_and_each_says_what_it_does():
    assert len(set(helpers.__all__)) <= 14
    for name in helpers.__all__:
        assert inspect.getdoc(getattr(helpers, name)), name


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_function_is_long(path):
    assert [(name, lines) for name, lines in functions(path) if lines > 25] == []


def test_a_page_can_print_what_teaches():
    path = Path(helpers.training.__file__)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 120
    assert [line for line in lines if len(line) > 85] == []
    assert dict(functions(path))["fit"] <= 20
