"""Random derivations whose English side has exactly the number of words that was asked for.

Every method takes the number of words its phrase shall have and shares it out among the parts, so nothing
is ever thrown away. All chance comes from ``random.Random.random``, whose numbers are the same everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from attnbench.corpora.translation.grammar import lexicon
from attnbench.corpora.translation.grammar.lexicon import (
    Adjective,
    Determiner,
    FrenchNoun,
    Noun,
    Preposition,
    Pronoun,
    Verb,
)
from attnbench.corpora.translation.grammar.phrases import agreement
from attnbench.corpora.translation.grammar.syntax import (
    Chain,
    Clause,
    Coordination,
    Nominal,
    NounPhrase,
    Predicate,
    Prepositional,
    Quality,
    Relative,
)
from attnbench.corpora.weighted import Weighted

SYNONYM = 0.25
"""How often a free synonym is taken."""
SECOND_SENSE = 0.25
"""How often a noun that is no direct object has its second sense."""
PLURAL = 0.3
PAST = 0.3

BEINGS = Weighted([noun for pair in zip(lexicon.PEOPLE, [*lexicon.ANIMALS, *[None] * 20], strict=True)
                   for noun in pair if noun is not None])  # fmt: skip
THINGS = Weighted(lexicon.THINGS)
NAMES = Weighted(lexicon.NAMES)
PRECEDING = Weighted(lexicon.PRECEDING)
FOLLOWING = Weighted(lexicon.FOLLOWING)
INTRANSITIVE = Weighted(lexicon.INTRANSITIVE)
TRANSITIVE = Weighted(lexicon.TRANSITIVE)
SHORT_TRANSITIVE = Weighted([verb for verb in lexicon.TRANSITIVE if not verb.particle])
CLAUSAL = Weighted(lexicon.CLAUSAL)
FREQUENCY = Weighted(lexicon.FREQUENCY)
MANNER = Weighted(lexicon.MANNER)
DEGREE = Weighted(lexicon.DEGREE)
PREPOSITIONS: dict[int, Weighted[Preposition]] = {
    most: Weighted([p for p in lexicon.PREPOSITIONS if len(p.english) <= most]) for most in (1, 2, 3)
}
CONJUNCTIONS = Weighted(lexicon.CONJUNCTIONS)
DETERMINERS = Weighted(lexicon.DETERMINERS, [10, 6, 2, 2, 2, 1.4, 1, 1, 1, 1, 1, 1, 0.6, 0.6, 0.5, 0.4])
OTHERS = Weighted([lexicon.HE, lexicon.SHE], [1, 1])
PERSONS = Weighted([lexicon.HE, lexicon.SHE, lexicon.I, lexicon.WE], [3, 3, 2, 1.5])
SUBJECTS = Weighted([1, 2, 3, 4, 5, 6, 7], [3, 4, 3, 2, 1, 1, 1])


class Sampler:
    """Draws the derivation of one sentence; it remembers what a later pronoun can refer to."""

    def __init__(self, rng: random.Random) -> None:
        """Take the source of chance."""
        self.random = rng.random
        self.subject: Nominal | None = None
        self.object: Nominal | None = None
        self.objects = PERSONS

    def between(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return low + int(self.random() * (high - low + 1))

    def chain(self, words: int) -> Chain:
        """Return clauses of together ``words`` words (at least 2), conjunctions and commas included."""
        size = self._clause_length(words)
        first = self.clause(size)
        rest = []
        left = words - size
        while left:
            comma = left >= 5 and self.random() < 0.35
            left -= 1 + comma
            conjunction = CONJUNCTIONS.draw(self.random())
            size = self._clause_length(left)
            rest.append((comma, conjunction, self.clause(size)))
            left -= size
        return Chain(first, tuple(rest))

    def _clause_length(self, words: int) -> int:
        """Return how many words the next clause takes; what is left is none or enough for another."""
        if words <= 7 or (words <= 13 and self.random() < 0.4):
            return words
        return self.between(4, min(12, words - 4))

    def clause(self, words: int) -> Clause:
        """Return a clause of at least 2 words."""
        size = min(SUBJECTS.draw(self.random()), words - 1)
        subject = self._one_word(self.subject, 0.4, PERSONS) if size == 1 else self.noun_phrase(size, 0.7)
        if not isinstance(subject, Pronoun):
            self.subject = subject
        self.objects = OTHERS if agreement(subject).person == 1 else PERSONS
        predicate = self.predicate(words - size)
        if predicate.object is not None and not isinstance(predicate.object, Pronoun):
            self.object = predicate.object
        return Clause(subject, predicate)

    def predicate(self, words: int) -> Predicate:
        """Return a predicate of at least 1 word."""
        past = self.random() < PAST
        if words == 1:
            return self._intransitive(words, past)
        frame = (FRAMES if words >= 4 else SHORT_FRAMES).draw(self.random())
        return frame(self, words, past)

    def _intransitive(self, words: int, past: bool) -> Predicate:
        verb = INTRANSITIVE.draw(self.random())
        negation, frequency, left = self._before_verb(words - 1, 2)
        manner = MANNER.draw(self.random()) if left == 1 or (left >= 3 and self.random() < 0.3) else None
        left -= manner is not None
        return Predicate(verb, past, negation, frequency, manner, prepositional=self._prepositionals(left))

    def _transitive(self, words: int, past: bool) -> Predicate:
        negation, frequency, left = self._before_verb(words - 2, 2)
        verb = (TRANSITIVE if left else SHORT_TRANSITIVE).draw(self.random())
        left += 1 - bool(verb.particle)
        manner = MANNER.draw(self.random()) if left >= 2 and self.random() < 0.2 else None
        left -= manner is not None
        size = self.between(2, left - 2) if left >= 4 and self.random() < 0.35 else 0
        object_ = (
            self._one_word(self.object, 0.5, self.objects, verb)
            if left - size == 1
            else self.noun_phrase(left - size, 0.3, verb)
        )
        return Predicate(
            verb, past, negation, frequency, manner, object_, prepositional=self._prepositionals(size)
        )

    def _be(self, words: int, past: bool) -> Predicate:
        negation, frequency, left = self._before_verb(words - 2, 1)
        left += 1
        size = left if left >= 2 and self.random() < 0.4 else left - 1 if left >= 3 else 0
        quality = self._quality(left - size) if left > size else None
        return Predicate(
            None, past, negation, frequency, quality=quality, prepositional=self._prepositionals(size)
        )

    def _clausal(self, words: int, past: bool) -> Predicate:
        return Predicate(CLAUSAL.draw(self.random()), past, clause=self.clause(words - 2))

    def _quality(self, words: int) -> Quality:
        """Return what someone is, in 1 or 2 words."""
        adjective = (PRECEDING if self.random() < 0.2 else FOLLOWING).draw(self.random())
        return Quality(adjective, DEGREE.draw(self.random()) if words == 2 else None)

    def _before_verb(self, room: int, cost: int) -> tuple[str, tuple[str, str] | None, int]:
        """Return a negation, an adverb of frequency and the room left; ``not`` costs ``cost`` words."""
        number = self.random()
        if number < 0.09 and room >= cost:
            return "not", None, room - cost
        if number < 0.12 and room >= 2:
            return "no longer", None, room - 2
        if number < 0.16 and room >= 1:
            return "never", None, room - 1
        if number < 0.28 and room >= 1:
            return "", FREQUENCY.draw(self.random()), room - 1
        return "", None, room

    def _prepositionals(self, words: int) -> tuple[Prepositional, ...]:
        """Return none, one or, where there is much room, two prepositional phrases."""
        if not words:
            return ()
        if words > 7:
            size = self.between(2, words - 2)
            return self._prepositional(size), self._prepositional(words - size)
        return (self._prepositional(words),)

    def _prepositional(self, words: int) -> Prepositional:
        preposition = PREPOSITIONS[min(words - 1, 3)].draw(self.random())
        return Prepositional(preposition, self.noun_phrase(words - len(preposition.english), 0.3))

    def _one_word(
        self, antecedent: Nominal | None, chance: float, persons: Weighted[Pronoun], verb: Verb | None = None
    ) -> Nominal:
        """Return a pronoun for the antecedent, with that chance, another pronoun, a name or a bare plural."""
        number = self.random()
        if number < chance and antecedent is not None:
            return pronoun(antecedent)
        if number < 0.75:
            return persons.draw(self.random())
        return self.noun_phrase(1, 0.5, verb)

    def noun_phrase(self, words: int, being: float, verb: Verb | None = None) -> Nominal:
        """Return a noun phrase, a coordination or a name.

        ``being``: the chance that its noun is a person or an animal. ``verb``: the one whose object it is.
        """
        if words == 1 and self.random() < 0.7:
            return NAMES.draw(self.random())
        if words <= 2 or (words <= 4 and self.random() < 0.6):
            return self._simple(words, being, verb)
        return (LONG if words >= 4 else MIDDLE).draw(self.random())(self, words, being, verb)

    def _simple(self, words: int, being: float, verb: Verb | None) -> NounPhrase:
        """Return a noun with up to two adjectives, in 1 to 4 words; without a determiner it is plural."""
        bare = words == 1 or (words <= 3 and self.random() < 0.12)
        determiner = lexicon.INDEFINITE if bare else DETERMINERS.draw(self.random())
        if bare or determiner.english[0] is None:
            plural = True
        else:
            plural = bool(determiner.english[1]) and self.random() < PLURAL
        return self._noun(words - 2 + bare, being, verb, plural, determiner)

    def _noun(
        self, adjectives: int, being: float, verb: Verb | None, plural: bool, determiner: Determiner | None
    ) -> NounPhrase:
        noun = (BEINGS if self.random() < being else THINGS).draw(self.random())
        return NounPhrase(noun, self.french(noun, verb), determiner, plural, self._adjectives(adjectives))

    def french(self, noun: Noun, verb: Verb | None) -> FrenchNoun:
        """Choose among the noun's French words."""
        if noun.second is not None:
            return noun.second if (verb.second if verb else self.random() < SECOND_SENSE) else noun.french
        if noun.synonym is not None and self.random() < SYNONYM:
            return noun.synonym
        return noun.french

    def _adjectives(self, number: int) -> tuple[Adjective, ...]:
        """Return up to two adjectives; of two the first stands before the French noun, the second after."""
        if number == 0:
            return ()
        if number == 1:
            return ((PRECEDING if self.random() < 0.35 else FOLLOWING).draw(self.random()),)
        return PRECEDING.draw(self.random()), FOLLOWING.draw(self.random())

    def _head(self, words: int, being: float, verb: Verb | None) -> NounPhrase:
        """Return the beginning of a longer noun phrase of which ``words`` are free."""
        return self._simple(self.between(2, min(4, words)), being, verb)

    def _of(self, words: int, being: float, verb: Verb | None) -> NounPhrase:
        head = self._head(words - 2, being, verb)
        head.of = self.noun_phrase(words - 1 - length(head), 0.5)
        return head

    def _with_place(self, words: int, being: float, verb: Verb | None) -> NounPhrase:
        head = self._head(words - 2, being, verb)
        head.prepositional = self._prepositional(words - length(head))
        return head

    def _with_relative(self, words: int, being: float, verb: Verb | None) -> NounPhrase:
        head = self._head(words - 2, being, verb)
        head.relative = self._relative(words - 1 - length(head))
        return head

    def _relative(self, words: int) -> Relative:
        """Return a relative clause of which ``words`` follow the pronoun."""
        if words == 1 or self.random() < 0.55:
            return Relative(self.predicate(words))
        verb = SHORT_TRANSITIVE.draw(self.random())
        negation, frequency, left = self._before_verb(words - 2, 2)
        subject = self._one_word(None, 0.0, PERSONS) if left == 0 else self.noun_phrase(left + 1, 0.8)
        return Relative(Predicate(verb, self.random() < PAST, negation, frequency), subject)

    def _and(self, words: int, being: float, verb: Verb | None) -> Coordination:
        size = self.between(1, words - 2)
        return Coordination(
            self.noun_phrase(size, being, verb), self.noun_phrase(words - 1 - size, being, verb)
        )

    def _possessed(self, words: int, being: float, verb: Verb | None) -> NounPhrase:
        """Return the king 's house: the owner has all words but the mark, the noun and its adjectives."""
        adjectives = self.between(0, min(2, words - 3))
        phrase = self._noun(adjectives, being, verb, self.random() < PLURAL, None)
        phrase.possessor = self.noun_phrase(words - 2 - adjectives, 0.8)
        return phrase


def length(phrase: NounPhrase) -> int:
    """Return the English words of a noun phrase without complements."""
    return 1 + len(phrase.adjectives) + bool(phrase.determiner and phrase.determiner.english[phrase.plural])


def pronoun(antecedent: Nominal) -> Pronoun:
    """Return the third person pronoun that stands for a nominal."""
    feminine, plural, _ = agreement(antecedent)
    if plural:
        return lexicon.THEY[feminine]
    if isinstance(antecedent, NounPhrase) and not antecedent.noun.person:
        return lexicon.IT[feminine]
    return lexicon.SHE if feminine else lexicon.HE


SHORT_FRAMES = Weighted([Sampler._transitive, Sampler._intransitive, Sampler._be], [6, 1.5, 2.2])
FRAMES = Weighted([*SHORT_FRAMES.items, Sampler._clausal], [6, 1.5, 2.2, 1.2])
Builder = Callable[[Sampler, int, float, Verb | None], Nominal]
MIDDLE: Weighted[Builder] = Weighted([Sampler._possessed, Sampler._and], [2, 1])
LONG: Weighted[Builder] = Weighted(
    [*MIDDLE.items, Sampler._of, Sampler._with_place, Sampler._with_relative], [2, 1.5, 2.5, 1, 3]
)
