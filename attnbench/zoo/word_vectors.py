"""Word vectors of which only some are trained (Rocktäschel et al. 2016).

Three kinds of rows: frozen ones, given from outside; fixed random ones, of words first met after training;
and trained ones, of training words that are not given. The first two differ only in where their values come
from.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class WordVectors(nn.Module):
    """Vectors of e numbers: those of ids 0 to f - 1 stay as they are given, later ones are trained."""

    def __init__(
        self, fixed: Tensor, learned: int, *, initial_scale: float = 0.05, fine_tune: bool = False
    ) -> None:
        """Take the fixed vectors (f, e); ``learned`` ones start uniform in (-initial_scale, initial_scale).

        ``fine_tune``: train the fixed ones too, from the values given.
        """
        super().__init__()
        self.dimension = fixed.shape[1]
        self.learned = nn.Parameter(
            torch.empty(learned, self.dimension).uniform_(-initial_scale, initial_scale)
        )
        self.fixed: Tensor
        if fine_tune:
            self.fixed = nn.Parameter(fixed.clone())
        else:
            self.register_buffer("fixed", fixed.clone())

    def forward(self, words: Tensor) -> Tensor:
        """Return the vectors of word ids: (...,) to (..., e)."""
        first = len(self.fixed)
        if not first or not len(self.learned):
            return F.embedding(words, self.fixed if first else self.learned)
        learned = F.embedding((words - first).clamp(min=0), self.learned)
        fixed = F.embedding(words.clamp(max=first - 1), self.fixed)
        return torch.where((words < first).unsqueeze(-1), fixed, learned)
