"""A small world of news: articles and their headlines, with gold links.

An event is drawn from tables of deeds (``deeds``, ``events``), and its slots are filled with noun phrases
(``slots``), each in full for the article and in short for the headline. The article tells it among other
events, which structure alone marks as background (``articles``); the headline tells it alone. Words are in
``lexicon``.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from attnbench.corpora.summarization.news import events
from attnbench.corpora.summarization.news.articles import Article
from attnbench.corpora.summarization.news.desk import Desk
from attnbench.corpora.summarization.news.patterns import fill

__all__ = ["Item", "item"]


SLACK = 4
"""By how many words an article may fall short of the length that was drawn."""
SECOND = 0.3
"""How often the second headline is taken, where there is one."""
BRIEF = 10
"""The main event is told in short with this chance over the length."""


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
        words, places = article.text()
        if max(low, length - SLACK) <= len(words) <= high:
            break
    deed = article.main.deed
    planned = deed.planned if article.tense == events.PLAN else None
    heads = (planned or deed.told).heads
    second = len(heads) > 1 and not planned and desk.random() < SECOND
    target, links = fill(heads[second], article.main.phrases, places)
    return Item(words, target, links)


def _article(desk: Desk, length: int) -> Article:
    """Return an article of at most about ``length`` words."""
    while True:
        desk.brief = desk.random() < BRIEF / length
        main = events.draw(desk)
        number, tense = desk.random(), events.PAST
        if number < 0.12:
            tense = events.PERFECT
        elif number < 0.3 and main.deed.planned:
            tense = events.PLAN
        article = Article(desk, main, tense)
        if article.size <= length:
            article.grow(length)
            return article
