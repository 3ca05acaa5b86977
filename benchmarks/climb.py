"""The ladders of the lessons on CIFAR-10 on all training pictures, with five seeds, into results/climb.csv.

Each rung sees every picture once; what it gained is told by the validation pictures, as in the lessons. The pages are
run up to their cells tagged `rungs`. `python -m benchmarks.climb NAME` climbs one ladder alone.
"""

import sys

import pandas as pd

from benchmarks.machine import describe, precision, record, run_lesson
from helpers import load_data

RUNS = 5
CLIMB = {"rung_images": 45000, "rung_epochs": 1}
LESSONS = {"cifar10_better": {"small_images": 45000}, "cifar10_fast": {"precision": precision()}}


def climb(lesson):
    """A lesson's ladder: for each rung the mean, lowest and highest accuracy of several seeds."""
    climbs = [run_lesson(lesson, "rungs", seed=seed, **CLIMB, **LESSONS[lesson])["rungs"] for seed in range(RUNS)]
    rungs = pd.concat(map(pd.DataFrame, climbs)).groupby("change", sort=False)
    table = rungs.accuracy.agg(accuracy="mean", lowest="min", highest="max").round(4)
    table = table.assign(runs=rungs.size())
    print(table.to_string(), flush=True)
    return table.reset_index().assign(lesson=lesson)


def main():
    """Climb each ladder, and write the table; what other lessons recorded stays."""
    data = load_data("cifar10")
    assert data.full, "the benchmark wants the full CIFAR-10"
    about = {"images": CLIMB["rung_images"], "epochs": CLIMB["rung_epochs"], "data": data.source, **describe()}
    record(pd.concat([climb(lesson).assign(**about) for lesson in sys.argv[1:] or LESSONS]), "climb", by="lesson")


if __name__ == "__main__":
    main()
