"""Whether attention looks at what a word names, by hand and by a slow literal loop."""

from __future__ import annotations

import math

import numpy as np
import pytest

from attnbench.scoring import regions

GRID = (2, 4)
COVERAGE = np.array(
    [
        [1, 0.5, 0.25, 0.2, 0, 0, 0, 0],
        [0, 0, 0, 0, 0.1, 0.2, 0, 0.2],  # less than a quarter anywhere: where it covers most
        [0, 0, 0, 0, 0, 0, 0, 0],  # out of sight
    ],
    np.float32,
)
WEIGHTS = np.array(
    [
        [0.5, 0.25, 0.125, 0.125, 0, 0, 0, 0],
        [0.25, 0, 0, 0, 0, 0.25, 0.25, 0.25],
        [0, 0, 0, 0.5, 0, 0, 0.5, 0],
        [0, 0, 0, 0, 1, 0, 0, 0],
    ],
    np.float32,
)


def _mean(found: dict[str, float], name: str, whole: str = "words") -> float:
    return found[f"{name}/sum"] / found[f"{name}/{whole}"]


def test_cells_inside_by_hand() -> None:
    assert regions.marked(COVERAGE).astype(int).tolist() == [
        [1, 1, 1, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 1, 0, 1],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ]
    assert regions.marked(np.zeros((0, 8), np.float32)).shape == (0, 8)


def test_words_by_hand() -> None:
    """Word 0 names a region; 1 two, 3 one that is out of sight, 2 none."""
    right = regions.named([(0, 0), (1, 0), (1, 1), (3, 2)], regions.marked(COVERAGE), 4)
    assert right.sum(axis=1).tolist() == [3, 5, 0, 0]
    found = regions.statistics(WEIGHTS, right, GRID)
    assert {found[name] for name in found if name.endswith("/words")} == {2.0}
    assert _mean(found, "pointing") == (1 + 3 / 4) / 2  # of four equally strong cells three are inside
    assert _mean(found, "pointing-chance") == (3 / 8 + 5 / 8) / 2
    assert _mean(found, "pointing-centre") == (2 / 4 + 3 / 4) / 2  # the middle is 1, 2, 5 and 6
    assert _mean(found, "pointing-shuffled") == pytest.approx(((1 / 4 + 0 + 0) / 3 + (1 + 0 + 0) / 3) / 2)
    assert _mean(found, "mass") == (0.875 + 0.75) / 2
    assert _mean(found, "mass-uniform") == (3 / 8 + 5 / 8) / 2
    assert _mean(found, "mass-shuffled") == pytest.approx((0.25 / 3 + 0.875 / 3) / 2)


def test_the_middle() -> None:
    even, odd = regions.centred((2, 4)), regions.centred((3, 5))
    assert regions.strongest(even).tolist() == [0, 0.25, 0.25, 0] * 2
    assert regions.strongest(odd).tolist() == [0.0] * 7 + [1.0] + [0.0] * 7
    assert regions.centred((8, 8)).nonzero()[0].size == 64
    top = regions.strongest(regions.centred((14, 14))).reshape(14, 14)
    assert top[6:8, 6:8].tolist() == [[0.25, 0.25]] * 2
    # A column lies 1/8 or 3/8 of the side from the middle, half a deviation or one and a half.
    near, far = math.exp(-(0.5**2) / 2), math.exp(-(1.5**2) / 2)
    expected = np.array([far, near, near, far] * 2)
    np.testing.assert_allclose(even, expected / expected.sum())


def test_a_caption_of_one_word_has_no_other() -> None:
    right = np.zeros((1, 8), bool)
    right[0, 0] = True
    found = regions.statistics(WEIGHTS[:1], right, GRID)
    assert found["pointing/words"] == found["mass/words"] == 1
    assert found["pointing-shuffled/words"] == found["mass-shuffled/sum"] == 0
    none = regions.statistics(WEIGHTS, np.zeros((4, 8), bool), GRID)
    assert set(none.values()) == {0.0} and none.keys() == found.keys()


def test_spread_by_hand() -> None:
    found = regions.spread(np.vstack([WEIGHTS[[0, 3]], WEIGHTS[2:3]]))  # the last is the end's
    nats = 0.5 * math.log(2) + 0.25 * math.log(4) + 2 * 0.125 * math.log(8)
    assert _mean(found, "entropy") == pytest.approx(nats / 2)
    apart = (0.5**2 + 0.25**2 + 2 * 0.125**2 + 1) / 4  # (difference / 2) squared
    assert _mean(found, "time-variance", "captions") == pytest.approx(apart)
    total = [0.5, 0.25, 0.125, 0.625, 1, 0, 0.5, 0]
    assert _mean(found, "coverage-variance", "captions") == pytest.approx(np.var(total))
    still = regions.spread(np.full((4, 8), 1 / 8, np.float32))
    assert still["time-variance/sum"] == still["coverage-variance/sum"] == 0
    assert _mean(still, "entropy") == pytest.approx(math.log(8))
    assert regions.spread(WEIGHTS[:2])["time-variance/captions"] == 0


def test_all_as_a_slow_loop() -> None:
    random = np.random.default_rng(0)
    for grid, words in (((3, 5), 6), ((4, 4), 9), ((1, 7), 2)):
        cells = grid[0] * grid[1]
        weights = random.dirichlet(np.full(cells, 0.3), words)
        right = (random.random((words, cells)) < 0.3) & (random.random((words, 1)) < 0.7)
        asked = [word for word in range(words) if right[word].any()]
        assert asked
        middle = regions.centred(grid)
        expected = {
            "pointing": [right[t, weights[t].argmax()] for t in asked],
            "mass": [sum(weights[t, i] for i in range(cells) if right[t, i]) for t in asked],
            "pointing-chance": [right[t].sum() / cells for t in asked],
            "mass-uniform": [right[t].sum() / cells for t in asked],
            "mass-centre": [middle[right[t]].sum() for t in asked],
        }
        others = [(t, [other for other in range(words) if other != t]) for t in asked]
        strongest = weights.argmax(axis=1)
        expected["pointing-shuffled"] = [np.mean([right[t, strongest[o]] for o in ts]) for t, ts in others]
        expected["mass-shuffled"] = [np.mean([weights[o][right[t]].sum() for o in ts]) for t, ts in others]
        found = regions.statistics(weights, right, grid)
        for name, values in expected.items():
            assert _mean(found, name) == pytest.approx(np.mean(values)), name
