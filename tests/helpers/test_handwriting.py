"""prepare_digit: pictures of handwriting become MNIST digits, and what is none is refused in one clear line."""

import io
import itertools
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage
from torch import nn
from torch.nn import functional as F

from helpers import load_data, prepare_digit
from tests.support.handwriting import MARGINS, MODES, SHADOWS, draw_settings, make_picture

MEASURE = """
import resource, sys
from helpers import prepare_digit

def peak():  # MB; Linux carries ru_maxrss over from the parent, so its own high-water mark is read there
    try:
        return next(int(line.split()[1]) / 1e3 for line in open("/proc/self/status") if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6

before = peak()
assert prepare_digit(sys.argv[1]).shape == (1, 1, 28, 28)
print(peak() - before)
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
def model(data):
    """A 16–32–64 network, trained on 450 random batches with shifts of up to 2 pixels."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers, channels = [], (1, 16, 32, 64)
        for before, after in itertools.pairwise(channels):
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)]
        model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(64 * 3 * 3, 10))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.2, total_steps=450)
        for _ in range(450):
            batch = torch.randint(len(data.train.labels), (128,))
            top, left = torch.randint(5, (2,)).tolist()
            images = F.pad(data.train.images[batch] / 255, (2, 2, 2, 2))[:, :, top : top + 28, left : left + 28]
            loss = F.cross_entropy(model(images), data.train.labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        return model.eval()


def read(model, image):
    """The digit that the network reads in a prepared picture."""
    with torch.no_grad():
        return model(image).argmax(1).item()


def distance(image, other):
    """Mean absolute difference, where one may lie a pixel aside (the rounding of a centre of mass near .5)."""
    shifts = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]
    return min((image.roll(shift, (-2, -1)) - other).abs().mean().item() for shift in shifts)


def save(picture, folder, name):
    """Write a picture to a file, and return its path."""
    picture.save(folder / name)
    return folder / name


def test_network_is_good_enough(model, data):
    with torch.no_grad():
        accuracy = (model(data.test.images / 255).argmax(1) == data.test.labels).float().mean().item()
    assert accuracy >= (0.985 if data.full else 0.97)


def enlarge(picture):
    """A picture of 817 × 613 pixels with a hundred times as many: fifty megapixels."""
    return picture.resize((8170, 6130), Image.Resampling.NEAREST)


def forty(images):
    """The settings and the pictures: 35 as the seeds draw them, one of 40 × 40, four of fifty megapixels."""
    for seed in range(40):
        settings = draw_settings(np.random.default_rng(seed))
        if seed < 4:
            settings |= {"size": (817, 613), "mode": MODES[seed]}
        elif seed == 4:
            settings |= {"size": (40, 40)}
        picture = make_picture(images[seed], seed, **settings)
        yield settings, enlarge(picture) if seed < 4 else picture


def test_forty_pictures(model, digits, tmp_path):
    wrong, kinds = [], set()
    for (settings, picture), label in zip(forty(digits[0]), digits[1]):
        kinds |= {(key, value) for key, value in settings.items() if key != "size"} | {picture.width * picture.height}
        name = "large.jpg" if picture.mode == "RGB" else "large.png"
        picture.save(tmp_path / name, **({"compress_level": 1} if name == "large.png" else {}))
        if read(model, prepare_digit(tmp_path / name)) != label:
            wrong.append((label, settings))
    assert len(wrong) <= 4, wrong
    assert kinds >= {1600, 8170 * 6130, ("dark_ink", True), ("dark_ink", False), ("see_through", True)}
    assert kinds >= {("mode", mode) for mode in MODES} | {("margin", margin) for margin in MARGINS}
    assert kinds >= {("shadow", shadow) for shadow in SHADOWS}


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


def test_clean_digits_come_back(digits):
    """Ten times enlarged, a digit comes back as it was; a stroke that lies far from the rest may be lost, rarely."""
    distances = []
    for digit in digits[0][:50]:
        image = prepare_digit(Image.fromarray(digit).resize((280, 280), Image.Resampling.BICUBIC))
        distances.append(distance(image, torch.from_numpy(digit / np.float32(255))))
    assert np.mean(distances) < 0.025
    assert np.quantile(distances, 0.95) < 0.06


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


FIFTY = [(mode, "png") for mode in MODES] + [("RGB", "jpg"), ("L", "jpg"), ("RGB", "tif"), ("RGBA", "tif")]


@pytest.mark.parametrize(("mode", "kind"), FIFTY)
def test_fifty_megapixels(mode, kind, digits, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {"png": {"compress_level": 1}, "jpg": {"progressive": True, "subsampling": 0}, "tif": {"exif": exif}}
    small = make_picture(digits[0][0], 0, mode=mode, size=(817, 613), see_through=False)
    enlarge(small).save(tmp_path / f"large.{kind}", **options[kind])
    command = [sys.executable, "-W", "error::UserWarning", "-c", MEASURE, str(tmp_path / f"large.{kind}")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(done.stdout) <= 400
    assert "Warning" not in done.stderr


def test_a_format_that_would_take_too_much_memory_is_refused(tmp_path):
    Image.new("L", (5100, 5000), 255).save(tmp_path / "large.webp", quality=1, method=0)
    with pytest.raises(ValueError, match=r"as WebP, AVIF or JPEG 2000: 25 million; save it as PNG"):
        prepare_digit(tmp_path / "large.webp")
