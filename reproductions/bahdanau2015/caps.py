"""The two length caps of the paper's training data, and how lengths scale with others."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf

SHORT, LONG = 30, 50


@dataclass(frozen=True)
class Cap:
    """The longest training sentence of systems, in words: the paper's, and the one that was used."""

    nominal: int
    used: int

    def __str__(self) -> str:
        """Return the one that was used."""
        return str(self.used)

    def __getitem__(self, lengths: str) -> str:
        """Return the paper's lengths, such as ``11-20``, as they are with the cap that was used."""
        low, high = map(int, lengths.split("-"))
        return f"{self.edge(low)}–{self.edge(high + 1) - 1}"

    def edge(self, words: float) -> float:
        """Return an edge of a length bin as it is with the cap that was used."""
        return words if isinf(words) else round((words - 1) * self.used / self.nominal) + 1


PAPER_CAPS = {"short": Cap(SHORT, SHORT), "long": Cap(LONG, LONG)}
"""What ``{short}``, ``{long}`` and ``{long[11-20]}`` in statements stand for."""
