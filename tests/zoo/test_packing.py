from __future__ import annotations

import torch

from attnbench.zoo.packing import Packing

LENGTHS = (2, 0, 3, 2)
MASK = torch.arange(4) < torch.tensor(LENGTHS).unsqueeze(1)
TOKENS = torch.arange(16).view(4, 4)
"""Row b holds 4 b and on."""


def test_tokens_stand_step_by_step_longest_first() -> None:
    packing = Packing.of(MASK)
    assert packing.order.tolist() == [2, 0, 3, 1]
    assert packing.counts == [3, 3, 1, 0]
    assert packing.pack(TOKENS).tolist() == [8, 0, 12, 9, 1, 13, 10]


def test_the_last_row_is_that_of_the_true_last_token() -> None:
    """Of b + N rows: 4 starts in the order 2, 0, 3, 1, then the 7 tokens."""
    packing = Packing.of(MASK)
    assert packing.last.tolist() == [8, 3, 10, 9]
    rows = torch.cat([-packing.order - 1, packing.pack(TOKENS)])
    assert rows[packing.last].tolist() == [1, -2, 10, 13]


def test_padding_comes_back_as_zeros() -> None:
    packing = Packing.of(MASK)
    assert torch.equal(packing.pad(packing.pack(TOKENS)), TOKENS * MASK)


def test_steps_split_the_rows() -> None:
    packing = Packing.of(MASK)
    rows = torch.arange(11)
    assert [step.tolist() for step in packing.steps(rows[4:])] == [[4, 5, 6], [7, 8, 9], [10]]
    assert [step.tolist() for step in packing.from_start(rows)] == [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9], [10]]
    assert packing.before(rows).tolist() == [0, 1, 2, 4, 5, 6, 7]


def test_a_batch_without_a_token_packs_to_nothing() -> None:
    packing = Packing.of(torch.zeros(2, 3, dtype=torch.bool))
    assert len(packing.pack(torch.ones(2, 3, 5))) == 0
    assert packing.last.tolist() == [0, 1]
    assert packing.before(torch.ones(2, 5)).shape == (0, 5)
    assert torch.equal(packing.pad(torch.ones(0, 5)), torch.zeros(2, 3, 5))
