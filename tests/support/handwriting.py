"""Test pictures of handwriting: MNIST test digits, written large on shaded, noisy, unevenly lit paper.

`python -m tests.support.handwriting FOLDER` draws the lesson's picture anew, from the folder that holds `MNIST/raw`
(torchvision's layout), and writes it to `helpers/handwriting.png`. The strokes are those of real test digits; all else
comes from a seed.
"""

import base64
import json
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from scipy import ndimage
from torch import nn

from tools.places import ROOT

MODES = ("RGB", "RGBA", "L", "I;16")  # grey is Pillow's L, 16-bit grey its I;16
SHADOWS = (None, "soft", "hard", "round")
MARGINS = (None, "left", "right")


class Normalise(nn.Module):
    """Pixels from 0 to 1 become what a network was trained on."""

    def __init__(self, mean, std):
        super().__init__()
        self.mean, self.std = mean, std

    def forward(self, images):
        return (images - self.mean) / self.std


def block(inside, outside):
    """A block of the lesson's network: convolution, pooling, normalisation, non-linearity."""
    convolution = nn.Conv2d(inside, outside, 3, padding=1, bias=False)
    return nn.Sequential(convolution, nn.MaxPool2d(2), nn.BatchNorm2d(outside), nn.ReLU())


def page_network():
    """The network that the book's page runs, with the numbers that it comes with; it takes pixels from 0 to 1."""
    text = (ROOT / "_static/demos/digit-weights.js").read_text(encoding="utf-8")
    about = json.loads(text[text.index("{") : text.rindex("}") + 1])
    numbers = torch.from_numpy(np.frombuffer(base64.b64decode(about["numbers"]), np.float16).astype(np.float32))
    net = nn.Sequential(block(1, 16), block(16, 32), block(32, 64), nn.Flatten(), nn.Linear(576, 10))
    state = {name: value for name, value in net.state_dict().items() if value.is_floating_point()}
    parts = numbers.split([value.numel() for value in state.values()])
    net.load_state_dict({name: part.view_as(state[name]) for name, part in zip(state, parts)}, strict=False)
    return nn.Sequential(Normalise(about["mean"], about["std"]), net).eval()


def plane(shape, rng):
    """Return a ramp in a random direction over a picture, 0 to 1, float32 (height, width)."""
    angle = rng.uniform(0, 2 * np.pi)
    rows, columns = np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1])
    ramp = np.sin(angle) * rows[:, None] + np.cos(angle) * columns[None]
    return ((ramp - ramp.min()) / np.ptp(ramp)).astype(np.float32)


def disc(shape, rng):
    """Return the distance from a random place, in shorter sides, float32 (height, width)."""
    rows, columns = np.arange(shape[0], dtype=np.float32), np.arange(shape[1], dtype=np.float32)
    row, column = rng.uniform(0, shape[0]), rng.uniform(0, shape[1])
    return np.hypot(rows[:, None] - row, columns[None] - column) / min(shape)


def light_field(shape, shadow, rng):
    """Return the light on the paper: a gradient, a lamp's falling off, a shadow; about 0.2 to 1, (height, width)."""
    light = 1 - rng.uniform(0, 0.35) * plane(shape, rng) - rng.uniform(0, 0.15) * disc(shape, rng) ** 2
    light = np.maximum(light, 0.4)
    if shadow is None:
        return light
    distance = (
        disc(shape, rng) - rng.uniform(0.3, 0.6) if shadow == "round" else plane(shape, rng) - rng.uniform(0.2, 0.8)
    )
    width = rng.uniform(0.1, 0.3) if shadow == "soft" else rng.uniform(0.002, 0.03)
    return light * (1 - rng.uniform(0.2, 0.45) / (1 + np.exp(np.clip(distance / width, -50, 50))))


def noise_field(shape, rng):
    """Return grain: each pixel's own (deviation up to 0.06) and the paper's wider blotches (up to 0.02)."""
    blotches = Image.fromarray(rng.normal(0, 1, (64, 64)).astype(np.float32)).resize(
        shape[::-1], Image.Resampling.BICUBIC
    )
    grain = rng.standard_normal(shape, dtype=np.float32) * rng.uniform(0.005, 0.06)
    return grain + rng.uniform(0, 0.02) * np.asarray(blotches)


def stroke_field(digit, shape, margin, rng):
    """Return where the ink lies, 0 to 1, (height, width): the digit enlarged smoothly and set down off the centre."""
    height, width = shape
    side = max(27, round(rng.uniform(0.4, 0.8) * min(shape)))
    large = Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)
    large = ndimage.gaussian_filter(np.asarray(large, dtype=np.float32) / 255, side / 28 * 0.3)
    free = {None: (0, width - side), "left": (0.16 * width, width - side), "right": (0, 0.84 * width - side)}[margin]
    column = min(max(round(rng.uniform(*free)), 0), width - side)
    row = rng.integers(0, height - side + 1)
    strokes = np.zeros(shape, np.float32)
    strokes[row : row + side, column : column + side] = large
    return strokes


def margin_field(shape, margin, rng):
    """Return where the ruled line lies, 0 or 1, (height, width): upright at the left or right, from edge to edge."""
    line = np.zeros(shape, np.float32)
    if margin is not None:
        place, thick = rng.uniform(0.03, 0.12), max(1, round(rng.uniform(0.003, 0.015) * shape[1]))
        left = round((place if margin == "left" else 1 - place) * shape[1])
        line[:, left : left + thick] = rng.uniform(0.5, 1)
    return line


def as_mode(picture, strokes, mode, see_through):
    """Return a float picture (height, width, 3) in [0, 1] as a PIL image of one of MODES."""
    if mode == "I;16":
        return Image.fromarray((picture.mean(axis=2) * 65535).astype(np.uint16))
    image = Image.fromarray((picture * 255).astype(np.uint8))
    if mode == "RGBA":
        image.putalpha(Image.fromarray((strokes * 255).astype(np.uint8)) if see_through else 255)
    return image.convert(mode)


def draw_settings(rng):
    """Return what sets one picture apart from another: mode, size (width, height), ink, line, shadow, paper."""
    side = 40 * (2400 / 40) ** rng.random()
    return {
        "mode": MODES[rng.integers(4)],
        "size": (round(side), max(40, round(side * rng.uniform(0.7, 1.4)))),
        "dark_ink": rng.random() < 0.5,
        "margin": MARGINS[rng.integers(3)],
        "shadow": SHADOWS[rng.integers(4)],
        "see_through": rng.random() < 0.3,
    }


def make_picture(digit, seed, **settings):
    """Return a picture of one digit on paper, as a PIL image; settings that are not given are drawn from the seed.

    digit: uint8 (28, 28), white on black; mode: one of MODES; size: (width, height) in pixels, 40 or more each;
    dark_ink: dark on light paper, or light on dark; margin: one of MARGINS; shadow: one of SHADOWS; see_through: an
    RGBA picture's paper is transparent.
    """
    rng = np.random.default_rng(seed)
    settings = draw_settings(rng) | settings
    shape, margin = settings["size"][::-1], settings["margin"]
    bright = rng.uniform(0.65, 0.95) + rng.uniform(-0.05, 0.05, 3)
    dim = rng.uniform(0.05, 0.3) + rng.uniform(-0.05, 0.05, 3)
    paper, ink = (bright, dim) if settings["dark_ink"] else (dim, bright)
    ruled = np.array([0.8, 0.2, 0.25]) if rng.random() < 0.5 else ink
    strokes, line = stroke_field(digit, shape, margin, rng), margin_field(shape, margin, rng)
    picture = np.float32(paper) + line[..., None] * np.float32(ruled - paper)
    picture += strokes[..., None] * (np.float32(ink) - picture)
    picture *= light_field(shape, settings["shadow"], rng)[..., None]
    picture += noise_field(shape, rng)[..., None]
    return as_mode(picture.clip(0, 1), strokes, settings["mode"], settings["see_through"])


def main(folder):
    """Draw the lesson's picture: a 5 (test digit number 15), dark ink, a red margin line, a shadow's edge."""
    raw = (Path(folder) / "MNIST/raw/t10k-images-idx3-ubyte").read_bytes()
    digits = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 28, 28)
    picture = make_picture(digits[15], 1, mode="L", size=(450, 350), dark_ink=True, margin="left", shadow="hard")
    picture.save(ROOT / "helpers/handwriting.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1])
