"""What the benchmarks share: where they run, how a lesson is run, what a record replaces, and pictures as of old."""

import ast
import datetime
import json
import os
import platform
import tempfile
from pathlib import Path

import pandas as pd
import torch
from PIL import Image
from torch.utils.data import Dataset
from torchvision import transforms

from tools.places import ROOT, lesson


def describe():
    """Hardware, versions and date, as three columns of a results table."""
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    names = [line.split(": ")[1] for line in text.splitlines() if line.startswith("model name")]
    name = (names or [platform.processor() or platform.machine()])[0].replace("(R)", "").replace("(TM)", "")
    flags = {"amx_bf16": " with AMX", "avx512_bf16": " with AVX-512 and bfloat16", "avx512f": " with AVX-512"}
    flags |= {"avx2": " with AVX2"}
    best = next((title for flag, title in flags.items() if flag in text), "")
    if limit := os.environ.get("ONEDNN_MAX_CPU_ISA"):
        best = f" with {limit} only"
    hardware = f"{name}{best}, {os.cpu_count()} cores"
    if torch.cuda.is_available():
        hardware += f", {torch.cuda.get_device_name()}"
    versions = f"torch {torch.__version__}, Python {platform.python_version()}"
    return {"hardware": hardware, "versions": versions, "date": datetime.date.today().isoformat()}


def precision():
    """The format of numbers in which this CPU trains faster: of the machines measured, bfloat16 on those with AMX."""
    return "bfloat16" if "AMX" in describe()["hardware"] else "float32"


def run_lesson(name, until=None, **parameters):
    """Run a lesson by papermill with other parameters, whole or until its cell of that tag.

    Returns the dict that this cell shows, or the one tagged `record`; {} if there is none.
    """
    import nbformat  # benchmarks.gpu runs where there is no Jupyter
    import papermill

    source = lesson(name).with_suffix(".ipynb")
    nb = nbformat.read(source, as_version=4)
    tagged = [cell.metadata.get("tags", []) for cell in nb.cells]
    if until:
        nb.cells = nb.cells[: 1 + next(number for number, tags in enumerate(tagged) if until in tags)]
    with tempfile.TemporaryDirectory() as folder:
        nb = papermill.execute_notebook(nb, f"{folder}/{name}.ipynb", parameters, progress_bar=False, cwd=source.parent)
    shown = [cell for cell in nb.cells if (until or "record") in cell.metadata.get("tags", [])]
    return ast.literal_eval(shown[0].outputs[0]["data"]["text/plain"]) if shown else {}


def run_cells(name, wanted=None, **parameters):
    """Run a lesson's code in this process, whole or until a cell has defined a name; returns all names. No Jupyter."""
    cells = json.loads(lesson(name).with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"]
    names = {}
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code" and wanted not in names:
            exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)
        if "parameters" in cell["metadata"].get("tags", []):
            names |= parameters
    return names


def record(table, name, by):
    """Put rows into results/NAME.csv, in the place of those that are alike in the columns `by`; all others stay."""
    file = ROOT / f"results/{name}.csv"
    old = pd.read_csv(file)
    same = old.set_index(by).index.isin(table.set_index(by).index)
    pd.concat([old[~same], table])[old.columns].to_csv(file, index=False)


class Pictures(Dataset):
    """Pictures one at a time, as torchvision's data sets hand them out: from PIL through ToTensor and Normalize."""

    def __init__(self, images, labels, mean, std):
        self.images = images.permute(0, 2, 3, 1).squeeze(3).contiguous().numpy()  # (N, height, width[, channels])
        self.labels = labels.tolist()
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean, std)])

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.transform(Image.fromarray(self.images[index])), self.labels[index]
