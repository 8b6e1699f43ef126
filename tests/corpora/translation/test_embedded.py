from __future__ import annotations

import itertools

import pytest
from datasets import DatasetDict

from attnbench.corpora.translation import embedded


@pytest.fixture(scope="module")
def corpus() -> DatasetDict:
    return embedded.translation(train=2000, valid=50, test_per_bin=20)


def test_sizes_ids_and_columns(corpus: DatasetDict) -> None:
    assert {name: len(split) for name, split in corpus.items()} == {"train": 2000, "valid": 50, "test": 140}
    assert corpus["test"][17]["id"] == "test/17"
    assert all(split.features == embedded.FEATURES for split in corpus.values())
    pair = corpus["test"][0]
    assert pair["possible"] == []
    assert all(len(link) == 2 for link in pair["sure"])


def test_splits_share_no_source(corpus: DatasetDict) -> None:
    for one, other in itertools.combinations(corpus, 2):
        assert not set(corpus[one]["source"]) & set(corpus[other]["source"])
    assert len(set(corpus["test"]["source"])) == 140


def test_training_keeps_to_its_lengths(corpus: DatasetDict) -> None:
    lengths = [len(source.split()) for source in corpus["train"]["source"]]
    assert min(lengths) == 4
    assert 46 <= max(lengths) <= 50
    assert max(len(target.split()) for target in corpus["train"]["target"]) <= 50
    # Half of the pairs, and the 11 of 47 lengths of the other half, before the longest are drawn again.
    assert sum(length <= 14 for length in lengths) / 2000 == pytest.approx(0.5 + 0.5 * 11 / 44, abs=0.04)


def test_bins_are_exact(corpus: DatasetDict) -> None:
    lengths = [len(source.split()) for source in corpus["test"]["source"]]
    assert embedded.BINS == ((3, 10), (11, 20), (21, 30), (31, 40), (41, 50), (51, 60), (61, 70))
    for number, (low, high) in enumerate(embedded.BINS):
        assert all(low <= length <= high for length in lengths[20 * number : 20 * number + 20])


def test_seeds_differ_and_sizes_do_not_matter(corpus: DatasetDict) -> None:
    smaller = embedded.translation(train=100, valid=50, test_per_bin=20)
    assert smaller["test"]["source"][:] == corpus["test"]["source"][:]
    assert smaller["train"]["target"][:] == corpus["train"]["target"][:100]
    other = embedded.translation(seed=1, train=100, valid=50, test_per_bin=20)
    assert not set(other["test"]["source"][40:]) & set(corpus["test"]["source"][40:])


def test_description_counts_the_lexicon() -> None:
    text = embedded.description()
    assert "200 nouns (20 with two senses" in text
    assert "63 verbs in 3 frames" in text
    assert "4 to 50 source words" in text
