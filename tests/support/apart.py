"""Loads in a process of their own, one that may be killed; forked from one that has imported everything once."""

import ctypes
import hashlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

from tqdm import tqdm

from helpers import data
from tests.support.tiny_sets import register
from tools import prepare

METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"  # Windows has the second
CONTEXT = multiprocessing.get_context(METHOD)
CONTEXT.set_forkserver_preload(["tests.support.apart"])
NEW_USER, NEW_NET = 0x10000000, 0x40000000  # Linux, sched.h


def warm_up():
    """Let the process that is forked from import what it needs, while others go on."""
    CONTEXT.Process(target=int).start()


def start(action, output, *arguments):
    """Start a process that does one of the things below, in this environment; it writes to the file `output`."""
    process = CONTEXT.Process(target=_run, args=[action, Path(output), dict(os.environ), arguments])
    process.start()
    return process


def _run(action, output, environment, arguments):
    """Do it; stdout and stderr, whatever they were, go to the file."""
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    tqdm.set_lock(threading.RLock())  # its own would be reported as leaked when this process is killed
    sys.stdout = sys.stderr = output.open("w", buffering=1)
    action(*arguments)


def load(tiny, name, mirrors):
    """Load a tiny set and print a checksum of its pictures."""
    register(tiny)
    print(checksum(data.load_data(name, mirrors)))


def checksum(loaded):
    """A checksum of all pictures."""
    return hashlib.sha256(b"".join(part.images.numpy().tobytes() for part in loaded[:3])).hexdigest()


def load_until_killed(tiny, name, size):
    """Load a tiny set; the kernel kills the process as soon as a file of its outgrows so many bytes."""
    import resource  # not on Windows

    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python would make an OSError of it
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    load(tiny, name, [])


def main_without_network():
    """`make data` without a network; where the machine does not allow that, behind a proxy that is not there."""
    unshare = getattr(ctypes.CDLL(None), "unshare", lambda flags: -1)
    if unshare(NEW_NET) and unshare(NEW_USER | NEW_NET):
        os.environ["http_proxy"] = os.environ["https_proxy"] = "http://127.0.0.1:9"
    prepare.main()
