"""How much attention lies on function words, where two sentences share content and where they share none.

The list is ours: the closed classes of English, and what has no letter or digit. Negations are left out
of it, since they decide about entailment.

    t hypothesis words   s premise words
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_CLOSED_CLASSES = """\
a an the this that these those some any each every all both another such
i me my mine we us our ours you your yours he him his she her hers it its they them their theirs
himself herself itself themselves oneself who whom whose which what someone somebody something
am is are was were be been being do does did doing done have has had having will would shall should can
could may might must
in on at by of to from with for into onto over under near beside behind above below through across
around along between among during before after against about up down out off as inside outside upon
towards toward next
and or but if while when where because so than then though although whether there here very just also too
's 're 've 'm 'll 'd
"""

FUNCTION_WORDS = frozenset(_CLOSED_CLASSES.split())

GROUPS = ("related", "unrelated")
"""Pairs whose hypothesis has a content word in common with its premise, and pairs that have none."""


def is_function_word(word: str) -> bool:
    """Say whether a lower-cased word is in the list, or has no letter or digit."""
    return word in FUNCTION_WORDS or not any(character.isalnum() for character in word)


def group(premise: Sequence[str], hypothesis: Sequence[str]) -> str | None:
    """Return which of ``GROUPS`` a pair is in; None where the hypothesis has no content word."""
    content = {word for word in hypothesis if not is_function_word(word)}
    if not content:
        return None
    return GROUPS[content.isdisjoint(premise)]


def mass(weights: np.ndarray, premise: Sequence[str]) -> tuple[float, float]:
    """Return the share of (t, s) weights on function words of the premise, and uniform attention's."""
    function = np.array([is_function_word(word) for word in premise], dtype=float)
    return float((weights * function).sum() / len(weights)), float(function.mean())
