"""Stamp the repository's address wherever it stands: `make repository URL=https://… REF=main PAGES=https://…`.

`repository` in _config.yml is the one place that names the address, its branch or tag, and where the built book is
read; all other places are found by what it says now. A repository on GitHub has its pages at
https://OWNER.github.io/NAME unless PAGES says otherwise.
"""

import re
import sys

import yaml

from tools import sync
from tools.places import ROOT

PLACES = ("*.yml", "*.md", "*.cff", "lessons/*.md", "pages/*.md")
GITHUB = re.compile(r"https://github\.com/([^/]+)/([^/]+)")


def stamped(text, old, new):
    """A text with the addresses, and the references that go with them, exchanged all at once."""
    forms = ('"{url}", "{branch}"', "{url}/blob/{branch}/", "  branch: {branch}\n", "{pages}", "{url}")
    changes = {form.format(**old): form.format(**new) for form in forms}
    return re.sub("|".join(map(re.escape, changes)), lambda found: changes[found.group()], text)


def repository(url, ref, pages=""):
    """The entry for _config.yml; ends with one line if nobody says where the pages are."""
    url = url.removesuffix("/").removesuffix(".git")
    github = GITHUB.fullmatch(url)
    if not pages and not github:
        sys.exit(f"{url} is not on GitHub: make repository URL={url} PAGES=https://… says where the built book is read")
    return {"url": url, "branch": ref, "pages": pages.removesuffix("/") or github.expand(r"https://\1.github.io/\2")}


def main(*arguments):
    """Stamp all files, then write the notebooks anew."""
    old = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]
    new = repository(*arguments)
    for file in (file for place in PLACES for file in ROOT.glob(place)):
        file.write_text(stamped(file.read_text(encoding="utf-8"), old, new), encoding="utf-8")
    sync.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
