"""Alignment error rate and its controls, by hand."""

import numpy as np
import pytest

from attnbench.scoring import METRICS, alignment


def test_by_hand() -> None:
    links = {(0, 0), (1, 2), (2, 1), (3, 3)}
    sure, possible = {(0, 0), (1, 1), (2, 1)}, {(3, 3)}
    statistics = alignment.statistics(links, sure, possible)
    assert statistics.tolist() == [2, 3, 4, 3]
    assert float(alignment.value(statistics)) == pytest.approx(1 - 5 / 7)


def test_corpus_rate_is_of_sums_not_a_mean() -> None:
    one = alignment.statistics({(0, 0)}, {(0, 0)}, set())
    none = alignment.statistics({(0, 1), (1, 0), (2, 2)}, {(5, 5)}, set())
    assert float(METRICS["aer"].value(one + none)) == pytest.approx(1 - 2 / 6)


def test_perfect_sure_links_have_no_error_and_empty_sets_have_no_rate() -> None:
    sure = {(0, 0), (1, 1)}
    assert float(alignment.value(alignment.statistics(sure, sure, set()))) == 0
    assert np.isnan(alignment.value(np.zeros(4)))


def test_hard_links_take_the_largest_weight_and_none_for_the_end_symbol() -> None:
    weights = np.array([[0.1, 0.7, 0.2, 0.0], [0.3, 0.2, 0.1, 0.4], [0.2, 0.2, 0.5, 0.1]])
    assert alignment.hard(weights, source_length=3) == {(1, 0), (2, 2)}
    assert alignment.hard(weights[:, :3], source_length=3) == {(1, 0), (0, 1), (2, 2)}


@pytest.mark.parametrize(
    ("source", "target", "links"),
    [
        (3, 3, {(0, 0), (1, 1), (2, 2)}),
        (4, 2, {(1, 0), (3, 1)}),
        (2, 4, {(0, 0), (0, 1), (1, 2), (1, 3)}),
        (1, 3, {(0, 0), (0, 1), (0, 2)}),
    ],
)
def test_diagonal(source: int, target: int, links: set[tuple[int, int]]) -> None:
    assert alignment.diagonal(source, target) == links


def test_shuffled_permutes_whole_rows() -> None:
    weights = np.arange(40.0).reshape(10, 4)
    mixed = alignment.shuffled(weights, np.random.default_rng(0))
    assert not np.array_equal(mixed, weights)
    assert np.array_equal(mixed[np.argsort(mixed[:, 0])], weights)
