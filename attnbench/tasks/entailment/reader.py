"""What a model must offer to judge a sentence pair.

b batch   s premise length   t hypothesis length
"""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from attnbench.zoo.padded import Padded


class Judgement(Protocol):
    """What a reader makes of a batch of pairs."""

    @property
    def logits(self) -> Tensor:
        """(b, 3): unnormalised log-probabilities of the labels."""

    @property
    def alignment(self) -> Tensor | None:
        """(b, t, s): where in the premise each word of the hypothesis looks.

        (b, 1, s) from a model that attends once; None from one that does not attend.
        """


class Reader(Protocol):
    """A model that reads a premise and a hypothesis."""

    def __call__(self, premise: Padded, hypothesis: Padded) -> Judgement:
        """Read premises (b, s) and hypotheses (b, t), word ids."""
