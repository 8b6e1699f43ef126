"""Readers of sentence pairs that see no sentence while they read another: baselines for ``pair_reader``.

b batch   s premise length   t hypothesis length   k hidden
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnbench.zoo.lstm import LSTM
from attnbench.zoo.packing import packing
from attnbench.zoo.pair_reader import LABELS, Inputs, Read


class IndependentReader(nn.Module):
    """Each sentence becomes one vector by itself (Bowman et al. 2015).

    One LSTM reads both; its two last states, together, go through three tanh layers of 2k units and a
    linear one to the labels.
    """

    def __init__(self, inputs: Inputs, *, hidden: int, dropout: float = 0.0) -> None:
        """Make an LSTM of k units and the layers; ``dropout`` is that of the two last states."""
        super().__init__()
        self.inputs = inputs
        self.lstm = LSTM(hidden, hidden)
        layers = [layer for _ in range(3) for layer in (nn.Linear(2 * hidden, 2 * hidden), nn.Tanh())]
        self.output = nn.Sequential(nn.Dropout(dropout), *layers, nn.Linear(2 * hidden, LABELS))

    def forward(
        self, premise: Tensor, premise_mask: Tensor, hypothesis: Tensor, hypothesis_mask: Tensor
    ) -> Read:
        """Read word ids (b, s) and (b, t), real where the masks are True, padded at the end."""
        states = []
        for ids, mask in ((premise, premise_mask), (hypothesis, hypothesis_mask)):
            where = packing(mask)
            states.append(self.lstm(self.inputs(where.pack(ids)), where).hidden)
        return Read(self.output(torch.cat(states, dim=-1)), None)


class HypothesisReader(nn.Module):
    """One LSTM reads the hypothesis and never sees the premise: what the labels give away by themselves."""

    def __init__(self, inputs: Inputs, *, hidden: int, dropout: float = 0.0) -> None:
        """Make an LSTM of k units and a classifier as in ``PairReader``."""
        super().__init__()
        self.inputs = inputs
        self.lstm = LSTM(hidden, hidden)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden, LABELS)

    def forward(
        self, premise: Tensor, premise_mask: Tensor, hypothesis: Tensor, hypothesis_mask: Tensor
    ) -> Read:
        """Read the hypothesis' word ids (b, t), real where the mask is True, padded at the end."""
        where = packing(hypothesis_mask)
        last = self.lstm(self.inputs(where.pack(hypothesis)), where).hidden
        return Read(torch.tanh(self.output(self.dropout(last))), None)
