"""Gate 3: stamping an address changes every place that names the old one, whichever host the two are on."""

import pytest
import yaml

from tools import stamp

TEXT = """repository:
  url: {url}
  branch: {branch}
  pages: {pages}
repository, ref = "{url}", "{branch}"
[code]({url}/blob/{branch}/helpers/data.py), [page]({pages}/lessons/05_line.html#demo), main
"""
ADDRESSES = [
    stamp.repository("https://github.com/OWNER/book", "main"),
    stamp.repository("https://gitlab.com/a/book.git", "v1", "https://a.gitlab.io/book/"),
    stamp.repository("https://a.org/book", "main", "https://a.org/book/pages"),
    stamp.repository("https://github.com/OWNER/book/", "v2"),
]


def test_a_github_address_tells_where_the_pages_are():
    wanted = {"url": "https://github.com/OWNER/book", "branch": "v2", "pages": "https://OWNER.github.io/book"}
    assert ADDRESSES[-1] == wanted


def test_another_host_asks_for_the_pages_in_one_line():
    with pytest.raises(SystemExit, match=r"^https://gitlab.com/a/book is not on GitHub: make repository .+ PAGES="):
        stamp.repository("https://gitlab.com/a/book", "main")


@pytest.mark.parametrize("old", ADDRESSES)
@pytest.mark.parametrize("new", ADDRESSES)
def test_stamping_changes_every_place(old, new):
    assert stamp.stamped(TEXT.format(**old), old, new) == TEXT.format(**new)


def test_stamping_reads_the_old_address_from_the_config(tmp_path, monkeypatch):
    (tmp_path / "_config.yml").write_text(TEXT.format(**ADDRESSES[1]).split("repository, ref")[0])
    monkeypatch.setattr(stamp, "ROOT", tmp_path)
    monkeypatch.setattr(stamp.sync, "main", lambda: None)
    stamp.main("https://github.com/OWNER/book", "main")
    assert yaml.safe_load((tmp_path / "_config.yml").read_text())["repository"] == ADDRESSES[0]
