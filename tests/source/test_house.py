"""Gate 3: what is imported is ours, or declared; the project says which edition it is."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical

from tools.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INSTALLS = metadata.packages_distributions()


def read(name):
    """The text of a file."""
    return (ROOT / name).read_text(encoding="utf-8")


def test_installed_packages_of_the_same_names_do_not_shadow_ours(tmp_path):
    for package in ("tests", "tools", "benchmarks"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise ImportError('a stranger')")
    code = f"import site; site.addsitedir({str(tmp_path)!r}); import tests, tools, benchmarks; print(tests.__file__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == str(ROOT / "tests/__init__.py"), done.stderr


def imported(pattern):
    """The packages that some files import, by the names under which they are installed."""
    nodes = [node for path in ROOT.glob(pattern) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {canonical(name) for module in modules for name in INSTALLS.get(module.split(".")[0], [])}


def test_what_is_imported_is_declared_and_helpers_need_no_more():
    helpers = {canonical(Requirement(line).name) for line in PROJECT["dependencies"]}
    lines = [line for line in read("requirements.txt").splitlines() if not line.startswith(("#", "-"))]
    house = {canonical(Requirement(line).name) for line in lines}
    uses = {
        pattern: imported(pattern) - {"pytorch-by-hand"} for pattern in ("helpers/*.py", "*/*.py", "*/*/*.py", "*.py")
    }
    assert uses["helpers/*.py"] == helpers
    assert set().union(*uses.values()) <= helpers | house


def test_the_changelog_begins_with_the_edition_at_hand():
    editions = re.findall(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)
    assert editions[0] == PROJECT["version"]
    assert f"\nversion: {editions[0] if 'dev' not in editions[0] else editions[1]}\n" in read("CITATION.cff")
