"""Alignment error rate and its controls, by hand."""

import numpy as np
import pytest

from attnbench.scoring import alignment
from attnbench.tasks.translation.measures import METRICS


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
        (0, 2, set()),
        (2, 0, set()),
    ],
)
def test_diagonal(source: int, target: int, links: set[tuple[int, int]]) -> None:
    assert alignment.diagonal(source, target) == links


def test_shuffled_permutes_whole_rows() -> None:
    weights = np.arange(40.0).reshape(10, 4)
    mixed = alignment.shuffled(weights, np.random.default_rng(0))
    assert not np.array_equal(mixed, weights)
    assert np.array_equal(mixed[np.argsort(mixed[:, 0])], weights)


def test_uniform_links_every_word_once_and_anywhere() -> None:
    links = alignment.uniform(4, 4000, np.random.default_rng(0))
    assert sorted(t for _, t in links) == list(range(4000))
    counts = np.bincount([s for s, _ in links], minlength=4)
    assert len(counts) == 4
    assert (abs(counts - 1000) < 5 * (4000 * 0.25 * 0.75) ** 0.5).all()
    assert alignment.uniform(4, 50, np.random.default_rng(3)) == alignment.uniform(
        4, 50, np.random.default_rng(3)
    )
    assert alignment.uniform(1, 3, np.random.default_rng(0)) == {(0, 0), (0, 1), (0, 2)}
    assert alignment.uniform(0, 3, np.random.default_rng(0)) == set()
    assert alignment.uniform(3, 0, np.random.default_rng(0)) == set()


def test_weight_near_the_diagonal_by_hand() -> None:
    """Two target words over eight source words: middles 1.5 and 5.5, so words 0–4 and 3–7 are near."""
    weights = np.zeros((2, 9))
    weights[0, [0, 4, 5, 8]] = 0.5, 0.25, 0.125, 0.125
    weights[1, [2, 3, 7, 8]] = 0.1, 0.2, 0.3, 0.4
    assert alignment.near_diagonal(weights, 8).tolist() == pytest.approx([0.75 + 0.5, 2])


def test_three_words_away_is_near_and_four_are_not() -> None:
    """As many words on both sides: the diagonal goes through whole words."""
    for distance, near in ((0, 1), (3, 1), (-3, 1), (4, 0), (-4, 0)):
        weights = np.zeros((12, 13))
        weights[5, 5 + distance] = 1
        assert alignment.near_diagonal(weights, 12).tolist() == [near, 12]


def test_an_even_attention_has_what_a_count_gives() -> None:
    """Ten words on both sides and an end symbol: 4, 5, 6, 7, 7, 7, 7, 6, 5 and 4 of 11 columns are near."""
    assert alignment.near_diagonal(np.full((10, 11), 1 / 11), 10).tolist() == pytest.approx([58 / 11, 10])
    assert alignment.near_diagonal(np.zeros((0, 5)), 4).tolist() == [0, 0]


def test_mass_is_of_sums_a_word() -> None:
    metric = METRICS["diagonal-mass"]
    assert metric.columns == ("diagonal-mass/near", "diagonal-mass/words")
    assert METRICS["diagonal-mass-uniform"].columns[0] == "diagonal-mass-uniform/near"
    one, other = np.array([2.0, 2.0]), np.array([1.0, 4.0])
    assert float(metric.value(one + other)) == pytest.approx(0.5), "not the mean of 1 and 1/4"
    values = metric.value(np.array([[3.0, 4.0], [0.0, 0.0]]))
    assert values[0] == 0.75 and np.isnan(values[1])
    assert metric.higher_is_better and metric.unit == "share"
