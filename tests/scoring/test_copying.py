"""What is copied: words, n-grams and weights, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from attnbench.scoring import copying
from attnbench.tasks.summarization.measures import METRICS

GIVEN = ["the", "old", "man", "and", "the", "old", "sea"]


def value(name: str, columns: dict[str, np.ndarray]) -> float:
    """Return a metric of all examples together."""
    return float(METRICS[name].value(np.array([columns[column].sum() for column in METRICS[name].columns])))


def test_words_and_n_grams_by_hand() -> None:
    columns = copying.statistics(
        [["the", "old", "sea", "is", "the", "old", "sea"], ["sea"], []], [GIVEN, GIVEN, GIVEN]
    )
    assert columns["extractive/copied"].tolist() == [6, 1, 0]
    assert columns["extractive/words"].tolist() == [7, 1, 0]
    # the old, old sea, sea is, is the, the old, old sea
    assert columns["novel-2/novel"].tolist() == [2, 0, 0]
    assert columns["novel-2/ngrams"].tolist() == [6, 0, 0]
    # the old sea, old sea is, sea is the, is the old, the old sea
    assert columns["novel-3/novel"].tolist() == [3, 0, 0]
    assert columns["novel-3/ngrams"].tolist() == [5, 0, 0]
    assert columns["words/words"].tolist() == [7, 1, 0]
    assert columns["words/outputs"].tolist() == [1, 1, 1]
    assert value("extractive", columns) == pytest.approx(7 / 8)
    assert value("novel-2", columns) == pytest.approx(2 / 6)
    assert value("novel-3", columns) == pytest.approx(3 / 5)
    assert value("words", columns) == pytest.approx(8 / 3)


def test_words_in_another_order_are_extractive_and_their_pairs_are_novel() -> None:
    columns = copying.statistics([["sea", "man", "the"]], [GIVEN])
    assert value("extractive", columns) == 1
    assert value("novel-2", columns) == 1


def test_outputs_that_are_short_or_missing() -> None:
    columns = copying.statistics([["a"], ["a", "b"]], [[], ["a", "b"]])
    assert value("extractive", columns) == pytest.approx(2 / 3)
    assert value("novel-2", columns) == 0
    assert np.isnan(value("novel-3", columns))
    none = copying.statistics([], [])
    assert {values.shape for values in none.values()} == {(0,)}
    with pytest.raises(ValueError):
        copying.statistics([["a"]], [])


WEIGHTS = np.array(
    [[0.1, 0.2, 0.3, 0.4], [0.6, 0.2, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25], [0.0, 0.0, 0.0, 1.0]]
)


def test_weight_on_copies_by_hand() -> None:
    """The first stands at two places, the second at none, the third at one; the fourth is not known."""
    given, written = np.array(["a", "b", "a", "<unk>"]), np.array(["a", "c", "b", "<unk>"])
    found = copying.attended(WEIGHTS, copying.copies(given, written, "<unk>"))
    assert found == pytest.approx([0.1 + 0.3 + 0.25, 2 / 4 + 1 / 4, 2])
    assert METRICS["copied"].value(found[[0, 2]]) == pytest.approx(0.325)
    assert METRICS["copied-chance"].value(found[[1, 2]]) == pytest.approx(0.375)
    known = copying.attended(WEIGHTS, copying.copies(given, written, ""))
    assert known == pytest.approx([0.65 + 1, 3 / 4 + 1 / 4, 3])


def test_weight_on_copies_by_numbers_and_of_nothing() -> None:
    found = copying.attended(WEIGHTS, copying.copies(np.array([5, 6, 5, 0]), np.array([5, 7, 6, 0]), 0))
    assert found == pytest.approx([0.65, 0.75, 2])
    none = np.zeros(0, np.int64)
    assert copying.attended(np.zeros((2, 0)), copying.copies(none, np.array([5, 6]), 0)).tolist() == [0, 0, 0]
    assert copying.attended(np.zeros((0, 2)), copying.copies(np.array([5, 6]), none, 0)).tolist() == [0, 0, 0]
    assert np.isnan(METRICS["copied"].value(np.zeros(2)))


def test_even_weights_are_at_chance() -> None:
    rng = np.random.default_rng(0)
    given, written = rng.integers(6, size=11), rng.integers(8, size=7)
    weight, chance, words = copying.attended(np.full((7, 11), 1 / 11), copying.copies(given, written, 0))
    assert weight == pytest.approx(chance) and 0 < chance < words < 7


def test_places_within_two_words_are_near() -> None:
    places = np.zeros((3, 7), bool)
    places[0, 0] = places[0, 5] = places[1, 3] = True
    assert copying.near(places).astype(int).tolist() == [
        [1, 1, 1, 1, 1, 1, 1],
        [0, 1, 1, 1, 1, 1, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ]
    assert places.sum() == 3
    assert copying.near(np.ones((1, 1), bool)).tolist() == [[True]]
    assert copying.near(np.zeros((2, 0), bool)).shape == (2, 0)
