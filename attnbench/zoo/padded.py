"""Sequences of several lengths as one tensor.

What a masked position holds does not matter: be it no number, infinite or an id that no vocabulary has, all
that the zoo makes of a batch, gradients included, is to the last bit what zeros there would give, and the
gradient of that position is 0. So it is for the mask of inputs, of annotations, of energies and of known targets.

Zeros are put there once: in inputs before they are embedded, in annotations before keys are made of them.
A weight or a mask of 0 alone would not do, as 0 times what is no number is none, in gradients too.

    b batch   s longest length   m embedding
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor


class Padded(NamedTuple):
    """A batch of sequences, padded at the end: what a column of a split gives, and what an encoder takes."""

    values: Tensor
    """(b, s), word ids, or (b, s, ...), such as frames of sound."""
    mask: Tensor
    """(b, s), bool: True at what is real."""


def zeroed(values: Tensor, mask: Tensor) -> Tensor:
    """Return ``values`` (b, s, ...) with zeros where ``mask`` (b, s) is False."""
    return values.masked_fill(~mask.view(*mask.shape, *[1] * (values.dim() - mask.dim())), 0)


def vectors(embedding: Callable[[Tensor], Tensor], words: Tensor, mask: Tensor | None) -> Tensor:
    """Return the vectors (b, s, m) of word ids (b, s); zeros where ``mask`` (b, s) is False, None: all real."""
    return embedding(words) if mask is None else zeroed(embedding(zeroed(words, mask)), mask)
