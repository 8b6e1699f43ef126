"""Where things are, and how they stand to each other, by whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from attnbench.corpora.captions.regions import SIDE
from attnbench.corpora.captions.scenes.layout import Scene

NEAR = 46
"""Half pixels between the middles of two things that are next to each other, at most."""
APART = 16
"""Half pixels by which a thing is above, or to the left of, another, at the least."""

WORDS = {
    "above": ("above", "above", "over"),
    "below": ("below", "below", "under", "underneath"),
    "left": ("to the left of", "to the left of", "left of"),
    "right": ("to the right of", "to the right of", "right of"),
    "near": ("next to", "next to", "beside", "near", "close to"),
    "behind": ("behind", "behind", "partly hidden by", "partly behind"),
    "front": ("in front of",),
}
"""How each relation is told; what is there twice is told twice as often."""

PLACES = {
    ("top", "left"): ("in the top left corner", "at the top left"),
    ("top", "middle"): ("at the top",),
    ("top", "right"): ("in the top right corner", "at the top right"),
    ("middle", "left"): ("on the left",),
    ("middle", "middle"): ("in the middle", "in the center"),
    ("middle", "right"): ("on the right",),
    ("bottom", "left"): ("in the bottom left corner", "at the bottom left"),
    ("bottom", "middle"): ("at the bottom",),
    ("bottom", "right"): ("in the bottom right corner", "at the bottom right"),
}
"""How each ninth of a picture is called."""

Place = tuple[int, int]
Group = Sequence[int]


def _down(one: Place, other: Place) -> int:
    return other[0] - one[0]


def _across(one: Place, other: Place) -> int:
    return other[1] - one[1]


def _near(one: Place, other: Place) -> bool:
    return _down(one, other) ** 2 + _across(one, other) ** 2 <= NEAR**2


_STANDS: dict[str, Callable[[Place, Place], bool]] = {
    "above": lambda one, other: _down(one, other) >= max(APART, abs(_across(one, other))),
    "below": lambda one, other: -_down(one, other) >= max(APART, abs(_across(one, other))),
    "left": lambda one, other: _across(one, other) >= max(APART, abs(_down(one, other))),
    "right": lambda one, other: -_across(one, other) >= max(APART, abs(_down(one, other))),
}


def true(scene: Scene, ones: Group, others: Group) -> Iterator[str]:
    """Yield how things stand to others: each of the ones to each of the others.

    Two groups are near when each of the ones is near one of the others. What strikes most comes twice.
    """
    middles = [[scene.centre(thing) for thing in group] for group in (ones, others)]
    for name, stands in _STANDS.items():
        if all(stands(one, other) for one, other in product(*middles)):
            yield name
    if all(any(_near(one, other) for other in middles[1]) for one in middles[0]):
        yield "near"
    pairs = list(product(ones, others))
    if all(pair in scene.covers for pair in pairs):
        yield from ("behind", "behind")
    if all((other, one) in scene.covers for one, other in pairs):
        yield from ("front", "front")


def place(scene: Scene, things: Group) -> tuple[str, ...]:
    """Return how the ninth of the picture where all of the things are is called; nothing if in several."""
    ninths = {tuple(_third(at) for at in scene.centre(thing)) for thing in things}
    if len(ninths) > 1:
        return ()
    row, column = ninths.pop()
    return PLACES[("top", "middle", "bottom")[row], ("left", "middle", "right")[column]]


def _third(at: int) -> int:
    """Return in which third of the picture something is, the middle one being the widest."""
    edge = SIDE * 2 * 3 // 10
    return (at >= edge) + (at >= 2 * SIDE - edge)
