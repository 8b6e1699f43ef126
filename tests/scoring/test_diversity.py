"""How varied outputs are, by hand and counted anew."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from attnbench.scoring import diversity
from attnbench.tasks.captioning.measures import METRICS

OUTPUTS = [["a", "red", "square"], ["a", "red", "circle", "a"], [], ["a"]]


def _score(name: str, columns: dict[str, np.ndarray], some: slice = slice(None)) -> float:
    sums = np.array([columns[column][some].sum() for column in METRICS[name].columns])
    return float(METRICS[name].value(sums))


def test_by_hand() -> None:
    """Of eight words four are different: ``a`` comes four times, ``red`` twice. Of five pairs four are."""
    columns = diversity.statistics(OUTPUTS, np.array([True, False, False, True]))
    assert columns["distinct-1/types"].tolist() == pytest.approx(
        [1 / 4 + 1 / 2 + 1, 1 / 2 + 1 / 2 + 1, 0, 1 / 4]
    )
    assert columns["distinct-1/ngrams"].tolist() == [3, 4, 0, 1]
    assert columns["distinct-2/types"].tolist() == pytest.approx([1 / 2 + 1, 1 / 2 + 2, 0, 0])
    assert columns["distinct-2/ngrams"].tolist() == [2, 3, 0, 0]
    assert _score("distinct-1", columns) == pytest.approx(4 / 8)
    assert _score("distinct-2", columns) == pytest.approx(4 / 5)
    assert (_score("length", columns), _score("novel", columns)) == (8 / 4, 2 / 4)
    assert np.isnan(_score("distinct-2", columns, slice(2, 4)))


def test_the_sums_are_the_types_of_all_outputs() -> None:
    rng = np.random.default_rng(0)
    outputs = [rng.choice(list("abcdefghij"), size=rng.integers(0, 9)).tolist() for _ in range(60)]
    columns = diversity.statistics(outputs, np.zeros(60, dtype=bool))
    pairs = [pair for words in outputs for pair in pairwise(words)]
    words = [word for words in outputs for word in words]
    assert 50 < len(set(pairs)) < len(pairs)
    assert _score("distinct-1", columns) == pytest.approx(len(set(words)) / len(words))
    assert _score("distinct-2", columns) == pytest.approx(len(set(pairs)) / len(pairs))
    assert _score("novel", columns) == 1


def test_no_outputs_have_no_rows() -> None:
    assert {values.shape for values in diversity.statistics([], np.zeros(0, dtype=bool)).values()} == {(0,)}
