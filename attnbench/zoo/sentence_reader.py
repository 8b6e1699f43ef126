"""Readers of sentence pairs that see no sentence while they read another: baselines for ``pair_reader``.

b batch   s premise length   t hypothesis length   k hidden
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnbench.zoo.lstm import LSTM
from attnbench.zoo.packing import Packing
from attnbench.zoo.padded import Padded
from attnbench.zoo.pair_reader import Inputs, Judgement, Layered, Squashed


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
        self.dropout = nn.Dropout(dropout)
        self.output = Layered(2 * hidden, 2 * hidden)

    def forward(self, premise: Padded, hypothesis: Padded) -> Judgement:
        """Read word ids (b, s) and (b, t)."""
        states = [_last_state(self.lstm, self.inputs, side) for side in (premise, hypothesis)]
        return Judgement(self.output(self.dropout(torch.cat(states, dim=-1))), None)


class HypothesisReader(nn.Module):
    """One LSTM reads the hypothesis and never sees the premise: what the labels give away by themselves."""

    def __init__(self, inputs: Inputs, *, hidden: int, dropout: float = 0.0) -> None:
        """Make an LSTM of k units and a classifier as in ``PairReader``."""
        super().__init__()
        self.inputs = inputs
        self.lstm = LSTM(hidden, hidden)
        self.dropout = nn.Dropout(dropout)
        self.output = Squashed(hidden)

    def forward(self, premise: Padded, hypothesis: Padded) -> Judgement:
        """Read the hypothesis' word ids (b, t)."""
        last = _last_state(self.lstm, self.inputs, hypothesis)
        return Judgement(self.output(self.dropout(last)), None)


def _last_state(lstm: LSTM, inputs: Inputs, words: Padded) -> Tensor:
    """Return the state (b, k) after each sentence's last word."""
    packing = Packing.of(words.mask)
    return lstm(inputs(packing.pack(words.values)), packing).hidden
