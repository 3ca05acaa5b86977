"""Gate 3: what is imported is ours, whatever else is installed."""

import subprocess
import sys

from tools.places import ROOT


def test_installed_packages_of_the_same_names_do_not_shadow_ours(tmp_path):
    for package in ("tests", "tools", "benchmarks"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise ImportError('a stranger')")
    code = f"import site; site.addsitedir({str(tmp_path)!r}); import tests, tools, benchmarks; print(tests.__file__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == str(ROOT / "tests/__init__.py"), done.stderr
