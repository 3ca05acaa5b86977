"""Gate 6: the book as it was built, and what a build runs again after which change."""

import json
import os
import re
import resource
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
import yaml

from helpers import load_data
from helpers.data import SETS
from tests.support import tiny_sets
from tools.places import HTML, ROOT, lesson

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
CHAPTERS = ["index", *(chapter["file"] for part in TOC["parts"] for chapter in part["chapters"])]
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
{code}
print("{name}", file=open("{log}", "a"))
```
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
    assert all(len(text.split()) >= 5 and "_images" not in text for text in texts), f"{chapter}: {texts}"


def test_the_mnist_page_says_what_it_was_trained_on():
    page = (HTML / f"lessons/{lesson('mnist').stem}.html").read_text(encoding="utf-8")
    full = "MNIST, the full set: 60,000 training and 10,000 test pictures"
    sample = "a sample of MNIST, not the full set: 5,000 of its digits"
    assert (full in page, sample in page) == ((True, False) if load_data("mnist").full else (False, True))


LAUNCH = re.compile(r'href="(https://(?:colab|mybinder|kaggle|www\.kaggle)[^"]+)"')


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_launch_buttons_name_a_notebook_that_is_there_at_that_ref(chapter):
    repository = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]
    notebook, slug = f"{chapter}.ipynb", repository["url"].removeprefix("https://github.com/")
    page = (HTML / f"{chapter}.html").read_text(encoding="utf-8")
    committed = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "HEAD"], cwd=ROOT, capture_output=True, text=True
    )
    wanted = [
        f"https://mybinder.org/v2/gh/{slug}/{repository['branch']}?urlpath=lab/tree/{notebook}",
        f"https://colab.research.google.com/github/{slug}/blob/{repository['branch']}/{notebook}",
        f"https://kaggle.com/kernels/welcome?src={repository['url']}/blob/{repository['branch']}/{notebook}",
    ]
    assert LAUNCH.findall(page) == (wanted if notebook in committed.stdout.splitlines() else []), chapter
    if chapter.startswith("lessons/"):
        assert f'href="../_sources/{notebook}"' in page, f"{chapter} has no button that downloads its notebook"
        assert (HTML / f"_sources/{notebook}").exists()


def children_seconds():
    """CPU seconds of all processes that this one has started and that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class SmallBook:
    """A copy of this project with three lessons of one line each, which note when they are executed."""

    def __init__(self, folder):
        self.folder, self.log = folder, folder / "log"
        left_out = (".venv", "_build", ".git", "data", "*.egg-info", "__pycache__", ".*_cache", "tests")
        shutil.copytree(ROOT, folder / "book", ignore=shutil.ignore_patterns(*left_out))
        self.book = folder / "book"
        (self.book / ".venv").symlink_to(ROOT / ".venv")
        for path in [*self.book.glob("lessons/*.*"), *self.book.glob("pages/*.md")]:
            path.unlink()
        self.take_tiny_sets()
        self.write("plain", "x = 1")
        self.write("uses_torch", "import torch")
        self.write("uses_data", 'from helpers import load_data\nload_data("mnist").source')
        chapters = [{"file": f"lessons/{name}"} for name in ("plain", "uses_torch", "uses_data")]
        (self.book / "_toc.yml").write_text(
            yaml.safe_dump({"format": "jb-book", "root": "index", "chapters": chapters})
        )
        (self.book / "index.md").write_text("# A small book\n")

    def take_tiny_sets(self):
        """Let this copy take tiny sets for the published ones, so that it has two sources of data."""
        tiny_sets.make(self.folder / "tiny")
        toml = self.book / "helpers/sets.toml"
        text = toml.read_text(encoding="utf-8")
        for name, entry in json.loads((self.folder / "tiny/entries.json").read_text()).items():
            for field in ("rows", "sha256"):
                text = text.replace(str(SETS[name][field]), str(entry[field]))
        toml.write_text(text, encoding="utf-8")

    def write(self, name, code):
        """Write a lesson."""
        (self.book / f"lessons/{name}.md").write_text(LESSON.format(name=name, code=code, log=self.log))

    def build(self, **environment):
        """Run `make book`; returns the lessons that it executed, and CPU seconds (other processes may be busy)."""
        self.log.write_text("")
        start = children_seconds()
        paths = [environment.pop("packages", ""), str(self.book)]
        environment = {"LESSONS_DATA": "sample", "PYTHONPATH": os.pathsep.join(filter(None, paths))} | environment
        done = subprocess.run(
            ["make", "book"], cwd=self.book, env=os.environ | environment, capture_output=True, text=True, timeout=300
        )
        self.output = done.stdout + done.stderr
        self.green = done.returncode == 0
        return sorted(self.log.read_text().split()), children_seconds() - start


@pytest.fixture(scope="module")
def small_book(tmp_path_factory):
    """The small book after its first build."""
    book = SmallBook(tmp_path_factory.mktemp("book"))
    executed, _ = book.build()
    assert book.green, book.output
    assert executed == ["plain", "uses_data", "uses_torch"]
    return book


def test_a_second_build_executes_nothing_and_is_quick(small_book):
    executed, seconds = small_book.build()
    print(f"{seconds:.1f} s")
    assert (small_book.green, executed) == (True, [])
    assert seconds < 20


def test_an_edit_of_prose_executes_nothing_and_is_shown(small_book):
    page = small_book.book / "lessons/uses_data.md"
    page.write_text(page.read_text() + "\nA new sentence.\n")
    executed, seconds = small_book.build()
    assert (small_book.green, executed) == (True, [])
    assert "A new sentence." in (small_book.book / "_build/html/lessons/uses_data.html").read_text()
    assert seconds < 30


def test_an_edit_in_helpers_executes_the_lessons_that_use_them(small_book):
    plots = small_book.book / "helpers/plots.py"
    plots.write_text(plots.read_text() + "\n# a new comment\n")
    assert small_book.build()[0] == ["uses_data"], small_book.output
    assert "uses_data.md runs again: changed helpers" in small_book.output


def test_another_source_of_data_executes_the_lessons_that_load_them(small_book):
    tiny, cache = str(small_book.folder / "tiny/pictures"), str(small_book.folder / "cache")
    assert small_book.build(LESSONS_DATA=tiny, LESSONS_CACHE=cache)[0] == ["uses_data"], small_book.output
    assert "uses_data.md runs again: changed mnist" in small_book.output


def test_another_torch_executes_the_lessons_that_use_it(small_book):
    record = small_book.folder / "packages/torch-99.0.dist-info"
    record.mkdir(parents=True)
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 99.0\n")
    assert small_book.build(packages=str(record.parent))[0] == ["uses_data", "uses_torch"], small_book.output


def test_a_failing_assert_is_red_and_named(small_book):
    small_book.write("plain", "assert 1 + 1 == 3")
    small_book.build()
    assert not small_book.green
    assert re.search(r"plain.*ExecutionError|ExecutionError.*plain", small_book.output, re.DOTALL)
    small_book.build()
    assert not small_book.green, "a second build of a broken book is green"


def test_a_warning_is_red_and_named(small_book):
    small_book.write("plain", 'import warnings\nwarnings.warn("beware")')
    small_book.build()
    assert not small_book.green
    assert "plain" in small_book.output
    small_book.build()
    assert not small_book.green, "a second build with a warning is green"
