"""RNN and GRU on the names of the lesson on sequences, five seeds each, into results/sequences.csv: `make results`.

Model, training and validation are the lesson's own: its cells are run as far as its function `trained`.
"""

import jupytext
import pandas as pd
from torch import nn

from benchmarks.machine import describe
from tools.places import ROOT, lesson

RUNS = 5


def run_lesson_until(name, wanted):
    """Run a lesson's code cells until one of them has defined a name; returns all names."""
    names = {}
    for cell in jupytext.read(lesson(name)).cells:
        if cell.cell_type == "code" and wanted not in names:
            exec(cell.source, names)
    return names


def main():
    """Train both layers for five and for nine epochs with each seed, in turn."""
    names, rows = run_lesson_until("sequences", "trained"), []
    for seed in range(RUNS):
        for layer in (nn.RNN, nn.GRU):
            for epochs in (5, 9):
                names.update(seed=seed, epochs=epochs)
                model = names["trained"](layer)
                row = {"layer": layer.__name__, "epochs": epochs, "seed": seed}
                rows.append(row | {"loss": names["validate"](model), "seconds": model.seconds, "runs": 1})
                print(rows[-1], flush=True)
    table = pd.DataFrame(rows).round({"loss": 4, "seconds": 2})
    data = "10,000 surnames: 9,000 for training and 1,000 for validation"
    table.assign(data=data, **describe()).to_csv(ROOT / "results/sequences.csv", index=False)


if __name__ == "__main__":
    main()
