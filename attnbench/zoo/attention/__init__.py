"""Attention mechanisms with interchangeable normalisers, all with one interface; see ``interface``."""

from __future__ import annotations

from collections.abc import Callable

from attnbench.zoo.additive_kernels import masked_softmax
from attnbench.zoo.attention.additive import AdditiveAttention, ConcatAttention
from attnbench.zoo.attention.fixed import FixedVector
from attnbench.zoo.attention.gated import Gated
from attnbench.zoo.attention.interface import Attended, Drawing, Mechanism, Memory, Unrolled
from attnbench.zoo.attention.location import LocationAwareAttention
from attnbench.zoo.attention.mean import Mean
from attnbench.zoo.attention.multiplicative import DotAttention, GeneralAttention, ScaledDotAttention
from attnbench.zoo.attention.normalisers import (
    USES,
    Drawn,
    Hard,
    Normaliser,
    Previous,
    Sharpened,
    Smoothed,
    Softmax,
    Windowed,
    drawn,
)
from attnbench.zoo.attention.smoothed import SmoothedDot

__all__ = [
    "MECHANISMS",
    "USES",
    "AdditiveAttention",
    "Attended",
    "ConcatAttention",
    "DotAttention",
    "Drawing",
    "Drawn",
    "FixedVector",
    "Gated",
    "GeneralAttention",
    "Hard",
    "LocationAwareAttention",
    "Mean",
    "Mechanism",
    "Memory",
    "Normaliser",
    "Previous",
    "ScaledDotAttention",
    "Sharpened",
    "Smoothed",
    "SmoothedDot",
    "Softmax",
    "Unrolled",
    "Windowed",
    "drawn",
    "masked_softmax",
]

MECHANISMS: dict[str, Callable[[int, int, int], Mechanism]] = {
    "none": lambda query, annotation, size: FixedVector(),
    "mean": lambda query, annotation, size: Mean(),
    "additive": AdditiveAttention,
    "dot": lambda query, annotation, size: DotAttention(query, annotation),
    "scaled-dot": lambda query, annotation, size: ScaledDotAttention(query, annotation),
    "smoothed-dot": lambda query, annotation, size: SmoothedDot(query, annotation),
    "general": lambda query, annotation, size: GeneralAttention(query, annotation),
    "concat": ConcatAttention,
    "location": LocationAwareAttention,
}
"""Name to what makes the mechanism from the query's, the annotations' and the alignment's size."""
