"""Additive scores with a location term for recurrent decoders: made ready once, asked for one query a step.

    s = v' tanh(q + k + U f)

Two forms with one interface, as in ``steps``. The features are made of the step before, so their gradient is
wanted step by step, as the query's; those of keys, energy and U are added up on the way, while what a step's
gradients share is at hand.

    b batch   s source length   a alignment size   f features
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from attnbench.zoo.additive_kernels import pick
from attnbench.zoo.additive_kernels.steps import _flat


class LocatedSteps(Protocol):
    """Keys (b, s, a), energy (a,), U (a, f) and mask (b, s), made ready."""

    def scores(self, query: Tensor, features: Tensor, out: Tensor) -> None:
        """Write the scores (b, s) of queries (b, a) at features (b, s, f); the lowest number where masked."""

    def gradients(
        self, of_scores: Tensor, query: Tensor, features: Tensor, of_query: Tensor, of_features: Tensor
    ) -> None:
        """Write the gradients of queries and features, given that of their scores; add up the others."""

    def summed(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the gradients of keys, energy and U over all steps so far."""


class PlainLocated:
    """Steps in plain torch."""

    def __init__(self, keys: Tensor, energy: Tensor, matrix: Tensor, mask: Tensor) -> None:
        """Take keys (b, s, a), energy (a,), U (a, f) and mask (b, s)."""
        self.keys, self.energy, self.matrix, self.nowhere = keys, energy, matrix, ~mask
        self.compared = torch.empty_like(keys)
        self.of = torch.zeros_like(keys), torch.zeros_like(energy), torch.zeros_like(matrix)

    def _compare(self, query: Tensor, features: Tensor) -> Tensor:
        torch.matmul(features, self.matrix.t(), out=self.compared)
        return self.compared.add_(self.keys).add_(query.unsqueeze(1)).tanh_()

    def scores(self, query: Tensor, features: Tensor, out: Tensor) -> None:
        """Write the scores (b, s) of queries (b, a) at features (b, s, f); the lowest number where masked."""
        torch.matmul(self._compare(query, features), self.energy, out=out)
        out.masked_fill_(self.nowhere, torch.finfo(out.dtype).min)

    def gradients(
        self, of_scores: Tensor, query: Tensor, features: Tensor, of_query: Tensor, of_features: Tensor
    ) -> None:
        """Write the gradients of queries and features, given that of their scores; add up the others."""
        compared = self._compare(query, features)
        of_keys, of_energy, of_matrix = self.of
        of_energy.addmv_(compared.flatten(0, 1).t(), of_scores.flatten())
        compared.square_().neg_().add_(1).mul_(self.energy).mul_(of_scores.unsqueeze(-1))
        torch.sum(compared, dim=1, out=of_query)
        torch.matmul(compared, self.matrix, out=of_features)
        of_keys.add_(compared)
        of_matrix.addmm_(compared.flatten(0, 1).t(), features.flatten(0, 1))

    def summed(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the gradients of keys, energy and U over all steps so far."""
        return self.of


class FusedLocated:
    """Steps compiled for the CPU."""

    def __init__(self, keys: Tensor, energy: Tensor, matrix: Tensor, mask: Tensor) -> None:
        """Take keys (b, s, a), energy (a,), U (a, f) and mask (b, s)."""
        from attnbench.zoo.additive_kernels import native_located

        self.kernels = native_located
        self.held = keys.contiguous(), matrix.t().contiguous(), energy.contiguous(), mask.contiguous()
        self.keys, self.matrix, self.energy, self.mask = map(_flat, self.held)
        self.of = torch.zeros_like(self.held[0]), torch.zeros_like(energy), torch.zeros_like(self.held[1])
        self.lowest = torch.finfo(keys.dtype).min

    def scores(self, query: Tensor, features: Tensor, out: Tensor) -> None:
        """Write the scores (b, s) of queries (b, a) at features (b, s, f); the lowest number where masked."""
        self.kernels.located_scores(
            _flat(query), self.keys, _flat(features), self.matrix, self.energy, self.mask, self.lowest,
            _flat(out),
        )  # fmt: skip

    def gradients(
        self, of_scores: Tensor, query: Tensor, features: Tensor, of_query: Tensor, of_features: Tensor
    ) -> None:
        """Write the gradients of queries and features, given that of their scores; add up the others."""
        self.kernels.located_gradients(
            _flat(of_scores), _flat(query), self.keys, _flat(features), self.matrix, self.energy,
            _flat(of_query), _flat(of_features), *map(_flat, self.of),
        )  # fmt: skip

    def summed(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the gradients of keys, energy and U over all steps so far."""
        of_keys, of_energy, of_turned = self.of
        return of_keys, of_energy, of_turned.t()


def located_steps(keys: Tensor, energy: Tensor, matrix: Tensor, mask: Tensor) -> LocatedSteps:
    """Return the quickest form there is for keys (b, s, a), energy (a,), U (a, f) and mask (b, s)."""
    compiled = keys.device.type == "cpu" and pick("auto", keys.device) == "fused"
    return (FusedLocated if compiled else PlainLocated)(keys, energy, matrix, mask)
