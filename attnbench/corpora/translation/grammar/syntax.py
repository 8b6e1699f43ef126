"""The derivation tree that both languages share. ``realisation`` turns it into two texts.

The trees are lists of choices, nothing more: what agrees, moves, elides or contracts is left to the
realisation, so that a test can write a tree by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from attnbench.corpora.translation.grammar.lexicon import (
    Adjective,
    Determiner,
    FrenchNoun,
    Name,
    Noun,
    Preposition,
    Pronoun,
    Verb,
)


@dataclass(slots=True)
class Relative:
    """A relative clause. With a subject the head is the object (que), without one it is the subject (qui)."""

    predicate: Predicate
    subject: Nominal | None = None


@dataclass(slots=True)
class NounPhrase:
    """A noun with what goes with it. A possessor (the king 's) takes the place of the determiner."""

    noun: Noun
    french: FrenchNoun
    """Which of the noun's French words."""
    determiner: Determiner | None
    plural: bool = False
    adjectives: tuple[Adjective, ...] = ()
    possessor: Nominal | None = None
    of: Nominal | None = None
    prepositional: Prepositional | None = None
    relative: Relative | None = None


@dataclass(slots=True)
class Coordination:
    """Two nominals joined by ``and``; plural, feminine if both are."""

    first: Nominal
    second: Nominal


Nominal = NounPhrase | Coordination | Name | Pronoun


@dataclass(slots=True)
class Prepositional:
    """A preposition and its object."""

    preposition: Preposition
    object: Nominal


@dataclass(slots=True)
class Quality:
    """The adjective after ``be``, with or without an adverb of degree."""

    adjective: Adjective
    degree: tuple[str, str] | None = None


@dataclass(slots=True)
class Predicate:
    """A clause without its subject. No verb stands for ``be``."""

    verb: Verb | None
    past: bool = False
    negation: str = ""
    """``not``, ``never``, ``no longer`` or nothing."""
    frequency: tuple[str, str] | None = None
    """An adverb that stands before the English verb and after the finite French one."""
    manner: tuple[str, str] | None = None
    """An adverb that stands after the English object and before the French one."""
    object: Nominal | None = None
    quality: Quality | None = None
    prepositional: tuple[Prepositional, ...] = ()
    clause: Clause | None = None
    """What is said or thought, after ``that``."""


@dataclass(slots=True)
class Clause:
    """A subject and its predicate."""

    subject: Nominal
    predicate: Predicate


@dataclass(slots=True)
class Chain:
    """Clauses joined by conjunctions, each with or without a comma before it."""

    first: Clause
    rest: tuple[tuple[bool, tuple[str, str], Clause], ...] = ()
