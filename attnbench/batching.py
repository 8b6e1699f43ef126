"""Which examples make an update: a function of the lengths, the seed and the update."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from attnbench.settings import TrainingSettings
from attnbench.tasks.split import cut


class Pass(NamedTuple):
    """One pass over all examples, cut into batches."""

    order: np.ndarray
    """(n,): the examples, batch after batch."""
    starts: np.ndarray
    """(batches + 1,): where each batch begins in ``order``, and the end."""

    def __len__(self) -> int:
        """Return how many batches there are."""
        return len(self.starts) - 1

    def batch(self, place: int) -> np.ndarray:
        """Return the examples of one batch."""
        return self.order[self.starts[place] : self.starts[place + 1]]


class Batches:
    """The examples of every update, counted from 0.

    Each pass over the examples has an order of its own and leaves none out. Some batches at a time are
    fetched, sorted by length and cut (Bahdanau et al. 2015, B.2), so a batch holds examples of similar
    length; or of one length alone (Xu et al. 2015), and then the batches are in a random order. A pass
    is drawn when its first update is asked for, and kept until another is.
    """

    def __init__(
        self, lengths: np.ndarray, *, count: int, budget: int = 0, equal: bool = False, bucket: int = 20,
        seed: int = 0,
    ) -> None:  # fmt: skip
        """Bound the batches of examples with these lengths (n,).

        Args:
            count: the most examples of a batch.
            budget: the most that the examples of a batch times its longest length may be; 0 for no bound.
                An example that is longer makes a batch of its own.
            equal: a batch has examples of one length.
            bucket: how many batches are fetched at a time.
            seed: of the order.
        """
        self.lengths, self.count, self.budget, self.equal = lengths, count, budget, equal
        self.bucket, self.seed = bucket, seed
        self.first = [0]
        self.drawn = (-1, Pass(np.zeros(0, int), np.zeros(1, int)))

    @classmethod
    def of(cls, lengths: np.ndarray, settings: TrainingSettings, seed: int) -> Batches:
        """Return the batches that training settings ask for."""
        return cls(
            lengths, count=settings.batch_size, budget=settings.batch_tokens, equal=settings.equal_lengths,
            bucket=settings.bucket_batches, seed=seed,
        )  # fmt: skip

    def __getitem__(self, update: int) -> np.ndarray:
        """Return the places of an update's examples."""
        while update >= self.first[-1]:
            self.first.append(self.first[-1] + len(self._pass(len(self.first) - 1)))
        number = int(np.searchsorted(self.first, update, side="right")) - 1
        return self._pass(number).batch(update - self.first[number])

    def _pass(self, number: int) -> Pass:
        """Return the pass of that number, counted from 0."""
        if self.drawn[0] != number:
            rng = np.random.default_rng([self.seed, number])
            order = rng.permutation(len(self.lengths))
            self.drawn = (number, self._equal(order, rng) if self.equal else self._similar(order))
        return self.drawn[1]

    def _similar(self, order: np.ndarray) -> Pass:
        """Sort the order bucket by bucket, and cut it."""
        size = self.bucket * self._usual()
        order = order[np.lexsort((self.lengths[order], np.arange(len(order)) // size))]
        edges = np.append(np.arange(0, len(order), size), len(order))
        starts = [
            low + start
            for low, high in pairwise(edges)
            for start in cut(self.lengths[order[low:high]], self.count, self.budget)
        ]
        return Pass(order, np.array([*starts, len(order)]))

    def _usual(self) -> int:
        """Return how many examples of the mean length a batch holds."""
        if not self.budget:
            return self.count
        return max(1, min(self.count, int(self.budget / max(self.lengths.mean(), 1))))

    def _equal(self, order: np.ndarray, rng: np.random.Generator) -> Pass:
        """Put examples of one length together, cut them, and shuffle the batches."""
        order = order[np.argsort(self.lengths[order], kind="stable")]
        lengths, begins, counts = np.unique(self.lengths[order], return_index=True, return_counts=True)
        most = self.count
        batches = []
        for length, begin, count in zip(lengths.tolist(), begins, counts, strict=True):
            if self.budget:
                most = max(1, min(self.count, int(self.budget // max(length, 1))))
            batches += [
                order[start : min(start + most, begin + count)] for start in range(begin, begin + count, most)
            ]
        shuffled = [batches[place] for place in rng.permutation(len(batches))]
        return Pass(np.concatenate(shuffled), np.cumsum([0, *map(len, shuffled)]))
