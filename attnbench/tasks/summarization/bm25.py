"""A search for the text that is most like another: BM25 (Robertson and Zaragoza 2009).

n texts   v words that they have
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

K1, B = 1.2, 0.75
"""How soon more of the same word says no more, and how much a long text is held against it."""


class Index:
    """Texts to be searched. A word weighs ln(1 + (n - d + 1/2) / (d + 1/2)), d of the n texts having it."""

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        """Take the words of each text; one text at least."""
        self._numbers: dict[str, int] = {}
        counts = self._count(texts)
        lengths, here = counts.sum(axis=1), np.bincount(counts.indices, minlength=counts.shape[1])
        rare = np.log1p((len(lengths) - here + 0.5) / (here + 0.5))
        relative = np.repeat(lengths / max(lengths.mean(), 1), np.diff(counts.indptr))
        often = counts.data * (K1 + 1) / (counts.data + K1 * (1 - B + B * relative))
        counts.data = rare[counts.indices] * often
        self._weights = counts.tocsc()  # (n, v): what a word of the query adds to a text's score

    def _count(self, texts: Iterable[Sequence[str]]) -> sparse.csr_array:
        """Return how often each text (n,) has each word (v,), and number the words."""
        found, ends = [], [0]
        for words in texts:
            found.append(
                np.array([self._numbers.setdefault(word, len(self._numbers)) for word in words], np.int32)
            )
            ends.append(ends[-1] + len(words))
        places = np.concatenate(found)
        shape = len(found), len(self._numbers)
        counts = sparse.csr_array((np.ones(len(places)), places, np.array(ends)), shape=shape)
        counts.sum_duplicates()
        return counts

    def nearest(self, words: Sequence[str]) -> int:
        """Return the place of the text with the best score, the first of equals.

        A word counts as often as the query has it; words that no text has count nothing.
        """
        known = [self._numbers[word] for word in words if word in self._numbers]
        columns, times = np.unique(np.array(known, np.int64), return_counts=True)
        return int((self._weights[:, columns] @ times).argmax())
