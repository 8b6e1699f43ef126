"""How time and memory grow with the length, fitted to what was measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FEWEST = 3
"""Lengths without which no exponent is fitted."""
LARGEST = 4
"""How many of the largest lengths are fitted: at short ones what is constant hides the growth."""


SLIGHT = 0.02
"""A square that adds less than this share at the longest length is left out."""


def exponent(lengths: Sequence[float], values: Sequence[float]) -> float | None:
    """Return the exponent p of the power c n^p of the length n that fits best, by logarithms.

    Least squares over the largest lengths; lengths rise. None where fewer than three values are above zero.
    """
    points = [(x, y) for x, y in zip(lengths, values, strict=True) if y > 0][-LARGEST:]
    if len(points) < FEWEST:
        return None
    logs = np.log(points)
    return float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0])


def longest(lengths: Sequence[float], values: Sequence[float], limit: float) -> float | None:
    """Return the length at which memory would reach ``limit``; infinite where it does not grow.

    Memory is a sum of tensors, so it is extrapolated as c + c1 n + c2 n^2, fitted to the largest lengths, or
    as a line where there is no square worth the name. None for fewer than three values.
    """
    points = [(x, y) for x, y in zip(lengths, values, strict=True) if y > 0][-LARGEST:]
    if len(points) < FEWEST:
        return None
    x, y = np.array(points, dtype=np.float64).T
    for degree in (2, 1):
        fitted = np.polyfit(x, y, degree, w=1 / y)
        if fitted[0] * x[-1] ** degree > SLIGHT * y[-1]:
            fitted[-1] -= limit
            return float(np.roots(fitted).real.max())
    return float("inf")
