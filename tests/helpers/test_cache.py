"""The cache: when it is used, when not, and what full disks, killed processes and changed folders do to it."""

import os
import signal
import time
import tracemalloc

import pytest

from helpers import cache, data, load_data
from tests.helpers.conftest import ROOM
from tests.support import apart, strangers, tiny_sets
from tests.support.loading import files, from_folder, same

FULL = ("No space left on device", "File too large")
pytestmark = pytest.mark.usefixtures("place", "stranger")


def test_a_full_disk_under_the_cache_costs_the_cache_only(name, whole, small_disk, tiny, monkeypatch, said):
    monkeypatch.setenv("LESSONS_CACHE", str(small_disk))
    monkeypatch.setenv("LESSONS_DATA", str(tiny / "pictures"))
    assert same(load_data(name), whole)
    line = said()
    assert any(reason in line for reason in FULL)
    assert "LESSONS_CACHE" in line
    assert files(small_disk) == {}


def test_a_cache_that_cannot_be_written(name, whole, server, tmp_path, monkeypatch, said):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("LESSONS_CACHE", str(tmp_path / "file/cache"))
    for _ in range(2):
        assert same(load_data(name, [server.address("good")]), whole)
        assert "cannot be written: Not a directory. LESSONS_CACHE" in said()


def test_a_process_killed_in_the_middle_of_writing_the_cache(name, whole, tiny, tmp_path, monkeypatch, said):
    monkeypatch.setenv("LESSONS_DATA", str(tiny / "pictures"))
    process = apart.start(apart.load_until_killed, tmp_path / "output", tiny, name, ROOM)
    process.join()
    assert process.exitcode == -signal.SIGXFSZ
    assert [len(content) for content in files(tmp_path / "cache").values()] == [ROOM]  # it was in the middle
    assert not data.cache_file(name).exists()
    assert same(load_data(name), whole)
    monkeypatch.delenv("LESSONS_DATA")
    assert same(load_data(name, []), whole)
    said()


def test_what_a_killed_process_left_in_the_cache_is_cleared_away_later(name, tiny, tmp_path, monkeypatch, said):
    monkeypatch.setenv("LESSONS_DATA", str(tiny / "pictures"))
    process = apart.start(apart.load_until_killed, tmp_path / "output", tiny, name, ROOM)
    process.join()
    assert process.exitcode == -signal.SIGXFSZ
    [left] = [path for path in data.cache_file(name).parent.glob("*.part") if path.stat().st_size == ROOM]
    load_data(name, [])
    assert left.exists()  # it may be another process's, at work
    old = time.time() - cache.STALE - 1
    os.utime(left, (old, old))
    load_data(name, [])
    assert not left.exists()
    said()


HARM = {
    "a byte changed": lambda content: content[:5000] + bytes([content[5000] ^ 1]) + content[5001:],
    "cut short": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "another's": lambda content: content[3073:] + b"another's",
}


@pytest.mark.parametrize("harm", HARM)
def test_a_damaged_cache_is_not_used_and_made_anew(name, whole, harm, server, tiny, tmp_path, monkeypatch, said):
    from_folder(name, tiny / "pictures", monkeypatch, tmp_path / "cache")
    path = data.cache_file(name)
    good = path.read_bytes()
    path.write_bytes(HARM[harm](good))
    said()
    assert same(load_data(name, [server.address("good")]), whole)
    assert f"{path} is damaged" in said() or harm == "empty"
    assert path.read_bytes()[: -cache.LENGTH] == good[: -cache.LENGTH]
    assert list(files(tmp_path / "cache")) == [path.name]


def test_a_damaged_cache_and_no_other_door(tmp_path, said):
    path = data.cache_file("mnist")
    path.write_bytes(b"damaged")
    assert not load_data("mnist", []).full
    first, *rest = said().splitlines()
    assert first.startswith(f"{path} is damaged")
    assert "a sample of MNIST, not the full set" in " ".join(rest)


def test_a_set_from_the_cache_is_mapped_into_memory_and_not_read_into_it(tiny, tmp_path, monkeypatch, said):
    from_folder("cifar10", tiny / "pictures", monkeypatch, tmp_path / "cache")
    said()
    tracemalloc.start()
    assert load_data("cifar10", []).full
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said() == ""
    assert most < data.cache_file("cifar10").stat().st_size / 3


def test_a_relative_cache_is_the_same_from_the_root_and_from_its_lessons(whole, tiny, tmp_path, monkeypatch, said):
    monkeypatch.setenv("LESSONS_CACHE", "mine")
    (tmp_path / "home/lessons").mkdir()
    monkeypatch.chdir(tmp_path / "home")
    with monkeypatch.context() as patch:
        patch.setenv("LESSONS_DATA", str(tiny / "pictures"))
        load_data("mnist")
    assert data.cache_file("mnist").parent.parent == tmp_path / "home/mine"
    said()
    monkeypatch.chdir("lessons")
    assert load_data("mnist", []).full
    assert said() == ""
    monkeypatch.chdir(tmp_path)  # a folder that is no part of the book has a cache of its own
    assert data.cache_file("mnist").parent.parent == tmp_path / "mine"


@pytest.mark.parametrize("wish", ["~/my cache", " '~/my cache' ", '"~/my cache"\t'])
def test_a_cache_may_be_named_with_a_tilde_blanks_and_quotes(wish, tmp_path, monkeypatch):
    monkeypatch.setenv("LESSONS_CACHE", wish)
    for home in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(home, str(tmp_path))
    assert data.cache_file("mnist").parent.parent == tmp_path / "my cache"


def test_without_a_wish_the_cache_lies_in_the_users_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("LESSONS_CACHE")
    for home in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(home, str(tmp_path))
    path = data.cache_file("mnist")
    assert path.is_relative_to(tmp_path)
    assert "pytorch-by-hand" in path.parts


def test_what_is_written_into_a_loaded_set_does_not_reach_the_cache(name, whole, tiny, tmp_path, monkeypatch, said):
    for _ in range(2):
        from_folder(name, tiny / "pictures", monkeypatch, tmp_path / "cache").train.images.zero_()
    assert same(from_folder(name, tiny / "pictures", monkeypatch, tmp_path / "cache"), whole)
    assert "damaged" not in said()


@pytest.fixture(params=["torchvision", "pictures"])
def layout(request):
    """Both layouts in turn."""
    return request.param


def _counts(path):
    """Whether a path is a file, and no stranger's."""
    return path.is_file() and not path.read_bytes().startswith(strangers.WORDS)


def a_file(name, folder):
    """One of the files of a set in a folder of either layout."""
    below = [folder / name, folder / tiny_sets.FOLDER[name]]
    return sorted(path for part in below for path in part.rglob("*") if _counts(path))[-1]


def test_a_good_cache_does_not_hide_that_the_folder_was_damaged(name, layout, mine, tmp_path, said):
    folder = mine(layout)
    loaded = load_data(name)
    good = files(tmp_path / "cache")
    assert same(load_data(name), loaded)
    assert said().count("was read from") == 1  # the second time from the cache
    path = a_file(name, folder)
    content, times = path.read_bytes(), path.stat()
    path.write_bytes(content[: len(content) // 2].ljust(len(content), b"\0"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # as an unpacker or a backup would
    with pytest.raises(ValueError, match=r"fetches it again\.$"):
        load_data(name)
    assert files(tmp_path / "cache") == good
    path.write_bytes(content)
    assert same(load_data(name), loaded)
    assert "was read from" in said()


def test_a_folder_that_has_not_changed_is_not_read_again_though_clocks_are_coarse(name, layout, mine, said):
    mine(layout)
    load_data(name)
    path = data.cache_file(name)
    os.utime(path, (path.stat().st_mtime // 2 * 2,) * 2)  # as FAT keeps it
    said()
    assert load_data(name).full
    assert said() == ""


def test_an_edit_in_place_is_seen_where_the_system_keeps_no_time_of_the_inode(name, layout, mine, monkeypatch, said):
    folder, stat = mine(layout), os.stat

    def without_inode_time(path, **options):
        facts = list(stat(path, **options))
        whole = stat(path, **options)
        return os.stat_result(facts, {"st_ctime_ns": 0, "st_mtime_ns": whole.st_mtime_ns})

    monkeypatch.setattr("helpers.layouts.os.stat", without_inode_time)
    load_data(name)
    assert said()
    load_data(name)
    assert said() == ""
    path = a_file(name, folder)
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :])
    with pytest.raises(ValueError, match="fetches it again"):
        load_data(name)


def test_a_dangling_link_is_no_news(name, whole, layout, mine, said):
    path = a_file(name, mine(layout))
    for link in ("lost", "lost.png"):
        path.with_name(link).symlink_to("nowhere")
    assert same(load_data(name), whole)
    assert "cannot be written" not in said()
    assert same(load_data(name), whole)
    assert said() == ""


def test_a_good_cache_does_not_hide_a_damaged_folder_named_later(name, layout, mine, monkeypatch, server, said):
    folder = mine(layout)
    path = a_file(name, folder)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with monkeypatch.context() as patch:
        patch.delenv("LESSONS_DATA")
        assert load_data(name, [server.address("good")]).full
    assert said()
    with pytest.raises(ValueError, match=r"fetches it again\.$"):
        load_data(name)
    monkeypatch.delenv("LESSONS_DATA")
    assert load_data(name, []).full  # nobody asks for the folder now
    assert said() == ""
