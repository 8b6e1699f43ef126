"""Alignment error rate (Och and Ney 2003) of attention against gold links, and its controls.

A link is a pair (source word, target word), both counted from 0. Two controls say what a low error
rate is worth: ``aer-diagonal`` (no model, only lengths) and ``aer-shuffled`` (the model's weights,
each given to a random target word of the same sentence).
"""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from attnbench.scoring.metric import Metric, share

Links = Set[tuple[int, int]]

STATISTICS = ("correct_sure", "correct_possible", "links", "sure")
WIDTH = 3
"""Words on either side of the scaled diagonal that count as near it."""


def statistics(links: Links, sure: Links, possible: Links) -> np.ndarray:
    """Return |A∩S|, |A∩P|, |A|, |S| as ``(4,)``; a sure link counts as possible too."""
    return np.array(
        [len(links & sure), len(links & (possible | sure)), len(links), len(sure)], dtype=np.float64
    )


def value(statistics: np.ndarray) -> np.ndarray:
    """Return 1 − (|A∩S| + |A∩P|) / (|A| + |S|) of summed ``(..., 4)``; NaN where both are empty."""
    correct = statistics[..., 0] + statistics[..., 1]
    size = statistics[..., 2] + statistics[..., 3]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(size > 0, 1 - correct / size, np.nan)


def hard(weights: np.ndarray, source_length: int) -> set[tuple[int, int]]:
    """Link each target word to the source word with its largest weight.

    ``weights`` is ``(target words, columns)``; columns from ``source_length`` on are the end symbol, and
    a target word whose largest weight lies there gets no link.
    """
    strongest = np.asarray(weights).argmax(axis=1)
    return {(int(s), t) for t, s in enumerate(strongest) if s < source_length}


def diagonal(source_length: int, target_length: int) -> set[tuple[int, int]]:
    """Link each target word to the source word at the same relative position, if there are source words."""
    if not source_length:
        return set()
    return {((2 * t + 1) * source_length // (2 * target_length), t) for t in range(target_length)}


def shuffled(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the weights with their rows permuted: every target word gets some target word's row."""
    return rng.permutation(weights, axis=0)


def uniform(source_length: int, target_length: int, rng: np.random.Generator) -> set[tuple[int, int]]:
    """Link each target word to any source word, all being as likely."""
    if not source_length:
        return set()
    return {(int(s), t) for t, s in enumerate(rng.integers(source_length, size=target_length))}


def near_diagonal(weights: np.ndarray, source_length: int) -> np.ndarray:
    """Return the weight within ``WIDTH`` words of the scaled diagonal and the number of target words, (2,).

    ``weights`` is ``(target words, columns)``; what lies on the end symbol counts as far away.
    """
    target_length = len(weights)
    middle = (np.arange(target_length)[:, None] + 0.5) * source_length / max(target_length, 1) - 0.5
    near = np.abs(np.arange(source_length) - middle) <= WIDTH
    return np.array([(weights[:, :source_length] * near).sum(), target_length], dtype=np.float64)


def mass(name: str, signature: str) -> Metric:
    """Return the share of weight near the diagonal, from the columns ``NAME/near`` and ``NAME/words``."""
    return share(name, "near", "words", signature)


def metric(name: str, signature: str) -> Metric:
    """Return the metric whose statistics are in the columns ``NAME/...``."""
    return Metric(name, tuple(f"{name}/{s}" for s in STATISTICS), value, "AER", False, signature)
