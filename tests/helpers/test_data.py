"""Each door of load_data: a folder, the cache, a mirror, the sample."""

import hashlib
import multiprocessing
import os
import runpy
import shutil
import sys

import numpy as np
import pytest
import torch

from helpers import data, layouts, load_data
from tests import support
from tests.support import tiny_sets
from tests.support.faulty_server import FaultyServer
from tests.support.loading import from_folder, same
from tools.places import ROOT

REAL = os.environ.get("LESSONS_DATA", "")  # the folder with the real sets, where there is one
PUBLISHED = dict(data.SETS)
pytestmark = pytest.mark.usefixtures("place", "stranger")


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
    real = ROOT / REAL
    loaded = from_folder(name, real, monkeypatch, tmp_path / "first")
    train, validation, test = [(part.images.permute(0, 2, 3, 1).numpy(), part.labels.numpy()) for part in loaded[:3]]
    splits = [[np.concatenate(parts) for parts in zip(train, validation)], test]
    assert [len(labels) for _, labels in splits] == [70000 - 10000 if name == "mnist" else 50000, 10000]
    assert tiny_sets.checksum(splits) == PUBLISHED[name]["sha256"]
    unpacked = real
    if not (real / tiny_sets.FOLDER[name]).is_dir():
        unpacked = tmp_path / "torchvision"
        tiny_sets.write_torchvision(name, splits, unpacked)
    monkeypatch.setitem(data.SETS, name, PUBLISHED[name] | tiny_sets.write_mirror(name, unpacked, tmp_path / "mirror"))
    yield real, unpacked, tmp_path / "mirror"
    for folder in ("torchvision", "mirror"):
        shutil.rmtree(tmp_path / folder, ignore_errors=True)


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
    notice = said()
    assert notice == f"LESSONS_DATA asks for a sample.\nThis is {loaded.source}.\n"
    assert max(map(len, notice.splitlines())) <= 80  # what a page shows without scrolling
    assert len(loaded.classes) == 10
    count = 5000 if name == "mnist" else 12000
    assert [len(part.labels) for part in loaded[:3]] == [count * 7 // 10, count // 10, count // 5]
    assert all(part.labels.bincount(minlength=10).min() > count // 10 * 0.05 for part in loaded[:3])


def test_the_sample_of_mnist_holds_five_hundred_published_digits_of_each(monkeypatch):
    images, labels = data._digits()
    rows = data._rows(images, labels)
    assert hashlib.sha256(rows).hexdigest() == "b900771c859d4dadf404a71917d84d0eaffb9681afcf497ef59faa6583833fef"
    assert np.bincount(labels).tolist() == [500] * 10
    if REAL not in ("", "sample"):
        monkeypatch.setitem(data.SETS, "mnist", PUBLISHED["mnist"])
        published = [data._rows(*split) for split in layouts.read(*_published("mnist"))]
        assert {row.tobytes() for row in rows} <= {row.tobytes() for part in published for row in part}


def _published(name):
    """What layouts.read needs to read the real set."""
    return PUBLISHED[name], layouts.find(PUBLISHED[name], ROOT / REAL)


@pytest.mark.parametrize("file", sorted(ROOT.glob("tests/helpers/test_*.py")), ids=lambda path: path.stem)
def test_the_tests_can_be_imported_where_unix_alone_has_a_module_or_a_method(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    monkeypatch.delitem(sys.modules, "tests.support.apart", raising=False)
    monkeypatch.delattr(support, "apart", raising=False)
    runpy.run_path(str(file))


def test_a_set_that_does_not_exist_names_those_that_do():
    with pytest.raises(ValueError, match="no data set 'mnits': choose 'mnist' or 'cifar10'"):
        load_data("mnits")
