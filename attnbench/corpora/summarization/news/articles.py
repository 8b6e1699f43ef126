"""Articles: the event that the headline tells, among others that it leaves out.

What is background shows in the structure alone. The main event is the first finite clause that stands

- in no sentence that opens with a time long past (``last month , ...``),
- behind no conjunction (``after``, ``as``, ``while``, ``hours after``, ``amid reports that``),
- in no relative clause and in no quotation marks,
- and reports no speech (``officials said that``, ``according to ...``).
"""

from __future__ import annotations

from collections.abc import Callable

from attnbench.corpora.summarization.news import events
from attnbench.corpora.summarization.news.deeds.parts import SCENES
from attnbench.corpora.summarization.news.desk import Desk
from attnbench.corpora.summarization.news.events import PAST, PERFECT, PLAN, PLUPERFECT, Event, Words
from attnbench.corpora.summarization.news.lexicon import names, nouns
from attnbench.corpora.summarization.news.patterns import entries, pattern, put
from attnbench.corpora.summarization.news.people import any_leader
from attnbench.corpora.summarization.news.places import any_national
from attnbench.corpora.summarization.news.slots import fillers
from attnbench.corpora.weighted import Weighted


def _texts(*texts: str) -> tuple[Words, ...]:
    return tuple(tuple(text.split()) for text in texts)


SCENERY = Weighted([pattern(scene) for (scene,) in entries(SCENES)])
EARLIER = _texts("after", "after", "a day after", "hours after", "weeks after")
BESIDE = _texts("as", "as", "while", "a day before")
HEARD = _texts("amid reports that", "amid fears that", "amid claims that", "despite reports that")
QUOTING = ("saying", "adding")
"""What opens a quotation within a sentence."""
SPOKE = _texts("said", "said", "said", "reported", "announced")
SPEAKERS = Weighted(_texts(*nouns.SPEAKERS))
LONG_AGO = _texts(
    "last week", "last month", "last year", "two years ago", "earlier this year", "in the spring",
    "three months ago", "last summer",
)  # fmt: skip

PEOPLE = ("LEADER", "PERSON", "PLAYER", "CROWD")
"""Subjects of whom a relative clause says who."""
FORCES = ("FORCE", "POLICE")
"""Subjects of whom it does in the plural."""
TALKING = ("LEADER", "STATE", "BODY", "COMPANY", "COURT", "PLAYER", "TEAM", "POLICE")
"""Subjects that are quoted."""
SHORT = 14
"""Where there is room for fewer words, phrases are as short as they can be."""


class Article:
    """An article in the making: the main event, and lists of words before, within and behind it."""

    def __init__(self, desk: Desk, main: Event, tense: int) -> None:
        """Begin with the main event alone."""
        self.desk, self.main, self.tense = desk, main, tense
        self.time: Words = ()
        self.opening: list[str] = []
        self.speech: list[str] = []
        self.front: list[str] = []
        self.relative: list[str] = []
        self.tail: list[str] = []
        self.speaker: list[str] = []
        self.more: list[str] = []
        self.size = len(self.text()[0])

    def text(self) -> tuple[list[str], list[int]]:
        """Return the words, and the places of the parts of the main event's pattern."""
        words = [*self.opening, *self.speech, *self.front]
        start = len(words)
        words += self.main.phrases[0].words
        if self.relative:
            _comma(words)
            words += self.relative
            _comma(words)
        places = self.main.predicate(words, self.tense, self.time)
        places[0] = start
        if self.tail:
            if self.tail[0] in QUOTING:
                _comma(words)
            words += self.tail
        if self.speaker:
            _comma(words)
            words += self.speaker
        _stop(words)
        return words + self.more, places

    def grow(self, length: int) -> None:
        """Tell more until there are ``length`` words, or a few less."""
        draw = self.desk.random
        ways = [(draw(), way) for share, way in WAYS if draw() < share]
        for _, way in sorted(ways, key=lambda pair: pair[0]):
            self.size += way(self, length - self.size)
        missed = 0
        while missed < 3 and length - self.size >= 7:
            size = self.add_sentence(length - self.size)
            self.size += size
            missed += not size
        for way in (Article.add_speaker, Article.add_tail, Article.add_time):
            self.size += way(self, length - self.size)

    def add_time(self, room: int) -> int:
        """Say when it was."""
        if self.time or room < 2 or self.tense == PERFECT:
            return 0
        self.time = _day(self.desk, room)
        return len(self.time)

    def add_opening(self, room: int) -> int:
        """Put a sentence before, on something past."""
        if room < 10:
            return 0
        words = [*self.desk.any_of(LONG_AGO), ","]
        self._event(room).tell(words, PLUPERFECT if self.desk.random() < 0.5 else PAST, ())
        _stop(words)
        return self._put("opening", words, room)

    def add_speech(self, room: int) -> int:
        """Put a frame of reported speech before."""
        if room < 3 or (self.front and self.front[0] in QUOTING):
            return 0
        desk, words = self.desk, self._somebody(room)
        if desk.random() < 0.4:
            words = ["according", "to", *words]
            _comma(words)
        else:
            words += desk.any_of(SPOKE)
            words += _day(desk, 2) if desk.random() < 0.4 else ()
            words.append("that")
        return self._put("speech", words, room)

    def add_speaker(self, room: int) -> int:
        """Say behind it who said it."""
        if self.speech or self.speaker or room < 3:
            return 0
        desk, words = self.desk, self._somebody(room - 1)
        if desk.random() < 0.4:
            words = ["according", "to", *words]
        else:
            words += desk.any_of(SPOKE)
            words += _day(desk, 2) if desk.random() < 0.3 else ()
        return self._put("speaker", words, room, 1)

    def add_front(self, room: int) -> int:
        """Put a background clause before."""
        if room < 7:
            return 0
        words = self._clause(room, not self.speech)
        _comma(words)
        return self._put("front", words, room)

    def add_tail(self, room: int) -> int:
        """Put a background clause behind."""
        if self.tail or self.speaker or room < 6:
            return 0
        words = self._clause(room, True)
        return self._put("tail", words, room, words[0] in QUOTING)

    def add_relative(self, room: int) -> int:
        """Say in a relative clause what else the subject did."""
        desk = self.desk
        if room < 7 or self.main.phrases[0].words[-1] == ",":
            return 0
        desk.brief = room < SHORT
        words = ["who" if self._is_human() else "which"]
        tense = PLUPERFECT if desk.random() < 0.7 else PAST
        events.further(desk, self.main).predicate(words, tense, self._time_ago())
        return self._put("relative", words, room, 2)

    def _is_human(self) -> bool:
        return self.main.who in PEOPLE or (self.main.who in FORCES and self.main.phrases[0].plural)

    def add_sentence(self, room: int) -> int:
        """Add a sentence, perhaps a quotation."""
        desk, words = self.desk, list[str]()
        event = self._event(room)
        if desk.random() < 0.4:
            _quote(words, event)
            words.insert(-1, ",")
            words += [*self._somebody(room - len(words)), "said"]
        else:
            time = _day(desk, 2) if desk.random() < 0.5 else self._time_ago()
            event.tell(words, PAST if desk.random() < 0.7 else PLUPERFECT, time)
            if room - len(words) > SHORT and desk.random() < 0.5:
                words += self._clause(room - len(words), False)
        _stop(words)
        if len(words) > room:
            return 0
        self.more += words
        return len(words)

    def _put(self, where: str, words: list[str], room: int, commas: int = 0) -> int:
        """Keep words with so many commas around them if there is room; return how many were kept."""
        size = len(words) + commas
        if size > room:
            return 0
        setattr(self, where, words)
        return size

    def _event(self, room: int) -> Event:
        self.desk.brief = room < SHORT
        return events.draw(self.desk)

    def _time_ago(self) -> Words:
        return self.desk.any_of(LONG_AGO) if self.desk.random() < 0.3 else ()

    def _somebody(self, room: int) -> list[str]:
        """Return who says something."""
        desk, number = self.desk, self.desk.random()
        if number < 0.6:
            return [*SPEAKERS.draw(desk.random())]
        desk.brief = room < SHORT
        if number < 0.75:
            return [*any_national(desk).words, "officials"]
        return [*any_leader(desk).words]

    def _clause(self, room: int, quoting: bool) -> list[str]:
        """Return a background clause with what opens it; ``quoting``: perhaps a quotation of the subject."""
        desk, number = self.desk, self.desk.random()
        words: list[str] = []
        if number < 0.2:
            scene = SCENERY.draw(desk.random())
            desk.brief = room < SHORT
            put(words, scene.parts, fillers(desk, scene.slots))
            return words
        event, time = self._event(room), self._time_ago()
        if quoting and number < 0.35 and self.main.who in TALKING:
            words += (desk.any_of(QUOTING), "that")
            _quote(words, event)
        elif number < 0.65:
            words += desk.any_of(EARLIER)
            event.tell(words, PAST if desk.random() < 0.6 else PLUPERFECT, time)
        elif number < 0.85:
            words += desk.any_of(BESIDE)
            event.tell(words, PAST, time)
        else:
            words += desk.any_of(HEARD)
            event.tell(words, PLUPERFECT, time)
        return words


Way = Callable[[Article, int], int]
WAYS: tuple[tuple[float, Way], ...] = (
    (0.5, Article.add_time),
    (0.2, Article.add_opening),
    (0.35, Article.add_speech),
    (0.5, Article.add_front),
    (0.4, Article.add_relative),
    (0.5, Article.add_tail),
    (0.4, Article.add_speaker),
)
"""What is told besides the main event, and how often where there is room."""


def _quote(words: list[str], event: Event) -> None:
    """Add an event in quotation marks."""
    words.append("``")
    event.tell(words, PLAN if event.deed.planned else PERFECT, ())
    if words[-1] == ",":
        words.pop()
    words.append("''")


def _comma(words: list[str]) -> None:
    if words[-1] != ",":
        words.append(",")


def _stop(words: list[str]) -> None:
    """Close a sentence."""
    if words[-1] == ",":
        words.pop()
    words.append(".")


def _day(desk: Desk, room: int) -> Words:
    """Return a day, or where there is room perhaps a part of it."""
    day = desk.any_of(names.DAYS)
    if room > 2 and desk.random() < 0.5:
        return (desk.any_of(("late", "early")), "on", day)
    return ("on", day)
