"""CIDEr-D (Vedantam et al. 2015): how alike an output's and its references' rare n-grams are.

It is CIDEr-D as the COCO caption toolkit has it. An n-gram's weight is how often a text has it, times log N
less the logarithm of how many of the N pictures have it in a reference, once where none has. An output and a
reference are as alike as the cosine of their weights, where an output's count no more than the reference's,
times exp(-d^2 / 2 sigma^2), d words being between their lengths. That is averaged over n = 1 to 4 and over
the references, times 10.

The weights come from the references of the examples that are scored together: a score is a sum over examples,
but a part of a test set, or a resample, is scored with the weights of the whole.

    n examples
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from attnbench.scoring.metric import Metric, share

ORDERS = 4
SIGMA = 6.0
"""Words of difference in length that are forgiven."""
SCALE = 10.0

NGram = tuple[str, ...]


class _Vector(NamedTuple):
    """A text as weights of n-grams."""

    weights: list[dict[NGram, float]]
    """Of each order."""
    norms: list[float]
    words: int


def metric(name: str, more: str) -> Metric:
    """Return the mean over examples, 0 to 10: ``NAME/sum``, ``NAME/pictures``.

    ``more`` is what its signature says of the words.
    """
    kind = f"cider-d|orders:1-{ORDERS}|sigma:{SIGMA:g}|idf:references-of-the-test-set|{more}"
    return share(name, "sum", "pictures", kind, unit="CIDEr-D", scale=SCALE)


def statistics(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> np.ndarray:
    """Return the likeness (n,), 0 to 1, of each output and its references, the words parted by blanks.

    An example has one or more references, not all the same number.
    """
    if len(outputs) != len(references):
        raise ValueError(f"{len(outputs)} outputs for the references of {len(references)} examples")
    counted = [[_ngrams(one) for one in some] for some in references]
    rarity = _Rarity(counted)
    pairs = zip(outputs, counted, strict=True)
    scores = [
        np.mean([_likeness(rarity.vector(_ngrams(output)), rarity.vector(one)) for one in some])
        for output, some in pairs
    ]
    return np.array(scores, dtype=np.float64)


class _Rarity:
    """How much an n-gram counts."""

    def __init__(self, references: Sequence[Iterable[Counter[NGram]]]) -> None:
        """Count in the references of how many pictures each n-gram is."""
        self._pictures = Counter(ngram for some in references for ngram in set().union(*some))
        self._all = math.log(max(len(references), 1))

    def vector(self, counts: Counter[NGram]) -> _Vector:
        """Return the weights of a text."""
        weights: list[dict[NGram, float]] = [{} for _ in range(ORDERS)]
        for ngram, count in counts.items():
            weights[len(ngram) - 1][ngram] = count * (self._all - math.log(max(self._pictures[ngram], 1)))
        norms = [math.sqrt(sum(weight**2 for weight in some.values())) for some in weights]
        return _Vector(weights, norms, sum(count for ngram, count in counts.items() if len(ngram) == 1))


def _ngrams(text: str) -> Counter[NGram]:
    """Count the n-grams of a text, n = 1 to 4."""
    words = text.split()
    shifted = [words[start:] for start in range(ORDERS)]
    return Counter(ngram for n in range(1, ORDERS + 1) for ngram in zip(*shifted[:n], strict=False))


def _likeness(output: _Vector, reference: _Vector) -> float:
    """Return the mean over the orders of the clipped cosine, less what the lengths differ."""
    total = 0.0
    for own, theirs, *norms in zip(
        output.weights, reference.weights, output.norms, reference.norms, strict=True
    ):
        if all(norms):
            shared = [one for one in own if one in theirs]  # in one order, to the last bit
            total += sum(min(own[one], theirs[one]) * theirs[one] for one in shared) / math.prod(norms)
    return total / ORDERS * math.exp(-((output.words - reference.words) ** 2) / (2 * SIGMA**2))
