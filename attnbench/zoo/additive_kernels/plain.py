"""The plain forms of additive scores: they hold the (b, q, k, a) tensor, or leave it to the compiler.

b batch   q queries   k keys   a alignment size   f features
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor


def naive(query: Tensor, keys: Tensor, energy: Tensor, *location: Tensor) -> Tensor:
    """Return v' tanh(Q + K), (b, q, k), from (b, q, a), (b, k, a) and v (a,); with a location, + U F.

    A location is F (b, q, k, f) and U (a, f).
    """
    compared = query.unsqueeze(2) + keys.unsqueeze(1)
    if location:
        features, matrix = location
        compared = compared + F.linear(features, matrix)
    return torch.tanh(compared) @ energy


@cache
def _compiler() -> Callable[..., Tensor]:
    """Return ``naive`` as torch.compile makes it, for any lengths."""
    return torch.compile(naive, dynamic=True)


def compiled(query: Tensor, keys: Tensor, energy: Tensor, *location: Tensor) -> Tensor:
    """Return what ``naive`` does, by its compiled form, which the first call makes."""
    return _compiler()(query, keys, energy, *location)
