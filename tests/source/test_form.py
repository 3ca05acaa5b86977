"""Gate 3: each lesson is plain Markdown, opens and ends as a lesson does, asserts, and links to what is there."""

import re

import jupytext
import yaml
from myst_parser.mdit_to_docutils.base import default_slugify

from tests.source.conftest import names
from tools.places import LESSONS, ROOT, name_of
from tools.sync import notebook, tagged
from tools.tables import opening

DIRECTIVE = re.compile(r"^\s*(:{3,}|`{3,})\{(?!code-cell)|(?<!`)\{[a-z:-]+\}`", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)(?:#([^)\s]+))?")


def cells(lesson, kind):
    """The sources of a lesson's cells of one kind."""
    return [cell.source for cell in jupytext.read(lesson.with_suffix(".md")).cells if cell.cell_type == kind]


def test_prose_is_plain_markdown(lesson):
    for text in cells(lesson, "markdown"):
        found = DIRECTIVE.search(text)
        assert not found, (
            f"{lesson.name}.md: {found.group().strip()!r} is no plain Markdown; GitHub and Colab show it raw"
        )


def test_a_lesson_opens_with_its_question(lesson):
    title, question, minutes = opening(lesson.with_suffix(".md"))
    assert re.fullmatch(r"\S[^#\n]+", title), f"{lesson.name}.md: its first line is its title"
    assert "?" in question, f"{lesson.name}.md: its first paragraph is its question, not {question!r}"
    assert 5 <= minutes <= 90, f"{lesson.name}.md: `minutes` in its header is the time that reading it takes"


def section(nb, name):
    """The number of the cell in which a section begins, or None; the name is a pattern."""
    return next((n for n, cell in enumerate(nb.cells) if re.search(f"## ({name})", cell.source)), None)


def test_solutions_follow_the_exercises_folded_and_checked(lesson):
    nb = jupytext.read(lesson.with_suffix(".md"))
    exercises, answers = (
        section(nb, name) for name in ("Exercises|Puzzles", "Solutions")
    )  # an exercise may begin with code
    assert exercises, f"{lesson.name}.md has no section «Exercises»"
    solutions = [cell for cell in nb.cells[answers or exercises :] if cell.cell_type == "code"]
    assert solutions == tagged(nb, "hide-cell"), f"{lesson.name}.md: solutions have the tag hide-cell, and only they"
    asserting = sum("assert" in cell.source for cell in solutions)
    assert asserting >= 3, f"{lesson.name}.md: three exercises want three solutions that assert something"


def test_a_lesson_asserts_something_before_its_solutions(lesson):
    cells = [cell for cell in jupytext.read(lesson.with_suffix(".md")).cells if cell.cell_type == "code"]
    told = "\n".join(cell.source for cell in cells if "hide-cell" not in cell.metadata.get("tags", []))
    assert re.search(r"^\s*assert ", told, re.MULTILINE), f"{lesson.name}.md asserts nothing: it could not fail"


def test_alternative_texts_say_what_is_seen(lesson):
    nb = jupytext.read(lesson.with_suffix(".md"))
    images = [cell.metadata.get("mystnb", {}).get("image", {}) for cell in nb.cells]
    texts = [image["alt"] for image in images if "alt" in image]
    assert texts
    assert not [text for text in texts if len(text.split()) < 5 or texts.count(text) > 1], lesson.name


def anchors(page):
    """The names by which the book links to a page's headings."""
    headings = re.findall(r"^#{1,3} (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {default_slugify(heading.replace("`", "")) for heading in headings}


def test_links_lead_somewhere(lesson):
    for text in cells(lesson, "markdown"):
        for target, anchor in LINK.findall(text):
            if "://" not in target:
                page = LESSONS / target
                assert page.exists(), f"{lesson.name}.md links to {target}, which is not there"
                assert not anchor or anchor in anchors(page), f"{lesson.name}.md: {target} has no heading #{anchor}"


def test_a_link_to_a_demo_leads_to_the_page_that_it_stands_on(lesson):
    for page, name in re.findall(r"/lessons/(\w+)\.html#demo-(\w+)\)", "\n".join(cells(lesson, "markdown"))):
        assert page == lesson.name, f"{lesson.name}.md has a demo of {page}"
        assert (ROOT / f"_static/demos/{name}.js").exists(), f"{lesson.name}.md: there is no demo {name!r}"


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
    asks = {name for name in names() if notebook(LESSONS / f"{name}.md").metadata.get("accelerator") == "GPU"}
    wants = {
        path.stem
        for path in LESSONS.glob("*.md")
        if name_of(path) in ("mnist", "cifar10", "cifar10_better", "cifar10_fast")
    }
    assert asks == wants, "a lesson that trains on pictures calls get_device(); then make sync asks for a GPU"


def test_every_lesson_is_in_the_book():
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert all(f"lessons/{name}\n" in toc for name in names()), "a lesson is missing from _toc.yml"
