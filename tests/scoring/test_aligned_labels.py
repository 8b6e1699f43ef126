"""Which labels are aligned with the sound, by hand and by a slow literal loop."""

from __future__ import annotations

import math

import numpy as np
import pytest

from attnbench.scoring import aligned
from attnbench.scoring.metric import Metric
from attnbench.tasks.recognition.measures import METRICS

SHIFT = 100.0
"""Milliseconds a frame: spans are widened by two frames."""
SPANS = np.array([[0, 3], [3, 4], [4, 8], [8, 10]])
"""Ten frames, and an eleventh that ends the input."""


def _weights(*rows: dict[int, float]) -> np.ndarray:
    weights = np.zeros((len(rows), 11), np.float32)
    for weight, row in zip(weights, rows, strict=True):
        weight[list(row)] = list(row.values())
    return weights


def _found(weights: np.ndarray, spans: np.ndarray = SPANS, shift: float = SHIFT) -> dict[str, float]:
    found = aligned.statistics(weights, spans, shift) | aligned.spread(weights)
    return {metric.name: _value(metric, found) for metric in METRICS.values() if metric.columns[0] in found}


def _value(metric: Metric, found: dict[str, float]) -> float:
    return float(metric.value(np.array([found[column] for column in metric.columns])))


def test_labels_by_hand() -> None:
    weights = _weights(
        {0: 0.5, 4: 0.4, 5: 0.1},  # widened 0 to 4: holds 0.9
        {1: 0.75, 2: 0.1, 6: 0.15},  # widened 1 to 5: holds 0.85
        {2: 0.25, 5: 0.25, 9: 0.5},  # widened 2 to 9: all
        {6: 0.25, 9: 0.25, 10: 0.5},  # widened 6 to 9, and not to the end of the input: half
    )
    found = _found(weights)
    assert found["aligned"] == 2 / 4
    assert found["aligned-count"] == 2
    assert found["prefix"] == 1
    assert found["pointing"] == 1 / 4  # 0, in its span; 1, 9 and 10 are not
    assert found["pointing-chance"] == pytest.approx((3 + 1 + 4 + 2) / 11 / 4)
    assert found["aligned-uniform"] == 0  # the widest holds 8 of 11 frames
    expected = [0.5, 0.4, 0.1, 0.75, 0.1, 0.15, 0.25, 0.25, 0.5, 0.25, 0.25, 0.5]
    assert found["entropy"] == pytest.approx(-sum(p * math.log(p) for p in expected) / 4)


def test_all_weight_in_the_spans_and_none() -> None:
    whole = _found(_weights({1: 1.0}, {3: 1.0}, {7: 1.0}, {8: 1.0}))
    assert [whole[name] for name in ("aligned", "aligned-count", "prefix", "pointing")] == [1, 4, 4, 1]
    assert whole["entropy"] == 0
    none = _found(_weights(*[{10: 1.0}] * 4))
    assert [none[name] for name in ("aligned", "aligned-count", "prefix", "pointing")] == [0, 0, 0, 0]


def test_uniform_weights_are_what_the_controls_measure() -> None:
    """In a short utterance a span that is widened holds nearly all frames, by chance too."""
    spans = np.array([[0, 1], [1, 2], [2, 3]])
    for frames in (3, 5, 9, 10, 11, 20):
        wide = np.array([[0, frames // 2], [frames // 2, frames], [0, frames]])
        for some in (spans, wide):
            found = _found(np.full((3, frames + 1), 1 / (frames + 1), np.float32), some)
            assert found["aligned"] == found["aligned-uniform"]
            assert found["entropy"] == pytest.approx(math.log(frames + 1), abs=1e-6)
    assert found["aligned-uniform"] == 1 / 3  # 20 of 21 frames
    even = np.full((1, 50), 1 / 50, np.float32)  # 45 of 50 are 0.9, less in single precision
    assert _found(even, np.array([[0, 43]]))["aligned"] == 1


def test_the_margin_is_a_time() -> None:
    weights, spans = np.zeros((1, 101), np.float32), np.array([[50, 51]])
    weights[0, 30] = 1
    assert [_found(weights, spans, shift)["aligned"] for shift in (5.0, 10.0, 10.6, 40.0)] == [1, 1, 0, 0]
    assert _found(weights, np.array([[49, 51], [51, 60]])[:1], 10.0)["pointing"] == 0


def test_an_utterance_without_labels_counts_as_one() -> None:
    found = aligned.statistics(np.zeros((0, 11)), np.zeros((0, 2), int), SHIFT)
    assert {name: value for name, value in found.items() if value} == {
        "aligned-count/utterances": 1, "prefix/utterances": 1,
    }  # fmt: skip
    assert aligned.spread(np.zeros((0, 11))) == {"entropy/nats": 0, "entropy/steps": 0}


def test_statistics_are_those_of_a_literal_loop() -> None:
    rng = np.random.default_rng(0)
    counts, prefixes = set(), set()
    for _ in range(30):
        frames, labels = int(rng.integers(12, 60)), int(rng.integers(1, 12))
        edges = np.sort(rng.choice(np.arange(1, frames), labels - 1, replace=False))
        spans = np.stack([np.append(0, edges), np.append(edges, frames)], axis=1)
        centre = spans.mean(axis=1, keepdims=True) + rng.normal(0, 2, (labels, 1))
        weights = np.exp(-(((np.arange(frames + 1) - centre) / rng.uniform(0.5, 2)) ** 2))
        weights /= weights.sum(axis=1, keepdims=True)
        hit, chance, flags = 0, 0.0, []
        for row, (first, after) in zip(weights, spans.tolist(), strict=True):
            low, high = max(first - 2, 0), min(after + 2, frames)
            flags.append(sum(row[j] for j in range(low, high)) >= 0.9)
            hit += max(range(frames + 1), key=lambda j, row=row: row[j]) in range(first, after)
            chance += (after - first) / (frames + 1)
        found = aligned.statistics(weights, spans, SHIFT)
        assert found["aligned/aligned"] == found["aligned-count/labels"] == sum(flags)
        assert found["prefix/labels"] == (flags.index(False) if False in flags else labels)
        assert found["pointing/hits"] == hit
        assert found["pointing-chance/hits"] == pytest.approx(chance)
        counts.add(sum(flags) - labels), prefixes.add(found["prefix/labels"] - sum(flags))
    assert len(counts) > 2 and len(prefixes) > 2
