"""How much of an output is copied from its input, and how much attention lies on what is copied.

Words of both sides are compared as they are given, so they must be written alike in case and digits.

    n examples   t output words   s input words
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from attnbench.scoring.metric import Metric, share
from attnbench.scoring.pointing import copied

ORDERS = (2, 3)
"""Of the n-grams that are looked up."""
NEAR = 2
"""Words on either side of a place that count as near it: those over which Rush et al. smooth."""
_COLUMNS = (
    "extractive/copied",
    "extractive/words",
    *(f"novel-{order}/{part}" for order in ORDERS for part in ("novel", "ngrams")),
    "words/words",
    "words/outputs",
)


def extractive(signature: str) -> Metric:
    """Return the share of output words that stand in the input: ``extractive/copied``, ``.../words``."""
    return share("extractive", "copied", "words", signature)


def novel(order: int, signature: str) -> Metric:
    """Return the share of output n-grams that do not: ``novel-N/novel``, ``novel-N/ngrams``."""
    return share(f"novel-{order}", "novel", "ngrams", signature)


def words(signature: str) -> Metric:
    """Return the mean number of words an output: ``words/words``, ``words/outputs``."""
    return share("words", "words", "outputs", signature, unit="words")


def weight(name: str, signature: str) -> Metric:
    """Return the mean weight on the places that a word is copied from: ``NAME/weight``, ``NAME/words``."""
    return share(name, "weight", "words", signature)


def statistics(outputs: Sequence[Sequence[str]], inputs: Sequence[Sequence[str]]) -> dict[str, np.ndarray]:
    """Return the columns (n,) of ``extractive``, ``novel-2``, ``novel-3`` and ``words``.

    A word or an n-gram counts as often as it is written. An output that is too short has no n-gram.
    """
    rows = [_row(*both) for both in zip(outputs, inputs, strict=True)]
    return dict(zip(_COLUMNS, np.array(rows, dtype=np.float64).reshape(-1, len(_COLUMNS)).T, strict=True))


def _row(output: Sequence[str], given: Sequence[str]) -> list[int]:
    """Return the statistics of one example."""
    there, novel = set(given), chain.from_iterable(_novel(order, output, given) for order in ORDERS)
    return [sum(word in there for word in output), len(output), *novel, len(output), 1]


def _novel(order: int, output: Sequence[str], given: Sequence[str]) -> tuple[int, int]:
    """Count the n-grams of an output that its input does not have, and all of them."""
    there, written = set(_ngrams(order, given)), _ngrams(order, output)
    return sum(ngram not in there for ngram in written), len(written)


def _ngrams(order: int, sequence: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(*(sequence[start:] for start in range(order)), strict=False))


def copies(given: np.ndarray, written: np.ndarray, unknown: Any) -> np.ndarray:
    """Return (t, s) of bool: where the words (s,) of an input stand that are written (t,).

    What stands for every unknown word is never copied.
    """
    return np.asarray(copied(given, written) & (written != unknown)[:, None])


def near(places: np.ndarray) -> np.ndarray:
    """Return (t, s) of bool: True within ``NEAR`` places of one of ``places``."""
    found = places.copy()
    for distance in range(1, NEAR + 1):
        found[:, distance:] |= places[:, :-distance]
        found[:, :-distance] |= places[:, distance:]
    return found


def attended(weights: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the weight on some places, what an even weight would have there, and the words, ``(3,)``.

    Each is a sum over the written words that have such a place; a word counts with all of them.

    Args:
        weights: (t, s), where a model looks when it writes each word.
        places: (t, s) of bool, such as ``copies``.
    """
    even = places.sum() / max(places.shape[1], 1)
    return np.array([(weights * places).sum(), even, places.any(axis=1).sum()], dtype=np.float64)
