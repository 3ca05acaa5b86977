"""Run the lesson that saves a network on the full MNIST and put its numbers into the book's page: `make weights`.

They are committed, so that a book built on the sample of MNIST, or after a short run, shows them unchanged.
"""

import base64
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path

import torch

from benchmarks.machine import describe, run_lesson
from helpers import load_data
from tools.places import ROOT

FILE = ROOT / "_static/demos/digit-weights.js"
EPOCHS = 15
SCALE = {"mean": 0.1307, "std": 0.3081}  # by which the lesson normalises pixels


def main():
    """Write the numbers with their source and checksum; a page that was opened as a file can load only a script."""
    data = load_data("mnist")
    if not data.full:
        sys.exit(f"the page's network wants the full MNIST; this is {data.source}")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder  # where the lesson will write
        record = run_lesson("your_own_digit", epochs=EPOCHS)
        state = torch.load(next(Path(folder).rglob("mnist.pt")), weights_only=True)
    numbers = torch.cat([tensor.flatten() for tensor in state.values() if tensor.is_floating_point()])
    numbers = numbers.half().numpy().tobytes()  # sixteen bits each: a light page
    weights = {"data": data.source, "epochs": EPOCHS, "accuracy": record["accuracy"], **SCALE}
    weights |= {"sha256": hashlib.sha256(numbers).hexdigest(), "numbers": base64.b64encode(numbers).decode()}
    FILE.write_text(f"digitWeights = {json.dumps(describe() | weights, indent=1)};\n")


if __name__ == "__main__":
    main()
