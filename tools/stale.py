"""Prepare the data, and forget each executed page whose surroundings have changed: `python -m tools.stale`.

The cache of executed pages looks at their cells alone. What else decides a page's outputs is written here as its
key: Python, the version of each package that it imports, the code of helpers if it uses them, the data that it loads,
the recorded results or the lessons if it reads them.
"""

import ast
import hashlib
import json
import os
import platform
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
READ = {"results/*.csv": "load_results(", "lessons/*.md": '"../lessons"'}  # what a page reads, and what shows it


def digest(paths):
    """One hash of what some files hold."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(paths))).hexdigest()


def imports(code):
    """Top-level names of the modules that some Python code imports."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.split(".")[0])
    return names


def key(page):
    """Everything outside a page that its outputs depend on, as a dict."""
    cells = [cell.source for cell in jupytext.read(page).cells if cell.cell_type == "code"]
    code = "\n".join(line for cell in cells for line in cell.splitlines() if not line.lstrip().startswith(("%", "!")))
    modules, facts = imports(code), {"python": platform.python_version(), "style": digest(STYLE)}
    if "helpers" in modules:
        sources = [path for path in HELPERS if path.suffix == ".py"]
        modules.update(*(imports(path.read_text(encoding="utf-8")) for path in sources))
        facts["helpers"] = digest(HELPERS)
        facts |= {name: load_data(name).source for name in SETS if f'load_data("{name}")' in code}
    facts |= {files: digest(ROOT.glob(files)) for files, sign in READ.items() if sign in code}
    packages = metadata.packages_distributions()
    return facts | {
        name: metadata.version(packages[name][0]) for name in sorted(modules - {"helpers"}) if name in packages
    }


def prepare():
    """Do what `make data` does, and end where it fails; after it the network is asked no more."""
    try:
        data.main()
    except SystemExit as ended:
        if ended.code:
            raise
    os.environ["LESSONS_OFFLINE"] = "1"


def main():
    """Compare the keys with those of the last build, and remove from the cache what no longer holds."""
    prepare()
    file = CACHE.parent / "keys.json"
    old = json.loads(file.read_text()) if file.exists() else {}
    new = {page.relative_to(ROOT).as_posix(): key(page) for page in PAGES}
    cache = get_cache(CACHE)
    for record in cache.list_cache_records():
        page = Path(record.uri).relative_to(ROOT).as_posix()
        if old.get(page) != new.get(page):
            before, now = old.get(page) or {}, new.get(page) or {}
            print(f"{page} runs again: changed", ", ".join(k for k in {**before, **now} if before.get(k) != now.get(k)))
            cache.remove_cache(record.pk)
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(new, indent=1))


if __name__ == "__main__":
    main()
