"""Paired bootstrap over examples (Koehn 2004): weights times statistics, nothing else.

A resample is a row of weights: how often each example was drawn. The draws belong to a set of examples: every
system, seed, decoding and length bin tested on it sees the same ones, and so does a test set that is a part
of it, so differences are paired. Another set has draws of its own.

    R resamples   n examples   k statistics
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from zlib import crc32

import numpy as np

RESAMPLES = 1000
CONFIDENCE = 0.95

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


class Population:
    """The set of examples that is drawn from: a test set that is no part of another."""

    def __init__(self, ids: np.ndarray) -> None:
        """Take the sorted ids ``(n,)``, which tell its draws from those of another set."""
        self.ids = ids

    @cached_property
    def seed(self) -> int:
        """What its draws are made from, and its name."""
        return crc32("\n".join(map(str, self.ids)).encode())

    def weights(self, places: np.ndarray) -> np.ndarray:
        """Return how often the examples at these places ``(m,)`` are drawn, ``(m, R)`` of bytes."""
        weights = resample(len(self.ids), seed=self.seed).T
        return weights if len(places) == len(self.ids) else weights[places]


def resampled(
    statistics: np.ndarray, chosen: Iterable[np.ndarray], weights: np.ndarray
) -> Iterator[np.ndarray]:
    """Yield the sums of ``(n, k)`` statistics in each resample, ``(R, k)``, over the examples of each set.

    The sets are ``(n,)`` of bool, the weights ``(n, R)``. A resample draws from the whole population, so a
    subset's share of it varies as it would in another one.
    """
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
