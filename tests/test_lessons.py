"""Gates 2 and 3: each lesson is a whole pair, in plain Markdown, with the sections that a lesson has."""

import re
from pathlib import Path

import jupytext
import nbformat
import pytest
import yaml

from tools.repository import stamped
from tools.sync import LESSONS, notebook

ROOT = Path(__file__).resolve().parent.parent
NAMES = sorted({path.stem for path in LESSONS.iterdir() if path.suffix in (".md", ".ipynb")})
SECTIONS = ["Setup", "What we learned", "Exercises", "Solutions"]
DIRECTIVE = re.compile(r"^\s*(:{3,}|`{3,})\{(?!code-cell)|(?<!`)\{[a-z:-]+\}`", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)")


@pytest.fixture(params=NAMES)
def lesson(request):
    """The path of a lesson without its ending."""
    return LESSONS / request.param


def cells(lesson, kind):
    """The sources of a lesson's cells of one kind."""
    return [cell.source for cell in jupytext.read(lesson.with_suffix(".md")).cells if cell.cell_type == kind]


def test_a_lesson_is_a_pair(lesson):
    for suffix, mend in ((".md", "the .md is the side we edit"), (".ipynb", "make sync writes it")):
        assert lesson.with_suffix(suffix).exists(), f"{lesson.name}{suffix} is missing: {mend}"


def test_the_header_makes_the_book_execute_it(lesson):
    header = lesson.with_suffix(".md").read_text(encoding="utf-8").split("---")[1]
    assert "text_representation" in header, f"{lesson.name}.md has no jupytext header: the book would not execute it"
    assert "kernelspec" in header, f"{lesson.name}.md names no kernel"


def test_both_sides_hold_the_same_cells(lesson):
    ours, theirs = notebook(lesson.with_suffix(".md")), nbformat.read(lesson.with_suffix(".ipynb"), 4)
    mend = "keep what you changed in the .ipynb by hand, then `make sync` writes it from the .md"
    for number, (ours_, theirs_) in enumerate(zip(ours.cells, theirs.cells, strict=False)):
        for part in ("cell_type", "source", "metadata", "id"):
            assert ours_[part] == theirs_[part], f"{lesson.name}: the sides differ in cell {number} ({part}): {mend}"
    assert len(ours.cells) == len(theirs.cells), f"{lesson.name}: one side has more cells: {mend}"
    assert ours.metadata == theirs.metadata, f"{lesson.name}: the notebook's metadata differ: {mend}"


def test_a_notebook_carries_no_outputs(lesson):
    for cell in nbformat.read(lesson.with_suffix(".ipynb"), 4).cells:
        ran = cell.cell_type == "code" and (cell.outputs or cell.execution_count)
        assert not ran, f"{lesson.name}.ipynb carries outputs: `make sync` writes it without"


def test_prose_is_plain_markdown(lesson):
    for text in cells(lesson, "markdown"):
        found = DIRECTIVE.search(text)
        assert not found, (
            f"{lesson.name}.md: {found.group().strip()!r} is no plain Markdown; GitHub and Colab show it raw"
        )


def test_sections_are_there_and_in_order(lesson):
    headings = re.findall(r"^## (.+)$", "\n".join(cells(lesson, "markdown")), re.MULTILINE)
    assert [name for name in headings if name in SECTIONS] == SECTIONS, f"{lesson.name}.md has the sections {headings}"


def test_solutions_are_folded_and_checked(lesson):
    nb = jupytext.read(lesson.with_suffix(".md"))
    start = next(number for number, cell in enumerate(nb.cells) if "## Solutions" in cell.source)
    solutions = [cell for cell in nb.cells[start:] if cell.cell_type == "code"]
    assert len(solutions) >= 3, f"{lesson.name}.md: three exercises want three solutions"
    for cell in solutions:
        assert "hide-cell" in cell.metadata.get("tags", []), (
            f"{lesson.name}.md: tag this solution hide-cell:\n{cell.source}"
        )
    assert sum("assert" in cell.source for cell in solutions) >= 3, f"{lesson.name}.md: a solution asserts nothing"


def test_a_lesson_asserts_something_before_its_solutions(lesson):
    text = lesson.with_suffix(".md").read_text(encoding="utf-8").split("## Solutions")[0]
    assert re.search(r"^\s*assert ", text, re.MULTILINE), f"{lesson.name}.md asserts nothing: it could not fail"


def test_links_lead_somewhere(lesson):
    for text in cells(lesson, "markdown"):
        for target in LINK.findall(text):
            if "://" not in target:
                assert (LESSONS / target).exists(), f"{lesson.name}.md links to {target}, which is not there"


def test_only_lessons_that_use_helpers_install_them(lesson):
    code = "\n".join(cells(lesson, "code"))
    uses = bool(re.search(r"^from helpers import", code, re.MULTILINE))
    installs = "repository" in cells(lesson, "code")[0]
    assert uses == installs, (
        f"{lesson.name}.md: its first cell must install helpers exactly if a later one imports them"
    )


def test_lessons_install_helpers_from_where_the_config_says(lesson):
    repository = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]
    for found in re.findall(r'^repository, ref = "(.+)", "(.+)"$', cells(lesson, "code")[0], re.MULTILINE):
        assert found == (repository["url"], repository["branch"]), f"{lesson.name}: `make repository URL=… REF=…`"


def test_lessons_that_want_a_gpu_ask_colab_for_one():
    asks = {name for name in NAMES if notebook(LESSONS / f"{name}.md").metadata.get("accelerator") == "GPU"}
    wants = {name for name in NAMES if name[:2] in ("09", "10", "11")}
    assert asks == wants, "a lesson that trains on pictures calls get_device(); then make sync asks for a GPU"


def test_stamping_an_address_changes_every_place():
    old, new = {"url": "https://a.org/x", "branch": "main"}, {"url": "https://b.org/y", "branch": "v1"}
    text = 'repository, ref = "https://a.org/x", "main"\n  url: https://a.org/x\n  branch: main\n'
    wanted = 'repository, ref = "https://b.org/y", "v1"\n  url: https://b.org/y\n  branch: v1\n'
    assert stamped(text, old, new) == wanted


def test_every_lesson_is_in_the_book():
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert all(f"lessons/{name}\n" in toc for name in NAMES), "a lesson is missing from _toc.yml"
