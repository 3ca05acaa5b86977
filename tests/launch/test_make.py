"""Gate 4: make, in folders and with values as readers have them: blanks, quotes, Chinese, a tilde, a moved checkout."""

import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from functools import partial
from http.server import ThreadingHTTPServer

import pytest

from tests.support.browser import Quiet
from tools.places import ROOT

NEEDED = ("Makefile", "requirements.txt", "constraints.txt", "pyproject.toml", "_ext/ipython_kernel_config.py")
SAY = """#!/bin/sh
printf '%s|' "$LESSONS_DATA" "$LESSONS_CACHE" "$MPLBACKEND" "$@"
echo
"""  # a Python that says its settings and arguments


@pytest.fixture
def checkout(tmp_path):
    """A checkout with what make itself reads, in a folder with a blank and Chinese characters."""
    folder = tmp_path / "我的 书"
    for name in NEEDED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "helpers").mkdir()
    (folder / "helpers/__init__.py").touch()
    return folder


@pytest.fixture
def installed(checkout):
    """That checkout with an environment whose Python only says how it was called."""
    (checkout / ".venv/bin").mkdir(parents=True)
    (checkout / ".venv/bin/python").write_text(SAY)
    (checkout / ".venv/bin/python").chmod(0o755)
    (checkout / ".venv/installed").touch()
    return checkout


@pytest.fixture
def mirror(tmp_path):
    """A package index of our own, as its address; it serves the folder `mirror`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "mirror")) as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def put_wheel(folder, version):
    """Put a wheel of a package that holds nothing, named as its folder."""
    name, about = folder.name, f"{folder.name}-{version}.dist-info"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")


def make(folder, *arguments, **settings):
    """The lines that make and its Python print."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LESSONS", "MAKE", "PIP"))}
    done = subprocess.run(["make", *arguments], cwd=folder, env=kept | settings, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("value", ["/a/my data", "~/data", '"C:/my data"', "我的 数据", "it's here", "../data", "a  b"])
def test_folders_reach_python_as_they_were_said(installed, value):
    assert make(installed, "data", LESSONS_DATA=value, LESSONS_CACHE=value) == [f"{value}|{value}||-m|tools.prepare|"]
    assert make(installed, "data", f"LESSONS_DATA={value}") == [f"{value}|||-m|tools.prepare|"]
    assert make(installed, "data", f"SOURCE={value}", LESSONS_DATA="other") == [f"{value}|||-m|tools.prepare|"]


def test_a_book_that_is_published_wants_the_full_sets(installed):
    assert make(installed, "data", "FULL=yes") == ["|||-m|tools.prepare|--full|"]


def test_a_sample_will_not_do_where_the_full_sets_are_wanted():
    command = [sys.executable, "-m", "tools.prepare", "--full"]
    sample = os.environ | {"LESSONS_DATA": "sample"}
    done = subprocess.run(command, cwd=ROOT, env=sample, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.count("wanted is the full set, not ") == 2, done.stderr


def test_the_shell_does_not_choose_how_figures_are_drawn(installed):
    assert make(installed, "weights", MPLBACKEND="Agg")[-1] == "|||-m|tools.weights|"


def test_what_is_read_offline_is_made_of_one_build(installed):
    said = make(installed, "zip", "pdf")
    called = ("stale", "book", "zip", "pdf")
    assert [line for line in said if "tools." in line] == [f"|||-m|tools.{name}|" for name in called]


def test_the_book_is_served_to_this_machine_alone(installed):
    assert "|--bind|127.0.0.1|" in make(installed, "serve")[-1]


def test_one_lesson_is_run_by_its_number(installed):
    (installed / "lessons").mkdir()
    for name in ("05_line", "06_curve"):
        (installed / f"lessons/{name}.ipynb").touch()
    assert make(installed, "lesson", "N=05") == ["|||-m|pytest|-q|--nbval-lax|lessons/05_line.ipynb|"]


def test_an_environment_finds_the_helpers_wherever_the_checkout_moves(checkout):
    make(checkout, ".venv/installed", "PIP=true")  # all but the packages
    moved = checkout.rename(checkout.with_name("moved 到这里"))
    assert make(moved, ".venv/installed", "PIP=false")[-1].endswith("is up to date."), "it sets nothing up again"
    code = "import helpers; print(helpers.__file__)"
    found = subprocess.check_output([moved / ".venv/bin/python", "-I", "-c", code], cwd="/", text=True)
    assert found.strip() == str(moved / "helpers/__init__.py")


def test_packages_come_from_the_mirrors_that_the_readme_lets_a_reader_name(checkout, mirror, tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    index, wheels = re.findall(r"\b([A-Z_]+)=https://mirrors?\.", readme)
    tested = dict(re.findall(r"^(torch\w*)==(.+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.M))
    for name in ("torch", "torchvision"):
        put_wheel(tmp_path / "mirror/cpu" / name, f"{tested[name]}+cpu")
    put_wheel(tmp_path / "mirror/simple/tiny", "1.0")
    (checkout / "requirements.txt").write_text("tiny\ntorchvision\n")
    named = [f"{index}={mirror}/simple", f"{wheels}={mirror}/cpu"]
    make(checkout, ".venv/installed", "TORCH=cpu", *named, PIP_CONFIG_FILE=os.devnull, no_proxy="127.0.0.1")
    found = {folder.name for folder in checkout.glob(".venv/lib/python*/site-packages/*.dist-info")}
    torch = {f"{name}-{tested[name]}+cpu.dist-info" for name in ("torch", "torchvision")}
    assert found >= torch | {"tiny-1.0.dist-info"}


def test_pytest_takes_no_plugins_from_the_shell(tmp_path):
    record = tmp_path / "launch_testing-1.0.dist-info"  # a robot's tools put such a thing on PYTHONPATH
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: launch_testing\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text("[pytest11]\nlaunch_testing = launch_testing_hooks\n")
    (tmp_path / "launch_testing_hooks.py").write_text("import a_parser_that_is_not_there\n")
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/source/test_house.py"]
    shell = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=shell, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
