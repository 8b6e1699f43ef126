from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from datasets import Dataset, DatasetDict

from attnbench.corpora.entailment import embedded
from attnbench.corpora.entailment.labels import LABELS


@pytest.fixture(scope="module")
def corpus() -> DatasetDict:
    return embedded.entailment(train=5000, valid=1000, test_per_bin=30)


def lengths(split: Dataset, column: str = "premise") -> list[int]:
    return [len(text.split()) for text in split[column]]


def test_sizes_ids_and_columns(corpus: DatasetDict) -> None:
    assert {name: len(split) for name, split in corpus.items()} == {
        "train": 5000, "valid": 1000, "test": 150, "unseen": 150,
    }  # fmt: skip
    assert corpus["test"][17]["id"] == "test/17"
    assert all(split.features == embedded.FEATURES for split in corpus.values())
    assert all(len(link) == 2 for links in corpus["test"]["links"] for link in links)


def test_splits_share_no_premise(corpus: DatasetDict) -> None:
    for one, other in itertools.combinations(corpus, 2):
        assert not set(corpus[one]["premise"]) & set(corpus[other]["premise"])
    for name in ("valid", "test", "unseen"):
        assert len(set(corpus[name]["premise"])) == len(corpus[name])


def test_labels_are_balanced_in_each_bin(corpus: DatasetDict) -> None:
    for name in ("test", "unseen"):
        found = lengths(corpus[name])
        for number, (low, high) in enumerate(embedded.BINS):
            rows = slice(30 * number, 30 * number + 30)
            assert all(low <= length <= high for length in found[rows])
            assert Counter(corpus[name]["label"][rows]) == dict.fromkeys(LABELS, 10)
    assert max(Counter(corpus["train"]["label"]).values()) == 1667


def test_training_keeps_to_its_lengths(corpus: DatasetDict) -> None:
    found = lengths(corpus["train"])
    assert (min(found), max(found)) == (4, 40)
    assert np.mean(np.array(found) <= 14) == pytest.approx(0.5 + (8.5 / 18.5 + 8.5 / 34.5) / 4, abs=0.03)
    hypotheses = lengths(corpus["train"], "hypothesis")
    assert (min(hypotheses), max(hypotheses)) == (3, 11)


def test_seeds_differ_and_sizes_do_not_matter(corpus: DatasetDict) -> None:
    smaller = embedded.entailment(train=100, valid=1000, test_per_bin=30)
    assert smaller["unseen"]["premise"][:] == corpus["unseen"]["premise"][:]
    assert smaller["train"]["hypothesis"][:] == corpus["train"]["hypothesis"][:100]
    other = embedded.entailment(seed=1, train=100, valid=50, test_per_bin=30)
    assert not set(other["test"]["premise"][60:]) & set(corpus["test"]["premise"][60:])


def test_unseen_has_known_words_and_unknown_hypotheses(corpus: DatasetDict) -> None:
    known = {word for text in corpus["train"]["premise"] for word in text.split()}
    words = {word for text in corpus["unseen"]["premise"] for word in text.split()}
    assert len(words - known) <= 3  # in 30,000 training pairs the rarest of all words is met 19 times
    assert not set(corpus["unseen"]["hypothesis"]) & set(corpus["train"]["hypothesis"])
    assert len(set(corpus["test"]["hypothesis"]) & set(corpus["train"]["hypothesis"])) > 10


def naive_bayes(train: Dataset, test: Dataset, column: str) -> float:
    """Accuracy of naive Bayes on the words and the pairs of neighbours of one column."""

    def features(text: str) -> list[str]:
        words = text.split()
        return [*words, *map(" ".join, itertools.pairwise(words))]

    names = sorted({name for text in train[column] for name in features(text)})
    index = {name: number for number, name in enumerate(names)}
    counts = np.ones((3, len(names)))
    for text, label in zip(train[column], train["label"], strict=True):
        np.add.at(counts[LABELS.index(label)], [index[name] for name in features(text)], 1)
    scores = np.log(counts / counts.sum(axis=1, keepdims=True))
    known = [[index[name] for name in features(text) if name in index] for text in test[column]]
    guesses = [LABELS[scores[:, found].sum(axis=1).argmax()] for found in known]
    return float(np.mean([guess == label for guess, label in zip(guesses, test["label"], strict=True)]))


@pytest.mark.parametrize("column", ["hypothesis", "premise"])
def test_one_side_does_not_tell_the_label(corpus: DatasetDict, column: str) -> None:
    error = math.sqrt(1 / 3 * 2 / 3 / 1000)
    assert naive_bayes(corpus["train"], corpus["valid"], column) == pytest.approx(1 / 3, abs=2 * error)


def test_naive_bayes_finds_a_planted_word(corpus: DatasetDict) -> None:
    planted = {name: corpus[name].map(lambda row: {"hypothesis": f"{row['hypothesis']} {row['label'][0]}"})
               for name in ("train", "valid")}  # fmt: skip
    assert naive_bayes(planted["train"], planted["valid"], "hypothesis") > 0.8


def test_lengths_do_not_tell_the_label(corpus: DatasetDict) -> None:
    for column in ("premise", "hypothesis"):
        found = np.array(lengths(corpus["train"], column), dtype=float)
        labels = np.array(corpus["train"]["label"][:])
        error = found.std() / math.sqrt(5000 / 3)
        for label in LABELS:
            assert found[labels == label].mean() == pytest.approx(found.mean(), abs=2.5 * error)


def missing(row: dict[str, str]) -> int:
    premise = row["premise"].split()
    return sum(word not in premise for word in row["hypothesis"].split())


def test_overlap_alone_does_not_decide(corpus: DatasetDict) -> None:
    counts: dict[int, Counter[str]] = {}
    for row in corpus["train"]:
        counts.setdefault(missing(row), Counter())[row["label"]] += 1
    guess = {number: found.most_common(1)[0][0] for number, found in counts.items()}
    right = [guess.get(missing(row)) == row["label"] for row in corpus["valid"]]
    assert 0.4 < np.mean(right) < 0.55


def test_description_counts_the_lexicon() -> None:
    text = embedded.description()
    assert "28 beings and 20 things" in text
    assert "4 to 40 words" in text
