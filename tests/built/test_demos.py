"""The demos in the page, driven by a reader's own means (mouse, finger, keyboard) and held to what PyTorch computes."""

import base64
import gzip
import hashlib
import itertools
import re
import shutil
import subprocess
import sys

import jupytext
import numpy as np
import pytest
import torch
from torch import nn

from helpers import evaluate, predict, prepare_digit
from tests.support.browser import violations
from tests.support.demos import DEMOS, LESSONS, NEXT_PICTURE, fill, grey, picture, says, sketch, touch, weights
from tools.places import HTML, lesson

NEEDS = {"digit": ["paper", "digit-picture", "network"], "convolution": ["paper"], "sees": ["network"]}
BUILT = [name for name, page in LESSONS.items() if (HTML / f"lessons/{page}.html").exists()]

# What holds for every demo


def test_a_page_loads_the_scripts_of_its_own_demos_only(book):
    for name, page in LESSONS.items():
        text = (book / f"{page}.html").read_text(encoding="utf-8")
        own = ["words/en", "demo", *NEEDS.get(name, []), name]
        assert re.findall(r"demos/([-\w/]+)\.js", text) == own
        assert text.count("data-demo=") == 1
        assert text.count(f"page.html#demo-{name}") == 1
    assert "demos/" not in (book / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", sorted(DEMOS.rglob("*.js")), ids=lambda file: file.stem)
def test_a_demo_is_small_and_asks_nobody(file):
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 200
    assert not re.search(r"https?:|fetch\(|XMLHttpRequest|import\b", text)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize(
    ("where", "name"), [*(("small", name) for name in LESSONS), *(("built", name) for name in BUILT)]
)
def test_legible_and_accessible(show, where, name, width, scheme):
    folder = HTML / "lessons" if where == "built" else None
    demo = show(name, folder, viewport={"width": width, "height": 844}, color_scheme=scheme)
    for button in demo.get_by_role("button").all()[:2]:
        button.click()
    box = demo.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    if where == "small":
        assert demo.evaluate("() => document.documentElement.scrollWidth") <= width
    assert not (found := violations(demo.page, f"'[data-demo={name}]'")), "\n".join(found)


@pytest.mark.parametrize("name", LESSONS)
def test_a_button_under_the_pointer_is_legible_in_colours_that_the_reader_forces(show, name):
    button = show(name, forced_colors="active", color_scheme="dark").get_by_role("button").first
    button.hover()
    assert np.ptp(grey(button)[8:-8, 8:-8]) > 100


# The walk downhill


def walk(kind, rate, steps, dtype=torch.float32):
    """w, b and loss after some steps of the lesson's experiment, by autograd."""
    x = torch.tensor([35.7, 55.9, 58.2, 81.9, 56.3, 48.9, 33.9, 21.8, 48.4, 60.4, 68.4])
    y = torch.tensor([0.5, 14.0, 15.0, 28.0, 11.0, 8.0, 3.0, -4.0, 6.0, 13.0, 21.0], dtype=dtype)
    x = {"raw": x, "tenth": 0.1 * x, "standardised": (x - x.mean()) / x.std(correction=0)}[kind].to(dtype)
    params = torch.tensor([1.0, 0.0], dtype=dtype, requires_grad=True)
    for _ in range(steps):
        (gradient,) = torch.autograd.grad(((params[0] * x + params[1] - y) ** 2).mean(), params)
        params = (params - rate * gradient).detach().requires_grad_()
    w, b = params.tolist()
    return {"w": w, "b": b, "loss": ((w * x + b - y) ** 2).mean().item()}


def reading(demo):
    """The numbers that the demo of gradients_by_hand shows."""
    texts = {
        name: demo.locator(f"[data-is={name}]").inner_text().replace("−", "-") for name in ("step", "w", "b", "loss")
    }
    return {name: float(text) for name, text in texts.items()}


def choose(demo, kind, exponent):
    """Choose inputs with the mouse, and a learning rate with the keyboard; 1e-2 is there at first."""
    demo.locator(f"[value={kind}]").check()
    slider = demo.locator("[type=range]")
    slider.focus()
    key = "ArrowRight" if exponent > -2 else "ArrowLeft"
    for _ in range(round(abs(exponent + 2) / 0.05)):
        slider.press(key)
    assert float(slider.get_attribute("aria-valuetext")) == pytest.approx(10**exponent, rel=0.05)


def test_figures_of_the_lesson(show):
    demo = show("descent")
    step = demo.locator("[data-do=step]")
    assert reading(demo)["loss"] == pytest.approx(1763.8846435546875, rel=1e-6)
    step.click()
    assert reading(demo)["loss"] == pytest.approx(5802484.5, rel=1e-6)
    assert says(demo) == "rose"
    choose(demo, "tenth", -2)
    assert reading(demo) == pytest.approx({"step": 0, "w": 1, "b": 0, "loss": 80.36434}, rel=1e-6)
    step.click()
    assert reading(demo)["loss"] == pytest.approx(37.57492, rel=1e-6)
    demo.locator("[data-do=play]").click()
    last = {"step": 5000, "w": 5.367083549499512, "b": -17.301189422607422, "loss": 2.927647590637207}
    assert reading(demo) == pytest.approx(last, rel=1e-5)


@pytest.mark.parametrize(
    ("kind", "exponent", "steps"),
    [("raw", -2, 3), ("raw", -4, 40), ("tenth", -2, 40), ("tenth", -1.45, 30), ("standardised", -0.3, 1)],
)
def test_steps_are_those_of_pytorch(show, kind, exponent, steps):
    demo = show("descent")
    choose(demo, kind, exponent)
    rate = float(demo.locator("[type=range]").get_attribute("aria-valuetext"))
    for _ in range(steps):
        demo.locator("[data-do=step]").press("Enter")
    assert reading(demo) == pytest.approx({"step": steps, **walk(kind, rate, steps)}, rel=1e-4)
    assert reading(demo) == pytest.approx({"step": steps, **walk(kind, rate, steps, torch.float64)}, rel=1e-3)


def test_float32_overflows_where_that_of_the_lesson_does(show):
    demo = show("descent")
    losses = []
    for _ in range(22):
        demo.locator("[data-do=step]").click()
        losses.append(reading(demo)["loss"])
    assert [np.isinf(losses).argmax() + 2, np.isnan(losses).argmax() + 2] == [11, 23]  # text E counts the start as one


def test_playing_and_pausing(show):
    demo = show("descent", reduced_motion="no-preference")
    choose(demo, "tenth", -2)
    play = demo.locator("[data-do=play]")
    named = play.inner_text()
    play.click()
    assert play.inner_text() != named
    demo.page.wait_for_function("() => Number(document.querySelector('[data-is=step]').textContent) > 3")
    play.click()
    assert play.inner_text() == named
    steps = reading(demo)["step"]
    assert 3 < steps < 5000
    demo.page.wait_for_timeout(100)
    assert reading(demo) == pytest.approx({"step": steps, **walk("tenth", 1e-2, int(steps))}, rel=1e-4)
    demo.locator("[data-do=reset]").click()
    assert reading(demo)["step"] == 0


def test_pictures_of_the_walk(show):
    """The bottom's cross lies where least squares finds it, and a path leads there; told in words, too."""
    demo = show("descent", has_touch=True, viewport={"width": 390, "height": 844})
    demo.locator("[value=tenth]").tap()
    demo.locator("[data-do=play]").tap()
    picture = demo.locator("[data-plot=map]")
    assert re.findall(r"-?\d+\.\d\d\b", picture.get_attribute("aria-label")) == ["5.37", "-17.30"]
    shape = [float(number) for number in re.findall(r"-?[\d.]+", picture.locator("[data-path]").get_attribute("d"))]
    start, end = [50 + 290 * 4 / 12, 212 - 200 * 22 / 28], [50 + 290 * 8.367 / 12, 212 - 200 * 4.699 / 28]
    assert shape[:2] == pytest.approx(start, abs=0.1)
    assert shape[-2:] == pytest.approx(end, abs=0.6)
    assert demo.locator("[data-plot=line] circle").count() == 11 + 1


# The graph: forwards and backwards


@pytest.mark.parametrize("inputs", [(3, 5, 8), (-2, 0.5, 4), (0, -1.25, 0), (1.5, 1e3, -7)])
def test_every_number_is_that_of_autograd(show, inputs):
    demo = show("graph")
    for name, number in zip("abc", inputs):
        demo.locator(f"[name={name}]").fill(str(number))
    a, b, c = (torch.tensor(float(number), dtype=torch.float64, requires_grad=True) for number in inputs)
    u = b * c
    v = a + u
    j = 3 * v
    tensors = {"a": a, "b": b, "c": c, "u": u, "v": v, "j": j}
    gradients = dict(zip(tensors, torch.autograd.grad(j, list(tensors.values()))))
    forward, backward = ["u", "v", "j"], [["j"], ["v"], ["a", "u"], ["b", "c"]]
    for step in range(8):
        words = demo.locator("svg").get_attribute("aria-label").replace("−", "-")
        shown = re.findall(r"\b([abcuvj]) = (\S+?)(?:, grad (\S+?))?(?:;|$)", words)
        values = {name: tensors[name].item() for name in ["a", "b", "c", *forward[:step]]}
        assert {name: float(value) for name, value, _ in shown} == pytest.approx(values, rel=1e-5)
        known = {name: gradients[name].item() for name in itertools.chain(*backward[: max(0, step - 3)])}
        assert {name: float(grad) for name, _, grad in shown if grad} == pytest.approx(known, rel=1e-5)
        drawn = [text.replace("−", "-") for text in demo.locator("svg text").all_text_contents()]
        assert sorted(float(text[5:]) for text in drawn if text.startswith("grad")) == pytest.approx(
            sorted(known.values()), rel=1e-5
        )
        demo.locator("[data-do=next]").press("Space") if step < 7 else None


def test_forwards_and_back_again(show):
    demo = show("graph", has_touch=True, viewport={"width": 390, "height": 844})
    status, c = demo.get_by_role("status"), demo.locator("[name=c]")
    demo.locator("[data-do=end]").tap()
    assert re.findall(r"3 · [bc] = \d+", status.inner_text()) == ["3 · c = 24", "3 · b = 15"]
    c.fill("10")  # while the gradients are shown
    assert re.findall(r"3 · [bc] = \d+", status.inner_text()) == ["3 · c = 30", "3 · b = 15"]
    demo.locator("[data-do=back]").tap()
    assert says(demo) == "6"
    c.fill("")
    assert says(demo) == "missing"
    c.fill("8")
    assert says(demo) == "6"


# The digit: reading what is written

PUT = """(root, [pixels, size, left, top]) => {
  const canvas = root.querySelector("canvas"), paper = canvas.getContext("2d");
  const small = new OffscreenCanvas(28, 28), picture = new ImageData(28, 28);
  pixels.forEach((value, i) => { picture.data[4 * i + 3] = value; });
  small.getContext("2d").putImageData(picture, 0, 0);
  paper.clearRect(0, 0, canvas.width, canvas.height);
  paper.imageSmoothingQuality = "high";
  paper.drawImage(small, left, top, size, size);
  canvas.dispatchEvent(new Event("input"));
}"""
READ = "root => ({ pixels: Array.from(root.reading.pixels ?? []), logits: root.reading.logits })"
PUT_ALL = f"(root, all) => all.map((one) => (({PUT})(root, one), root.reading.logits))"


@pytest.fixture(scope="module")
def model():
    """The network that the lesson of the demo defines, with the page's numbers."""
    cells = [cell.source for cell in jupytext.read(lesson("your_own_digit")).cells if cell.cell_type == "code"]
    names = {"nn": nn}
    for cell in cells:
        if re.search(r"^def make_model\(", cell, re.MULTILINE):
            exec(cell, names)
    return fill(names["make_model"](), "digit")


def normalise(images):
    """What the lesson does to pixels from 0 to 1, with the numbers that it exported."""
    return (images - weights("digit")["mean"]) / weights("digit")["std"]


def places(images, sides, seed):
    """Test digits with random sizes and places on the demo's paper, which is 480 by 480."""
    rng = np.random.default_rng(seed)
    for image in images:
        side = int(rng.integers(*sides))
        yield [image.flatten().tolist(), side, *rng.integers(0, 481 - side, 2).tolist()]


def ready(demo):
    """The demo, when the network's numbers have come."""
    demo.locator(".demo-source:not(:empty)").wait_for()
    return demo


def test_weights_are_those_of_a_run_on_the_full_set(model, data):
    known = weights("digit")
    assert "60,000" in known["data"]
    assert known["data"] == data.source or not data.full
    assert hashlib.sha256(base64.b64decode(known["numbers"])).hexdigest() == known["sha256"]
    assert len(gzip.compress((DEMOS / "digit-weights.js").read_bytes(), 6)) <= 100_000
    assert re.fullmatch(r"torch \S+, Python \S+ 20\d\d-\d\d-\d\d", f"{known['versions']} {known['date']}")
    accuracy = evaluate(model, normalise(data.test.images / 255), data.test.labels)["accuracy"]
    assert accuracy == pytest.approx(known["accuracy"], abs=0.0005 if data.full else 0.01)  # rounded to sixteen bits


def test_pixels_and_logits(show, model, data):
    demo = ready(show("digit"))
    ours, logits, theirs = [], [], []
    for place in places(data.test.images[:100], (160, 481), seed=0):
        demo.evaluate(PUT, place)
        read = demo.evaluate(READ)
        if not read["pixels"]:  # strokes too far apart
            with pytest.raises(ValueError, match="more than one thing"):
                prepare_digit(picture(demo))
            continue
        ours.append(torch.tensor(read["pixels"]).view(1, 28, 28))
        logits.append(read["logits"])
        theirs.append(prepare_digit(picture(demo))[0])
    assert len(ours) >= 97
    ours, theirs = torch.stack(ours), torch.stack(theirs)
    assert (ours - theirs).abs().max() <= 1 / 255
    assert (torch.tensor(logits) - predict(model, normalise(ours))).abs().max() <= 1e-4


def test_two_strokes_far_apart_are_not_one_digit(show):
    demo = ready(show("digit"))
    draw = """root => {
      const canvas = root.querySelector("canvas"), paper = canvas.getContext("2d");
      for (const [left, top] of [[80, 90], [340, 110]]) paper.fillRect(left, top, 40, 260);
      canvas.dispatchEvent(new Event("input"));
    }"""
    demo.evaluate(draw)
    assert demo.evaluate(READ) == {"pixels": [], "logits": None}
    with pytest.raises(ValueError, match="more than one thing"):
        prepare_digit(picture(demo))


def test_a_thousand_digits_at_random_size_and_place(show, data):
    demo = ready(show("digit"))
    todo = list(places(data.test.images[:1000], (120, 481), seed=1))
    logits = [answer for first in range(0, 1000, 50) for answer in demo.evaluate(PUT_ALL, todo[first : first + 50])]
    right = [
        answer is not None and np.argmax(answer) == label for answer, label in zip(logits, data.test.labels.tolist())
    ]
    assert len(right) == 1000
    assert np.mean(right) >= 0.975


def test_a_hundred_digits_written_with_the_mouse(show, data):
    demo = ready(show("digit"))
    keyboard = demo.page.keyboard
    demo.evaluate("() => { requestAnimationFrame = (read) => { window.due = read; return 1; } }")  # read once a digit
    right = []
    for image, label in zip(data.test.images[100:200, 0].numpy(), data.test.labels[100:200].tolist()):
        sketch(demo, image)
        demo.evaluate("() => due()")
        right.append(np.argmax(demo.evaluate(READ)["logits"]) == label)
        keyboard.press("Delete")
    assert len(right) == 100
    assert np.mean(right) >= 0.9


def test_by_keyboard(show):
    demo = ready(show("digit"))
    paper = demo.locator("canvas").first
    assert says(demo) == "empty"
    paper.focus()
    for key in [
        *["ArrowLeft"] * 4,
        "Space",
        *["ArrowRight"] * 7,
        *["ArrowDown", "ArrowDown", "ArrowLeft"] * 5,
        "Space",
    ]:
        paper.press(key)
    assert says(demo) == "read"
    assert re.findall(r"\d+", demo.get_by_role("status").inner_text())[0] == "7"
    words = demo.locator(".demo-bars").get_attribute("aria-label")
    shares = [float(share) for share in re.findall(r"\d: ([\d.]+)\s%", words)]
    assert np.argmax(shares) == 7
    assert sum(shares) == pytest.approx(100, abs=0.5)
    paper.press("Delete")
    assert says(demo) == "empty"
    assert demo.evaluate(READ) == {"pixels": [], "logits": None}


def test_by_finger(show):
    demo = ready(show("digit", has_touch=True, viewport={"width": 390, "height": 844}))
    scrolled = demo.evaluate("() => scrollY")
    touch(demo, [[(0.5, y)] for y in np.linspace(0.2, 0.8, 12)])
    demo.locator("[data-says=read]").wait_for()
    assert np.argmax(demo.evaluate(READ)["logits"]) == 1
    assert demo.evaluate("() => scrollY") == scrolled
    demo.locator("[data-do=clear]").click()
    demo.locator("[data-says=empty]").wait_for()


def ink(demo):
    """The paper's ink: share of the paper that it covers, and where it lies, (left, top, right, bottom)."""
    page = picture(demo).point(lambda value: 255 * (value > 128))
    return np.mean(np.asarray(page) > 0) * (600 / 480) ** 2, page.getbbox()


def test_a_palm_that_rests_leaves_the_stroke_alone(show):
    demo = ready(show("digit", has_touch=True))
    down = [(0.45, y) for y in np.linspace(0.15, 0.75, 13)]
    touch(demo, [[(0.9, 0.92)], *[[(0.9 + 0.002 * (n % 2), 0.92), place] for n, place in enumerate(down)]])
    share, (left, _, right, _) = ink(demo)
    assert 0.05 < share < 0.08
    assert right - left < 60, "there is ink where the palm lay"
    assert np.argmax(demo.evaluate(READ)["logits"]) == 1


def test_a_second_finger_adds_nothing_to_a_stroke(show):
    demo = ready(show("digit", has_touch=True))
    down = [(0.45, y) for y in np.linspace(0.15, 0.75, 13)]
    touch(demo, [[place] for place in down[:6]] + [[place, (0.9, place[1])] for place in down[6:]])
    assert 0.05 < ink(demo)[0] < 0.08


POINTER = """(canvas, [type, kind, id, x, y]) => canvas.dispatchEvent(new PointerEvent(`pointer${type}`, {
  pointerId: id, pointerType: kind, isPrimary: true, buttons: type === "up" ? 0 : 1, bubbles: true,
  clientX: canvas.getBoundingClientRect().left + x * canvas.clientWidth,
  clientY: canvas.getBoundingClientRect().top + y * canvas.clientHeight }))"""


def test_a_pen_wins_over_a_finger_and_no_finger_over_a_pen(show):
    demo = ready(show("digit"))
    paper = demo.locator("canvas").first
    paper.evaluate("canvas => (canvas.setPointerCapture = () => {})")  # these pointers are no hardware's
    events = [("down", "touch", 1, 0.8, 0.3), ("move", "touch", 1, 0.8, 0.8)]  # a palm that slides
    events += [("down", "pen", 2, 0.4, 0.2), ("down", "touch", 3, 0.7, 0.7), ("move", "touch", 3, 0.7, 0.3)]
    events += [("move", "pen", 2, 0.4, 0.8), ("up", "pen", 2, 0.4, 0.8)]
    for event in events:
        paper.evaluate(POINTER, list(event))
    demo.evaluate(NEXT_PICTURE)
    share, (left, _, right, _) = ink(demo)
    assert 0.05 < share < 0.08
    assert 0.4 * 480 + 60 - 25 < left < right < 0.4 * 480 + 60 + 25
    assert np.argmax(demo.evaluate(READ)["logits"]) == 1


def test_ink_and_bars_are_seen_in_colours_that_the_reader_forces(show):
    demo = ready(show("digit", forced_colors="active", color_scheme="dark"))
    box = demo.locator("canvas").first.bounding_box()
    demo.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    demo.page.mouse.down()
    demo.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.8 * box["height"], steps=9)
    demo.page.mouse.up()
    demo.locator("[data-says=read]").wait_for()
    shown = {name: grey(demo.locator(name).first) for name in ("canvas", "[data-seen]")}
    assert all(np.ptp(np.percentile(pixels, [1, 99])) > 100 for pixels in shown.values())
    empty, full = (grey(bar).mean() for bar in demo.locator(".demo-bars span").all()[:2])
    assert abs(empty - full) > 100, "the bar of the digit that was read looks like the others"


def test_the_paper_takes_a_touch_for_itself(show):
    paper = show("digit").locator("canvas").first
    style = paper.evaluate(
        "canvas => (({ touchAction, userSelect }) => [touchAction, userSelect])(getComputedStyle(canvas))"
    )
    assert style == ["none", "none"]


# Words

MUTE = """{
  const mute = (value) => typeof value === "function" ? () => "#" : typeof value === "string" ? "#"
    : Array.isArray(value) ? value.map(mute)
    : Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mute(one)]));
  demoWords = mute(demoWords);
}"""


@pytest.mark.parametrize("name", LESSONS)
def test_a_demo_says_nothing_but_the_words_of_its_language(show, book, name, tmp_path):
    """Where the table says # for everything, no word is seen or heard but names of PyTorch's."""
    shutil.copytree(book, tmp_path / "mute")
    with (tmp_path / "mute/_static/demos/words/en.js").open("a", encoding="utf-8") as table:
        table.write(MUTE)
    demo = show(name, tmp_path / "mute")
    for button in demo.get_by_role("button").all():
        button.click()
    labels = demo.locator("[aria-label]").evaluate_all("elements => elements.map(element => element.ariaLabel)")
    text = " ".join([demo.inner_text(), *labels])
    assert "#" in text
    assert set(re.findall(r"[^\W\d_]{3,}", text)) <= {"grad", "view", "reshape"}


def test_a_book_in_a_language_without_words_for_its_demos_is_red(book, tmp_path):
    command = [sys.executable, "-m", "sphinx", "-q", "-D", "language=de", book.parent, tmp_path / "html"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode
    assert "no words for a book in de" in done.stderr
