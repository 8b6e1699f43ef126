"""What the words of a transcript are."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without punctuation.

    >>> words("Don't ask me, to-day!")
    ["don't", 'ask', 'me', 'to', 'day']
    """
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]
