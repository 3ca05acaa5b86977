"""The tables that the helpers bring along: what was recorded, and how a GPU's is written."""

import subprocess
import sys

import pandas as pd

from benchmarks import machine
from helpers import load_results
from tools.places import ROOT


def test_recorded_results_name_what_they_ran_on():
    for name in (path.stem for path in ROOT.glob("results/*.csv")):
        table = load_results(name)
        assert table[["hardware", "versions", "runs", "date"]].notna().all(axis=None), name


def test_a_gpu_is_measured_where_there_is_no_jupyter():
    absent = "import sys; sys.modules |= dict.fromkeys(['IPython', 'papermill', 'ipykernel', 'jupytext'])"
    subprocess.run([sys.executable, "-c", f"{absent}; import benchmarks.gpu, helpers"], cwd=ROOT, check=True)


def test_a_gpus_record_leaves_what_others_recorded(tmp_path, monkeypatch):
    (tmp_path / "results").mkdir()
    file = tmp_path / "results/gpu.csv"
    rows = [("cifar10", "a GPU", 1), ("cifar10_fast", "a GPU", 2), ("cifar10_fast", "another", 3)]
    old = pd.DataFrame(rows, columns=["lesson", "hardware", "seconds"])
    old.to_csv(file, index=False)
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    machine.record(old[1:2].assign(seconds=4, more="left out"), "gpu", by=["lesson", "hardware"])
    assert pd.read_csv(file).seconds.tolist() == [1, 3, 4]
