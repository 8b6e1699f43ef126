"""Dot attention whose weights see single annotations, and whose context sees their neighbours too.

b batch   s source length   d annotation size
"""

from __future__ import annotations

from typing import Any

import torch.nn.functional as F
from torch import Tensor
from torch.autograd import Function

from attnbench.zoo.attention.interface import Memory
from attnbench.zoo.attention.multiplicative import DotAttention
from attnbench.zoo.attention.normalisers import Normaliser


class SmoothedDot(DotAttention):
    """Dot attention over annotations x_i, e_i = q'x_i, whose values are sums over windows (Rush et al. 2015).

        v_i = 1/Q sum_{q = i-Q}^{i+Q} x_q

    zeros beyond the ends; Q = 0: the annotations themselves. The paper prints 1/Q, though the sum has 2Q + 1
    terms: with Q = 2 the values are 5/2 of a mean. It is kept as printed.
    """

    def __init__(
        self, query: int, annotation: int, reach: int = 2, *,
        normaliser: Normaliser | None = None, align: bool = True,
    ) -> None:  # fmt: skip
        """Let values see Q = ``reach`` neighbours on either side; sizes are those of ``DotAttention``."""
        super().__init__(query, annotation, normaliser=normaliser, align=align)
        self.reach = reach

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Sum the annotations (b, s, d) over windows once."""
        values = annotations
        if self.reach:
            values = _Summed.apply(annotations, self.reach) / self.reach
        return Memory(keys=annotations, values=values, mask=mask)


class _Summed(Function):
    """Sums over windows; the gradient of one is the same sum of gradients."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, reach: int) -> Tensor:
        ctx.reach = reach
        length = values.shape[1]
        padded = F.pad(values, (0, 0, reach, reach))
        total = padded[:, :length].clone()
        for first in range(1, 2 * reach + 1):
            total += padded[:, first : first + length]
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _Summed.apply(gradient, ctx.reach), None
