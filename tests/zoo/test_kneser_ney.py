from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
import reference_summaries
from nltk.lm import KneserNeyInterpolated, Vocabulary
from nltk.util import ngrams

from attnbench.zoo import kneser_ney
from attnbench.zoo.kneser_ney import KneserNey

END, WORDS = 1, 6


def corpus(sentences: int, seed: int = 0) -> list[list[int]]:
    """Return sentences of 0 to 7 words and an end; some words are rare."""
    rng = np.random.default_rng(seed)
    share = 1 / np.arange(1, WORDS + 1) ** 1.5
    lengths = rng.integers(0, 8, size=sentences)
    return [[*rng.choice(WORDS, size=n, p=share / share.sum()).tolist(), END] for n in lengths]


def counted(order: int, sequences: list[list[int]], vocabulary: int = WORDS) -> KneserNey:
    model = KneserNey(order, vocabulary)
    model.count(sequences)
    return model


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("sentences", [1, 5, 60])
def test_probabilities_equal_the_equations(order: int, sentences: int) -> None:
    """With counts of counts that give discounts, and with ones that give none."""
    model = counted(order, corpus(sentences))
    literal = reference_summaries.KneserNey(order, WORDS, corpus(sentences))
    for sequence in [*corpus(12, seed=9), [5, 5, 5, 5, 5, 5, END], [END]]:
        expected = [-math.log(p) for p in literal.probabilities(sequence)]
        assert model.nats(sequence).tolist() == pytest.approx(expected, abs=1e-12)


def test_real_discounts_and_fallbacks_are_both_compared() -> None:
    literal = reference_summaries.KneserNey(3, WORDS, corpus(60))
    fallen = [discounts == [0, 0.5, 1, 1.5] for discounts in literal.discounts.values()]
    assert any(fallen) and not all(fallen)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_the_probabilities_of_all_words_sum_to_one(order: int) -> None:
    """After histories that were seen, that were not, and that reach before the start."""
    model = counted(order, corpus(40))
    for history in [[], [0], [3, 3], [5, 5, 5], [0, 1, 2, 3, 4], *product(range(2), repeat=3)]:
        total = sum(math.exp(-model.nats([*history, word])[-1]) for word in range(WORDS))
        assert total == pytest.approx(1, abs=1e-12)


def test_a_bigram_by_hand() -> None:
    """Of 5 words, seen "2 3 end" and "2 end": all discounts are the fallback's.

    c(start 2) = 2, its discount 1. Before 2 one word was seen, before 3 one, before the end two: 2 has
    (1 - 1/2) / 4 + (1/2 + 1/2 + 1) / 4 / 5 = 9/40, the end (2 - 1) / 4 + 1/10 = 7/20.
    """
    model = counted(2, [[2, 3, END], [2, END]], vocabulary=5)
    first, second, end = np.exp(-model.nats([2, 3, END]))
    assert first == pytest.approx((2 - 1) / 2 + 1 / 2 * 9 / 40)
    assert second == pytest.approx((1 - 0.5) / 2 + (0.5 + 0.5) / 2 * 9 / 40)
    assert end == pytest.approx((1 - 0.5) / 1 + 0.5 / 1 * 7 / 20)
    (unseen,) = np.exp(-model.nats([4]))
    assert unseen == pytest.approx(1 / 2 * 2 / 4 / 5)


def test_one_discount_for_all_counts_is_nltk_s_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes nothing from single words. It would count n-grams that end at a start word: left out here."""
    left = iter([0.3, 0.3, 0.0])
    monkeypatch.setattr(kneser_ney, "_discounts", lambda counts: np.array([0, *[next(left)] * 3]))
    sentences = corpus(40)
    model = counted(3, sentences)
    padded = [("<s>", "<s>", *map(str, sentence)) for sentence in sentences]
    theirs = KneserNeyInterpolated(3, discount=0.3, vocabulary=Vocabulary([*map(str, range(WORDS)), "<s>"]))
    theirs.fit([[g for n in (1, 2, 3) for g in ngrams(s, n) if g[-1] != "<s>"] for s in padded])
    compared = 0
    for sentence in corpus(20, seed=9):
        words = ("<s>", "<s>", *map(str, sentence))
        expected = [-math.log(theirs.score(words[i], words[i - 2 : i])) for i in range(2, len(words))]
        assert model.nats(sentence).tolist() == pytest.approx(expected, abs=1e-12)
        compared += len(expected)
    assert compared > 50


def test_another_count_forgets_the_one_before() -> None:
    model = counted(3, corpus(30, seed=4))
    model.count(corpus(20))
    assert np.array_equal(model.nats([2, 0, END]), counted(3, corpus(20)).nats([2, 0, END]))
    assert list(model.parameters()) == []


def test_before_anything_is_counted_all_words_are_alike() -> None:
    for model in (KneserNey(3, 8), counted(3, [], vocabulary=8)):
        assert model.nats([2, 7, END]).tolist() == pytest.approx([math.log(8)] * 3)
