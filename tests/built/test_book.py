"""Gate 6: the book as it was built, and what a build runs again after which change."""

import html
import os
import re
import resource
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from docutils.nodes import Text
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from quickjs import JSException

from _ext import katex, launch
from helpers import load_data
from tests.support.pages import CHAPTERS, FOLDERS, count
from tools.places import HTML, ROOT, lesson

LESSON = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
    format_version: 0.13
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# {name}

```{{code-cell}} ipython3
:tags: [hide-input]

{code}
print("{name}", file=open("{log}", "a"))
```
"""


INDEX = f"""# A small book

**The question.** What does a page say of itself? {"Word after word. " * 20}

> **Predict.** Is this a callout for $x^2$?
"""


class Images(HTMLParser):
    """Collects the alternative texts of a page's images."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Note an image; the theme's logo and icons lie outside `_images`."""
        attributes = dict(attributes)
        if tag == "img" and "_images" in attributes.get("src", ""):
            self.found.append(attributes.get("alt", ""))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_figure_says_what_is_seen(chapter):
    texts = Images((HTML / f"{chapter}.html").read_text(encoding="utf-8")).found
    assert all(count(text) >= 5 and "_images" not in text for text in texts), f"{chapter}: {texts}"


def test_the_mnist_page_says_what_it_was_trained_on():
    page = (HTML / f"lessons/{lesson('mnist').stem}.html").read_text(encoding="utf-8")
    assert html.escape(load_data("mnist").source, quote=False) in page


LAUNCH = re.compile(r'href="(https://(?:colab|mybinder|kaggle|www\.kaggle)[^"]+)"')


def repository(book):
    """The address and the branch that a book's configuration names."""
    return yaml.safe_load((book / "_config.yml").read_text(encoding="utf-8"))["repository"]


def launch_addresses(book, chapter):
    """Where the buttons of a chapter have to lead: to its notebook at the address and branch of the repository."""
    url, branch = (repository(book)[name] for name in ("url", "branch"))
    notebook, slug = f"{chapter}.ipynb", url.removeprefix("https://github.com/")
    return [
        f"https://mybinder.org/v2/gh/{slug}/{branch}?urlpath=lab/tree/{notebook}",
        f"https://colab.research.google.com/github/{slug}/blob/{branch}/{notebook}",
        f"https://kaggle.com/kernels/welcome?src={url}/blob/{branch}/{notebook}",
    ]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_launch_buttons_of_the_book(chapter):
    page = (HTML / f"{chapter}.html").read_text(encoding="utf-8")
    launched = (ROOT / f"{chapter}.ipynb").exists() and "OWNER" not in repository(ROOT)["url"]
    assert LAUNCH.findall(page) == (launch_addresses(ROOT, chapter) if launched else [])
    folder = max((folder for folder in FOLDERS if chapter.startswith(folder)), key=len)
    name = chapter.removeprefix(folder)
    if name.startswith("lessons/"):
        assert f'href="../_sources/{name}.ipynb"' in page, f"{chapter} has no button that downloads its notebook"
        assert (HTML / f"{folder}_sources/{name}.ipynb").exists()


def children_seconds():
    """CPU seconds of all processes that this one has started and that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class SmallBook:
    """A copy of this project with a few lessons of one line each, which note when they are executed."""

    LESSONS = {  # noqa: RUF012
        "draws": "import matplotlib.pyplot as plt\nplt.plot([1, 2])",
        "plain": "x = 1",
        "uses_data": 'from helpers import load_data\nload_data("mnist").source',
    }

    def __init__(self, folder):
        self.folder, self.log = folder, folder / "log"
        self.book = folder / "book"
        left_out = (".venv", "_build", ".git", "data", "*.egg-info", "__pycache__", ".*_cache", "tests")
        shutil.copytree(ROOT, self.book, ignore=shutil.ignore_patterns(*left_out))
        (self.book / ".venv").symlink_to(ROOT / ".venv")
        for path in [*self.book.glob("lessons/*.*"), *self.book.glob("pages/*.md")]:
            path.unlink()
        shutil.copy(ROOT / "lessons/matplotlibrc", self.book / "lessons")
        for name, code in self.LESSONS.items():
            self.write(name, code)
        (self.book / "lessons/plain.ipynb").write_text("{}")  # a page that can be launched; the others cannot
        config = self.book / "_config.yml"
        config.write_text(config.read_text().replace(repository(ROOT)["url"], "https://github.com/somebody/book"))
        contents = {"format": "jb-book", "root": "index", "chapters": [{"file": f"lessons/{n}"} for n in self.LESSONS]}
        (self.book / "_toc.yml").write_text(yaml.safe_dump(contents))
        (self.book / "index.md").write_text(INDEX, encoding="utf-8")

    def write(self, name, code):
        """Write a lesson."""
        (self.book / f"lessons/{name}.md").write_text(LESSON.format(name=name, code=code, log=self.log))

    def page(self, name):
        """The text of a lesson's built page."""
        return (self.book / f"_build/html/{name}.html").read_text(encoding="utf-8")

    def build(self):
        """Run `make book` in a shell that asks for another back end of Matplotlib; returns what it executed."""
        self.log.write_text("")
        shell = {"LESSONS_DATA": "sample", "PYTHONPATH": str(self.book), "MPLBACKEND": "Agg"}
        done = subprocess.run(
            ["make", "book"], cwd=self.book, env=os.environ | shell, capture_output=True, text=True, timeout=300
        )
        self.output = done.stdout + done.stderr
        self.green = done.returncode == 0
        return sorted(self.log.read_text().split())


@pytest.fixture(scope="module")
def small_book(tmp_path_factory):
    """The small book after its first build."""
    book = SmallBook(tmp_path_factory.mktemp("book"))
    executed = book.build()
    assert book.green, book.output
    assert executed == sorted(book.LESSONS)
    return book


def test_figures_are_there_whatever_back_end_the_shell_asks_for(small_book):
    assert re.search(r"<img [^>]*_images/\w+\.svg", small_book.page("lessons/draws"))


def test_a_page_describes_itself_by_what_follows_the_bold_words(small_book):
    description = re.search(r'<meta name="description" content="([^"]+)"', small_book.page("index")).group(1)
    assert description.startswith("What does a page say of itself? Word after word.")
    assert description.endswith(("word …", "after …", "word. …", "Word …"))
    assert 130 < len(description) <= 160


def test_quotes_that_begin_with_a_bold_word_are_callouts_and_formulas_are_typeset(small_book):
    quote = re.search(r"<blockquote class=\"([^\"]+)\">.*?</blockquote>", small_book.page("index"), re.DOTALL)
    assert quote.group(1) == "callout predict"
    assert '<span class="katex"><span class="katex-mathml"><math' in quote.group()


def test_what_folds_is_named_by_what_it_shows(small_book):
    page = small_book.page("lessons/plain")
    assert re.search(r"<summary>\s*<p[^>]*>Show code cell source", page)
    assert not re.search(r"<(summary|button[^>]*search-button-field)[^>]* aria-label", page)


def test_a_page_loads_one_sheet_and_one_script_of_the_book(small_book):
    page, static = small_book.page("lessons/plain"), small_book.book / "_build/html/_static"
    sheets = [tag for tag in re.findall(r"<link [^>]*>", page) if 'rel="stylesheet"' in tag]
    assert len(sheets) == 1
    assert 'href="../_static/pages.css?v=' in sheets[0]
    assert re.findall(r'<script[^>]* src="([^"?]+)', page) == ["../_static/pages.js"]
    css = (static / "pages.css").read_text(encoding="utf-8")
    assert '@font-face{font-family:"Font Awesome' not in css
    drawn = set(re.findall(r"\.fa-([-\w]+)\{--icon:url", css))
    assert {"rocket", "download", "magnifying-glass", "bars"} <= drawn
    assert (static / "pages.js").read_text(encoding="utf-8").count("beforeprint") == 1


def test_a_kernel_draws_into_the_page_without_make(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    installed = Path(sys.prefix) / "etc/ipython/ipython_kernel_config.py"
    assert installed.read_text() == (ROOT / "_ext" / installed.name).read_text(), "make has not installed the settings"
    notebook = new_notebook(cells=[new_code_cell("import matplotlib\nmatplotlib.get_backend()")])
    NotebookClient(notebook, kernel_name="python3").execute()
    assert notebook.cells[0].outputs[0].data["text/plain"].endswith("inline'")


BUTTONS = {  # the repository, the page, and which of the theme's buttons stay there
    ("https://github.com/OWNER/book", "lessons/plain"): [],
    ("https://github.com/somebody/book", "lessons/plain"): ["Colab", "Kaggle", "repository"],
    ("https://gitlab.com/somebody/book", "lessons/plain"): ["Colab", "repository"],
    ("https://github.com/somebody/book", "pages/map"): ["repository"],
}


@pytest.mark.parametrize(("url", "page"), BUTTONS)
def test_buttons_lead_somewhere(tmp_path, url, page):
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons/plain.ipynb").touch()
    options = {"repository_url": url, "repository_branch": "main"}
    app = SimpleNamespace(srcdir=tmp_path, config=SimpleNamespace(html_theme_options=options))
    launch_group = {"label": "launch-buttons", "buttons": [{"text": "Colab"}]}
    context = {"header_buttons": [launch_group, {"label": "source-repository-button", "text": "repository"}]}
    launch.choose_buttons(app, page, "page.html", context, None)
    buttons = [one for button in context["header_buttons"] for one in button.get("buttons", [button])]
    assert [button["text"] for button in buttons] == BUTTONS[url, page]


@pytest.mark.parametrize("formula", [r"\frac{1", "x = 学习率"])
def test_a_formula_that_is_none_ends_the_build(formula):
    write, _ = katex.renderer(display=False)
    with pytest.raises(JSException, match=r"KaTeX|LaTeX"):
        write(SimpleNamespace(body=[]), Text(formula))


@pytest.mark.parametrize("name", SmallBook.LESSONS)
def test_launch_buttons_of_a_stamped_book_lead_to_notebooks_that_are_there(small_book, name):
    wanted = launch_addresses(small_book.book, "lessons/plain") if name == "plain" else []
    assert LAUNCH.findall(small_book.page(f"lessons/{name}")) == wanted


def test_a_moved_book_with_new_prose_executes_nothing_and_is_quick(small_book):
    new = small_book.folder / "moved"
    small_book.book.rename(new)
    small_book.book = new
    page = new / "lessons/uses_data.md"
    page.write_text(page.read_text() + "\nA new sentence.\n")
    before = children_seconds()
    assert small_book.build() == []
    assert small_book.green, small_book.output
    assert "A new sentence." in small_book.page("lessons/uses_data")
    assert children_seconds() - before < 30  # CPU seconds: other processes may be busy


def test_faults_are_red_and_named_at_every_build_and_new_helpers_execute_what_uses_them(small_book):
    plots = small_book.book / "helpers/plots.py"
    plots.write_text(plots.read_text() + "\n# a new comment\n")
    small_book.write("draws", 'import warnings\nwarnings.warn("beware")')
    small_book.write("plain", "assert 1 + 1 == 3")
    for executed in (["draws"], []):
        assert small_book.build() == executed, small_book.output
        assert not small_book.green, "a build with faults is green"
        assert "lessons/uses_data.md runs again: changed helpers" in small_book.output or not executed
        assert re.search(r"draws\.md:\d+: ERROR: stderr was found", small_book.output), small_book.output
        assert re.search(r"plain.*ExecutionError|ExecutionError.*plain", small_book.output, re.DOTALL), (
            small_book.output
        )
