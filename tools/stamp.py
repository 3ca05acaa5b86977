"""Stamp the repository's address and branch or tag wherever they stand: `make repository URL=https://… REF=main`.

`repository` in _config.yml is the one place that names them; all other places are found by what it says now. A GitHub
address has its pages at https://OWNER.github.io/NAME, where the lessons' demos are.
"""

import re
import sys

import yaml

from tools import sync
from tools.places import ROOT

PLACES = ("*.yml", "*.md", "*.cff", "lessons/*.md", "pages/*.md")


def pages(url):
    """The address of the built book, where that of the repository tells it."""
    return re.sub(r"^https://github\.com/([^/]+)/(.+)$", r"https://\1.github.io/\2", url)


def stamped(text, old, new):
    """A text with the address, its pages, and the reference that goes with them, exchanged."""
    text = text.replace(f'"{old["url"]}", "{old["branch"]}"', f'"{new["url"]}", "{new["branch"]}"')
    text = text.replace(f"{old['url']}/blob/{old['branch']}/", f"{new['url']}/blob/{new['branch']}/")
    text = text.replace(pages(old["url"]), pages(new["url"])).replace(old["url"], new["url"])
    return text.replace(f"  branch: {old['branch']}\n", f"  branch: {new['branch']}\n")


def main(url, ref):
    """Stamp all files, then write the notebooks anew."""
    old = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]
    new = {"url": url.removesuffix("/").removesuffix(".git"), "branch": ref}
    for file in (file for place in PLACES for file in ROOT.glob(place)):
        file.write_text(stamped(file.read_text(encoding="utf-8"), old, new), encoding="utf-8")
    sync.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
