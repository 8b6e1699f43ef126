"""Scores of teacher-forced references: nats a sentence and perplexity a word."""

from __future__ import annotations

import numpy as np

from attnbench.scoring.metric import Metric, ratio

STATISTICS = ("nats", "words", "sentences")
SIGNATURE = "log:natural|end-symbol:counted"

_COLUMNS = tuple(f"nll/{name}" for name in STATISTICS)


def nats_per_sentence(statistics: np.ndarray) -> np.ndarray:
    """Return the mean negative log-likelihood a sentence of summed ``(..., 3)`` statistics."""
    return ratio(statistics[..., 0], statistics[..., 2])


def perplexity(statistics: np.ndarray) -> np.ndarray:
    """Return the perplexity a word, the end symbol counted as one, of summed ``(..., 3)`` statistics."""
    return np.exp(ratio(statistics[..., 0], statistics[..., 1]))


NLL = Metric("nll", _COLUMNS, nats_per_sentence, unit="nats a sentence", higher_is_better=False)
PERPLEXITY = Metric("perplexity", _COLUMNS, perplexity, unit="", higher_is_better=False)
