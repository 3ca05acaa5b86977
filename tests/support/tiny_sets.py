"""Small sets with the names, layouts and files of the real ones, made from drawn shapes, for faults to happen to."""

import gzip
import hashlib
import json
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers.data import SETS
from helpers.shapes import draw_shapes

FOLDER = {"mnist": "MNIST/raw", "cifar10": "cifar-10-batches-py"}  # where torchvision looks


def draw(name):
    """Images, uint8 (N, height, width, channels), and labels of a training and a test set."""
    for count, seed in ((100, 1), (20, 2)):
        images, labels = draw_shapes(count, seed=seed)
        images = images.permute(0, 2, 3, 1).numpy()
        yield images if name == "cifar10" else images[:, 2:30, 2:30, :1], labels.numpy()


def make(folder):
    """Write both sets below a folder, as torchvision/, pictures/ and mirror/, and what `register` needs."""
    entries = {}
    for name in SETS:
        splits = list(draw(name))
        write_pictures(name, splits, folder / "pictures")
        write_torchvision(name, splits, folder / "torchvision")
        entries[name] = {"rows": [80, 20, 20], "sha256": checksum(splits)}
        entries[name] |= write_mirror(name, folder / "torchvision", folder / "mirror")
    (folder / "entries.json").write_text(json.dumps(entries))


def register(folder, patch=None):
    """Put the sets of a folder into the place of the real ones."""
    patch = patch or pytest.MonkeyPatch()
    for name, entry in json.loads(Path(folder, "entries.json").read_text()).items():
        patch.setitem(SETS, name, SETS[name] | entry)


def checksum(splits):
    """What sets.toml calls sha256, computed in another way than load_data does."""
    digest = hashlib.sha256()
    for images, labels in splits:
        rows = [bytes([label]) + image.transpose(2, 0, 1).tobytes() for image, label in zip(images, labels)]
        digest.update(b"".join(sorted(rows, key=lambda row: hashlib.blake2b(row, digest_size=8).digest())))
    return digest.hexdigest()


def write_pictures(name, splits, folder):
    """One folder of pictures per class."""
    for split, (images, labels) in zip(("train", "test"), splits):
        for title in SETS[name]["classes"]:
            (folder / name / split / title).mkdir(parents=True)
        for number, (image, label) in enumerate(zip(images, labels)):
            path = folder / name / split / SETS[name]["classes"][label] / f"{number:05}.png"
            Image.fromarray(image.squeeze()).save(path, compress_level=1)


def write_torchvision(name, splits, folder):
    """What torchvision unpacks: four files of MNIST, or pickled batches of CIFAR-10."""
    folder = folder / FOLDER[name]
    folder.mkdir(parents=True)
    for split, (images, labels) in zip(("train", "test"), splits):
        if name == "mnist":
            for kind, array in (("images-idx3", images.squeeze(3)), ("labels-idx1", labels.astype(np.uint8))):
                header = np.array([2048 + array.ndim, *array.shape], dtype=">i4").tobytes()
                file = f"{'train' if split == 'train' else 't10k'}-{kind}-ubyte"
                (folder / file).write_bytes(header + array.tobytes())
        else:
            files = [f"data_batch_{number}" for number in range(1, 6)] if split == "train" else ["test_batch"]
            for file, part, names in zip(files, np.array_split(images, len(files)), np.array_split(labels, len(files))):
                batch = {"data": part.transpose(0, 3, 1, 2).reshape(len(part), -1), "labels": names.tolist()}
                (folder / file).write_bytes(pickle.dumps(batch))
            (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": SETS[name]["classes"]}))


def write_mirror(name, source, folder):
    """The files that a mirror hands out, from what torchvision would unpack; returns what sets.toml says of them."""
    folder.mkdir(exist_ok=True)
    source = source / FOLDER[name]
    for file in SETS[name]["files"]:
        if name == "mnist":
            (folder / file).write_bytes(gzip.compress((source / file.removesuffix(".gz")).read_bytes(), 1))
        else:
            with tarfile.open(folder / file, "w:gz", compresslevel=1) as tar:
                tar.add(source, source.name)
    files = {file: {"md5": md5(folder / file), "size": (folder / file).stat().st_size} for file in SETS[name]["files"]}
    if name == "mnist":
        return {"files": files}
    batches = {path.name: md5(path) for path in source.glob("*_batch*")}
    return {"files": files, "batches": batches, "unpacked": len(gzip.decompress((folder / file).read_bytes()))}


def md5(path):
    """The md5 of a file, in hexadecimal digits."""
    return hashlib.md5(path.read_bytes()).hexdigest()
