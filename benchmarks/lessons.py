"""Seconds and memory that each lesson takes, its kernel's start included, into results/lessons.csv: `make results`."""

import resource
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pandas as pd
import torch

from benchmarks.machine import describe, run_lesson
from helpers import load_data
from tools.places import LESSONS, ROOT, name_of

RUNS = 1


def measure(name):
    """Seconds, and the most memory in MB that a process of the lesson had resident; wants a process of its own."""
    start = time.perf_counter()
    run_lesson(name)
    seconds = time.perf_counter() - start
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6  # Linux counts KiB


def main():
    """Run every lesson RUNS times and keep the median."""
    device = "GPU" if torch.cuda.is_available() else "CPU"
    rows = []
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as processes:
        for path in sorted(LESSONS.glob("*.ipynb")):
            name = name_of(path)
            seconds, megabytes = zip(*[processes.submit(measure, name).result() for _ in range(RUNS)])
            row = {"lesson": name, "device": device, "seconds": round(statistics.median(seconds), 1)}
            rows.append(row | {"megabytes": round(max(megabytes)), "runs": RUNS})
            print(rows[-1], flush=True)
    file = ROOT / "results/lessons.csv"
    sources = {name: load_data(name).source for name in ("mnist", "cifar10")}
    table = pd.DataFrame(rows).assign(**sources, **describe())
    if file.exists():  # keep what another kind of machine recorded
        old = pd.read_csv(file)
        table = pd.concat([table, old[old.device != device]])
    table.to_csv(file, index=False)


if __name__ == "__main__":
    main()
