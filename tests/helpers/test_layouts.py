"""What a folder may hold: every layout is read, and one line says what is wrong with a spoilt or a foreign one."""

import gzip
import io
import pickle
import shutil
import tarfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from helpers import data, load_data
from tests.support import tiny_sets
from tests.support.loading import files, same

pytestmark = pytest.mark.usefixtures("place", "stranger")


@pytest.mark.parametrize("harm", ["no such folder", "an empty folder", "the other set"])
def test_a_folder_without_the_set_lists_the_layouts(name, harm, mine, tmp_path, monkeypatch, server):
    other = {"mnist": "cifar-10-batches-py", "cifar10": "MNIST"}[name]
    folder = tmp_path / "mine"
    if harm != "no such folder":
        (folder / other / "raw" if harm == "the other set" else folder).mkdir(parents=True)
    monkeypatch.setenv("LESSONS_DATA", str(folder))
    with pytest.raises(FileNotFoundError) as caught:
        load_data(name, [server.address("good")])
    found = {"no such folder": "is no folder", "an empty folder": "but nothing", "the other set": f"but {other}"}[harm]
    title = data.SETS[name]["title"]
    for part in (f"LESSONS_DATA='{folder}'", title, found, tiny_sets.FOLDER[name].split("/")[0], f"{name}/train"):
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)
    assert server.asked == []


def move(files, folder):
    """Bring some files into a new folder."""
    folder.mkdir(parents=True)
    for file in list(files):
        file.rename(folder / file.name)


def table(name, mine, header):
    """The two tables that go round, made from the files of MNIST, with or without a header."""
    folder = mine("torchvision")
    for (images, labels), split in zip(tiny_sets.draw("mnist"), ("train", "test")):
        rows = np.column_stack([labels, images.reshape(len(labels), -1)])
        first = "label," + ",".join(f"{n // 28 + 1}x{n % 28 + 1}" for n in range(784)) + "\n"
        lines = "".join(",".join(map(str, row)) + "\n" for row in rows)
        (folder / f"mnist_{split}.csv").write_text(header * first + lines)
    shutil.rmtree(folder / "MNIST/raw")
    return folder


def keras(mine):
    """The file that Keras keeps."""
    folder = mine("torchvision")
    (x_train, y_train), (x_test, y_test) = [(images.squeeze(3), labels) for images, labels in tiny_sets.draw("mnist")]
    np.savez_compressed(folder / "mnist.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    shutil.rmtree(folder / "MNIST/raw")
    return folder


def packed(mine):
    """Files that were downloaded and not unpacked."""
    folder = mine("torchvision")
    for path in (folder / "MNIST/raw").glob("*-ubyte"):
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    return folder


def renamed(mine):
    """Names with a dot, as one of those who hand them out has them; some in folders of their own name."""
    folder = mine("torchvision")
    for path in list((folder / "MNIST/raw").glob("*-ubyte")):
        path.rename(path.with_name(path.name.replace("-idx", ".idx")))
    path = folder / "MNIST/raw/t10k-images.idx3-ubyte"
    move([path], folder / "MNIST/raw/t10k-images-idx3-ubyte")
    return folder


def deeper(mine, name, layout):
    """One folder too many."""
    folder = mine(layout)
    place = folder / (name if layout == "pictures" else tiny_sets.FOLDER[name])
    place.rename(folder / "moved")
    place.mkdir()
    (folder / "moved").rename(place / place.name)
    return folder


def upper(mine, name):
    """Pictures with an ending in capitals."""
    folder = mine("pictures")
    for path in list((folder / name).rglob("0*.png")):
        path.rename(path.with_suffix(".PNG"))
    return folder


def archive(mine, ending, mode):
    """CIFAR-10's batches in their archive, where somebody put it."""
    folder = mine("torchvision")
    batches = folder / "cifar-10-batches-py"
    with tarfile.open(folder / f"packed{ending}", mode) as tar:
        tar.add(batches, batches.name, filter=lambda entry: entry if "batch" in Path(entry.name).name else None)
    for path in batches.glob("*_batch*"):
        path.unlink()
    (folder / f"packed{ending}").rename(batches / f"cifar-10-python{ending}")
    return folder


LAYOUTS = {
    "packed files": ("mnist", lambda mine: packed(mine)),
    "other names": ("mnist", lambda mine: renamed(mine)),
    "the raw folder": ("mnist", lambda mine: mine("torchvision") / "MNIST/raw"),
    "one folder more, files": ("mnist", lambda mine: deeper(mine, "mnist", "torchvision")),
    "Keras": ("mnist", keras),
    "tables": ("mnist", lambda mine: table("mnist", mine, 0)),
    "tables with a header": ("mnist", lambda mine: table("mnist", mine, 1)),
    "digits in .PNG": ("mnist", lambda mine: upper(mine, "mnist")),
    "the digits' folder": ("mnist", lambda mine: mine("pictures") / "mnist"),
    "one folder more, batches": ("cifar10", lambda mine: deeper(mine, "cifar10", "torchvision")),
    "one folder more, pictures": ("cifar10", lambda mine: deeper(mine, "cifar10", "pictures")),
    "the batches' folder": ("cifar10", lambda mine: mine("torchvision") / "cifar-10-batches-py"),
    "the pictures' folder": ("cifar10", lambda mine: mine("pictures") / "cifar10"),
    "a packed archive": ("cifar10", lambda mine: archive(mine, ".tar.gz", "w:gz")),
    "an archive": ("cifar10", lambda mine: archive(mine, ".tar", "w")),
    "pictures in .PNG": ("cifar10", lambda mine: upper(mine, "cifar10")),
}


@pytest.mark.parametrize(("name", "make"), LAYOUTS.values(), ids=LAYOUTS)
def test_what_people_have_is_read(name, make, whole, mine, tmp_path, monkeypatch, said):
    monkeypatch.setenv("LESSONS_DATA", str(make(mine)))
    assert same(load_data(name), whole)
    said()
    assert same(load_data(name), whole)
    assert said() == ""


@pytest.mark.parametrize("wish", [" {} ", '"{}"', "'{}'\t", "~/pictures"])
def test_blanks_quotes_and_a_tilde_around_a_folder_do_no_harm(name, wish, whole, mine, tmp_path, monkeypatch):
    folder = mine("pictures")
    for home in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(home, str(tmp_path))
    monkeypatch.setenv("LESSONS_DATA", wish.format(folder))
    assert same(load_data(name), whole)


@pytest.mark.parametrize("wish", ["sample ", '"sample"'])
def test_so_it_is_with_a_sample(wish, monkeypatch, said):
    monkeypatch.setenv("LESSONS_DATA", wish)
    assert not load_data("cifar10").full
    assert said().startswith("LESSONS_DATA asks for a sample.")


def test_a_folder_that_cannot_be_found_is_shown_with_its_blanks(tmp_path, monkeypatch):
    monkeypatch.setenv("LESSONS_DATA", f"{tmp_path}/ nowhere ")
    with pytest.raises(FileNotFoundError, match=f"LESSONS_DATA='{tmp_path}/ nowhere ' is no folder"):
        load_data("mnist")


def test_an_archive_of_the_set_that_is_not_read_is_named_with_what_to_do(name, tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/archive.zip").write_bytes(b"PK")
    monkeypatch.setenv("LESSONS_DATA", str(tmp_path / "mine"))
    with pytest.raises(FileNotFoundError, match=r"but archive\.zip\. Unpack archive\.zip\. Wanted for "):
        load_data(name)


def test_pictures_in_another_format_are_named(name, mine):
    folder = mine("pictures") / name / "test" / data.SETS[name]["classes"][2]
    for path in list(folder.iterdir()):
        with Image.open(path) as picture:
            picture.save(path.with_suffix(".jpg"))
        path.unlink()
    first = sorted(folder.iterdir())[0].name
    with pytest.raises(ValueError, match=f"{folder}: wanted are PNG pictures, found is {first}"):
        load_data(name)


def test_a_picture_that_is_a_jpeg_under_the_name_of_a_png_is_not_read(name, mine):
    path = next((mine("pictures") / name / "train" / data.SETS[name]["classes"][2]).iterdir())
    with Image.open(path) as picture:
        picture.save(path, format="JPEG", quality=100)
    with pytest.raises(ValueError, match=f"{path} is damaged, or not"):
        load_data(name)


def test_classes_under_other_names_are_named_beside_those_that_are_wanted(mine):
    folder = mine("pictures") / "cifar10/train"
    (folder / "airplane").rename(folder / "plane")
    (folder / "automobile").rename(folder / "car")
    with pytest.raises(ValueError, match="wanted are cifar10/train/airplane, cifar10/train/automobile; ") as caught:
        load_data("cifar10")
    assert "found beside is car, plane. With LESSONS_DATA unset" in str(caught.value)


def bomb(name, folder):
    """Put a file that unpacks to 200 MB into a folder, where the set's own should be."""
    if name == "mnist":
        with gzip.open(folder / "MNIST/raw/train-images-idx3-ubyte.gz", "wb", 1) as file:
            shutil.copyfileobj(io.BytesIO(bytes(200_000_000)), file)
        (folder / "MNIST/raw/train-images-idx3-ubyte").unlink()
    else:
        for path in (folder / "cifar-10-batches-py").glob("*_batch*"):
            path.unlink()
        with tarfile.open(folder / "cifar-10-python.tar.gz", "w:gz", compresslevel=1) as tar:
            entry = tarfile.TarInfo("cifar-10-batches-py/data_batch_1")
            entry.size = 200_000_000
            tar.addfile(entry, io.BytesIO(bytes(entry.size)))


def test_a_file_that_unpacks_to_more_than_published_is_left_at_the_first_byte_too_many(name, mine):
    bomb(name, mine("torchvision"))
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"it holds more than the published [0-9,]+ bytes\. With LESSONS_DATA unset"):
        load_data(name)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 20_000_000


def test_one_byte_too_many_is_too_many(mine):
    path = mine("torchvision") / "MNIST/raw/t10k-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ValueError, match="it holds more than the published 28 bytes"):
        load_data("mnist")


def test_too_little_memory_is_not_blamed_on_the_files(name, mine, monkeypatch):
    def no_memory(*_, **__):
        raise MemoryError

    mine("pictures")
    monkeypatch.setattr(Image, "open", no_memory)
    with pytest.raises(MemoryError):
        load_data(name)


class Malice:
    """Unpickled, it creates a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("file", ["data_batch_1", "data_batch_5", "test_batch"])
@pytest.mark.parametrize("harm", ["malicious", "foreign", "cut short", "missing"])
def test_damaged_batches_are_refused_before_they_are_unpickled(file, harm, mine, tmp_path, server):
    path = mine("torchvision") / "cifar-10-batches-py" / file
    good = path.read_bytes()
    foreign = pickle.loads(good) | {"labels": [0] * 20}
    evil = pickle.dumps(Malice(tmp_path / "trap"))
    path.write_bytes({"malicious": evil, "foreign": pickle.dumps(foreign)}.get(harm, good[:-9]))
    if harm == "missing":
        path.unlink()
    with pytest.raises(ValueError, match=rf"cifar-10-batches-py.+{file}.+\. With LESSONS_DATA unset"):
        load_data("cifar10", [server.address("good")])
    assert not (tmp_path / "trap").exists()
    assert files(tmp_path / "cache") == {}
    pickle.loads(evil).close()
    assert (tmp_path / "trap").exists()  # the trap works


@pytest.mark.parametrize("harm", ["foreign", "cut short", "missing"])
def test_damaged_files_of_mnist_are_refused(harm, mine, tmp_path):
    path = mine("torchvision") / "MNIST/raw/train-labels-idx1-ubyte"
    good = path.read_bytes()
    path.write_bytes({"foreign": good[:8] + good[:7:-1]}.get(harm, good[:100]))
    if harm == "missing":
        path.unlink()
    with pytest.raises(ValueError, match=r"fetches it again\.$"):
        load_data("mnist")
    assert files(tmp_path / "cache") == {}


@pytest.mark.parametrize("file", ["MNIST/processed/training.pt", "cifar-10-batches-py/batches.meta"])
def test_what_is_not_needed_is_not_unpickled(file, mine, tmp_path):
    path = mine("torchvision") / file
    path.parent.mkdir(exist_ok=True)
    torch.save(Malice(tmp_path / "trap"), path)
    for name in data.SETS:
        assert load_data(name).full
    assert not (tmp_path / "trap").exists()


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
