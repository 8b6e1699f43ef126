"""A source of chance; of ``Random`` only that is used which is the same everywhere for a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """What draws."""

    def __init__(self, seed: str) -> None:
        """Begin with a seed."""
        rng = random.Random(seed)
        self.random = rng.random
        self.bytes = rng.randbytes

    def often(self, share: float) -> bool:
        """Return true in this share of the cases."""
        return self.random() < share

    def any_of(self, items: Sequence[T]) -> T:
        """Return one of some items, all as likely."""
        return items[int(self.random() * len(items))]

    def between(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return low + int(self.random() * (high - low + 1))

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in an order by chance."""
        return [
            item for _, _, item in sorted((self.random(), place, item) for place, item in enumerate(items))
        ]
