"""Facts in words. A clause is kept in pieces, so that adjectives, a relative clause and a place still fit in.

A token is a word with its slot: None, or which fact (0 the one that decides, 1 its description) and which of
its parts it says: ``subject``, ``value``, ``agent``, ``verb``, ``patient``, ``noun``, ``number``, ``group``,
``quantifier``, ``not``.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from attnbench.corpora.entailment.world.facts import MANY, Acted, Counted, Did, Fact, Is, is_leaf
from attnbench.corpora.entailment.world.lexicon import (
    FIRST_NUMBER,
    NUMBERS,
    PARENT,
    PERSONS,
    PLACES,
    SYNONYMS,
    article,
    past,
    plural,
)

Slot = tuple[int, str]
Token = tuple[str, Slot | None]

SYNONYM = 0.25
"""How often a word with a synonym is said by it."""
PASSIVE = 0.35
"""How often an event is told in the passive, where it can be."""


@dataclass
class Clause:
    """A clause in pieces."""

    fact: Fact
    subject: list[Token]
    body: list[Token]
    object: list[Token] = field(default_factory=list)
    tail: list[Token] = field(default_factory=list)
    relative: list[Token] = field(default_factory=list)
    about: str = ""
    """The leaf that is the subject; empty where the subject is a kind or a number of things."""
    to: str = ""
    """The leaf that is the object, if there is one."""

    def tokens(self) -> list[Token]:
        """Return the clause as one list."""
        return [*self.subject, *self.relative, *self.body, *self.object, *self.tail]

    def __len__(self) -> int:
        """Return the number of words."""
        return sum(map(len, (self.subject, self.relative, self.body, self.object, self.tail)))

    def predicate(self) -> list[Token]:
        """Return the clause without its subject."""
        return [*self.body, *self.object, *self.tail]


class Speaker:
    """Says facts; synonyms and voice are chance."""

    def __init__(self, rng: random.Random, number: int | None = None) -> None:
        """Take the source of chance, and the number of the fact that slots name; None: no slots."""
        self.rng = rng
        self.number = number

    def token(self, word: str, slot: str = "") -> Token:
        """Return a word with its slot."""
        return word, (self.number, slot) if slot and self.number is not None else None

    def meaning(self, meaning: str) -> str:
        """Return one of the words for a meaning."""
        synonym = SYNONYMS.get(meaning)
        return synonym if synonym and self.rng.random() < SYNONYM else meaning

    def say(self, fact: Fact, passive: bool | None = None) -> Clause:
        """Return a clause that says a fact; ``passive`` None: as chance wants."""
        if isinstance(fact, Is):
            body = [self.token("was"), *self._negation(fact.positive), *self.value(fact.value)]
            return Clause(fact, self.noun(fact.subject, "subject"), body, about=fact.subject)
        if isinstance(fact, Acted):
            return self._acted(fact)
        if passive is None:
            passive = self.rng.random() < PASSIVE
        if isinstance(fact, Did):
            return self._passive(fact) if passive else self._active(fact)
        return self._counted(fact, passive and fact.positive)

    def noun(self, noun: str, slot: str, subject_of_negation: bool = False) -> list[Token]:
        """Return a noun phrase: a leaf with ``the``, a kind with ``a`` or, where it is denied, ``no``."""
        word = self.meaning(noun)
        if is_leaf(noun):
            return [self.token("the"), self.token(word, slot)]
        first = self.token("no", "not") if subject_of_negation else self.token(article(word))
        return [first, self.token(word, slot)]

    def value(self, value: str) -> list[Token]:
        """Return a value as it stands after ``was``."""
        if PARENT.get(value) in PLACES:
            return [self.token("in"), self.token("the"), self.token(self.meaning(value), "value")]
        return [self.token(self.meaning(value), "value")]

    def _negation(self, positive: bool) -> list[Token]:
        return [] if positive else [self.token("not", "not")]

    def _verb(self, verb: str, positive: bool) -> list[Token]:
        word = self.meaning(verb)
        if positive:
            return [self.token(past(word), "verb")]
        return [self.token("did"), self.token("not", "not"), self.token(word, "verb")]

    def _active(self, fact: Did) -> Clause:
        denied = not fact.positive and not is_leaf(fact.agent)
        verb = self._verb(fact.verb, fact.positive or denied)
        return self._clause(fact, fact.agent, "agent", verb, fact.patient, "patient")

    def _passive(self, fact: Did) -> Clause:
        denied = not fact.positive and not is_leaf(fact.patient)
        participle = self.token(past(self.meaning(fact.verb)), "verb")
        verb = [self.token("was"), *self._negation(fact.positive or denied), participle, self.token("by")]
        return self._clause(fact, fact.patient, "patient", verb, fact.agent, "agent")

    def _clause(
        self, fact: Did, subject: str, role: str, verb: list[Token], object_: str, other: str
    ) -> Clause:
        return Clause(
            fact,
            self.noun(subject, role, not fact.positive),
            verb,
            self.noun(object_, other),
            about=subject if is_leaf(subject) else "",
            to=object_ if is_leaf(object_) else "",
        )

    def _counted(self, fact: Counted, passive: bool) -> Clause:
        things = [*self._quantity(fact), self.token(plural(self.meaning(fact.noun)), "noun")]
        agent = self.noun(fact.agent, "agent")
        if passive:
            participle = self.token(past(self.meaning(fact.verb)), "verb")
            body = [self.token("were"), participle, self.token("by")]
            return Clause(fact, things, body, agent, to=fact.agent)
        return Clause(fact, agent, [*self._verb(fact.verb, fact.positive), *things], about=fact.agent)

    def _quantity(self, fact: Counted) -> list[Token]:
        if fact.low == fact.high:
            return [self._number(fact.low)] if fact.low else [self.token("any", "number")]
        if (fact.low, fact.high) == (1, MANY):
            return [self.token("some", "number")]
        word, number = ("more", fact.low - 1) if fact.high == MANY else ("fewer", fact.high + 1)
        return [self.token(word, "number"), self.token("than"), self._number(number)]

    def _number(self, number: int) -> Token:
        return self.token(NUMBERS[number - FIRST_NUMBER], "number")

    def _acted(self, fact: Acted) -> Clause:
        if fact.quantifier.endswith("the"):
            verb = self._verb(fact.verb, fact.positive)
            return Clause(fact, self.noun(fact.group, "group"), verb, about=fact.group)
        words = [self.token(word, "quantifier") for word in fact.quantifier.split()]
        subject = [*words, self.token(self.meaning(fact.group), "group")]
        return Clause(fact, subject, self._verb(fact.verb, True))


def relative(clause: Clause) -> list[Token]:
    """Return a clause as a relative clause about its subject."""
    return [("who" if clause.about in PERSONS else "that", None), *clause.predicate()]
