"""What every attention mechanism offers.

``prepare`` sees the annotations once; each call then attends for one or more queries:

    memory = mechanism.prepare(annotations, mask)
    context, alignment, state = mechanism(query, memory, state)

No tensor stays on a module between calls, so several decodings can share one. What a step leaves to the
next is its state: None, or tensors (b, k, ...) in nested named tuples. A mechanism and a normaliser
without state take any number of queries at once, such as all steps under teacher forcing. Where either
has one, the queries are the hypotheses of one step; the first step's state is None.

    b batch   s source length   k queries (steps or hypotheses)   q query size   d annotation size
    a alignment size   t target length   n size of a decoder's state
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from attnbench.zoo.padded import zeroed
from attnbench.zoo.unrolled import Gated
from attnbench.zoo.unrolled_lstm import LongShort


class Memory(NamedTuple):
    """The annotations, made ready for many queries by ``prepare``: finite where the mask is False."""

    keys: Tensor | None
    """(b, s, a): the annotations as the mechanism compares them with a query."""
    values: Tensor
    """(b, s, d): what a context is the weighted sum of."""
    mask: Tensor
    """(b, s), bool: True at real source tokens."""


Attended = tuple[Tensor, Tensor | None, Any]
"""Context (b, k, d), alignment (b, k, s) or None where there is none, and the next state."""


class Cell(Protocol):
    """A decoder's recurrent cell, which reads inputs and contexts; its state is a tensor or a named tuple."""

    @property
    def gated(self) -> Gated | None:
        """The weights by which a fast loop may run it, where it is a gated unit and nothing more."""

    @property
    def long_short(self) -> LongShort | None:
        """The same where it is an LSTM and nothing more."""

    def query(self, state: Any) -> Tensor:
        """Return the part of the state that attends: (..., n)."""

    def step(self, projected: Tensor, context: Tensor, state: Any) -> Any:
        """Read a projected input and a context (..., d); return the next state."""


class Drawing(NamedTuple):
    """The state of what draws annotations from a distribution."""

    expected: Tensor
    """(b, k, s): the distribution of the step, which is the expectation of its alignment."""
    drew: Tensor
    """(b, k), bool: False where the alignment is the expectation itself, at this step as at the others."""


class Unrolled(NamedTuple):
    """A decoder's cell, run over known inputs."""

    hidden: Tensor
    """(b, t + 1, n): what attended at each step, and what would after the last."""
    context: Tensor
    """(b, t, d), or (b, 1, d) where it never changes."""
    alignment: Tensor | None
    """(b, t, s), or None where the mechanism gives none."""
    attention: Any
    """The mechanism's state after the last step."""
    expected: Tensor | None = None
    """(b, t, s): what the alignments were drawn from; None where none is drawn."""


Prepare = Callable[["Mechanism", Tensor, Tensor], Memory]


def _of_zeroed(prepare: Prepare) -> Prepare:
    """Return ``prepare`` as it is for annotations with zeros where the mask is False; see ``zoo.padded``."""

    @wraps(prepare)
    def prepared(self: Mechanism, annotations: Tensor, mask: Tensor) -> Memory:
        return prepare(self, zeroed(annotations, mask), mask)

    return prepared


class Mechanism(nn.Module):
    """An attention mechanism."""

    align: bool
    """Whether a call returns the alignment."""
    queried: bool = True
    """Whether contexts depend on queries; where not, the queries may have any size, 0 too."""

    def __init_subclass__(cls, **named: Any) -> None:
        """Give a subclass that attends in a way of its own, but brings no loop, the loop that serves any.

        Its ``prepare`` gets zeros for annotations that are not real.
        """
        super().__init_subclass__(**named)
        if "prepare" in vars(cls):
            cls.prepare = _of_zeroed(cls.prepare)  # type: ignore[assignment, method-assign]
        if "forward" in vars(cls) and "unroll" not in vars(cls):
            cls.unroll = Mechanism.unroll  # type: ignore[method-assign]

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Do once for annotations (b, s, d), real where ``mask`` (b, s) is True, what no query changes.

        A mechanism that brings its own finds zeros where they are not real, whatever its caller gave.
        """
        raise NotImplementedError

    def forward(self, query: Tensor, memory: Memory, state: Any = None) -> Attended:
        """Attend with queries (b, k, q); a sentence with nothing to attend to gets zeros."""
        raise NotImplementedError

    def unroll(self, cell: Cell, inputs: Tensor, start: Any, memory: Memory) -> Unrolled:
        """Run a cell over projected inputs (b, t, ...) from a state; it attends before each step.

        This loop goes step by step and serves any cell. A mechanism that has a faster one for some cells
        puts it in this one's place; a subclass of it that attends otherwise gets this one again.
        """
        state, attention = start, None
        hiddens, contexts, alignments, expected = [cell.query(start)], [], [], []
        for row in inputs.unbind(1):
            context, alignment, attention = self(hiddens[-1].unsqueeze(1), memory, attention)
            state = cell.step(row, context.squeeze(1), state)
            hiddens.append(cell.query(state))
            contexts.append(context)
            alignments.append(alignment)
            if isinstance(attention, Drawing):
                expected.append(attention.expected)
        aligned = torch.cat(alignments, dim=1) if self.align else None
        drawn = torch.cat(expected, dim=1) if expected else None
        return Unrolled(torch.stack(hiddens, dim=1), torch.cat(contexts, dim=1), aligned, attention, drawn)
