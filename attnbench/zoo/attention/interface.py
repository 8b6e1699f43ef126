"""What every attention mechanism offers.

``prepare`` sees the annotations once; each call then attends for one or more queries:

    memory = mechanism.prepare(annotations, mask)
    context, alignment, state = mechanism(query, memory, state)

No tensor stays on a module between calls, so several decodings can share one. What a step leaves to the
next is its state: None, or tensors (b, k, ...) in nested named tuples. A mechanism and a normaliser
without state take any number of queries at once, such as all steps under teacher forcing. Where either
has one, the queries are the hypotheses of one step; the first step's state is None.

    b batch   s source length   k queries (steps or hypotheses)   q query size   d annotation size
    a alignment size
"""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor, nn


class Memory(NamedTuple):
    """The annotations, made ready for many queries."""

    keys: Tensor | None
    """(b, s, a): the annotations as the mechanism compares them with a query."""
    values: Tensor
    """(b, s, d): what a context is the weighted sum of."""
    mask: Tensor
    """(b, s), bool: True at real source tokens."""


Attended = tuple[Tensor, Tensor | None, Any]
"""Context (b, k, d), alignment (b, k, s) or None where there is none, and the next state."""


class Mechanism(nn.Module):
    """An attention mechanism."""

    reads_query: bool
    """Whether the context depends on the query."""
    align: bool
    """Whether a call returns the alignment."""

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Do once for annotations (b, s, d), real where ``mask`` (b, s) is True, what no query changes."""
        raise NotImplementedError

    def forward(self, query: Tensor, memory: Memory, state: Any = None) -> Attended:
        """Attend with queries (b, k, q); a sentence with nothing to attend to gets zeros."""
        raise NotImplementedError
