"""Sentence pairs as word ids, and as padded batches.

b batch   s source length   t target length, end symbols included
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import torch
from datasets import Dataset
from torch import Tensor

from attnbench.errors import BadInput
from attnbench.tasks.prepared import spread
from attnbench.tasks.ragged import Ragged, column, words
from attnbench.zoo.graphs import LENGTHS


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


class Pairs:
    """The sentence pairs of one split."""

    def __init__(self, dataset: Dataset, max_length: int | None = None) -> None:
        """Read a prepared split; leave out pairs longer than ``max_length`` words on either side."""
        source, target = column(dataset, "source_ids"), column(dataset, "target_ids")
        if max_length is not None:
            short = np.maximum(words(source), words(target)) <= max_length
            if not short.any():
                raise BadInput(f"no training pair has {max_length} words or fewer; raise data.max_length")
            dataset = dataset.select(np.flatnonzero(short))
            source, target = (column.filter(pa.array(short)) for column in (source, target))
        self.dataset = dataset
        self.source, self.target = Ragged(source, closed=True), Ragged(target, closed=True)
        self.lengths = np.maximum(self.source.lengths, self.target.lengths)

    def __len__(self) -> int:
        """Return how many pairs there are."""
        return len(self.dataset)

    def sample(self, count: int) -> Pairs:
        """Return at most ``count`` of the pairs, spread evenly over the split."""
        return Pairs(spread(self.dataset, count))

    def batch(self, indices: np.ndarray, device: torch.device) -> Batch:
        """Return the pairs at ``indices`` as one batch."""
        multiple = LENGTHS if device.type == "cuda" else 1
        arrays = (*self.source.pad(indices, multiple), *self.target.pad(indices, multiple))
        return Batch(*(torch.from_numpy(array).to(device, non_blocking=True) for array in arrays))
