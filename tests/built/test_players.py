"""The player of `animate`, driven in a browser: a small one, and those of the pages that have been built."""

import re

import matplotlib as mpl
import pytest

from helpers import animate
from tests.support.browser import watch
from tools.places import HTML, lesson

LESSONS = HTML / "lessons"
WITH_PLAYERS = ("linear_regression", "iris_logistic_regression", "sine_mlp")
PAGES = [path for name in WITH_PLAYERS for path in LESSONS.glob(f"{lesson(name).stem}.html")]
PLAYER = re.compile(r'<div class="player".*?</script>', re.DOTALL)


@pytest.fixture(params=["small", *PAGES], ids=lambda page: getattr(page, "stem", page))
def path(request, tmp_path):
    """A page with a player in it."""
    if request.param != "small":
        return request.param
    mpl.use("agg")
    player = animate(lambda axis, frame: axis.plot([0, 1], [0, frame]), range(6), "A line rises.", (2, 2)).data
    path = tmp_path / "small.html"
    path.write_text(f"<!doctype html><html lang=en><meta charset=utf-8><title>small</title>{player}", encoding="utf-8")
    return path


@pytest.fixture
def player(chromium, path):
    """The player of the opened page; nothing may go to the console, and nothing may be asked of another host."""
    page = chromium.new_page()
    faults = watch(page)
    page.goto(path.as_uri())
    yield page.locator(".player")
    page.close()
    assert not faults


def frame(player):
    """The frame that is shown, as slider and text agree; its picture is there."""
    number = player.get_by_label("Frame").evaluate("slider => slider.valueAsNumber")
    last = player.get_by_label("Frame").evaluate("slider => Number(slider.max)")
    assert player.locator("output").inner_text() == f"{number + 1} of {last + 1}"
    assert player.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    return number, last


def test_by_mouse(player):
    slider, picture = player.get_by_label("Frame"), player.locator("img")
    last = frame(player)[1]
    assert frame(player) == (last, last)
    end = picture.get_attribute("src")
    player.get_by_role("button", name="One step back").click()
    assert frame(player)[0] == last - 1
    assert picture.get_attribute("src") != end
    player.get_by_role("button", name="One step forward").click()
    assert picture.get_attribute("src") == end
    box = slider.bounding_box()
    slider.hover(position={"x": box["width"] / 2, "y": box["height"] / 2})
    player.page.mouse.down()
    assert 0 < frame(player)[0] < last
    player.page.mouse.move(box["x"], box["y"] + box["height"] / 2, steps=5)
    player.page.mouse.up()
    assert frame(player)[0] == 0
    player.get_by_role("button", name="Play").click()
    player.page.wait_for_function("() => document.querySelector('.player input').valueAsNumber >= 2")
    player.get_by_role("button", name="Pause").click()
    paused = frame(player)
    player.page.wait_for_timeout(600)
    assert frame(player) == paused


def test_by_keyboard(player):
    slider, press = player.get_by_label("Frame"), player.page.keyboard.press
    last = frame(player)[1]
    slider.focus()
    for key, wanted in [("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", last)]:
        press(key)
        assert frame(player)[0] == wanted, key
    press("Home")
    press("Space")
    player.page.wait_for_function("() => document.querySelector('.player input').valueAsNumber >= 2")
    press("Space")
    assert 2 <= frame(player)[0] < last
    press("End")
    press("ArrowLeft")
    press("Shift+Tab")
    press("Shift+Tab")
    assert player.get_by_role("button", name="Play").evaluate("button => button === document.activeElement")
    press("Enter")
    player.get_by_role("button", name="Pause").wait_for()
    player.get_by_role("button", name="Play").wait_for()
    assert frame(player)[0] == last


def test_names(player):
    assert player.get_by_role("slider", name="Frame").get_attribute("aria-valuetext")
    assert [button.evaluate("b => b.ariaLabel ?? b.textContent") for button in player.get_by_role("button").all()] == [
        "One step back",
        "Play",
        "One step forward",
    ]
    assert player.page.get_by_role("group", name="Animation").count() == 1
    assert len(player.get_by_role("img").get_attribute("alt").split()) >= 3


def test_the_last_picture_stands_alone_where_scripts_do_not_run(chromium, path):
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(path.as_uri())
        still = page.locator(".player img")
        assert still.bounding_box()["width"] > 100
        assert not page.get_by_role("slider").is_visible()
        source = still.get_attribute("src")
    assert PLAYER.search(path.read_text(encoding="utf-8")).group().count(source) == 2  # the script's last one, too


def test_on_paper_there_is_a_picture_and_nothing_to_press(player):
    player.page.emulate_media(media="print")
    assert player.locator("img").bounding_box()["width"] > 100
    assert not player.get_by_label("Frame").is_visible()


def test_size(path):
    assert len(PLAYER.search(path.read_text(encoding="utf-8")).group().encode()) <= 600_000
