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
    if ink[inner].sum() > 0.2 * ink[mask].sum():  # else the digit itself runs off the picture
        mask = inner
    groups, count = ndimage.label(ndimage.binary_dilation(mask, np.ones((3, 3)), iterations=1 + side // 20))
    weights = ndimage.sum_labels(ink * mask, groups, range(count + 1))
    mask &= groups == weights[1:].argmax() + 1 if count else False
    spans = [np.ptp(np.nonzero(mask)[axis]) + 1 for axis in (0, 1)] / np.array(ink.shape) if mask.any() else [0, 0]
    thin_line = max(spans) == 1 and min(spans) < 0.2
    return mask & (max(spans) > 0.1 and not thin_line)


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
    picture, strips = _open(path), []
    step = max(1, max(picture.size) // 300)
    for top in range(0, picture.height, 16 * step):  # strip by strip, so that no second large copy is ever made
        strip = picture.crop((0, top, picture.width, min(top + 16 * step, picture.height)))
        if picture.mode[0] in "IF":  # 16 and 32 bits
            levels = np.asarray(strip.convert("F").reduce(step))
            strips.append(np.dstack([levels, np.full_like(levels, 255)]))
        else:
            strips.append(np.asarray(strip.convert("RGBA").convert("LA").reduce(step), np.float32))
    grey, alpha = np.moveaxis(np.concatenate(strips), 2, 0)
    grey, alpha = grey / max(grey.max(), 32), alpha / 255
    # what is transparent is paper: the colour of the rest, or where only ink is opaque, the other end of the scale
    paper = np.median(grey[alpha > 0.5]) if alpha.mean() > 0.5 else np.average(grey, weights=alpha + 1e-6) < 0.5
    upright = Image.fromarray(grey * alpha + np.float32(paper) * (1 - alpha))
    upright.getexif()[0x0112] = picture.getexif().get(0x0112, 1)  # how the camera was held
    return np.asarray(ImageOps.exif_transpose(upright))


def _open(path):
    """Return the decoded picture, a JPEG at a fraction of its size; raise ValueError if it cannot be used."""
    try:
        with warnings.catch_warnings(action="ignore"):  # the limit is our own, and what is damaged raises
            source = contextlib.nullcontext(path) if isinstance(path, Image.Image) else Image.open(path)
            with source as picture:
                if picture.width * picture.height > LARGEST:
                    raise Image.DecompressionBombError
                if picture is source:
                    picture.draft(None, (600, 600))
                picture.load()
        if min(picture.size) >= SMALLEST:
            return picture
        fault = f"is too small, {picture.width} × {picture.height} pixels: take a picture of 40 × 40 or more"
    except UnidentifiedImageError:
        fault = "is not an image, or its beginning is damaged: save it anew, as PNG or JPEG"
    except Image.DecompressionBombError:
        fault = "has more than 100 million pixels: reduce it"
    except (OSError, SyntaxError, ValueError) as error:
        if getattr(error, "errno", None):  # not there, not allowed, a folder: the system says so itself
            raise
        fault = f"is damaged ({error}): save or copy it again"
    raise ValueError(f"{path} {fault}")
