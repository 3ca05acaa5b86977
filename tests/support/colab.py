"""A fresh environment with what Colab has and nothing else (colab.txt), and a folder of wheels to install from.

Both are made of the packages that lie beside this Python, as links and copies: a second instead of gigabytes, and no
network. Their versions are therefore ours; that Colab's suit us too is a test of its own.
"""

import os
import shutil
import subprocess
import sysconfig
import venv
import zipfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical

LIST = Path(__file__).with_name("colab.txt").read_text(encoding="utf-8")
COLAB = {
    canonical(name): version for name, _, version in (line.partition("==") for line in LIST.splitlines()) if version
}
HERE = {canonical(found.name): found for found in metadata.distributions()}


def with_dependencies(names):
    """These packages and all that they need, as they are installed here."""
    todo, done = [Requirement(name) for name in names], set()
    while todo:
        wanted = todo.pop()
        name = canonical(wanted.name)
        for line in HERE[name].requires or () if (name, *wanted.extras) not in done and name in HERE else ():
            needed = Requirement(line)
            if not needed.marker or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *wanted.extras)):
                todo.append(needed)
        done.add((name, *wanted.extras))
    return {name for name, *_ in done if name in HERE}


def files(name):
    """A package's files, but for its scripts and what Python compiled."""
    return [file for file in HERE[name].files if ".." not in file.parts and "__pycache__" not in file.parts]


def beyond(names):
    """These packages and all that they need beyond what Colab has."""
    return with_dependencies(names) - COLAB.keys()


def packages(folder):
    """Fill a folder with links to all that Colab has."""
    owners = {}
    for name in HERE:
        for top in {file.parts[0] for file in files(name)}:
            owners.setdefault(top, []).append(name)
    for name in with_dependencies(name for name in COLAB if name in HERE):
        for file in files(name):
            shared = len(owners[file.parts[0]]) > 1  # `nvidia` and the like, where many packages lie
            link = folder / (file if shared else file.parts[0])
            if not link.is_symlink():
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(HERE[name].locate_file(file if shared else file.parts[0]))
    return folder


def environment(folder, packages):
    """A fresh virtual environment that finds these packages; returns its Python. What it installs is its own."""
    venv.create(folder, symlinks=os.name != "nt", clear=True)
    own = sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)})
    (Path(own) / "colab.pth").write_text(str(packages), encoding="utf-8")
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def wheels(folder, names):
    """Wheels of what these packages need beyond Colab's, and of what builds ours, from their installed files."""
    folder.mkdir()
    for name in beyond(names) | {"setuptools"}:
        tag = HERE[name].read_text("WHEEL").split("Tag: ")[1].split()[0]
        stem = f"{name.replace('-', '_')}-{HERE[name].version}-{tag}"
        with zipfile.ZipFile(folder / f"{stem}.whl", "w") as wheel:
            for file in files(name):
                wheel.write(file.locate(), file)
    return folder


def run(python, code, folder, **variables):
    """Run code, or a notebook that a path names, alone in an empty folder and with an empty home."""
    for name in ("work", "home", "tmp"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    arguments = ["-c", code]
    if isinstance(code, Path):
        shutil.copy(code, folder / "work")
        arguments = ["-c", "from nbclient.cli import main; main()", "--inplace", "--timeout=600", code.name]
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "OMP_WAIT_POLICY") if name in os.environ}
    own = {"HOME": folder / "home", "USERPROFILE": folder / "home", "TMPDIR": folder / "tmp", "LESSONS_DATA": "sample"}
    own |= {"PIP_CONFIG_FILE": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PYTHONUTF8": "1"}
    environment = kept | {name: str(value) for name, value in (own | variables).items()}
    return subprocess.run(
        [python, *arguments], cwd=folder / "work", env=environment, capture_output=True, text=True, timeout=900
    )
