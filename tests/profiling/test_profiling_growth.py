"""Fits on made-up rows."""

import math

import pytest

from attnbench.profiling.growth import exponent, longest


def test_the_exponent_of_a_power() -> None:
    assert exponent([64, 128, 256], [3 * n**2 for n in (64, 128, 256)]) == pytest.approx(2.0)
    assert exponent([10, 20, 40], [7 * n**0.5 for n in (10, 20, 40)]) == pytest.approx(0.5)
    assert exponent([1, 10, 100], [5, 5, 5]) == pytest.approx(0.0, abs=1e-12)


def test_only_the_four_largest_lengths_count() -> None:
    lengths = [16, 32, 64, 128, 256, 512]
    assert exponent(lengths, [99, 1, *(n**2 for n in lengths[2:])]) == pytest.approx(2.0)


def test_two_lengths_fit_nothing() -> None:
    assert exponent([1, 2], [1, 2]) is None
    assert exponent([1, 2, 4], [0, 1, 2]) is None, "a memory of zero has no logarithm"
    assert longest([1, 2], [1, 2], 100) is None


def test_the_longest_length_is_extrapolated_as_a_sum_of_tensors() -> None:
    lengths = [64, 128, 256, 512]
    square = [5 + 0.01 * n + 0.001 * n**2 for n in lengths]
    assert longest(lengths, square, 5 + 0.01 * 4000 + 0.001 * 4000**2) == pytest.approx(4000, rel=1e-6)
    line = [8 + 0.25 * n for n in lengths]
    assert longest(lengths, line, 8 + 0.25 * 1e6) == pytest.approx(1e6, rel=1e-3)
    assert longest(lengths, [3.0] * 4, 1e6) == math.inf
