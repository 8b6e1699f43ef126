"""Hand-written facts in words, with labels and links; the logic against a prover that knows no rule of it."""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pytest

from attnbench.corpora.entailment import world
from attnbench.corpora.entailment.world import LABELS, Pair, lexicon
from attnbench.corpora.entailment.world.facts import MANY, Acted, Counted, Did, Fact, Is
from attnbench.corpora.entailment.world.links import links
from attnbench.corpora.entailment.world.logic import judge
from attnbench.corpora.entailment.world.rendering import Speaker
from attnbench.corpora.entailment.world.ways import fitted


class Plain(random.Random):
    """No chance: no synonyms."""

    def random(self) -> float:
        return 0.99


class Case(NamedTuple):
    given: Fact
    asked: Fact
    premise: str
    hypothesis: str
    label: str
    links: str
    """``hypothesis-premise``."""
    passive: tuple[bool, bool] = (False, False)


CASES = {
    "opposite": Case(
        Is("farmer", "happy"), Is("farmer", "sad"),
        "the farmer was happy", "the farmer was sad", "contradiction", "1-1 3-3",
    ),
    "not the opposite": Case(
        Is("farmer", "sad", False), Is("farmer", "happy"),
        "the farmer was not sad", "the farmer was happy", "entailment", "1-1 3-3 3-4",
    ),
    "something else": Case(
        Is("farmer", "brave"), Is("farmer", "happy", False),
        "the farmer was brave", "the farmer was not happy", "neutral", "",
    ),
    "shade": Case(
        Is("hat", "scarlet"), Is("hat", "red"),
        "the hat was scarlet", "the hat was red", "entailment", "1-1 3-3",
    ),
    "shade unknown": Case(
        Is("hat", "red"), Is("hat", "scarlet"),
        "the hat was red", "the hat was scarlet", "neutral", "",
    ),
    "other place": Case(
        Is("owl", "barn"), Is("owl", "outside"),
        "the owl was in the barn", "the owl was outside", "contradiction", "1-1 3-5",
    ),
    "kind, passive": Case(
        Did("dog", "chase", "crow"), Did("dog", "chase", "bird"),
        "the dog chased the crow", "a bird was chased by the dog", "entailment", "1-4 3-2 6-1",
        passive=(False, True),
    ),
    "special": Case(
        Did("dog", "chase", "bird"), Did("dog", "chase", "crow"),
        "the dog chased a bird", "the dog chased the crow", "neutral", "",
    ),
    "sibling": Case(
        Did("dog", "chase", "crow"), Did("dog", "chase", "owl"),
        "the crow was chased by the dog", "the dog chased the owl", "contradiction", "1-6 2-3 4-1",
        passive=(True, False),
    ),
    "turned": Case(
        Did("dog", "chase", "cat"), Did("cat", "chase", "dog"),
        "the dog chased the cat", "the cat chased the dog", "contradiction", "1-4 2-2 4-1",
    ),
    "denied of a kind": Case(
        Did("animal", "hug", "nurse", False), Did("cat", "hug", "nurse"),
        "no animal hugged the nurse", "the cat hugged the nurse", "contradiction", "1-1 2-0 2-2 4-4",
    ),
    "denied kind of action": Case(
        Did("cat", "touch", "nurse", False), Did("cat", "push", "nurse", False),
        "the cat did not touch the nurse", "the cat did not push the nurse", "entailment", "1-1 3-3 4-4 6-6",
    ),
    "other action": Case(
        Did("cat", "hug", "nurse"), Did("cat", "push", "nurse"),
        "the cat hugged the nurse", "the cat pushed the nurse", "neutral", "",
    ),
    "number": Case(
        Counted("boy", "sell", "pear", 4, 4), Counted("boy", "sell", "pear", 3, MANY),
        "the boy sold four pears", "the boy sold more than two pears", "entailment",
        "1-1 2-2 3-3 5-3 6-4",
    ),
    "number unknown": Case(
        Counted("boy", "sell", "pear", 1, MANY), Counted("boy", "sell", "pear", 1, 4),
        "the boy sold some pears", "fewer than five pears were sold by the boy", "neutral", "",
        passive=(False, True),
    ),
    "none": Case(
        Counted("boy", "sell", "pear", 0, 0), Counted("boy", "sell", "pear", 2, 2),
        "the boy did not sell any pears", "the boy sold two pears", "contradiction", "1-1 2-3 2-4 3-5 4-6",
    ),
    "square of opposition": Case(
        Acted("not every", "bird", "sing"), Acted("every", "bird", "sing"),
        "not every bird sang", "every bird sang", "contradiction", "0-0 0-1 1-2 2-3",
    ),
    "instance": Case(
        Acted("no", "bird", "sing"), Acted("not the", "owl", "sing"),
        "no bird sang", "the owl did not sing", "entailment", "1-0 1-1 4-2",
    ),
    "some": Case(
        Acted("some", "bird", "sing"), Acted("the", "owl", "sing"),
        "some bird sang", "the owl sang", "neutral", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case(case: Case) -> None:
    speaker = Speaker(Plain(), 0)
    premise = speaker.say(case.given, case.passive[0]).tokens()
    hypothesis = speaker.say(case.asked, case.passive[1]).tokens()
    assert " ".join(word for word, _ in premise) == case.premise
    assert " ".join(word for word, _ in hypothesis) == case.hypothesis
    assert judge([case.given], [case.asked]) == case.label
    found = links(premise, hypothesis, case.given, case.asked, case.label)
    assert " ".join(f"{one}-{other}" for one, other in found) == case.links


# A prover. It knows what a world is and when a fact holds in one, and looks for worlds.

KINDS = [{kind: set(leaves.split()) for kind, leaves in forest.items()}
         for forest in (*lexicon.BEINGS.values(), *lexicon.THINGS.values(), lexicon.DEEDS, lexicon.WORKS,
                        lexicon.COLOURS, lexicon.PLACES)]  # fmt: skip
EXTENSION = {kind: leaves for kinds in KINDS for kind, leaves in kinds.items()}
EXTENSION |= {
    top: set().union(*(EXTENSION[kind] for kind in kinds))
    for forest in (lexicon.BEINGS, lexicon.THINGS)
    for top, kinds in forest.items()
}
DIMENSIONS = [list(pair) for pair in (*lexicon.MOODS, *lexicon.TRAITS)]
DIMENSIONS.append([*lexicon.COLOURS, *lexicon.COLOURS.values()])  # a red that is not scarlet is red
DIMENSIONS.append([place for places in lexicon.PLACES.values() for place in places.split()])


def below(word: str) -> set[str]:
    return EXTENSION.get(word, set()) | {word}


def leaves(word: str) -> list[str]:
    return sorted(EXTENSION.get(word, {word}))


def possible_value(facts: Sequence[tuple[Is, bool]]) -> bool:
    """Whether some value of each entity and dimension agrees with all facts."""
    about = defaultdict(list)
    for fact, truth in facts:
        number = next(n for n, values in enumerate(DIMENSIONS) if any(v in below(fact.value) for v in values))
        about[fact.subject, number].append((below(fact.value), fact.positive == truth))
    return all(
        any(all((value in words) == wanted for words, wanted in said) for value in DIMENSIONS[number])
        for (_, number), said in about.items()
    )


def possible_events(facts: Sequence[tuple[Did, bool]]) -> bool:
    """Whether witnesses of all that happened can be found, one action at most for an actor and an object."""
    forbidden = [fact for fact, truth in facts if fact.positive != truth]
    choices = [
        [
            event
            for event in itertools.product(leaves(fact.agent), leaves(fact.verb), leaves(fact.patient))
            if event[0] != event[2] and not any(all(w in below(f) for w, f in zip(event, no[:3], strict=True))
                                               for no in forbidden)
        ]
        for fact, truth in facts
        if fact.positive == truth
    ]  # fmt: skip
    return _assign(sorted(choices, key=len), [])


def _assign(choices: list[list[tuple[str, ...]]], events: list[tuple[str, ...]]) -> bool:
    if not choices:
        return True
    return any(
        all(event == other or _together(event, other) for other in events)
        and _assign(choices[1:], [*events, event])
        for event in choices[0]
    )


def _together(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if one[1] != other[1]:
        return True
    return one[0] != other[0] and one[2] != other[2] and (one[0], one[2]) != (other[2], other[0])


def possible_numbers(facts: Sequence[tuple[Counted, bool]]) -> bool:
    about = defaultdict(list)
    for fact, truth in facts:
        about[fact[:3]].append((fact.low, fact.high, truth))
    return all(
        any(all((low <= number <= high) == truth for low, high, truth in said) for number in range(15))
        for said in about.values()
    )


def possible_acts(facts: Sequence[tuple[Acted, bool]]) -> bool:
    return all(
        any(all(_acts(fact, doers) == truth for fact, truth in said) for doers in _subsets(said))
        for verb in {fact.verb for fact, _ in facts}
        for said in [[(fact, truth) for fact, truth in facts if fact.verb == verb]]
    )


def _subsets(said: Sequence[tuple[Acted, bool]]) -> Iterator[set[str]]:
    beings = sorted({leaf for fact, _ in said for leaf in leaves(fact.group)})
    for flags in itertools.product((False, True), repeat=len(beings)):
        yield {being for being, flag in zip(beings, flags, strict=True) if flag}


def _acts(fact: Acted, doers: set[str]) -> bool:
    group = set(leaves(fact.group))
    return {
        "every": group <= doers,
        "the": group <= doers,
        "some": bool(group & doers),
        "no": not group & doers,
        "not the": not group & doers,
        "not every": not group <= doers,
    }[fact.quantifier]


POSSIBLE = {Is: possible_value, Did: possible_events, Counted: possible_numbers, Acted: possible_acts}


def possible(facts: Sequence[tuple[Fact, bool]]) -> bool:
    """Whether a world exists in which each fact has the truth it is given."""
    return all(
        check([(fact, truth) for fact, truth in facts if isinstance(fact, type_)])  # type: ignore[operator]
        for type_, check in POSSIBLE.items()
    )


def proved(premise: Sequence[Fact], hypothesis: Sequence[Fact]) -> str:
    told = [(fact, True) for fact in premise]
    assert possible(told), "the premise contradicts itself"
    if not possible(told + [(fact, True) for fact in hypothesis]):
        return "contradiction"
    if not any(possible([*told, (fact, False)]) for fact in hypothesis):
        return "entailment"
    return "neutral"


@pytest.fixture(scope="module")
def pairs() -> list[tuple[str, Pair]]:
    rng = random.Random("pairs")
    spans = [(4, 10), (4, 40), (41, 50)]
    drawn = []
    for number in range(2400):
        label, span = LABELS[number % 3], spans[number // 3 % 3]
        drawn.append((label, world.pair(rng, label, span, world.ask(rng, span[1]))))
    return drawn


def test_prover_agrees(pairs: list[tuple[str, Pair]]) -> None:
    assert Counter(label for label, _ in pairs) == dict.fromkeys(LABELS, 800)
    for label, pair in pairs:
        assert pair.label == label == proved(pair.told, pair.asked), pair


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_prover_agrees_by_hand(case: Case) -> None:
    assert proved([case.given], [case.asked]) == case.label


def test_prover_finds_planted_errors(pairs: list[tuple[str, Pair]]) -> None:
    without = [(label, proved(pair.told[1:], pair.asked)) for label, pair in pairs[:300]]
    assert all(found == "neutral" or len(pair.asked) == 2
               for (_, found), (_, pair) in zip(without, pairs, strict=False))  # fmt: skip


def test_premises_keep_to_their_lengths_and_links_point_at_words(pairs: list[tuple[str, Pair]]) -> None:
    for number, (_, pair) in enumerate(pairs):
        low, high = [(4, 10), (4, 40), (41, 50)][number // 3 % 3]
        assert low <= len(pair.premise) <= high
        assert 3 <= len(pair.hypothesis) <= 12
        assert len(set(pair.links)) == len(pair.links)
        assert all(h < len(pair.hypothesis) and p < len(pair.premise) for h, p in pair.links)
        assert bool(pair.links) == (pair.label != "neutral")


POOLS = (lexicon.BEING_LEAVES, lexicon.THING_LEAVES, (*lexicon.BEING_KINDS, *lexicon.BEINGS),
         lexicon.THING_KINDS, lexicon.CLASSES["deed"]["L"], lexicon.CLASSES["work"]["L"], lexicon.COUNTABLE,
         lexicon.ACTS, ("every", "some", "no"))  # fmt: skip


def test_another_word_in_the_place_of_one_that_decides_gives_another_label(
    pairs: list[tuple[str, Pair]],
) -> None:
    words = 0
    for label, pair in pairs[::4]:
        if label == "neutral":
            continue
        fact, *rest = pair.asked
        for part in (name for name in fact._fields if isinstance(getattr(fact, name), str)):
            if isinstance(fact, Acted) and fact.quantifier not in ("every", "some", "no"):
                continue  # with another quantifier it is about another noun
            pool = next((pool for pool in POOLS if getattr(fact, part) in pool), POOLS[0])
            if isinstance(fact, Is) and part == "value":
                pool = tuple(lexicon.DIMENSION)
            others = (fact._replace(**{part: word}) for word in pool)
            assert any(judge(pair.told, [other, *rest]) != label for other in others), (pair, part)
            words += 1
    assert words > 500


def test_what_describes_the_subject_of_a_contradiction_decides_nothing(pairs: list[tuple[str, Pair]]) -> None:
    described = [pair for _, pair in pairs if len(pair.asked) == 2]
    linked = Counter()
    for pair in described:
        assert pair.hypothesis[2] in ("who", "that")  # then a verb, an article and a noun
        linked[pair.label] += bool({3, 4, 5} & {word for word, _ in pair.links})
        if pair.label == "contradiction":
            assert judge(pair.told, [pair.asked[0], Did("wasp", "warn", "moth")]) == "contradiction"
    assert linked == {"entailment": sum(pair.label == "entailment" for pair in described),
                      "contradiction": 0, "neutral": 0}  # fmt: skip
    assert linked["entailment"] > 50


def test_all_kinds_of_ways_occur(pairs: list[tuple[str, Pair]]) -> None:
    slots = defaultdict(set)
    for label, pair in pairs:
        slots[label].add(pair.way.slot)
    assert slots["contradiction"] >= {"value", "agent", "patient", "turn", "quantity", "verb"}
    assert slots["entailment"] >= {"value", "agent", "patient", "quantity", "verb"}
    assert slots["neutral"] >= {"value", "agent", "patient", "quantity", "verb", "dimension", "event"}


def test_forms_are_as_frequent_under_each_label() -> None:
    hypothesis, premise = defaultdict(Counter), defaultdict(Counter)
    for way, weight in fitted().items():
        hypothesis[way.hypothesis][way.label] += weight
        premise[way.premise][way.label] += weight
    for weights in hypothesis.values():
        assert max(weights.values()) - min(weights.values()) < 1e-12
    for weights in premise.values():
        assert len(weights) == 3
        assert max(weights.values()) - min(weights.values()) < 5e-4


def test_a_seed_gives_the_same_pair() -> None:
    one, other = (world.pair(rng, "neutral", (11, 20), world.ask(rng, 20))
                  for rng in (random.Random("seed"), random.Random("seed")))  # fmt: skip
    assert one == other
    assert one != world.pair(random.Random("else"), "neutral", (11, 20), world.ask(random.Random("else"), 20))
