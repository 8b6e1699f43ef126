"""Where attention points when a hypothesis is read beside its premise, and how widely it is spread.

Attention that is read only once is taken to look the same way for every word of the hypothesis.

    t hypothesis words   s premise words
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from attnbench.scoring.metric import Metric, share


def pointing(name: str, signature: str) -> Metric:
    """Return the share of words whose largest weight lies on a right word: ``NAME/hits``, ``NAME/words``."""
    return share(name, "hits", "words", signature)


def entropy(name: str, signature: str) -> Metric:
    """Return the mean over pairs of the normalised entropy: ``NAME/sum``, ``NAME/pairs``."""
    return share(name, "sum", "pairs", signature, higher_is_better=False)


def mass(name: str, signature: str) -> Metric:
    """Return the mean over pairs of the weight on some of the words: ``NAME/sum``, ``NAME/pairs``."""
    return share(name, "sum", "pairs", signature)


def hits(weights: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Count the words that point at a right one: hits, hits expected by chance, words, ``(3,)``.

    ``weights`` and ``right`` (of bool) are (t, s). Words without a right one are left out; chance points
    at any premise word, all being as likely.
    """
    asked = right.any(axis=1)
    strongest = weights[asked].argmax(axis=1)
    found = right[asked][np.arange(len(strongest)), strongest].sum()
    return np.array([found, right[asked].mean(axis=1).sum(), asked.sum()], dtype=np.float64)


def linked(links: Iterable[tuple[int, int]], shape: tuple[int, int]) -> np.ndarray:
    """Return (t, s) of bool: True where a hypothesis word is linked to a premise word."""
    right = np.zeros(shape, dtype=bool)
    for hypothesis, premise in links:
        right[hypothesis, premise] = True
    return right


def copied(premise: np.ndarray, hypothesis: np.ndarray) -> np.ndarray:
    """Return (t, s) of bool: True where a hypothesis word (t,) is spelt as a premise word (s,)."""
    return np.asarray(hypothesis[:, None] == premise[None, :])


def reworded(linked: np.ndarray, copied: np.ndarray) -> np.ndarray:
    """Return the links (t, s) of the words that are linked to other words alone, none spelt like them."""
    same = (linked & copied).any(axis=1, keepdims=True)
    return np.asarray(linked & ~same)


def normalised_entropy(weights: np.ndarray) -> float:
    """Return the mean over words of the entropy of (t, s) weights, over log s; NaN for one premise word."""
    words = weights.shape[1]
    if words < 2:
        return float("nan")
    with np.errstate(divide="ignore", invalid="ignore"):
        nats = np.where(weights > 0, -weights * np.log(weights), 0.0)
    return float(nats.sum(axis=1).mean() / np.log(words))
