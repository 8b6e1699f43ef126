"""Estimates: their arithmetic, and intervals that hold examples and trainings, against formulas by hand."""

from __future__ import annotations

import numpy as np
import pytest

from attnbench.scoring import Estimate
from attnbench.scoring.estimate import TAIL

SPREAD = np.linspace(-1, 1, 2001)[:, None]
"""Replicates that lie evenly around the value: the percentile interval is 0.95 to either side."""


def estimate(*values: float, spread: float = 0.0) -> Estimate:
    return Estimate(tuple(range(len(values))), np.array(values), np.array(values) + spread * SPREAD, {})


def test_one_seed_has_the_interval_of_its_examples() -> None:
    assert estimate(3.0, spread=2).interval == pytest.approx((3 - 1.9, 3 + 1.9))


@pytest.mark.parametrize(
    ("values", "t"), [((1.0, 2.0), 12.7062), ((1.0, 2.0, 6.0), 4.30265), ((1, 2, 3, 4, 5), 2.77645)]
)
def test_without_other_variance_it_is_student_s(values: tuple[float, ...], t: float) -> None:
    """The quantiles are those of printed tables."""
    half = t * np.std(values, ddof=1) / len(values) ** 0.5
    assert estimate(*values).interval == pytest.approx(
        (np.mean(values) - half, np.mean(values) + half), rel=1e-5
    )


def test_equal_trainings_leave_the_interval_of_the_examples() -> None:
    assert estimate(3.0, 3.0, 3.0, spread=2).interval == pytest.approx((1.1, 4.9))


def test_squares_of_half_widths_add_up_on_either_side() -> None:
    """Three seeds, 2.97, 1.95 and 4.01, whose examples alone give [2.24, 3.89]."""
    values = np.array([2.97, 1.95, 4.01])
    below, above = np.full(30, 2.24), np.full(970, 3.89)
    replicates = np.repeat(np.concatenate([below, above])[:, None], 3, axis=1)
    low, high = Estimate((0, 1, 2), values, replicates, {}).interval
    student = 4.302653 * values.std(ddof=1) / 3**0.5
    assert low == pytest.approx(values.mean() - np.hypot(student, values.mean() - 2.24))
    assert high == pytest.approx(values.mean() + np.hypot(student, 3.89 - values.mean()))
    assert low < 1.1, "the margin of a claim that the bootstrap alone would have called reproduced"


@pytest.mark.parametrize("values", [(2.0,), (1.0, 2.5), (1.0, 2.0, 4.0)])
def test_the_chance_is_the_tail_whose_limit_is_the_margin(values: tuple[float, ...]) -> None:
    found = estimate(*values, spread=0.7)
    assert found.chance_above(found.interval[0]) == pytest.approx(TAIL, rel=1e-9)
    assert (-found).chance_above(-found.interval[1]) == pytest.approx(TAIL, rel=1e-9)
    assert found.chance_above(found.interval[0] - 0.01) < TAIL < found.chance_above(found.interval[0] + 0.01)
    assert found.chance_above(found.value) == found.chance_above(found.value + 1) == 1


def test_the_chance_of_examples_alone_is_the_normal_one() -> None:
    found = estimate(0.0, spread=1 / 0.95 * 1.959964)  # a standard error of 1
    assert found.chance_above(-1.6448536) == pytest.approx(0.05, rel=1e-5)
    assert found.chance_above(-3.0902323) == pytest.approx(0.001, rel=1e-5)


def test_the_chance_of_trainings_alone_is_student_s() -> None:
    found = estimate(-1.0, 0.0, 1.0)  # t = value / (1 / √3), two degrees of freedom
    assert found.chance_above(-2.919986 / 3**0.5) == pytest.approx(0.05, rel=1e-5)


def test_arithmetic_uses_the_seeds_and_examples_that_both_have() -> None:
    first, second = {7: np.array([True, False, False])}, {7: np.array([True, True, False])}
    left = Estimate((0, 1), np.array([3.0, 4]), np.array([[3.0, 4]]), first)
    right = Estimate((1, 2), np.array([2.0, 9]), np.array([[1.0, 9]]), second)
    difference = left - right
    assert (difference.seeds, difference.n) == ((1,), 2)
    assert (difference.value, difference.replicates.tolist()) == (2, [[3]])
    assert (-difference).value == -2
    assert (left + right).value == 6
    assert ((left * 2.5).values.tolist(), (left * 2.5).replicates.tolist()) == ([7.5, 10], [[7.5, 10]])
    assert left.change_from(right).value == 100
    assert np.isnan((left - right.of((2,))).value)


def test_examples_of_two_sets_add_up_and_those_of_one_count_once() -> None:
    one, part, other = {1: np.arange(60) < 60}, {1: np.arange(60) < 20}, {2: np.arange(40) < 30}
    a, b, c = (Estimate((0,), np.zeros(1), np.zeros((3, 1)), of) for of in (one, part, other))
    assert [(a - b).n, (b - a).n, (a - c).n, (a - c - a).n, (b - c).n] == [60, 60, 90, 90, 50]
