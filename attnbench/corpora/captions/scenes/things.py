"""What there is in a scene: things of a shape, a colour, a texture and a size."""

from __future__ import annotations

from typing import NamedTuple

from attnbench.corpora.captions.scenes.chance import Chance

SHAPES = ("circle", "square", "triangle", "star", "ring", "cross", "heart", "diamond")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "white", "black")
TEXTURES = ("plain", "striped", "dotted", "checked")
SIZES = ("small", "medium", "large")

PLAIN = 0.4
"""How many things have no pattern."""
ALIKE = 0.4
"""How many things take after one that is there: they have its shape, and more."""
KEPT = 0.65
"""How often such a thing has the other's colour, texture, size: each for itself."""


class Thing(NamedTuple):
    """A thing, by places in ``SHAPES``, ``COLOURS``, ``TEXTURES`` and ``SIZES``."""

    shape: int
    colour: int
    texture: int
    size: int


def draw(chance: Chance, number: int) -> list[Thing]:
    """Return some things, some of them alike, as counted groups need."""
    made: list[Thing] = []
    for _ in range(number):
        new = _fresh(chance)
        if made and chance.often(ALIKE):
            old = chance.any_of(made)
            kept = (
                mine if chance.often(KEPT) else other for mine, other in zip(old[1:], new[1:], strict=True)
            )
            new = Thing(old.shape, *kept)
        made.append(new)
    return made


def _fresh(chance: Chance) -> Thing:
    shape = chance.between(0, len(SHAPES) - 1)
    colour = chance.between(0, len(COLOURS) - 1)
    texture = 0 if chance.often(PLAIN) else chance.between(1, len(TEXTURES) - 1)
    return Thing(shape, colour, texture, chance.between(0, len(SIZES) - 1))


def described(things: list[Thing]) -> str:
    """Return which things these are, in words; where they are and their order do not matter."""
    names = (SHAPES, COLOURS, TEXTURES, SIZES)
    said = (" ".join(name[at] for name, at in zip(names, thing, strict=True)) for thing in sorted(things))
    return ", ".join(said)
