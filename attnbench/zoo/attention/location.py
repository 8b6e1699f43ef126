"""Location-aware attention: additive attention that also sees where it looked before.

b batch   s source length   k hypotheses   q query size   d annotation size   a alignment size   f filters
w tokens in a window
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnbench.zoo.additive_kernels import Location, additive_scores
from attnbench.zoo.attention.additive import Additive
from attnbench.zoo.attention.interface import Attended, Cell, Memory, Unrolled
from attnbench.zoo.attention.normalisers import Normaliser, Previous, Smoothed, glimpse
from attnbench.zoo.unrolled_location import Looking, located_run


class LocationAwareAttention(Additive):
    """Location-aware attention: e_j = w' tanh(W q + V h_j + U f_j + b), f = F * alpha of the step before.

    Chorowski et al. (2015), eq. 8 and 9. The state holds the alignment of the step before, so queries
    (b, k, q) are the hypotheses of ONE step, and there always is an alignment. Before the first step all
    weight is on the first real token, as in the authors' code. Beyond both ends the alignment is zero.
    """

    def __init__(
        self, query: int, annotation: int, size: int, *, filters: int = 10, width: int = 201,
        normaliser: Normaliser | None = None, implementation: str = "auto",
    ) -> None:  # fmt: skip
        """Make the weights W (size, query), V (size, annotation) with b, U (size, filters), F and w (size).

        F are ``filters`` rows of ``width`` tokens, an odd number; the defaults are the paper's.
        """
        super().__init__(size, normaliser, True, implementation)
        if width < 1 or width % 2 == 0:
            raise ValueError(f"width is {width}; a filter spans an odd number of tokens, such as 201")
        self.query = nn.Linear(query, size, bias=False)
        self.key = nn.Linear(annotation, size)
        self.filters = nn.Conv1d(1, filters, width, bias=False)
        self.location = nn.Linear(filters, size, bias=False)

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Project the annotations (b, s, d) to keys V h + b (b, s, a) once."""
        return Memory(keys=self.key(annotations), values=annotations, mask=mask)

    def forward(self, query: Tensor, memory: Memory, state: Previous | None = None) -> Attended:
        """Attend with hypotheses (b, k, q) at one step; they share their sentence's memory."""
        before, inner = Previous(_first(query, memory.mask), None) if state is None else state
        before = before.masked_fill(~memory.mask.unsqueeze(1), 0)

        def score(query: Tensor, keys: Tensor, window: Tensor | None) -> Tensor:
            features = self._locate(before, window)
            location = Location(features.view(*query.shape[:2], *features.shape[1:]), self.location.weight)
            return additive_scores(query, keys, self.energy, location, implementation=self.implementation)

        context, alignment, inner = glimpse(score, self.query(query), memory, self.normaliser, inner)
        return context, alignment, Previous(alignment, inner)

    def unroll(self, cell: Cell, inputs: Tensor, start: Any, memory: Memory) -> Unrolled:
        """Run a gated unit by the loop whose gradient is written out, where that computes what is asked."""
        gated, normaliser, bias = cell.gated, self.normaliser, None
        if type(normaliser) is Smoothed and not normaliser.sharpens:
            bias = normaliser.bias
        written_out = normaliser.plain or bias is not None
        if gated is None or not written_out or self.implementation != "auto":
            return super().unroll(cell, inputs, start, memory)
        keys, values, mask = memory
        assert keys is not None
        hidden, context, alignment = located_run(
            inputs, start, (keys, values, mask), _first(keys[:, :1], mask).squeeze(1),
            Looking(self.query.weight, self.energy, self.filters.weight.squeeze(1), self.location.weight),
            gated, bias,
        )  # fmt: skip
        return Unrolled(hidden, context, alignment, Previous(alignment[:, -1:], None))

    def _locate(self, alignment: Tensor, window: Tensor | None) -> Tensor:
        """Return f (b k, s, f) of the alignment (b, k, s) of the step before; in a window (b, k, w) its part.

        The filters are laid on unturned; since they are learnt, that is the same as a convolution.
        """
        half = self.filters.kernel_size[0] // 2
        around = F.pad(alignment, (half, half))
        if window is not None:
            reach = torch.arange(window.shape[-1] + 2 * half, device=window.device)
            around = around.gather(-1, window[..., :1] + reach)
        features: Tensor = self.filters(around.flatten(0, 1).unsqueeze(1))  # [b k, f, s or w]
        return features.transpose(1, 2)


def _first(query: Tensor, mask: Tensor) -> Tensor:
    """Return the alignment (b, k, s) before the first step: all weight on the first real token.

    That is what the authors' code of Chorowski et al. (2015) does; the paper does not say.
    """
    first = F.one_hot(mask.int().argmax(dim=1), mask.shape[1]) * mask  # [b, s]
    return first.to(query.dtype).unsqueeze(1).expand(-1, query.shape[1], -1)
