"""Handwriting from a picture file, in the form that MNIST has: white on black, 28 × 28, scaled and centred.

The convention is that of Yann LeCun's MNIST page (http://yann.lecun.com/exdb/mnist/): a digit fills a box of
20 × 20 pixels without losing its proportions, and its centre of mass lies at the centre of a field of 28 × 28.
To get there we find the sheet, even out its light (paper.py), and take the heaviest strokes that belong together
from what stands out. What is cut or not alone is refused: read wrong, it would look as certain as a right answer.
"""

import numpy as np
import torch
from PIL import Image
from scipy import ndimage

from helpers.paper import lift_ink
from helpers.pictures import read_levels

SIDE, CANVAS = 300, 360  # pixels: a picture's longer side, and the square with a margin that it is laid on
SQUARE = np.ones((3, 3), bool)


def prepare_digit(path):
    """Read a picture of one handwritten digit and return it as MNIST has it: float32 (1, 1, 28, 28) in [0, 1].

    `path` is a file's path, an open file or a PIL image: dark ink on light paper or light on dark, of any mode, of
    20 pixels a side to 100 million in all; of several frames the first that is not blank. Raises ValueError, in
    one line that says what to do, if it is no image, is damaged, is too small or too large, shows no digit, a digit
    that its edge cuts, or more than one thing; FileNotFoundError if it is not there.
    """
    ink = lift_ink(read_levels(path, SIDE), CANVAS)
    digit, others, off = _sort_strokes(ink)
    if fault := _find_fault(ink, digit, others, off):
        raise ValueError(f"{path} {fault}")
    return _frame(ink, digit)


def _sort_strokes(ink):
    """Return masks of the heaviest strokes that belong together, of other groups, and of what is cut beside them."""
    noise = 1.5 * np.median(np.abs(ink)) + 0.005  # the median deviation, as a standard deviation
    mask, faint = (ink > max(count * noise, 0.4 * np.percentile(ink, 99.5)) for count in (5, 3))
    off = mask & ndimage.binary_propagation(np.zeros_like(mask), SQUARE, faint, border_value=1)  # from the edge
    inner = _enter_boxes(mask & ~off, ink)
    largest, *_ = _groups(inner, ink, 1) or [inner]
    gap = 1 + max(_sides(largest)) // 14
    digit, *others = _groups(inner, ink, gap) or [inner]
    near = ndimage.maximum_filter(digit, 4 * gap + 1)
    return digit, others, ndimage.binary_propagation(off & near, SQUARE, off)


def _groups(mask, ink, gap):
    """Return up to three masks, the heaviest first: strokes less than two gaps apart are one group."""
    groups, count = ndimage.label(ndimage.maximum_filter(mask, 2 * gap + 1), SQUARE)
    weights = ndimage.sum_labels(ink * mask, groups, range(1, count + 1))
    return [mask & (groups == 1 + n) for n in np.argsort(weights)[:-4:-1]]


def _enter_boxes(mask, ink):
    """Return the ink inside a printed box, or all of it where there is none."""
    for part in _groups(mask, ink, 1):
        whole = ndimage.binary_fill_holes(part)
        inside = mask & whole & ~part
        square = whole.sum() > 0.85 * np.prod(_sides(whole))  # and not a zero
        if square and max(_sides(inside)) > max(_sides(part)) / 4:
            return _enter_boxes(inside, ink)
    return mask


def _sides(mask):
    """Return how many rows and columns of a mask have ink."""
    return mask.any(axis=1).sum(), mask.any(axis=0).sum()


def _find_fault(ink, digit, others, off):
    """Return why this is not one whole digit and what to do, or None."""
    span, half_width = max(_sides(digit)), ndimage.distance_transform_edt(digit).max()
    if span <= 0.1 * SIDE or half_width > span / 3:  # too small, or too plump for a stroke
        return "shows no digit: write one, large and dark, and leave a margin of paper all around"
    if any(ink[other].sum() > ink[digit].sum() / 5 and max(_sides(other)) > span / 3 for other in others):
        return "shows more than one thing: leave one digit on the paper, and nothing beside it"
    for box in ndimage.find_objects(ndimage.label(off, SQUARE)[0]):
        if sum((side.start == 0) + (side.stop == CANVAS) for side in box) == 1:  # a ruled line has two such ends
            return "shows a digit that its edge cuts: leave a margin of paper all around"
    return None


def _frame(ink, digit):
    """Return a digit in a box of 20 × 20, with its centre of mass in the middle of 28 × 28."""
    near = ndimage.binary_dilation(digit, iterations=7)
    picture = (near * ink / np.percentile(ink[digit], 80)).clip(0, 1)
    picture = Image.fromarray(picture).crop(Image.fromarray(picture > 0.3).getbbox())
    size = [max(1, round(20 * length / max(picture.size))) for length in picture.size]
    small = np.asarray(picture.resize(size, Image.Resampling.BICUBIC))
    small = (small / np.median(small[small > small.max() / 2])).clip(0, 1)
    field, centre = torch.zeros(1, 1, 28, 28), ndimage.center_of_mass(small)
    top, left = (min(max(round(14 - c), 0), 28 - n) for c, n in zip(centre, small.shape))
    field[0, 0, top : top + small.shape[0], left : left + small.shape[1]] = torch.from_numpy(small)
    return field
