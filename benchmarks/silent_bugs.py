"""The wrong programs of the lesson on silent bugs, with five seeds, into results/silent_bugs.csv: `make results`.

Each seed is a run of the lesson itself. A row is a program: its accuracy, mean and range, its last loss, and for
each check the number of seeds in which it said that something was wrong.
"""

import pandas as pd

from benchmarks.machine import describe, run_lesson
from tools.places import ROOT

RUNS = 5


def main():
    """Run the lesson with several seeds, and count what its checks found."""
    records, rows = [run_lesson("silent_bugs", seed=seed) for seed in range(RUNS)], []
    for bug in records[0]:
        accuracies, losses, answers = zip(*(record[bug] for record in records))
        row = {"bug": bug, "accuracy": sum(accuracies) / RUNS, "lowest": min(accuracies), "highest": max(accuracies)}
        row |= {"loss": sum(losses) / RUNS}
        rows.append(row | {check: sum(not found[check] for found in answers) for check in answers[0]} | {"runs": RUNS})
    table = pd.DataFrame(rows).round({"accuracy": 4, "lowest": 4, "highest": 4, "loss": 4})
    print(table.to_string())
    data = "the 1,797 digits of scikit-learn: 1,400 for training and 397 for the test"
    table.assign(data=data, **describe()).to_csv(ROOT / "results/silent_bugs.csv", index=False)


if __name__ == "__main__":
    main()
