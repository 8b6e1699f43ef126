"""Nats a sentence, nats a word and perplexity, against torch and by hand."""

import math

import numpy as np
import pytest
import torch

from attnbench.tasks.summarization import measures as summarization
from attnbench.tasks.translation.measures import METRICS


def test_perplexity_is_the_exponential_of_torchs_mean_cross_entropy() -> None:
    torch.manual_seed(0)
    logits, targets = torch.randn(7, 11, dtype=torch.float64), torch.randint(11, (7,))
    nats = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
    sentences = [nats[:3], nats[3:]]
    sums = np.array([[float(s.sum()), len(s), 1] for s in sentences]).sum(axis=0)
    assert float(METRICS["perplexity"].value(sums)) == pytest.approx(math.exp(float(nats.mean())))
    assert float(METRICS["nll"].value(sums)) == pytest.approx(float(nats.sum()) / 2)


def test_many_sums_at_once_and_nothing_to_score() -> None:
    sums = np.array([[[10.0, 5, 2], [0, 0, 0]]])
    nll, perplexity = METRICS["nll"].value(sums), METRICS["perplexity"].value(sums)
    assert nll[0, 0] == 5
    assert perplexity[0, 0] == pytest.approx(math.exp(2))
    assert np.isnan(nll[0, 1])
    assert np.isnan(perplexity[0, 1])


def test_nats_a_word_and_the_perplexity_of_known_words() -> None:
    measures = summarization.METRICS
    assert measures["nats"].columns == measures["nll"].columns == ("nll/nats", "nll/words", "nll/sentences")
    assert measures["perplexity-known"].columns == ("nll-known/nats", "nll-known/words")
    sums = np.array([[10.0, 5, 2], [0, 0, 0]])
    nats, known = measures["nats"].value(sums), measures["perplexity-known"].value(sums[:, :2])
    assert nats[0] == 2 and known[0] == pytest.approx(math.exp(2))
    assert np.isnan(nats[1]) and np.isnan(known[1])
    assert measures["perplexity"].value(sums)[0] == known[0]
