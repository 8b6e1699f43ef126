"""Where attention points: hits and their chance, entropy, and mass on function words, by hand."""

import math

import numpy as np
import pytest

from attnbench.scoring import function_words, pointing
from attnbench.tasks.entailment.measures import METRICS

WEIGHTS = np.array([[0.7, 0.2, 0.1, 0.0], [0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]])


def test_hits_and_chance_by_hand() -> None:
    right = pointing.linked([(0, 0), (1, 2), (1, 1)], WEIGHTS.shape)
    assert right.sum() == 3
    # Word 0 points at 0, right; word 1 at 3, wrong, with two right of four; word 2 has no link.
    assert pointing.hits(WEIGHTS, right).tolist() == [1, 1 / 4 + 2 / 4, 2]
    assert pointing.hits(WEIGHTS, np.zeros((3, 4), dtype=bool)).tolist() == [0, 0, 0]
    assert METRICS["pointing"].value(np.array([1.0, 2.0])) == 0.5
    assert np.isnan(METRICS["pointing"].value(np.zeros(2)))


def test_links_to_other_words_alone() -> None:
    """sad : happy counts; dog : dog does not, nor does a word that is linked to itself among others."""
    premise, hypothesis = np.array(["the", "happy", "dog", "runs"]), np.array(["dog", "sad", "runs"])
    links = pointing.linked([(0, 2), (1, 1), (2, 3), (2, 0)], (3, 4))
    found = pointing.reworded(links, pointing.copied(premise, hypothesis))
    assert found.astype(int).tolist() == [[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_a_word_that_comes_twice_is_right_at_either_place() -> None:
    premise, hypothesis = np.array(["the", "dog", "sees", "the"]), np.array(["the", "cat", "dog"])
    same = pointing.copied(premise, hypothesis)
    assert same.astype(int).tolist() == [[1, 0, 0, 1], [0, 0, 0, 0], [0, 1, 0, 0]]
    assert pointing.hits(WEIGHTS, same).tolist() == [1, 2 / 4 + 1 / 4, 2]


def test_entropy_is_one_where_attention_is_even_and_none_where_it_is_sure() -> None:
    assert pointing.normalised_entropy(np.full((2, 5), 0.2)) == pytest.approx(1)
    assert pointing.normalised_entropy(np.array([[0.0, 1.0, 0.0]])) == 0
    assert pointing.normalised_entropy(np.array([[0.5, 0.5, 0, 0]])) == pytest.approx(0.5)
    first = -sum(p * math.log(p) for p in (0.7, 0.2, 0.1)) / math.log(4)
    both = pointing.normalised_entropy(WEIGHTS[[0, 2]])
    assert both == pytest.approx((first + 1) / 2)
    assert math.isnan(pointing.normalised_entropy(np.ones((2, 1))))


@pytest.mark.parametrize(
    ("premise", "hypothesis", "group"),
    [
        ("a man is sleeping .", "the man sleeps .", "related"),
        ("a man is sleeping .", "the woman is here .", "unrelated"),
        ("a man .", "he is not .", "unrelated"),  # not is content
        ("a man .", "he is here .", None),
    ],
)
def test_pairs_are_grouped_by_content_words(premise: str, hypothesis: str, group: str | None) -> None:
    assert function_words.group(premise.split(), hypothesis.split()) == group


def test_mass_on_function_words_and_its_control() -> None:
    premise = ["the", "dog", "barks", "!"]
    assert [function_words.is_function_word(word) for word in premise] == [True, False, False, True]
    assert function_words.mass(WEIGHTS, premise) == pytest.approx(((0.7 + 0.5 + 0.5) / 3, 0.5))
    assert not any(map(function_words.is_function_word, ("no", "not", "n't", "nobody", "2", "man")))
    assert all(map(function_words.is_function_word, ("...", "'s", ",", "is", "with")))
