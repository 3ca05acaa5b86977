"""Rows of bytes kept in one file, and mapped into memory when they are loaded.

After the rows the file holds the fingerprint of the files that they were decoded from. Nothing is ever
removed but unfinished files of the very same name, which a killed process left behind.
"""

import contextlib
import hashlib
import secrets
import time

import numpy as np

LENGTH = 32  # bytes of a fingerprint
STALE = 3600  # seconds after which nobody still writes an unfinished file


def fingerprint(files):
    """Bytes that tell whether files have changed since, from path, size and times of each (a dict of stats).

    The inode's time cannot be set back; where there is none, as on Windows, the others must do.
    """
    facts = ((path, files[path]) for path in sorted(files))
    lines = (f"{path} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}\n" for path, stat in facts)
    return hashlib.sha256("".join(lines).encode(errors="surrogateescape")).digest()


def load(path, sha256, origin=None):
    """Rows that have this checksum, or None if there are none, or none that were read from this origin."""
    _sweep(path)
    try:
        kept = np.memmap(path, mode="c")  # what is written into it stays in memory
    except (OSError, ValueError):  # no file, or an empty one
        return None
    rows = kept[:-LENGTH]
    if origin not in (None, kept[-LENGTH:].tobytes()):
        return None
    if hashlib.sha256(rows).hexdigest() == sha256:
        return rows
    print(f"{path} is damaged: it is not used.")
    return None


def store(path, rows, origin):
    """Write rows and the fingerprint of their origin, wholly or not at all; OSError if that is impossible."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    part.touch(exist_ok=False)  # from here on it is ours to remove
    try:
        with open(part, "wb") as file:
            file.write(rows)
            file.write(origin)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _sweep(path):
    """Remove unfinished files that nobody has written to for long."""
    for part in path.parent.glob(f"{path.name}.{'[0-9a-f]' * 8}.part"):
        with contextlib.suppress(OSError):  # another process was quicker
            if time.time() - part.stat().st_mtime > STALE:
                part.unlink()
