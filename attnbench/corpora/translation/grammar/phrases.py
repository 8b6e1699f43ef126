"""Noun phrases in both languages: agreement, the place of adjectives, articles, possessors."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from attnbench.corpora.translation.grammar.lexicon import Adjective, Determiner, Name, Pronoun
from attnbench.corpora.translation.grammar.morphology import elides
from attnbench.corpora.translation.grammar.surface import French, Phrase, Word
from attnbench.corpora.translation.grammar.syntax import (
    Coordination,
    Nominal,
    NounPhrase,
    Prepositional,
    Relative,
)

Relativise = Callable[[Relative, NounPhrase], Phrase]


class Agreement(NamedTuple):
    """What a verb, an adjective or a participle agrees with."""

    feminine: bool
    plural: bool
    person: int = 3

    def of(self, forms: tuple[str, str, str, str]) -> str:
        """Return the form of an adjective or participle that agrees."""
        return forms[2 * self.plural + self.feminine]


def agreement(node: Nominal) -> Agreement:
    """Return gender, number and person of a nominal."""
    if isinstance(node, NounPhrase):
        return Agreement(node.french.feminine, node.plural)
    if isinstance(node, Name):
        return Agreement(node.feminine, False)
    if isinstance(node, Pronoun):
        return Agreement(node.feminine, node.plural, node.person)
    return Agreement(agreement(node.first).feminine and agreement(node.second).feminine, True)


def nominal(node: Nominal, relativise: Relativise, negated: bool = False) -> Phrase:
    """Return a nominal in both languages.

    ``relativise`` renders a relative clause. ``negated``: the direct object of a negated verb, whose
    indefinite article is ``de``.
    """
    if isinstance(node, NounPhrase):
        return _noun_phrase(node, relativise, negated)
    if isinstance(node, Coordination):
        english, french = nominal(node.first, relativise, negated)
        other, autre = nominal(node.second, relativise, negated)
        joint = Word("and")
        return [*english, joint, *other], [*french, ("et", (joint,)), *autre]
    word = Word(node.english if isinstance(node, Name) else node.english[0])
    return [word], [(node.french if isinstance(node, Name) else node.french[0], (word,))]


def _noun_phrase(node: NounPhrase, relativise: Relativise, negated: bool) -> Phrase:
    english, french = _core(node)
    if node.possessor is not None:
        owner, possesseur = nominal(node.possessor, relativise)
        mark = Word("'" if owner[-1].form.endswith("s") and agreement(node.possessor).plural else "'s")
        article = ("les" if node.plural else "la" if node.french.feminine else "le", ())
        english = [*owner, mark, *english]
        french = [article, *french, ("de", (mark,)), *possesseur]
    elif node.determiner is not None:
        articles, articles_fr = _determiner(node.determiner, node, french[0][0], negated)
        english, french = articles + english, articles_fr + french
    if node.of is not None:
        of = Word("of")
        whole, tout = nominal(node.of, relativise)
        english, french = [*english, of, *whole], [*french, ("de", (of,)), *tout]
    if node.prepositional is not None:
        more, encore = prepositional(node.prepositional, relativise)
        english, french = english + more, french + encore
    if node.relative is not None:
        more, encore = relativise(node.relative, node)
        english, french = english + more, french + encore
    return english, french


def _core(node: NounPhrase) -> Phrase:
    """Return the adjectives and the noun, each language in its own order."""
    head = Word(node.noun.forms[node.plural])
    words = [Word(adjective.english) for adjective in node.adjectives]
    french: list[French] = [(node.french.forms[node.plural], (head,))]
    for adjective, word in zip(reversed(node.adjectives), reversed(words), strict=True):
        if adjective.precedes:
            french.insert(0, (_before(adjective, node, french[0][0]), (word,)))
    for adjective, word in zip(node.adjectives, words, strict=True):
        if not adjective.precedes:
            french.append((adjective.forms[2 * node.plural + node.french.feminine], (word,)))
    return [*words, head], french


def _before(adjective: Adjective, node: NounPhrase, following: str) -> str:
    if not node.plural and not node.french.feminine and elides(following):
        return adjective.liaison
    return adjective.forms[2 * node.plural + node.french.feminine]


def _determiner(determiner: Determiner, node: NounPhrase, following: str, negated: bool) -> Phrase:
    english = [Word(form) for form in (determiner.english[node.plural] or "").split()]
    form = determiner.french[2 if node.plural else node.french.feminine]
    indefinite = determiner.french[2] == "des"
    inverted = node.plural and any(adjective.precedes for adjective in node.adjectives)
    if indefinite and (negated or inverted):
        form = "de"
    elif not node.plural and elides(following):
        form = determiner.liaison[node.french.feminine]
    sources = tuple(english)
    return english, [(token, sources) for token in form.split()]


def prepositional(node: Prepositional, relativise: Relativise) -> Phrase:
    """Return a prepositional phrase in both languages."""
    words = [Word(form) for form in node.preposition.english]
    french: list[French] = [(form, tuple(words[i] for i in where)) for form, where in node.preposition.french]
    english, autre = nominal(node.object, relativise)
    return words + english, french + autre
