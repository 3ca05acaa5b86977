"""Gate 6: what decides that a page runs again, asked without building one."""

import json
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools import stale

PAGE = "# A page\n\n```{{code-cell}} ipython3\n{}\n```\n"
HEADER = "---\njupytext:\n  text_representation:\n    extension: .md\n    format_name: myst\n---\n\n"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A book's folders, where the records and helpers lie, with nothing remembered of another."""
    for folder, file in {
        "lessons": "01_a.md",
        "results": "mnist.csv",
        "helpers": "plots.py",
        "pages": "page.md",
    }.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_text("")
    monkeypatch.setattr(stale, "ROOT", tmp_path)
    monkeypatch.setattr(stale, "HELPERS", [tmp_path / "helpers/plots.py"])
    monkeypatch.setattr(stale, "STYLE", [tmp_path / "lessons/matplotlibrc"])
    return tmp_path


def key(root, code):
    """The key of a page with some code; a new build remembers nothing of the last."""
    for function in (stale.digest, stale.source, stale.packages):
        function.cache_clear()
    page = root / "pages/page.md"
    page.write_text(HEADER + PAGE.format(code))
    return stale.key(page)


CHANGES = {  # code of a page, the file that changes, and the fact by which the page's key differs then
    "helpers": ("from helpers import fit", "helpers/plots.py"),
    "results": ('from helpers import load_results\nload_results("mnist")', "results/mnist.csv"),
    "../lessons": ('from pathlib import Path\nPath("../lessons").glob("*.md")', "lessons/01_a.md"),
    "points.csv": ('import pandas\npandas.read_csv("points.csv")', "pages/points.csv"),
    "style": ("x = 1", "lessons/matplotlibrc"),
}


@pytest.mark.parametrize("fact", CHANGES)
def test_a_page_depends_on_the_files_that_it_uses(root, fact):
    code, file = CHANGES[fact]
    before = key(root, code)
    (root / file).write_text("changed")
    after = key(root, code)
    assert [name for name in before | after if before.get(name) != after.get(name)] == [fact]


@pytest.mark.parametrize("file", ["helpers/plots.py", "results/mnist.csv", "lessons/01_a.md"])
def test_a_page_depends_on_no_file_that_it_does_not_use(root, file):
    before = key(root, "import torch\n%time torch.ones(3)")
    (root / file).write_text("changed")
    assert key(root, "import torch\n%time torch.ones(3)") == before


def test_prose_is_no_part_of_the_key(root):
    before = key(root, "x = 1")
    assert key(root, "x = 1\n```\n\nA new sentence.\n\n```{code-cell} ipython3\ny = 2") == before


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_another_source_of_data_runs_the_pages_that_load_them(root, monkeypatch, name):
    code = f'from helpers import load_data\nload_data("{name}")'
    monkeypatch.setattr(stale, "load_data", lambda name: SimpleNamespace(source=f"the sample of {name}"))
    assert key(root, code)[name] == f"the sample of {name}"
    assert "mnist" not in key(root, 'text = "mnist"')


def test_another_version_of_a_package_runs_the_pages_that_import_it(root, monkeypatch):
    code, real = "import torch.nn as nn\nfrom sklearn.datasets import load_iris", metadata.version
    before = key(root, code)
    assert {"torch", "sklearn", "python"} < before.keys()
    monkeypatch.setattr(metadata, "version", lambda name: "99.0" if name == "torch" else real(name))
    after = key(root, code)
    assert [name for name in before if before[name] != after[name]] == ["torch"]


def test_a_page_that_uses_helpers_depends_on_what_they_import(root):
    (root / "helpers/plots.py").write_text("import scipy")
    assert "scipy" in key(root, "from helpers import fit")


class Cache:
    """The cache of executed pages, as far as `forget` asks it: records by the path at which a page was executed."""

    def __init__(self, *uris):
        self.records = dict(enumerate(uris))

    def list_cache_records(self):
        """All records."""
        return [SimpleNamespace(pk=pk, uri=uri) for pk, uri in self.records.items()]

    def remove_cache(self, pk):
        """Forget one."""
        del self.records[pk]


def test_a_page_is_known_wherever_the_book_lay_when_it_was_executed(monkeypatch, capsys):
    cache = Cache(
        "/old/place/lessons/01_a.md", "/old/place/lessons/02_b.md", "/old/place/index.md", "/old/place/gone.md"
    )
    monkeypatch.setattr(stale, "get_cache", lambda path: cache)
    old = {"lessons/01_a.md": {"x": 1}, "lessons/02_b.md": {"x": 1}, "index.md": {}, "gone.md": {}}
    stale.forget(old, {"lessons/01_a.md": {"x": 1}, "lessons/02_b.md": {"x": 2, "y": 1}, "index.md": {}})
    assert list(cache.records.values()) == ["/old/place/lessons/01_a.md", "/old/place/index.md"]
    assert capsys.readouterr().out == "lessons/02_b.md runs again: changed x, y\n"


def test_each_set_and_the_packages_are_looked_at_once(monkeypatch, tmp_path):
    loaded = []
    monkeypatch.setattr(stale, "load_data", lambda name: loaded.append(name) or SimpleNamespace(source=name))
    monkeypatch.setattr(stale, "CACHE", tmp_path / "build/.jupyter_cache")
    monkeypatch.setattr(stale.data, "main", lambda: None)
    monkeypatch.setenv("LESSONS_OFFLINE", "0")
    stale.source.cache_clear()
    stale.main()
    assert sorted(loaded) == ["cifar10", "mnist"]
    keys = json.loads((tmp_path / "build/keys.json").read_text())
    assert keys.keys() == {page.relative_to(stale.ROOT).as_posix() for page in stale.PAGES}
    assert all(Path(stale.ROOT, page).exists() for page in keys)
