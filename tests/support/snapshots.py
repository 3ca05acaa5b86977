"""What people hand in: a digit written with a pen, then photographed, cropped or painted in many ways."""

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from tests.support.handwriting import plane
from tests.support.strokes import strokes

WHITE, BLACK, BOARD, CHALK = (0.92, 0.91, 0.89), (0.1, 0.1, 0.13), (0.13, 0.2, 0.16), (0.85, 0.85, 0.8)
STRAIGHT = (
    (1, [[(0.5, 0), (0.5, 1)]]),
    (4, [[(0.62, 0), (0, 0.68), (1, 0.68)], [(0.66, 0.3), (0.66, 1)]]),
    (7, [[(0, 0), (1, 0), (0.45, 1)]]),
)
ALIKE = (  # colours of paper and ink whose grey is about the same
    ((0.35, 0.51, 0.35), (0.81, 0.26, 0.2)),
    ((0.55, 0.75, 0.96), (0.98, 0.6, 0.8)),
    ((0.95, 0.7, 0.3), (0.6, 0.85, 0.85)),
    ((0.8, 0.55, 0.85), (0.55, 0.72, 0.3)),
)
GREY = (0.299, 0.587, 0.114)


def write(shape, lines, box, thick):
    """Where a pen leaves ink, 0 to 1 (height, width), that follows lines of points in [0, 1]² in a box."""
    page = Image.new("L", (2 * shape[1], 2 * shape[0]))
    draw, (left, top, width, height) = ImageDraw.Draw(page), box
    for line in lines:
        points = [(2 * (left + x * width), 2 * (top + y * height)) for x, y in line]
        draw.line(points, 255, round(2 * thick), joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - thick, y - thick, x + thick, y + thick), 255)
    return np.asarray(page.reduce(2), np.float32) / 255


def lines_of(digit):
    """A digit's strokes in the box [0, 1]² that they just fill, and how wide that box is for its height."""
    lines = strokes(digit)
    points = np.array([point for line in lines for point in line])
    span = np.maximum(np.ptp(points, axis=0), 0.15 * np.ptp(points, axis=0).max())
    return [[tuple((point - points.min(0)) / span) for point in line] for line in lines], span[0] / span[1]


def place(digit, shape, rng, share=(0.35, 0.65), thick=(0.05, 0.1), margin=0.06):
    """The ink of a digit that stands somewhere on a page of this shape, `share` of it high, `margin` off its edges."""
    lines, ratio = lines_of(digit)
    pen, free = rng.uniform(*thick), [side * (1 - 2 * margin) for side in shape]
    height = min(rng.uniform(*share) * shape[0], free[0] / (1 + pen), free[1] / (ratio + pen))
    extent = np.array([height * (ratio + pen), height * (1 + pen)])
    left, top = np.array(shape[::-1]) * margin + rng.random(2) * (free[::-1] - extent) + height * pen / 2
    return write(shape, lines, (left, top, ratio * height, height), pen * height)


def lay(page, mask, colour):
    """A page, or one colour, with another colour wherever the mask, 0 to 1 (height, width), says so."""
    return np.float32(page) + mask[..., None] * (np.float32(colour) - np.float32(page))


def take(page, rng, light=None, grain=0.012):
    """The photograph of a page (height, width, 3), under light from one side unless another is given."""
    shape = page.shape[:2]
    light = 1 - 0.3 * plane(shape, rng) if light is None else light
    levels = page * light[..., None] + rng.normal(0, grain, (*shape, 1))
    return Image.fromarray((levels.clip(0, 1) * 255).astype(np.uint8))


def plain(digit, rng):
    """White paper, a pen or a thick marker."""
    return take(lay(WHITE, place(digit, (400, 300), rng, (0.3, 0.8), (0.04, 0.13)), BLACK), rng)


def thin(digit, rng):
    """A fine pen on a large sheet."""
    return take(lay(WHITE, place(digit, (800, 600), rng, (0.3, 0.6), (0.012, 0.02)), BLACK), rng, grain=0)


def desk(digit, rng):
    """A sheet that lies askew on a dark desk."""
    shape, inner = (440, 330), (round(rng.uniform(340, 390)), round(rng.uniform(250, 290)))
    padding = [((outer - side) // 2, (outer - side + 1) // 2) for outer, side in zip(shape, inner)]
    sheet, ink = np.ones(inner, np.float32), place(digit, inner, rng, (0.25, 0.45), (0.04, 0.09), 0.12)
    angle = rng.uniform(4, 9) * rng.choice([-1, 1])
    sheet, ink = (ndimage.rotate(np.pad(m, padding), angle, reshape=False, order=1).clip(0, 1) for m in (sheet, ink))
    return take(lay(lay(np.multiply((1, 0.75, 0.55), rng.uniform(0.05, 0.4)), sheet, WHITE), ink, BLACK), rng)


def framed(digit, rng, margins):
    """A page cut down to the digit with these margins at its left, top, right and bottom, as shares of its height."""
    lines, ratio = lines_of(digit)
    height, pen = rng.uniform(250, 400), rng.uniform(0.05, 0.11)
    left, top, right, bottom = height * np.array(margins)
    thick = pen * height
    shape = (round(height + thick + top + bottom), round(ratio * height + thick + left + right))
    box = (left + thick / 2, top + thick / 2, ratio * height, height)
    return take(lay(WHITE, write(shape, lines, box, thick), BLACK), rng)


def crop(digit, rng):
    """Cut down to the digit: one to three per cent of margin."""
    return framed(digit, rng, rng.uniform(0.012, 0.035, 4))


def edge(digit, rng):
    """A stroke runs off the picture."""
    margins = rng.uniform(0.05, 0.12, 4)
    margins[rng.integers(4)] = -rng.uniform(0.01, 0.04)
    return framed(digit, rng, margins)


def paint28(digit, rng):
    """Painted in 28 × 28 pixels, a single one free at the edge."""
    digit = Image.fromarray(digit).crop(Image.fromarray(digit).getbbox())
    scale = 26 / max(digit.size)
    digit = digit.resize([max(1, round(side * scale)) for side in digit.size], Image.Resampling.BICUBIC)
    page = Image.new("L", (28, 28))
    page.paste(digit, ((28 - digit.width) // 2, (28 - digit.height) // 2))
    return page.point(lambda level: 0 if level > 110 else 255)


def two(digit, rng):
    """Two digits side by side."""
    return beside(digit, rng, [digit, np.rot90(digit, 2)][rng.integers(2)])


def beside(digit, rng, other):
    """Two things side by side: a digit and another, or where there is none a pen."""
    lines, ratio = lines_of(digit)
    height, pen = rng.uniform(0.4, 0.6) * 360, rng.uniform(0.03, 0.07)
    ink = write((360, 460), lines, (40, 70, min(180, ratio * height), height), pen * height)
    lines, ratio = lines_of(other) if other is not None else ([[(0, 1), (1, 0)]], rng.uniform(0.03, 0.3))
    box = (280, 40 + 40 * rng.random(), min(150, ratio * height), height)
    return take(lay(WHITE, np.maximum(ink, write((360, 460), lines, box, pen * height)), BLACK), rng)


def pen(digit, rng):
    """The pen lies beside what it wrote."""
    return beside(digit, rng, None)


def colour(digit, rng):
    """Paper and ink equally bright: only their colours differ."""
    paper, ink = map(np.float32, ALIKE[rng.integers(len(ALIKE))])
    ink = (ink * np.dot(paper, GREY) / np.dot(ink, GREY)).clip(0, 1)
    return take(lay(paper, place(digit, (400, 300), rng), ink), rng)


def lamp(digit, rng):
    """A lamp above the page: its corners get a quarter of the light."""
    rows, columns = np.mgrid[:400, :300]
    far = np.hypot(rows - rng.uniform(150, 250), columns - rng.uniform(100, 200))
    light = 0.25 + 0.75 * np.exp(-((far / rng.uniform(100, 180)) ** 2))
    return take(lay(WHITE, place(digit, (400, 300), rng, (0.3, 0.5)), BLACK), rng, light)


def rule(digit, rng, pattern):
    """Ruled, squared or dotted paper that lies a little askew."""
    gap, page = round(rng.uniform(20, 35)), np.zeros((600, 600), np.float32)
    page[::gap], page[1::gap] = 1, 1
    page = {"ruled": page, "squared": np.maximum(page, page.T), "dotted": page * page.T}[pattern]
    page = ndimage.rotate(page, rng.uniform(-3, 3), reshape=False, order=1)[100:500, 150:450].clip(0, 1)
    paper = lay(WHITE, page, np.multiply(WHITE, 1 - rng.uniform(0.15, 0.45) * np.array([1, 0.8, 0.5])))
    return take(lay(paper, place(digit, (400, 300), rng), BLACK), rng)


def ruled(digit, rng):
    """Ruled paper."""
    return rule(digit, rng, "ruled")


def squared(digit, rng):
    """Squared paper."""
    return rule(digit, rng, "squared")


def dotted(digit, rng):
    """Dotted paper."""
    return rule(digit, rng, "dotted")


def boxed(digit, rng):
    """A printed box to write into."""
    left, top, right, bottom = rng.uniform(0.04, 0.1, 4) * 300
    corners = [[(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]]
    box = write((400, 300), corners, (left, top, 300 - left - right, 400 - top - bottom), rng.uniform(1.5, 3))
    page = lay(WHITE, box, BLACK)
    return take(lay(page, place(digit, (400, 300), rng, (0.35, 0.5), margin=0.2), BLACK), rng)


def finger(digit, rng):
    """A finger reaches into the picture."""
    page = np.pad(lay(WHITE, place(digit, (300, 300), rng), BLACK), ((0, 100), (0, 0), (0, 0)), mode="edge")
    tip = write((400, 300), [[(0, 0), (0, 1)]], (rng.uniform(50, 250), 380, 1, 60), rng.uniform(35, 50))
    return take(lay(page, tip, (0.75, 0.5, 0.42)), rng)


def chalk(digit, rng):
    """Chalk on a board."""
    ink = place(digit, (300, 400), rng, (0.4, 0.7))
    return take(lay(BOARD, ink * rng.uniform(0.5, 1, ink.shape), CHALK), rng, grain=0.02)


def long(digit, rng):
    """Ruler-straight strokes that span most of the page; `digit` says which of three is drawn."""
    lines = dict(STRAIGHT)[digit]
    span, thick = rng.uniform(0.84, 0.94), rng.uniform(5, 15)
    box = (120, 200 * (1 - span), 60, 400 * span) if digit == 1 else (150 * (1 - span), 30, 300 * span, 330)
    return take(lay((1, 1, 1), write((400, 300), lines, box, thick), (0, 0, 0)), rng, np.ones((400, 300)), grain=0)


READABLE = (plain, thin, desk, crop, paint28, colour, lamp, ruled, squared, dotted, boxed, finger, chalk)
MAY_BE_REFUSED = (edge, two, pen)
