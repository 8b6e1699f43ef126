"""Alignment error rate (Och and Ney 2003) of attention against gold links, and its controls.

A link is a pair (source word, target word), both counted from 0. Two controls say what a low error
rate is worth: ``aer-diagonal`` (no model, only lengths) and ``aer-shuffled`` (the model's weights,
each given to a random target word of the same sentence).
"""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from attnbench.scoring.metric import Metric

Links = Set[tuple[int, int]]

STATISTICS = ("correct_sure", "correct_possible", "links", "sure")
SIGNATURE = "links:argmax|end-symbol:no-link"


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
    """Link each target word to the source word at the same relative position."""
    return {((2 * t + 1) * source_length // (2 * target_length), t) for t in range(target_length)}


def shuffled(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the weights with their rows permuted: every target word gets some target word's row."""
    return rng.permutation(weights, axis=0)


def metric(name: str) -> Metric:
    """Return the metric whose statistics are in the columns ``NAME/...``."""
    return Metric(name, tuple(f"{name}/{s}" for s in STATISTICS), value, unit="AER", higher_is_better=False)
