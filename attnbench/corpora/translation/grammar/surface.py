"""The last step: elision, contraction, a or an, and the links as positions."""

from __future__ import annotations

from typing import NamedTuple

from attnbench.corpora.translation.grammar.morphology import elides, takes_an


class Word:
    """An English word; French words refer to it."""

    __slots__ = ("form", "position")

    def __init__(self, form: str) -> None:
        """Make a word that has no position yet."""
        self.form = form
        self.position = -1


French = tuple[str, tuple[Word, ...]]
"""A French word and the English words it translates."""

Phrase = tuple[list[Word], list[French]]
"""The same thing in English and in French."""


class Sentence(NamedTuple):
    """A pair of tokenised sentences and its gold links (source position, target position), from 0."""

    source: list[str]
    target: list[str]
    links: list[tuple[int, int]]


ELISIONS = {form: form[:-1] + "'" for form in ("le", "la", "je", "me", "ne", "de", "que", "puisque")}
CONTRACTIONS = {
    ("de", "le"): "du",
    ("de", "les"): "des",
    ("de", "des"): "de",
    ("de", "de"): "de",
    ("de", "d'"): "d'",
    ("à", "le"): "au",
    ("à", "les"): "aux",
}


def finish(english: list[Word], french: list[French]) -> Sentence:
    """Return the two token lists and their links, sorted by target position."""
    source = _articles(english)
    target = _elided(french)
    links = [(word.position, j) for j, (_, words) in enumerate(target) for word in words]
    return Sentence(source, [form for form, _ in target], links)


def _articles(english: list[Word]) -> list[str]:
    """Number the words and return their forms, with ``an`` where it belongs."""
    forms = []
    for position, word in enumerate(english):
        word.position = position
        forms.append(word.form)
    for position, form in enumerate(forms):
        if form == "a" and takes_an(forms[position + 1]):
            forms[position] = "an"
    return forms


def _elided(french: list[French]) -> list[French]:
    """Return the words, elided and contracted; from the end, since ``le`` elides before ``de`` joins it."""
    done: list[French] = []
    following = "."
    for form, words in reversed(french):
        if form in ELISIONS and elides(following):
            form = ELISIONS[form]
        elif form == "si" and following in ("il", "ils"):
            form = "s'"
        elif (form, following) in CONTRACTIONS:
            form, words = CONTRACTIONS[form, following], words + done.pop()[1]
            if form == "de" and elides(done[-1][0]):
                form = "d'"
        done.append((form, words))
        following = form
    done.reverse()
    return done
