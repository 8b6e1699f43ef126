"""Numbers: of people, of money, of years."""

from __future__ import annotations

from functools import cache

from attnbench.corpora.summarization.news.desk import Desk
from attnbench.corpora.summarization.news.groups import indefinite
from attnbench.corpora.summarization.news.lexicon import nouns
from attnbench.corpora.summarization.news.lexicon.entries import Pair
from attnbench.corpora.summarization.news.patterns import Phrase, after, linked
from attnbench.corpora.summarization.news.places import COUNTRIES, national
from attnbench.corpora.weighted import Weighted

CROWDS = Weighted([linked(*entry, plural=True) for entry in nouns.CROWDS])
SOMEBODY = Weighted([linked(*entry) for entry in nouns.SOMEBODY])
MANY = tuple(linked(f"{word} of", f"{word} of") for word in nouns.MANY)
HEDGES = tuple(tuple(hedge.split()) for hedge in nouns.HEDGES)
NUMERALS = tuple(nouns.NUMERALS)


def any_number(desk: Desk) -> Phrase:
    """Return a number, in words from two to nine, perhaps with a hedge that the headline drops."""
    number = desk.random()
    if number < 0.4:
        word = desk.any_of(NUMERALS)
    else:
        word = str(desk.between(10, 99) if number < 0.85 else desk.between(100, 999))
    if desk.brief or desk.random() < 0.6:
        return Phrase((word,), (word,), ((0, 0),), True)
    hedge = desk.any_of(HEDGES)
    return Phrase((*hedge, word), (word,), ((0, len(hedge)),), True)


def any_crowd(desk: Desk) -> Phrase:
    """Return people: somebody, dozens, or a number."""
    number = desk.random()
    noun = (SOMEBODY if number < 0.15 else CROWDS).draw(desk.random())
    if desk.random() < 0.3 and noun.words != ("people",):
        noun = after(national(COUNTRIES.draw(desk.random())), noun)
    if number < 0.15:
        return indefinite(noun)
    return after(desk.any_of(MANY) if number < 0.35 else any_number(desk), noun, True)


def any_dead(desk: Desk) -> Phrase:
    """Return how many people something befell; people is left out by the headline."""
    number = any_number(desk)
    if desk.random() < 0.6:
        return number._replace(words=(*number.words, "people"))
    return after(number, CROWDS.draw(desk.random()), True)


def _amount(desk: Desk, most: int) -> str:
    if desk.random() < 0.5:
        return str(desk.between(2, most))
    return f"{desk.between(1, 9)}.{desk.between(1, 9)}"


def any_money(desk: Desk) -> Phrase:
    """Return an amount of money."""
    return _sum(desk, ("million", "mln") if desk.random() < 0.7 else ("billion", "bln"))


def any_fee(desk: Desk) -> Phrase:
    """Return millions."""
    return _sum(desk, ("million", "mln"))


def _sum(desk: Desk, unit: Pair) -> Phrase:
    coin, coins = ("dollars", "dlrs") if desk.random() < 0.7 else ("euros", "euros")
    amount = _amount(desk, 99)
    return Phrase((amount, unit[0], coin), (amount, unit[1], coins), ((0, 0), (1, 1), (2, 2)))


def any_percent(desk: Desk) -> Phrase:
    """Return a share in a hundred."""
    amount = _amount(desk, 60)
    return Phrase((amount, "percent"), (amount, "pct"), ((0, 0), (1, 1)))


def any_years(desk: Desk) -> Phrase:
    """Return how long somebody is jailed."""
    number = desk.any_of(NUMERALS) if desk.random() < 0.5 else str(desk.between(10, 40))
    return Phrase((number, "years"), (number, "years"), ((0, 0), (1, 1)), True)


def any_score(desk: Desk) -> Phrase:
    """Return the score of a match that somebody won."""
    most = desk.between(1, 5)
    return _score(f"{most}-{desk.between(0, most - 1)}")


def any_draw(desk: Desk) -> Phrase:
    """Return the score of a match that nobody won."""
    return _score("{0}-{0}".format(desk.between(0, 4)))


@cache
def _score(score: str) -> Phrase:
    return linked(score, score)
