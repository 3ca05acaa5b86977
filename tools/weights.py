"""Run the lesson on MNIST on the full MNIST and put the numbers that it exports into the book's page: `make weights`.

They are committed, so that a book built on the sample of MNIST, or after a short run, shows them unchanged.
"""

import base64
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import describe, run_lesson
from helpers import load_data
from tools.places import ROOT

FILE = ROOT / "_static/demos/digit-weights.js"
EPOCHS = 15


def main():
    """Write the numbers with their source and checksum; a page that was opened as a file can load only a script."""
    data = load_data("mnist")
    if not data.full:
        sys.exit(f"the page's network wants the full MNIST; this is {data.source}")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder  # where the lesson will write
        run_lesson("mnist", epochs=EPOCHS)
        weights = json.loads(next(Path(folder).rglob("digit.json")).read_text())
    checksum = hashlib.sha256(base64.b64decode(weights["numbers"])).hexdigest()
    weights = describe() | weights | {"sha256": checksum, "numbers": weights["numbers"]}
    FILE.write_text(f"digitWeights = {json.dumps(weights, indent=1)};\n")


if __name__ == "__main__":
    main()
