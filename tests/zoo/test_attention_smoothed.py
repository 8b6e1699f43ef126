"""Uniform weights, and weights on words whose values are sums over windows."""

from __future__ import annotations

from math import log

import pytest
import torch

from attnbench.zoo.attention import DotAttention, Mean, SmoothedDot

MASK = torch.tensor([[True] * 5, [True, True, False, False, False], [False] * 5])


def _annotations(size: int = 4) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(3, 5, size, generator=generator, dtype=torch.float64)


def test_the_mean_is_over_real_annotations() -> None:
    annotations = _annotations()
    mechanism = Mean()
    memory = mechanism.prepare(annotations, MASK)
    context, alignment, state = mechanism(torch.zeros(3, 2, 0), memory)
    expected = torch.stack([annotations[0].mean(0), annotations[1, :2].mean(0), torch.zeros(4)])
    torch.testing.assert_close(context, expected.unsqueeze(1).expand(-1, 2, -1), atol=1e-12, rtol=0)
    assert alignment is None and state is None and not mechanism.align and not mechanism.queried


def test_values_are_sums_over_windows_divided_by_q_by_hand() -> None:
    """Q = 2: of words 1, 2, 4, 8, 16 the sums are 7, 15, 31, 30, 28; of the words 1, 2 alone 3 and 3."""
    annotations = torch.tensor([1.0, 2, 4, 8, 16]).repeat(3, 1).unsqueeze(-1)
    memory = SmoothedDot(1, 1).prepare(annotations, MASK)
    assert memory.keys is not None and memory.keys[0].flatten().tolist() == [1, 2, 4, 8, 16]
    assert memory.values[0].flatten().tolist() == [3.5, 7.5, 15.5, 15.0, 14.0]
    assert memory.values[1, :2].flatten().tolist() == [1.5, 1.5]
    wide = SmoothedDot(1, 1, 7).prepare(annotations, MASK)
    assert (wide.values[0] * 7).flatten().tolist() == pytest.approx([31] * 5)


def test_weights_see_the_words_and_the_context_their_windows_by_hand() -> None:
    """Q = 1: e = 0, log 2, log 4; p = 1, 2, 4 of 7; sums are 1, 3, 3 times log 2."""
    annotations = (torch.tensor([[[0.0], [1.0], [2.0]]]) * log(2)).double()
    mechanism = SmoothedDot(1, 1, 1)
    memory = mechanism.prepare(annotations, torch.ones(1, 3, dtype=torch.bool))
    context, alignment, _ = mechanism(torch.ones(1, 1, 1, dtype=torch.float64), memory)
    assert alignment.flatten().tolist() == pytest.approx([1 / 7, 2 / 7, 4 / 7])
    assert context.item() == pytest.approx((1 * 1 + 2 * 3 + 4 * 3) / 7 * log(2))


@pytest.mark.parametrize("align", [True, False])
def test_without_neighbours_it_is_dot_attention(align: bool) -> None:
    queries, annotations = _annotations()[:, :2], _annotations().flip(0)
    made = [
        mechanism(queries, mechanism.prepare(annotations, MASK))[0]
        for mechanism in (SmoothedDot(4, 4, 0, align=align), DotAttention(4, 4, align=align))
    ]
    assert torch.equal(*made)


def test_gradients_of_windows() -> None:
    """Twice: the sum of a gradient is differentiable too."""
    mechanism = SmoothedDot(2, 2, 1)
    annotations = _annotations(2).requires_grad_()
    assert torch.autograd.gradcheck(lambda given: mechanism.prepare(given, MASK).values, annotations)
    assert torch.autograd.gradgradcheck(lambda given: mechanism.prepare(given, MASK).values ** 2, annotations)


def test_sizes_that_differ_are_refused_with_both() -> None:
    with pytest.raises(ValueError, match=r"SmoothedDot needs .* one size, not 4 and 8"):
        SmoothedDot(4, 8)
