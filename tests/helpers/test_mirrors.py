"""Each fault that a mirror, a network, a disk or a user can have during a download, against real servers."""

import os
import shutil
import signal
import socket
import tempfile
import threading
import time

import pytest

from helpers import data, load_data
from helpers import mirrors as ours
from tests.support import apart
from tests.support.faulty_server import FaultyServer
from tests.support.loading import files, same

PUBLISHED = dict(data.SETS)
pytestmark = pytest.mark.usefixtures("place", "stranger")

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
    "longer": "it sends more than the published",
    "endless": "it sends more than the published",
    "page": "it sends a web page: is there a log-in page on this network?",
    "unnamed_page": "it sends a web page: is there a log-in page on this network?",
}
FINAL = ("wrong", "longer", "endless", "page", "unnamed_page")  # asked again, they would send the same again


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mirror_that_fails_makes_room_for_the_next(name, whole, fault, server, tmp_path, hasty, said):
    start = time.monotonic()
    assert same(load_data(name, [server.address(fault), server.address("good")]), whole)
    assert time.monotonic() - start < 8
    lines = said().splitlines()
    [line] = [line for line in lines if server.address(fault) in line]
    assert line.startswith(f"{server.address(fault)} does not give {data.SETS[name]['title']}: ")
    assert FAULTS[fault] in line
    assert len(line) < 250
    assert lines[-1] == f"{data.SETS[name]['title']} was read from {server.address('good')}."
    assert files(tmp_path / "tmp") == {}
    assert list(files(tmp_path / "cache")) == [data.cache_file(name).name]


def test_when_every_mirror_fails_each_is_named_and_a_sample_taken(server, tmp_path, hasty, said):
    faults = [fault for fault in FAULTS if fault != "slow"]
    assert not load_data("mnist", [server.address(fault) for fault in faults]).full
    *lines, reason, sample = said().splitlines()
    for fault in faults:
        assert len([line for line in lines if server.address(fault) in line]) == (1 if fault in FINAL else 2), lines
    assert "LESSONS_DATA=folder" in reason
    assert "a sample of MNIST, not the full set" in sample
    assert files(tmp_path / "tmp") == files(tmp_path / "cache") == {}


def test_a_slow_mirror_is_left_after_ten_seconds(server, monkeypatch, said):
    assert ours.PATIENCE == 10
    monkeypatch.setattr(ours, "PATIENCE", 2)  # a fifth of them is enough to see
    start = time.monotonic()
    assert load_data("cifar10", [server.address("slow"), server.address("good")]).full
    assert 2 <= time.monotonic() - start < 4
    assert "under 300 kB/s for 2 s" in said()


@pytest.mark.parametrize("fault", ["longer", "endless"])
def test_not_one_byte_more_than_published_reaches_the_disk(fault, server, tmp_path):
    file, published = next(iter(data.SETS["mnist"]["files"].items()))
    with pytest.raises(ValueError, match=f"more than the published {published['size']:,} bytes"):
        ours._stream(server.address(fault) + file, tmp_path / file, published["size"], ours.SLOW)
    assert (tmp_path / file).stat().st_size <= published["size"]


def test_a_socks_proxy_without_its_package_is_one_clear_line(monkeypatch, said):
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    assert not load_data("mnist", ["http://mirror.invalid/"]).full
    line, _, _ = said().splitlines()
    assert line == "http://mirror.invalid/ cannot be reached: a SOCKS proxy is set, which needs `pip install pysocks`."


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
    assert data._download("mnist", [f"{server.address('silent')}{number}/" for number in range(4)]) is None
    assert len(data.SETS) * (time.monotonic() - start) < 15
    assert said().count("cannot be reached: TimeoutError") == 4


def test_no_network_at_all(tmp_path):
    process = apart.start(apart.main_without_network, tmp_path / "output")
    process.join()
    out = (tmp_path / "output").read_text()
    assert process.exitcode == 0, out
    *lines, _, mnist, _, cifar10 = sorted(out.splitlines(), key=lambda line: line.split()[1] == "is")
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


FULL = ("No space left on device", "File too large")


def test_a_full_disk_during_the_download_is_not_blamed_on_the_mirror(small_disk, server, tmp_path, monkeypatch, said):
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    assert not load_data("mnist", [server.address("good"), server.address("good")]).full
    line, _, sample = said().splitlines()
    assert line.startswith(f"MNIST cannot be unpacked in {small_disk}: ")
    assert any(reason in line for reason in FULL)
    assert "TMPDIR" in line
    assert "a sample of MNIST" in sample
    assert files(small_disk) == files(tmp_path / "cache") == {}


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
