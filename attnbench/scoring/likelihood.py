"""Scores of teacher-forced references: nats an output, nats and perplexity a target."""

from __future__ import annotations

import numpy as np

from attnbench.scoring.metric import Metric, ratio

STATISTICS = ("nats", "words", "sentences")

_COLUMNS = tuple(f"nll/{name}" for name in STATISTICS)
_KNOWN = ("nll-known/nats", "nll-known/words")


def nats_per_sentence(statistics: np.ndarray) -> np.ndarray:
    """Return the mean negative log-likelihood a sentence of summed ``(..., 3)`` statistics."""
    return ratio(statistics[..., 0], statistics[..., 2])


def nats_per_word(statistics: np.ndarray) -> np.ndarray:
    """Return the mean nats a word, the end symbol taken as one; nats and words lead the sums ``(..., k)``."""
    return ratio(statistics[..., 0], statistics[..., 1])


def per_word(statistics: np.ndarray) -> np.ndarray:
    """Return the perplexity a word, the end symbol taken as one, of the same statistics."""
    return np.exp(nats_per_word(statistics))


def nll(signature: str) -> Metric:
    """Return the mean negative log-likelihood, from the columns ``nll/...``."""
    return Metric("nll", _COLUMNS, nats_per_sentence, "nats a sentence", False, signature)


def perplexity(signature: str) -> Metric:
    """Return the perplexity, from the columns ``nll/...`` too."""
    return Metric("perplexity", _COLUMNS, per_word, "", False, signature)


def nats(signature: str) -> Metric:
    """Return the mean negative log-likelihood a word, from the columns ``nll/...`` too."""
    return Metric("nats", _COLUMNS, nats_per_word, "nats a word", False, signature)


def perplexity_known(signature: str) -> Metric:
    """Return the perplexity of targets that are not the unknown word: ``nll-known/nats``, ``.../words``."""
    return Metric("perplexity-known", _KNOWN, per_word, "", False, signature)
