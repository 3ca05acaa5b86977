"""The demo of convolution, driven by a reader's own means and held to what `F.conv2d` computes."""

import re

import matplotlib as mpl
import numpy as np
import pytest
import torch
from torch import nn

from tests.support.demos import NEXT_PICTURE, grey, picture, says, sketch, touch


def sums(demo):
    """The pixels that the demo reads from the paper, (32, 32), its kernel, (3, 3), and its map, (30, 30)."""
    reading = "root => Object.fromEntries(Object.entries(root.reading).map(([name, all]) => [name, Array.from(all)]))"
    tensors = {name: torch.tensor(numbers) for name, numbers in demo.evaluate(reading).items()}
    return tensors["pixels"].view(32, 32), tensors["kernel"].view(3, 3).float(), tensors["sums"].view(30, 30)


def difference(demo):
    """How far the demo's map is from what PyTorch makes of the same pixels and weights."""
    pixels, kernel, found = sums(demo)
    return (nn.functional.conv2d(pixels[None, None], kernel[None, None])[0, 0] - found).abs().max().item()


def test_a_seven_and_the_kernel_of_the_lesson_come_first(show):
    demo = show("convolution")
    pixels, kernel, found = sums(demo)
    assert kernel.tolist() == [[-1, 0, 1]] * 3
    assert 0.03 < pixels.mean() < 0.3
    assert pixels.max() == 1
    assert found.max() > 2.5
    assert found.min() < -2.5
    assert difference(demo) <= 1e-4


def test_pixels_are_the_means_of_the_ink(show):
    demo = show("convolution")
    ink = np.asarray(picture(demo))[60:540, 60:540] / 255
    means = ink.reshape(32, 15, 32, 15).mean(axis=(1, 3))
    assert np.abs(sums(demo)[0].numpy() - means).max() < 1e-6


@pytest.mark.parametrize("number", range(4))
def test_the_map_is_that_of_conv2d(show, data, number):
    demo = show("convolution")
    demo.locator("[data-do=clear]").click()
    assert not sums(demo)[2].any()
    sketch(demo, data.test.images[number, 0].numpy())
    demo.evaluate(NEXT_PICTURE)
    assert sums(demo)[0].sum() > 20
    presets = demo.locator("[data-do]:not([data-do=clear])")
    for preset in presets.all():
        preset.click()
        assert difference(demo) <= 1e-4
    kernels = {tuple(sums(demo)[1].flatten().tolist()) for preset in presets.all() if not preset.press("Enter")}
    assert len(kernels) == presets.count() == 4
    weights = np.random.default_rng(number).uniform(-9, 9, 9).round(2).tolist()
    for field, weight in zip(demo.locator("input").all(), weights):
        field.fill(str(weight))
        assert difference(demo) <= 1e-4
    assert sums(demo)[1].flatten().tolist() == pytest.approx(weights)


def test_blur_keeps_the_light_and_edges_find_none_in_a_plain(show):
    demo = show("convolution")
    box = demo.locator("canvas").first.bounding_box()
    demo.page.mouse.move(box["x"] + 1, box["y"] + 1)
    demo.page.mouse.down()
    for y in np.linspace(0, 1, 24):
        for x in (0, 1):
            demo.page.mouse.move(box["x"] + x * (box["width"] - 1), box["y"] + y * (box["height"] - 1))
    demo.page.mouse.up()
    demo.evaluate(NEXT_PICTURE)
    middle = {}
    for name in ("left", "upper", "outline", "blur"):
        demo.locator(f"[data-do={name}]").click()
        middle[name] = sums(demo)[2][10:20, 10:20]
    assert all(middle[name].abs().max() < 1e-5 for name in ("left", "upper", "outline"))
    assert (middle["blur"] - 1).abs().max() < 1e-5


SHADE = "canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)"


def test_the_map_is_painted_as_in_the_lesson(show):
    demo = show("convolution")
    pixels, _, found = sums(demo)
    shades = np.reshape(demo.locator(".demo-map canvas").evaluate(SHADE), (30, 30, 4))
    wanted = 255 * mpl.colormaps["PuOr"](0.5 + (found / found.abs().max() / 2).numpy())
    assert np.abs(shades - wanted).max() < 6
    seen = np.reshape(demo.locator(".demo-pixels").evaluate(SHADE), (32, 32, 4))
    assert np.abs(seen[..., 0] - 255 * pixels.numpy()).max() <= 1


def window(demo):
    """Where the window is, (row, column), as the demo says and as its frames show; its nine pixels and its sum."""
    said = [int(number) for number in re.findall(r"\d+", demo.get_by_role("status").inner_text())[:2]]
    for part, rim in {"[data-paper]": 0, ".demo-map": 1}.items():
        paper = demo.locator(f"{part} canvas").first.locator("..").bounding_box()
        frame = demo.locator(f"{part} span").bounding_box()
        corner = [(frame[side] - paper[side]) / paper["width"] * 32 - rim for side in "yx"]
        assert corner == pytest.approx(said, abs=0.1)
        assert frame["width"] / paper["width"] * 32 == pytest.approx(1 if rim else 3, abs=0.1)
    nine = [float(text) for text in demo.locator("[data-window] span").all_inner_texts()]
    return tuple(said), nine, float(demo.locator(".demo-sum").inner_text().replace("−", "-"))


def check_window(demo, row, column):
    """The window is there, and shows the pixels and the sum of that place."""
    pixels, _, found = sums(demo)
    where, nine, total = window(demo)
    assert where == (row, column)
    assert nine == pytest.approx(pixels[row : row + 3, column : column + 3].flatten().tolist(), abs=0.051)
    assert total == pytest.approx(found[row, column].item(), abs=0.0051)


def test_the_window_follows_mouse_and_keys(show):
    demo = show("convolution")
    row, column = window(demo)[0]
    assert abs(window(demo)[2]) > 1, "the window begins at an edge"
    check_window(demo, row, column)
    paper, found = demo.locator("[data-paper] canvas").first, demo.locator(".demo-map canvas")
    for canvas, size, rim in ((paper, 32, 1), (found, 30, 0)):
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        for y, x in ((8, 17), (20, 12)):
            pixel = box["width"] / size
            demo.page.mouse.move(box["x"] + (x + 0.5) * pixel, box["y"] + (y + 0.5) * pixel)
            check_window(demo, y - rim, x - rim)
    found.focus()
    for key in ["ArrowUp", "ArrowRight", "ArrowRight"]:
        found.press(key)
    check_window(demo, 19, 14)
    for _ in range(20):
        found.press("ArrowRight")
        found.press("ArrowDown")
    check_window(demo, 29, 29)
    low, high = re.findall(r"[−\d.]+", found.get_attribute("aria-label"))[-2:]
    assert float(low.replace("−", "-")) == pytest.approx(sums(demo)[2].min().item(), abs=0.0051)
    assert float(high) == pytest.approx(sums(demo)[2].max().item(), abs=0.0051)


def test_a_finger_draws_and_moves_the_window(show):
    demo = show("convolution", has_touch=True, viewport={"width": 390, "height": 844})
    demo.locator("[data-do=clear]").tap()
    scrolled = demo.evaluate("() => scrollY")
    touch(demo, [[(0.5, y)] for y in np.linspace(0.2, 0.8, 12)])
    columns = sums(demo)[2].sum(dim=0)
    assert columns.argmax() < 15 < columns.argmin(), "left edges are positive, right edges negative"
    assert difference(demo) <= 1e-4
    assert demo.evaluate("() => scrollY") == scrolled
    found = demo.locator(".demo-map canvas")
    box = found.bounding_box()
    demo.page.touchscreen.tap(box["x"] + 12.5 / 30 * box["width"], box["y"] + 15.5 / 30 * box["height"])
    check_window(demo, 15, 12)


def test_the_keyboard_draws_and_the_map_follows(show):
    demo = show("convolution")
    paper = demo.locator("canvas").first
    paper.focus()
    paper.press("Delete")
    for key in ["Space", *["ArrowDown"] * 10]:
        paper.press(key)
        if key == "Space":
            assert says(demo) == "down"
    paper.press("Space")
    demo.evaluate(NEXT_PICTURE)
    assert says(demo) == "sum"
    assert sums(demo)[2].max() > 2
    assert difference(demo) <= 1e-4


def test_a_weight_that_is_no_number_leaves_the_map(show):
    demo = show("convolution")
    before = sums(demo)[2]
    for text in ("", "1e9"):
        demo.locator("input").nth(4).fill(text)
        assert says(demo) == "missing"
        assert torch.equal(sums(demo)[2], before)
    demo.locator("input").nth(4).fill("0")
    assert says(demo) == "sum"


def test_picture_and_map_are_seen_in_colours_that_the_reader_forces(show):
    demo = show("convolution", forced_colors="active", color_scheme="dark")
    for part in (".demo-pixels", ".demo-map canvas", "[data-window]"):
        assert np.ptp(np.percentile(grey(demo.locator(part)), [1, 99])) > 100, part
