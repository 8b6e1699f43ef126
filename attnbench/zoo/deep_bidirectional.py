"""A deep encoder of gated units that read frames both ways (Chorowski et al. 2015).

b batch   s frames   f frame size   n hidden size
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnbench.zoo.annotations import Annotations
from attnbench.zoo.padded import Padded, zeroed
from attnbench.zoo.recurrent import GatedUnit
from attnbench.zoo.unrolled_pair import paired_run


class BothWays(nn.Module):
    """A layer: two gated units, each with a first state that is learnt."""

    def __init__(self, inputs: int, hidden: int) -> None:
        """Make units of size n for inputs of a size, and their first states (2, n), of deviation 0.001."""
        super().__init__()
        self.forwards = GatedUnit(inputs, hidden)
        self.backwards = GatedUnit(inputs, hidden)
        self.first = nn.Parameter(torch.empty(2, hidden).normal_(std=0.001))

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """Return [forward state; backward state] (b, s, 2n); backwards from the true last input."""
        units = self.forwards, self.backwards
        there, back = (unit.project(inputs) for unit in units)
        return paired_run(there, back, mask, self.first, *((unit.gates, unit.candidate) for unit in units))


class DeepBidirectionalEncoder(nn.Module):
    """Layers of gated units both ways; an annotation is the top layer's [forward state; backward state].

    Each layer reads what the one below made of each frame. The summary is the top backward state at the first
    frame.
    """

    def __init__(self, inputs: int, hidden: int, layers: int) -> None:
        """Make ``layers`` layers of units of size n = ``hidden`` for frames of size f = ``inputs``."""
        super().__init__()
        sizes = [inputs, *[2 * hidden] * (layers - 1)]
        self.layers = nn.ModuleList(BothWays(size, hidden) for size in sizes)
        self.annotation = 2 * hidden

    def forward(self, inputs: Padded) -> Annotations:
        """Encode frames (b, s, f)."""
        states, mask = zeroed(*inputs), inputs.mask
        for layer in self.layers:
            states = layer(states, mask)
        return Annotations(states, mask, states[:, 0, self.annotation // 2 :])
