"""Additive attention: query and annotation are summed, and a hidden layer scores the sum.

b batch   s source length   k queries   q query size   d annotation size   a alignment size
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnbench.zoo.additive_kernels import additive_scores, attend_prepared
from attnbench.zoo.attention.interface import Attended, Cell, Mechanism, Memory, Unrolled
from attnbench.zoo.attention.normalisers import Normaliser, Softmax, glimpse
from attnbench.zoo.unrolled import additive_run


class Additive(Mechanism):
    """e = v' tanh(projected query + key): what the mechanisms below share."""

    def __init__(self, size: int, normaliser: Normaliser | None, align: bool, implementation: str) -> None:
        """Make the energy's weights v (a); ``normaliser`` None is ``Softmax()``.

        Without ``align`` no alignment is returned, and with ``Softmax`` none is held in memory.
        ``implementation`` is one of ``attnbench.zoo.additive_kernels.IMPLEMENTATIONS``, or ``auto``.
        """
        super().__init__()
        self.energy = nn.Parameter(torch.empty(size))
        nn.init.normal_(self.energy, std=size**-0.5)
        self.normaliser = Softmax() if normaliser is None else normaliser
        self.align = align
        self.implementation = implementation

    def attend(self, query: Tensor, memory: Memory, state: Any) -> Attended:
        """Attend with projected queries (b, k, a)."""
        if self.normaliser.plain:
            keys, values, mask = memory
            assert keys is not None
            context, alignment = attend_prepared(
                query, keys, self.energy, values, mask,
                align=self.align, implementation=self.implementation,
            )  # fmt: skip
            return context, alignment, None
        context, alignment, state = glimpse(self._score, query, memory, self.normaliser, state)
        return context, alignment if self.align else None, state

    def _score(self, query: Tensor, keys: Tensor, window: Tensor | None) -> Tensor:
        return additive_scores(query, keys, self.energy, implementation=self.implementation)


class AdditiveAttention(Additive):
    """Additive attention: e = v' tanh(W q + U h) (Bahdanau et al. 2015, A.1.2)."""

    def __init__(
        self, query: int, annotation: int, size: int, *,
        normaliser: Normaliser | None = None, align: bool = True, implementation: str = "auto",
        bias: bool = False,
    ) -> None:  # fmt: skip
        """Make the weights W (size, query), U (size, annotation) and v (size); ``bias``: U has one."""
        super().__init__(size, normaliser, align, implementation)
        self.query = nn.Linear(query, size, bias=False)
        self.key = nn.Linear(annotation, size, bias=bias)

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Project the annotations (b, s, d) to keys U h (b, s, a) once."""
        return Memory(keys=self.key(annotations), values=annotations, mask=mask)

    def forward(self, query: Tensor, memory: Memory, state: Any = None) -> Attended:
        """Attend with queries (b, k, q); hypotheses of one sentence share its memory."""
        return self.attend(self.query(query), memory, state)

    def unroll(self, cell: Cell, inputs: Tensor, start: Any, memory: Memory) -> Unrolled:
        """Run a gated unit by the loop whose gradient is written out, where that computes what is asked."""
        gated = cell.gated
        if gated is None or not (self.normaliser.plain and self.align and self.implementation == "auto"):
            return super().unroll(cell, inputs, start, memory)
        keys, values, mask = memory
        assert keys is not None
        attention = self.query.weight, self.energy
        return Unrolled(*additive_run(inputs, start, (keys, values, mask), attention, gated), None)


class ConcatAttention(Additive):
    """Concat attention: e = v' tanh(W [q; h]) (Luong et al. 2015, eq. 8).

    W [q; h] is a sum: W's columns for the query times the query, the others times the annotation. So keys
    are projected once. It is additive attention whose two matrices are drawn as one.
    """

    def __init__(
        self, query: int, annotation: int, size: int, *,
        normaliser: Normaliser | None = None, align: bool = True, implementation: str = "auto",
    ) -> None:  # fmt: skip
        """Make the weights W (size, query + annotation) and v (size), neither with a bias."""
        super().__init__(size, normaliser, align, implementation)
        self.sizes = (query, annotation)
        self.both = nn.Linear(query + annotation, size, bias=False)

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Project the annotations (b, s, d) to keys (b, s, a) once."""
        of_annotation = self.both.weight.split(self.sizes, dim=1)[1]
        return Memory(keys=F.linear(annotations, of_annotation), values=annotations, mask=mask)

    def forward(self, query: Tensor, memory: Memory, state: Any = None) -> Attended:
        """Attend with queries (b, k, q); hypotheses of one sentence share its memory."""
        of_query = self.both.weight.split(self.sizes, dim=1)[0]
        return self.attend(F.linear(query, of_query), memory, state)
