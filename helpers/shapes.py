"""Ten shapes drawn by code, distinct however they are turned: the offline stand-in for CIFAR-10."""

from math import tau

import torch
from torch import hypot, maximum, minimum


def _star(x, y):
    """Distance to a star with five points: folded ten times, it is one straight edge from tip to notch."""
    angle = (torch.atan2(y, x) % (tau / 5) - tau / 10).abs()
    return hypot(x, y) * (0.384 * angle.cos() + 0.923 * angle.sin()) - 0.384


# Each shape as a signed distance to its outline, negative inside; it lies in the unit circle around (0, 0).
# Its half below the x axis is the mirror image of the half above, which alone is described (y >= 0).
_DISTANCES = {
    "circle": lambda x, y: hypot(x, y) - 0.85,
    "ring": lambda x, y: (hypot(x, y) - 0.72).abs() - 0.2,
    "triangle": lambda x, y: maximum(-x, 0.5 * x + 0.866 * y) - 0.5,
    "square": lambda x, y: maximum(x.abs(), y) - 0.7,
    "star": _star,
    "cross": lambda x, y: maximum(minimum(x.abs(), y) - 0.28, maximum(x.abs(), y) - 0.92),
    "crescent": lambda x, y: maximum(hypot(x, y) - 0.95, 0.8 - hypot(x - 0.5, y)),
    "heart": lambda x, y: minimum(
        maximum(0.7 * (y - x) - 0.57, x + 0.2 * y - 0.1),
        hypot(x - 0.27, y - 0.4) - 0.48,
    ),
    "arrow": lambda x, y: maximum(
        minimum(y - 0.24, 0.05 - x),
        maximum(-0.9 - x, 0.664 * (x - 0.95) + 0.747 * y),
    ),
    "hourglass": lambda x, y: maximum(x.abs() - 0.8, 0.8 * y - 0.6 * x.abs() - 0.08),
}
CLASSES = tuple(_DISTANCES)


def _paint(lightness, dice, x, y):
    """Colours (n, 3, 32, 32): a hue that drifts, a lightness (n, 1, 1) that ripples.

    dice (n, 6) decide both; x and y go from -1 to 1.
    """
    hue, drift, turn, waves, swell, phase = dice.T[..., None, None]
    angles = tau * turn, tau * turn + tau / 4
    along, across = (x * angle.cos() + y * angle.sin() for angle in angles)
    ripple = ((3 + 9 * waves) * along + tau * phase).sin() * (6 * swell * across).cos()
    hues = hue + 0.12 * (drift - 0.5) * across
    grey = lightness + 0.06 * ripple + 0.06 * along
    return torch.stack([grey + 0.22 * (tau * (hues + third / 3)).cos() for third in range(3)], dim=1)


def _draw(distance, dice):
    """Pictures (n, 3, 32, 32) in 0…1 of one shape; dice (n, 18), uniform in 0…1, decide what is random."""
    x, y = torch.meshgrid(*[torch.arange(-15.5, 16)] * 2, indexing="xy")  # pixels from the middle
    size, left, top, turn, swap, gap = dice[:, :6].T[..., None, None]
    radius = 8 + 6 * size  # pixels
    u, v = (x - (15.5 - radius) * (2 * left - 1)) / radius, (y - (15.5 - radius) * (2 * top - 1)) / radius
    cos, sin = (tau * turn).cos(), (tau * turn).sin()
    depth = -radius * distance(u * cos + v * sin, (v * cos - u * sin).abs())
    inside = (0.5 + depth).clamp(0, 1)  # soft over one pixel
    contrast = (0.2 + 0.08 * gap) * torch.where(swap < 0.5, -1, 1)  # either may be the lighter one
    front = _paint(0.5 + contrast, dice[:, 6:12], x / 16, y / 16)
    back = _paint(0.5 - contrast, dice[:, 12:], x / 16, y / 16)
    return torch.lerp(back, front, inside[:, None]).clamp(0, 1)


def draw_shapes(count, seed):
    """Draw images, uint8 (count, 3, 32, 32), and labels, int64 (count,): CLASSES equally often, shuffled."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randperm(count, generator=generator) % len(CLASSES)
    dice = torch.rand(count, 18, generator=generator)
    images = torch.empty(count, 3, 32, 32, dtype=torch.uint8)
    for label, distance in enumerate(_DISTANCES.values()):
        for chunk in (labels == label).nonzero().flatten().split(256):
            images[chunk] = (255 * _draw(distance, dice[chunk])).round().byte()
    return images, labels
