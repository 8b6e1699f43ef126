from __future__ import annotations

import pytest
import torch
from torch import Tensor

from attnbench.zoo.word_vectors import WordVectors

FIXED = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
IDS = torch.tensor([[0, 4, 2], [3, 3, 1]])


def _squares(vectors: WordVectors, ids: Tensor) -> Tensor:
    return (vectors(ids) ** 2).sum() / 2


def test_each_id_has_its_row() -> None:
    vectors = WordVectors(FIXED, 2)
    expected = torch.cat([FIXED, vectors.learned.detach()])[IDS]
    assert torch.equal(vectors(IDS), expected)
    assert vectors.dimension == 2


def test_only_learned_rows_get_a_gradient() -> None:
    """Half the sum of squares: the gradient of a row is the row, as often as it was read."""
    vectors = WordVectors(FIXED, 3)
    assert [name for name, _ in vectors.named_parameters()] == ["learned"]
    _squares(vectors, IDS).backward()
    counts = torch.tensor([[2.0], [1.0], [0.0]])
    torch.testing.assert_close(vectors.learned.grad, vectors.learned.detach() * counts)


def test_tuned_rows_get_one_too_and_the_given_ones_are_left_alone() -> None:
    given = FIXED.clone()
    vectors = WordVectors(given, 2, fine_tune=True)
    _squares(vectors, IDS).backward()
    torch.testing.assert_close(vectors.fixed.grad, FIXED)
    with torch.no_grad():
        vectors.fixed.zero_()
    assert torch.equal(given, FIXED)


@pytest.mark.parametrize(("fixed", "learned"), [(FIXED, 0), (FIXED[:0], 3)])
def test_one_kind_alone(fixed: Tensor, learned: int) -> None:
    vectors = WordVectors(fixed, learned)
    ids = torch.tensor([2, 0])
    assert torch.equal(vectors(ids), torch.cat([fixed, vectors.learned.detach()])[ids])


def test_learned_rows_start_within_bounds() -> None:
    torch.manual_seed(0)
    learned = WordVectors(FIXED, 2000, initial_scale=0.2).learned
    assert 0.199 < learned.abs().max() <= 0.2
    assert learned.std().item() == pytest.approx(0.4 / 12**0.5, rel=0.05)


def test_all_rows_are_saved() -> None:
    one, other = WordVectors(FIXED, 2), WordVectors(FIXED * 0, 2)
    other.load_state_dict(one.state_dict())
    assert torch.equal(one(IDS), other(IDS))
