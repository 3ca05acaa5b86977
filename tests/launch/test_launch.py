"""Gate 4: a lesson launched where only Colab's packages are, its own first cell fetching the rest, runs to its end.

The quickest lesson with helpers and the quickest without run whole every time, of the others what they import;
LAUNCH=all runs all of them whole.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import jupytext
import nbformat
import pandas as pd
import pytest
import yaml
from packaging.requirements import Requirement

from tests.support import colab
from tools.places import ROOT, name_of
from tools.stamp import repository

URL, REF = "https://github.com/launch-test/another-name", "v9.9"
PLACEHOLDER = "https://github.com/OWNER/pytorch-by-hand"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LESSONS = {
    path.stem: [c.source for c in jupytext.read(path).cells if c.cell_type == "code"]
    for path in ROOT.glob("lessons/*.md")
}
LAUNCHED = sorted(name for name, cells in LESSONS.items() if "repository, ref" in cells[0])
PLAIN = sorted(LESSONS.keys() - LAUNCHED)
SECONDS = pd.read_csv(ROOT / "results/lessons.csv").groupby("lesson").seconds.min().to_dict()
QUICK = [min(names, key=lambda name: SECONDS.get(name_of(Path(name)), 999)) for names in (PLAIN, LAUNCHED)]
WHOLE = sorted(LESSONS) if os.environ.get("LAUNCH") == "all" else QUICK
CELLS = sorted({LESSONS[name][0] for name in LAUNCHED})
ONNX = [Requirement(line).name for line in PROJECT["optional-dependencies"]["onnx"]]


def imports(cells):
    """All import statements of a lesson, one a line."""
    trees = (ast.parse(re.sub(r"^[%!].*$", "", cell, flags=re.MULTILINE)) for cell in cells)
    found = {ast.unparse(n) for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)}
    return "\n".join(sorted(found))


def git(folder, *arguments):
    """Run git in a folder, as nobody in particular."""
    author = ["-c", "user.name=x", "-c", "user.email=x@y.z", "-c", "core.autocrlf=false"]
    return subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of this checkout with another address stamped into it, committed and tagged."""
    folder = tmp_path_factory.mktemp("copy") / "copy"
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()]
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", *ignored))
    subprocess.run([sys.executable, "-m", "tools.stamp", URL + ".git/", REF], cwd=folder, check=True)
    return committed(folder)


def committed(folder):
    """The folder, as a repository whose only commit is tagged with the stamped reference."""
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "a copy")
    git(folder, "tag", REF)
    return folder


class Host:
    """A machine that has what Colab has; each `run` finds it as new. Its network is a folder of wheels, and git."""

    def __init__(self, folder):
        self.folder = folder
        self.packages = colab.packages(folder / "packages")
        self.network = {"PIP_NO_INDEX": 1, "PIP_FIND_LINKS": colab.wheels(folder / "wheels", ONNX)}

    def run(self, code, repository, url=URL, **variables):
        """Run code or a notebook in a fresh environment, where the address leads to this repository."""
        python = colab.environment(self.folder / "environment", self.packages)
        insteadof = {"GIT_CONFIG_KEY_0": f"url.{repository.as_uri()}.insteadOf", "GIT_CONFIG_VALUE_0": url}
        return colab.run(python, code, self.folder, **({"GIT_CONFIG_COUNT": 1} | insteadof | self.network | variables))

    def installed(self):
        """The packages that the last run installed."""
        found = (self.folder / "environment").glob("**/*.dist-info/METADATA")
        return {re.search(r"^Name: (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE).group(1) for file in found}


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """What Colab has."""
    return Host(tmp_path_factory.mktemp("host"))


def code_cells(path):
    """The code cells of a notebook."""
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("name", WHOLE)
def test_a_lesson_alone_runs_to_its_end(host, copy, name):
    done = host.run(copy / f"lessons/{name}.ipynb", copy)
    assert done.returncode == 0, done.stderr[-3000:]
    cells = code_cells(host.folder / f"work/{name}.ipynb")
    assert all(cell.execution_count for cell in cells), f"{name}: a cell did not run"
    said = [output.text for cell in cells for output in cell.outputs if output.get("name") == "stderr"]
    assert not said, f"{name} writes to stderr: {said}"
    assert host.installed() >= ({"pytorch-by-hand"} if name in LAUNCHED else set())
    left = {path.name for path in (host.folder / "work").iterdir()} - {f"{name}.ipynb"}
    assert not left, f"{name} leaves {left} where it ran"


@pytest.mark.parametrize("name", LAUNCHED)
def test_first_cells_differ_in_onnx_only(name):
    cell, common = LESSONS[name][0], LESSONS[LAUNCHED[0]][0]
    extra = "[onnx]" if "import onnxruntime" in imports(LESSONS[name]) else ""
    assert cell == common.replace("[onnx]", "").replace("-hand @", f"-hand{extra} @"), f"{name}: not as {LAUNCHED[0]}"


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "onnx" if "[onnx]" in cell else "helpers")
def test_a_first_cell_installs_all_that_its_lessons_import_and_no_more(host, copy, cell):
    lessons = [name for name in LAUNCHED if LESSONS[name][0] == cell]
    folder = "import os; os.mkdir('helpers')"  # an empty one is not in the way
    code = code_cells(copy / f"lessons/{lessons[0]}.ipynb")[0].source
    done = host.run("\n".join([folder, code, *(imports(LESSONS[name]) for name in lessons)]), copy)
    assert done.returncode == 0, f"{lessons}: {done.stderr[-3000:]}"
    wanted = {"pytorch-by-hand"} | (colab.beyond(ONNX) if "[onnx]" in cell else set())
    assert {colab.canonical(name) for name in host.installed()} == wanted
    (about,) = (host.folder / "environment").glob("**/pytorch_by_hand-*.dist-info")
    assert "\nLicense-Expression: BSD-3-Clause AND CC-BY-SA-3.0\n" in (about / "METADATA").read_text(encoding="utf-8")
    assert "handwriting.png" in (about / "licenses/LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize("stranger", ["helpers.py", "helpers/__init__.py"])
def test_another_helpers_in_the_way_is_named(host, copy, stranger):
    code = code_cells(copy / f"lessons/{QUICK[1]}.ipynb")[0].source
    code = (
        f"from pathlib import Path\nPath({stranger!r}).parent.mkdir(exist_ok=True)\nPath({stranger!r}).touch()\n{code}"
    )
    last = host.run(code, copy).stderr.strip().splitlines()[-1]
    path = host.folder / "work" / stranger
    assert last == f"ImportError: {path} hides the book's helpers: rename it, then restart"


def test_the_other_lessons_import_only_what_colab_has(host, copy):
    done = host.run("\n".join(imports(LESSONS[name]) for name in PLAIN), copy, PIP_FIND_LINKS="")
    assert done.returncode == 0, done.stderr[-3000:]
    assert not host.installed()


def test_this_machine_lacks_what_colab_lacks(host):
    assert find_spec("papermill"), "this environment has it: only the fresh one can find out"
    assert "No module named 'papermill'" in host.run("import papermill", host.folder).stderr


def test_without_internet_a_first_cell_says_one_clear_line(host, copy):
    cell = code_cells(copy / f"lessons/{QUICK[1]}.ipynb")[0].source
    nowhere = {"https_proxy": "http://127.0.0.1:9", "GIT_CONFIG_COUNT": 0, "PIP_RETRIES": 0}
    done = host.run(cell, copy, **nowhere)
    last = done.stderr.strip().splitlines()[-1]
    assert last == "ConnectionError: no helpers: on Kaggle, first switch the internet on", done.stderr
    assert "git" not in done.stderr.replace("git+", ""), "pip's and git's own lines hide it"
    assert not host.installed()


def test_beside_the_helpers_a_lesson_needs_no_network(host):
    folders = {name: str(ROOT / name) for name in ("helpers", "results")}  # as the repository's archive has them
    code = f"import shutil\nfor name, folder in {folders}.items(): shutil.copytree(folder, name)\n"
    recorded = "from helpers import load_results\nassert len(load_results('mnist'))"
    done = host.run("\n".join([code, LESSONS[QUICK[1]][0], recorded]), host.folder, https_proxy="http://127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    assert not host.installed()


def test_the_readme_names_the_lessons_that_need_no_helpers():
    numbers = [int(name[:2]) for name in PLAIN if name[:2].isdigit()]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    said = re.search(r"Lessons ([\d, to]+) and the puzzles need nothing else", text)[1]
    spans = [[int(number) for number in span.split(" to ")] for span in said.split(", ")]
    assert [number for span in spans for number in range(span[0], span[-1] + 1)] == numbers
    assert PLAIN[-1] == "puzzles"


def test_nothing_is_installed_from_the_placeholder(host, copy):
    cell = LESSONS[QUICK[1]][0]
    cell = re.sub(r"^repository, ref = .+$", f'repository, ref = "{PLACEHOLDER}", "{REF}"', cell, flags=re.MULTILINE)
    done = host.run(cell, copy, url=PLACEHOLDER)  # somebody has taken that address
    assert done.stderr.strip().splitlines()[-1].startswith("ImportError: no helpers: this copy has no address")
    assert not host.installed()


def test_stamping_an_address_leaves_no_other_in_any_file(copy):
    was = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]
    now = repository(URL, REF)
    for name in git(copy, "ls-files").split():
        if Path(name).suffix in (".md", ".ipynb", ".yml", ".cff", ".js", ".html") and not name.startswith("tests/"):
            before, after = ((folder / name).read_text(encoding="utf-8") for folder in (ROOT, copy))
            for part in ("url", "pages"):
                assert was[part] not in after, f"{name} still names {was[part]}"
                assert now[part] in after or was[part] not in before, f"{name} does not name {now[part]}"


def test_stamping_an_address_reaches_both_sides_of_each_lesson(copy):
    for name in LAUNCHED:
        for suffix in (".md", ".ipynb"):
            first = next(c for c in jupytext.read(copy / f"lessons/{name}{suffix}").cells if c.cell_type == "code")
            assert f'repository, ref = "{URL}", "{REF}"' in first.source
    config = (copy / "_config.yml").read_text(encoding="utf-8")
    assert f"  url: {URL} " in config
    assert f"  branch: {REF}\n" in config


@pytest.mark.parametrize("line", PROJECT["dependencies"])
def test_what_colab_has_suits_the_helpers(line):
    needed = Requirement(line)
    version = colab.COLAB.get(colab.canonical(needed.name))
    assert version, f"Colab has no {needed.name}: the first cells must install it, and this test must know"
    assert needed.specifier.contains(version), f"Colab has {needed.name} {version}: pip would replace it"


def test_binder_takes_cpu_wheels_of_the_tested_torch_and_what_lessons_import():
    lines = (ROOT / "binder/requirements.txt").read_text(encoding="utf-8").splitlines()[1:]
    tested = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    torch = [f"{line}+cpu" for line in tested if line.startswith(("torch==", "torchvision=="))]
    assert lines[:4] == ["--extra-index-url https://download.pytorch.org/whl/cpu", *torch, "-e .[onnx]"]
    assert set(lines[4:]) <= set((ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines())
    python = (ROOT / "binder/runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(python)
