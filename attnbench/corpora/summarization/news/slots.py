"""The slots of patterns: what each is filled with."""

from __future__ import annotations

from collections.abc import Iterable

from attnbench.corpora.summarization.news import counts, groups, people, places, things
from attnbench.corpora.summarization.news.deeds.parts import ACTS
from attnbench.corpora.summarization.news.desk import Desk, Maker
from attnbench.corpora.summarization.news.lexicon import names, nouns
from attnbench.corpora.summarization.news.lexicon.entries import Pair
from attnbench.corpora.summarization.news.patterns import Phrase, entries, fill, linked, pattern, put
from attnbench.corpora.weighted import Weighted


def _pairs(pairs: tuple[Pair, ...]) -> Maker:
    phrases = Weighted([linked(*entry) for entry in pairs])
    return lambda desk: phrases.draw(desk.random())


def _words(words: tuple[str, ...]) -> Maker:
    return _pairs(tuple((word, word) for word in words))


def fillers(desk: Desk, slots: Iterable[str]) -> list[Phrase]:
    """Return a phrase for each slot."""
    return [SLOTS[name](desk) for name in slots]


_ACTS = Weighted([pattern(act, headlines) for act, *headlines in entries(ACTS)])


def _act(desk: Desk) -> Phrase:
    """Return what somebody agrees to do."""
    made = _ACTS.draw(desk.random())
    phrases, words = fillers(desk, made.slots), list[str]()
    parts = put(words, made.parts, phrases)
    head, links = fill(made.heads[0], phrases, parts)
    return Phrase(tuple(words), tuple(head), tuple(links))


SLOTS: dict[str, Maker] = {
    "ACT": _act,
    "BANK": groups.any_bank,
    "BODY": groups.any_body,
    "BOMB": things.any_bomb,
    "CHIEF": _pairs(nouns.COMPANY_ROLES),
    "CITY": places.any_city,
    "COMMODITY": _words(nouns.COMMODITIES),
    "COMPANY": groups.any_company,
    "COUNTRY": places.any_country,
    "COURT": groups.any_court,
    "CRIME": _pairs(nouns.CRIMES),
    "CROWD": counts.any_crowd,
    "CUP": things.any_cup,
    "DEAD": counts.any_dead,
    "DISASTER": things.any_disaster,
    "DOC": things.any_document,
    "DRAW": counts.any_draw,
    "DRUG": _words(nouns.DRUGS),
    "FEE": counts.any_fee,
    "FORCE": groups.any_force,
    "FRAUD": _pairs(nouns.FRAUDS),
    "GOODS": _pairs(nouns.GOODS),
    "INJURY": _words(nouns.INJURIES),
    "LEADER": people.any_leader,
    "MONEY": counts.any_money,
    "MONTH": _words(names.MONTHS),
    "NAME": people.any_name,
    "NATIONAL": places.any_national,
    "NUMBER": counts.any_number,
    "PARTS": _words(nouns.PARTS),
    "PERCENT": counts.any_percent,
    "PERSON": people.any_person,
    "PLAYER": people.any_player,
    "POLICE": groups.any_police,
    "ROLE": _pairs(nouns.STATE_ROLES),
    "SCORE": counts.any_score,
    "SHARES": things.any_shares,
    "STATE": places.any_state,
    "TEAM": groups.any_team,
    "TOPIC": _pairs(nouns.TOPICS),
    "VEHICLE": things.any_vehicle,
    "YEARS": counts.any_years,
}
