"""No attention: the fixed vector that attention was invented against.

b batch   s source length   k queries   q query size   d annotation size   t target length
n size of a decoder's state
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from attnbench.zoo.attention.interface import Attended, Cell, Mechanism, Memory, Unrolled
from attnbench.zoo.unrolled import gated_run


class FixedVector(Mechanism):
    """No attention: every query gets the last real annotation as its context (Cho et al. 2014)."""

    align = False
    queried = False

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Keep the annotation at the last real token: (b, s, d) becomes (b, 1, d); zeros where none is."""
        last = mask.shape[1] - 1 - mask.flip(1).int().argmax(dim=1)  # [b]
        rows = torch.arange(len(last), device=last.device)
        return Memory(keys=None, values=annotations[rows, last].unsqueeze(1), mask=mask)

    def forward(self, query: Tensor, memory: Memory, state: Any = None) -> Attended:
        """Return the fixed vector for each query (b, k, q); there is no alignment."""
        return memory.values.expand(-1, query.shape[1], -1), None, None

    def unroll(self, cell: Cell, inputs: Tensor, start: Any, memory: Memory) -> Unrolled:
        """Run a gated unit with all products of the context outside the loop; the context is (b, 1, d)."""
        if cell.gated is None:
            return super().unroll(cell, inputs, start, memory)
        weight, gates, candidate = cell.gated
        after = gated_run(inputs + F.linear(memory.values, weight), None, start, gates, candidate)
        return Unrolled(torch.cat([start.unsqueeze(1), after], dim=1), memory.values, None, None)
