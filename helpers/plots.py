"""The figures that several lessons draw."""

import base64
import hashlib
import html
import io
import json
from pathlib import Path
from string import Template

import matplotlib.pyplot as plt
import pandas as pd
import torch
from IPython.display import HTML
from sklearn.metrics import ConfusionMatrixDisplay


def show_images(images, titles=None, columns=10):
    """Draw pictures (N, channels, height, width), uint8 or floats in [0, 1], in a grid; returns the figure."""
    rows = -(-len(images) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(columns * 0.9, rows * (1.2 if titles else 0.95)), squeeze=False)
    plt.setp(axes.flat, visible=False)
    for axis, image, title in zip(axes.flat, images, titles or [""] * len(images)):
        axis.imshow(image.permute(1, 2, 0).numpy(), cmap="gray", vmin=0, vmax=255 if image.dtype == torch.uint8 else 1)
        axis.set(title=title, visible=True, xticks=[], yticks=[])
    return figure


def plot_history(history):
    """Draw the losses and the validation accuracy of fit's dicts, epoch by epoch; returns the figure."""
    table = pd.DataFrame(history).set_index("epoch")
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
    table[[name for name in ("loss", "val_loss") if name in table]].plot(ax=left, marker="o", ylabel="cross-entropy")
    table[["val_accuracy"]].plot(ax=right, marker="s", color="C2", ylabel="accuracy")
    for axis in (left, right):
        axis.locator_params(axis="x", integer=True)
    return figure


def plot_confusion(labels, predictions, classes):
    """Draw how often each class (row) was read as each (column), from two int64 tensors (N,); returns the figure."""
    figure, axis = plt.subplots(figsize=(6, 6))
    options = {"cmap": "Blues", "colorbar": False, "display_labels": classes, "labels": range(len(classes))}
    options["xticks_rotation"] = "vertical" if max(map(len, classes)) > 2 else "horizontal"
    ConfusionMatrixDisplay.from_predictions(labels, predictions, ax=axis, **options)
    axis.set(xlabel="read as", ylabel="is")
    return figure


def animate(draw, frames, alt, figsize=(6, 4)):
    """Call draw(axis, frame) for every frame; returns a player with play, pause, step and scrub, by mouse or keyboard.

    `alt` says in words what is seen. Where scripts do not run (on paper, on GitHub) the last picture stands alone.
    """
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
    page = Template(Path(__file__).with_name("animate.html").read_text(encoding="utf-8"))
    name = "player-" + hashlib.sha256("".join(pictures).encode()).hexdigest()[:12]
    return HTML(page.safe_substitute(name=name, alt=html.escape(alt), last=pictures[-1], frames=json.dumps(pictures)))
