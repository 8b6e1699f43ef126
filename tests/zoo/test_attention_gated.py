"""A gate before the context of any mechanism."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from attnbench.zoo.attention import MECHANISMS, DotAttention, Gated, Hard, Mean

Draw = Callable[[nn.Module, int], None]

SIZE = 5


def test_by_hand() -> None:
    """f(q) = 2 q_1 - q_2 + b; sigma(log 3) = 3/4 and sigma(-log 4) = 1/5 of a mean (2, 4)."""
    gated = Gated(Mean(), 2).double()
    numbers = partial(torch.tensor, dtype=torch.float64)
    gated.selector.weight.data = numbers([[2.0, -1.0]])
    gated.selector.bias.data.fill_(1.0)
    query = numbers([[[math.log(3.0), math.log(3.0) + 1], [-math.log(4.0), 1 - math.log(4.0)]]])
    annotations = numbers([[[1.0, 2.0], [3.0, 6.0]]])
    context, alignment, state = gated(query, gated.prepare(annotations, torch.ones(1, 2, dtype=torch.bool)))
    torch.testing.assert_close(context, numbers([[[1.5, 3.0], [0.4, 0.8]]]), atol=1e-12, rtol=0)
    torch.testing.assert_close(gated.gate(query), numbers([[0.75, 0.2]]), atol=1e-12, rtol=0)
    assert alignment is None and state is None and gated.queried and not gated.align


@pytest.mark.parametrize("name", MECHANISMS)
def test_everything_but_the_context_is_the_mechanisms_own(name: str, draw: Draw) -> None:
    within = MECHANISMS[name](SIZE, SIZE, 4)
    gated = Gated(within, SIZE).double()
    draw(gated, 1)
    generator = torch.Generator().manual_seed(2)
    numbers = partial(torch.randn, generator=generator, dtype=torch.float64)
    query, annotations, mask = (
        numbers(3, 2, SIZE),
        numbers(3, 6, SIZE),
        torch.arange(6) < torch.tensor([[6], [2], [0]]),
    )
    memory, ours, theirs = gated.prepare(annotations, mask), None, None
    for _ in range(2):
        context, alignment, ours = gated(query, memory, ours)
        other, aligned, theirs = within(query, memory, theirs)
        torch.testing.assert_close(context, other * gated.gate(query).unsqueeze(-1))
        assert (alignment is None) is (aligned is None) is not gated.align
        if aligned is not None:
            assert isinstance(alignment, Tensor) and torch.equal(alignment, aligned)
    assert (ours is None) is (theirs is None)


def test_a_gate_opens_draws_too(draw: Draw) -> None:
    gated = Gated(DotAttention(SIZE, SIZE, normaliser=Hard()), SIZE)
    draw(gated, 1)
    annotations, mask = torch.randn(4, 6, SIZE), torch.ones(4, 6, dtype=torch.bool)
    query = torch.randn(4, 1, SIZE)
    context, alignment, state = gated(query, gated.prepare(annotations, mask))
    drawn = annotations[torch.arange(4), alignment.argmax(-1).flatten()]
    torch.testing.assert_close(context[:, 0], drawn * gated.gate(query))
    torch.testing.assert_close(state.expected.sum(-1), torch.ones(4, 1))
