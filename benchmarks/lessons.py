"""Seconds that each lesson takes, its kernel's start included, into results/lessons.csv: `make results`."""

import statistics
import time

import pandas as pd
import torch

from benchmarks.machine import describe, run_lesson
from helpers import load_data
from tools.places import LESSONS, ROOT, name_of

RUNS = 1


def main():
    """Run every lesson RUNS times and keep the median."""
    device = "GPU" if torch.cuda.is_available() else "CPU"
    rows = []
    for path in sorted(LESSONS.glob("*.ipynb")):
        seconds = []
        for _ in range(RUNS):
            start = time.perf_counter()
            run_lesson(name_of(path))
            seconds.append(time.perf_counter() - start)
        median = round(statistics.median(seconds), 1)
        rows.append({"lesson": name_of(path), "device": device, "seconds": median, "runs": RUNS})
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
