"""Forms of English verbs."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

_IRREGULAR = {
    "meet": "met", "send": "sent", "win": "won", "shoot": "shot", "strike": "struck", "hit": "hit",
    "leave": "left", "sell": "sold", "buy": "bought", "cut": "cut", "beat": "beat beaten", "lose": "lost",
    "draw": "drew drawn", "withdraw": "withdrew withdrawn", "overcome": "overcame overcome",
    "rise": "rose risen", "fall": "fell fallen", "flee": "fled", "shut": "shut",
}  # fmt: skip
_DOUBLING = ("expel", "drop", "trap", "acquit")


class Verb(NamedTuple):
    """A verb's forms."""

    base: str
    third: str
    past: str
    participle: str


@cache
def verb(base: str) -> Verb:
    """Return the forms of a verb, named by its base."""
    past, _, participle = _IRREGULAR.get(base, _regular(base)).partition(" ")
    return Verb(base, _third(base), past, participle or past)


def _third(base: str) -> str:
    if base.endswith(("s", "sh", "ch", "x", "o")):
        return base + "es"
    return base[:-1] + "ies" if base[-1] == "y" and base[-2] not in "aeiou" else base + "s"


def _regular(base: str) -> str:
    if base in _DOUBLING:
        return base + base[-1] + "ed"
    if base.endswith("e"):
        return base + "d"
    return base[:-1] + "ied" if base[-1] == "y" and base[-2] not in "aeiou" else base + "ed"
