"""How a premise can bear on a hypothesis, and how often each way is taken.

A form is the outline of a fact: its type, whether it is negated, the levels of its meanings. A way leads
from the form of the hypothesis to the form of the fact that decides about it. The weights of the ways are
fitted so that, under each of the three labels, every form of hypothesis is equally frequent, and every form
of deciding fact is equally frequent: neither side alone tells the label.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from attnbench.corpora.entailment.labels import LABELS
from attnbench.corpora.entailment.world.facts import MANY, Acted, Counted, Did, Is
from attnbench.corpora.entailment.world.lexicon import CLASSES, FIRST_NUMBER, LAST_NUMBER, RELATED
from attnbench.corpora.entailment.world.logic import CONTRADICTION, ENTAILMENT, NEUTRAL, settles


class Form(NamedTuple):
    """The outline of a fact."""

    type: str
    """``mood``, ``place`` (of beings), ``trait``, ``colour`` (of things), ``deed``, ``work``, ``count`` or
    ``act``."""
    positive: bool
    levels: str
    """Of the value; of agent, verb and patient; for ``count`` and ``act`` what quantity."""


class Way(NamedTuple):
    """One way in which a premise bears on a hypothesis."""

    label: str
    hypothesis: Form
    premise: Form
    slot: str
    """What differs: ``value``, ``agent``, ``verb``, ``patient``, ``quantity``, ``turn`` (actor and object
    change places), ``dimension`` or ``event`` (another one is told of)."""
    relation: str
    """How the premise's meaning in that slot stands to the hypothesis': same, below, above, apart."""

    @property
    def kind(self) -> str:
        """A name for reports, such as ``contradiction: patient apart``."""
        negations = "" if self.hypothesis.positive == self.premise.positive else ", one negated"
        return f"{self.label}: {self.slot} {self.relation}{negations}"


SHARES: dict[str, dict[str, float]] = {
    "mood": {"+K": 18, "-K": 5},
    "place": {"+L": 10, "+K": 5, "-L": 2.5, "-K": 1.5},
    "trait": {"+K": 8, "-K": 2},
    "colour": {"+K": 5, "+L": 4, "-K": 1.5, "-L": 1},
    "deed": {"+LLL": 16, "-LLL": 4, "+KLL": 1.5, "+TLL": 1.5, "+LLK": 1.5, "+LLT": 1.5, "+LKL": 1.5,
             "-KLL": 0.7, "-TLL": 0.7, "-LLK": 0.7, "-LLT": 0.7, "-LKL": 1.5},
    "work": {"+LLL": 6, "-LLL": 1.5, "+LLK": 1.5, "-LLK": 0.7, "+LKL": 0.8, "-LKL": 0.8},
    "count": {"+exactly": 4, "+some": 1.5, "+more": 1, "+fewer": 1, "-none": 1.5},
    "act": {"+every": 1.5, "+some": 1.5, "-no": 1.5, "-not every": 1.5, "+the": 1, "-not the": 1},
}  # fmt: skip
"""How often each form of hypothesis is drawn, under every label."""

NEGATED = (1.0, 0.3)
"""How readily a value is told of by a positive and by a negated fact, before fitting."""
TURNED, ELSEWHERE = 12.0, 0.5
"""The same of events whose actor and object change places, and of numbers and acts of another verb."""
RELATIONS = ("same", "below", "above", "apart")
RANGES = {
    "exactly": [(n, n) for n in range(FIRST_NUMBER, LAST_NUMBER + 1)],
    "some": [(1, MANY)],
    "more": [(n + 1, MANY) for n in range(FIRST_NUMBER, LAST_NUMBER)],
    "fewer": [(1, n - 1) for n in range(FIRST_NUMBER + 1, LAST_NUMBER + 1)],
    "none": [(0, 0)],
}
"""The ranges of numbers that a quantity can be."""


def forms(type_: str) -> list[Form]:
    """Return the forms of a type, as listed in ``SHARES``."""
    return [Form(type_, text[0] == "+", text[1:]) for text in SHARES[type_]]


def _values() -> Iterator[tuple[Way, float]]:
    """Yield the ways between two values of one dimension, or of two."""
    for type_, other in (("mood", "place"), ("trait", "colour"), ("place", "mood"), ("colour", "trait")):
        for asked in forms(type_):
            value = CLASSES[type_][asked.levels][0]
            for given in forms(type_):
                for relation in RELATIONS:
                    for example in RELATED.get((value, given.levels, relation), ())[:1]:
                        told = Is("owl", example, given.positive)
                        label = settles(told, Is("owl", value, asked.positive))
                        yield Way(label, asked, given, "value", relation), NEGATED[not given.positive]
            others = forms(other) + (forms(type_) if type_ in ("mood", "trait") else [])
            for given in others:
                yield Way(NEUTRAL, asked, given, "dimension", "apart"), NEGATED[not given.positive]


def _event(form: Form) -> Did:
    """Return an event of this form."""
    agent, verb, patient = tuple(form.levels)
    objects = CLASSES["being" if form.type == "deed" else "thing"]
    doer, object_ = CLASSES["being"][agent][0], objects[patient][-1]
    return Did(doer, CLASSES[form.type][verb][0], object_, form.positive)


def _events() -> Iterator[tuple[Way, float]]:
    """Yield the ways between two events that differ in one slot, or in more."""
    for type_ in ("deed", "work"):
        for asked in forms(type_):
            for given in forms(type_):
                yield from _slots(asked, given)
                if asked.levels == given.levels == "LLL":
                    yield Way(NEUTRAL, asked, given, "event", "apart"), 1
                    if type_ == "deed":
                        event = _event(asked)
                        turned = Did(event.patient, event.verb, event.agent, given.positive)
                        yield Way(settles(turned, event), asked, given, "turn", "apart"), TURNED


def _slots(asked: Form, given: Form) -> Iterator[tuple[Way, float]]:
    """Yield the ways between two events that differ in one slot, the others being leaves."""
    event = _event(asked)
    for place, slot in enumerate(("agent", "verb", "patient")):
        if any(given.levels[other] + asked.levels[other] != "LL" for other in range(3) if other != place):
            continue
        for relation in RELATIONS:
            if slot != "verb" and relation == "same" and asked.levels == "LLL":
                continue  # it is the same fact as with the verb the same
            word = (event.agent, event.verb, event.patient)[place]
            for example in RELATED.get((word, given.levels[place], relation), ())[:1]:
                told = event._replace(**{slot: example}, positive=given.positive)
                yield Way(settles(told, event), asked, given, slot, relation), 1


def _counts() -> Iterator[tuple[Way, float]]:
    """Yield the ways between two numbers of things."""
    relation = {ENTAILMENT: "below", NEUTRAL: "above", CONTRADICTION: "apart"}
    for asked in forms("count"):
        for given in forms("count"):
            found = {
                settles(Counted("owl", "sell", "hat", *told), Counted("owl", "sell", "hat", *wanted))
                for told in RANGES[given.levels]
                for wanted in RANGES[asked.levels]
            }
            for label in LABELS:
                if label in found:
                    yield Way(label, asked, given, "quantity", relation[label]), 1
            yield Way(NEUTRAL, asked, given, "event", "apart"), ELSEWHERE


def _acts() -> Iterator[tuple[Way, float]]:
    """Yield the ways between what some of a kind do, or one of its leaves."""
    for asked in forms("act"):
        for given in forms("act"):
            told, wanted = (
                Acted(form.levels, "owl" if form.levels.endswith("the") else "bird", "sing")
                for form in (given, asked)
            )
            yield Way(settles(told, wanted), asked, given, "quantity", "same"), 1
            yield Way(NEUTRAL, asked, given, "event", "apart"), ELSEWHERE


ROUNDS = 300
"""Of fitting; what is left over then is below a thousandth."""


@cache
def fitted() -> dict[Way, float]:
    """Return how often each way is taken under its label; the sum over the ways of a label is 1.

    Iterative proportional fitting: in turn, forms of hypotheses are given their shares under each label, and
    forms of deciding facts the mean of their frequencies over the labels.
    """
    weights = dict((*_values(), *_events(), *_counts(), *_acts()))
    wanted = {
        form: share
        for type_ in SHARES
        for form, share in zip(forms(type_), SHARES[type_].values(), strict=True)
    }
    total = sum(wanted.values())
    for _ in range(ROUNDS):
        found: dict[tuple[str, Form], float] = defaultdict(float)
        for way, weight in weights.items():
            found[way.label, way.premise] += weight
        mean = {form: sum(found[label, form] for label in LABELS) / 3 for _, form in found}
        weights = {
            way: weight * mean[way.premise] / found[way.label, way.premise] for way, weight in weights.items()
        }
        found = defaultdict(float)
        for way, weight in weights.items():
            found[way.label, way.hypothesis] += weight
        weights = {
            way: weight * wanted[way.hypothesis] / total / found[way.label, way.hypothesis]
            for way, weight in weights.items()
        }
    return weights


@cache
def _shares() -> tuple[list[Form], list[float]]:
    """Return the forms of hypotheses and the sums of their shares up to each."""
    return (
        [form for type_ in SHARES for form in forms(type_)],
        list(accumulate(share for shares in SHARES.values() for share in shares.values())),
    )


@cache
def _ways(label: str, form: Form) -> tuple[list[Way], list[float]]:
    """Return the ways to a label from a form of hypothesis and the sums of their weights up to each."""
    found = {way: weight for way, weight in fitted().items() if way.label == label and way.hypothesis == form}
    return list(found), list(accumulate(found.values()))


def choose_form(rng: random.Random) -> Form:
    """Return the form of a hypothesis."""
    items, sums = _shares()
    return items[bisect(sums, rng.random() * sums[-1], hi=len(items) - 1)]


def choose(rng: random.Random, label: str, form: Form) -> Way:
    """Return a way in which a premise gives a hypothesis of this form this label."""
    items, sums = _ways(label, form)
    return items[bisect(sums, rng.random() * sums[-1], hi=len(items) - 1)]
