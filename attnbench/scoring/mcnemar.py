"""McNemar's exact test of two systems that answered the same questions (McNemar 1947)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np


class Discordance(NamedTuple):
    """The questions that one of two systems got right and the other did not."""

    first_only: int
    second_only: int

    @property
    def p(self) -> float:
        """The two-sided probability of so uneven a split if either way were as likely; 1 without any."""
        number, fewer = sum(self), min(self)
        if 2 * fewer == number:
            return 1.0
        return 2 * sum(math.comb(number, right) for right in range(fewer + 1)) / 2**number


def discordance(first: np.ndarray, second: np.ndarray) -> Discordance:
    """Count from the answers ``(n,)`` of two systems, true where right, in the same order."""
    first, second = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    return Discordance(int((first & ~second).sum()), int((~first & second).sum()))
