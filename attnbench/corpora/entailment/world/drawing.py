"""Random facts: of a form, in a given relation to another, or like another about somebody else.

All chance comes from ``random.Random.random``, whose numbers are the same everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from attnbench.corpora.entailment.world.facts import Acted, Counted, Did, Fact, Is
from attnbench.corpora.entailment.world.lexicon import (
    ACTS,
    BEING_KINDS,
    BEING_LEAVES,
    CLASSES,
    COUNTABLE,
    DIMENSION,
    LEVEL,
    MEMBERS,
    PARENT,
    RELATED,
    THING_LEAVES,
)
from attnbench.corpora.entailment.world.logic import CONTRADICTION, ENTAILMENT, NEUTRAL, settles
from attnbench.corpora.entailment.world.ways import RANGES, Form, Way, choose

T = TypeVar("T")

MIRRORED = {"more": "fewer", "fewer": "more"}
"""What is said instead where no number fits: nothing named is more than nine or fewer than two."""
SUBJECTS = {"mood": BEING_LEAVES, "place": BEING_LEAVES, "trait": THING_LEAVES, "colour": THING_LEAVES}
FOIL = 0.75
"""How often a word of the hypothesis that the deciding fact lacks stands in the like fact beside it."""


def choice(rng: random.Random, items: Sequence[T]) -> T:
    """Return one of the items, all as likely."""
    return items[int(rng.random() * len(items))]


def draw(rng: random.Random, form: Form, subject: str = "") -> Fact:
    """Return a fact of a form; with ``subject``, one about this leaf (values, events, counts)."""
    if form.type in SUBJECTS:
        value = choice(rng, CLASSES[form.type][form.levels])
        return Is(subject or choice(rng, SUBJECTS[form.type]), value, form.positive)
    if form.type == "count":
        range_ = choice(rng, RANGES[form.levels])
        return Counted(
            subject or choice(rng, BEING_LEAVES), choice(rng, COUNTABLE), choice(rng, THING_LEAVES), *range_
        )
    if form.type == "act":
        nouns = BEING_LEAVES if form.levels.endswith("the") else BEING_KINDS
        return Acted(form.levels, choice(rng, nouns), choice(rng, ACTS))
    agent, verb, patient = tuple(form.levels)
    objects = CLASSES["being" if form.type == "deed" else "thing"][patient]
    while True:
        doer, object_ = subject or choice(rng, CLASSES["being"][agent]), choice(rng, objects)
        if doer != object_:
            return Did(doer, choice(rng, CLASSES[form.type][verb]), object_, form.positive)


def decide(rng: random.Random, way: Way, asked: Fact) -> Fact:
    """Return the fact that bears on ``asked`` in this way."""
    if isinstance(asked, Is):
        return _value(rng, way, asked)
    if isinstance(asked, Did):
        return _event(rng, way, asked)
    return _count(rng, way, asked) if isinstance(asked, Counted) else _act(rng, way, asked)


def _value(rng: random.Random, way: Way, asked: Is) -> Is:
    if way.slot == "value":
        value = choice(rng, RELATED[asked.value, way.premise.levels, way.relation])
        return Is(asked.subject, value, way.premise.positive)
    values = CLASSES[way.premise.type][way.premise.levels]
    others = [value for value in values if DIMENSION[value] != DIMENSION[asked.value]]
    return Is(asked.subject, choice(rng, others), way.premise.positive)


def _event(rng: random.Random, way: Way, asked: Did) -> Did:
    positive = way.premise.positive
    if way.slot == "turn":
        return Did(asked.patient, asked.verb, asked.agent, positive)
    if way.slot == "event":
        return _other_event(rng, way.premise, asked)
    word, level = getattr(asked, way.slot), way.premise.levels[("agent", "verb", "patient").index(way.slot)]
    while True:
        other = choice(rng, RELATED[word, level, way.relation])
        fact = asked._replace(**{way.slot: other}, positive=positive)
        if fact.agent != fact.patient:
            return fact


def _other_event(rng: random.Random, form: Form, asked: Did) -> Did:
    """Return an event with another verb that shares either the actor or the object."""
    while True:
        fact = draw(rng, form)
        assert isinstance(fact, Did)
        fact = (
            fact._replace(agent=asked.agent) if rng.random() < 0.5 else fact._replace(patient=asked.patient)
        )
        if fact.verb != asked.verb and len({*fact[::2], *asked[:3:2]}) == 3 and fact.agent != fact.patient:
            return fact


def _count(rng: random.Random, way: Way, asked: Counted) -> Counted:
    if way.slot == "event":
        range_ = choice(rng, RANGES[way.premise.levels])
        if rng.random() < 0.5:
            return Counted(asked.agent, other(rng, COUNTABLE, asked.verb), asked.noun, *range_)
        return Counted(asked.agent, asked.verb, other(rng, THING_LEAVES, asked.noun), *range_)
    for quantity in (way.premise.levels, MIRRORED.get(way.premise.levels, "")):
        facts = [asked._replace(low=low, high=high) for low, high in RANGES.get(quantity, ())]
        fitting = [fact for fact in facts if settles(fact, asked) == way.label]
        if fitting:
            return choice(rng, fitting)
    raise AssertionError(f"no number bears on {asked} in the way {way}")


def _act(rng: random.Random, way: Way, asked: Acted) -> Acted:
    verb = asked.verb if way.slot == "quantity" else other(rng, ACTS, asked.verb)
    group = asked.group
    if way.premise.levels.endswith("the"):
        group = choice(rng, MEMBERS.get(group, (group,)))
    elif group not in MEMBERS:
        group = PARENT[group]
    return Acted(way.premise.levels, group, verb)


def other(rng: random.Random, items: Sequence[str], but: str) -> str:
    """Return one of the items that is not ``but``."""
    while True:
        item = choice(rng, items)
        if item != but:
            return item


def foil(rng: random.Random, way: Way, asked: Fact, given: Fact) -> Fact:
    """Return a fact about others that would have made the pair another one, had it been about the same.

    It has words of the hypothesis that the deciding fact lacks, or rivals of those that it has, so that the
    two facts do not show which of them the hypothesis is about, nor what it says.
    """
    if isinstance(asked, Did):
        return _foil_event(rng, way.hypothesis if rng.random() < 0.5 else way.premise, asked, given)
    label = CONTRADICTION if way.label == ENTAILMENT else ENTAILMENT
    if rng.random() < 0.5:  # so that facts at odds with one another stand side by side under each label
        fact = decide(rng, choose(rng, label, way.hypothesis), asked)
    elif way.label == NEUTRAL:
        fact = decide(rng, choose(rng, CONTRADICTION, way.premise), given)
    else:
        fact = decide(rng, choose(rng, NEUTRAL, way.hypothesis), asked)
    return _of_another(rng, fact)


def _of_another(rng: random.Random, fact: Fact) -> Fact:
    """Return the same fact about somebody or something else."""
    if isinstance(fact, Is):
        nouns = BEING_LEAVES if fact.subject in BEING_LEAVES else THING_LEAVES
        return fact._replace(subject=other(rng, nouns, fact.subject))
    if isinstance(fact, Counted):
        return fact._replace(agent=other(rng, BEING_LEAVES, fact.agent))
    assert isinstance(fact, Acted)
    kind = other(rng, BEING_KINDS, PARENT[fact.group] if fact.group in BEING_LEAVES else fact.group)
    return fact._replace(group=choice(rng, MEMBERS[kind]) if fact.group in BEING_LEAVES else kind)


def _foil_event(rng: random.Random, form: Form, asked: Did, given: Fact) -> Did:
    """Return an event of this form, with words of ``asked`` that ``given`` lacks where they fit it."""
    fact = draw(rng, form)
    assert isinstance(fact, Did)
    agent, verb, patient = (
        word if word not in given and LEVEL[word] == LEVEL[new] and rng.random() < FOIL else new
        for word, new in zip(asked[:3], fact[:3], strict=True)
    )
    return Did(agent, verb, patient, rng.random() < FOIL)
