"""Drawing by weight, for the corpora that are made here."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Items drawn with given weights; without them by rank r with weight 1 / (r + 2.7), r from 1."""

    def __init__(self, items: Sequence[T], weights: Sequence[float] | None = None) -> None:
        """Add the weights up, once."""
        self.items = items
        self.bounds = list(accumulate(weights or [1 / (rank + 3.7) for rank in range(len(items))]))
        self.total = self.bounds.pop()

    def draw(self, number: float) -> T:
        """Return the item at ``number``, from 0 to 1 (without 1)."""
        return self.items[bisect(self.bounds, number * self.total)]
