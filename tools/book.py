"""Build the book, then its editions in other languages beside each other: `python -m tools.book`.

The English pages are executed. The editions find what their cells showed in the same cache, and are moved into the book
when they are whole. A book of which nothing has changed is left as it is.
"""

import hashlib
import shutil
import subprocess
import sys
from importlib import metadata

from jupyter_book.sphinx import build_sphinx

from tools.places import EDITIONS, HTML, ROOT

BUILD = HTML.parent
FOLDERS = ("_ext", "_static", "helpers", "lessons", "locale", "pages", "programs", "results", "tools", *EDITIONS)


def state():
    """A mark of all that the book is made of."""
    files = [*ROOT.glob("*.*"), BUILD / "keys.json", *(file for name in FOLDERS for file in (ROOT / name).rglob("*"))]
    files = sorted(file for file in files if file.is_file() and "__pycache__" not in file.parts)
    texts = [(file.relative_to(ROOT).as_posix(), file.read_bytes()) for file in files]
    versions = sorted(f"{package.name} {package.version}" for package in metadata.distributions())
    return hashlib.sha256(repr([texts, versions, EDITIONS]).encode()).hexdigest()


def build(language=""):
    """Build one edition; ends this program where it fails."""
    settings = {"latex_individualpages": False, "nb_execution_cache_path": str(BUILD / ".jupyter_cache")}
    settings |= {"editions": EDITIONS, "language": language or "en"}
    how = {"noconfig": True, "freshenv": True, "quiet": True, "warningiserror": True, "keep_going": True}
    out = BUILD / language / "html"
    if build_sphinx(ROOT, out, path_config=ROOT / "_config.yml", confoverrides=settings, **how):
        sys.exit(1)
    if language:
        shutil.rmtree(HTML / language, ignore_errors=True)
        out.rename(HTML / language)


def build_all():
    """Build the book with its editions, unless it stands."""
    mark, now = BUILD / "state", state()
    if mark.exists() and mark.read_text() == now and (HTML / "index.html").exists():
        return
    mark.unlink(missing_ok=True)
    build()
    codes = [one.wait() for one in [subprocess.Popen([sys.executable, "-m", "tools.book", name]) for name in EDITIONS]]
    if any(codes):
        sys.exit(1)
    mark.write_text(now)


if __name__ == "__main__":
    build(sys.argv[1]) if sys.argv[1:] else build_all()
