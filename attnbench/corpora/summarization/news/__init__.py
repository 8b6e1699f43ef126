"""A small world of news: articles and their headlines, with gold links.

An event is drawn from a table of deeds (``deeds``, ``events``), its slots filled with noun phrases (``slots``),
each in full for the article and in short for the headline. The article tells it among other events, which
structure alone marks as background (``articles``); the headline tells it alone.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from attnbench.corpora.summarization.news import events
from attnbench.corpora.summarization.news.articles import Article
from attnbench.corpora.summarization.news.desk import Desk
from attnbench.corpora.summarization.news.patterns import fill

__all__ = ["Item", "item"]


class Item(NamedTuple):
    """An article, its headline and what is known of them."""

    source: list[str]
    target: list[str]
    links: list[tuple[int, int]]
    """Headline word and article word, from 0."""


def item(rng: random.Random, low: int, high: int) -> Item:
    """Return an article of ``low`` to ``high`` words, at least 8 and 10, with its headline.

    All lengths are about as likely. The same state of ``rng`` gives the same item.
    """
    desk = Desk(rng)
    length = desk.between(low, high)
    while True:
        article = _article(desk, length)
        if max(low, length - 4) <= article.size <= length:
            break
    words, places, _ = article.text()
    deed = article.main.deed
    planned = article.tense == events.PLAN and deed.planned
    heads = (planned or deed.told).heads
    usual = planned or len(heads) == 1 or desk.random() < 0.7
    target, links = fill(heads[0 if usual else 1], article.main.phrases, places)
    return Item(words, target, links)


def _article(desk: Desk, length: int) -> Article:
    while True:
        desk.brief = desk.random() < 10 / length
        main = events.draw(desk)
        number = desk.random()
        tense = events.PAST
        if number < 0.12:
            tense = events.PERFECT
        elif number < 0.3 and main.deed.planned:
            tense = events.PLAN
        article = Article(desk, main, tense, ())
        if article.size <= length:
            break
    article.grow(length)
    return article
