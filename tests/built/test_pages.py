"""Gate 7: every built page in Chromium, wide and on a phone, light and dark, from a server and from files."""

import functools
import gzip
import io
import json
import re
from collections import defaultdict

import pytest
from PIL import Image
from playwright.sync_api import Error

from tests.support.browser import how, violations, watch
from tests.support.pages import CHAPTERS, ENGLISH, PAGES, count
from tools.pieces import columns
from tools.places import HTML, lesson

WIDE, PHONE, NARROW = ({"width": width, "height": 844} for width in (1280, 390, 320))
PAPER = "getComputedStyle(document.querySelector('main, body')).backgroundColor"
FILLED = ("patch", "QuadMesh", "PolyCollection", "FillBetween", "image")  # what lines and letters stand on or beside
ON_A_BOX = {(255, 255, 255), (247, 251, 255), (8, 48, 107)}  # letters on a box or a cell, never on the paper
LIMIT = 200_000  # bytes of a first visit, as sent by a server that gzips, images and animation frames aside
PAIRS = 270_000  # of a search in Chinese: every two characters are a word of its index


def faults_of_layout(page):
    """A page scrolls up and down, and never sideways."""
    width, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return [f"it is {width} pixels wide in {room}"] if width > room else []


INKS = """[...new Set([...document.querySelectorAll(".highlight pre, .highlight pre span")].map((piece) => {
  let paper = piece;
  const clear = (element) => getComputedStyle(element).backgroundColor.replace(/ /g, "") === "rgba(0,0,0,0)";
  while (clear(paper) && paper.parentElement) paper = paper.parentElement;
  return `${getComputedStyle(piece).color} on ${getComputedStyle(paper).backgroundColor}`;
}))]"""


def faults_of_code(page):
    """Letters of code stand out from their ground, each ink looked at once."""
    inks = [(ink, re.findall(r"rgb\((\d+), (\d+), (\d+)\)", ink)) for ink in page.evaluate(INKS)]
    return [ink for ink, pair in inks if contrast(*([int(part) for part in colour] for colour in pair)) < 4.5]


PLAIN = """
document.querySelectorAll(".highlight pre").forEach((pre) => { pre.textContent = pre.textContent; });
document.querySelectorAll(".highlight pre, .cell_output").forEach((box) => { box.style.backgroundImage = "none"; });
document.querySelectorAll("section").forEach((part) => { part.style.contentVisibility = "visible"; });
"""


# Every size and every scheme once: a colour does not depend on the width, and the file's test tries layouts in both.
# The two Chinese editions differ in their characters alone, so each is looked at in one of the two ways.
LOOKS = [("wide-light", WIDE, "light", "zh_CN/"), ("phone-dark", PHONE, "dark", "zh_TW/")]


@pytest.mark.parametrize(
    ("name", "size", "scheme"),
    [
        pytest.param(name, size, scheme, id=f"{look}-{name}")
        for look, size, scheme, left_out in LOOKS
        for name in PAGES
        if not name.startswith(left_out)
    ],
)
def test_page_from_a_server(chromium, server, name, size, scheme):
    page = chromium.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    faults = watch(page)
    page.goto(f"{server}/{name}.html")
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    faults += faults_of_layout(page) + faults_of_code(page)
    # axe-core would try every rule on a thousand pieces of code, is undecided before a shadow, lost where parts move.
    page.evaluate(PLAIN)
    faults += violations(page)
    page.close()
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", PAGES)
def test_page_from_a_file(chromium, name):
    page = chromium.new_page(viewport=PHONE, color_scheme="light")
    faults = watch(page)
    page.goto((HTML / f"{name}.html").as_uri())
    for size in (PHONE, NARROW, WIDE):
        page.set_viewport_size(size)
        faults += faults_of_layout(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    faults += faults_of_layout(page)
    page.close()
    assert not faults, "\n".join(faults)


def test_every_image_says_what_is_seen_in_words_of_its_own(chromium):
    sources, page = defaultdict(set), chromium.new_page()
    for name in CHAPTERS:
        page.goto((HTML / f"{name}.html").as_uri())
        for alt, source in page.eval_on_selector_all(
            "article section img", "images => images.map(image => [image.alt, image.src])"
        ):
            assert count(alt) >= 5, f"{name}: {alt!r} of {source[:100]}"
            sources[alt].add(source.rpartition("_images/")[2])
    page.close()
    assert len(sources) > len(CHAPTERS)
    assert not [alt for alt, pictures in sources.items() if len(pictures) > 1]


def contrast(one, other):
    """How far two colours (red, green, blue), 0 to 255, stand apart, 1 to 21, as WCAG 2 defines it."""
    parts = [[c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour] for colour in (one, other)]
    dark, light = sorted(0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in parts)
    return (light + 0.05) / (dark + 0.05)


def marks(figure):
    """The colours of letters and lines in an SVG that Matplotlib drew: (red, green, blue, opacity)."""
    for group in re.split(r'<g id="(?=[a-z]+\w*_\d+")', figure, flags=re.IGNORECASE)[1:]:
        if not group.startswith(FILLED):
            for style in re.findall(r'style="([^"]*)"', group):
                opacity = re.search(r"(?<!-)opacity: ([\d.]+)", style)
                for colour in re.findall(r"(?:fill|stroke): #([0-9a-f]{6})", style):
                    yield *bytes.fromhex(colour), float(opacity[1]) if opacity else 1


def test_figures_are_legible_on_light_and_dark(chromium):
    papers = []
    for scheme in ("light", "dark"):
        page = chromium.new_page(color_scheme=scheme)
        page.goto((HTML / "index.html").as_uri())
        papers.append([int(part) for part in re.findall(r"\d+", page.evaluate(PAPER))[:3]])
        page.close()
    assert contrast(*papers) > 15
    figures = {path: set(marks(path.read_text(encoding="utf-8"))) for path in HTML.glob("_images/*.svg")}
    assert len(figures) > len(ENGLISH)
    for path, colours in figures.items():
        for *colour, opacity in colours:
            for paper in papers:
                mixed = [opacity * c + (1 - opacity) * p for c, p in zip(colour, paper)]
                assert tuple(colour) in ON_A_BOX or contrast(mixed, paper) >= 3, f"{path.name}: {colour} on {paper}"


FILTERS = "images => images.map(image => [image.src.split('/').pop(), getComputedStyle(image).filter])"


@pytest.mark.parametrize(("scheme", "shine"), [("light", "none"), ("dark", "brightness(1.5)")])
def test_what_is_drawn_shines_on_a_dark_page_and_a_picture_is_left_alone(chromium, scheme, shine):
    page = chromium.new_page(color_scheme=scheme)
    page.goto((HTML / f"lessons/{lesson('cifar10').stem}.html").as_uri())
    seen = page.eval_on_selector_all("article img[src*=_images]", FILTERS)
    page.close()
    files = {name: (HTML / "_images" / name).read_bytes() for name, _ in seen}
    drawn = {name: name.endswith(".svg") and b"<image" not in file for name, file in files.items()}
    assert set(drawn.values()) == {True, False}
    assert dict(seen) == {name: shine if plain else "none" for name, plain in drawn.items()}


LONG = "pre => pre.scrollWidth > pre.clientWidth + 40 && pre.checkVisibility() && !pre.closest('details')"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_shadow_says_that_a_line_goes_on_until_its_end_is_seen(chromium, scheme):
    page = chromium.new_page(viewport=PHONE, color_scheme=scheme)
    page.goto((HTML / f"lessons/{lesson('autograd').stem}.html").as_uri())
    long = page.evaluate_handle(f"[...document.querySelectorAll('article pre')].find({LONG})").as_element()
    edge = []
    for place in (0, 1e6):
        long.evaluate("(pre, place) => { pre.scrollLeft = place; }", place)
        image = Image.open(io.BytesIO(long.screenshot())).convert("RGB")
        edge.append([image.getpixel((image.width + x, 6)) for x in (-4, -60)])  # above the first line's letters
    page.close()
    (shaded, paper), (clear, _) = edge
    assert contrast(shaded, paper) > 1.2
    assert contrast(clear, paper) < 1.05


def test_first_visit_is_light(chromium, server):
    lines, total = [f"{'kB, gzip':30} html   css    js fonts   all"], {}
    for name in PAGES:
        weights, page = defaultdict(int), chromium.new_page(viewport=PHONE)
        page.on("response", lambda reply, weights=weights: weigh(reply, server, weights))
        page.goto(f"{server}/{name}.html")
        page.close()
        total[name] = sum(weights.values())
        kinds = [weights[kind] for kind in ("document", "stylesheet", "script", "font")]
        lines.append(f"{name:30}" + "".join(f"{weight / 1000:6.0f}" for weight in [*kinds, total[name]]))
    (HTML.parent / "weights.txt").write_text("\n".join([*lines, ""]))
    assert {
        name for name, weight in total.items() if weight > (PAIRS if re.match("zh_../search", name) else LIMIT)
    } == set()


def weigh(reply, server, weights):
    """Add what a reply weighs to the weights of its kind; pictures count nothing, in files or within a page."""
    kind = reply.request.resource_type
    if kind != "image" and reply.url.startswith(server):
        weights[kind] += weight(HTML / reply.url.removeprefix(server + "/").split("?")[0])


@functools.cache
def weight(file):
    """Bytes of a file as a server sends it, without the pictures in it."""
    return len(gzip.compress(re.sub(rb"data:image/[-+\w]+;base64,[\w+/=]+", b"", file.read_bytes())))


def test_the_reader_chooses_light_or_dark(chromium):
    page = chromium.new_page(viewport=PHONE, color_scheme="light")
    page.goto((HTML / "index.html").as_uri())
    seen = {page.evaluate("document.documentElement.dataset.theme")}
    for _ in range(3):
        page.click(".theme-switch-button")
        seen.add(page.evaluate("document.documentElement.dataset.theme"))
    page.close()
    assert seen == {"light", "dark"}


@pytest.mark.parametrize("origin", ["server", "file"])
def test_search_finds_a_word(chromium, server, origin):
    page = chromium.new_page()
    faults = watch(page)
    page.goto((server if origin == "server" else HTML.as_uri()) + "/search.html?q=handwriting")
    page.wait_for_selector("#search-results li a")
    page.close()
    assert not faults


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_page_describes_itself(name):
    text = (HTML / f"{name}.html").read_text(encoding="utf-8")
    description = re.search(r'<meta name="description" content="([^"]+)"', text).group(1)
    assert columns(description) > 25
    assert len(description) <= 200


def colours(picture):
    """How many colours a screenshot has that cover more than a few of its pixels."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    return sum(count > 20 for count, _ in image.getcolors(image.width * image.height))


def test_icons_are_seen_in_colours_that_the_reader_forces(chromium):
    context = chromium.new_context(forced_colors="active", color_scheme="dark", viewport=PHONE)
    page = context.new_page()
    page.goto((HTML / "index.html").as_uri())
    icons = [
        icon
        for icon in page.locator(".bd-header-article i, .bd-header-article span.fa-solid").all()
        if icon.is_visible()
    ]
    seen = [colours(icon.screenshot()) for icon in icons]
    context.close()
    assert len(seen) >= 4
    assert min(seen) >= 2, "an icon has the colour of what it stands on"


def test_on_paper_every_solution_is_open(chromium):
    page = chromium.new_page()
    page.goto((HTML / f"lessons/{lesson('autograd').stem}.html").as_uri())
    folds = page.locator("main details")
    assert folds.count() >= 3
    folded = page.locator("main details > :not(summary)")
    assert not any(piece.is_visible() for piece in folded.all())
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert all(piece.is_visible() for piece in folded.all())
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not any(fold.evaluate("fold => fold.open") for fold in folds.all())
    page.close()


def test_the_cheat_sheet_prints_on_one_sheet(chromium):
    page = chromium.new_page()
    page.goto((HTML / "pages/cheat_sheet.html").as_uri())
    margin = dict.fromkeys(("top", "right", "bottom", "left"), "10mm")
    paper = page.pdf(format="A4", margin=margin)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1


@pytest.fixture
def guarded(chromium, tmp_path):
    """A page of a browser that keeps nothing: its user has blocked cookies and storage; and nothing may be fetched."""
    preferences = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default/Preferences").write_text(json.dumps(preferences))
    context = chromium.browser_type.launch_persistent_context(tmp_path, **how(), color_scheme="dark", viewport=PHONE)
    context.add_init_script("for (const name of ['fetch', 'XMLHttpRequest']) window[name] = () => { throw name; }")
    yield context.new_page()
    context.close()


def test_a_page_needs_no_storage_and_no_fetch(guarded, server):
    errors = []
    guarded.on("pageerror", lambda error: errors.append(str(error)))
    guarded.goto(f"{server}/_static/pages.css")
    with pytest.raises(Error, match="Access is denied"):
        guarded.evaluate("localStorage")
    for name in PAGES:
        guarded.goto(f"{server}/{name}.html")
        assert guarded.evaluate("document.documentElement.dataset.theme") == "dark"
    guarded.goto(f"{server}/index.html")
    guarded.click(".theme-switch-button")
    assert guarded.evaluate("document.documentElement.dataset.mode") != "auto"
    assert not errors
