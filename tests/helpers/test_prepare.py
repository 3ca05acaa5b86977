"""`make data`: what it says, and how it ends."""

import pytest

from helpers import data
from tests.support import apart
from tests.support.loading import files
from tools import prepare

pytestmark = pytest.mark.usefixtures("place", "stranger")


def test_make_data_says_what_lies_where_from_which_source_how_large(tiny, tmp_path, monkeypatch, said):
    monkeypatch.setenv("LESSONS_DATA", str(tiny / "pictures"))
    for first in (True, False):
        with pytest.raises(SystemExit) as ended:
            prepare.main()
        assert ended.value.code == 0
        out = said()
        for name, entry in data.SETS.items():
            assert (f"{entry['title']} was read from {tiny / 'pictures'}." in out) == first
            assert f"{entry['title']}, the full set: 100 training and 20 test pictures" in out
            size = data.cache_file(name).stat().st_size / 1e6
            assert f"{size:.0f} MB in {data.cache_file(name)}" in out
        monkeypatch.delenv("LESSONS_DATA", raising=False)  # from here on there is neither folder nor network
        monkeypatch.setenv("LESSONS_OFFLINE", "1")


def test_make_data_prepares_one_set_though_the_other_is_damaged(tiny, mine, tmp_path, capsys):
    (mine("torchvision") / "MNIST/raw/t10k-images-idx3-ubyte").unlink()
    with pytest.raises(SystemExit) as ended:
        prepare.main()
    assert ended.value.code.count("\n") == 0
    part = "MNIST/raw holds only a part of MNIST: wanted are t10k-images-idx3-ubyte; found beside is "
    assert part in ended.value.code
    assert list(files(tmp_path / "cache")) == [data.cache_file("cifar10").name]


def test_make_data_ends_with_1_and_no_traceback(tmp_path, monkeypatch):
    monkeypatch.setenv("LESSONS_DATA", str(tmp_path / "nowhere"))
    process = apart.start(prepare.main, tmp_path / "output")
    process.join()
    said = (tmp_path / "output").read_text()
    assert process.exitcode == 1
    assert said.startswith(f"LESSONS_DATA='{tmp_path / 'nowhere'}' is no folder. Wanted for MNIST: MNIST/raw/")
    assert "Traceback" not in said
