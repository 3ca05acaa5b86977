"""Break one promise of the code at a time and see a test turn red: `make mutants`, or `make mutants K=word`.

Each [[mutant]] of tests/mutants/*.toml names a `file`, an `old` text that stands in it once, the `new` one, the `tests`
that must notice (arguments of pytest) and `why`, the promise that is broken. Tests of the built book say `needs =
"html"` and get a copy of it. Every mutant lives in a copy of its own; the working tree is never changed.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.places import ROOT

VERDICTS = {0: "GREEN", 1: "red"}  # pytest's exit codes; with any other it could not run the tests


def read(word):
    """The mutants whose area, file, tests or reason hold a word; each old text must stand in its file once."""
    found = []
    for area in sorted(ROOT.glob("tests/mutants/*.toml")):
        for mutant in tomllib.loads(area.read_text(encoding="utf-8"))["mutant"]:
            count = (ROOT / mutant["file"]).read_text(encoding="utf-8").count(mutant["old"])
            if count != 1:
                sys.exit(f"{area.name}: {mutant['old']!r} stands {count} times in {mutant['file']}")
            if word in " ".join([area.stem, *mutant.values()]):
                found.append(mutant)
    return found


def copy_tree(folder, html):
    """Copy what git would keep of the working tree, link its environment, and copy the built book if asked."""
    names = subprocess.check_output(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, text=True)
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():  # it may have been deleted since the last commit
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to((ROOT / ".venv").resolve())
    if html:
        shutil.copytree(ROOT / "_build/html", folder / "_build/html")


def run(mutant, broken):
    """Run a mutant's tests in a fresh copy, broken or whole: pytest's exit code, the seconds, and its last words."""
    with tempfile.TemporaryDirectory() as name:
        folder, start = Path(name).resolve(), time.perf_counter()
        copy_tree(folder, mutant.get("needs") == "html")
        for file in (folder / mutant["file"], folder / "_build/html" / mutant["file"]):
            if broken and file.exists():
                text = file.read_text(encoding="utf-8")
                file.write_text(text.replace(mutant["old"], mutant["new"]), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", *shlex.split(mutant["tests"])]
        environment = os.environ | {"PYTHONPATH": str(folder)}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        return done.returncode, time.perf_counter() - start, (done.stdout + done.stderr)[-2000:]


def main():
    """Run the tests as they are, then every mutant, two at a time; one line each, and an error if one survives."""
    mutants, faults = read(" ".join(sys.argv[1:])), 0
    whole = {mutant["tests"]: mutant for mutant in mutants}.values()
    jobs = [*((mutant, False) for mutant in whole), *((mutant, True) for mutant in mutants)]
    with ThreadPoolExecutor(2) as pool:
        for (mutant, broken), (code, seconds, output) in zip(jobs, pool.map(run, *zip(*jobs))):
            what = f"{mutant['file']}: {mutant['why']}" if broken else f"as it is: {mutant['tests']}"
            print(f"{VERDICTS.get(code, output):5} {seconds:4.0f} s  {what}", flush=True)
            faults += code != broken
    sys.exit(f"{faults} of {len(jobs)} are not as they should be" if faults else 0)


if __name__ == "__main__":
    main()
