"""What can be said of the world: four kinds of facts. Their words are meanings of the ``lexicon``."""

from __future__ import annotations

from typing import NamedTuple

from attnbench.corpora.entailment.world.lexicon import PARENT

MANY = 99
"""More than any number that is ever named."""


class Is(NamedTuple):
    """An entity has, or has not, this value: happy, scarlet, in the garden, outside."""

    subject: str
    """A leaf, so the one entity of that name."""
    value: str
    positive: bool = True


class Did(NamedTuple):
    """Some ``agent`` did it to some ``patient``; not ``positive``: none did it to any."""

    agent: str
    """At any level: a leaf names its entity, a kind or top says that there is one."""
    verb: str
    """A deed or a work, or a kind of them."""
    patient: str
    positive: bool = True


class Counted(NamedTuple):
    """The ``agent`` did it to at least ``low`` and at most ``high`` things of this noun."""

    agent: str
    verb: str
    noun: str
    low: int
    high: int

    @property
    def positive(self) -> bool:
        """Whether there was any."""
        return self.high > 0


class Acted(NamedTuple):
    """``every``, ``some``, ``no`` or ``not every`` being of a kind did it; ``the``, ``not the``: a leaf."""

    quantifier: str
    group: str
    verb: str

    @property
    def positive(self) -> bool:
        """Whether it is said of somebody that he did it."""
        return self.quantifier in ("every", "some", "the")


Fact = Is | Did | Counted | Acted


def entities(fact: Fact) -> tuple[str, ...]:
    """Return the nouns of a fact, its subject first."""
    if isinstance(fact, Is):
        return (fact.subject,)
    if isinstance(fact, Did):
        return (fact.agent, fact.patient)
    return (fact.agent, fact.noun) if isinstance(fact, Counted) else (fact.group,)


def is_leaf(noun: str) -> bool:
    """Return whether the noun names one entity rather than a kind."""
    return PARENT.get(PARENT.get(noun, "")) is not None
