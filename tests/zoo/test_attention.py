from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import reference
import torch
from torch import Tensor, nn

from attnbench.zoo.attention import AdditiveAttention, FixedVector, masked_softmax

LENGTHS = (4, 1, 3)


@pytest.fixture
def attention(draw: Callable[[nn.Module, int], None]) -> AdditiveAttention:
    mechanism = AdditiveAttention(query=3, annotation=5, size=4).double()
    draw(mechanism, 1)
    return mechanism


def _inputs() -> tuple[Tensor, Tensor, Tensor]:
    """Return queries (3, 2, 3), annotations (3, 4, 5), large where padded, and the mask of ``LENGTHS``."""
    generator = torch.Generator().manual_seed(2)
    queries = torch.randn(3, 2, 3, generator=generator, dtype=torch.float64)
    annotations = torch.randn(3, 4, 5, generator=generator, dtype=torch.float64)
    mask = torch.arange(4) < torch.tensor(LENGTHS)[:, None]
    return queries, annotations.masked_fill(~mask.unsqueeze(-1), 1e3), mask


def test_masked_softmax_by_hand() -> None:
    energy = torch.tensor([[math.log(1.0), math.log(3.0), 50.0], [7.0, 7.0, 7.0], [-4.0, 2.0, 0.0]])
    mask = torch.tensor([[True, True, False], [True, True, True], [True, False, False]])
    expected = torch.tensor([[0.25, 0.75, 0.0], [1 / 3, 1 / 3, 1 / 3], [1.0, 0.0, 0.0]])
    torch.testing.assert_close(masked_softmax(energy, mask), expected, atol=1e-7, rtol=0)


def test_masked_softmax_keeps_large_and_small_energies() -> None:
    energy = torch.tensor([[1e4, 1e4 + math.log(4.0)], [-1e30, -1e30]], dtype=torch.float64)
    weights = masked_softmax(energy, torch.ones(2, 2, dtype=torch.bool))
    torch.testing.assert_close(
        weights, torch.tensor([[0.2, 0.8], [0.5, 0.5]], dtype=torch.float64), rtol=1e-11, atol=0
    )


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_nothing_to_attend_to_gives_zeros_and_finite_gradients(
    attention: AdditiveAttention, dtype: torch.dtype
) -> None:
    attention = attention.to(dtype)
    queries, annotations, mask = _inputs()
    mask[1] = False
    annotations = annotations.masked_fill(~mask.unsqueeze(-1), 1.0).to(dtype).requires_grad_()
    context, alignment, _ = attention(queries.to(dtype), attention.prepare(annotations, mask))
    assert alignment is not None
    assert (alignment[1] == 0).all() and (context[1] == 0).all()
    tolerance = {torch.bfloat16: 1e-2, torch.float16: 2e-3}.get(dtype, 1e-6)
    torch.testing.assert_close(
        alignment[[0, 2]].sum(-1), torch.ones(2, 2, dtype=dtype), atol=tolerance, rtol=0
    )
    context.float().square().sum().backward()
    assert annotations.grad is not None and annotations.grad.isfinite().all()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in attention.parameters())


def test_additive_attention_equals_the_equations(attention: AdditiveAttention) -> None:
    queries, annotations, mask = _inputs()
    context, alignment, state = attention(queries, attention.prepare(annotations, mask))
    assert alignment is not None and state is None
    for b, length in enumerate(LENGTHS):
        for k in range(2):
            c, alpha = reference.attend(
                attention.query.weight, attention.key.weight, attention.energy,
                queries[b, k], list(annotations[b, :length]),
            )  # fmt: skip
            torch.testing.assert_close(context[b, k], c, atol=1e-10, rtol=0)
            torch.testing.assert_close(alignment[b, k, :length], alpha, atol=1e-12, rtol=0)
            assert (alignment[b, k, length:] == 0).all()


def test_gradients_of_additive_attention_equal_the_equations(attention: AdditiveAttention) -> None:
    queries, annotations, mask = _inputs()
    weight = torch.linspace(-1, 1, 30, dtype=torch.float64).view(3, 2, 5)
    leaves = [queries.requires_grad_(), annotations.requires_grad_(), *attention.parameters()]
    context, _, _ = attention(queries, attention.prepare(annotations, mask))
    ours = torch.autograd.grad((context * weight).sum(), leaves)
    total = torch.zeros((), dtype=torch.float64)
    for b, length in enumerate(LENGTHS):
        for k in range(2):
            c, _ = reference.attend(
                attention.query.weight, attention.key.weight, attention.energy,
                queries[b, k], list(annotations[b, :length]),
            )  # fmt: skip
            total = total + (c * weight[b, k]).sum()
    for one, other in zip(ours, torch.autograd.grad(total, leaves), strict=True):
        assert other.abs().max() > 1e-3
        torch.testing.assert_close(one, other, atol=1e-10, rtol=1e-10)


def test_gradcheck_of_additive_attention(attention: AdditiveAttention) -> None:
    queries, annotations, mask = _inputs()

    def run(queries: Tensor, annotations: Tensor, *_: Tensor) -> tuple[Tensor, Tensor]:
        """The weights are moved in place."""
        context, alignment, _state = attention(queries, attention.prepare(annotations, mask))
        assert alignment is not None
        return context, alignment

    inputs = queries.requires_grad_(), annotations.clamp(max=2.0).requires_grad_(), *attention.parameters()
    assert torch.autograd.gradcheck(run, inputs, atol=1e-7, rtol=1e-5)


def test_additive_attention_has_no_bias_and_keeps_no_tensor(attention: AdditiveAttention) -> None:
    assert {name: tuple(p.shape) for name, p in attention.named_parameters()} == {
        "energy": (4,), "query.weight": (4, 3), "key.weight": (4, 5),
    }  # fmt: skip
    queries, annotations, mask = _inputs()
    before = set(vars(attention))
    attention(queries, attention.prepare(annotations, mask))
    assert set(vars(attention)) == before and not list(attention.buffers())


def test_many_queries_at_once_equal_one_at_a_time(attention: AdditiveAttention) -> None:
    queries, annotations, mask = _inputs()
    memory = attention.prepare(annotations, mask)
    together = attention(queries, memory)
    for k in range(2):
        apart = attention(queries[:, k : k + 1], memory)
        torch.testing.assert_close(apart[0][:, 0], together[0][:, k], atol=1e-12, rtol=0)
        torch.testing.assert_close(apart[1][:, 0], together[1][:, k], atol=1e-12, rtol=0)


def test_the_fixed_vector_is_the_last_real_annotation() -> None:
    queries, annotations, mask = _inputs()
    attention = FixedVector()
    context, alignment, state = attention(queries, attention.prepare(annotations, mask))
    assert alignment is None and state is None and context.shape == (3, 2, 5)
    for b, length in enumerate(LENGTHS):
        for k in range(2):
            assert torch.equal(context[b, k], annotations[b, length - 1])
