"""The fixtures of the tests that drive demos: a small book of them, and MNIST."""

import re
import subprocess
import sys

import pytest

from helpers import load_data
from tests.support.browser import watch
from tests.support.demos import LESSONS
from tools.places import ROOT

CONF = """
import sys
sys.path.insert(0, {extensions!r})
extensions = ["myst_parser", "demos"]
html_theme = "sphinx_book_theme"
html_static_path = [{static!r}]
html_context = {{"default_mode": "auto"}}
"""
PAGE = """# A demo

Before it: a paragraph [that goes on after its link](https://example.org/page.html#demo-{name}), and so stays as it is.

{link}

After it.
"""


@pytest.fixture(scope="session")
def book(tmp_path_factory):
    """A small book: each page has the link that a lesson has in the place of its demo."""
    folder = tmp_path_factory.mktemp("book")
    for name, page in LESSONS.items():
        text = (ROOT / f"lessons/{page}.md").read_text(encoding="utf-8")
        links = re.findall(rf"^\[.+\]\(https://.+/lessons/{page}\.html#demo-{name}\)$", text, re.MULTILINE)
        assert len(links) == 1, f"{page}.md has no paragraph, or more than one, that is a link to #demo-{name}"
        (folder / f"{page}.md").write_text(PAGE.format(name=name, link=links[0]), encoding="utf-8")
    (folder / "index.md").write_text("# Book\n\n```{toctree}\n:glob:\n*\n```\n", encoding="utf-8")
    (folder / "conf.py").write_text(CONF.format(extensions=str(ROOT / "_ext"), static=str(ROOT / "_static")))
    subprocess.run([sys.executable, "-m", "sphinx", "-qW", folder, folder / "html"], check=True)
    return folder / "html"


@pytest.fixture
def show(chromium, book):
    """A function that opens a demo's page, from a file, and returns the demo; nothing may go wrong on the page."""
    opened = []

    def show(name, where=None, **context):
        context = chromium.new_context(**{"reduced_motion": "reduce", **context})
        page = context.new_page()
        opened.append((context, watch(page)))
        page.goto(((where or book) / f"{LESSONS[name]}.html").as_uri())
        demo = page.locator(f"[data-demo={name}]")
        demo.scroll_into_view_if_needed()
        return demo

    yield show
    for context, faults in opened:
        context.close()
        assert not faults


@pytest.fixture(scope="session")
def data():
    """MNIST as the lessons have it: the full set, or the sample."""
    return load_data("mnist")
