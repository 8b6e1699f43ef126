"""What is said of the examples of a split that were left out, or used otherwise than they are."""

from __future__ import annotations

from collections import defaultdict

from attnbench.corpora import plain


class Told:
    """How many there are of each sort, and which is the first."""

    def __init__(self, what: str) -> None:
        """Begin with nothing.

        Args:
            what: the examples are, such as ``recordings``.
        """
        self._what = what
        self._first: dict[str, str] = {}
        self._count: defaultdict[str, int] = defaultdict(int)
        self.rows = 0
        """Of the split, so far."""

    def add(self, sort: str, first: str) -> None:
        """Count one more of a sort, such as ``without labels left out``."""
        self._first.setdefault(sort, first)
        self._count[sort] += 1

    def lines(self) -> list[str]:
        """Return a line a sort."""
        told = ((sort, plain.shown([first])) for sort, first in self._first.items())
        return [f"{self._count[sort]} {self._what} {sort}, the first {first}" for sort, first in told]
