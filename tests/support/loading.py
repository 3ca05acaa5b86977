"""Loads from one folder, and whether two of them gave the same."""

import torch

from helpers import load_data
from tests.support import strangers


def files(folder):
    """The content of each file below a folder that is no stranger's, by its name."""
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
