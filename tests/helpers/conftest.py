"""What the tests of the data layer share: tiny sets in place of the real ones, a faulty mirror, strangers' files."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

import pytest

from helpers import data, mirrors
from tests.support import apart, strangers, tiny_sets
from tests.support.faulty_server import FaultyServer
from tests.support.loading import from_folder

ROOM = 50_000  # bytes that a small disk has left


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """The folder of the tiny sets; they are the same in every test."""
    apart.warm_up()
    folder = tmp_path_factory.mktemp("tiny")
    tiny_sets.make(folder)
    return folder


@pytest.fixture(scope="session")
def server(tiny):
    """A mirror of the tiny sets, with all faults."""
    server = FaultyServer(tiny / "mirror")
    yield server
    server.close()


@pytest.fixture
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
    monkeypatch.setattr(data, "BOOK", tmp_path / "home")  # the repository of whoever runs this may have data/
    server.asked.clear()
    server.halfway.clear()


@pytest.fixture
def stranger(place, tiny, tmp_path):
    """Strangers' files in every place that the data layer touches, and by `stranger(folder)` in one more.

    All of them must be there, unchanged, when a test has ended.
    """
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
    monkeypatch.setattr(mirrors, "PATIENCE", 0.5)


@pytest.fixture(params=["mnist", "cifar10"])
def name(request):
    """Both sets in turn."""
    return request.param


@pytest.fixture(scope="session")
def decoded():
    """The sets that `whole` has loaded so far."""
    return {}


@pytest.fixture
def whole(name, tiny, place, monkeypatch, tmp_path, capfd, decoded):
    """The set as its pictures give it."""
    if name not in decoded:
        decoded[name] = from_folder(name, tiny / "pictures", monkeypatch, tmp_path / "elsewhere")
        capfd.readouterr()
    return decoded[name]


@pytest.fixture
def mine(tiny, stranger, tmp_path, monkeypatch):
    """A copy of both layouts for a user to spoil: LESSONS_DATA names it after `mine(layout)`."""

    def copy(layout):
        shutil.copytree(tiny / layout, tmp_path / layout)
        stranger(tmp_path / layout)
        monkeypatch.setenv("LESSONS_DATA", str(tmp_path / layout))
        return tmp_path / layout

    return copy


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
