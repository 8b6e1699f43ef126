"""A score, or an effect made of scores, and how far another test set and other trainings might move it.

Two things vary: which examples are in the test set, and which trainings were done. The first is known from
the bootstrap of the mean over seeds, at any number of seeds; the second from two seeds on, from their
standard deviation. The interval adds the squares of the two half-widths,

    (value - low)² = (t(s-1) deviation / √s)² + (value - bootstrap low)²

and the same above: Howe's (1974) limits for the mean of a sum of two parts of which each has limits of its
own, here as Zou and Donner (2008) write them for parts that need not be symmetric. Where trainings do not
differ it is the bootstrap's interval, where nothing else does it is Student's; in between it holds the truth
more often than it says. With one seed it holds the examples alone.

Howe (1974), Approximate confidence limits on the mean of X + Y where X and Y are two tabled independent
random variables, JASA 69. Zou and Donner (2008), Construction of confidence limits about effect measures: a
general approach, Statistics in Medicine 27.

    R resamples   s seeds
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri, stdtrit

from attnbench.scoring.bootstrap import CONFIDENCE, interval

TAIL = (1 - CONFIDENCE) / 2
"""The chance on either side of an interval."""


@dataclass(frozen=True)
class Estimate:
    """A score, or an effect made of scores, for every seed and in every resample."""

    seeds: tuple[int, ...]
    values: np.ndarray
    """``(s,)``: the value on the whole test set."""
    replicates: np.ndarray
    """``(R, s)``: the value in each resample of the examples."""
    examples: Mapping[int, np.ndarray]
    """The examples that it rests on: for each population, by its seed, ``(n,)`` of bool."""

    @property
    def value(self) -> float:
        """The mean over seeds; NaN without any."""
        return float(self.values.mean()) if self.seeds else float("nan")

    @property
    def n(self) -> int:
        """How many examples it rests on, each counted once."""
        return sum(int(chosen.sum()) for chosen in self.examples.values())

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the mean over seeds."""
        return self.widened(interval(self.over_seeds()))

    def over_seeds(self) -> np.ndarray:
        """Return the replicates of the mean over seeds, ``(R,)``."""
        return self.replicates.mean(axis=1) if self.seeds else np.full(len(self.replicates), np.nan)

    def widened(self, examples: tuple[float, float]) -> tuple[float, float]:
        """Return the interval, given that of ``over_seeds``."""
        if len(self.seeds) < 2:
            return examples
        low, high = self.half_widths(examples)
        return self.value - low, self.value + high

    def half_widths(self, examples: tuple[float, float]) -> tuple[float, float]:
        """Return how far the interval reaches below and above the value."""
        seeds = self.of_seeds(TAIL)
        low, high = (max(distance, 0.0) for distance in (self.value - examples[0], examples[1] - self.value))
        return math.hypot(seeds, low), math.hypot(seeds, high)

    def of_seeds(self, tail: float, count: int | None = None) -> float:
        """Return the half-width of Student's interval over seeds, as if there were ``count`` of them.

        Zero with one seed, of which no more is known.
        """
        if len(self.seeds) < 2:
            return 0.0
        count = count or len(self.seeds)
        return float(-stdtrit(count - 1, tail) * self.values.std(ddof=1) / math.sqrt(count))

    def chance_above(self, margin: float) -> float:
        """Return the one-sided p of the value's lying above a margin: the tail whose limit is the margin.

        The bootstrap's half-width is taken to shrink and grow as the normal distribution's.
        """
        distance, low = self.value - margin, self.value - interval(self.over_seeds())[0]
        if not distance > 0:
            return 1.0
        smallest, largest = 1e-12, 0.5
        for _ in range(60):
            tail = math.sqrt(smallest * largest)
            if math.hypot(self.of_seeds(tail), max(low, 0.0) * ndtri(tail) / ndtri(TAIL)) > distance:
                smallest = tail
            else:
                largest = tail
        return largest

    def of(self, seeds: tuple[int, ...]) -> Estimate:
        """Return the estimate for these seeds alone."""
        at = [self.seeds.index(seed) for seed in seeds]
        return replace(self, seeds=seeds, values=self.values[at], replicates=self.replicates[:, at])

    def __sub__(self, other: Estimate) -> Estimate:
        """Return the difference, seed by seed and resample by resample."""
        return _combined(np.subtract, self, other)

    def __neg__(self) -> Estimate:
        """Return the estimate with the other sign."""
        return replace(self, values=-self.values, replicates=-self.replicates)

    def __add__(self, other: Estimate) -> Estimate:
        """Return the sum, seed by seed and resample by resample."""
        return _combined(np.add, self, other)

    def __mul__(self, factor: float) -> Estimate:
        """Return the estimate so many times as large."""
        return replace(self, values=factor * self.values, replicates=factor * self.replicates)

    def change_from(self, other: Estimate) -> Estimate:
        """Return the change from ``other`` to this, in percent of ``other``."""
        return _combined(_percent_change, self, other)


def _percent_change(new: np.ndarray, old: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return 100 * (new - old) / old


def _combined(
    function: Callable[[np.ndarray, np.ndarray], np.ndarray], left: Estimate, right: Estimate
) -> Estimate:
    """Combine two estimates over the seeds that both have."""
    seeds = tuple(seed for seed in left.seeds if seed in right.seeds)
    left, right = left.of(seeds), right.of(seeds)
    examples = dict(left.examples)
    for population, chosen in right.examples.items():
        examples[population] = examples[population] | chosen if population in examples else chosen
    return Estimate(
        seeds=seeds,
        values=function(left.values, right.values),
        replicates=function(left.replicates, right.replicates),
        examples=examples,
    )
