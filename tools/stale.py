"""Prepare the data, and forget each executed page whose surroundings have changed: `python -m tools.stale`.

The cache of executed pages looks at their cells alone. What else decides a page's outputs is written here as its
key: Python, the version of each package that it imports, the code of helpers if it uses them, the data that it loads,
the recorded results, the folders and the tables that it reads.
"""

import ast
import hashlib
import json
import os
import platform
import re
from functools import cache
from importlib import metadata
from pathlib import Path

import jupytext
from jupyter_cache import get_cache

from helpers.data import SETS, load_data
from tools import prepare as data
from tools.places import ROOT

CACHE = ROOT / "_build" / ".jupyter_cache"
PAGES = sorted([ROOT / "index.md", *ROOT.glob("lessons/*.md"), *ROOT.glob("pages/*.md")])
STYLE = [ROOT / "lessons/matplotlibrc", ROOT / "_ext/ipython_kernel_config.py"]
HELPERS = sorted(path for path in (ROOT / "helpers").iterdir() if path.is_file())
packages = cache(metadata.packages_distributions)


@cache
def source(name):
    """Where a data set comes from."""
    return load_data(name).source


@cache
def digest(*paths):
    """One hash of what some files hold, and those that lie in some folders."""
    files = [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path]) if file.is_file()]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def program(page):
    """The syntax tree of all of a page's code, without the lines that are IPython's own."""
    cells = [cell.source for cell in jupytext.read(page).cells if cell.cell_type == "code"]
    lines = [line for cell in cells for line in cell.splitlines() if not line.lstrip().startswith(("%", "!"))]
    return ast.parse("\n".join(lines))


def imports(tree):
    """Top-level names of the modules that a program imports."""
    nodes = list(ast.walk(tree))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.split(".")[0] for name in names}


def reads(page, tree):
    """What a program reads, by name: the code of helpers, data sets, records, folders and tables."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    facts = {text: digest(page.parent / text) for text in texts if re.fullmatch(r"\.\./\w+|\w+\.csv", text)}
    if "load_data" in names:
        facts |= {name: source(name) for name in texts & SETS.keys()}
    if "load_results" in names:
        facts["results"] = digest(ROOT / "results")
    return facts


def key(page):
    """Everything outside a page that its outputs depend on, as a dict."""
    tree = program(page)
    modules, facts = imports(tree), {"python": platform.python_version(), "style": digest(*STYLE)} | reads(page, tree)
    if "helpers" in modules:
        facts["helpers"] = digest(*HELPERS)
        sources = [path.read_text(encoding="utf-8") for path in HELPERS if path.suffix == ".py"]
        modules.update(*(imports(ast.parse(source)) for source in sources))
    return {name: metadata.version(packages()[name][0]) for name in sorted(modules) if name in packages()} | facts


def prepare():
    """Do what `make data` does, and end where it fails; after it the network is asked no more."""
    try:
        data.main()
    except SystemExit as ended:
        if ended.code:
            raise
    os.environ["LESSONS_OFFLINE"] = "1"


def forget(old, new):
    """Remove from the cache each page whose key has changed; the cache knows pages by where they lay when executed."""
    outputs = get_cache(CACHE)
    for record in outputs.list_cache_records():
        page = next((page for page in new if Path(record.uri).as_posix().endswith(f"/{page}")), None)
        before, now = old.get(page, {}), new.get(page, {})
        if changed := [name for name in before | now if before.get(name) != now.get(name)]:
            print(f"{page} runs again: changed", ", ".join(changed))
        if changed or not page:
            outputs.remove_cache(record.pk)


def main():
    """Compare the keys with those of the last build, and let the pages run again for which they differ."""
    prepare()
    file = CACHE.parent / "keys.json"
    old = json.loads(file.read_text()) if file.exists() else {}
    new = {page.relative_to(ROOT).as_posix(): key(page) for page in PAGES}
    forget(old, new)
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(new, indent=1))


if __name__ == "__main__":
    main()
