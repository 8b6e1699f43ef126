"""Things: documents, cups, vehicles, disasters, shares."""

from __future__ import annotations

from functools import cache

from attnbench.corpora.summarization.news.desk import Desk
from attnbench.corpora.summarization.news.groups import any_company, indefinite
from attnbench.corpora.summarization.news.lexicon import names, nouns
from attnbench.corpora.summarization.news.lexicon.entries import Pair
from attnbench.corpora.summarization.news.patterns import Phrase, after, before, linked, silent
from attnbench.corpora.summarization.news.places import COUNTRIES, THE, national
from attnbench.corpora.weighted import Weighted

TOPICS, DOCUMENTS, CUPS, ROUNDS = (
    Weighted(nouns.TOPICS),
    Weighted(nouns.DOCUMENTS),
    Weighted(names.CUPS),
    Weighted(nouns.ROUNDS),
)
DISASTERS, BOMBS = Weighted(nouns.DISASTERS), Weighted(nouns.BOMBS)
VEHICLES = Weighted([linked(*entry) for entry in nouns.VEHICLES])
SHARES = after(linked("shares", "shares"), silent("in"))


@cache
def _document(noun: Pair, topic: Pair, opinion: str, turned: bool) -> Phrase:
    """Return ``the new energy bill``, or if ``turned`` ``a new bill on energy``."""
    document, about = linked(*noun), linked(*topic)
    if not turned:
        return after(after(THE, silent(opinion)), after(about, document))
    return before(after(indefinite(after(silent(opinion), document)), silent("on")), about)


def any_document(desk: Desk) -> Phrase:
    """Return a bill, a plan, an agreement on something."""
    opinion = "" if desk.brief or desk.random() < 0.7 else desk.any_of(nouns.OPINIONS)
    turned = desk.random() < 0.5
    return _document(DOCUMENTS.draw(desk.random()), TOPICS.draw(desk.random()), opinion, turned)


@cache
def _cup(stage: Pair, cup: str) -> Phrase:
    return before(after(after(THE, linked(*stage)), silent("of the")), linked(cup, cup))


@cache
def _whole_cup(cup: str) -> Phrase:
    return after(THE, linked(cup, cup))


def any_cup(desk: Desk) -> Phrase:
    """Return what is played for."""
    cup = CUPS.draw(desk.random())
    if desk.brief or desk.random() < 0.4:
        return _whole_cup(cup)
    return _cup(ROUNDS.draw(desk.random()), cup)


@cache
def _of_strength(entry: Pair, strength: str) -> Phrase:
    plural = entry[0] in nouns.MASSES
    phrase = after(silent(strength), linked(*entry), plural)
    return phrase if plural else indefinite(phrase)


def _with_strength(desk: Desk, entry: Pair) -> Phrase:
    strength = "" if desk.brief or desk.random() < 0.6 else desk.any_of(nouns.STRENGTHS)
    return _of_strength(entry, strength)


def any_disaster(desk: Desk) -> Phrase:
    """Return a storm or the like."""
    return _with_strength(desk, DISASTERS.draw(desk.random()))


def any_bomb(desk: Desk) -> Phrase:
    """Return what explodes."""
    return _with_strength(desk, BOMBS.draw(desk.random()))


def any_vehicle(desk: Desk) -> Phrase:
    """Return a vehicle, perhaps of a country."""
    vehicle = VEHICLES.draw(desk.random())
    if desk.random() < 0.5:
        vehicle = after(national(COUNTRIES.draw(desk.random())), vehicle)
    return indefinite(vehicle)


@cache
def _prices(noun: str) -> Phrase:
    return linked(f"{noun} prices", f"{noun} prices", True)


def any_shares(desk: Desk) -> Phrase:
    """Return shares of a company, prices, or a country's stocks or exports."""
    number = desk.random()
    if number < 0.5:
        return before(SHARES, any_company(desk), True)
    if number < 0.7:
        return _prices(desk.any_of(nouns.COMMODITIES))
    noun = "stocks" if number < 0.85 else "exports"
    return after(national(COUNTRIES.draw(desk.random())), linked(noun, noun), True)
