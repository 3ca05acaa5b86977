"""Run the lessons whose networks the book's pages have, on the full sets, and put in their numbers: `make weights`.

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

from benchmarks.machine import describe, run_cells, run_lesson
from helpers import load_data
from tools.places import ROOT

FOLDER = ROOT / "_static/demos"
# A demo, and the accuracy by its name in the lesson; if any: data, a file that the lesson saves, epochs, and more.
Network = namedtuple("Network", "demo accuracy data file epochs more", defaults=(None, None, {}, {}))
LESSONS = {
    "your_own_digit": Network(
        "digit", "accuracy", "mnist", "mnist.pt", {"epochs": 15}, {"mean": 0.1307, "std": 0.3081}
    ),
    "cifar10_better": Network("sees", "once", "cifar10", "cifar10.pt", {"final_epochs": 3}),
    "attention": Network("attention", "exact"),
}


def main(names):
    """Write the weights of some lessons, or of all."""
    for name in names or LESSONS:
        write(name)


def origin(network):
    """Where a network's numbers come from; a sample of the data is refused."""
    if not network.data:
        return network.more
    data = load_data(network.data)
    if not data.full:
        sys.exit(f"the page's network wants the full set; this is {data.source}")
    (epochs,) = network.epochs.values()
    return {"data": data.source, "epochs": epochs, **network.more}


def train(name, network):
    """A lesson's accuracy and its network's numbers: those that it saves, or those that `model` then has."""
    if not network.file:
        names = run_cells(name, network.accuracy)
        return names[network.accuracy], names["model"].state_dict()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder  # where the lesson will write
        record = run_lesson(name, until="record", **network.epochs)
        return record[network.accuracy], torch.load(next(Path(folder).rglob(network.file)), weights_only=True)


def write(name):
    """Write a lesson's numbers with their source and checksum; from a file, a page can load only scripts."""
    network = LESSONS[name]
    known = origin(network)
    accuracy, state = train(name, network)
    numbers = torch.cat([tensor.flatten() for tensor in state.values() if tensor.is_floating_point()])
    numbers = numbers.half().numpy().tobytes()  # sixteen bits each: a light page
    weights = {"accuracy": accuracy, "sha256": hashlib.sha256(numbers).hexdigest()}
    weights |= {"numbers": base64.b64encode(numbers).decode()}
    text = f"{network.demo}Weights = {json.dumps(describe() | known | weights, indent=1)};\n"
    (FOLDER / f"{network.demo}-weights.js").write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
