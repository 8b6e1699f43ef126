"""What draws: a source of chance, and whether there is room."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from attnbench.corpora.summarization.news.patterns import Phrase

T = TypeVar("T")


class Desk:
    """A source of chance, of which only ``random`` is used, so that a seed gives the same everywhere."""

    def __init__(self, rng: random.Random) -> None:
        """Begin with room for all."""
        self.random = rng.random
        self.brief = False
        """Whether phrases shall be as short as they can be."""

    def any_of(self, items: Sequence[T]) -> T:
        """Return one of some items, all as likely."""
        return items[int(self.random() * len(items))]

    def between(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return low + int(self.random() * (high - low + 1))


Maker = Callable[[Desk], Phrase]
