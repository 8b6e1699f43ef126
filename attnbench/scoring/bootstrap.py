"""Paired bootstrap over examples and seeds (Koehn 2004): weights times statistics, nothing else.

A resample is a row of weights: how often each example of the test set was drawn. The weights depend on
the size of the test set alone, so every system, seed, decoding and length bin of it sees the same draws,
and differences are paired.

    R resamples   n examples   s seeds   k statistics
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from attnbench.scoring.metric import Metric

RESAMPLES = 1000
CONFIDENCE = 0.95
ENOUGH_SEEDS = 5
"""From this many seeds on, seeds are resampled too; with fewer, only examples are."""

_SEEDS_SEED = 1
"""Seeds are drawn with another generator than examples, lest the two be coupled."""


@lru_cache(maxsize=8)
def resample(n: int, resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """Return how often each of n examples is drawn in n draws with replacement, ``(resamples, n)``.

    An example's weights lie side by side in memory, so that some examples' are quickly taken.
    """
    rng = np.random.default_rng(seed)
    weights = np.empty((n, resamples)).T
    for row in weights:
        row[:] = np.bincount(rng.integers(n, size=n), minlength=n)
    weights.setflags(write=False)
    return weights


def interval(replicates: np.ndarray) -> tuple[float, float]:
    """Return the percentile interval of ``(R,)`` replicates; undefined ones (NaN) are left out."""
    defined = replicates[np.isfinite(replicates)]
    if not defined.size:
        return float("nan"), float("nan")
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(defined, [tail, 100 - tail])
    return float(low), float(high)


@dataclass(frozen=True)
class Estimate:
    """A score, or an effect made of scores, for every seed and in every resample."""

    seeds: tuple[int, ...]
    values: np.ndarray
    """``(s,)``: the value on the whole test set."""
    replicates: np.ndarray
    """``(R, s)``: the value in each resample of the examples."""
    examples: np.ndarray
    """``(n,)`` of bool: the examples of the test set that it rests on."""

    @property
    def value(self) -> float:
        """The mean over seeds; NaN without any."""
        return float(self.values.mean()) if self.seeds else float("nan")

    @property
    def n(self) -> int:
        """How many examples it rests on."""
        return int(self.examples.sum())

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the mean over seeds."""
        return interval(self.over_seeds())

    def over_seeds(self) -> np.ndarray:
        """Return the replicates of the mean over seeds, ``(R,)``; from five seeds on these are drawn too."""
        count = len(self.seeds)
        if not count:
            return np.full(len(self.replicates), np.nan)
        if count < ENOUGH_SEEDS:
            return self.replicates.mean(axis=1)
        drawn = resample(count, len(self.replicates), _SEEDS_SEED)
        return (drawn * self.replicates).sum(axis=1) / count

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
    return Estimate(
        seeds=seeds,
        values=function(left.values, right.values),
        replicates=function(left.replicates, right.replicates),
        examples=_either(left.examples, right.examples),
    )


def _either(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the examples of either side; those of two test sets stand one after the other."""
    return left | right if left.shape == right.shape else np.concatenate([left, right])


def estimate(
    statistics: np.ndarray, metric: Metric, seeds: tuple[int, ...], chosen: np.ndarray | None = None
) -> Estimate:
    """Score the chosen examples of a test set.

    ``statistics`` is ``(s, n, k)``; ``chosen`` is ``(n,)`` of bool, all where it is None. A resample draws
    from the whole test set, so a subset's share of it varies as it would in another test set.
    """
    count, n, k = statistics.shape
    weights = resample(n)
    if chosen is None:
        chosen = np.ones(n, dtype=bool)
    elif not chosen.all():
        statistics, weights = statistics[:, chosen], weights.T[chosen].T
    side_by_side = statistics.transpose(1, 0, 2).reshape(-1, count * k)  # all seeds in one product
    return Estimate(
        seeds=seeds,
        values=metric.value(statistics.sum(axis=1)),
        replicates=metric.value((weights @ side_by_side).reshape(-1, count, k)),
        examples=chosen,
    )
