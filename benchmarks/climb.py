"""The ladder of cifar10_fast on all training pictures, with five seeds, into results/climb.csv: `make results`.

Each rung sees every picture once; what it gained is told by the validation pictures, as in the lesson.
"""

import pandas as pd

from benchmarks.machine import describe, run_lesson
from helpers import load_data
from tools.places import ROOT

RUNS = 5
CLIMB = {"rung_images": 45000, "rung_epochs": 1}
SHORT = {"final_images": 8000, "final_batch": 128}  # the last training is not what is measured here


def main():
    """Climb with several seeds, and record each rung's mean, lowest and highest accuracy and its mean seconds."""
    data = load_data("cifar10")
    assert data.full, "the benchmark wants the full CIFAR-10"
    climbs = [run_lesson("cifar10_fast", seed=seed, **CLIMB, **SHORT)["rungs"] for seed in range(RUNS)]
    rungs = pd.concat(map(pd.DataFrame, climbs)).groupby("change", sort=False)
    table = rungs.accuracy.agg(accuracy="mean", lowest="min", highest="max").round(4)
    table = table.assign(seconds=rungs.seconds.mean().round(1), runs=RUNS)
    table = table.assign(images=CLIMB["rung_images"], epochs=CLIMB["rung_epochs"])
    print(table.to_string())
    table.assign(data=data.source, **describe()).to_csv(ROOT / "results/climb.csv")


if __name__ == "__main__":
    main()
