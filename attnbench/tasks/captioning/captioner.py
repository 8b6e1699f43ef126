"""What a model must offer to write captions."""

from __future__ import annotations

from typing import Any, Protocol

from torch import Tensor, nn

from attnbench.zoo.attention import Mechanism
from attnbench.zoo.padded import Padded


class Captioner(Protocol):
    """A generator over annotations: encode once, then read known captions, or step through new ones.

    ``attnbench.zoo.attending_lstm.AttendingLSTM`` is one, and documents the shapes.
    """

    attention: Mechanism
    penalty: float
    """The weight of the doubly stochastic penalty, lambda; 0: none."""
    reinforce: nn.Module | None
    """What attention that is drawn costs beside the likelihood; None where nothing is drawn."""

    @property
    def attends(self) -> bool:
        """Whether ``decode`` gives alignments."""

    def encode(self, inputs: Padded) -> Any:
        """Take annotations (b, s, d)."""

    def decode(self, encoded: Any, targets: Tensor, mask: Tensor | None = None) -> Any:
        """Read known captions (b, t), real where ``mask`` (b, t) is True, or all.

        Return ``readout``, (p, l) at real words; ``alignment`` (b, t, s) or None; ``gate`` (b, t) or None;
        and ``drawn``, sums (b,) over real words, or None.
        """

    def logits(self, readout: Tensor) -> Tensor:
        """Return unnormalised log-probabilities: (..., l) to (..., v)."""

    def nats(self, readout: Tensor, words: Tensor) -> Tensor:
        """Return the negative log-likelihood of words (p,) at read-outs (p, l), summed."""

    def each(self, readout: Tensor, words: Tensor) -> Tensor:
        """Return the same word by word: (p,)."""

    def start(self, encoded: Any) -> Any:
        """Return the state of the one empty hypothesis of each picture."""

    def step(self, encoded: Any, state: Any, tokens: Tensor | None) -> tuple[Tensor, Tensor | None, Any]:
        """Read the last words (b, k); return logits (b, k, v), alignment (b, k, s) or None, next state."""
