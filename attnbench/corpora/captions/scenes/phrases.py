"""Noun phrases: what a person calls one thing, or several that are alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from attnbench.corpora.captions.scenes.chance import Chance
from attnbench.corpora.captions.scenes.layout import Scene
from attnbench.corpora.captions.scenes.things import COLOURS, Thing

NOUNS = (
    (("circle", "circles"),) * 4 + (("disc", "discs"),),
    (("square", "squares"),) * 5 + (("box", "boxes"),),
    (("triangle", "triangles"),),
    (("star", "stars"),),
    (("ring", "rings"),) * 4 + (("hoop", "hoops"),),
    (("cross", "crosses"),),
    (("heart", "hearts"),),
    (("diamond", "diamonds"),),
)
"""How each of ``SHAPES`` is called, alone and in number; what is there more often is said more often."""

ADJECTIVES = (
    tuple((colour,) for colour in COLOURS),
    (("plain", "solid"), ("striped",), ("dotted", "dotted", "spotted"), ("checked", "checked", "checkered")),
    (("small", "small", "little", "tiny"), (), ("large", "big", "big", "huge")),
)
"""How each colour, texture and size is called; a middling size has no name."""
COLOUR, TEXTURE, SIZE = range(3)
TOLD = (0.9, 0.7, 0.5)
"""How often colour, texture and size are told of one thing or two, though they need not be."""
PLAIN = 0.06
"""How often it is told that there is no pattern, as a share of that."""
SPARED = 0.75
"""By which the chances of texture and size are multiplied for each thing, but two, that a caption names."""
CAREFUL = 0.85
"""How often a speaker sees to it that one thing's name fits no other."""

NUMBERS = ("two", "three", "four", "five", "six")

Told = tuple[int | None, int | None, int | None]


class Phrase(NamedTuple):
    """A noun phrase; its last word is the noun."""

    words: tuple[str, ...]
    members: tuple[int, ...]
    """The things that the speaker means."""
    fitting: tuple[int, ...]
    """The things that the phrase fits."""

    @property
    def plural(self) -> bool:
        """Whether it is told of several."""
        return len(self.members) > 1


def phrase(scene: Scene, members: Sequence[int], named: int, chance: Chance) -> Phrase | None:
    """Return what some things of one shape are called; None where nothing fits them and no others.

    Args:
        scene: where they are.
        members: one or more things.
        named: how many phrases the caption has: the more, the fewer adjectives.
        chance: what draws.
    """
    things = [scene.things[member] for member in members]
    shared = [values.pop() if len(values) == 1 else None for values in map(set, zip(*things, strict=True))]
    shape = things[0].shape
    told = _told(shared[1:], named, chance)
    rest = [thing for place, thing in enumerate(scene.things) if place not in members]
    if len(members) > 1 or chance.often(CAREFUL):
        told = _sharper(shape, told, shared[1:], rest)
    fitting = tuple(place for place, thing in enumerate(scene.things) if _fits(thing, shape, told))
    if len(members) > 1 and len(fitting) > len(members):
        return None
    alone, many = chance.any_of(NOUNS[shape])
    adjectives = _adjectives(told, chance)
    if len(members) > 1:
        words = (*_count(len(members), chance), *adjectives, many)
    else:
        words = (*_article((*adjectives, alone), chance), *adjectives, alone)
    return Phrase(words, tuple(members), fitting)


def others(members: Sequence[int], chance: Chance) -> Phrase:
    """Return what two or more things are called that a caption leaves out."""
    how = chance.any_of(
        (("some", "other"), ("some", "other"), ("a", "few", "other"), (_number(len(members)), "more"))
    )
    words = (*how, chance.any_of(("shapes", "shapes", "things")))
    return Phrase(words, tuple(members), tuple(members))


def _told(shared: Sequence[int | None], named: int, chance: Chance) -> Told:
    spared = SPARED ** max(0, named - 2)
    colour, texture, size = shared
    rate = TOLD[TEXTURE] * spared * (PLAIN if texture == 0 else 1)
    return (
        colour if chance.often(TOLD[COLOUR]) else None,
        texture if chance.often(rate) else None,
        size if chance.often(TOLD[SIZE] * spared) else None,
    )


def _sharper(shape: int, told: Told, shared: Sequence[int | None], rest: Sequence[Thing]) -> Told:
    """Return what is told, and what else tells the things from the rest."""
    for kind, value in enumerate(shared):
        confused = [thing for thing in rest if _fits(thing, shape, told)]
        if (
            value is not None
            and ADJECTIVES[kind][value]
            and any(thing[kind + 1] != value for thing in confused)
        ):
            told = (*told[:kind], value, *told[kind + 1 :])  # type: ignore[assignment]
    return told


def _fits(thing: Thing, shape: int, told: Told) -> bool:
    """Return whether what is told is true of a thing; a size without a name says nothing."""
    said = (
        value is None or not ADJECTIVES[kind][value] or thing[kind + 1] == value
        for kind, value in enumerate(told)
    )
    return thing.shape == shape and all(said)


def _adjectives(told: Told, chance: Chance) -> list[str]:
    """Return the size, and colour and texture in either order, though plain things are plain red ones."""
    order = (SIZE, COLOUR, TEXTURE) if told[TEXTURE] and chance.often(0.5) else (SIZE, TEXTURE, COLOUR)
    names = [ADJECTIVES[kind][value] for kind in order if (value := told[kind]) is not None]
    return [chance.any_of(name) for name in names if name]


def _article(words: Sequence[str], chance: Chance) -> tuple[str]:
    if chance.often(0.04):
        return ("one",)
    return ("an" if words[0][0] in "aeiou" else "a",)


def _number(number: int) -> str:
    return NUMBERS[number - 2] if number - 2 < len(NUMBERS) else "many"


def _count(number: int, chance: Chance) -> tuple[str, ...]:
    if number == 2 and chance.often(0.1):
        return ("a", "pair", "of")
    if number > 3 and chance.often(0.2):
        return ("several",)
    return (_number(number),)
