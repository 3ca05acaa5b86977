"""The figures of plots.py: what is drawn is what was given, in its place."""

import base64
import html
import io
import json
import re
import tomllib

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
import torch
from PIL import Image

from helpers import animate, plot_confusion, plots, show_images

WORDS = tomllib.loads((plots.FOLDER / "words.toml").read_text(encoding="utf-8"))
mpl.use("agg")


@pytest.fixture(autouse=True)
def close():
    """No figure is left open."""
    yield
    plt.close("all")


def test_show_images_draws_every_picture_once_row_by_row():
    figure = show_images(torch.zeros(13, 1, 28, 28, dtype=torch.uint8), titles=list("abcdefghijklm"), columns=5)
    drawn = [axis for axis in figure.axes if axis.images]
    assert [axis.get_title() for axis in drawn] == list("abcdefghijklm")
    assert [axis.get_visible() for axis in figure.axes] == [True] * 13 + [False] * 2
    assert drawn[7].get_subplotspec().rowspan.start == 1
    assert drawn[7].get_subplotspec().colspan.start == 2


def test_show_images_takes_colour():
    images = torch.rand(2, 3, 32, 24)
    picture = show_images(images).axes[1].images[0]
    assert torch.equal(torch.tensor(picture.get_array()), images[1].permute(1, 2, 0))


@pytest.mark.parametrize(("white", "dtype"), [(255, torch.uint8), (1, torch.float32)])
def test_black_is_nought_and_white_the_largest_number_whatever_a_picture_holds(white, dtype):
    picture = show_images(torch.full((1, 1, 4, 4), white // 2 or 0.5).to(dtype)).axes[0].images[0]
    assert picture.get_clim() == (0, white)
    assert picture.cmap(0.0)[:3] == (0, 0, 0)
    assert picture.cmap(1.0)[:3] == (1, 1, 1)


def test_plot_confusion_counts_classes_in_rows_and_answers_in_columns():
    labels, predictions = torch.tensor([0, 0, 0, 1, 2, 2]), torch.tensor([0, 1, 1, 1, 2, 0])
    (axis,) = plot_confusion(labels, predictions, ["cat", "dog", "owl"]).axes
    written = [text.get_text() for text in axis.texts]
    assert written == ["1", "2", "0", "0", "1", "0", "1", "0", "1"]
    assert (axis.get_ylabel(), axis.get_xlabel()) == ("is", "read as")
    assert [text.get_text() for text in axis.get_yticklabels()] == ["cat", "dog", "owl"]
    assert axis.images[0].get_array()[0].tolist() == [1, 2, 0]


def test_plot_confusion_has_a_row_for_a_class_that_does_not_occur():
    (axis,) = plot_confusion(torch.tensor([0, 1]), torch.tensor([1, 1]), ["a", "b", "c"]).axes
    assert axis.images[0].get_array().shape == (3, 3)


def draw(axis, frame):
    """A line that rises with the frames."""
    axis.plot([0, 1], [0, frame])


def test_animate_holds_every_frame_asks_nobody_and_shows_the_last_one_without_scripts():
    page = animate(draw, range(20), alt='a line that "turns"').data
    frames = json.loads(html.unescape(re.search(r'data-frames="([^"]+)"', page).group(1)))
    assert len(set(frames)) == 20
    assert re.search(r'<img src="([^"]+)"', page).group(1) == frames[-1]
    assert 'alt="a line that &quot;turns&quot;"' in page
    assert "http" not in page
    assert len(page) < 600_000


def test_animate_draws_each_frame_on_a_clean_axis_and_leaves_no_figure_open():
    counts = []
    animate(lambda axis, frame: counts.append((frame, len(axis.lines))) or draw(axis, frame), "abc", alt="lines")
    assert counts == [("a", 0), ("b", 0), ("c", 0)]
    assert plt.get_fignums() == []


def test_animate_draws_in_the_given_size():
    page = animate(draw, range(2), alt="a line", figsize=(2, 1)).data
    data = re.search(r'<img src="data:image/webp;base64,([^"]+)"', page).group(1)
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (200, 100)  # a hundred pixels an inch


@pytest.mark.parametrize("language", WORDS)
def test_the_player_speaks_the_language_asked_for(monkeypatch, language):
    monkeypatch.setenv("LESSONS_LANGUAGE", language)
    page = animate(draw, range(2), alt="a line").data
    assert {word for word in WORDS[language].values() if word not in page} == set()
    assert WORDS[language].keys() == WORDS["en"].keys()


def test_the_player_speaks_english_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv("LESSONS_LANGUAGE", raising=False)
    assert WORDS["en"]["forward"] in animate(draw, range(2), alt="a line").data
