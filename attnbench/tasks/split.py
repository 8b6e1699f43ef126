"""The examples of one split: where they lie, how they are batched, and how a pass reads them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa
import torch

from attnbench.tasks.columns import Values

Batch = TypeVar("Batch")
Result = TypeVar("Result")

Tick = Callable[[int], None]
"""Called with how many more examples are done."""


def mapped(path: Path) -> pa.Table:
    """Return the table of an Arrow stream file, mapped into memory."""
    return pa.ipc.open_stream(pa.memory_map(str(path))).read_all()


@dataclass(frozen=True, eq=False)
class Split(Generic[Batch]):
    """Rows of a table that is mapped into memory: all, or those whose numbers are held."""

    table: pa.Table
    make: Callable[..., Batch]
    """The task's batch, a named tuple."""
    columns: Mapping[str, Values]
    """What makes each of its fields."""
    lengths: np.ndarray
    """(n,): what batches are sorted by."""
    rows: np.ndarray | None = None
    """(n,): where the examples stand in the table; None: it has no others."""

    def __len__(self) -> int:
        """Return how many examples there are."""
        return len(self.lengths)

    def _rows(self, indices: np.ndarray) -> np.ndarray:
        return indices if self.rows is None else self.rows[indices]

    def select(self, indices: np.ndarray) -> Split[Batch]:
        """Return the examples at ``indices``, in that order."""
        return replace(self, lengths=self.lengths[indices], rows=self._rows(indices))

    def sample(self, count: int) -> Split[Batch]:
        """Return at most ``count`` of the examples, spread evenly over the split."""
        return self.select(np.linspace(0, len(self) - 1, min(count, len(self))).astype(np.int64))

    def batch(self, indices: np.ndarray, device: torch.device) -> Batch:
        """Return the examples at ``indices`` as one batch."""
        rows = self._rows(indices)
        return self.make(**{name: column.batch(rows, device) for name, column in self.columns.items()})

    def sizes(self, name: str) -> np.ndarray:
        """Return the lengths (n,) of a field of the batch."""
        lengths = self.columns[name].lengths
        return lengths if self.rows is None else lengths[self.rows]

    def __contains__(self, name: str) -> bool:
        """Return whether the table has a column of that name."""
        return name in self.table.column_names

    def __getitem__(self, name: str) -> list[Any]:
        """Return what the table's column holds of the examples."""
        column = self.table[name]
        return (
            column.to_pylist() if self.rows is None else [column[row].as_py() for row in self.rows.tolist()]
        )

    def in_batches(
        self, size: int, device: torch.device, tick: Tick = lambda _: None, by: str | None = None,
        budget: int = 0,
    ) -> Iterator[tuple[np.ndarray, Batch]]:  # fmt: skip
        """Yield all examples in batches of similar length, longest first, and the indices of each batch's.

        Args:
            size: the most examples of a batch.
            device: where batches go.
            tick: told when a batch is done.
            by: the field whose length counts; None: ``lengths``.
            budget: the most that the examples of a batch times its longest length may be; 0: no bound. An
                example that is longer makes a batch of its own.
        """
        lengths = self.lengths if by is None else self.sizes(by)
        order = np.argsort(-lengths, kind="stable")
        for start, end in pairwise([*cut(lengths[order], size, budget), len(order)]):
            indices = order[start:end]
            yield indices, self.batch(indices, device)
            tick(len(indices))


def cut(lengths: np.ndarray, count: int, budget: int = 0) -> list[int]:
    """Return where batches begin that examples with these lengths (n,) fill in this order.

    Args:
        lengths: sorted either way, so that batches are full.
        count: the most examples of a batch.
        budget: the most that the examples of a batch times its longest may be; 0 for no bound. An example
            that is longer makes a batch of its own.
    """
    if not budget:
        return list(range(0, len(lengths), count))
    starts, start = [], 0
    while start < len(lengths):
        starts.append(start)
        longest = np.maximum.accumulate(lengths[start : start + count])
        fit = np.searchsorted(np.arange(1, len(longest) + 1) * longest, budget, side="right")
        start += max(1, int(fit))
    return starts


def in_order(parts: Iterable[tuple[np.ndarray, Sequence[Result]]]) -> list[Result]:
    """Return what was found in batches, indices and a result for each, in the order of the split."""
    found = {
        index: result
        for indices, results in parts
        for index, result in zip(indices.tolist(), results, strict=True)
    }
    return [found[index] for index in range(len(found))]
