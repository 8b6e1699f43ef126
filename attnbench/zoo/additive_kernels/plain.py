"""The plain forms of additive scores: they hold the (b, q, k, a) tensor, or leave it to the compiler.

b batch   q queries   k keys   a alignment size
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor


def naive(query: Tensor, keys: Tensor, energy: Tensor) -> Tensor:
    """Return v' tanh(Q + K), (b, q, k), from (b, q, a), (b, k, a) and v (a,)."""
    return torch.tanh(query.unsqueeze(2) + keys.unsqueeze(1)) @ energy


@cache
def _compiler() -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """Return ``naive`` as torch.compile makes it, for any lengths."""
    return torch.compile(naive, dynamic=True)


def compiled(query: Tensor, keys: Tensor, energy: Tensor) -> Tensor:
    """Return what ``naive`` does, by its compiled form, which the first call makes."""
    return _compiler()(query, keys, energy)
