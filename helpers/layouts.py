"""What a folder may hold of a data set, and how each layout is read.

A layout has a reader, one of the functions below, and names the files (or the folders of pictures) of each
split in sets.toml. They are looked for in the folder and in what lies in it: a folder too many does no harm.
"""

import contextlib
import gzip
import hashlib
import io
import os
import pickle
import tarfile
from collections import namedtuple
from itertools import chain
from math import prod
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
from PIL import Image

DEPTH = 3  # folders between the one that is named and a file: MNIST/raw/, and one more
SPLITS = ("train", "test")
AGAIN = "With LESSONS_DATA unset, and no folder data/, the book fetches it again."

# The name of a reader, and for each split the paths that it reads.
Layout = namedtuple("Layout", "reader splits")


def find(spec, folder):
    """The first layout that a folder holds whole, or None if it holds nothing; ValueError if only a part."""
    places, partly = _places(folder), []
    for reader, patterns in spec["layouts"].items():
        wanted = [_names(split, spec["classes"]) for split in patterns]
        splits = [[_match(places, names, reader) for names in split] for split in wanted]
        paths = {names.split("|")[0]: path for names, path in zip(chain(*wanted), chain(*splits))}
        if all(paths.values()):
            return Layout(reader, splits)
        if any(paths.values()):
            partly.append(paths)
    if partly:
        raise ValueError(f"{_lack(partly[0], spec)}. {AGAIN}")
    return None


def stats(layout):
    """Every file that belongs to a layout, with what the system says of it."""
    paths = {path for split in layout.splits for path in split}
    files = chain.from_iterable(_pictures_in(path) if path.is_dir() else [path] for path in paths)
    return {file: os.stat(file) for file in files}


def read(spec, layout):
    """Pixels (N, channels * height * width) and labels (N,) of each split; ValueError names damaged files."""
    return [READERS[layout.reader](spec, split, paths) for split, paths in zip(SPLITS, layout.splits)]


def listing(names):
    """A few names in one line, of however many; hidden files are not worth a word."""
    names = [name for name in names if not name.startswith(".")]
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(names[:6]) + more if names else "nothing"


def _places(folder):
    """A folder and the folders in it, the nearest first."""
    below = (sorted(folder.glob("[!.]*/" * depth)) for depth in range(1, DEPTH + 1))
    return [folder, *chain.from_iterable(below)]


def _names(patterns, classes):
    """What a split consists of: patterns, one for each class in place of those with a star."""
    return [name.replace("*", title) for name in patterns for title in (classes if "*" in name else [""])]


def _match(places, names, reader):
    """The first path in some places that has one of the names (divided by |), packed or not, or None."""
    fits, folder = Path.is_dir if reader == "pictures" else Path.is_file, places[0]
    if names.startswith(f"{folder.name}/"):  # the folder is itself the first part of the name
        places = [folder.parent, *places]
    packed = [f"{name}{end}" for name in names.split("|") for end in ("", ".gz")]
    return next(filter(fits, (place / name for place in places for name in packed)), None)


def _lack(paths, spec):
    """What is missing of a layout, given a path or None for each wanted name, and what lies there instead."""
    missing = [name for name, path in paths.items() if not path]
    root = next(path.parents[name.count("/")] for name, path in paths.items() if path)
    beside = (root / missing[0]).parent
    others = {path.name for path in beside.glob("*")} - {path.name for path in paths.values() if path}
    wanted = f"{root} holds only a part of {spec['title']}: wanted are {listing(missing)}"
    return f"{wanted}; found beside is {listing(sorted(others))}"


def _pictures_in(folder):
    """The paths of the PNG files in a folder, a dangling link left out."""
    with os.scandir(folder) as entries:
        return [entry.path for entry in entries if entry.name.lower().endswith(".png") and _is_picture(entry)]


def _is_picture(entry):
    """Whether an entry of a folder is a file, and none of those that macOS hides beside each."""
    return entry.is_file() and not entry.name.startswith(".")


@contextlib.contextmanager
def _blame(path, spec):
    """Make a ValueError that names the file of whatever a damaged one may cause in a parser."""
    try:
        yield
    except MemoryError:  # the file is not to blame
        raise
    except Exception as error:
        raise ValueError(
            f"{path} is damaged, or not {spec['title']}'s: {' '.join(str(error).split())}. {AGAIN}"
        ) from error


def _open(path):
    """A file to read bytes from, unpacked on the way if it is packed, whatever it is called."""
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else open(path, "rb")


def _content(path, most):
    """The bytes of a file, unpacked; ValueError at the first byte too many."""
    with _open(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"it holds more than the published {most:,} bytes")
    return content


def _idx(spec, split, paths):
    """MNIST's own format: a header of 16 bytes before the pixels, of 8 before the labels."""
    count = spec["rows"][-1] if split == "test" else sum(spec["rows"][:-1])
    arrays = []
    for path, header, size in zip(paths, (16, 8), (prod(spec["shape"]), 1)):
        with _blame(path, spec):
            content = _content(path, header + count * size)
            arrays.append(np.frombuffer(content, np.uint8, offset=header).reshape(count, size))
    return arrays[0], arrays[1].ravel()


def _batch(spec, name, content):
    """Pixels and labels of one of CIFAR-10's pickles; any other than the published one is not unpickled."""
    if hashlib.md5(content).hexdigest() != spec["batches"][name]:
        raise ValueError(f"{name} is not the published one")
    batch = pickle.loads(content, encoding="latin1")
    return batch["data"], batch["labels"]


def _batches(spec, split, paths):
    """CIFAR-10's pickles, unpacked."""
    parts = []
    for path in paths:
        with _blame(path, spec):
            parts.append(_batch(spec, path.name.removesuffix(".gz"), _content(path, spec["unpacked"])))
    return [np.concatenate(part) for part in zip(*parts)]


def _tar(spec, split, paths):
    """CIFAR-10's pickles in their archive."""
    wanted = dict(zip(SPLITS, spec["layouts"]["batches"]))[split]
    with _blame(paths[0], spec):
        content = io.BytesIO(_content(paths[0], spec["unpacked"]))
    with _blame(paths[0], spec), tarfile.open(fileobj=content, mode="r:") as tar:
        members = {PurePosixPath(member.name).name: member for member in tar if member.isfile()}
        if lacking := set(wanted) - set(members):
            raise ValueError(f"it lacks {listing(sorted(lacking))}")
        parts = [_batch(spec, name, tar.extractfile(members[name]).read()) for name in wanted]
        return [np.concatenate(part) for part in zip(*parts)]


def _pictures(spec, split, paths):
    """A folder of PNG pictures for each class."""
    images, labels = [], []
    for label, folder in enumerate(paths):
        files = _pictures_in(folder)
        if not files:
            found = listing(sorted(os.listdir(folder)))
            raise ValueError(f"{folder}: wanted are PNG pictures, found is {found}. {AGAIN}")
        for path in files:
            with _blame(path, spec), Image.open(path, formats=["PNG"]) as picture:
                if [picture.mode, *picture.size] != spec["picture"]:
                    raise ValueError(f"it is {picture.width}×{picture.height}, mode {picture.mode}")
                images.append(np.asarray(picture))
        labels += [label] * len(files)
    return np.stack(images).reshape(len(labels), -1, spec["shape"][0]).swapaxes(1, 2), np.uint8(labels)


def _npz(spec, split, paths):
    """The file that Keras keeps."""
    with _blame(paths[0], spec), np.load(paths[0]) as arrays:
        labels = arrays[f"y_{split}"]
        return arrays[f"x_{split}"].reshape(len(labels), prod(spec["shape"])), labels


def _csv(spec, split, paths):
    """A table with a row for each picture, its label first, with or without a header."""
    with _blame(paths[0], spec), _open(paths[0]) as file:
        if not file.readline().startswith(b"label"):
            file.seek(0)
        table = np.ascontiguousarray(pd.read_csv(file, header=None, dtype=np.uint8))
        return table[:, 1:].reshape(len(table), prod(spec["shape"])), table[:, 0]


READERS = {"idx": _idx, "batches": _batches, "tar": _tar, "pictures": _pictures, "npz": _npz, "csv": _csv}
