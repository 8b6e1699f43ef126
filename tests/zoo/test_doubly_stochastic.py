from __future__ import annotations

import pytest
import torch

from attnbench.zoo.doubly_stochastic import doubly_stochastic

ALIGNMENT = torch.tensor([[[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]], [[0.2, 0.2, 0.6], [9.0, 9.0, 9.0]]]).double()
REAL = torch.tensor([[True, True], [True, False]])


def test_by_hand() -> None:
    """Sums over words are 0.6, 1.1, 0.3 and 0.2, 0.2, 0.6: neither batch nor annotations divide."""
    expected = [0.4**2 + 0.1**2 + 0.7**2, 0.8**2 + 0.8**2 + 0.4**2]
    assert doubly_stochastic(ALIGNMENT, REAL).tolist() == pytest.approx(expected)


def test_the_gradient_is_twice_what_is_missing_at_each_real_word() -> None:
    alignment = ALIGNMENT.clone().requires_grad_()
    (found,) = torch.autograd.grad(doubly_stochastic(alignment, REAL).sum(), alignment)
    missing = torch.tensor([[0.4, -0.1, 0.7], [0.8, 0.8, 0.4]]).double()
    torch.testing.assert_close(found, -2 * missing.unsqueeze(1) * REAL.unsqueeze(-1))


def test_no_penalty_where_each_annotation_is_seen_once() -> None:
    assert doubly_stochastic(torch.eye(4).unsqueeze(0), torch.ones(1, 4, dtype=torch.bool)).item() == 0


@pytest.mark.parametrize("target", [0.0, 1.0, 2 / 3])
def test_it_is_the_variance_of_what_cells_get_whatever_the_target(target: float) -> None:
    """A word's weights add up to 1, so s cells get t / s each in the mean: s Var + s (target - t / s)^2."""
    energies = torch.tensor([[[1.0, -0.5, 0.2], [0.3, 2.0, -1.0]]], dtype=torch.float64, requires_grad=True)
    alignment = energies.softmax(dim=-1)
    seen = alignment.sum(dim=1)
    variance = 3 * seen.var(dim=1, correction=0)
    penalty = doubly_stochastic(alignment, torch.ones(1, 2, dtype=torch.bool))
    other = (target - seen).square().sum(dim=1)
    torch.testing.assert_close(other, variance + 3 * (target - 2 / 3) ** 2)
    torch.testing.assert_close(penalty, variance + 3 * (1 - 2 / 3) ** 2)
    gradients = [torch.autograd.grad(each.sum(), energies, retain_graph=True) for each in (penalty, other)]
    torch.testing.assert_close(*gradients)


def test_what_padding_holds_does_not_matter() -> None:
    held = ALIGNMENT.masked_fill(~REAL.unsqueeze(-1), torch.nan)
    assert torch.equal(doubly_stochastic(held, REAL), doubly_stochastic(ALIGNMENT, REAL))
