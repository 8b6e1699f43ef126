"""Which event an article is about shows in its structure, and in nothing that a simpler rule sees."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from attnbench.corpora.summarization import news
from attnbench.corpora.summarization.news import events
from attnbench.corpora.summarization.news.articles import LONG_AGO
from attnbench.corpora.summarization.news.desk import Desk
from attnbench.corpora.summarization.news.events import PAST, VERB
from attnbench.corpora.summarization.news.lexicon import nouns

AUXILIARIES = ("had", "has", "have", "was", "were", "will")
PASTS = {form for _, deed in events.ANY.items for _, form in deed.groups[PAST]}
OPENERS = ("after", "as", "while", "before", "who", "which")
REPORTS = ("reports", "fears", "claims", "rumors")
SPEECH = ("said", "reported", "announced")
ROLES = {entry[0].split()[0] for entry in (*nouns.STATE_ROLES, *nouns.COMPANY_ROLES)}
LENGTHS = range(20, 81)


class Told(NamedTuple):
    words: list[str]
    verb: int
    """The place of the main verb."""


@pytest.fixture(scope="module")
def articles() -> list[Told]:
    desk = Desk(random.Random(0))
    made = [news._article(desk, length) for length in LENGTHS for _ in range(10)]
    return [Told(words, places[one.main.deed.told.parts.index(VERB)])
            for one in made for words, places in [one.text()]]  # fmt: skip


def verbs(words: list[str]) -> Iterator[int]:
    """Yield the places of what is finite, for an auxiliary that of its verb; no verb of speech counts."""
    place = 0
    while place < len(words):
        word = words[place]
        if word in AUXILIARIES:
            place += 1 + (words[place + 1] in ("be", "been"))
            yield place
        elif word in PASTS and not (word in SPEECH and words[place + 1] in ("that", "on", ",", ".")):
            yield place
        place += 1


def old(words: list[str], start: int) -> bool:
    """Return whether the sentence that starts there opens with a time long past."""
    return any(tuple(words[start : start + len(time)]) == time for time in LONG_AGO)


def _compares(words: list[str], place: int) -> bool:
    """Return whether ``as`` is that of ``as many as`` or of ``as president``."""
    return words[place] == "as" and (words[place + 1] in ROLES or "many" in words[place - 1 : place + 2])


def read(words: list[str]) -> int:
    """Return the place of the main verb by the rules of ``articles``; -1: none is found."""
    finite = set(verbs(words))
    waiting, quoted, past = 0, False, old(words, 0)
    for place, word in enumerate(words):
        if word == ".":
            waiting, past = 0, old(words, place + 1)
        elif word in ("``", "''"):
            quoted = word == "``"
        elif (word in OPENERS and not _compares(words, place)) or (
            word == "that" and words[place - 1] in REPORTS
        ):
            waiting += 1
        elif place in finite and not (quoted or past):
            if not waiting:
                return place
            waiting -= 1
    return -1


def test_structure_tells_the_main_event(articles: list[Told]) -> None:
    right = sum(read(words) == verb for words, verb in articles)
    assert right / len(articles) > 0.99


def test_no_place_tells_the_main_event(articles: list[Told]) -> None:
    found = Counter[str]()
    for words, verb in articles:
        places = list(verbs(words))
        assert verb in places
        found.update(first=places[0] == verb, last=places[-1] == verb, all=len(places))
    shares = {name: number / len(articles) for name, number in found.items()}
    assert shares == pytest.approx({"first": 0.45, "last": 0.37, "all": 2.65}, abs=0.08)


def test_deeds_are_as_frequent_in_the_background(articles: list[Told]) -> None:
    """The most frequent verbs of either kind are about as frequent in the other, so none tells its kind."""
    main, background = Counter[str](), Counter[str]()
    for words, verb in articles:
        for place in verbs(words):
            (main if place == verb else background)[words[place]] += 1
    shared = sum(
        min(number / main.total(), background[word] / background.total()) for word, number in main.items()
    )
    assert shared > 0.7
