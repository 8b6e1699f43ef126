"""Sentence pairs as word ids, and as padded batches.

b batch   s source length   t target length, end symbols included
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from datasets import Dataset
from torch import Tensor

from attnbench.corpora.text import END
from attnbench.errors import BadInput
from attnbench.zoo.graphs import LENGTHS

_BATCH = 10_000


class Batch(NamedTuple):
    """Sentence pairs, padded at the end."""

    source: Tensor
    """(b, s), word ids, each sentence closed by the end symbol."""
    source_mask: Tensor
    """(b, s), True at real tokens."""
    target: Tensor
    """(b, t)."""
    target_mask: Tensor
    """(b, t)."""


class Ragged:
    """Many sequences of word ids in one array of 32-bit numbers, each closed by the end symbol."""

    def __init__(self, sequences: list[list[int]] | pa.ChunkedArray) -> None:
        """Close and join the sequences: lists of numbers, or an Arrow column of such lists."""
        if isinstance(sequences, list):
            sequences = pa.chunked_array([pa.array(sequences, pa.list_(pa.int32()))])
        self.lengths = _words(sequences) + 1
        self.starts = np.concatenate([[0], np.cumsum(self.lengths)[:-1]]).astype(np.int64)
        self.ids = np.full(int(self.lengths.sum()), END, dtype=np.int32)
        start = 0
        for chunk in sequences.chunks:
            ends = np.cumsum(_words(chunk) + 1)
            size = int(ends[-1]) if len(ends) else 0
            real = np.ones(size, dtype=bool)
            real[ends - 1] = False
            self.ids[start : start + size][real] = chunk.flatten().to_numpy()
            start += size

    def pad(self, indices: np.ndarray, multiple: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Return ids (64 bits, as torch takes them) and mask (b, longest) of the sequences at ``indices``.

        The longest length is rounded up to a multiple of ``multiple``.
        """
        lengths = self.lengths[indices]
        steps = np.arange(-(-lengths.max() // multiple) * multiple)
        mask = steps < lengths[:, None]
        places = self.starts[indices][:, None] + np.where(mask, steps, 0)
        return np.where(mask, self.ids[places], END).astype(np.int64), mask


def _words(sequences: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Return the lengths of an Arrow column of lists."""
    return np.asarray(pc.list_value_length(sequences), dtype=np.int64)


def _column(dataset: Dataset, name: str) -> pa.ChunkedArray:
    """Return a column of lists of numbers, mapped from the disk where the dataset is."""
    tables = dataset.select_columns([name]).with_format("arrow").iter(batch_size=_BATCH)
    chunks = [chunk for table in tables for chunk in table[0].chunks]
    return pa.chunked_array(chunks, pa.list_(pa.int32()) if not chunks else None)


class Pairs:
    """The sentence pairs of one split."""

    def __init__(self, dataset: Dataset, max_length: int | None = None) -> None:
        """Read a prepared split; leave out pairs longer than ``max_length`` words on either side."""
        source, target = _column(dataset, "source_ids"), _column(dataset, "target_ids")
        if max_length is not None:
            short = np.maximum(_words(source), _words(target)) <= max_length
            if not short.any():
                raise BadInput(f"no training pair has {max_length} words or fewer; raise data.max_length")
            dataset = dataset.select(np.flatnonzero(short))
            source, target = (column.filter(pa.array(short)) for column in (source, target))
        self.dataset = dataset
        self.source, self.target = Ragged(source), Ragged(target)
        self.lengths = np.maximum(self.source.lengths, self.target.lengths)

    def __len__(self) -> int:
        """Return how many pairs there are."""
        return len(self.dataset)

    def sample(self, count: int) -> Pairs:
        """Return at most ``count`` of the pairs, spread evenly over the split."""
        rows = np.linspace(0, len(self) - 1, min(count, len(self))).astype(np.int64)
        return Pairs(self.dataset.select(rows))

    def batch(self, indices: np.ndarray, device: torch.device) -> Batch:
        """Return the pairs at ``indices`` as one batch."""
        multiple = LENGTHS if device.type == "cuda" else 1
        arrays = (*self.source.pad(indices, multiple), *self.target.pad(indices, multiple))
        return Batch(*(torch.from_numpy(array).to(device, non_blocking=True) for array in arrays))
