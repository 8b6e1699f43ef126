from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from attnbench.zoo.packing import Packing
from attnbench.zoo.word_by_word import WordByWordAttention

PREMISES = torch.arange(4) < torch.tensor([[3], [4], [1]])
HYPOTHESES = torch.arange(3) < torch.tensor([[2], [1], [3]])


@pytest.fixture
def attention(draw: Callable[[nn.Module, int], None]) -> WordByWordAttention:
    mechanism = WordByWordAttention(5).double()
    draw(mechanism, 1)
    return mechanism


def _inputs() -> tuple[Tensor, Tensor]:
    """Return states (3, 3, 5) and annotations (3, 4, 5), large where padded."""
    generator = torch.Generator().manual_seed(2)
    states = torch.randn(3, 3, 5, generator=generator, dtype=torch.float64)
    annotations = torch.randn(3, 4, 5, generator=generator, dtype=torch.float64)
    annotations = annotations.masked_fill(~PREMISES.unsqueeze(-1), 50.0)
    return states.requires_grad_(), annotations.requires_grad_()


def _run(
    attention: WordByWordAttention, states: Tensor, annotations: Tensor, premises: Tensor = PREMISES
) -> tuple[Tensor, Tensor]:
    packing = Packing.of(HYPOTHESES)
    last, alignment = attention(packing.pack(states), packing, attention.prepare(annotations, premises))
    return last, packing.pad(alignment)


def test_by_hand_with_one_unit() -> None:
    """k = 1, W_y = W_h = 0 and W_r = 0: uniform alignment, so r_t = mean(Y) + tanh(W_t r_{t-1})."""
    attention = WordByWordAttention(1).double()
    for weight in attention.parameters():
        nn.init.zeros_(weight)
    nn.init.constant_(attention.carried.weight, 2.0)
    Y = torch.tensor([[[0.2], [0.6]]], dtype=torch.float64)
    packing = Packing.of(torch.ones(1, 2, dtype=torch.bool))
    memory = attention.prepare(Y, torch.ones(1, 2, dtype=torch.bool))
    last, alignment = attention(torch.zeros(2, 1, dtype=torch.float64), packing, memory)
    assert torch.equal(alignment, torch.full((2, 2), 0.5, dtype=torch.float64))
    assert last.item() == pytest.approx(0.4 + 0.664036770267849, abs=1e-12)  # tanh(2 * 0.4)


def test_padding_gets_no_weight_and_changes_nothing(attention: WordByWordAttention) -> None:
    states, annotations = _inputs()
    last, alignment = _run(attention, states, annotations)
    torch.testing.assert_close(alignment.sum(-1), HYPOTHESES.double(), atol=1e-12, rtol=0)
    assert (alignment[~(HYPOTHESES.unsqueeze(2) & PREMISES.unsqueeze(1))] == 0).all()
    other, _ = _run(attention, states, annotations.masked_fill(~PREMISES.unsqueeze(-1), -9.0))
    torch.testing.assert_close(last, other, atol=1e-12, rtol=0)


def test_gradcheck(attention: WordByWordAttention) -> None:
    states, annotations = _inputs()

    def run(states: Tensor, annotations: Tensor, *_: Tensor) -> tuple[Tensor, Tensor]:
        """The weights are moved in place."""
        return _run(attention, states, annotations)

    leaves = states, annotations.detach().clamp(max=2.0).requires_grad_(), *attention.parameters()
    assert torch.autograd.gradcheck(run, leaves, atol=1e-7, rtol=1e-5)


def test_an_empty_premise_gives_zeros_and_finite_gradients(attention: WordByWordAttention) -> None:
    states, annotations = _inputs()
    premises = PREMISES.clone()
    premises[1] = False
    last, alignment = _run(attention, states, annotations, premises)
    assert (alignment[1] == 0).all() and (last[1] == 0).all()
    last.sum().backward()
    for leaf in (states, annotations, *attention.parameters()):
        assert leaf.grad is not None and leaf.grad.isfinite().all()


def test_mixed_precision_stays_near(attention: WordByWordAttention) -> None:
    attention = attention.float()
    states, annotations = (tensor.detach().float().clamp(max=2.0) for tensor in _inputs())
    exact, _ = _run(attention, states, annotations)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed, _ = _run(attention, states, annotations)
    assert mixed.dtype == torch.float32
    torch.testing.assert_close(mixed, exact, atol=0.05, rtol=0)
