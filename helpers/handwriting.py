"""Handwriting from a picture file, in the form that MNIST has: white on black, 28 × 28, scaled and centred.

The convention is that of Yann LeCun's MNIST page (http://yann.lecun.com/exdb/mnist/): a digit fills a box of 20 × 20
pixels without losing its proportions, and its centre of mass lies at the centre of a field of 28 × 28.
"""

import contextlib
import warnings

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from scipy import ndimage

SMALLEST, LARGEST = 20, 100e6  # the shorter side, in pixels; the whole picture, in pixels
HUNGRY = ("WEBP", "AVIF", "JPEG2000")  # their decoders take four times the memory of the others, or more
TURN = 0x0112  # the field of EXIF that says how the camera was held


def prepare_digit(path):
    """Read a picture of one handwritten digit and return it as MNIST has it: float32 (1, 1, 28, 28) in [0, 1].

    `path` is a file's path, an open file or a PIL image: dark ink on light paper or light on dark, of any mode, of 20
    pixels a side to 100 million in all. Raises ValueError, in one line that says what to do, if it is no image, is
    damaged, is too small or too large, or shows no digit; FileNotFoundError if it is not there.
    """
    ink = _lift_ink(_read_grey(path))
    strokes = _choose_strokes(ink)
    if not strokes.any():
        raise ValueError(f"{path} shows no digit: write one, large and dark, and take it from near")
    near = ndimage.binary_dilation(strokes, iterations=2 + min(ink.shape) // 60)
    digit = near * ink / np.percentile(ink[strokes], 80)
    rows, columns = np.nonzero(digit > 0.3)
    digit = Image.fromarray(digit.clip(0, 1)[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
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
    rim = np.pad(np.zeros(np.subtract(ink.shape, 2), bool), 1, constant_values=True)
    inner = mask & ~ndimage.binary_propagation(mask & rim, np.ones((3, 3)), mask=mask)
    groups, count = ndimage.label(ndimage.binary_dilation(inner, np.ones((3, 3)), iterations=1 + side // 20))
    weights = ndimage.sum_labels(ink * inner, groups, range(1, count + 1))
    strokes = inner & (groups == 1 + np.argmax([*weights, 0]))
    spans = [np.ptp(places) / length for places, length in zip(np.nonzero(strokes), ink.shape) if places.size]
    return strokes & (max(spans, default=0) > 0.1)


def _lift_ink(grey):
    """Return how far each pixel stands out from its paper, float32 (height, width): 0 is paper, larger is ink."""
    side = min(grey.shape)
    smooth = ndimage.median_filter(ndimage.gaussian_filter(grey, side / 250), 3)
    step = max(1, side // 60)
    thumbnail = ndimage.gaussian_filter(grey, step / 2)[::step, ::step]
    excess = thumbnail - ndimage.median_filter(thumbnail, min(thumbnail.shape) // 2, mode="nearest")
    rim = min(thumbnail.shape) // 12
    if (excess[rim:-rim, rim:-rim] ** 3).sum() < 0:  # what stands out from the paper is darker than it
        smooth = 1 - smooth
    # an opening takes away what is narrower than its window (strokes) and keeps what is wider (light and shadow)
    window = side // 3
    paper = ndimage.grey_opening(np.pad(smooth, window, mode="edge"), size=(window, window))
    ink = smooth - paper[window:-window, window:-window]
    ink -= np.median(ink)
    lines = np.maximum(np.percentile(ink, 15, axis=0), np.percentile(ink, 15, axis=1)[:, None])  # from edge to edge
    return (ink - 2 * lines.clip(0)).astype(np.float32)


def _read_grey(path):
    """Return a picture's grey levels, float32 (height, width) in [0, 1], with 300 to 600 pixels on the longer side."""
    (picture, turn), strips = _open(path), []
    step, deep = max(1, max(picture.size) // 300), picture.mode[0] in "IF"  # 16 and 32 bits
    for top in range(0, picture.height, 16 * step):  # strip by strip, so that no second large copy is ever made
        strip = picture.crop((0, top, picture.width, min(top + 16 * step, picture.height)))
        strip = strip.convert("F") if deep else strip.convert("RGBA").convert("LA")
        strips.append(np.atleast_3d(strip.reduce(step)).astype(np.float32))
    levels = np.concatenate(strips)
    grey, alpha = levels[..., 0] / max(levels[..., 0].max(), 32), 1 if deep else levels[..., 1] / 255
    # what is transparent is paper: the colour of the rest, or where only ink is opaque, the other end of the scale
    alpha = np.broadcast_to(np.float32(alpha), grey.shape)
    paper = np.median(grey[alpha > 0.5]) if alpha.mean() > 0.5 else np.average(grey, weights=alpha + 1e-6) < 0.5
    upright = Image.fromarray(grey * alpha + np.float32(paper) * (1 - alpha))
    upright.getexif()[TURN] = turn
    return np.asarray(ImageOps.exif_transpose(upright))


def _open(path):
    """Return what `_decode` does, or raise ValueError if it cannot be used."""
    try:
        with warnings.catch_warnings(action="ignore"):  # the limit is our own, and what is damaged raises
            picture, turn = _decode(path)
        if min(picture.size) >= SMALLEST:
            return picture, turn
        fault = f"is too small, {picture.width} × {picture.height} pixels: take a picture of 40 × 40 or more"
    except UnidentifiedImageError:
        fault = "is not an image, or its beginning is damaged: save it anew, as PNG or JPEG"
    except Image.DecompressionBombError:
        fault = "has more than 100 million pixels: reduce it (as WebP, AVIF or JPEG 2000: 25 million; save it as PNG)"
    except (OSError, SyntaxError, ValueError) as error:
        if getattr(error, "errno", None):  # not there, not allowed, a folder: the system says so itself
            raise
        fault = f"is damaged ({error}): save or copy it again"
    raise ValueError(f"{path} {fault}")


def _decode(path):
    """Return the picture, a JPEG at a fraction of its size, and how the camera was held, as EXIF says it.

    A file is decoded as it lies: to turn it there would take a second copy.
    """
    given = isinstance(path, Image.Image)
    with contextlib.nullcontext(path) if given else Image.open(path) as picture:
        if picture.width * picture.height * (4 if picture.format in HUNGRY else 1) > LARGEST:
            raise Image.DecompressionBombError
        if given:
            picture.load()
            return picture, picture.getexif().get(TURN, 1)
        picture.draft(None, (600, 600))
        turn = picture.getexif().pop(TURN, 1)
        if picture.format == "TIFF":  # it has claimed the size that it would have when turned
            picture._size = picture._tile_size
        picture.load()
        return picture, turn
