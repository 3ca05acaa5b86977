"""MNIST and CIFAR-10 as tensors, through the first door that opens: a folder, the cache, a mirror, a sample.

A set is kept as rows of bytes, uint8 (N, 1 + channels * height * width): a label, then the pixels. Training
rows come first. Both parts are sorted by a hash of each row, which mixes the classes and depends on nothing
else, so that every door gives the same tensors. The sha256 of all rows (sets.toml) vouches that they are the
published set, unharmed.
"""

import hashlib
import os
import tempfile
import tomllib
from collections import namedtuple
from pathlib import Path

import numpy as np
import pandas as pd
import pooch
import torch
from PIL import Image

from helpers import cache, layouts
from helpers.mirrors import fetch
from helpers.shapes import CLASSES, draw_shapes

HERE = Path(__file__).resolve().parent
BOOK = HERE.parent  # the repository, unless only the helpers are installed
SETS = tomllib.loads((HERE / "sets.toml").read_text(encoding="utf-8"))

# Pictures, uint8 (N, channels, height, width), and their labels, int64 (N,).
Split = namedtuple("Split", "images labels")
# Three splits, the names of the classes, what the data are in one line, and whether they are the full set.
Data = namedtuple("Data", "train validation test classes source full")


def load_data(name, mirrors=None):
    """Load "mnist" or "cifar10" from a folder, the cache, a mirror, or a sample: the first that can be had.

    The folder is the one that LESSONS_DATA names, or `data/`, here or in the repository. What it holds is
    decoded once and comes from the cache until a file of it changes; LESSONS_CACHE moves the cache.
    LESSONS_DATA=sample goes straight to the sample; LESSONS_OFFLINE=1 leaves out the mirrors. `mirrors` are
    addresses to use instead of those in sets.toml. Returns a `Data`. Raises FileNotFoundError if the folder
    that LESSONS_DATA names does not hold the set, ValueError if what a folder holds is damaged or is not the
    published set. Whatever else goes wrong is told on stdout.
    """
    if name not in SETS:
        raise ValueError(f"there is no data set {name!r}: choose {' or '.join(map(repr, SETS))}")
    if _setting("LESSONS_DATA") == "sample":
        return _sample(name, "LESSONS_DATA asks for a sample.")
    spec, (folder, layout) = SETS[name], _folder(name)
    origin = cache.fingerprint(layouts.stats(layout)) if layout else None
    rows = cache.load(cache_file(name), spec["sha256"], origin)
    if rows is None and layout:
        rows = _read(name, layout, origin, folder)
    if rows is None and _setting("LESSONS_OFFLINE") != "1":
        rows = _download(name, spec["mirrors"] if mirrors is None else mirrors)
    if rows is None:
        return _sample(name, f"{spec['title']} is not here: LESSONS_DATA=folder or a network brings it.")
    *training, test = spec["rows"]
    source = f"{spec['title']}, the full set: {sum(training):,} training and {test:,} test pictures"
    return _data(spec, rows.reshape(sum(spec["rows"]), -1), spec["rows"], spec["classes"], source, True)


def cache_file(name):
    """The file that keeps a set: below the folder that LESSONS_CACHE names, or in the user's cache folder."""
    folder = pooch.os_cache("pytorch-by-hand")
    if wish := _setting("LESSONS_CACHE"):
        base = BOOK if Path.cwd().is_relative_to(BOOK) else Path.cwd()  # one for the root and for lessons/
        folder = base / Path(wish).expanduser() / "pytorch-by-hand-cache"
    return folder / f"{name}-{SETS[name]['sha256'][:16]}.bytes"


def _setting(name):
    """What the user set, without the blanks and quotes that some shells leave around it."""
    return os.environ.get(name, "").strip(" \t\"'")


def _sample(name, reason):
    """What needs no network: 5,000 digits of MNIST from a picture, or ten shapes drawn by code."""
    spec = SETS[name]
    print(f"{reason}\nThis is {spec['sample']}.")
    images, labels = _digits() if name == "mnist" else draw_shapes(12000, seed=0)
    classes = spec["classes"] if name == "mnist" else list(CLASSES)
    return _data(spec, _rows(images, labels), spec["sample_rows"], classes, spec["sample"], False)


def _digits():
    """The digits of digits.png, ten lines of 50 of each: pixels (5000, 28, 28) and labels (5000,)."""
    with Image.open(HERE / "digits.png") as picture:
        lines = np.asarray(picture).reshape(100, 28, 50, 28)
    return lines.swapaxes(1, 2).reshape(-1, 28, 28), np.arange(10).repeat(500)


def _data(spec, rows, sizes, *about):
    """Cut rows into three splits of pictures and labels; nothing is copied but the labels."""
    parts = torch.from_numpy(rows).split(sizes)
    return Data(*(Split(part[:, 1:].view(-1, *spec["shape"]), part[:, 0].long()) for part in parts), *about)


def _rows(images, labels):
    """Rows of labels (N,) and images (N, …), sorted by a hash of their content."""
    rows = np.column_stack([np.asarray(part, np.uint8).reshape(len(labels), -1) for part in (labels, images)])
    return rows[np.argsort([hashlib.blake2b(row, digest_size=8).digest() for row in rows])]


def _folder(name):
    """The folder with a set and its layout: LESSONS_DATA (an error without it), or data/; else None twice."""
    wish = _setting("LESSONS_DATA")
    bases, place = (Path.cwd(), BOOK), Path(wish or "data").expanduser()
    folders = list(dict.fromkeys((base / place).resolve() for base in bases))
    for folder in folders:
        if layout := layouts.find(SETS[name], folder):
            return folder, layout
    if wish:
        raise FileNotFoundError(_nothing(SETS[name], folders, os.environ["LESSONS_DATA"]))
    return None, None


def _nothing(spec, folders, wish):
    """A line that says what the folder of a wish holds instead of a set, what is wanted, and what helps."""
    there = [folder for folder in folders if folder.is_dir()]
    packed = [path.name for folder in there for path in folder.glob("*.zip")]
    found = layouts.listing(sorted(os.listdir(there[0]))) if there else ""
    what = f"holds no {spec['title']}, but {found}" if there else "is no folder"
    unpack = f" Unpack {layouts.listing(sorted(packed))}." if packed else ""
    wanted = f"Wanted for {spec['title']}: {spec['wanted']}."
    return f"LESSONS_DATA={wish!r} {what}.{unpack} {wanted} Unset LESSONS_DATA to fetch the set."


def _read(name, layout, origin, place):
    """Rows decoded from some place, and kept in the cache; ValueError if they are not the published ones.

    `origin` is the fingerprint of what is read, taken before, lest a change in between go unseen.
    """
    spec = SETS[name]
    rows = np.concatenate([_rows(*split) for split in layouts.read(spec, layout)])
    if hashlib.sha256(rows).hexdigest() != spec["sha256"]:
        title, count = spec["title"], f"of its {sum(spec['rows']):,} pictures {len(rows):,} were read"
        reason = f"{count}, and some are missing or differ"
        raise ValueError(f"{place} is not the published {title}: {reason}. {layouts.AGAIN}")
    path = cache_file(name)
    try:
        cache.store(path, rows, origin)
        print(f"{spec['title']} was read from {place}.")
    except OSError as error:
        reason = f"{path} cannot be written: {error.strerror}. LESSONS_CACHE moves it."
        print(f"{spec['title']} from {place} is not kept: {reason}")
    return rows


def _download(name, mirrors):
    """Rows from the first mirror that gives them whole, or None."""
    spec = SETS[name]
    try:
        with tempfile.TemporaryDirectory(prefix="pytorch-by-hand-", ignore_cleanup_errors=True) as folder:
            if mirror := fetch(spec, mirrors, Path(folder)):
                layout = layouts.find(spec, Path(folder))
                return _read(name, layout, cache.fingerprint(layouts.stats(layout)), mirror)
    except OSError as error:
        place = tempfile.gettempdir()
        print(f"{spec['title']} cannot be unpacked in {place}: {error.strerror}. TMPDIR moves it.")
    return None


def load_results(name):
    """Recorded results from results/NAME.csv, each row with its hardware, versions and number of runs."""
    folders = (HERE / "results", BOOK / "results")  # installed, or in the repository
    return pd.read_csv(next(folder for folder in folders if folder.is_dir()) / f"{name}.csv")
