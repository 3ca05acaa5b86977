"""The player of `animate`, driven in a browser: a small one, and those of the pages that have been built."""

import re
import tomllib

import matplotlib as mpl
import pytest

from helpers import animate, plots
from tests.support.browser import watch
from tools.places import HTML, lesson

LESSONS = HTML / "lessons"
WITH_PLAYERS = ("linear_regression", "iris_logistic_regression", "sine_mlp")
PAGES = [path for name in WITH_PLAYERS for path in LESSONS.glob(f"{lesson(name).stem}.html")]
WORDS = tomllib.loads((plots.FOLDER / "words.toml").read_text(encoding="utf-8"))["en"]
PLAYER = re.compile(r'<div class="player".*?</script>', re.DOTALL)


def small_page(folder, count):
    """A page with a small player in it, the same one several times."""
    mpl.use("agg")
    player = animate(lambda axis, frame: axis.plot([0, 1], [0, frame]), range(6), "A line rises.", (2, 2)).data
    path = folder / "small.html"
    head = "<!doctype html><html lang=en><meta charset=utf-8><title>small</title>"
    path.write_text(head + count * player, encoding="utf-8")
    return path


@pytest.fixture(params=["small", *PAGES], ids=lambda page: getattr(page, "stem", page))
def path(request, tmp_path):
    """A page with a player in it."""
    return small_page(tmp_path, 1) if request.param == "small" else request.param


@pytest.fixture
def page(chromium):
    """A fresh page; nothing may go to its console, and nothing may be asked of another host."""
    page = chromium.new_page()
    faults = watch(page)
    yield page
    page.close()
    assert not faults


@pytest.fixture
def player(page, path):
    """The player of the opened page."""
    page.goto(path.as_uri())
    return page.locator(".player")


def find(player, what):
    """A button or the slider of a player, by what it does."""
    return player.locator(f"[data-do={what}]")


def wait(player, word):
    """Wait until the button that starts and stops says one of its two words."""
    player.locator("[data-do=play]", has_text=WORDS[word]).wait_for()


def frame(player):
    """The frame that is shown, as slider and text agree; its picture is there."""
    slider = find(player, "scrub")
    number, last = slider.evaluate("slider => [slider.valueAsNumber, Number(slider.max)]")
    place = WORDS["place"].format(frame=number + 1, count=last + 1)
    assert player.locator("[data-is=place]").inner_text() == slider.get_attribute("aria-valuetext") == place
    assert player.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    return number, last


def test_by_mouse(player):
    slider, picture = find(player, "scrub"), player.locator("img")
    last = frame(player)[1]
    assert frame(player) == (last, last)
    end = picture.get_attribute("src")
    find(player, "back").click()
    assert frame(player)[0] == last - 1
    assert picture.get_attribute("src") != end
    find(player, "forward").click()
    assert picture.get_attribute("src") == end
    box = slider.bounding_box()
    slider.hover(position={"x": box["width"] / 2, "y": box["height"] / 2})
    player.page.mouse.down()
    assert 0 < frame(player)[0] < last
    player.page.mouse.move(box["x"], box["y"] + box["height"] / 2, steps=5)
    player.page.mouse.up()
    assert frame(player)[0] == 0
    find(player, "play").click()
    wait(player, "pause")
    player.page.wait_for_function("() => document.querySelector('.player input').valueAsNumber >= 2")
    find(player, "play").click()
    wait(player, "play")
    paused = frame(player)
    player.page.wait_for_timeout(600)
    assert frame(player) == paused


def test_by_keyboard(player):
    slider, press = find(player, "scrub"), player.page.keyboard.press
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
    assert find(player, "play").evaluate("button => button === document.activeElement")
    press("Enter")
    wait(player, "pause")
    wait(player, "play")
    assert frame(player)[0] == last


def test_what_one_hears_are_the_words_of_the_table(player):
    for role, word in [("group", "animation"), ("button", "back"), ("button", "play"), ("button", "forward")]:
        assert player.page.get_by_role(role, name=WORDS[word], exact=True).count() == 1, word
    assert player.page.get_by_role("slider", name=WORDS["frame"], exact=True).count() == 1
    assert len(player.get_by_role("img").get_attribute("alt").split()) >= 3


def test_two_views_of_one_player_both_play_and_neither_moves_the_other(page, tmp_path):
    page.goto(small_page(tmp_path, 2).as_uri())
    first, second = page.locator(".player").all()
    find(first, "back").click()
    assert (frame(first)[0], frame(second)[0]) == (4, 5)
    for _ in range(3):
        find(second, "back").click()
    assert (frame(first)[0], frame(second)[0]) == (4, 2)
    find(second, "play").click()
    wait(second, "play")
    assert (frame(first)[0], frame(second)[0]) == (4, 5)


def test_a_step_by_hand_stops_the_show(player):
    find(player, "scrub").press("Home")
    player.evaluate("box => ['play', 'forward'].forEach((what) => box.querySelector(`[data-do=${what}]`).click())")
    wait(player, "play")
    player.page.wait_for_timeout(600)
    assert frame(player)[0] == 1


def test_a_player_that_comes_later_leaves_the_others_as_they_are(page, tmp_path):
    page.goto(small_page(tmp_path, 1).as_uri())
    player = page.locator(".player")
    find(player, "back").click()
    page.evaluate("eval(document.querySelector('script').textContent)")
    assert frame(player)[0] == 4


def test_the_last_picture_stands_alone_where_scripts_do_not_run(chromium, path):
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(path.as_uri())
        still = page.locator(".player img")
        assert still.bounding_box()["width"] > 100
        assert not find(page, "scrub").is_visible()
        source = still.get_attribute("src")
    assert PLAYER.search(path.read_text(encoding="utf-8")).group().count(source) == 2  # the last frame, too


def test_on_paper_there_is_a_picture_and_nothing_to_press(player):
    player.page.emulate_media(media="print")
    assert player.locator("img").bounding_box()["width"] > 100
    assert not find(player, "scrub").is_visible()


def test_size(path):
    assert len(PLAYER.search(path.read_text(encoding="utf-8")).group().encode()) <= 600_000
