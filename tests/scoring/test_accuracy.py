"""Accuracy by hand, over all examples and by label."""

import numpy as np
import pytest

from attnbench.scoring import accuracy
from attnbench.tasks.entailment.measures import METRICS

NAMES = ("entailment", "neutral", "contradiction")
LABELS, ANSWERS = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 0, 2])


def summed(name: str) -> np.ndarray:
    columns = accuracy.statistics(LABELS, ANSWERS, NAMES)
    return np.array([np.nansum(columns[column]) for column in METRICS[name].columns])


@pytest.mark.parametrize(
    ("name", "value"),
    [("accuracy", 60.0), ("accuracy-entailment", 50.0), ("accuracy-neutral", 100.0),
     ("accuracy-contradiction", 50.0)],
)  # fmt: skip
def test_values_by_hand(name: str, value: float) -> None:
    assert METRICS[name].value(summed(name)) == value
    assert METRICS[name].right_or_wrong


def test_other_labels_count_nowhere() -> None:
    columns = accuracy.statistics(LABELS, ANSWERS, NAMES)
    assert np.isnan(columns["accuracy-neutral/pairs"]).tolist() == [True, True, False, True, True]
    assert columns["accuracy/correct"].tolist() == [1, 0, 1, 0, 1]
    assert columns["accuracy/pairs"].tolist() == [1] * 5
    assert np.isnan(METRICS["accuracy"].value(np.zeros(2)))
