"""Stamp the repository's address and branch or tag wherever they stand: `make repository URL=https://… REF=main`.

`repository` in _config.yml is the one place that names them; all other places are found by what it says now.
"""

import sys

import yaml

from tools import sync
from tools.tables import ROOT

FILES = [
    "_config.yml",
    "README.md",
    "index.md",
    "CITATION.cff",
    *(f"lessons/{p.name}" for p in sync.LESSONS.glob("*.md")),
]


def stamped(text, old, new):
    """A text with the address, and the reference that follows it or stands in _config.yml, exchanged."""
    text = text.replace(f'"{old["url"]}", "{old["branch"]}"', f'"{new["url"]}", "{new["branch"]}"')
    return text.replace(old["url"], new["url"]).replace(f"  branch: {old['branch']}\n", f"  branch: {new['branch']}\n")


def main(url, ref):
    """Stamp all files, then write the notebooks anew."""
    old = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]
    for name in FILES:
        file = ROOT / name
        text = file.read_text(encoding="utf-8")
        file.write_text(stamped(text, old, {"url": url.removesuffix("/"), "branch": ref}), encoding="utf-8")
    sync.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
