"""Splits and their columns: what a batch holds, in which order a pass reads, and what is never copied."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import Tensor

from attnbench.corpora.splits import write
from attnbench.tasks.columns import Frames, Ids, Values, lists
from attnbench.tasks.split import Split, in_order, mapped
from attnbench.tasks.translation.corpus import pairs
from attnbench.zoo.padded import Padded

CPU = torch.device("cpu")


def _ids(*sequences: list[int]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(sequences, pa.list_(pa.int32()))])


def _table(lengths: Sequence[tuple[int, int]], first: int = 0) -> pa.Table:
    """Pairs of so many words; the words of pair i are 10 i + 2, 10 i + 3, ..."""
    rows = range(first, first + len(lengths))
    sides = zip(("source_ids", "target_ids"), zip(*lengths, strict=True), strict=True)
    ids = {
        side: pa.array([[10 * i + 2 + j for j in range(n)] for i, n in zip(rows, sizes, strict=True)],
                       pa.list_(pa.int32()))
        for side, sizes in sides
    }  # fmt: skip
    return pa.table({"id": [str(i) for i in rows], **ids})


def test_ids_are_closed_and_padded_by_hand() -> None:
    column = Ids(_ids([5, 6], [], [7, 8, 9]), closed=True)
    assert column.lengths.tolist() == [3, 1, 4] and column.lengths.dtype == np.int32
    ids, mask = column.batch(np.array([2, 0, 1, 2]), CPU)
    assert ids.tolist() == [[7, 8, 9, 1], [5, 6, 1, 1], [1, 1, 1, 1], [7, 8, 9, 1]]
    assert mask.int().tolist() == [[1, 1, 1, 1], [1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 1, 1]]
    assert (ids.dtype, mask.dtype) == (torch.int64, torch.bool)
    ids, mask = column.batch(np.array([1]), CPU)
    assert ids.tolist() == [[1]] and mask.tolist() == [[True]]


def test_ids_without_end_symbols() -> None:
    column = Ids(_ids([5, 6], [70_000]), closed=False)
    assert column.lengths.tolist() == [2, 1]
    ids, mask = column.batch(np.array([1, 0]), CPU)
    assert ids.tolist() == [[70_000, 1], [5, 6]] and mask.tolist() == [[True, False], [True, True]]


def test_lengths_for_cuda_are_multiples_of_eight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attnbench.tasks.columns.to", lambda device, array: torch.from_numpy(array))
    for longest, padded in ((3, 8), (7, 8), (8, 16)):  # the end symbol is one more
        column = Ids(_ids([2] * longest, [4]), closed=True)
        values, mask = column.batch(np.arange(2), torch.device("cuda"))
        assert values.shape == mask.shape == (2, padded)
        assert mask.sum(dim=1).tolist() == [longest + 1, 2]


def test_a_batch_of_pairs_holds_both_sides() -> None:
    split = pairs(_table([(2, 1), (1, 3)]))
    assert split.lengths.tolist() == [3, 4]
    batch = split.batch(np.array([1, 0]), CPU)
    assert batch.source.values.tolist() == [[12, 1, 1], [2, 3, 1]]
    assert batch.source.mask.tolist() == [[True, True, False], [True, True, True]]
    assert batch.target.values.tolist() == [[12, 13, 14, 1], [2, 1, 1, 1]]
    assert batch.target.mask.sum(dim=1).tolist() == [4, 2]


def test_tables_of_many_chunks_of_slices_and_of_none() -> None:
    lengths = [(n % 4, 1 + n % 3) for n in range(25)]
    cuts = [0, 4, 4, 5, 20, 25]
    parts = [_table(lengths[a:b], a) for a, b in pairwise(cuts) if a < b]
    sliced = _table([(3, 3), *lengths, (2, 2)], -1).slice(1, 25)
    whole = pairs(_table(lengths))
    for split in (pairs(pa.concat_tables(parts)), pairs(sliced)):
        assert split.lengths.tolist() == [max(lengths[n]) + 1 for n in range(25)]
        for indices in (np.arange(25), np.array([24, 3, 3, 19, 20, 4])):
            ours, theirs = split.batch(indices, CPU), whole.batch(indices, CPU)
            assert all(
                torch.equal(a, b)
                for x, y in zip(ours, theirs, strict=True)
                for a, b in zip(x, y, strict=True)
            )
        assert split["id"] == [str(n) for n in range(25)]
    nothing = pairs(_table(lengths).slice(0, 0))
    assert (len(nothing), nothing.lengths.tolist(), nothing["id"]) == (0, [], [])


def test_narrowed_splits_hold_row_numbers() -> None:
    split = pairs(_table([(n, 1) for n in range(1, 10)]))
    odd = split.select(np.arange(0, 9, 2))
    last = odd.select(np.array([4, 1]))
    assert odd["id"] == ["0", "2", "4", "6", "8"] and last["id"] == ["8", "2"]
    assert last.lengths.tolist() == [10, 4] and last.sizes("target").tolist() == [2, 2]
    assert last.rows is not None and last.rows.tolist() == [8, 2]
    assert last.batch(np.array([1]), CPU).source.values.tolist() == [[22, 23, 24, 1]]
    assert last.table is split.table and last.columns is split.columns
    assert "id" in last and "sure" not in last


def test_a_sample_is_spread_over_the_split() -> None:
    split = pairs(_table([(1, 1)] * 9))
    assert split.sample(3)["id"] == ["0", "4", "8"]
    assert split.sample(20)["id"] == [str(n) for n in range(9)]
    assert split.select(np.arange(2, 9)).sample(3)["id"] == ["2", "5", "8"]


def test_a_pass_reads_every_example_once_longest_first_and_puts_results_back() -> None:
    split = pairs(_table([(n, 1) for n in (3, 9, 3, 1, 7)]))
    ticks: list[int] = []
    parts = list(split.in_batches(2, CPU, ticks.append))
    assert [indices.tolist() for indices, _ in parts] == [[1, 4], [0, 2], [3]] and ticks == [2, 2, 1]
    results = ((indices, batch.source.values[:, 0].tolist()) for indices, batch in parts)
    assert in_order(results) == [2, 12, 22, 32, 42]
    by_target = pairs(_table([(1, 2), (9, 1), (1, 3)])).in_batches(1, CPU, by="target")
    assert [indices.tolist() for indices, _ in by_target] == [[2], [0], [1]]
    with pytest.raises(ValueError):
        next(split.in_batches(0, CPU))


def test_a_budget_bounds_the_examples_times_the_longest() -> None:
    """Lengths with the end symbol: 10, 8, 4, 4, 2, 2; the first is longer than the budget by itself."""
    split = pairs(_table([(n, 1) for n in (3, 9, 3, 1, 7, 1)]))

    def cut(size: int, budget: int) -> list[list[int]]:
        return [indices.tolist() for indices, _ in split.in_batches(size, CPU, budget=budget)]

    assert cut(6, 9) == [[1], [4], [0, 2], [3, 5]]
    assert cut(6, 16) == [[1], [4, 0], [2, 3, 5]]
    assert cut(2, 20) == [[1, 4], [0, 2], [3, 5]]
    assert cut(6, 0) == [[1, 4, 0, 2, 3, 5]]


def test_nothing_is_copied_when_a_split_is_opened(tmp_path: Path) -> None:
    """Every view lies inside the mapped file."""
    write([_table([(2, 1), (1, 3)]), _table([(3, 1)], 2)], tmp_path / "train.arrow")
    before = pa.total_allocated_bytes()
    split = pairs(mapped(tmp_path / "train.arrow"))
    assert pa.total_allocated_bytes() == before
    assert split.batch(np.array([2]), CPU).source.values.tolist() == [[22, 23, 24, 1]]
    views = split.columns["source"]._views
    assert len(views) == 2
    assert not any(
        array.flags.owndata or array.flags.writeable
        for view in views
        for array in (view.offsets, view.values)
    )


# --- columns of other inputs, as a task brings them ---


class Heard(NamedTuple):
    frames: Padded
    grid: Tensor
    label: Tensor


def test_frames_grids_and_labels_are_batched_by_columns_of_their_own() -> None:
    rng = np.random.default_rng(0)
    frames = [rng.normal(size=(n, 3)).astype(np.float32) for n in (2, 4, 1)]
    grids = rng.normal(size=(3, 5, 2)).astype(np.float16)
    chunks = [
        pa.table({
            "frames": lists([frames[row] for row in rows]),
            "grid": pa.array([list(grids[row]) for row in rows], pa.list_(pa.list_(pa.float16(), 2), 5)),
            "label": pa.array([row % 2 for row in rows], pa.int64()),
        })
        for rows in ([0], [1, 2])
    ]  # fmt: skip
    table = pa.concat_tables(chunks)
    column = Frames(table["frames"])
    columns = {"frames": column, "grid": Values(table["grid"]), "label": Values(table["label"])}
    split = Split(table, Heard, columns, column.lengths)
    batch = split.select(np.array([2, 1, 0])).batch(np.array([0, 1]), CPU)
    assert batch.frames.values.shape == (2, 5, 3) and batch.frames.values.dtype == torch.float32
    assert batch.frames.mask.tolist() == [[True, True, False, False, False], [True] * 5]
    assert (
        np.array_equal(batch.frames.values[0, :1].numpy(), frames[2]) and not batch.frames.values[0, 1:].any()
    )
    assert np.array_equal(batch.frames.values[1, :4].numpy(), frames[1]), "the last frame is the end of input"
    assert not batch.frames.values[1, 4].any()
    assert batch.grid.dtype == torch.float16 and np.array_equal(batch.grid.numpy(), grids[[2, 1]])
    assert batch.label.tolist() == [0, 1] and batch.label.dtype == torch.int64
    assert split.lengths.tolist() == [3, 5, 2] and split.sizes("grid").tolist() == [1, 1, 1]
