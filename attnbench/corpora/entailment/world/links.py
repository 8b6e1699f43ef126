"""Gold links: which words of a premise settle a word of the hypothesis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from attnbench.corpora.entailment.world.facts import Acted, Did, Fact
from attnbench.corpora.entailment.world.logic import CONTRADICTION, NEUTRAL
from attnbench.corpora.entailment.world.rendering import Slot, Token

PREDICATE = {"value", "verb"}
_OTHER_ROLE = {"agent": "patient", "patient": "agent"}


def links(
    premise: Sequence[Token], hypothesis: Sequence[Token], given: Fact, asked: Fact, label: str
) -> tuple[tuple[int, int], ...]:
    """Return the links (hypothesis word, premise word), counted from 0, sorted.

    Every word of the hypothesis that says a part of a fact is linked to the words of the deciding fact that
    say the same part: the same, more special, more general or excluding it. ``not`` is linked to ``not``;
    where only the premise is negated, the hypothesis' verb or value is linked to that negation too. Where
    agent and patient are turned, each noun is linked to itself.

    A pair that nothing decides, a neutral one, has no link. What describes the subject of a contradiction
    decides nothing either, for whatever it said the hypothesis would be false: its words have no link.
    """
    if label == NEUTRAL:
        return ()
    places: dict[Slot, list[int]] = defaultdict(list)
    for position, (_, slot) in enumerate(premise):
        if slot:
            places[slot].append(position)
    negated = any(slot == (0, "not") for _, slot in hypothesis)
    found: list[tuple[int, int]] = []
    for position, (_, slot) in enumerate(hypothesis):
        if slot is None or (slot[0] and label == CONTRADICTION):
            continue
        for part in [slot[1]] if slot[0] else _parts(slot[1], given, asked, negated):
            found.extend((position, place) for place in places[slot[0], part])
    return tuple(sorted(found))


def _parts(part: str, given: Fact, asked: Fact, negated: bool) -> list[str]:
    """Return the parts of the deciding fact that settle a part of the hypothesis."""
    if isinstance(given, Did) and given[:3] == asked[2::-1]:
        part = _OTHER_ROLE.get(part, part)
    if part in PREDICATE and not negated:
        return [part, "not"]
    if part == "group" and isinstance(asked, Acted) and asked.quantifier.endswith("the"):
        return ["group", "quantifier"]
    if part == "quantifier" and isinstance(given, Acted) and given.quantifier.endswith("the"):
        return ["group"]
    return [part]
