"""Shapes and patterns, in whole numbers only: what lies within is the same on every machine.

A stamp is a thing's picture before it has a colour: how many of the 16 parts of each pixel it covers, and how
many of these are in the second colour of its pattern. Lengths are in eighths of a pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attnbench.corpora.captions.scenes.chance import Chance
from attnbench.corpora.captions.scenes.things import SHAPES, TEXTURES, Thing

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

WIDTHS = ((84, 98), (116, 134), (156, 178))
"""Fewest and most eighths of a pixel that a thing of each of ``SIZES`` is wide: 10 to 22 pixels."""
PARTS = 16
"""Of a pixel: 4 x 4."""
RIM = 1150
"""1000 times the width of a thing over that of its pattern: its rim is plain, so that its shape is clear."""
TILTS = ((1024, 0), (1018, 107), (1018, -107), (1002, 213), (1002, -213))
"""1024 times the cosine and the sine of 0, 6, -6, 12 and -12 degrees."""
_STAR = ((0, -1000), (951, -309), (588, 809), (-588, 809), (-951, -309))
"""1000 times the directions of the points of a star; the sides lie across from them."""


class Stamp(NamedTuple):
    """What a thing covers of a square of pixels, and what of it has the second colour: counts up to 16."""

    cover: Ints
    second: Ints

    @property
    def solid(self) -> Bools:
        """The pixels of which it covers half or more."""
        return self.cover >= PARTS // 2


def _star(x: Ints, y: Ints) -> Bools:
    """Return what lies on the inner side of four of the five lines that make a star."""
    return np.sum([-(x * a + y * b) <= 309 * 1000 for a, b in _STAR], axis=0) >= 4


def _heart(x: Ints, y: Ints) -> Bools:
    across = np.abs(x)
    bow = (across - 480) ** 2 + (y + 330) ** 2 <= 520**2
    return bow | ((y >= -330) & (across * 128 + y * 100 <= 95_000))


_SHAPES: dict[str, Callable[[Ints, Ints], Bools]] = {
    "circle": lambda x, y: x**2 + y**2 <= 1000**2,
    "square": lambda x, y: np.maximum(abs(x), abs(y)) <= 880,
    "triangle": lambda x, y: (y <= 850) & (2 * abs(x) <= y + 1000),
    "star": _star,
    "ring": lambda x, y: (x**2 + y**2 <= 1000**2) & (x**2 + y**2 >= 560**2),
    "cross": lambda x, y: (np.minimum(abs(x), abs(y)) <= 320) & (np.maximum(abs(x), abs(y)) <= 960),
    "heart": _heart,
    "diamond": lambda x, y: 14 * abs(x) + 10 * abs(y) <= 10_000,
}
"""What lies within, by coordinates from -1000 to 1000, y downwards."""


def _dots(x: Ints, y: Ints, step: int) -> Bools:
    gap = 2 * step
    return (x % gap - step) ** 2 + (y % gap - step) ** 2 <= (5 * step // 8) ** 2


_PATTERNS: dict[str, Callable[[Ints, Ints, int], Bools]] = {
    "striped": lambda x, y, step: x // step % 2 == 0,
    "dotted": _dots,
    "checked": lambda x, y, step: (x // step + y // step) % 2 == 0,
}
"""What has the second colour, within the rim."""


def stamp(thing: Thing, chance: Chance) -> Stamp:
    """Return a thing as it is drawn this time: wider or narrower, tilted, its pattern moved."""
    half = chance.between(*WIDTHS[thing.size]) // 2
    pixels = 2 * half * 11 // 80 + 3
    moved = (chance.between(0, 7), chance.between(0, 7))
    down, across = (2 * np.arange(4 * pixels) - 4 * pixels + 1 + start - 4 for start in moved)
    cos, sin = chance.any_of(TILTS)
    x = (cos * across[None] + sin * down[:, None]) // 1024
    y = (cos * down[:, None] - sin * across[None]) // 1024
    shape = _SHAPES[SHAPES[thing.shape]]
    inside = shape(x * 1000 // half, y * 1000 // half)
    if not thing.texture:
        return Stamp(_counted(inside), _counted(np.zeros_like(inside)))
    inner = inside & shape(x * RIM // half, y * RIM // half)
    step = 15 + half // 10
    turned = chance.any_of(((x, y), (y, x), ((x + y) * 5 // 7, (x - y) * 5 // 7)))
    start = chance.between(0, 2 * step - 1)
    second = inner & _PATTERNS[TEXTURES[thing.texture]](turned[0] + start, turned[1] + start, step)
    return Stamp(_counted(inside), _counted(second))


def _counted(parts: Bools) -> Ints:
    """Return how many of each pixel's parts are true."""
    side = len(parts) // 4
    return parts.reshape(side, 4, side, 4).sum(axis=(1, 3))
