"""Events: a deed with somebody who does it, in every tense and in pieces."""

from __future__ import annotations

from typing import NamedTuple

from attnbench.corpora.summarization.news.deeds import business, courts, disasters, politics, security, sport
from attnbench.corpora.summarization.news.desk import Desk
from attnbench.corpora.summarization.news.patterns import (
    AUXILIARY,
    TIME,
    VERB,
    Pattern,
    Phrase,
    entries,
    pattern,
)
from attnbench.corpora.summarization.news.slots import SLOTS, fillers
from attnbench.corpora.summarization.news.verbs import verb
from attnbench.corpora.weighted import Weighted

Words = tuple[str, ...]

PAST, PERFECT, PLUPERFECT, PLAN = range(4)
"""``visited``, ``has visited``, ``had visited``, ``will visit``."""


class Deed(NamedTuple):
    """A line of a table of ``deeds``."""

    subjects: tuple[str, ...]
    told: Pattern
    planned: Pattern | None
    """With the headlines for what will be done; None: that is not told as news."""
    groups: tuple[tuple[tuple[Words, str], tuple[Words, str]], ...]
    """Auxiliary and verb by tense and number."""


def _groups(base: str, passive: bool) -> tuple[tuple[tuple[Words, str], tuple[Words, str]], ...]:
    forms = verb(base)
    if passive:
        done = forms.participle
        return (
            ((("was",), done), (("were",), done)),
            ((("has", "been"), done), (("have", "been"), done)),
            ((("had", "been"), done), (("had", "been"), done)),
            ((("will", "be"), done), (("will", "be"), done)),
        )
    return (
        (((), forms.past), ((), forms.past)),
        ((("has",), forms.participle), (("have",), forms.participle)),
        ((("had",), forms.participle), (("had",), forms.participle)),
        ((("will",), forms.base), (("will",), forms.base)),
    )


def _deed(block: list[str]) -> Deed:
    (subjects, name, rest), headlines = block[0].split(" | "), block[1:]
    passive, star = name.startswith("be "), name.endswith("*")
    base = name.removeprefix("be ").removesuffix("*")
    article = f"S A V {rest}"
    told = pattern(article, headlines, base)
    verbal = [headline for headline in headlines if "~" in headline or " V " in headline]
    planned = pattern(article, verbal, base, True) if star and verbal else None
    return Deed(tuple(subjects.split()), told, planned, _groups(base, passive))


TOPICS = (
    (politics.DEEDS, 28),
    (security.DEEDS, 22),
    (business.DEEDS, 18),
    (sport.DEEDS, 12),
    (courts.DEEDS, 11),
    (disasters.DEEDS, 9),
)
"""Tables of deeds, and how often one of each is told."""


def _weights(number: int) -> list[float]:
    """Return weights for the deeds of a table, the first the most frequent."""
    parts = [1 / (rank + 12) for rank in range(number)]
    return [part / sum(parts) for part in parts]


def _weighted() -> list[tuple[str, Deed, float]]:
    """Return who does what, and how often."""
    told = []
    for text, share in TOPICS:
        blocks = entries(text)
        for block, weight in zip(blocks, _weights(len(blocks)), strict=True):
            deed = _deed(block)
            told += [(who, deed, share * weight / len(deed.subjects)) for who in deed.subjects]
    return told


_TOLD = _weighted()
ANY = Weighted([(who, deed) for who, deed, _ in _TOLD], [weight for *_, weight in _TOLD])
"""Who does what."""
BY = {
    who: Weighted(*zip(*((deed, weight) for other, deed, weight in _TOLD if other == who), strict=True))
    for who, *_ in _TOLD
}
"""What each kind of subject does."""


class Event(NamedTuple):
    """A deed with what its slots hold, the subject first."""

    who: str
    """The slot that the subject is of."""
    deed: Deed
    phrases: list[Phrase]

    def tell(self, words: list[str], tense: int, time: Words) -> None:
        """Add the event to an article as a clause."""
        words.extend(self.phrases[0].words)
        self.predicate(words, tense, time)

    def predicate(self, words: list[str], tense: int, time: Words) -> list[int]:
        """Add what follows the subject; return the places of the pattern's parts, the subject's as 0."""
        auxiliary, form = self.deed.groups[tense][self.phrases[0].plural]
        phrases, places = self.phrases, [0]
        for part in self.deed.told.parts[1:]:
            if isinstance(part, str):
                if part == "," == words[-1]:
                    words.pop()
                places.append(len(words))
                words.append(part)
                continue
            places.append(len(words))
            if part >= 0:
                words.extend(phrases[part].words)
            elif part == VERB:
                words.append(form)
            elif part == AUXILIARY:
                words.extend(auxiliary)
            elif part == TIME:
                words.extend(time)
        return places


def draw(desk: Desk) -> Event:
    """Return an event."""
    who, deed = ANY.draw(desk.random())
    return _event(desk, who, deed, SLOTS[who](desk))


def further(desk: Desk, event: Event) -> Event:
    """Return another event with the same subject."""
    return _event(desk, event.who, BY[event.who].draw(desk.random()), event.phrases[0])


def _event(desk: Desk, who: str, deed: Deed, subject: Phrase) -> Event:
    """Return a deed with its slots filled; nobody does a thing to himself."""
    phrases = [subject, *fillers(desk, deed.told.slots[1:])]
    while any(phrase.head == subject.head for phrase in phrases[1:]):
        phrases[1:] = fillers(desk, deed.told.slots[1:])
    return Event(who, deed, phrases)
