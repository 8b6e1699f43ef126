"""Scenes that are made: shapes by hand, what is seen of what lies behind, and pictures that show it."""

from __future__ import annotations

import io
from itertools import product

import numpy as np
import pytest
from PIL import Image

from attnbench.corpora.captions import scenes
from attnbench.corpora.captions.scenes import layout, outlines, painting
from attnbench.corpora.captions.scenes.layout import Scene
from attnbench.corpora.captions.scenes.outlines import Stamp
from attnbench.corpora.captions.scenes.things import COLOURS, SHAPES, SIZES, TEXTURES, Thing

ALL = [Thing(*at) for at in product(range(8), range(8), range(4), range(3))]


def block(rows: int, columns: int, side: int = 12) -> Stamp:
    """Return a full rectangle in the upper left of a stamp."""
    cover = np.zeros((side, side), np.int64)
    cover[:rows, :columns] = outlines.PARTS
    return Stamp(cover, np.zeros_like(cover))


def by_hand(stamps: list[Stamp], corners: list[tuple[int, int]], things: list[Thing]) -> Scene:
    whole = np.stack([layout._placed(one, corner) for one, corner in zip(stamps, corners, strict=True)])
    regions = whole.copy()
    for near in range(1, len(whole)):
        regions[:near] &= ~whole[near]
    return Scene(
        tuple(things), tuple(stamps), tuple(corners), regions, layout._covers(whole), ground=0, table=0
    )


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        ("circle", np.pi), ("square", 1.76**2), ("triangle", 1.85**2 / 2), ("star", 1.1226),
        ("ring", np.pi * (1 - 0.56**2)), ("cross", 4 * 0.64 * 0.96 - 0.64**2), ("diamond", 2 / 1.4),
    ],
)  # fmt: skip
def test_shapes_have_the_areas_of_geometry(shape: str, area: float) -> None:
    """In half widths squared; a star of five points, which reach to 1, has 1.1226."""
    chance = scenes.Chance("area")
    thing = Thing(SHAPES.index(shape), 0, 0, 2)
    covered, halves = 0.0, 0.0
    for _ in range(40):
        half = chance.between(*outlines.WIDTHS[2]) // 2
        covered += outlines.stamp(thing, Again(half)).cover.sum() / outlines.PARTS
        halves += (half / 8) ** 2
    assert covered / halves == pytest.approx(area, rel=0.02)


class Again(scenes.Chance):
    """Chance that gives a width first."""

    def __init__(self, half: int) -> None:
        super().__init__(str(half))
        self.first = [2 * half]

    def between(self, low: int, high: int) -> int:
        return self.first.pop() if self.first else super().between(low, high)


@pytest.mark.parametrize("texture", TEXTURES)
def test_patterns_share_a_thing_within_its_rim(texture: str) -> None:
    thing = Thing(SHAPES.index("square"), 0, TEXTURES.index(texture), 2)
    stamps = [outlines.stamp(thing, scenes.Chance(str(seed))) for seed in range(30)]
    share = sum(one.second.sum() for one in stamps) / sum(one.cover.sum() for one in stamps)
    expected = {"plain": 0, "striped": 0.5, "checked": 0.5, "dotted": np.pi * 0.625**2 / 4}
    assert share == pytest.approx(expected[texture] / 1.15**2, abs=0.03)
    assert all((one.second <= one.cover).all() and one.cover.max() == outlines.PARTS for one in stamps)


def test_things_are_10_to_22_pixels_wide_and_nothing_is_cut_off() -> None:
    """Tilted squares and the rims of pixels may add a little."""
    chance = scenes.Chance("widths")
    for thing in ALL[::5]:
        cover = outlines.stamp(thing, chance).cover
        assert not (cover[0].any() or cover[-1].any() or cover[:, 0].any() or cover[:, -1].any())
        low, high = ((10.5, 12.5), (14.5, 17), (19.5, 22.5))[thing.size]
        wide = max(np.count_nonzero(cover.any(axis=axis)) for axis in (0, 1))
        assert low * 0.9 - 1 <= wide <= high * 1.1 + 2, thing


def test_what_is_seen_of_a_thing_is_what_no_nearer_one_covers() -> None:
    """Two squares of 10: the nearer one covers 3 columns of the other, and a third one nothing."""
    square = Thing(1, 0, 0, 0)
    scene = by_hand([block(10, 10)] * 3, [(5, 5), (5, 12), (40, 40)], [square] * 3)
    assert [int(region.sum()) for region in scene.regions] == [70, 100, 100]
    assert not scene.regions[0, :, 12:].any() and scene.regions[0, 5:15, 5:12].all()
    assert scene.covers == {(0, 1)}
    assert by_hand([block(10, 12), block(10, 1)], [(5, 5), (5, 16)], [square] * 2).covers == {(0, 1)}
    assert by_hand([block(10, 13, 13), block(10, 1)], [(5, 5), (5, 17)], [square] * 2).covers == set()


def test_half_of_each_thing_is_seen_at_least_and_one_in_four_is_behind_another() -> None:
    behind = things = 0
    for seed in range(80):
        chance = scenes.Chance(f"laid/{seed}")
        scene = scenes.laid(scenes.draw(chance, 6), chance)
        assert scene.regions.sum(axis=0).max() == 1
        for place, stamp in enumerate(scene.stamps):
            assert 2 * scene.regions[place].sum() >= stamp.solid.sum() > 0
        assert set(scene.covers) <= set(product(range(6), range(6)))
        behind += len({far for far, _ in scene.covers})
        things += 6
    assert 0.15 < behind / things < 0.35


def test_a_picture_shows_each_thing_where_its_region_is_in_its_colour() -> None:
    """The mean over a plain thing's region is nearest to its own colour, all but for light and noise."""
    right = total = 0
    names = np.array([painting.PAINT[colour] for colour in COLOURS], float)
    for seed in range(60):
        chance = scenes.Chance(f"picture/{seed}")
        things = [thing._replace(texture=0) for thing in scenes.draw(chance, 4)]
        scene = scenes.laid(things, chance)
        pixels = np.asarray(Image.open(io.BytesIO(scenes.png(scene, chance))))
        assert pixels.shape == (64, 64, 3) and pixels.dtype == np.uint8
        for thing, region in zip(things, scene.regions, strict=True):
            far = ((names - pixels[region].mean(axis=0)) ** 2).sum(axis=1)
            right += far.argmin() == thing.colour
            total += 1
    assert right / total > 0.9


def test_patterns_are_seen() -> None:
    """Within a region colours vary more than within that of a plain thing, noise or not."""
    varied: dict[int, list[float]] = {}
    for seed in range(60):
        chance = scenes.Chance(f"pattern/{seed}")
        thing = scenes.draw(chance, 1)[0]._replace(size=2)
        scene = scenes.laid([thing], chance)
        pixels = np.asarray(Image.open(io.BytesIO(scenes.png(scene, chance))), float)
        varied.setdefault(min(thing.texture, 1), []).append(pixels[scene.regions[0]].std(axis=0).max())
    assert np.median(varied[1]) > 2 * np.median(varied[0])


def test_things_are_told_apart_by_every_part_and_by_no_order() -> None:
    assert len({scenes.described([thing]) for thing in ALL}) == len(ALL) == 768
    two = [ALL[5], ALL[300]]
    assert scenes.described(two) == scenes.described(two[::-1])
    assert scenes.described([Thing(4, 0, 1, 2)]) == "ring red striped large"
    assert (SIZES[2], COLOURS[0]) == ("large", "red")


def test_four_in_ten_things_after_the_first_take_the_shape_of_another() -> None:
    """And one in eight of the others has it by chance: 0.4 + 0.6 / 8."""
    chance = scenes.Chance("alike")
    pairs = [scenes.draw(chance, 2) for _ in range(3000)]
    assert np.mean([one.shape == other.shape for one, other in pairs]) == pytest.approx(0.475, abs=0.03)
    assert np.mean([one.texture == 0 for one, _ in pairs]) == pytest.approx(0.4, abs=0.03)
