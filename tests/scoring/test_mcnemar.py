"""McNemar's exact test against tables of the binomial distribution, and from records."""

import math

import numpy as np
import pandas as pd
import pytest

from attnbench.records import Records
from attnbench.scoring import AllExamples, Examples
from attnbench.scoring.mcnemar import Discordance, discordance
from attnbench.tasks.entailment.measures import METRICS
from attnbench.tasks.translation.measures import METRICS as TRANSLATION


@pytest.mark.parametrize(
    ("split", "p"),
    [
        ((0, 0), 1.0), ((3, 3), 1.0), ((0, 1), 1.0), ((1, 0), 1.0), ((0, 5), 0.0625), ((6, 0), 0.03125),
        ((1, 9), 22 / 1024), ((9, 1), 22 / 1024), ((2, 8), 2 * (1 + 10 + 45) / 1024),
    ],
)  # fmt: skip
def test_p_by_hand(split: tuple[int, int], p: float) -> None:
    assert Discordance(*split).p == p


def test_large_counts_agree_with_the_normal_approximation() -> None:
    found = Discordance(1450, 1550)
    z = (abs(1450 - 1550) - 1) / math.sqrt(3000)
    assert found.p == pytest.approx(math.erfc(z / math.sqrt(2)), rel=2e-3)
    assert Discordance(0, 4000).p == 0.0 or Discordance(0, 4000).p < 1e-300


def test_discordance_counts_by_hand() -> None:
    first, second = np.array([1, 1, 0, 0, 1]), np.array([0, 1, 1, 0, 0])
    assert discordance(first, second) == (2, 1)


def records(answers: dict[int, list[int]]) -> pd.DataFrame:
    rows = [
        {"system": "x", "decoding": "argmax", "test": "test", "seed": seed, "id": str(place),
         "accuracy/correct": float(right), "accuracy/pairs": 1.0}
        for seed, rights in answers.items() for place, right in enumerate(rights)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def examples(frame: pd.DataFrame) -> Examples:
    return AllExamples(Records(frame))["x", "argmax", "test"]


def test_systems_are_paired_seed_by_seed() -> None:
    first = examples(records({0: [1, 1, 0, 1], 1: [0, 0, 1, 1], 2: [1, 1, 1, 1]}).iloc[::-1])
    second = examples(records({0: [0, 1, 1, 0], 1: [0, 0, 1, 1]}))
    assert first.discordances(second, METRICS["accuracy"]) == {0: (2, 1), 1: (0, 0)}
    with pytest.raises(ValueError, match="bleu"):
        first.discordances(second, TRANSLATION["bleu"])
    with pytest.raises(ValueError, match="other examples"):
        first.discordances(examples(records({0: [1, 1, 0]})), METRICS["accuracy"])


def test_questions_that_are_not_asked_of_both_are_left_out() -> None:
    """The first alone was asked the last two; it was right in one, and that is no difference."""
    first = examples(records({0: [1, 0, 1, 1, 0]}))
    asked = records({0: [0, 1, 1, 0, 0]})
    asked.loc[asked["id"].isin(["3", "4"]), ["accuracy/correct", "accuracy/pairs"]] = np.nan
    assert first.discordances(examples(asked), METRICS["accuracy"]) == {0: (1, 1)}
