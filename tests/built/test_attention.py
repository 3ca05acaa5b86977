"""The demo of attention, driven by a reader's own means and held to what PyTorch computes from the same weights."""

import base64
import hashlib
import re
import shutil
import string

import numpy as np
import pytest
import torch

from tests.support.demos import DEMOS, LESSONS, fill, grey, says, weights
from tools.places import ROOT

SIGNS = string.ascii_uppercase + "→"
ALPHABET = np.array(list(string.ascii_uppercase))
CELL, CHOSEN = ".demo-signs label:visible", "path[data-chosen]"


@pytest.fixture(scope="module")
def program():
    """The names that the lesson's program defines, before it trains."""
    text, names = (ROOT / f"programs/{LESSONS['attention']}.py").read_text(encoding="utf-8"), {}
    exec(text.partition("torch.manual_seed")[0], names)
    return names


@pytest.fixture(scope="module")
def model(program):
    """The lesson's transformer, with the page's numbers."""
    return fill(program["Transformer"](), "attention")


@pytest.fixture
def looks(show):
    """A function that opens the demo and waits for the network."""

    def opened(**context):
        demo = show("attention", **context)
        demo.locator("[data-says=ten]").wait_for()
        return demo

    return opened


@torch.no_grad()
def by_pytorch(model, line):
    """What the model writes after a line, with the logits and the weights, by place, that each letter came from."""
    row, found = [SIGNS.index(sign) for sign in line + "→"], []
    for _ in range(min(len(line), 20 - len(line))):
        logits = model(torch.tensor([row]))[0, -1]
        row.append(int(logits.argmax()))
        found.append((row[-1], logits, model.attention.last_weights[0, -1]))
    return found


def texts(demo, selector):
    """The texts of some elements, in order."""
    return demo.locator(selector).all_inner_texts()


def check_row(demo, model, line):
    """All that the demo computes and shows of a line is what PyTorch makes of it; returns that."""
    wanted, found = by_pytorch(model, line), demo.evaluate("root => root.reading")
    assert "".join(SIGNS[sign] for sign in found["line"]) == line
    assert [one["sign"] for one in found["written"]] == [sign for sign, _, _ in wanted]
    for one, (_, logits, looked) in zip(found["written"], wanted):
        assert (torch.tensor(one["logits"]) - logits).abs().max() <= 1e-3
        assert (torch.tensor(one["weights"]) - looked).abs().max() <= 1e-3
    written = [SIGNS[sign] for sign, _, _ in wanted]
    assert texts(demo, "[data-line] b") == [*line, "→"]
    assert texts(demo, f"{CELL} b") == written
    assert texts(demo, "[data-line] small, .demo-signs label:visible small") == [
        str(place) for place in range(len(line) + 1 + len(written))
    ]
    dashed = demo.locator(CELL).evaluate_all("all => all.map(cell => 'wrong' in cell.dataset)")
    assert dashed == [sign != right for sign, right in zip(written, reversed(line))]
    return wanted


def check_verdict(demo, wanted, line):
    """It counts the letters that are right, and the places that look where they have learned to."""
    right = sum(SIGNS[sign] == letter for (sign, _, _), letter in zip(wanted, reversed(line)))
    places = [(len(looked) - 1, int(looked.argmax())) for _, _, looked in wanted]
    same = sum(place + at == 19 for place, at in places)
    kind = "ten" if len(line) == 10 else "few" if max(place for place, _ in places) < 10 else "other"
    told = "(_, [kind, ...numbers]) => demoWords.attention.verdicts[kind](...numbers)"
    assert (says(demo), demo.get_by_role("status").inner_text()) == (
        kind,
        demo.evaluate(told, [kind, right, len(wanted), same]),
    )
    return kind


def test_weights_are_those_of_the_lesson(model, program):
    known = weights("attention")
    assert hashlib.sha256(base64.b64decode(known["numbers"])).hexdigest() == known["sha256"]
    assert (DEMOS / "attention-weights.js").stat().st_size <= 100_000
    assert re.fullmatch(r"torch \S+, Python \S+ 20\d\d-\d\d-\d\d", f"{known['versions']} {known['date']}")
    torch.manual_seed(1)
    rows = program["draw_rows"](1000)
    written = rows[:, :11]
    with torch.no_grad():
        for _ in range(10):
            written = torch.cat([written, model(written)[:, -1:].argmax(dim=-1)], dim=1)
    assert (written == rows).all(dim=1).float().mean() == pytest.approx(known["accuracy"], abs=0.002)
    assert known["accuracy"] > 0.99


def test_letters_logits_and_attention_are_those_of_pytorch(looks, model):
    demo, rng, kinds = looks(), np.random.default_rng(0), set()
    check_row(demo, model, "STRAWBERRY")
    for line in ("".join(rng.choice(ALPHABET, length)) for length in [*range(1, 13)] * 2):
        demo.locator("[type=text]").fill(line)
        kinds.add(check_verdict(demo, check_row(demo, model, line), line))
    assert kinds == {"ten", "few", "other"}


def check_look(demo, model, line, k):
    """Letter k is chosen, and where it looked is drawn and told."""
    sign, logits, looked = by_pytorch(model, line)[k]
    row = [*line, "→", *texts(demo, f"{CELL} b")]
    asks, place = len(line) + k, int(looked.argmax())
    assert demo.locator("input:checked").get_attribute("value") == str(k)
    facts = {"asks": asks, "reads": row[asks], "place": place, "sign": row[place], "letter": SIGNS[sign]}
    facts |= {"weight": f"{looked.max():.2f}", "share": f"{100 * logits.softmax(0).max():.1f}\u00a0%"}
    told = demo.evaluate("(_, facts) => demoWords.attention.look(facts)", facts)
    assert demo.locator("[data-look]").inner_text() == told
    assert demo.locator("input:checked").get_attribute("aria-label") == told
    assert told in demo.locator("svg").get_attribute("aria-label")
    seen = {at: weight for at, weight in enumerate(looked.tolist()) if weight >= 0.05}
    widths = demo.locator(CHOSEN).evaluate_all("all => all.map(path => parseFloat(path.style.strokeWidth))")
    assert widths == pytest.approx([6 * weight for weight in seen.values()], abs=0.01)
    ends = [(at + 0.5, 0) if at <= len(line) else (at - len(line) - 0.5, 5) for at in seen]  # the row above, or its own
    assert curves(demo) == [(k + 0.5, 5, *end) for end in ends]
    shades = demo.locator(f"[data-line] span, {CELL}").evaluate_all(
        "all => all.map(cell => parseInt(cell.style.getPropertyValue('--weight')))"
    )
    shares = (100 * looked).tolist() + [0] * (len(shades) - len(looked))
    assert shades == pytest.approx(shares, abs=0.51)
    ahead = demo.locator(CELL).evaluate_all("all => all.map(cell => 'ahead' in cell.dataset)")
    assert ahead == [number > k for number in range(len(ahead))]


def curves(demo):
    """Where the curves of the chosen letter begin and end: x, y, x, y."""
    drawn = demo.locator(CHOSEN).evaluate_all("all => all.map(path => path.getAttribute('d'))")
    numbers = [[float(number) for number in re.findall(r"[\d.]+", path)] for path in drawn]
    return [(*path[:2], *path[-2:]) for path in numbers]


@pytest.mark.parametrize(
    ("line", "hand"),
    [("STRAWBERRY", "finger"), ("PYTORCHES", "mouse"), ("HELLO", "finger"), ("ABCDEFGHIJKL", "mouse")],
)
def test_a_letter_is_chosen_by_mouse_and_finger(looks, model, line, hand):
    demo = looks(has_touch=True, viewport={"width": 320, "height": 844})
    demo.locator("[type=text]").fill(line)
    check_look(demo, model, line, 0)
    for k in (3, 0, demo.locator(CELL).count() - 1, 1):
        cell = demo.locator(CELL).nth(k)
        cell.hover() if hand == "mouse" else cell.tap()
        check_look(demo, model, line, k)


def test_a_letter_is_chosen_by_keyboard(looks, model):
    demo = looks()
    demo.locator("input:checked").focus()
    for key, k in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("ArrowDown", 2)]:
        demo.page.keyboard.press(key)
        check_look(demo, model, "STRAWBERRY", k)
    demo.locator(CELL).nth(9).hover()
    demo.locator("[type=text]").fill("DATA")  # the tenth letter is gone
    check_look(demo, model, "DATA", 3)


def test_in_a_line_of_ten_each_letter_has_looked_at_its_mirror_image_alone(looks):
    demo = looks()
    for k in range(10):
        demo.locator(CELL).nth(k).hover()
        assert curves(demo) == [(k + 0.5, 5, 9.5 - k, 0)]


def test_buttons_draw_a_line_and_change_its_length(looks, model):
    demo, field = looks(), "[type=text]"
    assert demo.locator(field).input_value() == "STRAWBERRY"
    demo.locator("[data-do=fewer]").click()
    check_row(demo, model, "STRAWBERR")
    demo.locator("[data-do=random]").press("Enter")
    first = demo.locator(field).input_value()
    demo.locator("[data-do=random]").click()
    line = demo.locator(field).input_value()
    assert re.fullmatch("[A-Z]{10}", line)
    assert line != first
    for _ in range(3):
        demo.locator("[data-do=more]").click()
    longest = demo.locator(field).input_value()
    assert re.fullmatch(f"{line}[A-Z]{{2}}", longest)
    assert says(demo) == "other"
    check_row(demo, model, longest)
    for _ in range(12):
        demo.locator("[data-do=fewer]").click()
    check_row(demo, model, line[0])


def test_it_knows_capitals_only(looks, model):
    demo = looks()
    field, unknown = demo.locator("[type=text]"), demo.evaluate("() => demoWords.attention.unknown")
    field.fill("attention x")
    check_row(demo, model, "ATTENTIONX")
    assert unknown in demo.get_by_role("status").inner_text()
    field.fill("")
    field.press_sequentially("one two three four")
    assert field.input_value() == "one two thre"
    check_row(demo, model, "ONETWOTHRE")
    field.fill("attentionx")
    assert unknown not in demo.get_by_role("status").inner_text()
    for nothing in ("", "1 →é"):
        field.fill(nothing)
        assert says(demo) == "missing"
        check_row(demo, model, "ATTENTIONX")


def test_the_weights_come_when_the_demo_is_near_and_nothing_else(show, book, tmp_path):
    shutil.copytree(book, tmp_path / "far")
    with (tmp_path / "far/_static/demos/demos.css").open("a", encoding="utf-8") as sheet:
        sheet.write(".demo { margin-top: 3000px; }")
    asked, demo = [], show("attention", tmp_path / "far")  # which scrolls to it
    demo.evaluate("() => scrollTo(0, 0)")
    demo.page.reload()
    demo.page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    demo.page.wait_for_timeout(300)
    assert (says(demo), asked) == ("waiting", [])
    demo.scroll_into_view_if_needed()
    demo.locator("[data-says=ten]").wait_for()
    demo.locator("[type=text]").fill("DATA")
    demo.locator("[data-do=random]").click()
    assert asked == ["attention-weights.js"]


def test_lines_and_the_chosen_letter_are_seen_in_colours_that_the_reader_forces(looks):
    demo = looks(forced_colors="active", color_scheme="dark")
    pictures, rows = [], []
    for k in (2, 7):
        demo.locator(CELL).nth(k).hover()
        pictures.append(grey(demo.locator("svg")).astype(int))
        rows.append(grey(demo.locator("[role=radiogroup]")).astype(int))
    assert np.ptp(pictures[0]) > 100
    assert all(abs(one - other).max() > 80 for one, other in (pictures, rows)), (
        "the chosen letter looks like the others"
    )
    assert np.ptp(grey(demo.locator("[data-line] span").first)) > 100
