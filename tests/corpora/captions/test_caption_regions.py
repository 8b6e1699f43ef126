"""Masks of regions, and what share of each cell they cover."""

import numpy as np
import pytest

from attnbench.corpora.captions.regions import SIDE, coverage, packed, rasterised, unpacked


def test_masks_are_kept_in_512_bytes_row_by_row() -> None:
    mask = np.zeros((SIDE, SIDE), bool)
    mask[0, 1] = mask[1, 0] = mask[63, 63] = True
    kept = packed(mask)
    assert len(kept) == 512 and (kept[0], kept[8], kept[-1]) == (0b01000000, 0b10000000, 1)
    assert np.array_equal(unpacked(kept), mask)


def test_boxes_and_polygons_are_drawn_by_width_and_height() -> None:
    box = rasterised([[0.25, 0.5, 0.5, 0.75]])
    expected = np.zeros((SIDE, SIDE), bool)
    expected[32:48, 16:32] = True
    assert np.array_equal(box, expected)
    assert np.array_equal(rasterised([[0.25, 0.5, 0.5, 0.5, 0.5, 0.75, 0.25, 0.75]]), expected)
    triangle = rasterised([[0, 0, 1, 0, 0, 1]])
    assert triangle[10, 10] and not triangle[50, 50]
    assert triangle.mean() == pytest.approx(0.5, abs=0.01)
    assert rasterised([[0, 0, 1, 1]]).all()


def test_parts_of_an_object_are_joined_and_overlaps_count_once() -> None:
    parts = rasterised([[0, 0, 0.5, 0.5], [0.25, 0, 0.75, 0.5], [0.5, 0.75, 1, 1]])
    assert parts.sum() == 48 * 32 + 32 * 16


@pytest.mark.parametrize("place", [0.0, 0.31, 1.0])
def test_no_object_is_too_small_to_have_a_place(place: float) -> None:
    tiny = rasterised([[place, place, place, place]])
    assert 1 <= tiny.sum() <= 4
    row, column = np.argwhere(tiny)[0]
    assert row == column == min(int(place * SIDE), SIDE - 1)


def test_half_a_bit_is_set_and_less_is_not() -> None:
    assert rasterised([[0, 0, 1.5 / SIDE, 1 / SIDE]]).sum() == 2
    assert rasterised([[0, 0, 1.25 / SIDE, 1 / SIDE]]).sum() == 1


def slow(mask: np.ndarray, grid: tuple[int, int], box: tuple[float, float, float, float]) -> np.ndarray:
    """Return the covered share of each cell, bit by bit."""
    (height, width), (left, top, right, bottom) = grid, box
    shares = np.zeros(grid)
    across, down = (right - left) / width, (bottom - top) / height
    for (row, column), (y, x) in ((cell, bit) for cell in np.ndindex(grid) for bit in np.argwhere(mask)):
        wide = min(left + (column + 1) * across, (x + 1) / SIDE) - max(left + column * across, x / SIDE)
        high = min(top + (row + 1) * down, (y + 1) / SIDE) - max(top + row * down, y / SIDE)
        shares[row, column] += max(wide, 0) * max(high, 0) / (across * down)
    return shares.reshape(-1)


@pytest.mark.parametrize("grid", [(8, 8), (3, 5), (1, 1)])
@pytest.mark.parametrize("box", [(0.0, 0.0, 1.0, 1.0), (1 / 16, 0.2, 15 / 16, 0.7)])
def test_coverage_is_exact_by_areas(grid: tuple[int, int], box: tuple[float, float, float, float]) -> None:
    rng = np.random.default_rng(1)
    masks = [rng.random((SIDE, SIDE)) < share for share in (0.02, 0.05)]
    found = coverage([packed(mask) for mask in masks], grid, box)
    assert found.dtype == np.float32 and found.shape == (2, grid[0] * grid[1])
    assert found == pytest.approx(np.stack([slow(mask, grid, box) for mask in masks]), abs=1e-6)


def test_cells_count_row_by_row_and_no_region_is_no_row() -> None:
    mask = packed(rasterised([[0.5, 0, 1, 0.25]]))
    assert coverage([mask], (2, 2)).tolist() == [[0, 0.5, 0, 0]]
    assert coverage([mask], (2, 2), (0.5, 0, 1, 0.5)).tolist() == [[1, 1, 0, 0]]
    assert coverage([], (2, 3)).shape == (0, 6)
