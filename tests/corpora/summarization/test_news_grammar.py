"""Articles and headlines written out by hand: every word and every link."""

from __future__ import annotations

import random
from typing import NamedTuple

import pytest

from attnbench.corpora.summarization.news import counts, groups, people, places
from attnbench.corpora.summarization.news.articles import Article
from attnbench.corpora.summarization.news.desk import Desk, Maker
from attnbench.corpora.summarization.news.events import ANY, PAST, PERFECT, PLAN, PLUPERFECT, Event
from attnbench.corpora.summarization.news.lexicon import names
from attnbench.corpora.summarization.news.patterns import Phrase, after, before, fill, linked, pattern, silent
from attnbench.corpora.summarization.news.verbs import verb

COUNTRIES = {one.name: one for one in names.COUNTRIES}
KENYA, AMERICA, KOREA = (COUNTRIES[name] for name in ("kenya", "united states", "south korea"))
SILVA = Phrase(("john", "silva"), ("silva",), ((0, 1),))
TROOPS = after(places.national(KENYA), linked("troops", "troops"), True)
TRADE, CAIRO = linked("trade", "trade"), places.city_called("cairo")


class Chances(random.Random):
    """Chance that is written down, in order; then 0."""

    def __init__(self, *numbers: float) -> None:
        super().__init__()
        self.numbers = list(numbers)

    def random(self) -> float:
        return self.numbers.pop(0) if self.numbers else 0.0


def aligned(words: tuple[str, ...], head: tuple[str, ...], links: tuple[tuple[int, int], ...]) -> str:
    """Return each headline word with what it comes from: ``pm:prime+minister``."""
    return " ".join(
        f"{word}:{'+'.join(words[source] for target, source in links if target == place)}"
        for place, word in enumerate(head)
    )


def shown(phrase: Phrase) -> tuple[str, str]:
    return " ".join(phrase.words), aligned(phrase.words, phrase.head, phrase.links)


class Case(NamedTuple):
    phrase: Phrase
    article: str
    headline: str


CASES = {
    "the same": Case(linked("world bank", "world bank"), "world bank", "world:world bank:bank"),
    "initials": Case(linked("united nations", "un"), "united nations", "un:united+nations"),
    "word by word": Case(linked("supreme court", "top court"), "supreme court", "top:supreme court:court"),
    "a word left": Case(linked("border guards", "guards"), "border guards", "guards:guards"),
    "turned": Case(
        before(after(linked("bill", "bill"), silent("on")), TRADE), "bill on trade", "trade:trade bill:bill"
    ),
    "country": Case(places.country(AMERICA), "the united states", "us:united+states"),
    "country for its adjective": Case(places.owner(KENYA), "kenya", "kenyan:kenya"),
    "adjective": Case(places.national(KOREA), "south korean", "s.:south korean:korean"),
    "what is a country's": Case(
        places.belonging(("government", "govt"), KENYA, False),
        "the kenyan government", "kenyan:kenyan govt:government",
    ),
    "what is of a country": Case(
        places.belonging(("parliament", "parliament"), AMERICA, True),
        "the parliament of the united states", "us:united+states parliament:parliament",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_phrases(case: Case) -> None:
    assert shown(case.phrase) == (case.article, case.headline)


# The first leader is a state's, the first country the united states, the first role president, the first name
# john, the first surname morgan; then the form is drawn.
FORMS = {
    "name": (0.0, "john morgan", "morgan:morgan"),
    "title": (0.5, "american president john morgan", "us:american president:president"),
    "age": (0.6, "american president john morgan , 30 ,", "us:american president:president"),
    "name in apposition": (
        0.7, "the president of the united states , john morgan ,", "us:united+states president:president"
    ),
    "title in apposition": (0.8, "john morgan , the president of the united states ,", "morgan:morgan"),
    "age in apposition": (
        0.9, "john morgan , the 30-year-old president of the united states ,", "morgan:morgan"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("form", "article", "headline"), FORMS.values(), ids=FORMS)
def test_apposition_is_dropped(form: float, article: str, headline: str) -> None:
    desk = Desk(Chances(0.0, 0.0, 0.0, 0.0, 0.0, form))
    assert shown(people.any_leader(desk)) == (article, headline)


MAKERS: dict[str, tuple[Maker, tuple[float, ...], str, str]] = {
    "somebody": (counts.any_crowd, (0.0, 0.0, 0.9), "a soldier", "soldier:soldier"),
    "many": (
        counts.any_crowd, (0.2, 0.15, 0.9), "dozens of soldiers", "dozens:dozens of:of soldiers:soldiers"
    ),
    "hedge": (counts.any_dead, (0.0, 0.0, 0.9, 0.0, 0.0), "at least two people", "two:two"),
    "money": (counts.any_money, (0.0, 0.0, 0.0, 0.5), "51 million dollars", "51:51 mln:million dlrs:dollars"),
    "company": (
        groups.any_company, (0.0, 0.8, 0.0, 0.0, 0.0),
        "altona corp. , an american airline ,", "altona:altona",
    ),
    "what a company is": (
        groups.any_company, (0.0, 0.95, 0.0, 0.0, 0.0),
        "the american airline , altona corp. ,", "us:american airline:airline",
    ),
    "capital": (
        places.any_city, (0.0, 0.8), "the american capital , washington ,", "us:american capital:capital"
    ),
    "town": (
        places.any_city, (0.0, 0.9, 0.0),
        "the northern american town of washington", "northern:northern us:american",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("maker", "numbers", "article", "headline"), MAKERS.values(), ids=MAKERS)
def test_other_phrases(maker: Maker, numbers: tuple[float, ...], article: str, headline: str) -> None:
    assert shown(maker(Desk(Chances(*numbers)))) == (article, headline)


def event(base: str, rest: str, *phrases: Phrase) -> Event:
    """Return an event of the deed with this verb and this beginning of the rest of its clause."""
    for who, deed in ANY.items:
        words = " ".join(part for part in deed.told.parts if isinstance(part, str))
        if deed.groups[PLAN][0][1] == base and words.startswith(rest):
            assert len(deed.told.slots) == len(phrases)
            return Event(who, deed, list(phrases))
    raise AssertionError(base)


VISIT = event("visit", "for talks", SILVA, places.country(AMERICA), TRADE)
ATTACK = event("attack", ", killing", TROOPS, CAIRO, Phrase(("two", "people"), ("two",), ((0, 0),), True))
LINES = {
    "present for past": (
        VISIT, PAST, 0,
        "john silva visited the united states for talks on trade .",
        "silva:silva visits:visited us:united+states for:for trade:trade talks:talks",
    ),
    "noun for verb": (
        VISIT, PERFECT, 1,
        "john silva has visited the united states for talks on trade .",
        "silva:silva on: visit:visited to: us:united+states for:for trade:trade talks:talks",
    ),
    "plan": (
        VISIT, PLAN, 0,
        "john silva will visit the united states for talks on trade .",
        "silva:silva to:will visit:visit us:united+states for:for trade:trade talks:talks",
    ),
    "plural verb, digits, attack as a noun": (
        ATTACK, PLUPERFECT, 0,
        "kenyan troops had attacked cairo , killing two people .",
        "kenyan:kenyan troops:troops kill:killing 2:two in: attack:attacked on: cairo:cairo",
    ),
    "plural verb of its own": (
        ATTACK, PAST, 1,
        "kenyan troops attacked cairo , killing two people .",
        "kenyan:kenyan troops:troops attack:attacked cairo:cairo killing:killing 2:two",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("told", "tense", "head", "article", "headline"), LINES.values(), ids=LINES)
def test_clauses(told: Event, tense: int, head: int, article: str, headline: str) -> None:
    words, parts = Article(Desk(Chances()), told, tense).text()
    made = told.deed.planned if tense == PLAN else told.deed.told
    assert made is not None
    target, links = fill(made.heads[head], told.phrases, parts)
    assert (" ".join(words), aligned(tuple(words), tuple(target), tuple(links))) == (article, headline)


def test_a_number_word_stays_where_it_is_first() -> None:
    two = Phrase(("two",), ("two",), ((0, 0),), True)
    made = pattern("NUMBER jobs for NUMBER2", ["NUMBER ~go=jobs for= NUMBER2"])
    assert fill(made.heads[0], [two, two], [0, 1, 2, 3])[0] == ["two", "go", "for", "2"]


def test_a_word_that_is_there_twice_must_be_told_apart() -> None:
    with pytest.raises(ValueError, match="in is there 2 times"):
        pattern("CITY in peace in CITY2", ["CITY in= CITY2"])
    assert pattern("CITY in peace in CITY2", ["CITY in=in/2 CITY2"]).heads[0][1].part == 3


def tokens(text: str) -> list[str]:
    return text.split(" ")


def test_what_is_told_around_the_main_event_moves_its_links() -> None:
    article = Article(Desk(Chances()), VISIT, PAST)
    article.opening[:] = tokens("last week , cuba closed the border .")
    article.speech[:] = tokens("officials said that")
    article.front[:] = tokens("amid protests ,")
    article.relative[:] = tokens("who had met with li sun in cairo")
    article.time = ("on", "monday")
    article.tail[:] = tokens("saying that `` peru will sign the pact ''")
    article.speaker[:] = tokens("police said")
    words, parts = article.text()
    assert " ".join(words) == (
        "last week , cuba closed the border . officials said that amid protests , john silva , who had met "
        "with li sun in cairo , visited the united states on monday for talks on trade , saying that `` peru "
        "will sign the pact '' , police said ."
    )
    target, links = fill(VISIT.deed.told.heads[0], VISIT.phrases, parts)
    assert aligned(tuple(words), tuple(target), tuple(links)) == LINES["present for past"][4]


@pytest.mark.parametrize(
    ("base", "forms"),
    [
        ("visit", "visits visited visited"), ("deny", "denies denied denied"), ("free", "frees freed freed"),
        ("clash", "clashes clashed clashed"), ("expel", "expels expelled expelled"),
        ("withdraw", "withdraws withdrew withdrawn"), ("destroy", "destroys destroyed destroyed"),
    ],
)  # fmt: skip
def test_verbs(base: str, forms: str) -> None:
    assert verb(base) == (base, *forms.split())
