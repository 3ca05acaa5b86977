"""The tables that the helpers bring along: what was recorded."""

from helpers import load_results
from tools.places import ROOT


def test_recorded_results_name_what_they_ran_on():
    for name in (path.stem for path in ROOT.glob("results/*.csv")):
        table = load_results(name)
        assert table[["hardware", "versions", "runs", "date"]].notna().all(axis=None), name
