"""Premises: the fact that decides, a like fact about others beside it, and what else there is room for."""

from __future__ import annotations

import random

from attnbench.corpora.entailment.world.drawing import choice, draw, foil
from attnbench.corpora.entailment.world.facts import Acted, Did, Fact, Is, entities, is_leaf
from attnbench.corpora.entailment.world.lexicon import (
    BEING_LEAVES,
    CLASSES,
    CONNECTORS,
    DIMENSION,
    OPENERS,
    PREDICATIVE,
)
from attnbench.corpora.entailment.world.logic import NEUTRAL, settles
from attnbench.corpora.entailment.world.rendering import Clause, Speaker, Token, relative
from attnbench.corpora.entailment.world.ways import Form, Way

ADJECTIVES = 2
"""At most so many before a noun."""
RELATIVE = 0.45
"""How often a further fact is told of somebody who is already in the premise."""
TRIES = 20
"""How often a fact to put beside the deciding one is looked for."""
BEINGS = frozenset(BEING_LEAVES)

FILLERS = tuple(
    Form(*form)
    for form in (
        *[("deed", True, "LLL")] * 5,
        *[("work", True, "LLL")] * 3,
        ("deed", False, "LLL"),
        ("deed", True, "LLK"),
        ("deed", True, "KLL"),
        *[("mood", True, "K")] * 2,
        ("mood", False, "K"),
        ("trait", True, "K"),
        ("colour", True, "K"),
        ("colour", True, "L"),
        *[("place", True, "L")] * 2,
        ("place", True, "K"),
        ("count", True, "exactly"),
        ("count", True, "exactly"),
        ("count", True, "more"),
        ("count", True, "fewer"),
        ("act", True, "every"),
        ("act", False, "no"),
        ("act", True, "the"),
        ("act", True, "the"),
    )
)
"""Forms of what else is told."""
FURTHER = tuple(
    form
    for form in FILLERS
    if form.type == "mood" or (form.type in ("deed", "work", "place", "count") and form.levels[0] != "K")
)
"""Forms of what else is told of a being that is already there."""


class Scene:
    """A premise in the making."""

    def __init__(self, rng: random.Random, asked: Fact, core: Clause, told: list[Fact]) -> None:
        """Start with the clause that decides; ``told``: the facts it tells."""
        self.rng = rng
        self.speaker = Speaker(rng)
        self.asked = asked
        self.clauses = [core]
        self.facts = list(told)
        self.words = {word for fact in (asked, *told) for word in fact if isinstance(word, str)}
        self.known = {
            (fact.subject, DIMENSION[fact.value]) for fact in (asked, *told) if isinstance(fact, Is)
        }

    def __len__(self) -> int:
        """Return the number of words so far."""
        return sum(map(len, self.clauses)) + len(self.clauses) - 1

    def add_foil(self, way: Way, given: Fact, room: int) -> None:
        """Add a fact like the one asked for, about others, if it fits into ``room`` words."""
        for _ in range(TRIES):
            fact = foil(self.rng, way, self.asked, given)
            if self._beside(fact, given):
                break
        else:
            return
        clause = self.speaker.say(fact)
        if len(clause) + 1 <= room:
            self._tell(fact)
            self.clauses.append(clause)

    def _beside(self, fact: Fact, given: Fact) -> bool:
        """Return whether a fact can be told beside the given one without a bearing on either."""
        if isinstance(fact, Did) and (fact.agent == fact.patient or fact.verb == given[1]):
            return False
        told = {noun for one in (self.asked, *self.facts) for noun in entities(one)}
        if not isinstance(fact, Did) and entities(fact)[0] in told:
            return False
        return all(settles(fact, one) == settles(one, fact) == NEUTRAL for one in (self.asked, given))

    def fill(self, length: int) -> None:
        """Tell more until there are ``length`` words, or a few less."""
        missed = 0
        while length - len(self) >= 4 and missed < 4:
            missed += not (self._further(length) if self.rng.random() < RELATIVE else self._another(length))
        missed = 0
        while len(self) < length and missed < 6:
            missed += not (self._place(length) if self.rng.random() < 0.3 else self._adjective())

    def tokens(self, length: int) -> list[Token]:
        """Return the words; if there is room in ``length``, it is said when all this was."""
        order = sorted(self.clauses, key=lambda _: self.rng.random())
        words: list[Token] = []
        openers = [opener for opener in OPENERS if len(opener) <= length - len(self)]
        if openers:
            words.extend((word, None) for word in choice(self.rng, openers))
        for number, clause in enumerate(order):
            if number:
                words.append((choice(self.rng, CONNECTORS), None))
            words.extend(clause.tokens())
        return words

    def _tell(self, fact: Fact) -> None:
        self.facts.append(fact)
        self.words.update(word for word in fact if isinstance(word, str))
        if isinstance(fact, Is):
            self.known.add((fact.subject, DIMENSION[fact.value]))

    def _new(self, fact: Fact, but: str = "") -> bool:
        """Return whether a fact uses no noun and no verb that is there, ``but`` one."""
        words = [
            noun for noun in entities(fact) if noun != but and (is_leaf(noun) or isinstance(fact, Acted))
        ]
        if not isinstance(fact, Is):
            words.append(fact.verb)
        return self.words.isdisjoint(words)

    def _another(self, length: int) -> bool:
        """Tell a fact about others in a clause of its own."""
        fact = draw(self.rng, choice(self.rng, FILLERS))
        if not self._new(fact):
            return False
        clause = self.speaker.say(fact)
        if len(self) + 1 + len(clause) > length:
            return False
        self._tell(fact)
        self.clauses.append(clause)
        return True

    def _further(self, length: int) -> bool:
        """Tell another fact about a being that is the subject of a clause, in a relative clause."""
        clause = choice(self.rng, self.clauses)
        if clause.about not in BEINGS or clause.relative:
            return False
        fact = draw(self.rng, choice(self.rng, FURTHER), clause.about)
        if not self._new(fact, clause.about) or not self._free(fact):
            return False
        further = self.speaker.say(fact, passive=False)
        if len(self) + len(further) - 1 > length:
            return False
        self._tell(fact)
        attach(clause, further, self.rng.random() < 0.5)
        return True

    def _free(self, fact: Fact) -> bool:
        return not isinstance(fact, Is) or (fact.subject, DIMENSION[fact.value]) not in self.known

    def _adjective(self) -> bool:
        """Put an adjective before a noun."""
        clause = choice(self.rng, self.clauses)
        noun, phrase = choice(self.rng, [(clause.about, clause.subject), (clause.to, clause.object)])
        if not noun or len(phrase) >= 2 + ADJECTIVES:
            return False
        classes = (
            CLASSES["mood"] if noun in BEINGS else CLASSES[choice(self.rng, ("trait", "trait", "colour"))]
        )
        fact = Is(noun, choice(self.rng, classes["K"]))
        word = self.speaker.meaning(fact.value)
        if word in PREDICATIVE or not self._free(fact):
            return False
        self._tell(fact)
        phrase.insert(1, (word, None))
        return True

    def _place(self, length: int) -> bool:
        """Say where an event was, and so where its actor was."""
        clause = choice(self.rng, self.clauses)
        fact = clause.fact
        if clause.tail or isinstance(fact, Is) or not fact.positive:
            return False
        actor = entities(fact)[0]
        place = Is(actor, choice(self.rng, CLASSES["place"]["L"]))
        if not is_leaf(actor) or not self._free(place) or len(self) + 3 > length:
            return False
        self._tell(place)
        clause.tail = self.speaker.value(place.value)
        return True


def attach(clause: Clause, further: Clause, turned: bool) -> None:
    """Add a clause about the same subject as a relative clause; ``turned``: as the main one."""
    if not turned:
        clause.relative = relative(further)
        return
    clause.relative = relative(clause)
    clause.fact, clause.body, clause.object, clause.tail, clause.to = (
        further.fact, further.body, further.object, further.tail, further.to,
    )  # fmt: skip
