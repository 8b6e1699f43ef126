"""Additive attention as functions with gradients, over any ``Kernels``.

b batch   q queries   k keys   a alignment size   d value size   f features
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

QUERIES = 256
"""How many queries at once have their alignments held when only contexts are asked for."""


class Location(NamedTuple):
    """What a query knows of each key's place: the term U F of the scores."""

    features: Tensor
    """F (b, q, k, f)."""
    matrix: Tensor
    """U (a, f)."""


class Kernels(Protocol):
    """The two loops over (b, q, k, a). Tensors come in one of the types float32 and float64, all alike."""

    def scores(self, query: Tensor, keys: Tensor, energy: Tensor, *location: Tensor) -> Tensor:
        """Return v' tanh(Q + K), (b, q, k), from (b, q, a), (b, k, a) and v (a,); with a location, + U F."""

    def gradients(
        self, of_scores: Tensor, query: Tensor, keys: Tensor, energy: Tensor, *location: Tensor
    ) -> tuple[Tensor, ...]:
        """Return the gradients of what ``scores`` takes, given that of the scores, (b, q, k)."""


def masked_softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """Return the softmax over the last axis of ``scores`` where ``mask`` is True, and zeros elsewhere.

    A row with no True gives zeros, not NaN. Shapes: (..., k), and one that broadcasts to it.
    """
    lowest = torch.finfo(scores.dtype).min
    return torch.softmax(scores.masked_fill(~mask, lowest), dim=-1) * mask


class Scores(Function):
    """The scores (b, q, k) of query (b, q, a), keys (b, k, a), energy (a,) and perhaps a location."""

    @staticmethod
    def forward(ctx: Any, kernels: Kernels, *tensors: Tensor) -> Tensor:
        """Keep the tensors; the loop is run again for the gradients."""
        ctx.kernels = kernels
        ctx.save_for_backward(*tensors)
        return kernels.scores(*tensors)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_scores: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of the tensors."""
        return None, *ctx.kernels.gradients(of_scores, *ctx.saved_tensors)


class Contexts(Function):
    """The contexts (b, q, d) alone; alignments live for ``QUERIES`` queries at a time, twice."""

    @staticmethod
    def forward(
        ctx: Any, kernels: Kernels, query: Tensor, keys: Tensor, energy: Tensor, values: Tensor, mask: Tensor
    ) -> Tensor:
        """Keep the inputs; ``mask`` is (b, k)."""
        ctx.kernels = kernels
        ctx.save_for_backward(query, keys, energy, values, mask)
        contexts = values.new_empty(*query.shape[:2], values.shape[2])
        for first in range(0, query.shape[1], QUERIES):
            part = slice(first, first + QUERIES)
            scores = kernels.scores(query[:, part], keys, energy)
            contexts[:, part] = torch.bmm(masked_softmax(scores, mask.unsqueeze(1)), values)
        return contexts

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_contexts: Tensor) -> tuple[Tensor | None, ...]:
        """Align again, part by part: dS = alpha (g - sum alpha g) with g = dC V'."""
        query, keys, energy, values, mask = ctx.saved_tensors
        of_query = torch.empty_like(query)
        of_keys, of_energy, of_values = (torch.zeros_like(x) for x in (keys, energy, values))
        for first in range(0, query.shape[1], QUERIES):
            part = slice(first, first + QUERIES)
            scores = ctx.kernels.scores(query[:, part], keys, energy)
            alignment = masked_softmax(scores, mask.unsqueeze(1))
            of_values += torch.bmm(alignment.transpose(1, 2), of_contexts[:, part])
            of_alignment = torch.bmm(of_contexts[:, part], values.transpose(1, 2))
            of_scores = torch._softmax_backward_data(of_alignment, alignment, -1, alignment.dtype)
            shares = ctx.kernels.gradients(of_scores, query[:, part], keys, energy)
            of_query[:, part] = shares[0]
            of_keys += shares[1]
            of_energy += shares[2]
        return None, of_query, of_keys, of_energy, of_values, None
