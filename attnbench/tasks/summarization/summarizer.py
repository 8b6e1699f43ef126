"""What a model must offer to summarize."""

from __future__ import annotations

from typing import Any, Protocol

from torch import Tensor

from attnbench.zoo.padded import Padded


class Summarizer(Protocol):
    """A generator that sees the last words that it wrote: encode once, then read a known target, or step.

    ``attnbench.zoo.context_window.ContextWindowModel`` is one, and documents the shapes. One that has a
    buffer ``extraction`` (5,) is searched with extractive features, see ``scorers``.
    """

    context: int
    """How many of the last words it sees."""

    @property
    def attends(self) -> bool:
        """Whether ``decode`` gives alignments."""

    def encode(self, inputs: Padded) -> Any:
        """Encode word ids (b, s)."""

    def decode(self, encoded: Any, targets: Tensor, mask: Tensor | None = None) -> Any:
        """Read known targets (b, t); return ``readout`` and ``alignment`` (b, t, s) or None.

        The read-out is (b, t, l), or (n, l) where a ``mask`` (b, t) says which targets are real: at these.
        """

    def logits(self, readout: Tensor) -> Tensor:
        """Return unnormalised log-probabilities: (..., l) to (..., v)."""

    def nats(self, readout: Tensor, words: Tensor) -> Tensor:
        """Return the negative log-likelihood of words (p,) at read-outs (p, l), summed."""

    def start(self, encoded: Any) -> Any:
        """Return the state of the one empty hypothesis of each source."""

    def step(self, encoded: Any, state: Any, tokens: Tensor | None) -> tuple[Tensor, Tensor | None, Any]:
        """Read tokens (b, k); return logits (b, k, v), alignment (b, k, s) or None, and the next state."""
