"""Many sequences of numbers in one array, and the padded arrays that batches are made of.

b batch
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datasets import Dataset

from attnbench.corpora.text import END

_BATCH = 10_000


class Ragged:
    """Many sequences of word ids in one array of 32-bit numbers."""

    def __init__(self, sequences: list[list[int]] | pa.ChunkedArray, *, closed: bool) -> None:
        """Join the sequences: lists of numbers, or an Arrow column of such lists.

        ``closed``: add the end symbol to each.
        """
        if isinstance(sequences, list):
            sequences = pa.chunked_array([pa.array(sequences, pa.list_(pa.int32()))])
        self.lengths = words(sequences) + closed
        self.starts = np.concatenate([[0], np.cumsum(self.lengths)[:-1]]).astype(np.int64)
        self.ids = np.full(int(self.lengths.sum()), END, dtype=np.int32)
        start = 0
        for chunk in sequences.chunks:
            ends = np.cumsum(words(chunk) + closed)
            size = int(ends[-1]) if len(ends) else 0
            real = np.ones(size, dtype=bool)
            if closed:
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
        places = np.where(mask, self.starts[indices][:, None] + steps, 0)
        return np.where(mask, self.ids[places], END).astype(np.int64), mask


def words(sequences: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Return the lengths of an Arrow column of lists."""
    return np.asarray(pc.list_value_length(sequences), dtype=np.int64)


def column(dataset: Dataset, name: str) -> pa.ChunkedArray:
    """Return a column of lists of numbers, mapped from the disk where the dataset is."""
    tables = dataset.select_columns([name]).with_format("arrow").iter(batch_size=_BATCH)
    chunks = [chunk for table in tables for chunk in table[0].chunks]
    return pa.chunked_array(chunks, pa.list_(pa.int32()) if not chunks else None)
