"""Sequences of several lengths as one tensor."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Padded(NamedTuple):
    """A batch of sequences, padded at the end: what a column of a split gives, and what an encoder takes.

    b batch   s longest length
    """

    values: Tensor
    """(b, s), word ids, or (b, s, ...), such as frames of sound."""
    mask: Tensor
    """(b, s), bool: True at what is real."""
