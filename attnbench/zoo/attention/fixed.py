"""No attention: the fixed vector that attention was invented against.

b batch   s source length   k queries   q query size   d annotation size
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from attnbench.zoo.attention.interface import Attended, Mechanism, Memory


class FixedVector(Mechanism):
    """No attention: every query gets the last real annotation as its context (Cho et al. 2014)."""

    reads_query = False
    align = False

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Keep the annotation at the last real token: (b, s, d) becomes (b, 1, d); zeros where none is."""
        last = mask.sum(dim=1).clamp(min=1) - 1  # [b]
        rows = torch.arange(len(last), device=last.device)
        vector = annotations[rows, last].masked_fill(~mask.any(dim=1, keepdim=True), 0)
        return Memory(keys=None, values=vector.unsqueeze(1), mask=mask)

    def forward(self, query: Tensor, memory: Memory, state: Any = None) -> Attended:
        """Return the fixed vector for each query (b, k, q); there is no alignment."""
        return memory.values.expand(-1, query.shape[1], -1), None, None
