"""A gate before a context: the decoder's state says how much of it is let in.

b batch   s source length   k queries   q query size   d annotation size
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from attnbench.zoo.attention.interface import Attended, Mechanism, Memory


class Gated(Mechanism):
    """The context of any mechanism times a number, beta = sigmoid(f(q)) (Xu et al. 2015, 4.2.1)."""

    def __init__(self, mechanism: Mechanism, query: int) -> None:
        """Make f, one linear map of the query to a number; the state is the mechanism's own."""
        super().__init__()
        self.mechanism = mechanism
        self.selector = nn.Linear(query, 1)

    @property
    def align(self) -> bool:  # type: ignore[override]
        """Whether the mechanism's call returns the alignment."""
        return self.mechanism.align

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Do what the mechanism does once."""
        return self.mechanism.prepare(annotations, mask)

    def forward(self, query: Tensor, memory: Memory, state: Any = None) -> Attended:
        """Attend with queries (b, k, q); the alignment is the mechanism's, which the gate does not change."""
        context, alignment, state = self.mechanism(query, memory, state)
        return context * self.gate(query).unsqueeze(-1), alignment, state

    def gate(self, query: Tensor) -> Tensor:
        """Return beta (...) of queries (..., q)."""
        return torch.sigmoid(self.selector(query)).squeeze(-1)
