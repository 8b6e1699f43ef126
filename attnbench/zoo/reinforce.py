"""The gradient of drawn tokens, as a cost to be minimised beside the likelihood.

b batch
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnbench.zoo.attention import Drawn


class Reinforce(nn.Module):
    """The two terms of the rule of Xu et al. (2015) that are not the likelihood's own.

    R = log p(y | drawn) is the reward, b its moving average over batches, H the entropy of what was drawn
    from. Minimised, the cost

        - lambda_r (R - b) log p(drawn) - lambda_e H

    makes drawn tokens likelier where R lies above b. The baseline b, a buffer, starts at 0.
    """

    baseline: Tensor

    def __init__(self, reward: float, entropy: float, decay: float = 0.9, moving: bool = True) -> None:
        """Take lambda_r and lambda_e; with ``moving``, b = decay b + (1 - decay) R after each batch."""
        super().__init__()
        self.reward, self.entropy, self.decay, self.moving = reward, entropy, decay, moving
        self.register_buffer("baseline", torch.zeros(()))

    def forward(self, likelihood: Tensor, drawn: Drawn) -> Tensor:
        """Return the cost (b,) of captions with log p(y | drawn) (b,); in training mode, b then moves.

        No gradient goes through the reward. b moves by the batch's mean, captions that drew nothing included.
        """
        reward = likelihood.detach()
        advantage = reward - self.baseline
        if self.training and self.moving:
            self.baseline.lerp_(reward.mean().to(self.baseline), 1 - self.decay)
        return -self.reward * advantage * drawn.log_probability - self.entropy * drawn.entropy
