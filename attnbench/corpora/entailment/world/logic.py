"""What one fact says about another, by the rules of the world.

The world is open: what no rule settles is neutral. The rules:

1. Every leaf noun names one entity, which exists: ``the dog`` is always the same dog, and no two nouns share
   an entity. A kind says that there is one of it (``a pet``), so a dog is a pet and an animal, never a bird.
   The leaves of a kind are all its members.
2. Each being and thing has one value of each of its dimensions: one place, one colour, one of happy and sad.
   Of two opposites (happy and sad, inside and outside) one holds. Scarlet is a red, the garden is outside.
3. Verbs of one kind are different actions, and an action of a kind is one of its verbs (to hug is to touch).
   An action that a leaf verb names has at most one object for an actor and at most one actor for an object,
   never goes both ways between two, and is never done to oneself. Other actions stay open.
4. Numbers are exact. ``some``: one or more; ``more than three``: four or more; ``fewer than three``: one or
   two; ``not any``: none. Nothing follows from one verb or noun for another.
5. ``some child`` says that at least one did, ``not every child`` that at least one did not.
6. ``and``, ``while``, ``but``, adjectives, relative clauses and places all just add facts. With a place an
   event says where its actor was. Everything is told of one time.
"""

from __future__ import annotations

from collections.abc import Iterable

from attnbench.corpora.entailment.labels import LABELS
from attnbench.corpora.entailment.world.facts import Acted, Counted, Did, Fact, Is, is_leaf
from attnbench.corpora.entailment.world.lexicon import DIMENSION, MEMBERS, OPPOSITE, PARENT, relation

ENTAILMENT, NEUTRAL, CONTRADICTION = LABELS

_FLIPPED = {ENTAILMENT: CONTRADICTION, NEUTRAL: NEUTRAL, CONTRADICTION: ENTAILMENT}


def judge(premise: Iterable[Fact], hypothesis: Iterable[Fact]) -> str:
    """Return the label of a pair: all of the hypothesis settled true, some of it settled false, or open.

    Each fact of the hypothesis is held against one fact of the premise at a time; facts of a premise are
    about different entities or different actions, so that nothing follows from two of them together.
    """
    facts = list(premise)
    verdicts = [_verdict(facts, one) for one in hypothesis]
    if CONTRADICTION in verdicts:
        return CONTRADICTION
    return NEUTRAL if NEUTRAL in verdicts else ENTAILMENT


def _verdict(premise: list[Fact], fact: Fact) -> str:
    found = {settles(given, fact) for given in premise}
    return CONTRADICTION if CONTRADICTION in found else ENTAILMENT if ENTAILMENT in found else NEUTRAL


def settles(given: Fact, asked: Fact) -> str:
    """Return the label of ``asked`` where ``given`` is all that is known."""
    if isinstance(given, Is) and isinstance(asked, Is):
        return _is(given, asked)
    if isinstance(given, Did) and isinstance(asked, Did):
        return _did(given, asked)
    if isinstance(given, Counted) and isinstance(asked, Counted):
        return _counted(given, asked)
    if isinstance(given, Acted) and isinstance(asked, Acted):
        return _acted(given, asked)
    return NEUTRAL


def _is(given: Is, asked: Is) -> str:
    if given.subject != asked.subject or DIMENSION[given.value] != DIMENSION[asked.value]:
        return NEUTRAL
    if not asked.positive:
        return _FLIPPED[_is(given, asked._replace(positive=True))]
    if not given.positive and given.value in OPPOSITE:
        given = Is(given.subject, OPPOSITE[given.value])
    found = relation(given.value, asked.value)
    if given.positive:
        return {"above": NEUTRAL, "apart": CONTRADICTION}.get(found, ENTAILMENT)
    return CONTRADICTION if found in ("same", "above") else NEUTRAL


def _did(given: Did, asked: Did) -> str:
    if not asked.positive:
        return _FLIPPED[_did(given, asked._replace(positive=True))]
    if not given.positive:
        return CONTRADICTION if _covers(given, asked) else NEUTRAL
    if _covers(asked, given):
        return ENTAILMENT
    return CONTRADICTION if _excludes(given, asked) else NEUTRAL


def _covers(general: Did, special: Did) -> bool:
    """Return whether whoever did ``special`` did ``general``."""
    return all(
        relation(low, high) in ("same", "below") for low, high in zip(special[:3], general[:3], strict=True)
    )


def _excludes(given: Did, asked: Did) -> bool:
    """Return whether rule 3 forbids ``asked``, both being said to have happened."""
    if given.verb != asked.verb or given.verb not in PARENT:
        return False
    if given.agent == asked.agent and is_leaf(given.agent):
        return relation(given.patient, asked.patient) == "apart"
    if given.patient == asked.patient and is_leaf(given.patient):
        return relation(given.agent, asked.agent) == "apart"
    swapped = given.agent == asked.patient and given.patient == asked.agent
    return swapped and is_leaf(given.agent) and is_leaf(given.patient)


def _counted(given: Counted, asked: Counted) -> str:
    if given[:3] != asked[:3]:
        return NEUTRAL
    if asked.low <= given.low and given.high <= asked.high:
        return ENTAILMENT
    return CONTRADICTION if given.high < asked.low or asked.high < given.low else NEUTRAL


_QUANTITY = {"every": ("all", True), "no": ("all", False), "some": ("some", True),
             "not every": ("some", False), "the": ("all", True), "not the": ("all", False)}  # fmt: skip


def _acted(given: Acted, asked: Acted) -> str:
    if given.verb != asked.verb:
        return NEUTRAL
    quantity, did = _QUANTITY[given.quantifier]
    wanted, truth = _QUANTITY[asked.quantifier]
    if did == truth:
        return ENTAILMENT if _follows(given.group, quantity, asked.group, wanted) else NEUTRAL
    opposite = "some" if wanted == "all" else "all"
    return CONTRADICTION if _follows(given.group, quantity, asked.group, opposite) else NEUTRAL


def _follows(group: str, quantity: str, other: str, wanted: str) -> bool:
    """Return whether what ``quantity`` of a group did was done by the ``wanted`` quantity of the other."""
    known, about = set(MEMBERS.get(group, (group,))), set(MEMBERS.get(other, (other,)))
    if quantity == "all":
        return about <= known if wanted == "all" else bool(about & known)
    return wanted == "some" and known <= about
