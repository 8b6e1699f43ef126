"""Additive scores for recurrent decoders: made ready once, asked for one query a step.

Two forms with one interface: ``PlainSteps`` in plain torch, on any device, and ``FusedSteps``, compiled for
the CPU, where the exponentials of the keys serve every step. Neither keeps anything of a step. Only the
query's gradient is wanted step by step; those of keys and energy come from ``additive_gradients``, over all
steps at once.

    b batch   t steps   s source length   a alignment size
"""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor

from attnbench.zoo.additive_kernels import pick
from attnbench.zoo.additive_kernels.blocked import fits


class Steps(Protocol):
    """Keys (b, s, a), energy (a,) and mask (b, s), made ready."""

    def scores(self, query: Tensor, out: Tensor) -> None:
        """Write the scores (b, s) of queries (b, a); the lowest number where the mask is False."""

    def of_query(self, of_scores: Tensor, query: Tensor, out: Tensor) -> None:
        """Write the gradient of queries (b, a), given that of their scores (b, s)."""


class PlainSteps:
    """Steps in plain torch."""

    def __init__(self, keys: Tensor, energy: Tensor, mask: Tensor) -> None:
        """Take keys (b, s, a), energy (a,) and mask (b, s)."""
        self.keys, self.energy, self.nowhere = keys, energy, ~mask
        self.compared = torch.empty_like(keys)

    def scores(self, query: Tensor, out: Tensor) -> None:
        """Write the scores (b, s) of queries (b, a); the lowest number where the mask is False."""
        torch.add(self.keys, query.unsqueeze(1), out=self.compared).tanh_()
        torch.matmul(self.compared, self.energy, out=out)
        out.masked_fill_(self.nowhere, torch.finfo(out.dtype).min)

    def of_query(self, of_scores: Tensor, query: Tensor, out: Tensor) -> None:
        """Write the gradient of queries (b, a), given that of their scores (b, s)."""
        torch.add(self.keys, query.unsqueeze(1), out=self.compared).tanh_().square_()
        torch.bmm(of_scores.unsqueeze(1), self.compared, out=out.unsqueeze(1))
        torch.sub(of_scores.sum(dim=1, keepdim=True), out, out=out).mul_(self.energy)


class FusedSteps:
    """Steps compiled for the CPU. No |key| may be beyond ``LARGEST``; a query beyond is asked plainly."""

    def __init__(self, keys: Tensor, energy: Tensor, mask: Tensor) -> None:
        """Take keys (b, s, a), energy (a,) and mask (b, s)."""
        from attnbench.zoo.additive_kernels import native_step

        self.kernels = native_step
        self.plain = PlainSteps(keys, energy, mask)
        self.held = (2 * keys).exp_(), energy.contiguous(), mask.contiguous()
        self.keys, self.energy, self.mask = map(_flat, self.held)
        self.lowest = torch.finfo(keys.dtype).min

    def scores(self, query: Tensor, out: Tensor) -> None:
        """Write the scores (b, s) of queries (b, a); the lowest number where the mask is False."""
        if not fits(query):
            self.plain.scores(query, out)
            return
        exponentials = _flat((2 * query).exp_())
        self.kernels.step_scores(exponentials, self.keys, self.energy, self.mask, self.lowest, _flat(out))

    def of_query(self, of_scores: Tensor, query: Tensor, out: Tensor) -> None:
        """Write the gradient of queries (b, a), given that of their scores (b, s)."""
        if not fits(query):
            self.plain.of_query(of_scores, query, out)
            return
        exponentials = _flat((2 * query).exp_())
        self.kernels.step_of_query(_flat(of_scores), exponentials, self.keys, self.energy, _flat(out))


def _flat(tensor: Tensor) -> Any:
    return tensor.view(-1).numpy()


def stepwise(keys: Tensor, energy: Tensor, mask: Tensor) -> Steps:
    """Return the quickest form there is for keys (b, s, a), energy (a,) and mask (b, s)."""
    if keys.device.type == "cpu" and pick("auto", keys.device) == "fused" and fits(keys):
        return FusedSteps(keys, energy, mask)
    return PlainSteps(keys, energy, mask)
