"""The recipe of 2017 in the lesson on CIFAR-10, with five seeds, into results/cifar10_seeds.csv: `make results`.

Each seed is a run of the lesson itself, with both epochs, and a column: the twelve running losses, the accuracy on the
test set, and that in each class.
"""

import pandas as pd

from benchmarks.machine import describe, run_lesson
from tools.places import ROOT

RUNS = 5


def figures(record):
    """What the lesson recorded, as one column of the table."""
    losses = {f"loss {n}": loss for n, loss in enumerate(record["losses"], start=1)}
    return pd.Series(losses | {"accuracy": record["accuracy"]} | record["classes"])


def main():
    """Run the lesson with several seeds, for two epochs each."""
    records = [run_lesson("cifar10", seed=seed, epochs=2) for seed in range(RUNS)]
    table = pd.DataFrame({f"seed {seed}": figures(record) for seed, record in enumerate(records)}).round(4)
    print(table.to_string())
    table = table.rename_axis("figure").reset_index().assign(runs=RUNS, data=records[0]["data"], **describe())
    table.to_csv(ROOT / "results/cifar10_seeds.csv", index=False)


if __name__ == "__main__":
    main()
