"""How varied outputs are: different n-grams, length, and how many are said anew.

Types are counted over all outputs of a test set, yet as a sum over examples: an n-gram that is written k
times counts 1 / k each time. So a part of a test set, or a resample, has the share of its n-grams in the
types of the whole, not the types that it would have alone.

    n outputs
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from attnbench.scoring.metric import Metric, share

ORDERS = (1, 2)
"""Of the n-grams that are counted."""


def distinct(order: int, signature: str) -> Metric:
    """Return types over n-grams of all outputs: ``distinct-N/types``, ``distinct-N/ngrams``."""
    return share(f"distinct-{order}", "types", "ngrams", signature)


def length(signature: str) -> Metric:
    """Return the mean words an output: ``length/words``, ``length/outputs``."""
    return share("length", "words", "outputs", signature, unit="words")


def novel(signature: str) -> Metric:
    """Return the share of outputs that nobody said in training: ``novel/novel``, ``novel/outputs``."""
    return share("novel", "novel", "outputs", signature)


def statistics(outputs: Sequence[Sequence[str]], said: np.ndarray) -> dict[str, np.ndarray]:
    """Return the columns (n,) of ``distinct``, ``length`` and ``novel``.

    ``said`` (n,) of bool is True for the outputs that training has, word for word.
    """
    columns: dict[str, np.ndarray] = {}
    for order in ORDERS:
        types, ngrams = _types(order, outputs)
        columns |= {f"distinct-{order}/types": types, f"distinct-{order}/ngrams": ngrams}
    ones = np.ones(len(outputs))
    columns |= {"length/words": np.array([float(len(words)) for words in outputs]), "length/outputs": ones}
    return columns | {"novel/novel": 1.0 - np.asarray(said, dtype=np.float64), "novel/outputs": ones}


def _types(order: int, outputs: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    """Return each output's part in the types, and its n-grams, (n,) both."""
    written = [list(zip(*(words[start:] for start in range(order)), strict=False)) for words in outputs]
    counts = Counter(ngram for some in written for ngram in some)
    types = [sum(1 / counts[ngram] for ngram in some) for some in written]
    return np.array(types, dtype=np.float64), np.array([float(len(some)) for some in written])
