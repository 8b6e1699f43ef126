"""The penalty that lets a decoder look everywhere: over a caption's words, each annotation gets weight 1.

b batch   t target length   s annotations
"""

from __future__ import annotations

from torch import Tensor

from attnbench.zoo.padded import zeroed


def doubly_stochastic(alignment: Tensor, real: Tensor) -> Tensor:
    """Return sum_i (1 - sum_t alpha_ti)^2 (b,) of alignments (b, t, s) (Xu et al. 2015).

    The inner sum is over the words where ``real`` (b, t) is True, the outer one over all annotations. It is
    neither divided by their number nor by the captions'.
    """
    return (1 - zeroed(alignment, real).sum(dim=1)).square().sum(dim=1)
