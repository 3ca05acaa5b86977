"""The demo that reads pictures, driven by a reader's own means and held to what PyTorch computes."""

import base64
import hashlib
import io
import re
import runpy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps

from helpers import evaluate, load_data, predict
from tests.support.demos import DEMOS, fill, grey, says, touch, weights
from tools.places import ROOT, lesson

READ = "root => ({ ...root.reading, pixels: Array.from(root.reading.pixels) })"
DROP = """const drop = (root, files) => {
  const dataTransfer = new DataTransfer();
  for (const file of files) dataTransfer.items.add(file);
  root.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
};
const read = (root, act) => new Promise((done) => {
  let last = root.reading;
  const set = (reading) => ((last = reading), reading?.logits && done(reading));
  Object.defineProperty(root, "reading", { configurable: true, get: () => last, set });
  act();
});"""
FILE = """const file = ([type, text]) =>
  new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], "it", { type });"""
FIELD, PHOTO = "input[type=file]", ".demo-photo canvas"


@pytest.fixture(scope="module")
def cifar():
    """CIFAR-10 as the lessons have it: the full set, or drawn shapes."""
    return load_data("cifar10")


@pytest.fixture(scope="module")
def model():
    """The network that the lesson's program defines, with the page's numbers."""
    program = runpy.run_path(str(ROOT / f"programs/{lesson('cifar10_better').stem}.py"))
    return fill(program["normed"](), "sees")


@pytest.fixture
def sees(show):
    """A function that opens the demo and waits for the picture that is there at first."""

    def opened(**context):
        demo = show("sees", **context)
        demo.locator("[data-says]").wait_for()
        return demo

    return opened


def photograph(width, height, seed=0):
    """A picture of smooth colours with noise on it, RGB, so that each pixel counts."""
    rng = np.random.default_rng(seed)
    few = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8))
    clouds = few.resize((width, height), Image.Resampling.BICUBIC)
    tile = rng.normal(0, 10, (64, 64, 1))
    noise = np.tile(tile, (height // 64 + 1, width // 64 + 1, 1))[:height, :width]
    return Image.fromarray((np.asarray(clouds) + noise).clip(0, 255).astype(np.uint8))


def packed(image, kind="PNG", **options):
    """A picture as a file that the page's field of files takes."""
    file = io.BytesIO()
    image.save(file, kind, **({"compress_level": 1} | options))
    return {"name": f"it.{kind.lower()}", "mimeType": f"image/{kind.lower()}", "buffer": file.getvalue()}


def sent(file):
    """A file as a script on the page takes it."""
    return [file["mimeType"], base64.b64encode(file["buffer"]).decode()]


def choose(demo, image, kind="PNG", **options):
    """Choose a picture of the reader's, wait until it was read, and return the reading."""
    demo.evaluate("root => { root.reading = null; }")
    demo.locator(FIELD).set_input_files(packed(image, kind, **options))
    return read(demo)


def read(demo):
    """What the demo has read: its 32 by 32 pixels, float32 (3, 32, 32) from 0 to 255, logits (10,), and the cut."""
    demo.page.wait_for_function("() => document.querySelector('[data-demo=sees]').reading?.logits")
    demo.evaluate("() => new Promise(requestAnimationFrame)")
    found = demo.evaluate(READ)
    pixels = torch.tensor(found["pixels"], dtype=torch.float32).view(32, 32, 4)
    assert (pixels[..., 3] == 255).all()
    return pixels[..., :3].permute(2, 0, 1), torch.tensor(found["logits"]), found["cut"]


def tensor(image):
    """A picture as float32 (1, 3, height, width), from 0 to 255."""
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float()


def means(image):
    """The means of a square picture over 32 by 32 places, the parts of pixels at their edges weighed."""
    side = image.width
    edges = np.arange(33) * side / 32
    overlap = np.minimum(edges[1:, None], np.arange(side) + 1) - np.maximum(edges[:-1, None], np.arange(side))
    weigh = torch.from_numpy(overlap.clip(0) * 32 / side).float()
    return weigh @ tensor(image)[0] @ weigh.T


def test_weights_are_those_of_a_run_on_the_full_set(model, cifar):
    known = weights("sees")
    assert "50,000" in known["data"]
    assert known["epochs"] == 3
    assert hashlib.sha256(base64.b64decode(known["numbers"])).hexdigest() == known["sha256"]
    assert (DEMOS / "sees-weights.js").stat().st_size <= 800_000
    assert re.fullmatch(r"torch \S+, Python \S+ 20\d\d-\d\d-\d\d", f"{known['versions']} {known['date']}")
    assert known["accuracy"] > 0.77
    if cifar.full:
        assert known["data"] == cifar.source
        accuracy = evaluate(model, cifar.test.images.float() / 127.5 - 1, cifar.test.labels)["accuracy"]
        assert accuracy == pytest.approx(known["accuracy"], abs=0.0015)  # rounded to sixteen bits


ONE = """async (root, all) => { DROP
  const answers = [];
  for (const [pixels, by, rim] of all) {
    const small = new OffscreenCanvas(32, 32), picture = new ImageData(32, 32), side = 32 * by;
    pixels.forEach((value, i) => { picture.data[4 * (i % 1024) + Math.trunc(i / 1024)] = value; });
    for (let i = 3; i < 4096; i += 4) picture.data[i] = 255;
    small.getContext("2d").putImageData(picture, 0, 0);
    const large = new OffscreenCanvas(side + 2 * rim, side), brush = large.getContext("2d");
    brush.imageSmoothingEnabled = false;
    brush.drawImage(small, rim, 0, side, side);
    const file = new File([await large.convertToBlob()], "it.png", { type: "image/png" });
    answers.push((await read(root, () => drop(root, [file]))).logits);
  }
  return answers;
}""".replace("DROP", DROP)


def test_a_thousand_test_pictures_are_read_as_pytorch_reads_them(sees, model, cifar):
    """Each is placed larger by a whole number, with a rim at both sides, that is: the middle is the picture."""
    demo, rng = sees(), np.random.default_rng(0)
    demo.evaluate("() => { requestAnimationFrame = (go) => scheduler.postTask(go); }")  # read as soon as may be
    images, labels = (part[:1000] for part in cifar.test)
    places = zip(rng.integers(1, 5, 1000).tolist(), rng.integers(0, 20, 1000).tolist())
    todo = [[image.flatten().tolist(), *place] for image, place in zip(images, places)]
    found = torch.tensor([one for at in range(0, 1000, 50) for one in demo.evaluate(ONE, todo[at : at + 50])])
    wanted = predict(model, images.float() / 127.5 - 1)
    assert (found - wanted).abs().max() <= 1e-3
    ours, theirs = ((logits.argmax(dim=1) == labels).float().mean().item() for logits in (found, wanted))
    assert ours == pytest.approx(theirs, abs=0.005)
    assert ours > 0.77 or not cifar.full


@pytest.mark.parametrize("size", [(500, 333), (333, 500), (20, 20)])
def test_pixels_and_logits(sees, model, size):
    image = photograph(*size)
    pixels, logits, _ = choose(sees(), image)
    side = min(size)
    left, top = (round((length - side) / 2) for length in size)
    assert (pixels - means(image.crop((left, top, left + side, top + side)))).abs().max() <= 0.51
    assert (logits - predict(model, pixels[None] / 127.5 - 1)[0]).abs().max() <= 1e-3


@pytest.mark.parametrize("side", [32, 480, 1024])
def test_pixels_are_the_means_that_pytorch_takes(sees, side):
    image = photograph(side + 96, side)
    pixels, _, cut = choose(sees(), image)
    by = max(1, side // 512)
    assert cut == {"left": 48 / by, "top": 0, "side": side // by}
    wanted = F.interpolate(tensor(image.crop((48, 0, 48 + side, side))), (32, 32), mode="area")[0]
    assert (pixels - wanted).abs().max() <= 1.01


@pytest.mark.parametrize(
    "orientation",
    [1, 3, 6, 8],  # as cameras are held
)
def test_a_photograph_is_seen_as_it_was_held(sees, orientation):
    image, exif = photograph(320, 240), Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO(packed(image, "JPEG", exif=exif, quality=95)["buffer"])
    pixels = choose(sees(), image, "JPEG", exif=exif, quality=95)[0]
    turned = ImageOps.exif_transpose(Image.open(file))
    left, top = ((length - 240) // 2 for length in turned.size)
    assert (pixels - means(turned.crop((left, top, left + 240, top + 240)))).abs().max() <= 3


def test_twelve_megapixels_are_read_within_a_second(sees, model):
    demo, image = sees(), photograph(4000, 3000)
    file = packed(image, "JPEG", quality=90)
    take = """async (root, parts) => { DROP FILE
      const photo = file(parts), start = performance.now();
      await read(root, () => drop(root, [photo]));
      return performance.now() - start;
    }""".replace("DROP", DROP).replace("FILE", FILE)
    seconds = [demo.evaluate(take, sent(file)) / 1000 for _ in range(5)]
    assert min(seconds[1:]) <= 1
    pixels, logits, _ = read(demo)
    decoded = Image.open(io.BytesIO(file["buffer"]))
    assert (pixels - means(decoded.crop((500, 0, 3500, 3000)))).abs().max() <= 2
    assert (logits - predict(model, pixels[None] / 127.5 - 1)[0]).abs().max() <= 1e-3


def check_cut(demo, image):
    """The square is shown where it is, and what it holds is read; returns it."""
    pixels, _, cut = read(demo)
    left, top, side = cut["left"], cut["top"], cut["side"]
    assert (pixels - means(image.crop((left, top, left + side, top + side)))).abs().max() <= 0.51
    paper, frame = demo.locator(PHOTO).bounding_box(), demo.locator(".demo-photo > span").bounding_box()
    scale = paper["width"] / image.width
    assert paper["height"] == pytest.approx(scale * image.height, abs=1.5)
    shown = [(frame[name] - paper[name]) / scale for name in "xy"] + [frame["width"] / scale, frame["height"] / scale]
    assert shown == pytest.approx([left, top, side, side], abs=2.5)
    return left, top, side


def test_the_square_follows_mouse_keys_and_slider(sees):
    demo, image = sees(), photograph(480, 240)
    choose(demo, image)
    assert check_cut(demo, image) == (120, 0, 240)
    box, mouse = demo.locator(PHOTO).bounding_box(), demo.page.mouse
    scale = box["width"] / 480

    def drag(*places):
        for number, (x, y) in enumerate(places):
            mouse.move(box["x"] + x * scale, box["y"] + y * scale)
            mouse.down() if not number else None
        mouse.up()

    drag((200, 100), (240, 100), (260, 40))
    assert check_cut(demo, image) == pytest.approx((180, 0, 240), abs=2)
    slider = demo.locator("[type=range]")
    slider.fill("40")
    assert check_cut(demo, image) == pytest.approx((252, 72, 96), abs=2)
    drag((60, 60))  # beside the square: it comes
    assert check_cut(demo, image) == pytest.approx((12, 12, 96), abs=2)
    drag((60, 60), (470, 230))
    assert check_cut(demo, image) == (384, 144, 96)
    canvas = demo.locator(PHOTO)
    canvas.focus()
    for key in ["ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown", "ArrowDown"]:
        canvas.press(key)
    assert check_cut(demo, image) == (378, 144, 96)
    slider.focus()
    slider.press("Home")
    assert check_cut(demo, image)[2] == 24
    slider.press("End")
    assert check_cut(demo, image) == (240, 0, 240)


def test_a_finger_moves_the_square_and_the_page_stays(sees):
    demo, image = sees(has_touch=True, viewport={"width": 320, "height": 844}), photograph(200, 400)
    choose(demo, image)
    assert check_cut(demo, image) == (0, 100, 200)
    scrolled = demo.evaluate("() => scrollY")
    touch(demo, [[(0.5, 0.5)], [(0.5, 0.6)], [(0.5, 0.7)]])
    assert check_cut(demo, image) == pytest.approx((0, 180, 200), abs=3)
    assert demo.evaluate("() => scrollY") == scrolled


GIVE = """async (root, [way, parts]) => { DROP FILE
  const photo = file(parts), clipboardData = new DataTransfer();
  clipboardData.items.add(photo);
  const paste = () => document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  await read(root, way === "drop" ? () => drop(root, [photo]) : paste);
}""".replace("DROP", DROP).replace("FILE", FILE)


def test_a_picture_may_be_chosen_dropped_or_pasted(sees):
    demo, readings = sees(), []
    for way in ("choose", "drop", "paste"):
        demo.locator("[data-do=cup]").click()
        file = packed(photograph(90, 90))
        if way == "choose":
            with demo.page.expect_file_chooser() as chooser:
                demo.locator("[data-do=own]").press("Enter")
            demo.evaluate("root => { root.reading = null; }")
            chooser.value.set_files(file)
        else:
            demo.evaluate(GIVE, [way, sent(file)])
        readings.append(read(demo)[0])
        assert (readings[-1] - means(photograph(90, 90))).abs().max() <= 0.51
    assert demo.locator(FIELD).get_attribute("accept") == "image/*"  # on a phone: the camera, too
    assert demo.locator(FIELD).input_value() == ""  # the same file may be chosen again


def test_nothing_is_sent_and_the_weights_come_at_the_first_touch(sees):
    demo = sees()
    asked = []
    demo.page.on("request", lambda request: asked.append((request.method, request.url.rpartition("/")[2])))
    demo.page.on("websocket", lambda socket: asked.append(socket.url))
    assert says(demo) == "start"
    assert demo.evaluate("() => typeof seesWeights") == "undefined"
    demo.page.wait_for_timeout(200)
    assert not asked
    demo.locator("[data-do=cat]").click()
    read(demo)
    choose(demo, photograph(300, 200), "JPEG")
    demo.evaluate(GIVE, ["drop", sent(packed(photograph(90, 90)))])
    demo.locator(PHOTO).press("ArrowLeft")
    demo.page.wait_for_timeout(200)
    assert asked == [("GET", "sees-weights.js")]


SLOW = """() => {
  const open = createImageBitmap, wait = (time) => new Promise((done) => setTimeout(done, time));
  createImageBitmap = async (source) => {
    while (typeof seesWeights === "undefined") await wait(10);
    await wait(200);
    return open(source);
  };
}"""


def test_weights_that_come_before_the_picture_read_no_other(sees):
    demo, image = sees(), photograph(90, 90)
    demo.evaluate(SLOW)
    assert (choose(demo, image)[0] - means(image)).abs().max() <= 0.51


def test_a_file_that_is_no_picture_is_refused_and_the_next_is_read(sees):
    demo = sees()
    before = choose(demo, photograph(60, 60))[0]
    demo.locator(FIELD).set_input_files({"name": "it.png", "mimeType": "image/png", "buffer": b"no picture"})
    demo.locator("[data-says=broken]").wait_for()
    assert torch.equal(read(demo)[0], before)
    choose(demo, photograph(70, 70))
    assert says(demo) == "read"


def test_where_a_picture_is_transparent_it_is_white(sees):
    image = Image.new("RGBA", (64, 64), (200, 0, 0, 0))
    image.paste((10, 20, 30, 255), (0, 0, 32, 64))
    pixels = choose(sees(), image)[0]
    assert pixels[:, 5, 5].tolist() == [10, 20, 30]
    assert pixels[:, 5, 25].tolist() == [255, 255, 255]


def test_it_says_how_sure_it_is_and_that_it_knows_ten_words(sees, cifar):
    demo, said = sees(), set()
    classes = demo.evaluate("() => demoWords.sees.classes")
    assert classes == cifar.classes or not cifar.full
    assert demo.locator(".demo-bars b").all_inner_texts() == classes
    assert "ten words only" in demo.inner_text()
    for seed in range(12):
        shares = choose(demo, photograph(64, 64, seed))[1].softmax(dim=0)
        texts = demo.locator(".demo-bars em").all_inner_texts()
        assert [float(text.removesuffix("\u00a0%")) for text in texts] == pytest.approx(
            (100 * shares).tolist(), abs=0.051
        )
        best = int(shares.argmax())
        text = demo.get_by_role("status").inner_text()
        assert f"{classes[best]} ({texts[best]})" in text
        sure = "sure" if shares[best] >= 0.9 else "likely" if shares[best] >= 0.5 else "guess"
        assert text == demo.evaluate(
            "(_, [sure, ...words]) => demoWords.sees.answers[sure](...words)", [sure, classes[best], texts[best]]
        )
        said.add(sure)
        label = demo.locator(".demo-bars").get_attribute("aria-label")
        assert [f"{word}: {text}" in label for word, text in zip(classes, texts)] == [True] * 10
    assert len(said) > 1


@pytest.mark.parametrize("name", ["cat", "cup", "ship"])
def test_pictures_to_begin_with(sees, name):
    demo = sees(has_touch=True)
    demo.evaluate("root => { root.reading = null; }")
    demo.locator(f"[data-do={name}]").tap()
    pixels, _, cut = read(demo)
    assert pixels.std() > 20
    assert cut["side"] >= 240
    assert says(demo) == "read"


def test_picture_square_and_bars_are_seen_in_colours_that_the_reader_forces(sees):
    demo = sees(forced_colors="active", color_scheme="dark")
    choose(demo, Image.new("RGB", (200, 100), (120, 160, 200)))
    best = int(read(demo)[1].argmax())
    bars = [grey(bar).mean() for bar in demo.locator(".demo-bars span").all()]
    assert abs(bars[best] - np.median(bars)) > 20
    seen, photo = grey(demo.locator("[data-seen]")), grey(demo.locator(".demo-photo"))
    assert 130 < np.median(seen) < 180
    across = photo[photo.shape[0] // 2]
    assert across[across.size // 2] > across[across.size // 8] + 40, "outside the square it is dark"
