"""Run the lessons that save a network, on the full sets, and put its numbers into the book's pages: `make weights`.

`python -m tools.weights NAME` runs one lesson. The numbers are committed, so that a book built on a sample, or after a
short run, shows them unchanged.
"""

import base64
import hashlib
import json
import os
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

import torch

from benchmarks.machine import describe, run_lesson
from helpers import load_data
from tools.places import ROOT

FOLDER = ROOT / "_static/demos"
# A demo, its data, the file that the lesson saves, epochs, a parameter, and the accuracy, by its name in the record.
Network = namedtuple("Network", "demo data file epochs accuracy more")
LESSONS = {
    "your_own_digit": Network(
        "digit", "mnist", "mnist.pt", {"epochs": 15}, "accuracy", {"mean": 0.1307, "std": 0.3081}
    ),
    "cifar10_better": Network("sees", "cifar10", "cifar10.pt", {"final_epochs": 3}, "once", {}),
}


def main(names):
    """Write the weights of some lessons, or of all."""
    for name in names or LESSONS:
        write(name)


def write(name):
    """Write a lesson's numbers with their source and checksum; from a file, a page can load only scripts."""
    network = LESSONS[name]
    data = load_data(network.data)
    if not data.full:
        sys.exit(f"the page's network wants the full set; this is {data.source}")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder  # where the lesson will write
        record = run_lesson(name, until="record", **network.epochs)
        state = torch.load(next(Path(folder).rglob(network.file)), weights_only=True)
    numbers = torch.cat([tensor.flatten() for tensor in state.values() if tensor.is_floating_point()])
    numbers = numbers.half().numpy().tobytes()  # sixteen bits each: a light page
    (epochs,) = network.epochs.values()
    weights = {"data": data.source, "epochs": epochs, "accuracy": record[network.accuracy], **network.more}
    weights |= {"sha256": hashlib.sha256(numbers).hexdigest(), "numbers": base64.b64encode(numbers).decode()}
    text = f"{network.demo}Weights = {json.dumps(describe() | weights, indent=1)};\n"
    (FOLDER / f"{network.demo}-weights.js").write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
