"""The tables that the helpers bring along: Iris, and what was recorded."""

import pytest

from helpers import load_iris, load_results
from tools.places import ROOT


def test_iris_is_all_there_and_each_flower_has_its_name():
    iris = load_iris()
    assert list(iris.columns) == ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]
    assert iris.species.value_counts().to_dict() == {"setosa": 50, "versicolor": 50, "virginica": 50}
    assert iris.iloc[0].tolist() == [5.1, 3.5, 1.4, 0.2, "setosa"]  # the first lines of Fisher's table, kind by kind
    assert iris.groupby("species").petal_length.mean().to_dict() == pytest.approx(
        {"setosa": 1.462, "versicolor": 4.26, "virginica": 5.552}
    )


def test_recorded_results_name_what_they_ran_on():
    for name in (path.stem for path in ROOT.glob("results/*.csv")):
        table = load_results(name)
        assert table[["hardware", "versions", "runs", "date"]].notna().all(axis=None), name
