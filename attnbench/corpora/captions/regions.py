"""Where objects are: masks of the whole picture, and how much of each cell of a grid they cover.

A region is kept as a mask of ``SIDE`` x ``SIDE`` bits, row by row, whatever shape the picture has: it is
squeezed to a square, so that places are fractions of width and height.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

SIDE = 64
"""Bits along each side of a mask."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, as fractions of width and height."""

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
"""All of a picture."""

_FINER = 8
"""A bit is judged by so many points along each of its sides."""


def packed(mask: np.ndarray) -> bytes:
    """Return a mask (SIDE, SIDE) of truth values as it is kept, eight bits a byte."""
    return np.packbits(mask.astype(bool)).tobytes()


def unpacked(region: bytes) -> np.ndarray:
    """Return a kept mask as truth values (SIDE, SIDE)."""
    return np.unpackbits(np.frombuffer(region, np.uint8)).astype(bool).reshape(SIDE, SIDE)


def rasterised(shapes: Sequence[Sequence[float]]) -> np.ndarray:
    """Return the mask (SIDE, SIDE) of an object that is drawn as one or more shapes.

    Args:
        shapes: polygons x, y, x, y, ... of three points or more, or boxes left, top, right, bottom; fractions
            of the picture's width and height.

    A bit is set where half of it or more is covered, or, in an object too small or thin for that, any of it.
    """
    fine = SIDE * _FINER
    canvas = Image.new("1", (fine, fine))
    draw = ImageDraw.Draw(canvas)
    for shape in shapes:
        outline = _corners(shape) if len(shape) == 4 else shape
        draw.polygon([min(place * fine - 0.5, fine - 1) for place in outline], fill=1)
    share = np.asarray(canvas, dtype=np.float32).reshape(SIDE, _FINER, SIDE, _FINER).mean(axis=(1, 3))
    mask: np.ndarray = share >= 0.5
    return mask if mask.any() else share > 0


def _corners(box: Sequence[float]) -> list[float]:
    left, top, right, bottom = box
    return [left, top, right, top, right, bottom, left, bottom]


def coverage(regions: Sequence[bytes], grid: tuple[int, int], box: Box = WHOLE) -> np.ndarray:
    """Return the share of each cell that each region covers, (regions, height * width) float32, exactly.

    Args:
        regions: kept masks.
        grid: height and width, in cells; cells count row by row.
        box: the part of the picture that the grid lies on.
    """
    height, width = grid
    masks = np.stack([unpacked(one) for one in regions]) if regions else np.zeros((0, SIDE, SIDE))
    left, top, right, bottom = box
    rows, columns = _shares(top, bottom, height), _shares(left, right, width)
    shares = rows @ masks.astype(np.float64) @ columns.T
    return shares.reshape(len(regions), height * width).astype(np.float32)


def _shares(start: float, end: float, cells: int) -> np.ndarray:
    """Return how much of each cell along a side each bit takes, (cells, SIDE); outside there is nothing."""
    edges, bits = np.linspace(start, end, cells + 1), np.linspace(0, 1, SIDE + 1)
    low = np.maximum(edges[:-1, None], bits[None, :-1])
    high = np.minimum(edges[1:, None], bits[None, 1:])
    shares: np.ndarray = np.maximum(high - low, 0) / ((end - start) / cells)
    return shares
