"""Articles: the event that the headline tells, between what it leaves out.

What is background is told by structure alone. The main event is the first finite clause that stands

- in no sentence that opens with a time long past (``last month , ...``),
- after no conjunction (``after``, ``as``, ``while``, ``a day after``, ``hours before``, ``amid reports that``),
- in no relative clause and in no quotation marks,
- and attributes nothing (``officials said that``, ``according to ...``).
"""

from __future__ import annotations

from attnbench.corpora.summarization.news import events
from attnbench.corpora.summarization.news import lexicon as lex
from attnbench.corpora.summarization.news.deeds import SCENES
from attnbench.corpora.summarization.news.desk import Desk
from attnbench.corpora.summarization.news.events import PAST, PERFECT, PLAN, PLUPERFECT, Event, Words
from attnbench.corpora.summarization.news.patterns import pattern, put
from attnbench.corpora.summarization.news.people import any_leader
from attnbench.corpora.summarization.news.places import any_national
from attnbench.corpora.summarization.news.slots import fillers
from attnbench.corpora.weighted import Weighted

BACKGROUNDS = Weighted([pattern(line) for line in SCENES.strip().split("\n")])
BEFORE = tuple(
    tuple(text.split()) for text in ("after", "after", "a day after", "hours after", "weeks after")
)
BESIDE = tuple(tuple(text.split()) for text in ("as", "while", "as", "a day before"))
HEARD = tuple(tuple(f"amid {what} that".split()) for what in ("reports", "fears", "claims", "rumors"))
SPOKE = (("said",), ("said",), ("said",), ("reported",), ("announced",))
SPEAKERS = Weighted([tuple(text.split()) for text in lex.SPEAKERS])
LONG_AGO = tuple(
    tuple(text.split())
    for text in (
        "last week", "last month", "last year", "two years ago", "earlier this year", "in the spring",
        "three months ago", "last summer",
    )
)  # fmt: skip
SHORT = 14
"""Events for fewer words than ``SHORT`` are told in short."""


PEOPLE = ("LEADER", "PERSON", "PLAYER", "CROWD")


class Article:
    """An article in the making."""

    def __init__(self, desk: Desk, main: Event, tense: int, time: Words) -> None:
        """Begin with the main event."""
        self.desk, self.main, self.tense, self.time = desk, main, tense, time
        self.opening: list[str] = []
        self.attribution: list[str] = []
        self.front: list[str] = []
        self.relative: list[str] = []
        self.tail: list[str] = []
        self.source: list[str] = []
        self.more: list[str] = []
        clause: list[str] = []
        main.tell(clause, tense, time)
        self.size = len(clause) + 1

    def grow(self, length: int) -> None:
        """Tell more until there are ``length`` words, or a few less."""
        missed = 0
        while missed < 6 and length - self.size > 2:
            way = WAYS.draw(self.desk.random())
            words = way(self, length - self.size)
            missed += not words
            self.size += words
        room = length - self.size
        if not self.time and room >= 2 and self.tense != PERFECT:
            self.time = _day(self.desk, room)
            self.size += len(self.time)

    def text(self) -> tuple[list[str], list[int], int]:
        """Return the words, and where the main event's parts and its subject stand."""
        words = [*self.opening, *self.attribution]
        if self.front:
            words += self.front
            _comma(words)
        start = len(words)
        words += self.main.phrases[0].words
        if self.relative:
            _comma(words)
            words += self.relative
            _comma(words)
        places = self.main.predicate(words, self.tense, self.time)
        words += self.tail
        if self.source:
            _comma(words)
            words += self.source
        _stop(words)
        words += self.more
        places[0] = start
        return words, places, start

    def _event(self, room: int) -> Event:
        self.desk.brief = room < SHORT
        return events.draw(self.desk)

    def _some_time_ago(self) -> Words:
        return self.desk.any_of(LONG_AGO) if self.desk.random() < 0.3 else ()

    def _clause(self, room: int) -> list[str]:
        """Return a background clause with what opens it."""
        desk, number = self.desk, self.desk.random()
        if number < 0.25:
            made = BACKGROUNDS.draw(desk.random())
            desk.brief = room < SHORT
            words: list[str] = []
            put(words, made.parts, fillers(desk, made.slots))
            return words
        if number < 0.65:
            words, tense = [*desk.any_of(BEFORE)], PAST if desk.random() < 0.6 else PLUPERFECT
        elif number < 0.85:
            words, tense = [*desk.any_of(BESIDE)], PAST
        else:
            words, tense = [*desk.any_of(HEARD)], PLUPERFECT if desk.random() < 0.6 else PERFECT
        self._event(room).tell(words, tense, self._some_time_ago())
        return words

    def _speaker(self, room: int) -> list[str]:
        desk, number = self.desk, self.desk.random()
        if number < 0.6:
            return [*SPEAKERS.draw(desk.random())]
        desk.brief = room < SHORT
        if number < 0.75:
            return [*any_national(desk).words, "officials"]
        return [*any_leader(desk).words]

    def add_front(self, room: int) -> int:
        """Open the main sentence with a background clause."""
        if self.front or room < 6:
            return 0
        words = self._clause(room)
        if len(words) + 1 > room:
            return 0
        self.front = words
        return len(words) + 1

    def add_tail(self, room: int) -> int:
        """Close the main sentence with a background clause."""
        if self.tail or self.source or room < 5:
            return 0
        words = self._clause(room)
        if len(words) > room:
            return 0
        self.tail = words
        return len(words)

    def add_attribution(self, room: int) -> int:
        """Say who said it, before or after."""
        if self.attribution or self.source:
            return 0
        desk = self.desk
        words = self._speaker(room)
        spoke = desk.any_of(SPOKE)
        number = desk.random()
        if number < 0.35:
            words += [*spoke, *_day(desk, 2), "that"] if desk.random() < 0.5 else [*spoke, "that"]
            kept = self.attribution
        elif number < 0.55:
            words = ["according", "to", *words]
            _comma(words)
            kept = self.attribution
        elif number < 0.75:
            words = ["according", "to", *words]
            kept = self.source
        else:
            words += [*spoke, *_day(desk, 2)] if desk.random() < 0.3 else spoke
            kept = self.source
        size = len(words) + (kept is self.source)
        if size > room:
            return 0
        kept += words
        return size

    def add_relative(self, room: int) -> int:
        """Say what else the subject did."""
        phrase = self.main.phrases[0]
        if self.relative or room < 6 or phrase.words[-1] == ",":
            return 0
        self.desk.brief = room < SHORT
        words = ["who" if self.main.who in PEOPLE else "which"]
        events.further(self.desk, self.main).predicate(
            words, PLUPERFECT if self.desk.random() < 0.7 else PAST, self._some_time_ago()
        )
        if len(words) + 2 > room:
            return 0
        self.relative = words
        return len(words) + 2

    def add_opening(self, room: int) -> int:
        """Put a sentence on what was before the main one."""
        if self.opening or room < 9:
            return 0
        words = [*self.desk.any_of(LONG_AGO), ","]
        self._event(room).tell(words, PLUPERFECT if self.desk.random() < 0.5 else PAST, ())
        _stop(words)
        if len(words) > room:
            return 0
        self.opening = words
        return len(words)

    def add_sentence(self, room: int) -> int:
        """Add a sentence, a quotation perhaps."""
        if room < 7:
            return 0
        desk, words = self.desk, list[str]()
        event = self._event(room)
        if desk.random() < 0.3:
            words.append("``")
            event.tell(words, PLAN if desk.random() < 0.6 else PERFECT, ())
            _comma(words)
            words += ["''", *self._speaker(room - len(words)), "said"]
        else:
            time = _day(desk, 2) if desk.random() < 0.5 else self._some_time_ago()
            event.tell(words, PAST if desk.random() < 0.7 else PLUPERFECT, time)
            if desk.random() < 0.3:
                words += self._clause(room - len(words))
        _stop(words)
        if len(words) > room:
            return 0
        self.more += words
        return len(words)


WAYS = Weighted(
    [Article.add_front, Article.add_attribution, Article.add_relative, Article.add_tail, Article.add_opening,
     Article.add_sentence],
    [20, 25, 15, 20, 8, 20],
)  # fmt: skip


def _comma(words: list[str]) -> None:
    if words[-1] != ",":
        words.append(",")


def _stop(words: list[str]) -> None:
    if words[-1] == ",":
        words.pop()
    words.append(".")


def _day(desk: Desk, room: int) -> Words:
    day = desk.any_of(lex.DAYS)
    if room > 2 and desk.random() < 0.5:
        return (desk.any_of(("late", "early")), "on", day)
    return ("on", day)
