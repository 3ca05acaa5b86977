"""Gate 4: what the lesson on many processes starts is gone after an interrupt or a death, and restarts for sure."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import jupytext
import pytest

from tools.places import lesson

SOURCES = [cell.source for cell in jupytext.read(lesson("many_processes")).cells if cell.cell_type == "code"]
LAUNCH = [source for source in SOURCES if "torchrun = " in source or "def launch(" in source]
READY = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # a shell may have it ignored
WAIT = """
import os, pathlib, time
path = pathlib.Path("FOLDER", os.environ["RANK"])
path.with_suffix(".new").write_text(f"{os.getpid()} {os.getppid()}")
path.with_suffix(".new").rename(path)
time.sleep(600)
"""
RESTART = """
import os, time
import torch.distributed as dist
again = os.environ["TORCHELASTIC_RESTART_COUNT"] == "1"
if again and os.environ["RANK"] == "1":
    time.sleep(6)  # longer than the other tries an address of before the restart
dist.init_process_group("gloo")
place = dist.TCPStore(os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]), is_master=False)
if not again:
    place.set("address", "of one that dies")
    dist.barrier()
    os.kill(os.getpid(), 9)
assert not place.check(["address"]), "where workers meet, the dead one still stands"
dist.barrier()
"""


def start(script, folder, *options):
    """Start a Python that launches a script as the lesson's cells do."""
    (folder / "script.py").write_text(script.replace("FOLDER", str(folder)))
    call = f"launch(*{[*options, str(folder / 'script.py')]!r})"
    pipe = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    own = os.environ | {"TMPDIR": str(folder)}
    return subprocess.Popen([sys.executable, "-c", "\n".join([READY, *LAUNCH, call])], env=own, **pipe)


def wait_for(what, seconds=120):
    """Wait until something is true; returns it."""
    end = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def is_gone(pid):
    """Whether there is no such process any more."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def running(tmp_path):
    """The lesson's launch, with its launcher and two workers that wait."""
    main = start(WAIT, tmp_path)
    files = [tmp_path / rank for rank in "01"]
    assert wait_for(lambda: all(file.exists() for file in files)), main.stderr.read()
    (first, launcher), (second, _) = [map(int, file.read_text().split()) for file in files]
    yield SimpleNamespace(main=main, launcher=launcher, workers=[first, second])
    for pid in (main.pid, launcher, first, second):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    main.wait()
    main.stderr.close()


@pytest.mark.parametrize("who", ["main", "worker"])
def test_no_process_is_left_after_an_interrupt_or_a_killed_worker(running, who):
    if who == "main":
        running.main.send_signal(signal.SIGINT)
    else:
        os.kill(running.workers[1], signal.SIGKILL)
    said = running.main.communicate(timeout=60)[1]
    assert ("KeyboardInterrupt" if who == "main" else "exitcode  : -9") in said
    assert wait_for(lambda: all(map(is_gone, [running.launcher, *running.workers])), seconds=5)


def test_workers_meet_again_after_a_restart_however_late_one_is(tmp_path):
    main = start(RESTART, tmp_path, "--max-restarts=1")
    said = main.communicate(timeout=120)[1]
    assert main.returncode == 0, said
