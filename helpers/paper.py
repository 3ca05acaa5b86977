"""What is written on paper, told from the paper, whatever lies beside it and however the light falls."""

import numpy as np
from scipy import ndimage


def lift_ink(levels, canvas):
    """Return how far each pixel stands out from its paper, (canvas, canvas): 0 is paper, larger is ink.

    levels: float32 (height, width, colours) in [0, 1], 300 pixels on the longer side. The canvas is larger;
    what meets the picture's edge runs on to its own.
    """
    smooth = ndimage.gaussian_filter(levels, (1.2, 1.2, 0))
    margins = [((canvas - side) // 2, (canvas - side + 1) // 2) for side in smooth.shape[:2]]
    colours = np.moveaxis(np.pad(_clear_desk(smooth), (*margins, (0, 0)), mode="edge"), 2, 0)
    ink = np.sqrt(np.mean([_flatten(colour) ** 2 for colour in colours], axis=0))
    return ink - np.median(ink)


def _clear_desk(levels):
    """Return a light sheet on a much darker desk with paper in the desk's place, and others unchanged."""
    light = np.log(levels.mean(axis=2) + 0.02)
    bright = light > np.percentile(light, (2, 98)).mean()
    places, _ = ndimage.label(bright)
    largest = bright & (places == np.bincount(places[bright], minlength=1).argmax())
    sheet = ndimage.grey_opening(ndimage.binary_fill_holes(largest), 7)
    inside, desk = ndimage.minimum_filter(sheet, 11), ~ndimage.maximum_filter(sheet, 7)
    around = np.mean([*desk[0], *desk[-1], *desk[:, 0], *desk[:, -1]])
    if around < 0.3 or sheet.mean() < 0.45 or bright[desk].mean() > 0.1 or bright[sheet].mean() < 0.75:
        return levels
    rims = [part & ~ndimage.minimum_filter(part, 9) for part in (inside, desk)]
    if np.median(light[rims[0]]) - np.median(light[rims[1]]) < 0.6:  # a shadow is less dark, or less sharp
        return levels
    return levels[tuple(ndimage.distance_transform_edt(~inside, return_distances=False, return_indices=True))]


def _flatten(level):
    """Return how far one colour's levels are from their paper, as a share of it; what is wide is paper."""
    contrast = np.log(level[::3, ::3] + 0.1)  # a stroke in the light and one in the shade count alike
    dark = ((contrast - ndimage.gaussian_filter(contrast, 10)) ** 3).sum() < 0
    paper = (ndimage.grey_closing if dark else ndimage.grey_opening)(level, 100)
    return (level - paper) / np.maximum(paper, 0.2)
