"""Pictures as files hold them: of any format, mode and size, turned, transparent, animated or damaged."""

import warnings

import numpy as np
from PIL import ExifTags, Image, ImageOps

HUNGRY = ("WEBP", "AVIF", "JPEG2000")  # their decoders take four times the memory of the others, or more
HEIC = (b"ftyphei", b"ftyphev", b"ftypmif1", b"ftypmsf1")  # how a file begins, after the first four bytes


def read_levels(path, side):
    """Return a picture's first frame that is not blank, float32 (height, width, 1 or 3) in [0, 1], upright.

    Its longer side has `side` pixels. Raises ValueError, in one line that says what to do, if it is no use,
    and FileNotFoundError if it is not there.
    """
    given = isinstance(path, Image.Image)
    try:  # without warnings: the limit is our own, and what is damaged raises
        with warnings.catch_warnings(action="ignore"), path.copy() if given else Image.open(path) as picture:
            if picture.width * picture.height * (4 if picture.format in HUNGRY else 1) > 100e6:
                raise Image.DecompressionBombError
            if min(picture.size) >= 20:
                return _read_frame(picture, side)
            fault = f"is too small, {picture.width} × {picture.height} pixels: take one of 40 × 40 or more"
    except Image.DecompressionBombError:
        fault = "has more than 100 million pixels: reduce it "
        fault += "(as WebP, AVIF or JPEG 2000: 25 million; save it as PNG)"
    except (OSError, SyntaxError, ValueError) as error:
        if getattr(error, "errno", None):  # not there, not allowed, a folder: the system says so itself
            raise
        fault = f"is not an image, or it is damaged ({error}): save it anew, as PNG or JPEG"
        if not given and _begin(path).startswith(HEIC):
            fault = "is a HEIC picture, as an iPhone takes them: export it as JPEG, or e-mail it to yourself"
    raise ValueError(f"{path} {fault}")


def _begin(path):
    """Return how a file or an open file begins, after the first four bytes."""
    if not hasattr(path, "read"):
        with open(path, "rb") as file:
            return file.read(12)[4:]
    path.seek(0)
    return path.read(12)[4:]


def _read_frame(picture, side):
    """Return the levels of the first frame that is not blank, or of the last one."""
    for frame in range(getattr(picture, "n_frames", 1)):
        picture.seek(frame)
        levels = _reduce(picture, side)
        if np.ptp(levels) > 0.1:
            break
    return levels


def _reduce(picture, side):
    """Return a frame's levels, with little memory whatever its size."""
    picture.draft(None, (2 * side, 2 * side))  # a JPEG is decoded at a fraction of its size
    turn = picture.getexif().pop(ExifTags.Base.Orientation, 1)  # or a TIFF would turn a second large copy
    picture.filename = ""  # no memory map: Pillow lays one out as if the TIFF were turned already
    picture.load()
    step, deep = max(1, max(picture.size) // side), picture.mode[0] in "IF"  # 16 and 32 bits
    if picture.mode in ("1", "P", "PA") or ("transparency" in picture.info and not deep):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if deep:
        small = picture.convert("F").reduce(step)
    else:  # one channel at a time, or a second large copy would be made
        small = Image.merge(
            picture.mode, [picture.getchannel(band).reduce(step) for band in picture.getbands()]
        )
    colours = small if small.mode in ("F", "L") else small.convert("RGB")
    if "A" in small.getbands():
        colours = _lay_on_paper(colours, small.convert("L"), small.getchannel("A"))
    colours.getexif()[ExifTags.Base.Orientation] = turn
    colours = ImageOps.contain(ImageOps.exif_transpose(colours), (side, side), Image.Resampling.BICUBIC)
    levels = np.asarray(colours, dtype=np.float32)
    return levels.reshape(*levels.shape[:2], -1) / max(levels.max(), 32)


def _lay_on_paper(colours, grey, alpha):
    """Return a transparent picture on paper: like the rest of it, or where the rest is ink, its opposite."""
    seen = np.average(grey, weights=np.add(alpha, 1e-6))
    paper = np.median(grey) if np.mean(alpha) > 127 else 255 * (seen < 128)
    return Image.composite(colours, Image.new("RGB", colours.size, (int(paper),) * 3), alpha)
