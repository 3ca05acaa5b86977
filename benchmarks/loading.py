"""Seconds and memory of load_data("cifar10"), into results/data.csv: LESSONS_DATA=… python -m benchmarks.loading

LESSONS_DATA names a folder that holds CIFAR-10 as pictures. Each load runs in a fresh process, its imports apart; the
yardstick is torchvision's ImageFolder, which reads the same pictures once into uint8 tensors; what it takes to decode
them into Pillow's images alone is given too. Memory is what the peak grew by.
"""

import json
import os
import subprocess
import sys
import tempfile

import pandas as pd

from benchmarks.machine import describe
from tools.places import ROOT

RUNS = 3
IMAGE_FOLDER = "for split in ('train', 'test'): list(ImageFolder(f'{{folder}}/cifar10/{{split}}', {}))"
LOADS = {
    "ImageFolder read once": IMAGE_FOLDER.format("PILToTensor()"),
    "ImageFolder decoded only": IMAGE_FOLDER.format("None"),
    "load_data, first time": "load_data('cifar10')",
    "load_data, second time": "load_data('cifar10')",
}
MEASURE = """
import contextlib, json, os, resource, sys, time
from torchvision.datasets import ImageFolder
from torchvision.transforms import PILToTensor
from helpers import load_data
from tools.places import ROOT

folder, unit = os.environ["LESSONS_DATA"], 1 if sys.platform == "darwin" else 1024
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
with contextlib.redirect_stdout(sys.stderr):
    {load}
seconds = time.perf_counter() - start
growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps({{"seconds": seconds, "megabytes": growth * unit / 1e6}}))
"""


def measure(load, cache):
    """Seconds and megabytes of one load in a fresh process with this folder as its cache."""
    command = [sys.executable, "-c", MEASURE.format(load=load)]
    environment = os.environ | {"LESSONS_CACHE": cache}
    return json.loads(subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True).stdout)


def main():
    """Run the loads in turn, several times, and write the best of each, and its ratio to the yardstick."""
    rows = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as cache:
            rows += [{"load": name, **measure(load, cache)} for name, load in LOADS.items()]
            print(*rows[-len(LOADS) :], sep="\n", flush=True)
    table = pd.DataFrame(rows).groupby("load", sort=False).min()
    table["ratio"] = table.seconds / table.seconds["ImageFolder read once"]
    table = table.round({"seconds": 2, "megabytes": 0, "ratio": 3}).assign(runs=RUNS, **describe())
    table.to_csv(ROOT / "results/data.csv")
    print(table.to_string())
    assert table.ratio["load_data, first time"] <= 1
    assert table.seconds["load_data, second time"] <= 1
    assert table.megabytes["load_data, second time"] <= 400


if __name__ == "__main__":
    main()
