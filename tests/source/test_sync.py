"""Gate 2: what `make sync` writes from a lesson's Markdown."""

import re
import shutil

import nbformat
import pytest

from tools import sync
from tools.places import LESSONS

LESSON = """
# A lesson

```{code-cell} ipython3
:tags: [remove-cell]
from helpers import fit
```

```{code-cell} ipython3
:tags: [program]
%%writefile square.py
def square(x):
    return  x * x
```

Some words.

```{code-cell} ipython3
:tags: [program]
print( square(3) )
```
"""


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A folder that sync takes for the book's: one lesson, and a program whose lesson is gone."""
    for name in ("lessons", "programs"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(sync, name.upper(), tmp_path / name)
    monkeypatch.setattr(sync, "EDITIONS", [])  # they lie beside the real lessons
    shutil.copy(LESSONS / "ruff.toml", tmp_path / "lessons")
    shutil.copy(LESSONS.parent / "pyproject.toml", tmp_path)
    header = (LESSONS / "01_tensors.md").read_text(encoding="utf-8").split("---")[1]
    (tmp_path / "lessons/30_squares.md").write_text(f"---{header}---\n{LESSON}", encoding="utf-8")
    (tmp_path / "programs/29_gone.py").write_text("print()\n")
    sync.main()
    return tmp_path


def test_a_program_is_the_cells_with_its_tag_formatted(book):
    (program,) = (book / "programs").glob("*.py")
    assert program.name == "30_squares.py"
    assert program.read_text() == "def square(x):\n    return x * x\n\n\nprint(square(3))\n"


def test_both_sides_get_formatted_cells_and_the_header_stays(book):
    text = (book / "lessons/30_squares.md").read_text(encoding="utf-8")
    nb = nbformat.read(book / "lessons/30_squares.ipynb", 4)
    assert re.search(r"^minutes: \d+$", text.split("---")[1], re.MULTILINE)
    assert "print(square(3))" in text
    assert [cell.source for cell in nb.cells if cell.cell_type == "code"][2] == "print(square(3))"
    assert [cell.id for cell in nb.cells] == [f"cell-{n}" for n in range(5)]


def test_a_second_sync_changes_nothing(book):
    before = {path: path.read_bytes() for path in book.glob("*/30_squares.*")}
    sync.main()
    assert before == {path: path.read_bytes() for path in book.glob("*/30_squares.*")}
