"""A small world that is told of in English: pairs of a premise and a hypothesis, with label and gold links.

What a hypothesis says is drawn first (``ways.SHARES``, ``drawing``), then its label, then a way in which a
premise can give it that label (``ways``), and with it the fact that decides; other facts are told beside it
(``scenes``). The label is read off the facts by the rules of the world (``logic``). Of ``random`` only
``Random.random`` is used, so that a seed gives the same bytes everywhere.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from attnbench.corpora.entailment.labels import LABELS
from attnbench.corpora.entailment.world.drawing import choice, decide, draw
from attnbench.corpora.entailment.world.facts import Did, Fact, Is, entities
from attnbench.corpora.entailment.world.lexicon import BEING_LEAVES
from attnbench.corpora.entailment.world.links import links
from attnbench.corpora.entailment.world.logic import judge
from attnbench.corpora.entailment.world.rendering import Clause, Speaker, Token
from attnbench.corpora.entailment.world.scenes import Scene, attach
from attnbench.corpora.entailment.world.ways import Form, Way, choose, choose_form

__all__ = ["LABELS", "Pair", "Question", "ask", "pair"]


class Pair(NamedTuple):
    """A premise, a hypothesis and what is known of them."""

    premise: tuple[str, ...]
    hypothesis: tuple[str, ...]
    label: str
    links: tuple[tuple[int, int], ...]
    """Hypothesis word and premise word, from 0."""
    told: tuple[Fact, ...]
    """The facts of the premise."""
    asked: tuple[Fact, ...]
    """The facts of the hypothesis."""
    way: Way


DESCRIBED = 0.35
"""How often a hypothesis about what a being is tells what it did, too, if premises may be long enough."""
DESCRIPTIONS = (Form("deed", True, "LLL"), Form("work", True, "LLL"))
BEINGS = frozenset(BEING_LEAVES)
LONG_ENOUGH = 14
"""Words that the longest premise must have for that."""


class Question(NamedTuple):
    """A hypothesis before anything is known of its premise."""

    form: Form
    fact: Fact
    description: Did | None
    """What its subject did, by which the hypothesis names it; the premise always tells it."""

    @property
    def combination(self) -> tuple[str, str]:
        """What it says of whom: its first noun and its verb or value."""
        fact = self.fact
        return entities(fact)[0], fact.value if isinstance(fact, Is) else fact.verb


def ask(rng: random.Random, longest: int) -> Question:
    """Return a hypothesis for premises of at most ``longest`` words."""
    form = choose_form(rng)
    fact = draw(rng, form)
    described = longest >= LONG_ENOUGH and isinstance(fact, Is) and rng.random() < DESCRIBED
    if not described or entities(fact)[0] not in BEINGS:
        return Question(form, fact, None)
    deed = draw(rng, choice(rng, DESCRIPTIONS), entities(fact)[0])
    assert isinstance(deed, Did)
    return Question(form, fact, deed)


def pair(rng: random.Random, label: str, span: tuple[int, int], asked: Question) -> Pair:
    """Return a pair with this label and hypothesis.

    Args:
        rng: the source of chance; the same state gives the same pair.
        label: one of ``LABELS``.
        span: fewest and most words of the premise, at least 3 and 10. All lengths are as likely, from the
            words that the deciding clause takes.
        asked: what the hypothesis says.
    """
    way = choose(rng, label, asked.form)
    given = decide(rng, way, asked.fact)
    told = [given] if asked.description is None else [given, asked.description]
    length = 0
    while True:
        core = _core(rng, given, asked.description)
        low = max(span[0], len(core))
        length = length or low + int(rng.random() * (span[1] - low + 1))
        scene = Scene(rng, asked.fact, core, told)
        scene.add_foil(way, given, length - len(core))
        scene.fill(length)
        premise = scene.tokens(length)
        if span[0] <= len(premise) <= span[1]:
            break
    hypothesis = _hypothesis(rng, asked)
    wanted = [asked.fact] if asked.description is None else [asked.fact, asked.description]
    return Pair(
        tuple(word for word, _ in premise),
        tuple(word for word, _ in hypothesis),
        judge(scene.facts, wanted),
        links(premise, hypothesis, given, asked.fact, label),
        tuple(scene.facts),
        tuple(wanted),
        way,
    )


def _core(rng: random.Random, given: Fact, description: Did | None) -> Clause:
    """Return the clause that decides, with what describes its subject."""
    clause = Speaker(rng, 0).say(given)
    if description is not None:
        attach(clause, Speaker(rng, 1).say(description, passive=False), rng.random() < 0.5)
    return clause


def _hypothesis(rng: random.Random, asked: Question) -> list[Token]:
    clause = Speaker(rng, 0).say(asked.fact)
    if asked.description is not None:
        attach(clause, Speaker(rng, 1).say(asked.description, passive=False), turned=False)
    return clause.tokens()
