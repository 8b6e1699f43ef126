"""A decoder's steps against autograd of the plain form."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
import torch
from torch import Tensor

from attnbench.zoo.additive_kernels import blocked
from attnbench.zoo.additive_kernels.steps import FusedSteps, PlainSteps, stepwise

SIZES = ((4, 5, 16), (3, 1, 1), (2, 7, 37), (5, 6, 64), (2, 3, 100))
"""b, s, a: one vector, one element, tails, blocks of vectors, blocks and a tail."""

Form = type[PlainSteps] | type[FusedSteps]
without = pytest.mark.skipif(find_spec("numba") is None, reason="the compiled steps need numba")
forms = pytest.mark.parametrize("form", [PlainSteps, pytest.param(FusedSteps, marks=without)])


def _inputs(b: int, s: int, a: int, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return query, keys, energy, a mask that hides a key or more, and the gradient of the scores."""
    generator = torch.Generator().manual_seed(b + s + a)
    query, keys, energy, given = (
        torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)
        for shape in ((b, a), (b, s, a), (a,), (b, s))
    )
    mask = torch.rand(b, s, generator=generator) > 0.4
    mask[0, 0] = False
    return query, keys, energy, mask, given * mask


@forms
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-4)])
def test_steps_equal_autograd_of_the_plain_form(
    form: Form, sizes: tuple[int, int, int], dtype: torch.dtype, tolerance: float
) -> None:
    query, keys, energy, mask, given = _inputs(*sizes, dtype=dtype)
    steps = form(keys, energy, mask)
    scores, of_query = torch.empty_like(given), torch.empty_like(query)
    for asked in (query, 0.5 * query):
        leaf = asked.double().clone().requires_grad_()
        plain = torch.tanh(leaf.unsqueeze(1) + keys.double()) @ energy.double()
        steps.scores(asked, scores)
        assert (scores[~mask] == torch.finfo(dtype).min).all()
        torch.testing.assert_close(scores[mask].double(), plain[mask].detach(), atol=tolerance, rtol=0)
        steps.of_query(given, asked, of_query)
        (expected,) = torch.autograd.grad(plain, leaf, given.double())
        torch.testing.assert_close(of_query.double(), expected, atol=tolerance, rtol=0)


@forms
def test_a_query_far_out_is_asked_all_the_same(form: Form) -> None:
    """q + k is 0.5 where q is 60 and k -59.5: beyond what exponentials of float32 hold."""
    query, energy = torch.full((1, 3), 60.0), torch.ones(3)
    keys = torch.full((1, 1, 3), -59.5)
    mask = torch.ones(1, 1, dtype=torch.bool)
    steps = form(keys.clamp(min=-blocked.LARGEST), energy, mask)
    scores, of_query = torch.empty(1, 1), torch.empty(1, 3)
    steps.scores(query, scores)
    assert scores.item() == pytest.approx(3.0)  # tanh(20) each
    steps.of_query(torch.ones(1, 1), query, of_query)
    assert of_query.abs().max() < 1e-6
    far = stepwise(keys, energy, mask)
    assert isinstance(far, PlainSteps)
    far.scores(query, scores)
    assert scores.item() == pytest.approx(3 * 0.46211715726)


@without
def test_a_step_writes_only_where_it_should() -> None:
    """Rows that end within a vector do not spill into their neighbours."""
    query, keys, energy, mask, given = _inputs(2, 3, 5, torch.float32)
    steps = FusedSteps(keys, energy, mask)
    room = torch.full((40,), 7.0)
    steps.scores(query, room[8:14].view(2, 3))
    assert (room[:8] == 7).all() and (room[14:] == 7).all() and (room[8:14] != 7).all()
    room.fill_(7)
    steps.of_query(given, query, room[8:18].view(2, 5))
    assert (room[:8] == 7).all() and (room[18:] == 7).all() and (room[8:18] != 7).all()
