"""Build the book, then its editions in other languages beside each other: `python -m tools.book`.

The English pages are executed. The editions find what their cells showed in the same cache, and are moved into the book
when they are whole.
"""

import shutil
import subprocess
import sys

from jupyter_book.sphinx import build_sphinx

from tools.places import EDITIONS, HTML, ROOT

BUILD = HTML.parent


def build(language=""):
    """Build one edition; ends this program where it fails."""
    settings = {"latex_individualpages": False, "nb_execution_cache_path": str(BUILD / ".jupyter_cache")}
    settings |= {"editions": EDITIONS, "language": language or "en"}
    how = {"noconfig": True, "freshenv": True, "quiet": True, "warningiserror": True, "keep_going": True}
    out = BUILD / language / "html"
    failed = build_sphinx(ROOT, out, path_config=ROOT / "_config.yml", confoverrides=settings, **how)
    if failed:
        sys.exit(1)
    if language:
        shutil.rmtree(HTML / language, ignore_errors=True)
        out.rename(HTML / language)


def main(*languages):
    """Build the editions in these languages, or all."""
    if languages:
        build(*languages)
        return
    build()
    builds = [subprocess.Popen([sys.executable, "-m", "tools.book", language]) for language in EDITIONS]
    codes = [one.wait() for one in builds]
    if any(codes):
        sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
