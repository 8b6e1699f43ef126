"""The last layer: scores of every word, and the likelihood of known ones without holding all scores.

n positions   l read-out size   v vocabulary
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

ROWS = 512
"""Positions whose scores are held at a time."""


class WordOutput(nn.Linear):
    """Unnormalised log-probabilities of all words: (..., l) to (..., v)."""

    def nats(self, readout: Tensor, words: Tensor) -> Tensor:
        """Return the negative log-likelihood of words (n,) at read-outs (n, l), summed.

        Equal to ``cross_entropy(self(readout), words, reduction="sum")``, but the scores come and go in
        blocks of ``ROWS`` positions, and the gradient is made beside them: n × v numbers are never held.
        Scores take autocast's precision, all else that of the weights.
        """
        dtype = self.weight.dtype
        if torch.is_autocast_enabled(readout.device.type):
            dtype = torch.get_autocast_dtype(readout.device.type)
        with torch.autocast(readout.device.type, enabled=False):
            inputs = readout.to(dtype), self.weight.to(dtype), self.bias.to(dtype)
            total: Tensor = _Nats.apply(*inputs, words, torch.is_grad_enabled())
        return total


class _Nats(Function):
    """Softmax and likelihood, block by block; the gradient of a sum needs no second look at the scores."""

    @staticmethod
    def forward(
        ctx: Any, readout: Tensor, weight: Tensor, bias: Tensor, words: Tensor, graded: bool
    ) -> Tensor:
        total = torch.zeros((), dtype=_wide(weight.dtype), device=weight.device)
        gradients = torch.empty_like(readout), torch.zeros_like(weight), torch.zeros_like(bias)
        scores = weight.new_empty(min(ROWS, len(readout)), len(weight))
        blocks = zip(readout.split(ROWS), gradients[0].split(ROWS), words.split(ROWS), strict=True)
        for block, of_block, known in blocks:
            held = torch.addmm(bias, block, weight.t(), out=scores[: len(block)])
            nats, errors = _errors(held, known.unsqueeze(1))
            total += nats
            if graded:
                torch.mm(errors, weight, out=of_block)
                gradients[1].addmm_(errors.t(), block)
                gradients[2].add_(errors.sum(dim=0))
        if graded:
            ctx.save_for_backward(*gradients)
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        of_readout, of_weight, of_bias = (kept * gradient.to(kept) for kept in ctx.saved_tensors)
        return of_readout, of_weight, of_bias, None, None


def _errors(scores: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
    """Return the nats of words (n, 1) under scores (n, v), summed, and the gradient of the scores.

    Full-precision scores are overwritten by their gradient.
    """
    wide = scores.to(_wide(scores.dtype))
    largest = wide.amax(dim=1, keepdim=True)
    known = wide.gather(1, words) - largest
    total = wide.sub_(largest).exp_().sum(dim=1, keepdim=True)
    nats = (total.log() - known).sum()
    errors = wide.div_(total).scatter_add_(1, words, wide.new_full((1, 1), -1).expand_as(words))
    return nats, errors.to(scores.dtype)


def _wide(dtype: torch.dtype) -> torch.dtype:
    return torch.promote_types(dtype, torch.float32)
