from __future__ import annotations

import numpy as np
import pytest
import torch
from datasets import Dataset, concatenate_datasets

from attnbench.tasks import ragged as joined
from attnbench.tasks.engine import batches
from attnbench.tasks.ragged import Ragged
from attnbench.tasks.translation.examples import Pairs


def _dataset(lengths: list[tuple[int, int]]) -> Dataset:
    """Pairs of so many words; the words of pair i are 10 i + 2, 10 i + 3, ..."""
    return Dataset.from_dict(
        {
            "id": [str(i) for i in range(len(lengths))],
            "source_ids": [[10 * i + 2 + j for j in range(source)] for i, (source, _) in enumerate(lengths)],
            "target_ids": [[10 * i + 2 + j for j in range(target)] for i, (_, target) in enumerate(lengths)],
        }
    )


def test_ragged_closes_and_pads_by_hand() -> None:
    ragged = Ragged([[5, 6], [], [7, 8, 9]], closed=True)
    assert ragged.lengths.tolist() == [3, 1, 4]
    ids, mask = ragged.pad(np.array([2, 0, 1, 2]))
    assert ids.tolist() == [[7, 8, 9, 1], [5, 6, 1, 1], [1, 1, 1, 1], [7, 8, 9, 1]]
    assert mask.astype(int).tolist() == [[1, 1, 1, 1], [1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 1, 1]]
    assert ragged.pad(np.array([2, 0, 1, 2]), multiple=8)[1].sum(axis=1).tolist() == mask.sum(axis=1).tolist()
    assert ragged.pad(np.array([2, 0, 1, 2]), multiple=8)[0].shape == (4, 8)
    ids, mask = ragged.pad(np.array([1]))
    assert ids.tolist() == [[1]] and mask.tolist() == [[True]]


def test_a_batch_holds_both_sides() -> None:
    pairs = Pairs(_dataset([(2, 1), (1, 3)]))
    assert pairs.lengths.tolist() == [3, 4]
    batch = pairs.batch(np.array([1, 0]), torch.device("cpu"))
    assert batch.source.tolist() == [[12, 1, 1], [2, 3, 1]]
    assert batch.source_mask.tolist() == [[True, True, False], [True, True, True]]
    assert batch.target.tolist() == [[12, 13, 14, 1], [2, 1, 1, 1]]
    assert batch.target_mask.sum(dim=1).tolist() == [4, 2]
    assert batch.source.dtype == torch.int64 and batch.source_mask.dtype == torch.bool


def test_max_length_counts_words_on_either_side() -> None:
    dataset = _dataset([(3, 3), (4, 3), (3, 4), (1, 1), (9, 9)])
    kept = Pairs(dataset, max_length=3)
    assert list(kept.dataset["id"]) == ["0", "3"]
    assert kept.source.ids.tolist() == [2, 3, 4, 1, 32, 1]
    assert len(Pairs(dataset, max_length=4)) == 4
    assert len(Pairs(dataset)) == 5


def test_ids_take_four_bytes_on_the_host_and_eight_in_a_batch() -> None:
    ragged = Ragged([[70_000, 6], [2]], closed=True)
    assert (ragged.ids.dtype, ragged.ids.nbytes) == (np.int32, 4 * 5)
    assert ragged.pad(np.array([0]))[0].dtype == np.int64
    assert ragged.pad(np.array([0]))[0].tolist() == [[70_000, 6, 1]]


def test_columns_of_many_chunks_and_of_none(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = _dataset([(n % 4, 1 + n % 3) for n in range(25)])
    whole = Pairs(dataset)
    monkeypatch.setattr(joined, "_BATCH", 4)
    for chunked in (Pairs(dataset), Pairs(concatenate_datasets([dataset, dataset]).select(range(25)))):
        assert chunked.source.ids.tolist() == whole.source.ids.tolist()
        assert chunked.target.starts.tolist() == whole.target.starts.tolist()
    shuffled = Pairs(dataset.select([24, 3, 3]))
    assert shuffled.source.ids.tolist() == [1, 32, 33, 34, 1, 32, 33, 34, 1]
    capped = Pairs(dataset, max_length=1)
    assert list(capped.dataset["id"]) == [str(n) for n in range(25) if n % 4 <= 1 and n % 3 == 0]
    assert capped.source.lengths.tolist() == [1 + n % 4 for n in range(25) if n % 4 <= 1 and n % 3 == 0]
    nothing = Pairs(dataset.select([]))
    assert (len(nothing), nothing.lengths.tolist(), nothing.source.ids.tolist()) == (0, [], [])


def test_a_sample_is_spread_over_the_split() -> None:
    pairs = Pairs(_dataset([(1, 1)] * 9))
    assert list(pairs.sample(3).dataset["id"]) == ["0", "4", "8"]
    assert list(pairs.sample(20).dataset["id"]) == [str(n) for n in range(9)]


def test_batches_take_every_example_once_longest_first() -> None:
    lengths = np.array([3, 9, 3, 1, 7])
    assert [part.tolist() for part in batches(lengths, 2)] == [[1, 4], [0, 2], [3]]
    assert sorted(np.concatenate(list(batches(lengths, 3)))) == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError):
        batches(lengths, 0)
