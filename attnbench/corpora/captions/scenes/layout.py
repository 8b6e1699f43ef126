"""Where things lie, and what is seen of each: a nearer thing covers a part of a farther one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from attnbench.corpora.captions.regions import SIDE
from attnbench.corpora.captions.scenes.chance import Chance
from attnbench.corpora.captions.scenes.outlines import Bools, Ints, Stamp, stamp
from attnbench.corpora.captions.scenes.things import Thing

COVERING = 0.3
"""How often a thing shall cover a part of others; else it is put where nothing is, if there is room."""
TRIES = 25
"""Places that are tried for a thing as is wanted, and then as comes, before all is undone."""
COVERED = 12
"""A thing is said to be behind another that covers one part in so many of it, or more."""

GROUNDS = ("grey", "brown", "pale", "dark")
"""What the ground is called."""


class Scene(NamedTuple):
    """Things from the farthest to the nearest."""

    things: tuple[Thing, ...]
    stamps: tuple[Stamp, ...]
    corners: tuple[tuple[int, int], ...]
    """Row and column of the pixel where each stamp begins."""
    regions: Bools
    """What is seen of each thing: (things, SIDE, SIDE)."""
    covers: frozenset[tuple[int, int]]
    """A thing and a nearer one that covers a part of it."""
    ground: int
    """Which of ``GROUNDS``."""
    table: int
    """The row where a table begins; 0: there is none."""

    def centre(self, thing: int) -> tuple[int, int]:
        """Return row and column of a thing's middle, in half pixels."""
        side = len(self.stamps[thing].cover)
        row, column = self.corners[thing]
        return 2 * row + side, 2 * column + side

    def salience(self, thing: int) -> int:
        """Return how much a thing strikes the eye: for what is seen of it, and for being near the middle."""
        row, column = self.centre(thing)
        far = (row - SIDE) ** 2 + (column - SIDE) ** 2
        return 16 * int(self.regions[thing].sum()) - far


def laid(things: Sequence[Thing], chance: Chance) -> Scene:
    """Return a scene of the things; at least half of each is seen."""
    while True:
        stamps = [stamp(thing, chance) for thing in things]
        corners = _corners(stamps, chance)
        if corners is not None:
            break
    whole = np.stack([_placed(one, corner) for one, corner in zip(stamps, corners, strict=True)])
    regions = whole.copy()
    for near in range(1, len(things)):
        regions[:near] &= ~whole[near]
    ground = chance.between(0, len(GROUNDS) - 1)
    table = chance.between(20, 44) if chance.often(0.3) else 0
    return Scene(tuple(things), tuple(stamps), tuple(corners), regions, _covers(whole), ground, table)


def _placed(one: Stamp, corner: tuple[int, int]) -> Bools:
    mask = np.zeros((SIDE, SIDE), bool)
    mask[_window(one, corner)] = one.solid
    return mask


def _window(one: Stamp, corner: tuple[int, int]) -> tuple[slice, slice]:
    (row, column), side = corner, len(one.cover)
    return slice(row, row + side), slice(column, column + side)


def _corners(stamps: Sequence[Stamp], chance: Chance) -> list[tuple[int, int]] | None:
    """Return a place for each stamp; none when there was no room for one of them."""
    owner = np.full((SIDE, SIDE), -1)
    areas = [int(one.solid.sum()) for one in stamps]
    corners = []
    for place, one in enumerate(stamps):
        wanted = place > 0 and chance.often(COVERING)
        for attempt in range(2 * TRIES):
            last = SIDE - len(one.cover)
            corner = chance.between(0, last), chance.between(0, last)
            under = owner[_window(one, corner)]
            hidden = np.bincount(under[one.solid] + 1, minlength=place + 1)[1:]
            fits = _seen(owner, hidden, areas[:place])
            if fits and (attempt >= TRIES or wanted == bool(hidden.any())):
                break
        else:
            return None
        under[one.solid] = place
        corners.append(corner)
    return corners


def _seen(owner: Ints, hidden: Ints, areas: Sequence[int]) -> bool:
    """Return whether at least half of each thing is seen when so many more pixels of it are hidden."""
    seen = np.bincount(owner.ravel() + 1, minlength=len(areas) + 1)[1:] - hidden
    return bool((2 * seen >= np.array(areas, int)).all())


def _covers(whole: Bools) -> frozenset[tuple[int, int]]:
    pairs = ((far, near) for near in range(len(whole)) for far in range(near))
    return frozenset(
        (far, near)
        for far, near in pairs
        if COVERED * np.count_nonzero(whole[far] & whole[near]) >= np.count_nonzero(whole[far])
    )
