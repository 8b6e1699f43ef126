from __future__ import annotations

from collections import Counter
from itertools import chain

import numpy as np
import pytest

from attnbench.settings import TrainingSettings
from attnbench.training import learning_rate, order


def test_the_learning_rate_by_hand() -> None:
    settings = TrainingSettings(updates=11, learning_rate=0.8, warmup=4, decay_from=6 / 11, decay_to=0.25)
    rates = [learning_rate(settings, update) for update in range(11)]
    expected = [0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.8, 0.65, 0.5, 0.35, 0.2]
    assert rates == pytest.approx(expected, abs=1e-12)


def test_the_learning_rate_stays_flat_by_default() -> None:
    settings = TrainingSettings(updates=100, learning_rate=1.0)
    assert {learning_rate(settings, update) for update in range(100)} == {1.0}


def test_the_learning_rate_of_one_update() -> None:
    assert learning_rate(TrainingSettings(updates=1, decay_from=0.5, learning_rate=0.3), 0) == 0.3


def test_the_learning_rate_halves_again_and_again() -> None:
    """Flat to update 8 of 16, then a half more every two updates, however long the warm-up was."""
    settings = TrainingSettings(
        updates=16, learning_rate=0.8, warmup=2, decay_from=0.5, halve_every=0.125, decay_to=0.9
    )
    rates = [learning_rate(settings, update) for update in range(16)]
    expected = [0.4, *[0.8] * 8, 0.4, 0.4, 0.2, 0.2, 0.1, 0.1, 0.05]
    assert rates == pytest.approx(expected, abs=1e-12)


def _epoch(
    count: int, lengths: np.ndarray, settings: TrainingSettings, updates: range, seed: int = 0
) -> list[int]:
    return [int(i) for update in updates for i in order(count, lengths, settings, update, seed)]


def test_order_covers_every_example_once_an_epoch() -> None:
    lengths = np.random.default_rng(0).integers(1, 50, size=24)
    settings = TrainingSettings(batch_size=3, bucket_batches=4)
    for epoch in range(3):
        seen = _epoch(24, lengths, settings, range(8 * epoch, 8 * epoch + 8))
        assert sorted(seen) == list(range(24))


def test_order_wraps_and_leaves_nothing_out() -> None:
    """10 examples in buckets of 12: after 5 buckets each was seen 6 times."""
    lengths = np.arange(10)
    settings = TrainingSettings(batch_size=3, bucket_batches=4)
    buckets = [_epoch(10, lengths, settings, range(4 * b, 4 * b + 4)) for b in range(5)]
    assert all(len(bucket) == 12 and set(bucket) == set(range(10)) for bucket in buckets)
    assert Counter(chain(*buckets)) == dict.fromkeys(range(10), 6)
    twice = [{i for i, n in Counter(bucket).items() if n == 2} for bucket in buckets]
    assert set.union(*twice) == set(range(10)) and all(len(pair) == 2 for pair in twice)


def test_order_sorts_each_bucket_by_length_and_only_there() -> None:
    lengths = np.random.default_rng(0).permutation(40)
    settings = TrainingSettings(batch_size=5, bucket_batches=4)
    first, second = (_epoch(40, lengths, settings, range(4 * b, 4 * b + 4)) for b in range(2))
    for bucket in (first, second):
        assert (np.diff(lengths[bucket]) > 0).all()
    assert not set(first) & set(second)
    assert lengths[first].max() > lengths[second].min()


def test_order_is_a_function_of_seed_and_update() -> None:
    lengths = np.zeros(30, dtype=np.int64)
    settings = TrainingSettings(batch_size=5, bucket_batches=2)
    assert _epoch(30, lengths, settings, range(6)) == _epoch(30, lengths, settings, range(6))
    assert list(order(30, lengths, settings, 4, 0)) == _epoch(30, lengths, settings, range(6))[20:25]
    assert _epoch(30, lengths, settings, range(6), seed=1) != _epoch(30, lengths, settings, range(6))
    assert _epoch(30, lengths, settings, range(6)) != list(range(30))
