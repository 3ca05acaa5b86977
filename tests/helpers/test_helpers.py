"""The size that the helpers promise, their figures, and what does not fit anywhere else."""

import ast
import re
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
import torch

import helpers
from helpers import animate, load_iris, load_results, plot_confusion, plot_history, show_images
from tools.places import ROOT

SOURCES = sorted(Path(helpers.__file__).parent.glob("*.py"))
mpl.use("agg")


@pytest.fixture(autouse=True)
def close():
    """No figure is left open."""
    yield
    plt.close("all")


def docstrings(tree):
    """The docstring nodes of a module, its classes and functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            yield node.body[0]


def code_lines(source):
    """Numbers of the lines that are neither blank, nor comment, nor docstring."""
    prose = {line for node in docstrings(ast.parse(source)) for line in range(node.lineno, node.end_lineno + 1)}
    lines = enumerate(source.splitlines(), start=1)
    return {n for n, line in lines if n not in prose and line.strip() and not line.strip().startswith("#")}


def test_helpers_stay_tiny():
    assert len(helpers.__all__) <= 14
    total = 0
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        lines = code_lines(source)
        total += len(lines)
        for function in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)):
            size = len(lines & set(range(function.lineno, function.end_lineno + 1)))
            assert size <= 25, f"{function.name} has {size} lines"
    assert total <= 420  # 350 is the aim: the faults of data and of handwriting have taken their toll


@pytest.mark.parametrize("name", helpers.__all__)
def test_public_names_are_documented(name):
    assert getattr(helpers, name).__doc__, name


def test_show_images_draws_every_picture_once():
    figure = show_images(torch.zeros(13, 1, 28, 28, dtype=torch.uint8), titles=list("abcdefghijklm"), columns=5)
    drawn = [axis for axis in figure.axes if axis.images]
    assert len(drawn) == 13
    assert drawn[12].get_title() == "m"


def test_show_images_takes_colour_and_floats():
    figure = show_images(torch.rand(2, 3, 32, 32))
    assert figure.axes[0].images[0].get_array().shape == (32, 32, 3)


def test_plot_history_labels_what_it_draws():
    row = {"loss": 0.5, "val_loss": 0.6, "val_accuracy": 0.9, "seconds": 1}
    figure = plot_history([{"epoch": epoch, **row} for epoch in (1, 2)])
    assert [axis.get_ylabel() for axis in figure.axes] == ["cross-entropy", "accuracy"]
    assert len(figure.axes[0].lines) == 2


def test_plot_confusion_counts():
    labels, predictions = torch.tensor([0, 0, 1, 1, 1]), torch.tensor([0, 1, 1, 1, 0])
    figure = plot_confusion(labels, predictions, ["cat", "dog"])
    written = [text.get_text() for text in figure.axes[0].texts]
    assert written == ["1", "1", "1", "2"]


def test_animate_holds_every_frame_asks_nobody_and_shows_the_last_one_without_scripts():
    def draw(axis, frame):
        axis.plot([0, 1], [0, frame])

    page = animate(draw, range(20), alt='a line that "turns"').data
    still, script = page.split("<script>")
    assert len(set(re.findall(r"data:image/webp;base64,[\w+/=]+", script))) == 20
    assert re.search(r"data:image/webp;base64,[\w+/=]+", still).group() == re.findall(r'data:[^"]+', script)[-1]
    assert 'alt="a line that &quot;turns&quot;"' in still
    assert "http" not in page
    assert len(page) < 600_000


def test_iris_is_all_there():
    iris = load_iris()
    assert iris.shape == (150, 5)
    assert iris.species.value_counts().to_dict() == {"setosa": 50, "versicolor": 50, "virginica": 50}
    assert list(iris.columns)[:2] == ["sepal_length", "sepal_width"]


def test_recorded_results_name_what_they_ran_on():
    for name in (path.stem for path in ROOT.glob("results/*.csv")):
        table = load_results(name)
        assert table[["hardware", "versions", "runs", "date"]].notna().all(axis=None), name
