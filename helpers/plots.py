"""The figures that several lessons draw."""

import base64
import html
import io
import json
import os
import tomllib
from pathlib import Path
from string import Template

import matplotlib.pyplot as plt
import torch

FOLDER = Path(__file__).parent


def show_images(images, titles=None, columns=10):
    """Draw pictures (N, 1 or 3, height, width), uint8 or floats in [0, 1], in a grid; returns the figure."""
    rows = -(-len(images) // columns)
    size = (columns * 0.9, rows * (1.2 if titles else 0.95))  # inches
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    plt.setp(axes.flat, visible=False)
    for axis, image, title in zip(axes.flat, images, titles or [""] * len(images)):
        white = 255 if image.dtype == torch.uint8 else 1
        axis.imshow(image.permute(1, 2, 0).numpy(), cmap="gray", vmin=0, vmax=white)
        axis.set(title=title, visible=True, xticks=[], yticks=[])
    return figure


def plot_confusion(labels, predictions, classes):
    """Count how often each class (row) was read as each (column); returns the figure.

    Labels and predictions are int64 (N,), numbers of classes; `classes` are their names.
    """
    from sklearn.metrics import ConfusionMatrixDisplay  # its import takes most of a second

    figure, axis = plt.subplots(figsize=(6, 6))
    options = {"cmap": "Blues", "colorbar": False, "display_labels": classes, "labels": range(len(classes))}
    options["xticks_rotation"] = "vertical" if max(map(len, classes)) > 2 else "horizontal"
    ConfusionMatrixDisplay.from_predictions(labels, predictions, ax=axis, **options)
    axis.set(xlabel="read as", ylabel="is")
    return figure


def animate(draw, frames, alt, figsize=(6, 4)):
    """Call draw(axis, frame) for every frame; returns a player for mouse and keyboard, an HTML object.

    `alt` says in words what is seen, `figsize` is in inches. Where scripts do not run (on paper, on GitHub)
    the last picture stands alone.
    """
    from IPython.display import HTML  # the rest of this file works where there is no Jupyter

    figure, axis = plt.subplots(figsize=figsize)
    pictures = []
    for frame in frames:
        axis.clear()
        draw(axis, frame)
        file = io.BytesIO()
        figure.savefig(file, format="webp", dpi=100, pil_kwargs={"lossless": True})
        figure.set_layout_engine("none")  # all frames keep the margins of the first: nothing jumps
        pictures.append("data:image/webp;base64," + base64.b64encode(file.getvalue()).decode())
    plt.close(figure)
    words = tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))
    values = words[os.environ.get("LESSONS_LANGUAGE", "en")]
    values |= {"alt": alt, "last": pictures[-1], "frames": json.dumps(pictures)}
    page = Template((FOLDER / "animate.html").read_text(encoding="utf-8"))
    return HTML(page.substitute({name: html.escape(value) for name, value in values.items()}))
