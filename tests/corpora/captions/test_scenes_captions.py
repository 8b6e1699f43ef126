"""What is said of scenes: phrases that fit what is meant, true relations, links to the right words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest

from attnbench.corpora.captions import scenes
from attnbench.corpora.captions.scenes import captions, outlines, phrases, relations
from attnbench.corpora.captions.scenes.captions import Part
from attnbench.corpora.captions.scenes.layout import Scene
from attnbench.corpora.captions.scenes.outlines import Stamp
from attnbench.corpora.captions.scenes.phrases import Phrase
from attnbench.corpora.captions.scenes.things import COLOURS, SHAPES, SIZES, TEXTURES, Thing
from attnbench.corpora.captions.words import words

VALUES = {
    word: (kind, value)
    for kind, names in enumerate(phrases.ADJECTIVES, start=1)
    for value, called in enumerate(names)
    for word in called
}
"""The adjectives: which attribute each tells, and its value."""
NOUNS = {
    (word, many): shape
    for shape, called in enumerate(phrases.NOUNS)
    for pair in called
    for many, word in enumerate(pair)
}
COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "pair": 2}


def thing(text: str) -> Thing:
    """Return a thing by its words: ``red striped large ring``."""
    colour, texture, size, shape = text.split()
    return Thing(SHAPES.index(shape), COLOURS.index(colour), TEXTURES.index(texture), SIZES.index(size))


def scene(*placed: tuple[str, int, int], covers: Sequence[tuple[int, int]] = ()) -> Scene:
    """Return a scene of things with the row and column of their middles, each 10 pixels wide."""
    stamp = Stamp(np.full((10, 10), outlines.PARTS), np.zeros((10, 10), np.int64))
    regions = np.zeros((len(placed), 64, 64), bool)
    for region, (_, row, column) in zip(regions, placed, strict=True):
        region[row - 5 : row + 5, column - 5 : column + 5] = True
    corners = tuple((row - 5, column - 5) for _, row, column in placed)
    things = tuple(thing(text) for text, _, _ in placed)
    return Scene(things, (stamp,) * len(placed), corners, regions, frozenset(covers), ground=1, table=0)


def drawn(seed: int, number: int = 6) -> tuple[Scene, list[captions.Caption]]:
    chance = scenes.Chance(f"said/{seed}")
    made = scenes.laid(scenes.draw(chance, number), chance)
    return made, scenes.tell(made, 4, chance)


@pytest.fixture(scope="module")
def made() -> list[tuple[Scene, list[captions.Caption]]]:
    return [drawn(seed, 1 + seed % 6) for seed in range(240)]


def test_a_phrase_in_a_scene_by_hand() -> None:
    """Of three circles two are red: the number with the colour fits them alone."""
    three = scene(
        ("red plain small circle", 10, 10), ("red striped large circle", 30, 30),
        ("blue plain small circle", 50, 50),
    )  # fmt: skip
    chance = scenes.Chance("phrase")
    said = [phrases.phrase(three, [0, 1], 1, chance) for _ in range(50)]
    assert all(one and one.fitting == (0, 1) and "red" in one.words for one in said)
    assert {one.words[:-2] for one in said if one} == {("two",), ("a", "pair", "of")}
    assert {one.words[-1] for one in said if one} == {"circles", "discs"}
    large = [phrases.phrase(three, [1], 1, chance) for _ in range(200)]
    assert all(one for one in large)
    ambiguous = [one for one in large if one and one.fitting != (1,)]
    assert 0 < len(ambiguous) < 20 and all(1 in one.fitting for one in ambiguous)
    assert phrases.phrase(three, [1, 2], 1, chance) is None  # nothing that they share leaves out the first


@pytest.mark.parametrize(
    ("first", "second", "covers", "expected"),
    [
        ((10, 30), (40, 32), (), {"above"}),
        ((40, 32), (10, 30), (), {"below"}),
        ((30, 10), (32, 50), (), {"left"}),
        ((30, 50), (32, 10), (), {"right"}),
        ((30, 30), (33, 42), (), {"left", "near"}),
        ((30, 30), (33, 36), [(0, 1)], {"near", "behind"}),
        ((30, 30), (33, 36), [(1, 0)], {"near", "front"}),
        ((10, 10), (33, 34), (), {"left"}),
        ((30, 30), (53, 30), (), {"above", "near"}),
        ((30, 30), (54, 30), (), {"above"}),
    ],
)
def test_how_two_things_stand(
    first: tuple[int, int], second: tuple[int, int], covers: Sequence[tuple[int, int]], expected: set[str]
) -> None:
    two = scene(("red plain small star", *first), ("blue plain small ring", *second), covers=covers)
    assert set(relations.true(two, [0], [1])) == expected


def test_how_groups_stand() -> None:
    """All of the ones to all of the others; near, each of the ones to some other."""
    many = scene(
        ("red plain small star", 10, 10), ("red plain small star", 10, 50),
        ("blue plain small ring", 30, 12), ("blue plain small ring", 30, 48),
        ("blue plain small heart", 55, 30),
    )  # fmt: skip
    assert set(relations.true(many, [0, 1], [2, 3])) == {"near"}
    assert set(relations.true(many, [0, 1], [4])) == {"above"}
    assert relations.place(many, [0]) == relations.PLACES["top", "left"]
    assert relations.place(many, [4]) == relations.PLACES["bottom", "middle"]
    assert relations.place(many, [0, 1]) == ()


def test_a_sentence_by_hand() -> None:
    two = scene(("red plain small star", 10, 10), ("blue plain large ring", 40, 10))
    star, ring = Phrase(("a", "star"), (0,), (0,)), Phrase(("a", "blue", "ring"), (1,), (1,))
    told = captions._spoken(Part(star, "above", ring).clause(verb=True))
    assert told == (("a", "star", "is", "above", "a", "blue", "ring"), ((1, 0), (6, 1)))
    clauses = [Part(one, "", None).clause(verb=False) for one in (star, ring, star)]
    joined = captions._spoken(captions._joined(clauses, [",", "and"]))
    assert " ".join(joined.words) == "a star , a blue ring and a star"
    rings = Phrase(("two", "rings"), (0, 1), (0, 1))
    assert captions._spoken([rings, "are", "near", star]).links == ((1, 0), (1, 1), (5, 0))
    assert captions._ground(two, Always()) == "on a brown background"
    assert captions._ground(two._replace(table=30), Always()) == "on a table"


class Always(scenes.Chance):
    """Chance by which all happens."""

    def __init__(self) -> None:
        super().__init__("")

    def often(self, share: float) -> bool:
        return True


def test_a_name_that_fits_more_is_linked_to_what_no_other_name_means() -> None:
    """A star is any of three; the third one has a name of its own in this caption."""
    star, other = Phrase(("a", "star"), (0,), (0, 1, 2)), Phrase(("a", "red", "star"), (2,), (2,))
    assert captions._spoken([star, "near", other]).links == ((1, 0), (1, 1), (5, 2))


def test_every_phrase_of_every_caption_is_true(made: list[tuple[Scene, list[captions.Caption]]]) -> None:
    """Counts are those of what fits; adjectives agree with every thing that is linked; a and an are right."""
    checked = 0
    for world, said in made:
        for caption in said:
            linked: dict[int, set[int]] = {}
            for word, region in caption.links:
                linked.setdefault(word, set()).add(region)
            nouns = {at for at, word in enumerate(caption.words) if (word, 0) in NOUNS or (word, 1) in NOUNS}
            assert nouns <= set(linked)
            for at in nouns:
                checked += 1
                _true(world, caption.words, at, linked[at])
    assert checked > 1500


def _true(world: Scene, said: Sequence[str], at: int, linked: set[int]) -> None:
    start = at
    while said[start - 1] in VALUES:
        start -= 1
    many = (said[at], 1) in NOUNS
    before = said[start - 2] if said[start - 1] == "of" else said[start - 1]
    told = [VALUES[word] for word in said[start:at]]
    fitting = {
        place
        for place, one in enumerate(world.things)
        if one.shape == NOUNS[said[at], many] and all(one[kind] == value for kind, value in told)
    }
    assert linked <= fitting
    if many:
        assert linked == fitting and (before == "several" or COUNTS[before] == len(linked))
    else:
        assert COUNTS[before] == 1
    if before in {"a", "an"} and said[start - 1] != "of":
        assert (before == "an") == (said[start][0] in "aeiou")


def test_captions_read_as_sentences(made: list[tuple[Scene, list[captions.Caption]]]) -> None:
    """All that is not a phrase is one of a few things in their places; verbs agree."""
    spoken = {text for ways in relations.WORDS.values() for text in ways}
    spoken |= {text for ways in relations.PLACES.values() for text in ways}
    said = "|".join(sorted(map(re.escape, spoken), key=len, reverse=True))
    singular = "(?:a|an|one)(?: [a-z]+){0,3} N"
    plural = (
        "(?:two|three|four|five|six|several|a pair of|some other|a few other|[a-z]+ more)(?: [a-z]+){0,3} NS"
    )
    any_of = f"(?:{singular}|{plural})"
    verb = f"(?:{singular} is|{plural} are)"
    part = rf"{any_of}(?: (?:{said})(?: {any_of})?)?"
    clause = rf"{verb} (?:{said})(?: {any_of})?"
    begin = rf"(?:there is (?={singular})|there are (?={plural})|(?:{'|'.join(captions.OPENINGS)}) )?"
    listed = (
        rf"{begin}{part}(?:(?: , {part})*(?: ,)? (?:and|with) {part})?(?: on a (?:table|[a-z]+ background))?"
    )
    told = rf"{clause}(?: (?:, and|and|while) {clause})?"
    for _, ways in made:
        for caption in ways:
            nouns = {word for word, _ in caption.links}
            text = " ".join(
                ("NS" if word.endswith("s") and word != "cross" else "N") if at in nouns else word
                for at, word in enumerate(caption.words)
            )
            assert re.fullmatch(f"{listed}|{told}", text), text


def test_words_and_lengths(made: list[tuple[Scene, list[captions.Caption]]]) -> None:
    types = set()
    for _, said in made:
        assert len({caption.words for caption in said}) == 4
        for caption in said:
            assert words(" ".join(caption.words)) == list(caption.words)
            assert 4 <= len(caption.words) <= 25
            types |= set(caption.words)
    assert 85 < len(types) < 120


def test_more_is_named_where_there_is_more_but_not_always_all(
    made: list[tuple[Scene, list[captions.Caption]]],
) -> None:
    named: dict[int, list[float]] = {}
    for world, said in made:
        for caption in said:
            share = len({region for _, region in caption.links}) / len(world.things)
            named.setdefault(len(world.things), []).append(share)
    means = {number: np.mean(shares) for number, shares in named.items()}
    assert means[1] == 1 and all(0.75 < means[number] < 0.97 for number in range(2, 7))


def test_what_strikes_the_eye_comes_first() -> None:
    """A large thing in the middle before a small one in a corner: in 8 of 10 captions, half of the rest."""
    two = scene(("red plain large star", 32, 32), ("blue plain small ring", 8, 8))
    assert two.salience(0) > two.salience(1)
    chance = scenes.Chance("first")
    first = [captions._caption(two, chance).links[0][1] for _ in range(600)]
    assert np.mean([region == 0 for region in first]) == pytest.approx(0.9, abs=0.05)
