"""How often a verdict is false, and how often it is found, simulated from examples to intervals.

Differences of two systems on 1000 examples, resampled as records are: each example has an effect of its own,
and each training moves them all. ``python tests/scoring/test_verdict_rates.py`` prints the README's table.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from attnbench.scoring import Estimate, resample
from attnbench.scoring.bootstrap import intervals

README = Path(__file__).parents[2] / "README.md"
N, TIMES = 1000, 10_000
SEEDS = (2, 3, 5, 10)
WORLDS = {"examples": (30.0, 0.1), "both alike": (30.0, 1.0), "trainings": (3.0, 1.5)}
"""What varies most: deviations over examples, of which a mean of 1000 has a thirtieth, and over trainings."""


@cache
def examples(deviation: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean effect on each of many test sets (T,), nought in truth, and its interval (T, 2)."""
    drawn = np.random.default_rng(0).normal(0, deviation, (N, TIMES))
    return drawn.mean(axis=0), intervals(resample(N, seed=5) / N @ drawn)


def rates(world: str, seeds: int, errors: float) -> tuple[float, float]:
    """Return how often the interval lies above the margin, and below.

    The effect lies above it by so many standard errors of one training's result.
    """
    of_examples, of_trainings = WORLDS[world]
    margin = -errors * (of_examples**2 / N + of_trainings**2) ** 0.5
    moved = np.random.default_rng(seeds).normal(0, of_trainings, (TIMES, seeds))
    found = []
    for mean, bounds, trainings in zip(*examples(of_examples), moved, strict=True):
        one = Estimate(tuple(range(seeds)), mean + trainings, np.empty((0, seeds)), {})
        low, high = bounds + trainings.mean()
        found.append(one.widened((low, high)))
    lows, highs = np.array(found).T
    return float((lows > margin).mean()), float((highs < margin).mean())


def row(world: str) -> str:
    """Return the README's row: false verdicts on the margin, verdicts found three standard errors above."""
    cells = [f"{sum(rates(world, s, 0)):.1%}, {rates(world, s, 3)[0]:.0%}" for s in SEEDS]
    return " | ".join([f"| {world}", *cells]) + " |"


@pytest.mark.parametrize("world", WORLDS)
def test_on_the_margin_at_most_one_verdict_in_twenty_is_false(world: str) -> None:
    """Ten thousand tries at 5 % have a standard error of 0.22 %."""
    false = [sum(rates(world, seeds, 0)) for seeds in SEEDS]
    assert max(false) <= 0.05 + 2 * 0.0022
    assert min(rates(world, seeds, 3)[0] for seeds in SEEDS[1:]) > 0.7
    assert max(rates(world, seeds, 3)[1] for seeds in SEEDS) == 0, "never on the wrong side"
    assert row(world) in README.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    print("| what varies most |", " | ".join(f"{seeds} trainings" for seeds in SEEDS), "|")
    print("| --- |" + " --- |" * len(SEEDS))
    print(*map(row, WORLDS), sep="\n")
