"""Adaptive weight noise (Graves 2011): a normal distribution over each weight, its mean and variance trained.

What is minimised is the loss of an example, expected over the weights, and a share of the complexity: the
Kullback-Leibler divergence of the weights' distributions from one normal prior, which all weights share. The
prior is always the best one: the mean and the variance of all weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

SIGMA = 1e-12
"""The standard deviations at the start."""

UNIT = 2048.0
"""Log variances are kept in this unit. The steps of Adadelta and Adam do not grow with the unit of what they
change, and a log variance has far to go: about 50 from its start to where noise is felt."""


class WeightNoise(nn.Module):
    """The variances of a model's trained weights; the means are the model's own weights.

    Gradients come from one draw of the weights and from one example: the squared gradient of a batch's sum
    is no sum of squares, so a curvature that is taken from a larger batch is wrong.
    """

    def __init__(self, model: nn.Module, weight: float, examples: int) -> None:
        """Take the model; ``weight / examples`` is the share of the complexity in the loss of an example."""
        super().__init__()
        self.means = [one for one in model.parameters() if one.requires_grad]
        self.share = weight / examples
        count = sum(one.numel() for one in self.means)
        start = torch.full((count,), 2 * math.log(SIGMA) / UNIT, dtype=torch.float64)
        self.log_variances = nn.Parameter(start.to(self.means[0]))

    @property
    def variances(self) -> Tensor:
        """The variances (weights,), in the order of the parameters."""
        return (UNIT * self.log_variances.detach()).exp()

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """Put a draw mu + sigma eps in the place of the weights mu, and the means back at the end."""
        kept = self._flat(self.means)
        self._fill(kept + self.variances.sqrt() * torch.randn_like(kept))
        try:
            yield
        finally:
            self._fill(kept)

    @torch.no_grad()
    def add_gradients(self) -> None:
        """Make the gradients of the loss at a draw those of the means, and set those of the variances.

        The mean's is g + share (mu - mu_p) / sigma_p^2 and the variance's 1/2 g^2 +
        1/2 share (1 / sigma_p^2 - 1 / sigma^2), with mu_p and sigma_p^2 of the prior.
        """
        means, variances = self._flat(self.means), self.variances
        centred = means - means.mean()
        prior = (variances + centred.square()).mean()
        slopes = self._flat([torch.zeros_like(one) if one.grad is None else one.grad for one in self.means])
        whole = slopes + self.share * centred / prior
        for mean, part in zip(self.means, self._parts(whole), strict=True):
            mean.grad = part
        # of a log variance: sigma^2 times that of the variance
        self.log_variances.grad = (
            UNIT / 2 * (variances * slopes.square() + self.share * (variances / prior - 1))
        )

    @torch.no_grad()
    def _fill(self, values: Tensor) -> None:
        """Write values (weights,) into the model, in place: captured loops hold the weights' memory."""
        for mean, part in zip(self.means, self._parts(values), strict=True):
            mean.copy_(part)

    def _parts(self, values: Tensor) -> list[Tensor]:
        """Return values (weights,) as tensors of the shapes of the weights."""
        parts = values.split([one.numel() for one in self.means])
        return [part.view_as(mean) for part, mean in zip(parts, self.means, strict=True)]

    @staticmethod
    def _flat(tensors: Sequence[Tensor]) -> Tensor:
        return torch.cat([one.detach().flatten() for one in tensors])
