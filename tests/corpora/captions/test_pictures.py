"""Pictures from bytes: every kind of colour becomes red, green and blue, and what is broken says why."""

import io
import warnings
from typing import Any

import numpy as np
import pytest
from PIL import Image

from attnbench.corpora.captions import pictures
from attnbench.corpora.captions.pictures import Unreadable, decoded, fitted

RED = (200, 100, 50)


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    held = io.BytesIO()
    image.save(held, kind, **options)
    return held.getvalue()


def plain(color: Any = RED, mode: str = "RGB", size: tuple[int, int] = (6, 4)) -> Image.Image:
    return Image.new(mode, size, color)


def first(content: bytes) -> list[int]:
    picture = decoded(content)
    assert picture.dtype == np.uint8 and picture.shape[2] == 3
    assert (picture == picture[0, 0]).all()
    return picture[0, 0].tolist()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "WEBP", "JPEG"])
def test_kinds_of_files_are_told_by_their_content(kind: str) -> None:
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}
    content = saved(plain(), kind, **options.get(kind, {}))
    assert decoded(content).shape == (4, 6, 3)
    assert np.abs(np.array(first(content)) - RED).max() <= (1 if kind == "JPEG" else 0)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (plain(77, "L"), [77] * 3),
        (plain(1, "1"), [255] * 3),
        (plain().quantize(2), list(RED)),
        (plain((77, 255), "LA"), [77] * 3),
        (plain((77, 0), "LA"), [255] * 3),
        (plain((*RED, 255), "RGBA"), list(RED)),
        (plain((*RED, 0), "RGBA"), [255] * 3),
        (plain((0, 0, 0, 51), "RGBA"), [204] * 3),  # a fifth of black on white
    ],
)
def test_grey_palette_and_alpha_are_converted(image: Image.Image, expected: list[int]) -> None:
    assert first(saved(image)) == expected


def test_a_colour_of_a_palette_or_of_a_mode_without_alpha_may_show_through() -> None:
    palette = Image.new("P", (6, 4), 1)
    palette.putpalette([9, 9, 9, *RED])
    assert first(saved(palette, transparency=1)) == [255] * 3
    assert first(saved(palette, transparency=0)) == list(RED)
    assert first(saved(plain(), transparency=RED)) == [255] * 3
    assert first(saved(palette, "GIF", transparency=1)) == [255] * 3


def test_16_bits_become_8() -> None:
    deep = Image.fromarray(np.full((4, 6), 0x8080, np.uint16))
    for kind in ("PNG", "TIFF"):
        assert first(saved(deep, kind)) == [0x80] * 3
    assert first(saved(Image.fromarray(np.full((4, 6), 65535, np.uint16)))) == [255] * 3


def test_cmyk_is_converted_in_tiff_and_in_jpeg() -> None:
    """Half of cyan takes half of red, and black takes all alike; a JPEG file holds them the other way up."""
    ink = plain((128, 0, 0, 0), "CMYK", (16, 16))
    assert first(saved(ink, "TIFF")) == [127, 255, 255]
    assert np.abs(np.array(first(saved(ink, "JPEG", quality=100))) - [127, 255, 255]).max() <= 2
    assert first(saved(plain((0, 0, 0, 255), "CMYK"), "TIFF")) == [0, 0, 0]


def test_a_photo_taken_on_its_side_stands_upright() -> None:
    wide = np.zeros((2, 5, 3), np.uint8)
    wide[0] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # the top of what was seen is the right side
    turned = decoded(saved(Image.fromarray(wide), exif=exif))
    assert turned.shape == (5, 2, 3)
    assert (turned[:, 1] == 255).all() and (turned[:, 0] == 0).all()
    content = saved(plain(), "JPEG", exif=b"Exif\0\0broken")
    assert decoded(content).shape == (4, 6, 3)


def test_an_animation_is_its_first_frame() -> None:
    content = saved(plain(0, "L"), "GIF", save_all=True, append_images=[plain(255, "L")])
    assert first(content) == [0] * 3


def test_what_is_no_picture_says_why() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8))
    for kind in ("JPEG", "PNG"):
        whole = saved(noise, kind)
        with pytest.raises(Unreadable, match=r"truncated|broken"):
            decoded(whole[: len(whole) // 2])
    with pytest.raises(Unreadable, match="it is empty"):
        decoded(b"")
    for content in (b"no picture", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", whole[:10]):
        with pytest.raises(Unreadable, match=r"it is none of JPEG, PNG, .*, or broken where it begins"):
            decoded(content)
    with pytest.raises(Unreadable, match="its numbers say not which of them is white"):
        decoded(saved(plain(0.5, "F"), "TIFF"))


def test_every_cut_of_a_file_is_a_picture_or_unreadable() -> None:
    rng = np.random.default_rng(2)
    for kind in ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"):
        whole = saved(Image.fromarray(rng.integers(0, 256, (9, 9, 3), np.uint8)), kind)
        for cut in range(0, len(whole), max(1, len(whole) // 25)):
            broken = bytearray(whole)
            broken[cut] ^= 0xFF
            for content in (whole[:cut], bytes(broken)):
                try:
                    assert decoded(content).ndim == 3
                except Unreadable as error:
                    assert str(error)


def test_huge_pictures_are_refused_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(Unreadable, match="10,000 x 9,000 pixels, more than 67,108,864 in all"):
            decoded(b"P6 10000 9000 255\n")
    with pytest.raises(Unreadable, match="exceeds limit"):
        decoded(b"P6 20000 10000 255\n")
    monkeypatch.setattr(pictures, "PIXELS", 23)
    with pytest.raises(Unreadable, match="6 x 4 pixels, more than 23"):
        decoded(saved(plain()))


def test_a_large_jpeg_file_is_decoded_at_a_part_of_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_ENOUGH", 16)
    monkeypatch.setattr(pictures, "PIXELS", 1000)
    large = plain(size=(96, 64))
    assert decoded(saved(large, "JPEG")).shape == (16, 24, 3)
    with pytest.raises(Unreadable, match="96 x 64 pixels"):
        decoded(saved(large))


def test_the_middle_is_cut_out_as_in_the_paper() -> None:
    """The shorter side would be 256 pixels, of which 224 are seen: 7/8, and as many of the longer one."""
    picture = np.zeros((64, 128, 3), np.uint8)
    picture[4:60, 36:92] = RED
    square, box = fitted(picture, 56, "crop")
    assert box == pytest.approx((36 / 128, 1 / 16, 92 / 128, 15 / 16))
    assert square.shape == (56, 56, 3) and (square == RED).all()
    assert fitted(picture.transpose(1, 0, 2), 56, "crop")[1] == pytest.approx(
        (1 / 16, 36 / 128, 15 / 16, 92 / 128)
    )


def test_the_whole_is_squeezed() -> None:
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 256, (8, 8, 3), np.uint8)
    square, box = fitted(picture, 8, "squeeze")
    assert box == (0, 0, 1, 1) and np.array_equal(square, picture)
    halves = np.zeros((4, 16, 3), np.uint8)
    halves[:, 8:] = 200
    square, _ = fitted(halves, 8, "squeeze")
    assert (square[:, :3] == 0).all() and (square[:, 5:] == 200).all()
