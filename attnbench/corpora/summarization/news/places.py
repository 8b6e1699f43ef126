"""Countries, what belongs to them, and places."""

from __future__ import annotations

from functools import cache

from attnbench.corpora.summarization.news.desk import Desk
from attnbench.corpora.summarization.news.lexicon import names, nouns
from attnbench.corpora.summarization.news.lexicon.entries import Pair
from attnbench.corpora.summarization.news.lexicon.names import Country
from attnbench.corpora.summarization.news.patterns import Phrase, after, before, linked, silent
from attnbench.corpora.weighted import Weighted

THE, OF = silent("the"), silent("of")
COUNTRIES = Weighted(names.COUNTRIES)
CITIES = Weighted(
    sorted(
        ((one, city) for one in names.COUNTRIES for city in one.cities),
        key=lambda place: place[0].cities.index(place[1]),
    )
)
"""First the first city of each country."""
GOVERNMENT, AUTHORITIES = ("government", "govt"), ("authorities", "authorities")


@cache
def country(one: Country) -> Phrase:
    """Return a country by its name."""
    return _with_article(one, linked(one.name, one.head))


@cache
def national(one: Country) -> Phrase:
    """Return a country as an adjective."""
    return linked(one.adjective, one.head_adjective)


@cache
def owner(one: Country) -> Phrase:
    """Return a country that the article names, and for which the headline has the adjective."""
    return _with_article(one, linked(one.name, one.head_adjective))


def _with_article(one: Country, name: Phrase) -> Phrase:
    return after(THE, name) if one.name.startswith("united") else name


@cache
def belonging(noun: Pair, one: Country, turned: bool, plural: bool = False) -> Phrase:
    """Return ``the kenyan parliament``, or if ``turned`` ``the parliament of kenya``."""
    if turned:
        return before(after(after(THE, linked(*noun)), OF), owner(one), plural)
    return after(after(THE, national(one)), linked(*noun), plural)


@cache
def _government_of(one: Country) -> Phrase:
    return after(silent("the government of"), country(one))


@cache
def city_called(city: str) -> Phrase:
    """Return a city by its name alone."""
    return linked(city, city)


@cache
def _capital(one: Country) -> Phrase:
    """Return ``the kenyan capital , nairobi ,``, whose name is in apposition."""
    return after(
        after(THE, national(one)), after(linked("capital", "capital"), silent(f", {one.cities[0]} ,"))
    )


@cache
def _city_of(one: Country, city: str) -> Phrase:
    """Return ``the kenyan city of nairobi``."""
    return after(silent(f"the {one.adjective} city of"), city_called(city))


@cache
def _town(one: Country, city: str, region: str) -> Phrase:
    """Return ``the southern kenyan town of nairobi``: in short, southern kenya."""
    place = after(linked(region, region), linked(one.adjective, one.head))
    return after(after(THE, place), silent(f"town of {city}"))


def any_country(desk: Desk) -> Phrase:
    """Return a country by its name."""
    return country(COUNTRIES.draw(desk.random()))


def any_national(desk: Desk) -> Phrase:
    """Return the adjective of a country."""
    return national(COUNTRIES.draw(desk.random()))


def any_state(desk: Desk) -> Phrase:
    """Return a country that acts: itself, its government or authorities."""
    one, number = COUNTRIES.draw(desk.random()), desk.random()
    if desk.brief or number < 0.4:
        return country(one)
    if number < 0.6:
        return _government_of(one)
    if number < 0.75:
        return belonging(GOVERNMENT, one, False)
    return belonging(AUTHORITIES, one, False, True)


def any_city(desk: Desk) -> Phrase:
    """Return a place."""
    (one, city), number = CITIES.draw(desk.random()), desk.random()
    if desk.brief or number < 0.6:
        return city_called(city)
    if number < 0.75:
        return _city_of(one, city)
    if number < 0.85 and city == one.cities[0]:
        return _capital(one)
    return _town(one, city, nouns.REGIONS[int(desk.random() * len(nouns.REGIONS))])
