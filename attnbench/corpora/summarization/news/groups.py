"""Bodies, companies, courts, armed forces, teams."""

from __future__ import annotations

from functools import cache

from attnbench.corpora.summarization.news.desk import Desk
from attnbench.corpora.summarization.news.lexicon import names, nouns
from attnbench.corpora.summarization.news.lexicon.entries import Pair
from attnbench.corpora.summarization.news.lexicon.names import Country
from attnbench.corpora.summarization.news.patterns import Phrase, after, article, before, linked, silent
from attnbench.corpora.summarization.news.places import (
    CITIES,
    COUNTRIES,
    THE,
    belonging,
    city_called,
    national,
    owner,
)
from attnbench.corpora.weighted import Weighted

COMPANIES, BODIES, DOMESTIC, FORCES, COURTS = (
    Weighted(names.COMPANIES),
    Weighted(names.BODIES),
    Weighted(nouns.DOMESTIC),
    Weighted(nouns.FORCES),
    Weighted(nouns.COURTS),
)
BANK, POLICE = ("central bank", "central bank"), ("police", "police")


@cache
def body(entry: Pair) -> Phrase:
    """Return an international body."""
    return linked(*entry) if entry[0] in names.BARE else after(THE, linked(*entry))


@cache
def company(name: str) -> Phrase:
    """Return a company by its name alone."""
    return linked(name, name)


@cache
def indefinite(phrase: Phrase) -> Phrase:
    """Put a or an before a phrase."""
    return after(silent(article(phrase.words[0])), phrase)


def any_body(desk: Desk) -> Phrase:
    """Return an international body, or one of a country."""
    if desk.random() < 0.4:
        return body(BODIES.draw(desk.random()))
    turned = not desk.brief and desk.random() < 0.35
    return belonging(DOMESTIC.draw(desk.random()), COUNTRIES.draw(desk.random()), turned)


def any_bank(desk: Desk) -> Phrase:
    """Return a country's central bank."""
    return belonging(BANK, COUNTRIES.draw(desk.random()), not desk.brief and desk.random() < 0.4)


def any_court(desk: Desk) -> Phrase:
    """Return a court of a country or a city."""
    noun = COURTS.draw(desk.random())
    if noun[0] not in nouns.COMMON_COURTS:
        return belonging(noun, COUNTRIES.draw(desk.random()), not desk.brief and desk.random() < 0.3)
    if desk.random() < 0.5:
        return _court_in(noun, CITIES.draw(desk.random())[1])
    return indefinite(_forces_of(noun, COUNTRIES.draw(desk.random()), False))


@cache
def _court_in(noun: Pair, city: str) -> Phrase:
    return before(after(after(silent("a"), linked(*noun)), silent("in")), city_called(city))


@cache
def _forces_of(noun: Pair, one: Country, plural: bool = True) -> Phrase:
    return after(national(one), linked(*noun), plural)


@cache
def _forces_from(noun: Pair, one: Country) -> Phrase:
    return before(after(linked(*noun), silent("from")), owner(one), True)


@cache
def _forces_in(noun: Pair, city: str) -> Phrase:
    return before(after(linked(*noun), silent("in")), city_called(city), True)


@cache
def _forces(noun: Pair) -> Phrase:
    return linked(*noun, plural=True)


def any_force(desk: Desk) -> Phrase:
    """Return who fights."""
    noun, number = FORCES.draw(desk.random()), desk.random()
    one = COUNTRIES.draw(desk.random())
    if noun[0] in nouns.SINGULAR:
        return belonging(noun, one, False)
    if number < 0.15:
        return _forces(noun)
    return _forces_of(noun, one) if desk.brief or number < 0.75 else _forces_from(noun, one)


def any_police(desk: Desk) -> Phrase:
    """Return a police force."""
    number = desk.random()
    if number < 0.3:
        return _forces(POLICE)
    if desk.brief or number < 0.7:
        return _forces_of(POLICE, COUNTRIES.draw(desk.random()))
    return _forces_in(POLICE, CITIES.draw(desk.random())[1])


def any_company(desk: Desk) -> Phrase:
    """Return a company: named, perhaps with what it is in apposition, or the other way round."""
    name, number = COMPANIES.draw(desk.random()), desk.random()
    if desk.brief or number < 0.45:
        return company(name)
    ending = desk.any_of(names.COMPANY_ENDINGS)
    if number < 0.75:
        return _with_ending(name, ending)
    one, trade = COUNTRIES.draw(desk.random()), desk.any_of(nouns.INDUSTRIES)
    if number < 0.9:
        return after(company(name), silent(f"{ending} , {article(one.adjective)} {one.adjective} {trade} ,"))
    kind = after(after(THE, national(one)), linked(trade, trade))
    return after(kind, silent(f", {name} {ending} ,"))


@cache
def _with_ending(name: str, ending: str) -> Phrase:
    return after(company(name), silent(ending))


def any_team(desk: Desk) -> Phrase:
    """Return a team, named for its city."""
    city = CITIES.draw(desk.random())[1]
    return city_called(city) if desk.brief or desk.random() < 0.5 else _club(city, desk.any_of(names.CLUBS))


@cache
def _club(city: str, club: str) -> Phrase:
    return after(city_called(city), silent(club))
