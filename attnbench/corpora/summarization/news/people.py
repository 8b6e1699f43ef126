"""Persons: their names, and what they are.

A headline keeps the head of a phrase and drops what stands in apposition: ``kenyan prime minister john
silva`` is the ``kenyan pm``, ``john silva , the prime minister of kenya ,`` is ``silva``.
"""

from __future__ import annotations

from functools import cache

from attnbench.corpora.summarization.news.desk import Desk
from attnbench.corpora.summarization.news.groups import BODIES, COMPANIES, body, company, indefinite
from attnbench.corpora.summarization.news.lexicon import names, nouns
from attnbench.corpora.summarization.news.lexicon.entries import Pair
from attnbench.corpora.summarization.news.patterns import Phrase, after, before, linked, silent
from attnbench.corpora.summarization.news.places import COUNTRIES, OF, THE, national, owner
from attnbench.corpora.weighted import Weighted

FIRST_NAMES = Weighted(names.FIRST_NAMES)
SURNAMES = Weighted(names.SURNAMES, [1 / (rank + 40) for rank in range(len(names.SURNAMES))])
"""Flatter than other words, as there are so many."""
STATE_ROLES, COMPANY_ROLES, BODY_ROLES, JOBS, PLAYERS = (
    Weighted(nouns.STATE_ROLES),
    Weighted(nouns.COMPANY_ROLES),
    Weighted(nouns.BODY_ROLES),
    Weighted(nouns.JOBS),
    Weighted(nouns.PLAYERS),
)


def any_name(desk: Desk) -> Phrase:
    """Return a first name and a surname, of which the headline keeps the surname."""
    first, last = FIRST_NAMES.draw(desk.random()), SURNAMES.draw(desk.random())
    return Phrase((first, last), (last,), ((0, 1),))


@cache
def _before_name(role: Pair, whose: Phrase) -> Phrase:
    """Return ``kenyan prime minister``."""
    return after(whose, linked(*role))


@cache
def _the_one(role: Pair, of: Phrase) -> Phrase:
    """Return ``the prime minister of kenya``."""
    return before(after(after(THE, linked(*role)), OF), of)


@cache
def _one(role: Pair, whence: Phrase) -> Phrase:
    """Return ``a singer from kenya``."""
    return before(after(indefinite(linked(*role)), silent("from")), whence)


def _person(desk: Desk, role: Pair, whose: Phrase, title: Phrase) -> Phrase:
    """Return somebody with a role: ``whose`` stands before it, ``title`` is it in full."""
    name, number = any_name(desk), desk.random()
    if number < (0.55 if desk.brief else 0.12):
        return name
    if desk.brief or number < 0.55:
        short = _before_name(role, whose)
        return Phrase(short.words + name.words, short.head, short.links)
    if number < 0.65:
        short = _before_name(role, whose)
        return Phrase((*short.words, *name.words, ",", _age(desk), ","), short.head, short.links)
    if number < 0.75:
        return Phrase((*title.words, ",", *name.words, ","), title.head, title.links)
    words = title.words if number < 0.88 else (*_aged(desk, title.words[0]), *title.words[1:])
    return Phrase((*name.words, ",", *words, ","), name.head, name.links)


def _age(desk: Desk) -> str:
    return str(30 + int(desk.random() * 50))


def _aged(desk: Desk, article: str) -> tuple[str, str]:
    return "the" if article == "the" else "a", f"{_age(desk)}-year-old"


def any_leader(desk: Desk) -> Phrase:
    """Return somebody who leads a country, a company or a body."""
    number = desk.random()
    if number < 0.7:
        one, role = COUNTRIES.draw(desk.random()), STATE_ROLES.draw(desk.random())
        return _person(desk, role, national(one), _the_one(role, owner(one)))
    if number < 0.88:
        firm, role = company(COMPANIES.draw(desk.random())), COMPANY_ROLES.draw(desk.random())
        return _person(desk, role, firm, _the_one(role, firm))
    entry, role = BODIES.draw(desk.random()), BODY_ROLES.draw(desk.random())
    return _person(desk, role, linked(*entry), _the_one(role, body(entry)))


def _from_country(desk: Desk, roles: Weighted[Pair]) -> Phrase:
    one, role = COUNTRIES.draw(desk.random()), roles.draw(desk.random())
    return _person(desk, role, national(one), _one(role, owner(one)))


def any_person(desk: Desk) -> Phrase:
    """Return somebody with a job."""
    return _from_country(desk, JOBS)


def any_player(desk: Desk) -> Phrase:
    """Return somebody who plays for a country."""
    return _from_country(desk, PLAYERS)
