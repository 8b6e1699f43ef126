"""McNemar's exact test of two systems that answered the same questions (McNemar 1947)."""

from __future__ import annotations

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
        ways = total = 1
        for right in range(fewer):  # from choosing ``right`` of them to choosing one more
            ways = ways * (number - right) // (right + 1)
            total += ways
        return 2 * total / 2**number


def discordance(first: np.ndarray, second: np.ndarray) -> Discordance:
    """Count from the answers ``(n,)`` of two systems, true where right, in the same order."""
    first, second = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    return Discordance(int((first & ~second).sum()), int((~first & second).sum()))
