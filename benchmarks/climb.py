"""The ladder of lesson 11 climbed with five seeds on all training pictures, into results/climb.csv: `make results`.

The lesson climbs itself, run by papermill; one epoch a rung, 45,000 pictures. The accuracies are those on the
validation pictures; the test set has no part in them.
"""

import pandas as pd

from benchmarks.machine import ROOT, describe, run_lesson
from helpers import load_data

SEEDS = range(5)
PARAMETERS = {"rung_images": 45000, "rung_epochs": 1, "final_images": 10000}


def main():
    """Climb with each seed, and write each rung's mean, lowest and highest accuracy and its mean seconds."""
    data, rows = load_data("cifar10"), []
    assert data.full, "the benchmark wants the full CIFAR-10"
    for seed in SEEDS:
        rows += run_lesson("11_cifar10_fast", seed=seed, **PARAMETERS)["rungs"]
        print(pd.DataFrame(rows[-12:]).to_string(), flush=True)
    rungs = pd.DataFrame(rows).groupby("change", sort=False)
    table = pd.DataFrame({"accuracy": rungs.accuracy.mean(), "lowest": rungs.accuracy.min()})
    table = table.assign(highest=rungs.accuracy.max(), seconds=rungs.seconds.mean(), runs=len(SEEDS))
    table = table.round({"accuracy": 4, "lowest": 4, "highest": 4, "seconds": 1})
    table = table.assign(images=PARAMETERS["rung_images"], epochs=PARAMETERS["rung_epochs"], data=data.source)
    table.assign(**describe()).to_csv(ROOT / "results/climb.csv")


if __name__ == "__main__":
    main()
