"""Pictures from the bytes of image files: decoded within bounds, and fitted to the square that is seen."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from attnbench.corpora.captions.regions import WHOLE, Box
from attnbench.errors import first_line

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "PPM")
"""What is read. Others are left alone: some of them run programs."""

FITS = ("crop", "squeeze")
"""How a picture becomes a square."""

PIXELS = 2**26
"""Of a picture in memory, at the most. A JPEG file may have more, as it is decoded at a part of its size; the
library refuses more than about 179 million of any."""

_ENOUGH = 1024
"""A JPEG file is decoded at half its size, a quarter or an eighth while both sides keep so many pixels."""

_SEEN = 224 / 256
"""Of the shorter side: pictures are resized to 256 and cut to 224 in the middle, as in the paper."""

_DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I")
"""Modes of 16 bits a pixel; the last as PNG files had it in older versions of the library."""


class Unreadable(Exception):
    """What is no picture that can be read; says why."""


def decoded(content: bytes) -> np.ndarray:
    """Return the picture in the bytes of a file, (height, width, 3) of uint8: red, green, blue.

    The kind of file is told by how it begins, not by its name. Grey, palette, CMYK and other modes are
    converted, 16 bits become 8, what shows through lies on white, a picture that was taken with the camera
    on its side stands upright, and of an animation the first frame counts. Raises ``Unreadable`` for what is
    no picture, is cut short, or has more than ``PIXELS``.
    """
    if not content:
        raise Unreadable("it is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what the bound below is for, and of odd metadata
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                return np.asarray(_coloured(_upright(_bounded(image))))
    except (Unreadable, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise Unreadable(f"it is none of {', '.join(FORMATS)}, or broken where it begins") from error
    except Exception as error:  # the library has errors of many kinds for files that are broken
        raise Unreadable(first_line(error)) from error


def mode(content: bytes) -> str:
    """Return how a picture that can be read keeps colours, as the library calls it, such as ``RGB``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            return image.mode


def _bounded(image: Image.Image) -> Image.Image:
    """Return an opened picture, to be decoded at a part of its size where that is enough; check its size."""
    image.draft(None, (_ENOUGH, _ENOUGH))
    width, height = image.size
    if width * height > PIXELS:
        raise Unreadable(f"it has {width:,} x {height:,} pixels, more than {PIXELS:,} in all")
    return image


def _upright(image: Image.Image) -> Image.Image:
    """Return a picture turned as its file says; as it is, where what the file says is broken."""
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # as above
        return image


def _coloured(image: Image.Image) -> Image.Image:
    """Return a picture in the mode RGB."""
    if image.mode in _DEEP:
        image = Image.fromarray((np.clip(np.asarray(image), 0, 2**16 - 1) // 257).astype(np.uint8))
    if image.mode == "F":
        raise Unreadable("its numbers say not which of them is white")
    if image.has_transparency_data:
        above = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", above.size, "white"), above)
    return image.convert("RGB")


def fitted(picture: np.ndarray, side: int, fit: str) -> tuple[np.ndarray, Box]:
    """Return a picture as a square, and the part of it that is seen, in fractions.

    Args:
        picture: (height, width, 3) of uint8.
        side: of the square, in pixels.
        fit: ``crop``: as if the shorter side were resized to side * 256 / 224 and the middle cut out;
            ``squeeze``: the whole.

    Returns:
        the square, (side, side, 3) of uint8, and its box: left, top, right, bottom.
    """
    height, width = picture.shape[:2]
    box = WHOLE
    if fit == "crop":
        seen = min(height, width) * _SEEN
        across, down = (1 - seen / width) / 2, (1 - seen / height) / 2
        box = across, down, 1 - across, 1 - down
    left, top, right, bottom = box
    part = (left * width, top * height, right * width, bottom * height)
    square = Image.fromarray(picture).resize((side, side), Image.Resampling.BILINEAR, box=part)
    return np.asarray(square), box
