"""Label error rates: edits by hand and by a slow literal count, empty sides, and long outputs."""

import time
from functools import cache

import numpy as np
import pytest

from attnbench.scoring import edits
from attnbench.tasks.recognition.measures import METRICS

PER = METRICS["per"]


@pytest.mark.parametrize(
    ("output", "reference", "expected"),
    [
        ("sil k ae t sil", "sil k ae t sil", (0, 5)),
        ("sil g ae t sil", "sil k ae t sil", (1, 5)),  # one is another
        ("sil k t sil", "sil k ae t sil", (1, 5)),  # one is missing
        ("sil k ae ae t sil", "sil k ae t sil", (1, 5)),  # one is too many
        ("k ae t sil sil", "sil k ae t sil", (2, 5)),  # not five others: one is missing, one too many
        ("a b c d", "x y", (4, 2)),  # more edits than labels: above 100 %
        ("", "sil k", (2, 2)),
        ("sil k", "", (2, 0)),
        ("", "", (0, 0)),
    ],
)
def test_edits_by_hand(output: str, reference: str, expected: tuple[int, int]) -> None:
    assert edits.statistics([output.split()], [reference.split()]).tolist() == [list(expected)]


def test_a_rate_is_of_all_labels_together() -> None:
    outputs, references = [["a"], ["x", "b", "c", "d"], []], [["b"], ["a", "b", "c", "d"], ["e", "f", "g"]]
    counts = edits.statistics(outputs, references)
    assert counts.tolist() == [[1, 1], [1, 4], [3, 3]]
    assert PER.value(counts.sum(axis=0)) == pytest.approx(100 * 5 / 8)
    assert PER.value(np.array([4.0, 2.0])) == 200
    assert np.isnan(PER.value(np.array([2.0, 0.0])))
    assert (PER.unit, PER.higher_is_better) == ("%", False)
    assert edits.statistics([], []).shape == (0, 2)


def test_labels_are_cut_at_spaces_alone() -> None:
    """Words may hold any other blank, and are compared with their case."""
    assert edits.statistics([["a\u00a0b", "C"]], [["a\u00a0b", "c"]]).tolist() == [[1, 2]]


def _edits(output: tuple[str, ...], reference: tuple[str, ...]) -> int:
    """The textbook recursion."""

    @cache
    def least(i: int, j: int) -> int:
        if i == 0 or j == 0:
            return i + j
        same = least(i - 1, j - 1) + (output[i - 1] != reference[j - 1])
        return min(same, least(i - 1, j) + 1, least(i, j - 1) + 1)

    return least(len(output), len(reference))


def test_edits_are_those_of_the_textbook() -> None:
    rng = np.random.default_rng(0)
    pairs = [[tuple(rng.choice(list("abcd"), rng.integers(0, 9)).tolist()) for _ in "or"] for _ in range(80)]
    found = edits.statistics([output for output, _ in pairs], [reference for _, reference in pairs])
    assert found[:, 0].tolist() == [_edits(*pair) for pair in pairs]
    assert found[:, 1].tolist() == [len(reference) for _, reference in pairs]
    assert len(set(found[:, 0].tolist())) > 5


def test_long_outputs_take_no_time() -> None:
    rng = np.random.default_rng(0)
    sides = [[rng.choice(list("abcdefgh"), 1500).tolist() for _ in range(20)] for _ in "or"]
    began = time.perf_counter()
    found = edits.statistics(*sides)
    assert time.perf_counter() - began < 2  # a loop in Python takes a minute
    assert (found[:, 0] > 500).all() and (found[:, 1] == 1500).all()
