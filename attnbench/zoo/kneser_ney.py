"""Interpolated modified Kneser-Ney smoothing of word n-grams (Chen and Goodman 1999).

With h a history of n - 1 words, h' the same without its first word, and V the vocabulary's size:

    p(w | h)  = (c(h w) - D(c(h w))) / c(h .) + g(h) p(w | h')
    g(h)      = sum_w D(c(h w)) / c(h .)

c counts the longest n-grams. Of a shorter one it is the number of words that were seen before it. D is D_1
for what was seen once, D_2 twice, D_3 more often; below single words stands 1 / V. A history that was never
seen leaves it to h'. With n_k the number of n-grams with c = k, and Y = n_1 / (n_1 + 2 n_2),

    D_k = k - (k + 1) Y n_{k+1} / n_k

for each n of its own. Every sequence is preceded by as many start words as a history is long.

    p positions   g n-grams of a length   v vocabulary
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from torch import nn

FALLBACK = np.array([0.0, 0.5, 1.0, 1.5])
"""Discounts where the counts of counts give none above 0, as KenLM's ``--discount_fallback``."""

Ids = np.ndarray | Sequence[int]


class Grams(NamedTuple):
    """All n-grams of a length, in the order of their keys, and what is known of them.

    A key is the number of the (n - 1)-gram without the first word, times V + 1, plus the first word.
    """

    keys: np.ndarray
    """(g,): distinct, ascending."""
    kept: np.ndarray
    """(g,): the count less its discount."""
    total: np.ndarray
    """(histories,): c(h .) for the (n - 1)-grams."""
    mass: np.ndarray
    """(histories,): c(h .) g(h)."""


class KneserNey(nn.Module):
    """An n-gram model without parameters: ``count`` once, then ask for ``nats``."""

    def __init__(self, order: int, vocabulary: int) -> None:
        """Take n-grams of up to ``order`` words of ids 0 to ``vocabulary`` - 1."""
        super().__init__()
        self.order, self.vocabulary = order, vocabulary
        self.grams: list[Grams] = []
        """Of 1 word, 2 words, ..."""

    def count(self, sequences: Iterable[Ids]) -> None:
        """Count the word ids of sequences, each with its end symbol; what was counted before is forgotten."""
        words, real = self._joined(sequences)
        levels, keys = [np.zeros(len(words), np.int64)], []
        for length in range(1, self.order + 1):
            distinct, level = np.unique(self._keys(levels[-1], words, length), return_inverse=True)
            keys.append(distinct)
            levels.append(level)
        self.grams = []
        if not len(real):
            return
        counts = np.bincount(levels[-1][real], minlength=len(keys[-1]))
        for length in range(self.order, 0, -1):
            histories = np.zeros(len(counts), np.int64)
            histories[levels[length][real]] = levels[length - 1][real - 1] if length > 1 else 0
            width = len(keys[length - 2]) if length > 1 else 1
            self.grams.insert(0, _grams(keys[length - 1], counts, histories, width))
            if length > 1:
                shorter = keys[length - 1][counts > 0] // (self.vocabulary + 1)
                counts = np.bincount(shorter, minlength=width)

    def nats(self, sequence: Ids) -> np.ndarray:
        """Return -log p of each word (p,) of a sequence with its end symbol."""
        words, real = self._joined([sequence])
        probability = np.full(len(real), 1 / self.vocabulary)
        before = np.zeros(len(words), np.int64)
        for length, grams in enumerate(self.grams, start=1):
            level = _found(grams.keys, self._keys(before, words, length), before)
            history = before[real - 1] if length > 1 else np.zeros(len(real), np.int64)
            gram = level[real]
            total = np.where(history < 0, 0, grams.total[history])
            kept = np.where(gram < 0, 0, grams.kept[gram])
            mass = np.where(total > 0, grams.mass[history], 1)
            probability = (kept + mass * probability) / np.maximum(total, 1)
            before = level
        return -np.log(probability)

    def _joined(self, sequences: Iterable[Ids]) -> tuple[np.ndarray, np.ndarray]:
        """Return all words, start words V before each sequence, and the places of those that are no start."""
        start = np.full(self.order - 1, self.vocabulary)
        parts = [part for sequence in sequences for part in (start, np.asarray(sequence, np.int64))]
        words = np.concatenate([*parts, np.zeros(0, np.int64)])
        return words, np.flatnonzero(words < self.vocabulary)

    def _keys(self, shorter: np.ndarray, words: np.ndarray, length: int) -> np.ndarray:
        """Return the keys of the n-grams that end at each place, of the numbers of the shorter ones there.

        One that would begin before the first sequence begins with start words; one that reaches into the
        sequence before ends at a start word and is part of nothing that is counted.
        """
        first = np.full(len(words), self.vocabulary)
        first[length - 1 :] = words[: len(words) - length + 1]
        return shorter * (self.vocabulary + 1) + first


def _grams(keys: np.ndarray, counts: np.ndarray, histories: np.ndarray, width: int) -> Grams:
    """Discount counts (g,) of n-grams whose histories are numbered below ``width``."""
    discount = _discounts(counts)[np.minimum(counts, 3)]
    total = np.bincount(histories, counts, minlength=width)
    return Grams(keys, counts - discount, total, np.bincount(histories, discount, minlength=width))


def _discounts(counts: np.ndarray) -> np.ndarray:
    """Return what is taken from a count of 0, 1, 2 and 3 or more."""
    n = np.bincount(np.minimum(counts, 5), minlength=5)[:5].astype(float)
    if not n[1:].all():
        return FALLBACK
    k = np.arange(1, 4)
    discounts = k - (k + 1) * n[1] / (n[1] + 2 * n[2]) * n[2:] / n[1:4]
    return np.concatenate([[0.0], discounts]) if (discounts > 0).all() else FALLBACK


def _found(keys: np.ndarray, wanted: np.ndarray, shorter: np.ndarray) -> np.ndarray:
    """Return where keys stand, -1 for those that do not, or whose shorter n-gram already did not."""
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where((keys[places] == wanted) & (shorter >= 0), places, -1)
