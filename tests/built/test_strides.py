"""The demo of strides, driven by a reader's own means and held to the tensors that PyTorch makes."""

import itertools
import re

import numpy as np
import pytest
import torch

from tests.support.demos import grey, says

PRESS = {"mouse": lambda it: it.click(), "finger": lambda it: it.tap(), "keyboard": lambda it: it.press("Enter")}
LESSON = torch.arange(12).reshape(3, 4)


def numbers(text):
    """The whole numbers in a text."""
    return tuple(int(number.replace("−", "-")) for number in re.findall(r"−?\d+", text))


def note(demo):
    """The note that the demo's fields show: shape, strides, offset."""
    fields = (demo.locator(f"[name={name}]:visible").all() for name in ("shape", "strides", "offset"))
    shape, strides, (offset,) = (tuple(int(field.input_value()) for field in parts) for parts in fields)
    return shape, strides, offset


def write(demo, shape, strides, offset):
    """Type a note of two dimensions; on the way to it there may be others."""
    for name, parts in {"shape": shape, "strides": strides, "offset": [offset]}.items():
        for field, number in zip(demo.locator(f"[name={name}]").all(), parts):
            field.fill(str(number))


def table(demo):
    """The rows that the demo shows; a vector is one row."""
    rows = demo.locator("[role=row]")
    return rows.evaluate_all("all => all.map(row => [...row.children].map(cell => cell.innerText))")


def storage(demo):
    """The numbers in the storage's boxes, from left to right."""
    boxes = demo.locator("svg text[text-anchor=middle]").evaluate_all(
        "all => all.map(text => [Number(text.getAttribute('x')), Number(text.textContent)])"
    )
    return [number for _, number in sorted(boxes)]


def same(demo, x):
    """Whether the demo shows a tensor as it is: its note, its numbers, its storage."""
    rows = [[str(number) for number in row] for row in x.reshape(-1, x.shape[-1]).tolist()]
    kept = x.as_strided((x.untyped_storage().nbytes() // x.element_size(),), (1,), 0).tolist()
    shown = note(demo) == (x.shape, x.stride(), x.storage_offset())
    return shown and table(demo) == rows and storage(demo) == kept


def fits(x, shape):
    """Whether PyTorch's `view` reads x in another shape."""
    try:
        return x.view(shape).shape == shape
    except RuntimeError:
        return False


def views(demo):
    """The shapes that the demo offers, and whether it says that `view` gives them."""
    return {numbers(text): "fails" not in text for text in demo.locator("[data-views] button").all_inner_texts()}


def test_the_note_of_the_lesson_comes_first(show):
    assert same(show("strides"), LESSON)


def test_any_note_reads_what_pytorch_reads_and_the_same_views_fail(show):
    demo, seen = show("strides"), {"fits": 0, "fails": 0, "beyond": 0}
    notes = [(3, 4, 0, 1, 0), (4, 3, 1, 4, 0), (2, 4, 6, 1, 0), (3, 2, 4, 2, 0), (1, 4, 9, 2, 5)]
    notes += np.random.default_rng(0).integers((1, 1, 0, 0, 0), (6, 6, 6, 6, 5), (60, 5)).tolist()
    for *shape, down, right, offset in notes:
        write(demo, shape, [down, right], offset)
        try:
            x = torch.arange(12).as_strided(shape, (down, right), offset)
        except RuntimeError:
            seen["beyond"] += 1
            assert (says(demo), views(demo)) == ("beyond", {})
            assert "?" in itertools.chain(*table(demo))
            assert not demo.locator("[data-do^=x]:enabled").count()
            continue
        assert same(demo, x)
        assert says(demo) != "beyond"
        assert (says(demo) == "contiguous") == x.is_contiguous()
        assert (says(demo) == "repeats") == (len(x.unique()) < x.numel())
        offered = views(demo)
        wanted = {pair for pair in itertools.product(range(2, 7), repeat=2) if pair[0] * pair[1] == x.numel()}
        assert set(offered) == wanted | ({(x.numel(),)} if 2 <= x.numel() <= 12 else set())
        assert offered == {shape: fits(x, shape) for shape in offered}
        seen["fits"] += sum(offered.values())
        seen["fails"] += len(offered) - sum(offered.values())
    assert min(seen.values()) > 10, seen


def press_one(demo, x, press, button):
    """Press a button of the demo; what PyTorch makes of x with the same words, and whether it had to copy."""
    text = button.inner_text()
    press(button)
    if text.startswith("x"):
        return eval(text, {"x": x}), False
    result = x.reshape(numbers(text))
    if copied := "fails" in text:
        assert says(demo) == "fails"
        assert same(demo, x)
        press(demo.locator("[data-views] button", has_text="reshape"))
    assert copied == (result.data_ptr() != x.data_ptr())
    return result, copied


@pytest.mark.parametrize("hand", PRESS)
def test_operations_are_those_of_pytorch(show, hand):
    demo, rng = show("strides", has_touch=True, viewport={"width": 390, "height": 844}), np.random.default_rng(0)
    copies = 0
    for _ in range(8):
        PRESS[hand](demo.locator("[data-do=reset]"))
        x = LESSON
        assert same(demo, x)
        for _ in range(6):
            buttons = demo.locator("[data-do^=x]:enabled, [data-views] button").all()
            x, copied = press_one(demo, x, PRESS[hand], buttons[rng.integers(len(buttons))])
            assert same(demo, x)
            copies += copied
    assert copies > 1


def test_why_a_view_fails(show):
    demo = show("strides")
    told = demo.get_by_role("status")
    demo.locator("[data-do='x.t()']").click()
    demo.locator("[data-key='12']").click()
    assert says(demo) == "fails"
    assert numbers(told.inner_text()) == (12, 0, 0, 4, 4, 8, 1, -7)  # dimension 0: from 0 to 4 is 4, from 8 to 1 is −7
    assert demo.locator("svg path[fill=none]").count() == 2
    write(demo, (2, 4), (6, 1), 0)
    demo.locator("[data-key='4,2']").click()
    assert numbers(told.inner_text()) == (4, 2, 0, 0, 2, 2, 2, 6, 4)
    demo.get_by_role("gridcell").nth(6).hover()
    assert says(demo) == "jumps"


def place(demo):
    """What the demo says of the chosen element: its index, the terms of the sum, its place; and how many arrows go."""
    return numbers(demo.locator("[data-place]").inner_text()), demo.locator("svg path[fill=none]").count()


def test_an_element_is_found_by_mouse_finger_and_keyboard(show):
    demo = show("strides", has_touch=True)
    cells = demo.get_by_role("gridcell")
    assert place(demo) == ((1, 2, 0, 1, 4, 2, 1, 6), 1 + 2)
    cells.nth(11).hover()
    assert place(demo) == ((2, 3, 0, 2, 4, 3, 1, 11), 2 + 3)
    cells.nth(1).tap()
    assert place(demo) == ((0, 1, 0, 0, 4, 1, 1, 1), 0 + 1)
    demo.locator("[data-do='x.t()']").click()
    assert place(demo) == ((1, 0, 0, 1, 1, 0, 4, 1), 1 + 0)  # the same number
    demo.locator("[data-do='x.t()']").click()
    demo.locator("[name=offset]").fill("2")  # this element still lies in the storage, the last ones do not
    assert place(demo) == ((0, 1, 2, 0, 4, 1, 1, 3), 0 + 1)
    demo.locator("[data-do=reset]").press("Enter")
    demo.locator("[tabindex='0'][role=gridcell]").focus()
    for key in ["ArrowLeft", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowLeft"]:  # the rim holds
        demo.page.keyboard.press(key)
    assert place(demo) == ((2, 0, 0, 2, 4, 0, 1, 8), 2 + 0)
    demo.page.keyboard.press("ArrowUp")
    demo.page.keyboard.press("ArrowRight")
    assert place(demo) == ((1, 1, 0, 1, 4, 1, 1, 5), 1 + 1)
    assert demo.locator("[aria-selected=true]").inner_text() == "5"
    assert demo.evaluate("() => document.activeElement.textContent") == "5"


def test_a_field_that_holds_no_number_changes_nothing(show):
    demo = show("strides")
    for field, text in {"shape": "7", "strides": "-1", "offset": ""}.items():
        demo.locator(f"[name={field}]").first.fill(text)
        assert says(demo) == "missing"
        assert table(demo) == [[str(number) for number in row] for row in LESSON.tolist()]
        demo.locator("[data-do=reset]").click()
        assert same(demo, LESSON)


def test_storage_and_rows_are_seen_in_colours_that_the_reader_forces(show):
    demo = show("strides", forced_colors="active", color_scheme="dark")
    demo.locator("[data-do='x[1:]']").click()
    rows = [grey(demo.get_by_role("gridcell").nth(number)) for number in (0, 4)]
    assert abs(np.median(rows[0]) - np.median(rows[1])) > 30
    assert all(np.ptp(np.percentile(row, [1, 99])) > 60 for row in rows)
    assert all(np.ptp(grey(demo.locator("svg text").nth(place))) > 100 for place in (0, 5))  # not read, and read
