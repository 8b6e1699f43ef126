"""Attention mechanisms, all with one interface.

``prepare`` sees the annotations once; each call then attends for one or more queries:

    memory = mechanism.prepare(annotations, mask)
    context, alignment, state = mechanism(query, memory, state)

No tensor stays on a module between calls, so several decodings can share one.

    b batch   s source length   k queries (steps or hypotheses)   q query size   d annotation size
    a alignment size
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Memory(NamedTuple):
    """The annotations, made ready for many queries."""

    keys: Tensor | None
    """(b, s, a): the annotations as the mechanism compares them with a query."""
    values: Tensor
    """(b, s, d): what a context is the weighted sum of."""
    mask: Tensor
    """(b, s), bool: True at real source tokens."""


Attended = tuple[Tensor, Tensor | None, Tensor | None]
"""Context (b, k, d), alignment (b, k, s) or None where there is none, and the mechanism's next state."""


def masked_softmax(energy: Tensor, mask: Tensor) -> Tensor:
    """Return the softmax over the last axis of ``energy`` where ``mask`` is True, and zeros elsewhere.

    A row with no True gives zeros, not NaN. Shapes: (..., s), and one that broadcasts to it.
    """
    lowest = torch.finfo(energy.dtype).min
    return torch.softmax(energy.masked_fill(~mask, lowest), dim=-1) * mask


class FixedVector(nn.Module):
    """No attention: every query gets the last real annotation as its context (Cho et al. 2014)."""

    reads_query = False

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Keep the annotation at the last real token: (b, s, d) becomes (b, 1, d)."""
        last = mask.sum(dim=1).clamp(min=1) - 1  # [b]
        rows = torch.arange(len(last), device=last.device)
        return Memory(keys=None, values=annotations[rows, last].unsqueeze(1), mask=mask)

    def forward(self, query: Tensor, memory: Memory, state: Tensor | None = None) -> Attended:
        """Return the fixed vector for each query (b, k, q); there is no alignment."""
        return memory.values.expand(-1, query.shape[1], -1), None, None


class AdditiveAttention(nn.Module):
    """Additive attention: e = v' tanh(W q + U h) (Bahdanau et al. 2015, A.1.2)."""

    reads_query = True

    def __init__(self, query: int, annotation: int, size: int) -> None:
        """Make the weights W (size, query), U (size, annotation) and v (size), none with a bias."""
        super().__init__()
        self.query = nn.Linear(query, size, bias=False)
        self.key = nn.Linear(annotation, size, bias=False)
        self.energy = nn.Parameter(torch.empty(size))
        nn.init.normal_(self.energy, std=size**-0.5)

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Project the annotations (b, s, d) to keys (b, s, a) once."""
        return Memory(keys=self.key(annotations), values=annotations, mask=mask)

    def forward(self, query: Tensor, memory: Memory, state: Tensor | None = None) -> Attended:
        """Attend with queries (b, k, q); hypotheses of one sentence share its memory."""
        assert memory.keys is not None
        compared = torch.tanh(self.query(query).unsqueeze(2) + memory.keys.unsqueeze(1))  # [b, k, s, a]
        alignment = masked_softmax(compared @ self.energy, memory.mask.unsqueeze(1))  # [b, k, s]
        return alignment @ memory.values, alignment, None
