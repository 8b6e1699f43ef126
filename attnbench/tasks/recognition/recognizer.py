"""What a model must offer to recognise speech."""

from __future__ import annotations

from typing import Any, Protocol

from torch import Tensor

from attnbench.zoo.attention import Mechanism
from attnbench.zoo.padded import Padded


class Recognizer(Protocol):
    """A generator that attends: encode once, then read known labels, or step through new ones.

    ``attnbench.zoo.encoder_decoder.EncoderDecoder`` is one, and documents the shapes.
    """

    attention: Mechanism
    """Its normaliser may be exchanged for another, see ``sharpening``."""

    @property
    def attends(self) -> bool:
        """Whether ``decode`` gives alignments."""

    def encode(self, inputs: Padded) -> Any:
        """Encode frames (b, s, f)."""

    def decode(self, encoded: Any, targets: Tensor, mask: Tensor | None = None) -> Any:
        """Read known labels (b, t); return ``readout`` and ``alignment`` (b, t, s) or None.

        The read-out is (b, t, l), or (n, l) where a ``mask`` (b, t) says which labels are real: at these.
        """

    def logits(self, readout: Tensor) -> Tensor:
        """Return unnormalised log-probabilities: (..., l) to (..., v)."""

    def nats(self, readout: Tensor, words: Tensor) -> Tensor:
        """Return the negative log-likelihood of labels (p,) at read-outs (p, l), summed."""

    def start(self, encoded: Any) -> Any:
        """Return the state of the one empty hypothesis of each utterance."""

    def step(self, encoded: Any, state: Any, tokens: Tensor | None) -> tuple[Tensor, Tensor | None, Any]:
        """Read the last labels (b, k); return logits (b, k, v), alignment (b, k, s) or None, next state."""
