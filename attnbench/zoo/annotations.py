"""What stands between an encoder and what reads it.

b batch   s annotations   d annotation size   n size of a decoder's state
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from torch import Tensor


class Annotations(NamedTuple):
    """What an encoder makes of its inputs."""

    states: Tensor
    """(b, s, d): the annotations; they may be fewer than the inputs, and need have no order."""
    mask: Tensor
    """(b, s), bool: True at real ones; what states are elsewhere does not matter, see ``padded``."""
    summary: Tensor
    """(b, n): what the decoder's first state is made of."""


class Encoder(Protocol):
    """A module that makes annotations of its own kind of inputs."""

    annotation: int
    """d."""

    def __call__(self, inputs: Any) -> Annotations:
        """Encode a batch of inputs, such as a ``Padded`` of word ids."""
