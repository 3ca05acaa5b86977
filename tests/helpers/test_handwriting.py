"""prepare_digit: pictures of handwriting become MNIST digits, and what is none is refused in one clear line."""

import functools
import io
import struct
import subprocess
import sys
import time
import zlib

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from scipy import ndimage
from torch.nn import functional as F

from helpers import load_data, prepare_digit
from tests.support import snapshots
from tests.support.handwriting import MARGINS, MODES, SHADOWS, draw_settings, make_picture, page_network

MEASURE = """
import resource, sys
from helpers import prepare_digit

def peak():  # MB; Linux carries ru_maxrss over from the parent, so its own high-water mark is read there
    try:
        return next(int(line.split()[1]) / 1e3 for line in open("/proc/self/status") if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6

before = peak()
for path in sys.argv[1:]:
    assert prepare_digit(path).shape == (1, 1, 28, 28)
    print(path[-12:], peak() - before)
"""


@pytest.fixture(scope="module")
def data():
    """MNIST as the lessons have it: the full set, or the sample."""
    return load_data("mnist")


@pytest.fixture(scope="module")
def digits(data):
    """Test digits that keep clear of their frame's edge, uint8 (N, 28, 28), and their labels (N,)."""
    images = data.test.images[:, 0]
    clear = F.pad(images[:, 1:-1, 1:-1], (1, 1, 1, 1)).eq(images).flatten(1).all(1)
    return images[clear].numpy(), data.test.labels[clear].numpy()


@pytest.fixture(scope="module")
def model():
    """The network of the book's page, which reads what a reader draws there."""
    return page_network()


def shares(model, image):
    """How certain the network is of each digit in a prepared picture, (10,)."""
    with torch.no_grad():
        return model(image).softmax(1)[0]


def read(model, image):
    """The digit that the network reads in a prepared picture."""
    return shares(model, image).argmax().item()


def distance(image, other):
    """Mean absolute difference, where one may lie a pixel aside (the rounding of a centre of mass near .5)."""
    shifts = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]
    return min((image.roll(shift, (-2, -1)) - other).abs().mean().item() for shift in shifts)


def save(picture, folder, name):
    """Write a picture to a file, and return its path."""
    picture.save(folder / name, **({"compress_level": 1} if name.endswith("png") else {}))
    return folder / name


def test_network_is_good_enough(model, data):
    with torch.no_grad():
        accuracy = (model(data.test.images / 255).argmax(1) == data.test.labels).float().mean().item()
    assert accuracy >= (0.985 if data.full else 0.97)


@pytest.fixture(scope="module")
def fifty(digits, tmp_path_factory):
    """Pictures of fifty megapixels, the first four of `forty`: {mode: paths}, in the formats that can hold it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {"png": {"compress_level": 1}, "jpg": {"progressive": True, "subsampling": 0}, "tif": {"exif": exif}}
    kinds = {"RGB": ("jpg", "png", "tif"), "RGBA": ("png", "tif"), "L": ("png", "jpg"), "I;16": ("png",)}
    folder, paths = tmp_path_factory.mktemp("fifty"), {}
    for seed, mode in enumerate(MODES):
        small = make_picture(digits[0][seed], seed, mode=mode, size=(817, 613))
        large = small.resize((8170, 6130), Image.Resampling.NEAREST)
        paths[mode] = [folder / f"{mode.replace(';', '')}.{kind}" for kind in kinds[mode]]
        for path in paths[mode]:
            large.save(path, **options[path.suffix[1:]])
    yield paths
    for path in folder.iterdir():
        path.unlink()


def forty(images, fifty, folder):
    """The settings and the pictures: 35 as the seeds draw them, one of 40 × 40, four of fifty megapixels."""
    for seed in range(40):
        settings = draw_settings(np.random.default_rng(seed))
        if seed < 4:
            yield settings | {"size": (8170, 6130), "mode": MODES[seed]}, fifty[MODES[seed]][0]
            continue
        if seed == 4:
            settings |= {"size": (40, 40)}
        picture = make_picture(images[seed], seed, **settings)
        yield settings, save(picture, folder, f"{seed}.{'jpg' if picture.mode == 'RGB' else 'png'}")


def test_forty_pictures(model, digits, fifty, tmp_path):
    wrong, kinds = [], set()
    for (settings, path), label in zip(forty(digits[0], fifty, tmp_path), digits[1]):
        kinds |= {(key, value) for key, value in settings.items() if key != "size"} | {np.prod(settings["size"])}
        if read(model, prepare_digit(path)) != label:
            wrong.append((label, settings))
    assert len(wrong) <= 4, wrong
    assert kinds >= {1600, 8170 * 6130, ("dark_ink", True), ("dark_ink", False), ("see_through", True)}
    assert kinds >= {("mode", mode) for mode in MODES} | {("margin", margin) for margin in MARGINS}
    assert kinds >= {("shadow", shadow) for shadow in SHADOWS}


KINDS = {kind.__name__: kind for kind in (*snapshots.READABLE, *snapshots.MAY_BE_REFUSED, snapshots.long)}


@pytest.fixture(scope="module")
def answers(model, digits):
    """Twenty fresh pictures of a kind: for each (label, what was read, certainty), or what was said."""

    @functools.cache
    def answer(name):
        given, number = [], list(KINDS).index(name)
        for picture in range(20):
            index, rng = 20 * number + picture, np.random.default_rng([number, picture])
            label = digits[1][index] if name != "long" else (1, 4, 7)[picture % 3]
            try:
                image = prepare_digit(KINDS[name](digits[0][index] if name != "long" else label, rng))
            except ValueError as error:
                given.append(str(error))
            else:
                certain = shares(model, image)
                given.append((label, certain.argmax().item(), certain.max().item()))
        return given

    return answer


def is_right(answer):
    """Whether the digit was read as what it is."""
    return not isinstance(answer, str) and answer[0] == answer[1]


@pytest.mark.parametrize("name", [kind.__name__ for kind in (*snapshots.READABLE, snapshots.long)])
def test_a_kind_of_picture_is_read(name, answers):
    assert sum(map(is_right, answers(name))) >= 17, answers(name)


def test_readable_pictures_are_read(answers):
    readable = [kind.__name__ for kind in (*snapshots.READABLE, snapshots.long)]
    assert np.mean([is_right(answer) for name in readable for answer in answers(name)]) >= 0.95


@pytest.mark.parametrize(("name", "words"), [("edge", "leave a margin"), ("two", "leave one"), ("pen", "leave one")])
def test_what_is_cut_or_not_alone_is_refused(name, words, answers):
    assert sum(isinstance(answer, str) and words in answer for answer in answers(name)) >= 17, answers(name)


def test_two_digits_are_never_read_as_one(answers):
    assert [answer for answer in answers("two") if not isinstance(answer, str)] == []


def test_hardly_ever_certain_and_wrong(answers):
    given = [answer for name in KINDS for answer in answers(name)]
    certain = [answer for answer in given if not isinstance(answer, str) and answer[2] >= 0.9]
    assert sum(not is_right(answer) for answer in certain) <= 0.01 * len(given)


@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
def test_the_first_frame_is_blank(kind, model, digits, tmp_path):
    index = digits[1].tolist().index(3)
    ink = snapshots.plain(digits[0][index], np.random.default_rng(0))
    blank = Image.new("RGB", ink.size, "white")
    blank.save(tmp_path / f"3.{kind}", save_all=True, append_images=[ink], duration=200)
    assert read(model, prepare_digit(tmp_path / f"3.{kind}")) == 3


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"hevc", b"mif1", b"msf1"])
@pytest.mark.parametrize("opened", [False, True])
def test_heic_is_named(brand, opened, tmp_path):
    path = tmp_path / "IMG_0001.jpg"  # some programs only change the name
    path.write_bytes(b"\0\0\0\x18ftyp" + brand + bytes(200))
    with pytest.raises(ValueError, match=r"is a HEIC picture[^\n]*export it as JPEG"):
        prepare_digit(io.BytesIO(path.read_bytes()) if opened else path)


@pytest.mark.parametrize(
    ("size", "stroke"), [((600, 600), (4, 420)), ((4000, 3000), (20, 2100)), ((90, 900), (30, 820))]
)
def test_a_straight_one(size, stroke, model):
    page, corner = Image.new("L", size, 255), [(side - length) // 2 for side, length in zip(size, stroke)]
    page.paste(0, (*corner, corner[0] + stroke[0], corner[1] + stroke[1]))
    assert read(model, prepare_digit(page)) == 1


def test_what_is_no_stroke_is_refused():
    page = Image.new("L", (300, 300), 255)
    ImageDraw.Draw(page).ellipse((100, 100, 180, 180), 0)
    with pytest.raises(ValueError, match=r"shows no digit: write one"):
        prepare_digit(page)


def test_a_speck_is_no_digit():
    page = np.full((300, 300), 255, np.uint8)
    page[150:170, 150:155] = 0
    with pytest.raises(ValueError, match=r"shows no digit: write one"):
        prepare_digit(Image.fromarray(page))


def test_strokes_that_nearly_meet_belong_together():
    page = np.full((300, 300), 255, np.uint8)
    page[50:65, 100:200] = page[78:250, 100:115] = 0
    columns = prepare_digit(Image.fromarray(page))[0, 0].amax(dim=0) > 0.5
    assert columns.sum() >= 8  # without the bar there would be two


def test_a_stroke_that_runs_off_beside_the_rest():
    page = np.full((300, 240), 255, np.uint8)
    page[60:240, 100:115] = page[230:245, 60:180] = 0  # an L, which might be read
    page[0:45, 100:115] = 0
    with pytest.raises(ValueError, match=r"edge cuts: leave a margin"):
        prepare_digit(Image.fromarray(page))


def test_twelve_megapixels_take_two_seconds(digits, tmp_path):
    photo = snapshots.plain(digits[0][0], np.random.default_rng(0)).resize((3000, 4000), Image.Resampling.BICUBIC)
    path = save(photo, tmp_path, "photo.jpg")
    seconds = []
    for _ in range(3):
        start = time.process_time()
        prepare_digit(path)
        seconds.append(time.process_time() - start)
    assert min(seconds) <= 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
@pytest.mark.parametrize("dark_ink", [True, False])
def test_every_mode_and_polarity(mode, dark_ink, digits):
    settings = {"size": (300, 260), "dark_ink": dark_ink, "margin": None, "shadow": None}
    grey = make_picture(digits[0][1], 3, mode="L", **settings)
    picture = make_picture(digits[0][1], 3, mode=mode, **settings) if mode == "I;16" else grey.convert(mode)
    assert distance(prepare_digit(picture), prepare_digit(grey)) < 0.03


@pytest.mark.parametrize("dark_ink", [True, False])
def test_transparent_paper(dark_ink, digits):
    picture = make_picture(digits[0][1], 3, mode="RGBA", size=(300, 260), dark_ink=dark_ink, see_through=True)
    expected = torch.from_numpy(digits[0][1] / np.float32(255))
    assert distance(prepare_digit(picture), expected) < 0.06


@pytest.mark.parametrize("level", [0, 255])
def test_pure_ink_on_transparent_paper(level, digits):
    large = Image.fromarray(digits[0][1]).resize((280, 280), Image.Resampling.BICUBIC)
    picture = Image.new("RGBA", large.size, (level,) * 3)
    picture.putalpha(large)
    assert distance(prepare_digit(picture), torch.from_numpy(digits[0][1] / np.float32(255))) < 0.06


def test_clean_digits_come_back(model, digits):
    """Ten times enlarged, a digit comes back as it was; one whose strokes lie far apart may be refused, rarely."""
    distances, certain = [], []
    for digit in digits[0][:50]:
        try:
            image = prepare_digit(Image.fromarray(digit).resize((280, 280), Image.Resampling.BICUBIC))
        except ValueError:
            continue
        distances.append(distance(image, torch.from_numpy(digit / np.float32(255))))
        certain.append(shares(model, image).max().item())
    assert len(distances) >= 48
    assert np.mean(distances) < 0.025
    assert np.quantile(distances, 0.95) < 0.06
    assert np.median(certain) >= 0.99


def test_form_is_that_of_mnist(digits):
    for seed in range(5):
        image = prepare_digit(make_picture(digits[0][seed], seed, size=(500, 400)))
        assert image.shape == (1, 1, 28, 28)
        assert image.dtype == torch.float32
        assert image.min() == 0
        assert image.max() == 1
        rows, columns = np.nonzero(image[0, 0].numpy())
        assert 19 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 20
        assert np.allclose(ndimage.center_of_mass(image[0, 0].numpy()), 14, atol=0.51)


def test_camera_held_sideways(digits, tmp_path):
    picture = make_picture(digits[0][2], 8, mode="L", size=(400, 300), margin=None, shadow=None)
    exif = Image.Exif()
    exif[0x0112] = 6  # shown upright when turned a quarter clockwise
    turned, upright = picture.transpose(Image.Transpose.ROTATE_90), prepare_digit(picture)
    for mode, kind in (("L", "jpg"), ("RGB", "jpg"), ("L", "png"), ("RGBA", "png"), ("RGB", "tif"), ("RGBA", "webp")):
        turned.convert(mode).save(tmp_path / f"turned.{kind}", exif=exif)
        assert distance(prepare_digit(tmp_path / f"turned.{kind}"), upright) < 0.02, (mode, kind)
        for load in (False, True):  # an image that the reader has opened, and perhaps looked at
            with Image.open(tmp_path / f"turned.{kind}") as image:
                if load:
                    image.load()
                assert distance(prepare_digit(image), upright) < 0.02, (mode, kind)


def test_open_file_and_untouched_image(digits):
    picture = make_picture(digits[0][0], 0, mode="RGB", size=(900, 700))
    file = io.BytesIO()
    picture.save(file, "JPEG")
    image = Image.open(file)
    assert torch.equal(prepare_digit(io.BytesIO(file.getvalue())), prepare_digit(file))
    prepare_digit(image)
    assert image.size == (900, 700)


@pytest.mark.parametrize("seed", range(12))
def test_blank_page(seed):
    """Light, noise, and a margin line or a shadow; both at once may still look like a stroke."""
    margin, shadow = [("left", None), ("right", None), (None, "soft"), (None, "hard")][seed % 4]
    page = make_picture(np.zeros((28, 28), np.uint8), seed, margin=margin, shadow=shadow, see_through=False)
    with pytest.raises(ValueError, match="shows no digit: write one"):
        prepare_digit(page)


@pytest.mark.parametrize("colour", [0, 255])
def test_empty_page(colour):
    with pytest.raises(ValueError, match="shows no digit"):
        prepare_digit(Image.new("L", (200, 300), colour))


@pytest.mark.parametrize("name", ["cut.png", "cut.jpg", "cut.tif", "cut.gif", "cut.bmp"])
def test_corrupt_file(name, digits, tmp_path):
    path = save(make_picture(digits[0][0], 0, mode="L", size=(300, 300)), tmp_path, name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ValueError, match=rf"{name} is (damaged|not an image)[^\n]*$"):
        prepare_digit(path)


def test_a_damaged_picture_that_is_open_already(digits):
    file = io.BytesIO()
    make_picture(digits[0][0], 0, mode="L", size=(300, 300)).save(file, "PNG")
    with (
        Image.open(io.BytesIO(file.getvalue()[: len(file.getvalue()) // 2])) as picture,
        pytest.raises(ValueError, match=r"is not an image, or it is damaged"),
    ):
        prepare_digit(picture)


@pytest.mark.parametrize("content", [b"", b"Dear Sir, this is a letter.", bytes(5000)])
def test_no_image(content, tmp_path):
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"letter.txt is not an image[^\n]*: save it anew, as PNG or JPEG"):
        prepare_digit(path)


def test_three_pixels(tmp_path):
    with pytest.raises(ValueError, match=r"too small, 3 × 3 pixels"):
        prepare_digit(save(Image.new("L", (3, 3), 255), tmp_path, "small.png"))


@pytest.mark.parametrize("width", [10_001, 30_000])
def test_too_large(width, tmp_path):
    path = save(Image.new("L", (50, 50)), tmp_path, "large.png")
    content = path.read_bytes()
    header = b"IHDR" + struct.pack(">II", width, 10_000) + content[24:29]
    path.write_bytes(content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:])
    with pytest.raises(ValueError, match="more than 100 million pixels: reduce it"):
        prepare_digit(path)


def test_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        prepare_digit(tmp_path / "nothing.png")


def test_fifty_megapixels(fifty):
    paths = [str(path) for several in fifty.values() for path in several]
    command = [sys.executable, "-W", "error::UserWarning", "-c", MEASURE, *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 8
    assert float(done.stdout.split()[-1]) <= 400, done.stdout  # the peak only rises
    assert "Warning" not in done.stderr


def test_a_format_that_would_take_too_much_memory_is_refused(tmp_path):
    Image.new("L", (5100, 5000), 255).save(tmp_path / "large.webp", quality=1, method=0)
    with pytest.raises(ValueError, match=r"as WebP, AVIF or JPEG 2000: 25 million; save it as PNG"):
        prepare_digit(tmp_path / "large.webp")
