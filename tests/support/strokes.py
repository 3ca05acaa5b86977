"""How a hand would write a digit: the lines along its middle, as strokes of a pen."""

import itertools

import numpy as np
from PIL import Image

AROUND = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)]  # from the north, clockwise


def thin(mask):
    """Peel a shape, bool (height, width), until lines of one pixel are left: T. Y. Zhang and C. Y. Suen, 1984."""
    mask, before = np.pad(mask, 1), None
    while mask.sum() != before:
        before = mask.sum()
        for first in (True, False):
            around = [np.roll(mask, (-row, -column), (0, 1)) for row, column in AROUND]
            north, east, south, west = around[::2]
            count, turns = (
                sum(map(np.int8, around)),
                sum(np.int8(~a & b) for a, b in itertools.pairwise([*around, north])),
            )
            blocked = east & south & (north | west) if first else north & west & (east | south)
            mask = mask & ~((count >= 2) & (count <= 6) & (turns == 1) & ~blocked)
    return mask[1:-1, 1:-1]


def near(point):
    """The eight neighbours of a pixel."""
    return {(point[0] + row, point[1] + column) for row, column in AROUND}


def strokes(digit):
    """The strokes of a digit, uint8 (28, 28): lists of points (x, y) in its pixels, a pixel or two apart."""
    large = np.asarray(Image.fromarray(digit).resize((84, 84), Image.Resampling.BICUBIC)) > 127
    left, drawn, found = set(map(tuple, np.argwhere(thin(large)).tolist())), set(), []
    while left:
        stroke = [min(left, key=lambda point: (len(near(point) & left), point))]  # a line's end, if there is one
        left.remove(stroke[0])
        while ahead := near(stroke[-1]) & left:
            stroke.append(min(ahead, key=lambda point: (np.hypot(*np.subtract(point, stroke[-1])), point)))
            left.remove(stroke[-1])
        ends = [sorted(near(end) & (drawn | set(stroke[2:-2])))[:1] for end in (stroke[0], stroke[-1])]
        drawn |= set(stroke)
        stroke = [*ends[0], *stroke, *ends[1]]  # joined to what is there already
        found.append([((column + 0.5) / 3, (row + 0.5) / 3) for row, column in [*stroke[:-1:5], stroke[-1]]])
    return [stroke for stroke in found if len(stroke) > 2] or found
