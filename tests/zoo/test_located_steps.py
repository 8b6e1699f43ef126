"""A decoder's steps with a location term against autograd of the plain form."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
import torch
from torch import Tensor

from attnbench.zoo.additive_kernels.located_steps import FusedLocated, LocatedSteps, PlainLocated
from attnbench.zoo.additive_kernels.plain import naive

SIZES = ((4, 5, 16, 2), (3, 1, 1, 1), (2, 7, 37, 3), (2, 18, 64, 10))
"""b, s, a, f: tiles of keys and vectors of a, whole and cut."""

Form = type[PlainLocated] | type[FusedLocated]
without = pytest.mark.skipif(find_spec("numba") is None, reason="the compiled steps need numba")
forms = pytest.mark.parametrize("form", [PlainLocated, pytest.param(FusedLocated, marks=without)])


def _numbers(generator: torch.Generator, dtype: torch.dtype, *shapes: tuple[int, ...]) -> list[Tensor]:
    return [torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype) for shape in shapes]


@forms
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-4)])
def test_steps_equal_autograd_of_the_plain_form(
    form: Form, sizes: tuple[int, int, int, int], dtype: torch.dtype, tolerance: float
) -> None:
    """Two steps: gradients of query and features are each one's, those of the rest are added up."""
    b, s, a, f = sizes
    generator = torch.Generator().manual_seed(sum(sizes))
    keys, energy, matrix = _numbers(generator, dtype, (b, s, a), (a,), (a, f))
    mask = torch.rand(b, s, generator=generator) > 0.4
    mask[0, 0] = False
    steps: LocatedSteps = form(keys, energy, matrix, mask)
    shared = [x.double().clone().requires_grad_() for x in (keys, energy, matrix)]
    summed = [torch.zeros_like(x) for x in shared]
    for _ in range(2):
        query, features, given = _numbers(generator, dtype, (b, a), (b, s, f), (b, s))
        given = given * mask
        own = [x.double().clone().requires_grad_() for x in (query, features)]
        plain = naive(own[0].unsqueeze(1), *shared[:2], own[1].unsqueeze(1), shared[2]).squeeze(1)
        scores, of_query, of_features = (torch.full_like(x, 7) for x in (given, query, features))
        steps.scores(query, features, scores)
        assert (scores[~mask] == torch.finfo(dtype).min).all()
        torch.testing.assert_close(scores[mask].double(), plain[mask].detach(), atol=tolerance, rtol=0)
        steps.gradients(given, query, features, of_query, of_features)
        expected = torch.autograd.grad(plain, [*own, *shared], given.double())
        for one, other in zip((of_query, of_features), expected, strict=False):
            torch.testing.assert_close(one.double(), other, atol=tolerance, rtol=0)
        summed = [total + share for total, share in zip(summed, expected[2:], strict=True)]
    for one, other in zip(steps.summed(), summed, strict=True):
        torch.testing.assert_close(one.double(), other, atol=tolerance, rtol=0)


@forms
def test_what_is_far_out_is_asked_all_the_same(form: Form) -> None:
    """q + k + U f is 0.5 where q is 600 and k -400; and 1000, where tanh is 1."""
    keys, mask = torch.tensor([-400.0, 400.0]).view(1, 2, 1).expand(1, 2, 3), torch.ones(1, 2).bool()
    steps = form(keys, torch.ones(3), torch.full((3, 1), -1.0), mask)
    query, features = torch.full((1, 3), 600.0), torch.tensor([[[199.5], [0.0]]])
    scores, of_query, of_features = torch.empty(1, 2), torch.empty(1, 3), torch.empty(1, 2, 1)
    steps.scores(query, features, scores)
    assert scores.tolist() == [[pytest.approx(3 * 0.46211715726), pytest.approx(3.0)]]
    steps.gradients(torch.ones(1, 2), query, features, of_query, of_features)
    slope = 1 - 0.46211715726**2
    torch.testing.assert_close(of_query, torch.full((1, 3), slope), atol=1e-6, rtol=0)
    assert of_features.flatten().tolist() == [pytest.approx(-3 * slope), pytest.approx(0)]
