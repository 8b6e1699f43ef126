"""Sentence pairs as word ids, and as padded batches.

b batch   s source length   t target length, end symbols included
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from datasets import Dataset
from torch import Tensor

from attnbench.corpora.text import END
from attnbench.errors import BadInput


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
    """Many sequences of word ids in one array, each closed by the end symbol."""

    def __init__(self, sequences: list[list[int]]) -> None:
        """Close and join the sequences."""
        self.lengths = np.fromiter((len(ids) + 1 for ids in sequences), np.int64, len(sequences))
        self.starts = np.concatenate([[0], np.cumsum(self.lengths)[:-1]]).astype(np.int64)
        self.ids = np.full(int(self.lengths.sum()), END, dtype=np.int64)
        for start, ids in zip(self.starts, sequences, strict=True):
            self.ids[start : start + len(ids)] = ids

    def pad(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and mask (b, longest) of the sequences at ``indices``."""
        lengths = self.lengths[indices]
        steps = np.arange(lengths.max())
        mask = steps < lengths[:, None]
        places = self.starts[indices][:, None] + np.where(mask, steps, 0)
        return np.where(mask, self.ids[places], END), mask


class Pairs:
    """The sentence pairs of one split."""

    def __init__(self, dataset: Dataset, max_length: int | None = None) -> None:
        """Read a prepared split; leave out pairs longer than ``max_length`` words on either side."""
        if max_length is not None:
            lengths = (np.array([len(ids) for ids in dataset[side]]) for side in ("source_ids", "target_ids"))
            dataset = dataset.select(np.flatnonzero(np.maximum(*lengths) <= max_length))
            if not len(dataset):
                raise BadInput(f"no training pair has {max_length} words or fewer; raise data.max_length")
        self.dataset = dataset
        self.source = Ragged(list(dataset["source_ids"]))
        self.target = Ragged(list(dataset["target_ids"]))
        self.lengths = np.maximum(self.source.lengths, self.target.lengths)

    def __len__(self) -> int:
        """Return how many pairs there are."""
        return len(self.dataset)

    def batch(self, indices: np.ndarray, device: torch.device) -> Batch:
        """Return the pairs at ``indices`` as one batch."""
        arrays = (*self.source.pad(indices), *self.target.pad(indices))
        return Batch(*(torch.from_numpy(array).to(device, non_blocking=True) for array in arrays))
