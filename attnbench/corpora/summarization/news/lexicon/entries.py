"""How the words are written down."""

from __future__ import annotations

Pair = tuple[str, str]
"""What the article says, and what the headline says."""


def pair(entry: str) -> Pair:
    """Return the long and the short form of an entry."""
    long, _, short = entry.strip().partition(" > ")
    return long, short or long


def pairs(text: str) -> tuple[Pair, ...]:
    """Return entries that commas part."""
    return tuple(map(pair, text.replace("\n", " ").split(",")))


def words(text: str) -> tuple[str, ...]:
    """Return words that blanks part."""
    return tuple(text.split())
