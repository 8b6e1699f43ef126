"""The bag of words: every annotation weighs the same, whatever is asked.

b batch   s source length   d annotation size
"""

from __future__ import annotations

from torch import Tensor

from attnbench.zoo.attention.fixed import FixedVector
from attnbench.zoo.attention.interface import Memory


class Mean(FixedVector):
    """A fixed vector that is the mean of the real annotations (Rush et al. 2015)."""

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Average: (b, s, d) becomes (b, 1, d); zeros where none is real."""
        count = mask.sum(dim=1).clamp(min=1).view(-1, 1, 1)
        return Memory(keys=None, values=annotations.sum(dim=1, keepdim=True) / count, mask=mask)
