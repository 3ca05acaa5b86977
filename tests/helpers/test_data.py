"""The data layer: each door, and each fault that a mirror, a disk, a folder or a user can have, against real ones."""

import contextlib
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing.forkserver import ensure_running

import numpy as np
import pytest
import torch
from PIL import Image

from helpers import cache, data, load_data
from tests.support import apart, strangers, tiny_sets
from tests.support.faulty_server import FaultyServer
from tools import prepare
from tools.places import ROOT

REAL = os.environ.get("LESSONS_DATA", "")  # the folder with the real sets, where there is one
PUBLISHED = dict(data.SETS)
ROOM = 50_000  # bytes that a small disk has left


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """The folder of the tiny sets; they are the same in every test."""
    ensure_running()  # the process that apart.start forks; it imports while the first tests run
    folder = tmp_path_factory.mktemp("tiny")
    tiny_sets.make(folder)
    return folder


@pytest.fixture(scope="session")
def server(tiny):
    """A mirror of the tiny sets, with all faults."""
    server = FaultyServer(tiny / "mirror")
    yield server
    server.close()


@pytest.fixture(autouse=True)
def place(tiny, server, tmp_path, monkeypatch):
    """The tiny sets in place of the real ones; an empty cache, an empty folder for temporary files, no settings."""
    tiny_sets.register(tiny, monkeypatch)
    for name in [name for name in os.environ if name.startswith("LESSONS_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for folder in ("cache", "tmp", "home"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("LESSONS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(data, "HERE", tmp_path / "home/helpers")  # the repository of whoever runs this may have data/
    server.asked.clear()
    server.halfway.clear()


@pytest.fixture(autouse=True)
def stranger(place, tiny, tmp_path):
    """Strangers' files in every place that the data layer touches, and by `stranger(folder)` in one more."""
    planted = []

    def plant(folder):
        planted.extend(strangers.plant(folder))

    for folder in (tmp_path / "cache", data.cache_file("mnist").parent, tmp_path / "tmp"):
        plant(folder)
    for layout in ("pictures", "torchvision"):
        for part in ("", "MNIST/raw", "cifar-10-batches-py", "mnist", "cifar10"):
            if (tiny / layout / part).is_dir():
                plant(tiny / layout / part)
    yield plant
    assert strangers.harmed(planted) == []


@pytest.fixture
def said(capfd):
    """What was printed since the last call; nothing may be on stderr."""

    def read():
        printed = capfd.readouterr()
        assert printed.err == ""
        return printed.out

    yield read
    assert capfd.readouterr().err == ""


@pytest.fixture
def hasty(monkeypatch):
    """Half a second takes the place of ten."""
    monkeypatch.setattr(data, "PATIENCE", 0.5)


def files(folder):
    """The content of each file below a folder that is no stranger's."""
    contents = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {path.name: content for path, content in contents.items() if not content.startswith(strangers.WORDS)}


def same(ours, theirs):
    """Whether two loads gave equal tensors of the full set."""
    pairs = [(a, b) for mine, other in zip(ours[:3], theirs[:3]) for a, b in zip(mine, other)]
    return ours.full and theirs.full and all(torch.equal(a, b) for a, b in pairs)


def from_folder(name, folder, monkeypatch, cache):
    """What a folder gives, with a cache of its own."""
    with monkeypatch.context() as patch:
        patch.setenv("LESSONS_DATA", str(folder))
        patch.setenv("LESSONS_CACHE", str(cache))
        return load_data(name)


@pytest.fixture(params=["mnist", "cifar10"])
def name(request):
    """Both sets in turn."""
    return request.param


@pytest.fixture
def whole(name, tiny, monkeypatch, tmp_path, capfd):
    """The set as its pictures give it."""
    loaded = from_folder(name, tiny / "pictures", monkeypatch, tmp_path / "elsewhere")
    capfd.readouterr()
    return loaded


# The doors


def test_a_full_set_is_what_its_files_hold(name, whole):
    assert whole.full
    assert whole.source.endswith("the full set: 100 training and 20 test pictures")
    assert whole.classes == data.SETS[name]["classes"]
    assert [len(part.images) for part in whole[:3]] == [80, 20, 20]
    ours = [image.numpy().tobytes() + bytes([label]) for part in whole[:3] for image, label in zip(*part)]
    drawn = [(images.transpose(0, 3, 1, 2), labels) for images, labels in tiny_sets.draw(name)]
    theirs = [image.tobytes() + bytes([label]) for images, labels in drawn for image, label in zip(images, labels)]
    assert sorted(ours[:100]) == sorted(theirs[:100])
    assert sorted(ours[100:]) == sorted(theirs[100:])
    for part in whole[:3]:
        assert part.images.dtype == torch.uint8
        assert part.labels.dtype == torch.int64
        assert len(part.labels.unique()) > 5  # mixed, though nothing but the content decides their order


@pytest.fixture(params=["tiny"] if REAL in ("", "sample") else ["tiny", "real"])
def doors(request, name, tiny, tmp_path, monkeypatch):
    """Folders that hold a set as pictures, as torchvision unpacks it, and as a mirror; the real one if it is here."""
    if request.param == "tiny":
        yield tiny / "pictures", tiny / "torchvision", tiny / "mirror"
        return
    monkeypatch.setitem(data.SETS, name, PUBLISHED[name])
    pictures = torchvision = ROOT / REAL
    loaded = from_folder(name, pictures, monkeypatch, tmp_path / "real")
    train, validation, test = [(part.images.permute(0, 2, 3, 1).numpy(), part.labels.numpy()) for part in loaded[:3]]
    splits = [[np.concatenate(parts) for parts in zip(train, validation)], test]
    assert [len(labels) for _, labels in splits] == [70000 - 10000 if name == "mnist" else 50000, 10000]
    assert tiny_sets.checksum(splits) == PUBLISHED[name]["sha256"]
    if (torchvision / PUBLISHED[name]["folder"]).is_dir():
        pictures = tmp_path / "pictures"
        tiny_sets.write_pictures(name, splits, pictures)
    else:
        torchvision = tmp_path / "torchvision"
        tiny_sets.write_torchvision(name, splits, torchvision)
    if name == "cifar10":
        tiny_sets.vouch(torchvision, monkeypatch)
    md5 = tiny_sets.write_mirror(name, torchvision, tmp_path / "mirror")
    monkeypatch.setitem(data.SETS, name, PUBLISHED[name] | {"files": md5})
    yield pictures, torchvision, tmp_path / "mirror"
    for folder in ("pictures", "torchvision", "mirror"):
        shutil.rmtree(tmp_path / folder, ignore_errors=True)  # a hundred thousand files


def test_every_door_gives_equal_tensors(name, doors, tmp_path, monkeypatch, said):
    pictures, torchvision, mirror = doors
    first = from_folder(name, pictures, monkeypatch, tmp_path / "first")
    assert same(from_folder(name, torchvision, monkeypatch, tmp_path / "second"), first)
    said()
    server = FaultyServer(mirror)
    assert same(load_data(name, [server.address("good")]), first)
    server.close()
    assert server.address("good") in said()
    assert same(load_data(name, []), first)  # from the cache
    assert said() == ""


def test_a_relative_folder_is_looked_for_here_and_in_the_repository(name, whole, tiny, tmp_path, monkeypatch):
    shutil.copytree(tiny / "torchvision", tmp_path / "home/mine")
    for here, wish in ((tmp_path, "home/mine"), (tiny, "mine"), (tiny, "pictures")):
        monkeypatch.chdir(here)
        assert same(from_folder(name, wish, monkeypatch, tmp_path / "new" / wish), whole)
    (tmp_path / "home/mine").rename(tmp_path / "home/data")
    assert same(load_data(name, []), whole)


def test_the_sample_is_announced_and_never_called_the_full_set(name, monkeypatch, said):
    monkeypatch.setenv("LESSONS_DATA", "sample")
    loaded = load_data(name)
    assert not loaded.full
    assert loaded.source.startswith("a sample of MNIST, not" if name == "mnist" else "a stand-in, not CIFAR-10")
    assert said() == f"LESSONS_DATA asks for a sample. This is {loaded.source}.\n"
    assert len(loaded.classes) == 10
    count = 5000 if name == "mnist" else 12000
    assert [len(part.labels) for part in loaded[:3]] == [count * 7 // 10, count // 10, count // 5]
    assert all(part.labels.bincount(minlength=10).min() > count // 10 * 0.05 for part in loaded[:3])


def test_a_set_that_does_not_exist_names_those_that_do():
    with pytest.raises(ValueError, match="no data set 'mnits': choose 'mnist' or 'cifar10'"):
        load_data("mnits")


# Mirrors

FAULTS = {
    "403": "403 Client Error: Forbidden",
    "404": "404 Client Error: Not Found",
    "503": "503 Server Error: Service Unavailable",
    "loop": "Exceeded 30 redirects",
    "mute": "Read timed out",
    "short": "IncompleteRead",
    "wrong": "does not match the known hash",
    "slow": "under 300 kB/s for",
    "drip": "under 300 kB/s for",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mirror_that_fails_makes_room_for_the_next(name, whole, fault, server, tmp_path, hasty, said):
    start = time.monotonic()
    assert same(load_data(name, [server.address(fault), server.address("good")]), whole)
    assert time.monotonic() - start < 8
    lines = said().splitlines()
    assert [line for line in lines if server.address(fault) in line and FAULTS[fault] in line], lines
    assert lines[-1] == f"{data.SETS[name]['title']} was read from {server.address('good')}."
    assert files(tmp_path / "tmp") == {}
    assert list(files(tmp_path / "cache")) == [data.cache_file(name).name]


def test_when_every_mirror_fails_each_is_named_and_a_sample_taken(server, tmp_path, hasty, said):
    faults = [fault for fault in FAULTS if fault != "slow"]
    assert not load_data("mnist", [server.address(fault) for fault in faults]).full
    *lines, last = said().splitlines()
    for fault in faults:
        assert [line for line in lines if server.address(fault) in line], lines
    assert "LESSONS_DATA=folder" in last
    assert "a sample of MNIST, not the full set" in last
    assert files(tmp_path / "tmp") == files(tmp_path / "cache") == {}


def test_a_slow_mirror_is_left_after_ten_seconds(server, said):
    start = time.monotonic()
    assert load_data("cifar10", [server.address("slow"), server.address("good")]).full
    assert 10 <= time.monotonic() - start < 14
    assert "under 300 kB/s for 10 s" in said()


def test_a_slow_mirror_is_waited_for_if_no_other_is_left(server, hasty, said):
    assert load_data("mnist", [server.address("slow"), server.address("404")]).full
    out = said()
    assert "train-images-idx3-ubyte.gz: 100%" in out  # the progress bar
    assert out.endswith(f"MNIST was read from {server.address('slow')}.\n")


def test_files_that_came_whole_are_not_fetched_again(server, tmp_path, said):
    broken = FaultyServer(tmp_path / "mirror")  # it lacks the last file
    shutil.copytree(server.folder, broken.folder)
    last = list(data.SETS["mnist"]["files"])[-1]
    (broken.folder / last).write_bytes(b"")
    assert load_data("mnist", [broken.address("good"), server.address("good")]).full
    broken.close()
    assert server.asked == [("good", last)]
    said()


def test_a_name_that_does_not_resolve_a_closed_port_and_a_silent_host(server, said):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    mirrors = ["http://mirror.invalid/", f"http://127.0.0.1:{port}", server.address("silent"), server.address("good")]
    start = time.monotonic()
    assert load_data("cifar10", mirrors).full
    assert time.monotonic() - start < 7
    *lines, _ = said().splitlines()
    assert [line.split(" cannot be reached: ")[0] for line in lines] == mirrors[:3]


def test_an_unreachable_network_costs_at_most_15_seconds(server, said):
    start = time.monotonic()
    for name in data.SETS:
        assert data._download(name, [f"{server.address('silent')}{number}/" for number in range(4)]) is None
    assert time.monotonic() - start < 15
    assert said().count("cannot be reached: TimeoutError") == 8


def test_no_network_at_all(tmp_path):
    process = apart.start(apart.main_without_network, tmp_path / "output")
    process.join()
    out = (tmp_path / "output").read_text()
    assert process.exitcode == 0, out
    *lines, mnist, cifar10 = sorted(out.splitlines(), key=lambda line: line.split()[1] == "is")
    mirrors = [mirror for entry in PUBLISHED.values() for mirror in entry["mirrors"]]
    assert [line.split(" cannot be reached: ")[0] for line in lines] == mirrors
    assert "a sample of MNIST, not the full set" in mnist
    assert "a stand-in, not CIFAR-10" in cifar10


def test_offline_asks_no_mirror(server, monkeypatch, said):
    monkeypatch.setenv("LESSONS_OFFLINE", "1")
    assert not load_data("mnist", [server.address("good")]).full
    assert server.asked == []
    assert "MNIST is not here" in said()


def test_behind_a_proxy(name, whole, server, monkeypatch, said):
    monkeypatch.setenv("HTTP_PROXY", server.address("").removesuffix("//"))
    assert same(load_data(name, ["http://mirror.invalid/good/"]), whole)
    assert "was read from http://mirror.invalid/good/" in said()


# Disks and processes


@contextlib.contextmanager
def tmpfs(folder):
    """A small disk with a mebibyte mounted at a folder; OSError where the machine does not allow that."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode:
        raise OSError("no tmpfs")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@contextlib.contextmanager
def short_files():
    """A limit on what a file of this process may hold."""
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def small_disk(tmp_path):
    """A folder of strangers' files with room for 50 kB: a full tmpfs, or a limit on files where none can be had."""
    folder = tmp_path / "small"
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(tmpfs(folder))
            planted = strangers.plant(folder)
            (folder / "ballast").write_bytes(strangers.WORDS.ljust(shutil.disk_usage(folder).free - ROOM))
        except OSError:
            planted = strangers.plant(folder)
            stack.enter_context(short_files())
        yield folder
        assert strangers.harmed(planted) == []


FULL = ("No space left on device", "File too large")


def test_a_full_disk_during_the_download_is_not_blamed_on_the_mirror(small_disk, server, tmp_path, monkeypatch, said):
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    assert not load_data("mnist", [server.address("good"), server.address("good")]).full
    line, sample = said().splitlines()
    assert line.startswith(f"MNIST cannot be unpacked in {small_disk}: ")
    assert any(reason in line for reason in FULL)
    assert "TMPDIR" in line
    assert "a sample of MNIST" in sample
    assert files(small_disk) == files(tmp_path / "cache") == {}


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


def test_a_process_killed_in_the_middle_of_a_download(name, whole, tiny, server, tmp_path, said):
    process = apart.start(apart.load, tmp_path / "output", tiny, name, [server.address("half")])
    assert server.halfway.wait(60)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert files(tmp_path / "tmp")  # it was in the middle
    assert files(tmp_path / "cache") == {}
    assert same(load_data(name, [server.address("good")]), whole)
    assert list(files(tmp_path / "cache")) == [data.cache_file(name).name]
    said()


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


def interrupt_soon(halfway):
    """What Ctrl-C does, when half a file has come and the reader waits for more."""
    assert halfway.wait(30)
    time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGINT)


def test_control_c_leaves_the_cache_as_it_was(server, tiny, tmp_path, monkeypatch, said):
    monkeypatch.setenv("LESSONS_DATA", str(tiny / "pictures"))
    load_data("mnist")
    monkeypatch.delenv("LESSONS_DATA")
    before = files(tmp_path / "cache")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
    interrupt = threading.Thread(target=interrupt_soon, args=[server.halfway])
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        load_data("cifar10", [server.address("half")])
    interrupt.join()
    assert files(tmp_path / "cache") == before
    assert files(tmp_path / "tmp") == {}
    said()


def test_two_processes_load_at_once(whole, name, tiny, server, tmp_path, said):
    outputs = [tmp_path / "one", tmp_path / "two"]
    processes = [apart.start(apart.load, output, tiny, name, [server.address("meet")]) for output in outputs]
    for process, output in zip(processes, outputs):
        process.join()
        assert process.exitcode == 0
        assert output.read_text().splitlines()[-1] == apart.checksum(whole)
    assert len(server.asked) == 2 * len(data.SETS[name]["files"])
    assert list(files(tmp_path / "cache")) == [data.cache_file(name).name]
    assert same(load_data(name, []), whole)
    assert said() == ""


# The cache

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
    first, second = said().splitlines()
    assert first.startswith(f"{path} is damaged")
    assert "a sample of MNIST, not the full set" in second


def test_what_is_written_into_a_loaded_set_does_not_reach_the_cache(name, whole, tiny, tmp_path, monkeypatch):
    for _ in range(2):
        from_folder(name, tiny / "pictures", monkeypatch, tmp_path / "cache").train.images.zero_()
    assert same(from_folder(name, tiny / "pictures", monkeypatch, tmp_path / "cache"), whole)


@pytest.fixture(params=["torchvision", "pictures"])
def layout(request):
    """Both layouts in turn."""
    return request.param


def a_file(name, folder):
    """One of the files of a set in a folder of either layout."""
    below = [folder / name, folder / data.SETS[name]["folder"]]
    return sorted(path for part in below for path in part.rglob("*") if path.is_file())[-1]


def test_a_good_cache_does_not_hide_that_the_folder_was_damaged(name, layout, mine, tmp_path, said):
    folder = mine(layout)
    loaded = load_data(name)
    good = files(tmp_path / "cache")
    assert same(load_data(name), loaded)
    assert said().count("was read from") == 1  # the second time from the cache
    path = a_file(name, folder)
    content, times = path.read_bytes(), path.stat()
    path.write_bytes(content[: len(content) // 2])
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # as an unpacker or a backup would
    with pytest.raises(ValueError, match=r"Fetch it again\.$"):
        load_data(name)
    assert files(tmp_path / "cache") == good
    path.write_bytes(content)
    assert same(load_data(name), loaded)
    assert "was read from" in said()


def test_a_good_cache_does_not_hide_a_damaged_folder_named_later(name, layout, mine, monkeypatch, server, said):
    folder = mine(layout)
    path = a_file(name, folder)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with monkeypatch.context() as patch:
        patch.delenv("LESSONS_DATA")
        assert load_data(name, [server.address("good")]).full
    assert said()
    with pytest.raises(ValueError, match=r"Fetch it again\.$"):
        load_data(name)
    monkeypatch.delenv("LESSONS_DATA")
    assert load_data(name, []).full  # nobody asks for the folder now
    assert said() == ""


# Folders


@pytest.fixture
def mine(tiny, stranger, tmp_path, monkeypatch):
    """A copy of both layouts for a user to spoil: LESSONS_DATA names it after `mine(layout)`."""

    def copy(layout):
        shutil.copytree(tiny / layout, tmp_path / layout)
        stranger(tmp_path / layout)
        monkeypatch.setenv("LESSONS_DATA", str(tmp_path / layout))
        return tmp_path / layout

    return copy


@pytest.mark.parametrize("harm", ["no such folder", "an empty folder", "the other set"])
def test_a_folder_without_the_set_lists_the_layouts(name, harm, mine, tmp_path, monkeypatch, server):
    other = {"mnist": "cifar-10-batches-py", "cifar10": "MNIST"}[name]
    folder = tmp_path / "mine"
    if harm != "no such folder":
        (folder / other / "raw" if harm == "the other set" else folder).mkdir(parents=True)
    monkeypatch.setenv("LESSONS_DATA", str(folder))
    with pytest.raises(FileNotFoundError) as caught:
        load_data(name, [server.address("good")])
    for part in (str(folder), data.SETS[name]["title"], data.SETS[name]["folder"], f"FOLDER/{name}/train"):
        assert part in str(caught.value)
    assert server.asked == []


class Malice:
    """Unpickled, it creates a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("file", ["data_batch_1", "data_batch_5", "test_batch", "batches.meta"])
@pytest.mark.parametrize("harm", ["malicious", "foreign", "cut short", "missing"])
def test_damaged_batches_are_refused_before_they_are_unpickled(file, harm, mine, tmp_path, server):
    path = mine("torchvision") / "cifar-10-batches-py" / file
    good = path.read_bytes()
    foreign = pickle.loads(good) | {"labels": [0] * 20}
    evil = pickle.dumps(Malice(tmp_path / "trap"))
    path.write_bytes({"malicious": evil, "foreign": pickle.dumps(foreign)}.get(harm, good[:-9]))
    if harm == "missing":
        path.unlink()
    with pytest.raises(ValueError, match=r"cifar-10-batches-py is damaged, or not CIFAR-10's: .+\. Fetch it again"):
        load_data("cifar10", [server.address("good")])
    assert not (tmp_path / "trap").exists()
    assert files(tmp_path / "cache") == {}
    pickle.loads(evil).close()
    assert (tmp_path / "trap").exists()  # the trap works


@pytest.mark.parametrize("harm", ["malicious", "foreign", "cut short", "missing"])
def test_damaged_files_of_mnist_are_refused(harm, mine, tmp_path):
    folder = mine("torchvision") / "MNIST"
    path = folder / "raw/train-labels-idx1-ubyte"
    good = path.read_bytes()
    path.write_bytes({"foreign": good[:8] + good[:7:-1], "cut short": good[:100]}.get(harm, good))
    if harm == "missing":
        path.unlink()
    if harm == "malicious":  # torchvision still reads the form that its first versions kept
        (folder / "processed").mkdir()
        for file in ("training.pt", "test.pt"):
            torch.save(Malice(tmp_path / "trap"), folder / "processed" / file)
    with pytest.raises(ValueError, match=r"Fetch it again"):
        load_data("mnist")
    assert not (tmp_path / "trap").exists()
    assert files(tmp_path / "cache") == {}


def spoil(harm, folder, path):
    """Do one of the things that happen to folders of pictures."""
    with Image.open(path) as opened:
        picture = opened.copy()
    if harm == "class missing":
        shutil.rmtree(folder)
    elif harm == "class empty":
        for file in folder.iterdir():
            file.unlink()
    elif harm == "class renamed":
        folder.rename(folder.with_name("other"))
    elif harm == "picture missing":
        path.unlink()
    elif harm == "picture twice":
        shutil.copy(path, folder / "copy.png")
    elif harm == "picture without a suffix":
        path.rename(folder / "picture")
    elif harm == "no picture":
        path.write_text("no picture")
    elif harm == "cut short":
        path.write_bytes(path.read_bytes()[:-200])
    elif harm == "other size":
        picture.resize((33, 32)).save(path)
    elif harm == "sixteen bits":
        Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257).save(path)
    elif harm == "foreign":
        picture.rotate(90).save(path)
    elif harm == "the other colours":
        picture.convert("RGB" if picture.mode == "L" else "L").save(path)
    else:
        picture.convert(harm).save(path)


NAMED = ["no picture", "cut short", "other size", "sixteen bits", "P", "RGBA", "the other colours"]
HARMS = [
    "class missing",
    "class empty",
    "class renamed",
    "picture missing",
    "picture twice",
    "picture without a suffix",
    "foreign",
]


@pytest.mark.parametrize("harm", [*NAMED, *HARMS])
def test_spoilt_pictures_are_named(name, harm, mine, tmp_path, server):
    title = data.SETS[name]["classes"][3]
    folder = mine("pictures") / name / "train" / title
    path = sorted(folder.iterdir())[2]
    spoil(harm, folder, path)
    with pytest.raises(ValueError, match=str(tmp_path / "pictures")) as caught:
        load_data(name, [server.address("good")])
    assert str(path) in str(caught.value) or harm not in NAMED
    assert title in str(caught.value) or "class" not in harm
    assert files(tmp_path / "cache") == {}


def test_files_that_are_no_pictures_by_name_are_let_be(name, whole, mine):
    folder = mine("pictures") / name / "train" / data.SETS[name]["classes"][0]
    (folder.parent / ".ipynb_checkpoints").mkdir()
    for file in (".DS_Store", "._00000.png", "Thumbs.db", "notes.txt"):
        (folder / file).write_text("no picture")
    assert same(load_data(name), whole)


# `make data`


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
    assert "MNIST/raw is damaged, or not MNIST's: " in ended.value.code
    assert list(files(tmp_path / "cache")) == [data.cache_file("cifar10").name]


def test_make_data_ends_with_1_and_no_traceback(tmp_path, monkeypatch):
    monkeypatch.setenv("LESSONS_DATA", str(tmp_path / "nowhere"))
    process = apart.start(prepare.main, tmp_path / "output")
    process.join()
    said = (tmp_path / "output").read_text()
    assert process.exitcode == 1
    assert said.startswith(f"LESSONS_DATA={tmp_path / 'nowhere'} is not there, or holds no MNIST")
    assert "Traceback" not in said
