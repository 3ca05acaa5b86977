"""Gate 4: what gate 5 finds in a notebook: a failed assert, and a word on stderr."""

import os
import re
import subprocess
import sys

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tools.places import ROOT

CELLS = ["print('all is well')", "assert 1 + 1 == 3", "import warnings\nwarnings.warn('beware')"]


def test_a_failed_assert_and_a_warning_are_faults(tmp_path):
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in CELLS]), tmp_path / "lesson.ipynb")
    command = [sys.executable, "-m", "pytest", "-p", "conftest", "-c", ROOT / "pyproject.toml", "--nbval-lax", tmp_path]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert re.search("2 failed, 1 passed", done.stdout), done.stdout + done.stderr
    assert "AssertionError" in done.stdout
    assert "writes to stderr" in done.stdout
