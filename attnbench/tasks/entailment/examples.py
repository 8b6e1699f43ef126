"""Sentence pairs as word ids, and as padded batches.

b batch   s premise length   t hypothesis length
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from datasets import Dataset
from torch import Tensor

from attnbench.tasks.prepared import spread
from attnbench.tasks.ragged import Ragged, column


class Batch(NamedTuple):
    """Sentence pairs, padded at the end, and their labels."""

    premise: Tensor
    """(b, s), word ids."""
    premise_mask: Tensor
    """(b, s), True at real words."""
    hypothesis: Tensor
    """(b, t); a delimiter is the model's own."""
    hypothesis_mask: Tensor
    """(b, t)."""
    label: Tensor
    """(b,), places in ``LABELS``."""


class Pairs:
    """The sentence pairs of one split."""

    def __init__(self, dataset: Dataset) -> None:
        """Read a prepared split."""
        self.dataset = dataset
        self.premise = Ragged(column(dataset, "premise_ids"), closed=False)
        self.hypothesis = Ragged(column(dataset, "hypothesis_ids"), closed=False)
        self.labels = np.asarray(dataset["label"], dtype=np.int64)
        self.lengths = self.premise.lengths + self.hypothesis.lengths

    def __len__(self) -> int:
        """Return how many pairs there are."""
        return len(self.dataset)

    def sample(self, count: int) -> Pairs:
        """Return at most ``count`` of the pairs, spread evenly over the split."""
        return Pairs(spread(self.dataset, count))

    def batch(self, indices: np.ndarray, device: torch.device) -> Batch:
        """Return the pairs at ``indices`` as one batch."""
        arrays = (*self.premise.pad(indices), *self.hypothesis.pad(indices), self.labels[indices])
        return Batch(*(torch.from_numpy(array).to(device, non_blocking=True) for array in arrays))
