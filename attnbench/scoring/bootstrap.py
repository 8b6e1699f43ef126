"""Paired bootstrap over examples and seeds (Koehn 2004): weights times statistics, nothing else.

A resample is a row of weights: how often each example of the test set was drawn. The weights depend on
the size of the test set alone, so every system, seed, decoding and length bin of it sees the same draws,
and differences are paired.

    R resamples   n examples   s seeds   k statistics
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

RESAMPLES = 1000
CONFIDENCE = 0.95
ENOUGH_SEEDS = 5
"""From this many seeds on, seeds are resampled too; with fewer, only examples are."""

_SEEDS_SEED = 1
"""Seeds are drawn with another generator than examples, lest the two be coupled."""

_ROWS, _EXAMPLES = 64, 256
"""Weights are drawn so many resamples at a time and used so many examples at a time: memory is bounded by
one byte a weight, for whatever is kept."""


@lru_cache(maxsize=4)
def resample(n: int, resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """Return how often each of n examples is drawn in n draws with replacement, ``(resamples, n)`` of bytes.

    An example's weights lie side by side in memory, so that some examples' are quickly taken.
    """
    rng = np.random.default_rng(seed)
    weights = np.empty((n, resamples), dtype=np.uint8)  # more than 255 times in n draws of n: never
    for start in range(0, resamples, _ROWS):
        rows = range(start, min(start + _ROWS, resamples))
        drawn = [np.bincount(rng.integers(n, size=n), minlength=n).astype(np.uint8) for _ in rows]
        weights[:, rows.start : rows.stop] = np.stack(drawn, axis=1)
    weights.setflags(write=False)
    return weights.T


def resampled(statistics: np.ndarray, chosen: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield the sums of ``(n, k)`` statistics in each resample, ``(R, k)``, over the examples of each set.

    The sets are ``(n,)`` of bool. A resample draws from the whole test set, so a subset's share of it varies
    as it would in another test set.
    """
    weights = resample(len(statistics)).T
    for places in map(np.flatnonzero, chosen):
        sums = np.zeros((statistics.shape[1], weights.shape[1]))
        for start in range(0, len(places), _EXAMPLES):
            some = places[start : start + _EXAMPLES]
            sums += statistics[some].T @ weights[some].astype(np.float64)
        yield sums.T


def interval(replicates: np.ndarray) -> tuple[float, float]:
    """Return the percentile interval of ``(R,)`` replicates; undefined ones (NaN) are left out."""
    low, high = intervals(replicates[:, None])[0].tolist()
    return low, high


def intervals(replicates: np.ndarray) -> np.ndarray:
    """Return the percentile interval of each column of ``(R, m)`` replicates, ``(m, 2)``."""
    tail = 50 * (1 - CONFIDENCE)
    tails = [tail, 100 - tail]
    defined = np.isfinite(replicates)
    whole = defined.all(axis=0)
    found = np.full((replicates.shape[1], 2), np.nan)
    if whole.any():
        found[whole] = np.percentile(replicates[:, whole], tails, axis=0).T
    for place in np.flatnonzero(defined.any(axis=0) & ~whole):
        found[place] = np.percentile(replicates[defined[:, place], place], tails)
    return found


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
