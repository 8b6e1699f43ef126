"""Multiplicative attention: the energy is a product of query and annotation.

b batch   s source length   k queries   q query size   d annotation size
"""

from __future__ import annotations

from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from attnbench.zoo.attention.interface import Attended, Mechanism, Memory
from attnbench.zoo.attention.normalisers import Normaliser, Softmax, glimpse


class Multiplicative(Mechanism):
    """e = scale q'(key): what the mechanisms below share."""

    def __init__(self, scale: float, normaliser: Normaliser | None, align: bool) -> None:
        """Keep the factor of every energy; ``normaliser`` None is ``Softmax()``.

        Without ``align`` no alignment is returned, and with ``Softmax`` the context is torch's
        ``scaled_dot_product_attention``, whose fast kernels hold none in memory.
        """
        super().__init__()
        self.scale = scale
        self.normaliser = Softmax() if normaliser is None else normaliser
        self.align = align

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Compare with the annotations (b, s, d) as they are."""
        return Memory(keys=annotations, values=annotations, mask=mask)

    def forward(self, query: Tensor, memory: Memory, state: Any = None) -> Attended:
        """Attend with queries (b, k, q); hypotheses of one sentence share its memory."""
        if self.normaliser.plain and not self.align:
            keys, values, mask = memory
            assert keys is not None
            return scaled_dot_product(query, keys, values, mask, self.scale), None, None
        context, alignment, state = glimpse(self._score, query, memory, self.normaliser, state)
        return context, alignment if self.align else None, state

    def _score(self, query: Tensor, keys: Tensor, window: Tensor | None) -> Tensor:
        return (query * self.scale) @ keys.transpose(1, 2)  # [b, k, s]


class DotAttention(Multiplicative):
    """Dot attention: e = q'h (Luong et al. 2015, eq. 8)."""

    def __init__(
        self, query: int, annotation: int, *, normaliser: Normaliser | None = None, align: bool = True
    ) -> None:
        """Take queries and annotations of one size; raise ``ValueError`` where the sizes differ."""
        if query != annotation:
            raise ValueError(
                f"{type(self).__name__} needs queries and annotations of one size, not {query} and "
                f"{annotation}; GeneralAttention takes two"
            )
        super().__init__(1.0, normaliser, align)


class ScaledDotAttention(DotAttention):
    """Scaled dot attention: e = q'h / sqrt(q size) (Vaswani et al. 2017, eq. 1)."""

    def __init__(
        self, query: int, annotation: int, *, normaliser: Normaliser | None = None, align: bool = True
    ) -> None:
        """Take queries and annotations of one size; raise ``ValueError`` where the sizes differ."""
        super().__init__(query, annotation, normaliser=normaliser, align=align)
        self.scale = query**-0.5


class GeneralAttention(Multiplicative):
    """General attention: e = q'W h (Luong et al. 2015, eq. 8)."""

    def __init__(
        self, query: int, annotation: int, *, normaliser: Normaliser | None = None, align: bool = True
    ) -> None:
        """Make the weights W (query, annotation), without a bias."""
        super().__init__(1.0, normaliser, align)
        self.key = nn.Linear(annotation, query, bias=False)

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Project the annotations (b, s, d) to keys W h (b, s, q) once."""
        return Memory(keys=self.key(annotations), values=annotations, mask=mask)


def scaled_dot_product(query: Tensor, keys: Tensor, values: Tensor, mask: Tensor, scale: float) -> Tensor:
    """Return softmax(scale q K') V, (b, k, d), by torch's kernels; zeros where the mask (b, s) is all False.

    Keys and values are those of a ``Memory``. Rows that are all False are let see all, then zeroed: not every
    kernel gives zeros for them.
    """
    some = mask.any(dim=1).view(-1, 1, 1)  # [b, 1, 1]
    seen = (mask.unsqueeze(1) | ~some).unsqueeze(1)  # [b, heads, k, s], one head
    context = F.scaled_dot_product_attention(
        query.unsqueeze(1), keys.unsqueeze(1), values.unsqueeze(1), attn_mask=seen, scale=scale
    )
    return context.squeeze(1).masked_fill(~some, 0)
