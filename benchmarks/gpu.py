"""The same two trainings on a CPU and on a GPU, into results/gpu.csv: `make results`, once on either machine.

`benchmarks.cifar` has just run them here, on the GPU if there is one, and names it in results/cifar10.csv. This takes
the two rows of this machine over; what the other device recorded stays.
"""

import pandas as pd
import torch

from benchmarks.machine import describe
from tools.places import ROOT

RECIPES = {"cifar10": ("small, batch 4", 4), "cifar10_fast, as on a GPU": ("wide, batch 256", 256)}


def main():
    """Take this machine's two rows over, in the place of those of its kind of device."""
    device = "GPU" if torch.cuda.is_available() else "CPU"
    rows = pd.read_csv(ROOT / "results/cifar10.csv")
    rows = rows[(rows.hardware == describe()["hardware"]) & rows.recipe.isin(RECIPES)]
    assert len(rows) == len(RECIPES), "first `python -m benchmarks.cifar`, on this machine"
    names, sizes = zip(*(RECIPES[recipe] for recipe in rows.recipe))
    rows = rows.assign(recipe=names, batch_size=sizes, device=device)
    file = ROOT / "results/gpu.csv"
    recorded = pd.read_csv(file)
    table = pd.concat([rows, recorded[recorded.device != device]]).sort_values(["device", "batch_size"])
    table[recorded.columns].to_csv(file, index=False)
    print(table.to_string(), flush=True)


if __name__ == "__main__":
    main()
