"""A gate before a context: the decoder's state says how much of it is let in.

b batch   s source length   k queries   q query size   d annotation size
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from attnbench.zoo.attention.additive import AdditiveAttention
from attnbench.zoo.attention.fixed import FixedVector
from attnbench.zoo.attention.interface import Attended, Cell, Drawing, Mechanism, Memory, Unrolled
from attnbench.zoo.attention.mean import Mean
from attnbench.zoo.attention.normalisers import Hard
from attnbench.zoo.unrolled_lstm import Draws, Gate, LongShort, attending_run, fixed_run


class Gated(Mechanism):
    """The context of any mechanism times a number, beta = sigmoid(f(q)) (Xu et al. 2015)."""

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

    def unroll(self, cell: Cell, inputs: Tensor, start: Any, memory: Memory) -> Unrolled:
        """Run an LSTM by the loops whose gradients are written out, where they compute what is asked."""
        weights, mechanism = cell.long_short, self.mechanism
        if weights is not None and type(mechanism) in (FixedVector, Mean):
            hidden = fixed_run(inputs, start, memory.values.squeeze(1), self._weights, weights)
            return Unrolled(hidden, self.gate(hidden[:, :-1]).unsqueeze(-1) * memory.values, None, None)
        if weights is not None and type(mechanism) is AdditiveAttention and _written_out(mechanism):
            return self._attend(mechanism, weights, inputs, start, memory)
        return super().unroll(cell, inputs, start, memory)

    def _attend(
        self, mechanism: AdditiveAttention, cell: LongShort, inputs: Tensor, start: Any, memory: Memory
    ) -> Unrolled:
        keys, values, mask = memory
        assert keys is not None
        draws = None
        if isinstance(mechanism.normaliser, Hard):
            draws = _draws(mechanism.normaliser, keys.new_empty(*inputs.shape[:2], keys.shape[1]))
        run = attending_run(
            inputs, start, (keys, values, mask), (mechanism.query.weight, mechanism.energy), self._weights,
            cell, draws,
        )  # fmt: skip
        if draws is None:
            return Unrolled(run.states, run.contexts, run.alignments, None)
        state = Drawing(run.alignments[:, -1:], draws.drew.unsqueeze(1))
        return Unrolled(run.states, run.contexts, run.weights, state, run.alignments)

    @property
    def _weights(self) -> Gate:
        return Gate(self.selector.weight, self.selector.bias)

    def gate(self, query: Tensor) -> Tensor:
        """Return beta (...) of queries (..., q)."""
        return torch.sigmoid(self.selector(query)).squeeze(-1)


def _written_out(mechanism: AdditiveAttention) -> bool:
    """Say whether the fast loop computes what this mechanism is asked for."""
    known = mechanism.normaliser.plain or type(mechanism.normaliser) is Hard
    return known and mechanism.align and mechanism.implementation == "auto"


def _draws(normaliser: Hard, like: Tensor) -> Draws:
    """Decide the draws of all steps (b, t, s), in the order in which a loop would step by step."""
    drew = normaliser.coins(like[:, 0, :1]).squeeze(1)
    return Draws(torch.stack([normaliser.race(step) for step in like.unbind(1)]), drew)
