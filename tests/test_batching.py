from __future__ import annotations

from itertools import chain, pairwise

import numpy as np
import pytest

from attnbench.batching import Batches

LENGTHS = np.random.default_rng(0).integers(1, 50, size=100)
KINDS = {
    "count": {"count": 7, "bucket": 4},
    "budget": {"count": 1000, "budget": 120, "bucket": 4},
    "both": {"count": 5, "budget": 120, "bucket": 4},
    "equal": {"count": 3, "equal": True},
    "equal and budget": {"count": 1000, "budget": 60, "equal": True},
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def _updates(batches: Batches, number: int) -> list[list[int]]:
    """Return the updates of one pass."""
    return [list(batches[update]) for update in range(batches.first[number], batches.first[number + 1])]


def _passes(kind: str, count: int = 3, seed: int = 0) -> list[list[list[int]]]:
    batches = Batches(LENGTHS, seed=seed, **KINDS[kind])  # type: ignore[arg-type]
    while len(batches.first) <= count:
        batches[batches.first[-1]]
    return [_updates(batches, number) for number in range(count)]


@every_kind
def test_each_pass_has_every_example_once_and_an_order_of_its_own(kind: str) -> None:
    passes = _passes(kind)
    for one in passes:
        assert sorted(chain(*one)) == list(range(100))
    assert all(first != second for first, second in pairwise(passes))


@every_kind
def test_an_update_is_a_function_of_the_seed(kind: str) -> None:
    straight = list(chain(*_passes(kind)))
    fresh = Batches(LENGTHS, **KINDS[kind])  # type: ignore[arg-type]
    for update in (len(straight) - 1, 0, len(straight) // 2, 3):  # back and forth over the passes
        assert list(fresh[update]) == straight[update]
    assert list(chain(*_passes(kind, seed=1))) != straight


def test_a_count_bounds_every_batch() -> None:
    for one in _passes("count"):
        assert [len(batch) for batch in one] == [*[7] * 14, 2]


def test_buckets_are_sorted_by_length_and_only_they() -> None:
    for one in _passes("count"):
        buckets = [list(chain(*one[start : start + 4])) for start in range(0, len(one), 4)]
        assert all((np.diff(LENGTHS[bucket]) >= 0).all() for bucket in buckets)
        assert any(LENGTHS[a].max() > LENGTHS[b].min() for a, b in pairwise(buckets))


@pytest.mark.parametrize("kind", ["budget", "both"])
def test_a_budget_bounds_examples_times_the_longest(kind: str) -> None:
    for one in _passes(kind):
        costs = [len(batch) * LENGTHS[batch].max() for batch in one]
        assert max(costs) <= 120 and max(map(len, one)) <= (5 if kind == "both" else 120)
        for batch, after in pairwise(one):  # one more would not have fitted, unless the bucket ended
            longer = (len(batch) + 1) * LENGTHS[after[0]]
            ended = LENGTHS[after[0]] < LENGTHS[batch[-1]]
            assert longer > 120 or ended or len(batch) == 5


def test_the_greedy_cut_by_hand() -> None:
    """Sorted: 1 2 2 3 5 9 30; 3 x 2 and 2 x 5 fit in 10, 1 x 30 does not but is not left out."""
    lengths = np.array([30, 2, 9, 1, 5, 2, 3])
    batches = Batches(lengths, count=100, budget=10, bucket=7)
    cut = [sorted(lengths[batches[update]].tolist()) for update in range(4)]
    assert cut == [[1, 2, 2], [3, 5], [9], [30]]


def test_batches_of_equal_lengths_come_in_a_random_order() -> None:
    for one in _passes("equal"):
        assert all(len(set(LENGTHS[batch])) == 1 and len(batch) <= 3 for batch in one)
        first = [LENGTHS[batch[0]] for batch in one]
        assert first != sorted(first)
    sizes = [len(batch) for batch in _passes("equal", 1)[0]]
    counts = np.unique(LENGTHS, return_counts=True)[1]
    assert len(sizes) == sum(-(-count // 3) for count in counts)


def test_one_pass_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    similar = Batches._similar
    monkeypatch.setattr(Batches, "_similar", lambda self, order: drawn.append(0) or similar(self, order))
    batches = Batches(LENGTHS, count=10)
    for update in range(30):
        batches[update]
    assert len(drawn) == 3


@pytest.mark.parametrize("kind", ["budget", "equal and budget"])
def test_a_budget_may_be_larger_than_the_type_of_the_lengths(kind: str) -> None:
    short, long = (Batches(LENGTHS.astype(dtype), **KINDS[kind] | {"budget": 300}) for dtype in ("int8", int))  # type: ignore[arg-type]
    assert [list(short[update]) for update in range(40)] == [list(long[update]) for update in range(40)]
