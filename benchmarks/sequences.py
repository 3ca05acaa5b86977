"""RNN and GRU on names and on recall, five seeds each: `make results` writes sequences.csv and recall.csv.

Model, training and validation are the lesson's own: its cells are run as far as its function `recall`.
"""

import time

import pandas as pd
import torch
from torch import nn

from benchmarks.machine import describe, run_cells
from tools.places import ROOT

RUNS = 5
LAYERS = (nn.RNN, nn.GRU)


def on_names(names, layer):
    """Loss and seconds of one training on the names."""
    torch.manual_seed(names["seed"])
    model, start = names["NameModel"](layer), time.process_time()
    names["train"](model, names["train_names"])
    seconds = time.process_time() - start
    return {"loss": names["validate"](model), "seconds": seconds}


def save(rows, name, data):
    """Write rows with what they were measured on and where."""
    table = pd.DataFrame(rows).assign(runs=1).round({"loss": 4, "seconds": 2})
    table.assign(data=data, **describe()).to_csv(ROOT / f"results/{name}.csv", index=False)


def main():
    """Train both layers with each seed: on names for five and for nine epochs, on recall over several lengths."""
    names, trained, recalled = run_cells("sequences", "recall"), [], []
    for seed in range(RUNS):
        for layer in LAYERS:
            for epochs in (5, 9):
                names.update(seed=seed, epochs=epochs)
                row = {"layer": layer.__name__, "epochs": epochs, "seed": seed}
                trained.append(row | on_names(names, layer))
                print(trained[-1], flush=True)
            names["epochs"] = 5
            for length in (5, 10, 20, 30):
                row = {"layer": layer.__name__, "length": length, "seed": seed}
                recalled.append(row | {"loss": names["recall"](layer, length)[1]})
                print(recalled[-1], flush=True)
    save(trained, "sequences", "10,000 surnames: 9,000 for training and 1,000 for validation")
    save(recalled, "recall", "random letters: 2,500 rows for training and 500 for validation")


if __name__ == "__main__":
    main()
