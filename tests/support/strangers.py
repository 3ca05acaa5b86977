"""Files and folders that are not ours, also those that are named like ours: no load may delete or change them."""

import os
import time

from helpers.data import SETS, cache_file

WORDS = b"a stranger's words"
OLD = time.time() - 30 * 86400  # older than anything that a killed process of ours would be waited for


def names():
    """What strangers call their files, relative to any folder that the data layer touches."""
    yield from ("notes.txt", ".DS_Store", "part-1/chapter.txt", "part-2", "pytorch-by-hand/chapter.txt")
    yield from ("pytorch-by-hand-1/chapter.txt", "pytorch-by-hand-2", "parts/part-1/chapter.txt")
    for name in SETS:
        ours = cache_file(name).name
        yield from (f"{name}.bytes", f"{name}.bytes.part", f"{name}-train.npy", f"{name}-1/chapter.txt", f"{name}-2")
        yield from (f"{ours}.part", f"{ours}.backup.part", f"{ours}.backup", f"{ours}.01234567.part/chapter.txt")


def plant(folder):
    """Put strangers' files into a folder, in folders of their own where the name says so; returns their paths."""
    paths = [folder / name for name in names()]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(WORDS)
        for touched in (path, path.parent):
            os.utime(touched, (OLD, OLD))
    return paths


def harmed(paths):
    """Those of the planted files that are gone or not as they were."""
    return [path for path in paths if not _unharmed(path)]


def _unharmed(path):
    """Whether a planted file holds what it held, and was not written to since."""
    return path.is_file() and path.read_bytes() == WORDS and abs(path.stat().st_mtime - OLD) < 2
