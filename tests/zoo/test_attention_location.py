from __future__ import annotations

import pytest
import torch
from torch import Tensor

from attnbench.zoo.attention import LocationAwareAttention, Previous


def _blind(width: int, filters: Tensor) -> LocationAwareAttention:
    """Return a mechanism whose energies are 1 tanh(f_j), whatever query and annotations are."""
    attention = LocationAwareAttention(1, 1, 1, filters=1, width=width).double()
    for parameter in attention.parameters():
        parameter.data.zero_()
    attention.filters.weight.data[0, 0] = filters
    attention.location.weight.data.fill_(1.0)
    attention.energy.data.fill_(1.0)
    return attention


def _energies(attention: LocationAwareAttention, before: Tensor | None, length: int) -> Tensor:
    """Return the logarithm of the alignment (k, s), but for a constant."""
    mask = torch.ones(1, length, dtype=torch.bool)
    memory = attention.prepare(torch.zeros(1, length, 1, dtype=torch.float64), mask)
    hypotheses = 1 if before is None else len(before)
    query = torch.zeros(1, hypotheses, 1, dtype=torch.float64)
    state = None if before is None else Previous(before.unsqueeze(0), None)
    alignment = attention(query, memory, state)[1]
    assert alignment is not None
    return alignment[0].log() - alignment[0, :, :1].log()


def test_each_hypothesis_sees_its_own_alignment_of_the_step_before() -> None:
    """A filter of (0, 0, 1) looks one token to the right."""
    attention = _blind(3, torch.tensor([0.0, 0.0, 1.0]))
    before = torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4]], dtype=torch.float64)
    seen = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.2, 0.3, 0.4, 0.0]], dtype=torch.float64).tanh()
    torch.testing.assert_close(_energies(attention, before, 4), seen - seen[:, :1], atol=1e-12, rtol=0)


def test_before_the_first_step_all_weight_is_on_the_first_token() -> None:
    attention = _blind(5, torch.tensor([0.1, 0.2, 0.3, 0.4, 0.5], dtype=torch.float64))
    seen = torch.tensor([[0.3, 0.2, 0.1, 0.0, 0.0, 0.0]], dtype=torch.float64).tanh()
    torch.testing.assert_close(_energies(attention, None, 6), seen - seen[:, :1], atol=1e-12, rtol=0)


def test_a_source_shorter_than_the_filters_is_aligned() -> None:
    attention = _blind(201, torch.ones(201))
    assert _energies(attention, None, 3).tolist() == [[0.0, 0.0, 0.0]]


def test_the_gradient_reaches_the_alignment_of_the_step_before() -> None:
    torch.manual_seed(0)
    attention = LocationAwareAttention(3, 4, 5, filters=2, width=3).double()
    memory = attention.prepare(torch.randn(2, 6, 4).double(), torch.ones(2, 6, dtype=torch.bool))
    first_query = torch.randn(2, 1, 3).double().requires_grad_()
    _, _, state = attention(first_query, memory)
    context, _, _ = attention(torch.randn(2, 1, 3).double(), memory, state)
    (gradient,) = torch.autograd.grad(context.square().sum(), first_query)
    assert gradient.abs().min() > 0


@pytest.mark.parametrize("width", [0, 200])
def test_a_filter_has_a_middle(width: int) -> None:
    with pytest.raises(ValueError, match=f"width is {width}"):
        LocationAwareAttention(3, 4, 5, width=width)
