"""The picture of a scene: colours, ground, specks, shadows, light and noise. Nothing is decided by it."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from attnbench.corpora.captions.regions import SIDE
from attnbench.corpora.captions.scenes.chance import Chance
from attnbench.corpora.captions.scenes.layout import GROUNDS, Scene
from attnbench.corpora.captions.scenes.outlines import PARTS
from attnbench.corpora.captions.scenes.things import COLOURS

Floats = NDArray[np.float64]

PAINT = {
    "red": (205, 40, 40), "orange": (240, 140, 25), "yellow": (240, 220, 50), "green": (45, 150, 60),
    "blue": (45, 80, 205), "purple": (135, 55, 160), "white": (240, 240, 240), "black": (28, 28, 32),
}  # fmt: skip
GROUND = {"grey": (140, 140, 140), "brown": (150, 112, 74), "pale": (168, 180, 186), "dark": (78, 84, 92)}
VARIED = 14
"""By how much a colour differs from thing to thing, at most, in each of red, green and blue."""
SPECKS = 12
"""Most specks on a ground; captions never name them."""
NOISE = 16
"""Largest size of the noise, of 255."""


def png(scene: Scene, chance: Chance) -> bytes:
    """Return the picture of a scene, a PNG of SIDE x SIDE pixels in red, green and blue."""
    canvas = _ground(scene, chance)
    for place in range(len(scene.things)):
        _paint(canvas, scene, place, chance)
    canvas *= _slope(chance, 0.25)[..., None]
    grain = np.frombuffer(chance.bytes(canvas.size), np.int8).reshape(canvas.shape)
    canvas += grain * (chance.random() * NOISE / 128)
    file = io.BytesIO()
    pixels = np.clip(np.rint(canvas), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _colour(name: tuple[int, int, int], chance: Chance) -> Floats:
    return np.array([part + chance.between(-VARIED, VARIED) for part in name], float)


def _slope(chance: Chance, most: float) -> Floats:
    """Return numbers around 1 that rise, by up to ``most`` in all, along some direction: (SIDE, SIDE)."""
    place = np.arange(SIDE) / (SIDE - 1) - 0.5
    across, down = (most * (chance.random() - 0.5) for _ in range(2))
    level = 1 + 0.4 * most * (2 * chance.random() - 1)
    return level + across * place[None] + down * place[:, None]


def _ground(scene: Scene, chance: Chance) -> Floats:
    colour = _colour(GROUND[GROUNDS[scene.ground]], chance)
    canvas = colour * _slope(chance, 0.5 if chance.often(0.5) else 0.0)[..., None]
    if scene.table:
        canvas[scene.table :] = canvas[scene.table :] * 0.8 + 8
        canvas[scene.table] *= 0.75
    for _ in range(chance.between(0, SPECKS)):
        size, row, column = chance.between(1, 2), chance.between(0, SIDE - 2), chance.between(0, SIDE - 2)
        canvas[row : row + size, column : column + size] = _colour(PAINT[chance.any_of(COLOURS)], chance)
    return canvas


def _paint(canvas: Floats, scene: Scene, place: int, chance: Chance) -> None:
    """Paint a thing, and its shadow below and to the right of it, over what is there."""
    stamp, (row, column) = scene.stamps[place], scene.corners[place]
    colour = _colour(PAINT[COLOURS[scene.things[place].colour]], chance)
    # a pattern's second colour is darker where the first one is light, else lighter
    second = 0.4 * colour if colour.sum() > 400 else 0.35 * colour + 0.65 * 245
    side = len(stamp.cover)
    cover = stamp.cover[..., None] / PARTS
    shade = canvas[row + 1 : row + side + 1, column + 1 : column + side + 1]
    shade *= 1 - 0.4 * cover[: len(shade), : shade.shape[1]]
    parts = stamp.second[..., None] / PARTS
    here = canvas[row : row + side, column : column + side]
    here[:] = (1 - cover) * here + (cover - parts) * colour + parts * second
