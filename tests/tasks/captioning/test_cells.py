"""Columns of annotations, and columns that several examples share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from attnbench.corpora.splits import write
from attnbench.tasks.columns import Cells, Ids, Shared, cells
from attnbench.tasks.split import mapped

CPU = torch.device("cpu")


def annotations(first: int, count: int) -> np.ndarray:
    """Picture i has the numbers from 6 i to 6 i + 5, in 3 cells of 2."""
    return np.arange(6 * first, 6 * (first + count), dtype=np.float16).reshape(count, 3, 2)


def column(folder: Path) -> Cells:
    tables = (
        pa.table({"annotations": cells(annotations(first, count))}) for first, count in ((0, 4), (4, 3))
    )
    write(tables, folder / "some.arrow")
    return Cells(mapped(folder / "some.arrow")["annotations"])


def test_cells_are_kept_in_16_bits_and_batched_in_32(tmp_path: Path) -> None:
    held = column(tmp_path)
    assert held.lengths.tolist() == [3] * 7 and held.lengths.dtype == np.int32
    (view,) = held.at(np.array([5]))
    assert view.dtype == np.float16 and not view.flags.owndata, "a view of the file"
    values, mask = held.batch(np.array([6, 0, 3, 0]), CPU)
    assert values.dtype == torch.float32 and mask.shape == (4, 3) and mask.all()
    assert values.tolist() == [
        [[36, 37], [38, 39], [40, 41]],
        [[0, 1], [2, 3], [4, 5]],
        [[18, 19], [20, 21], [22, 23]],
        [[0, 1], [2, 3], [4, 5]],
    ]


def test_every_number_of_16_bits_comes_back() -> None:
    """Tiny, large and negative ones too."""
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    array = finite[: finite.size // 8 * 8].reshape(-1, 4, 2)
    held = Cells(pa.chunked_array([cells(array)]))
    values = held.batch(np.arange(len(array)), CPU).values
    assert np.array_equal(values.numpy(), array.astype(np.float32))


def test_a_shared_column_gives_each_example_its_row(tmp_path: Path) -> None:
    held = column(tmp_path)
    shared = Shared(held, np.array([2, 2, 6, 0]))
    assert shared.lengths.tolist() == [3] * 4
    first, second = shared.at(np.array([0, 1]))
    assert np.shares_memory(first, second), "two examples, one picture, nothing copied"
    assert shared.batch(np.array([3, 1]), CPU).values[:, 0].tolist() == [[0, 1], [12, 13]]
    ids = pa.chunked_array([pa.array([[5], [6, 7]], pa.list_(pa.int32()))])
    words = Shared(Ids(ids, closed=True), np.array([1, 0, 1]))
    assert words.lengths.tolist() == [3, 2, 3]
    assert words.batch(np.array([0, 1]), CPU).values.tolist() == [[6, 7, 1], [5, 1, 1]]
