"""Handwriting from a picture file, in the form that MNIST has: white on black, 28 × 28, scaled and centred.

The convention is that of Yann LeCun's MNIST page (http://yann.lecun.com/exdb/mnist/): a digit fills a box of 20 × 20
pixels without losing its proportions, and its centre of mass lies at the centre of a field of 28 × 28.
"""

import warnings

import numpy as np
import torch
from PIL import ExifTags, Image, ImageOps
from scipy import ndimage

HUNGRY = ("WEBP", "AVIF", "JPEG2000")  # their decoders take four times the memory of the others, or more


def prepare_digit(path):
    """Read a picture of one handwritten digit and return it as MNIST has it: float32 (1, 1, 28, 28) in [0, 1].

    `path` is a file's path, an open file or a PIL image: dark ink on light paper or light on dark, of any mode, of 20
    pixels a side to 100 million in all. Raises ValueError, in one line that says what to do, if it is no image, is
    damaged, is too small or too large, or shows no digit; FileNotFoundError if it is not there.
    """
    ink = _lift_ink(_read_grey(path))
    strokes = _choose_strokes(ink)
    places = np.argwhere(strokes)
    if not len(places) or max(np.ptp(places, axis=0) / ink.shape) <= 0.1:
        raise ValueError(f"{path} shows no digit: write one, large and dark, and take it from near")
    near = ndimage.binary_dilation(strokes, iterations=2 + min(ink.shape) // 60)
    digit = (near * ink / np.percentile(ink[strokes], 80)).clip(0, 1)
    digit = Image.fromarray(digit).crop(Image.fromarray(digit > 0.3).getbbox())
    small = np.asarray(ImageOps.contain(digit, (20, 20), Image.Resampling.BICUBIC))
    small = (small / np.median(small[small > small.max() / 2])).clip(0, 1)
    field, centre = torch.zeros(1, 1, 28, 28), ndimage.center_of_mass(small)
    top, left = (min(max(round(14 - c), 0), 28 - n) for c, n in zip(centre, small.shape, strict=True))
    field[0, 0, top : top + small.shape[0], left : left + small.shape[1]] = torch.from_numpy(small)
    return field


def _choose_strokes(ink):
    """Return where the digit is, bool (height, width): the strongest group of strokes; not specks, edges or lines."""
    side, noise = min(ink.shape), 1.5 * np.median(np.abs(ink)) + 0.005  # the median deviation, as a standard deviation
    mask = ink > max(5 * noise, 0.4 * np.percentile(ink, 99.5))
    mask &= ~ndimage.binary_propagation(np.zeros_like(mask), np.ones((3, 3)), mask, border_value=1)  # from the edge
    groups, count = ndimage.label(ndimage.binary_dilation(mask, np.ones((3, 3)), iterations=1 + side // 20))
    weights = ndimage.sum_labels(ink * mask, groups, range(1, count + 1))
    return mask & (groups == 1 + np.argmax([*weights, 0]))


def _lift_ink(grey):
    """Return how far each pixel stands out from its paper, float32 (height, width): 0 is paper, larger is ink."""
    side = min(grey.shape)
    smooth = ndimage.median_filter(ndimage.gaussian_filter(grey, side / 250), 3)
    around = ndimage.gaussian_filter(smooth, side / 4)
    if ((smooth - around) ** 3).sum() < 0:  # what stands out from the paper is darker than it
        smooth = 1 - smooth
    # a top hat keeps what is narrower than its window (strokes) and takes away what is wider (light and shadow)
    ink = ndimage.white_tophat(smooth, side // 3)
    ink -= np.median(ink)
    lines = np.maximum(np.percentile(ink, 15, axis=0), np.percentile(ink, 15, axis=1)[:, None])  # from edge to edge
    return (ink - 2 * lines.clip(0)).astype(np.float32)


def _read_grey(path):
    """Return a picture's grey levels as `_reduce` does, or raise ValueError if it cannot be used."""
    given = isinstance(path, Image.Image)
    try:  # without warnings: the limit is our own, and what is damaged raises
        with warnings.catch_warnings(action="ignore"), path.copy() if given else Image.open(path) as picture:
            if picture.width * picture.height * (4 if picture.format in HUNGRY else 1) > 100e6:
                raise Image.DecompressionBombError
            if min(picture.size) >= 20:
                return _reduce(picture)
            fault = f"is too small, {picture.width} × {picture.height} pixels: take a picture of 40 × 40 or more"
    except Image.DecompressionBombError:
        fault = "has more than 100 million pixels: reduce it (as WebP, AVIF or JPEG 2000: 25 million; save it as PNG)"
    except (OSError, SyntaxError, ValueError) as error:
        if getattr(error, "errno", None):  # not there, not allowed, a folder: the system says so itself
            raise
        fault = f"is not an image, or it is damaged ({error}): save it anew, as PNG or JPEG"
    raise ValueError(f"{path} {fault}")


def _reduce(picture):
    """Return grey levels, float32 (height, width) in [0, 1], upright, with 300 to 600 pixels on the longer side."""
    picture.draft(None, (600, 600))  # a JPEG is decoded at a fraction of its size
    turn = picture.getexif().pop(ExifTags.Base.Orientation, 1)  # or a TIFF would turn itself, in a second large copy
    picture.filename = ""  # no memory map: Pillow lays one out as if the TIFF were turned already
    step, deep = max(1, max(picture.size) // 300), picture.mode[0] in "IF"  # 16 and 32 bits
    if "transparency" in picture.info and not deep:
        picture = picture.convert("RGBA")
    grey = picture.convert("F" if deep else "L").reduce(step)
    if "A" in picture.getbands():  # what is transparent is paper: like the rest, or where that is ink, its opposite
        alpha = picture.getchannel("A").reduce(step)
        seen = np.average(grey, weights=np.add(alpha, 1e-6))
        paper = np.median(grey) if np.mean(alpha) > 127 else 255 * (seen < 128)
        grey = Image.composite(grey, Image.new("L", grey.size, int(paper)), alpha)
    grey.getexif()[ExifTags.Base.Orientation] = turn
    levels = np.asarray(ImageOps.exif_transpose(grey), dtype=np.float32)
    return levels / max(levels.max(), 32)
