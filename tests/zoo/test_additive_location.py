"""Additive scores with a location term against the equations, in every implementation on the CPU."""

from __future__ import annotations

import pytest
import reference
import torch
from largest import Largest
from torch import Tensor

from attnbench.zoo.additive_kernels import Location, additive_scores

SIZES = ((1, 1, 1, 1, 1), (2, 3, 4, 5, 3), (3, 4, 9, 16, 1), (2, 5, 7, 33, 10), (1, 9, 3, 70, 17))
"""b, q, k, a, f: one of each; tails of every vector."""
OURS = ("blocked", "fused")


@pytest.fixture(params=OURS)
def implementation(request: pytest.FixtureRequest) -> str:
    if request.param == "fused":
        pytest.importorskip("numba")
    return str(request.param)


def _inputs(
    b: int, q: int, k: int, a: int, f: int, dtype: torch.dtype = torch.float64, scale: float = 1.0
) -> list[Tensor]:
    """Return query, keys, energy, features and their matrix."""
    generator = torch.Generator().manual_seed(b + q + k + a + f)
    shapes = ((b, q, a), (b, k, a), (a,), (b, q, k, f), (a, f))
    drawn = [torch.randn(*shape, generator=generator, dtype=torch.float64) for shape in shapes]
    drawn[2:3] = [drawn[2] / scale]
    return [(scale * x).to(dtype) for x in drawn]


def _scores(tensors: list[Tensor], implementation: str) -> Tensor:
    return additive_scores(*tensors[:3], Location(*tensors[3:]), implementation=implementation)


def _given(scores: Tensor) -> Tensor:
    """Return a gradient for the scores."""
    generator = torch.Generator().manual_seed(3)
    return torch.randn(scores.shape, generator=generator).to(scores.dtype)


def _run(tensors: list[Tensor], implementation: str) -> list[Tensor]:
    """Return the scores and the gradients of all five, given fixed ones of the scores."""
    leaves = [x.detach().clone().requires_grad_() for x in tensors]
    scores = _scores(leaves, implementation)
    return [scores.detach(), *torch.autograd.grad(scores, leaves, _given(scores))]


def _literal(tensors: list[Tensor]) -> Tensor:
    """Return the scores, each query's with keys of its own."""
    query, keys, energy, features, matrix = (x.double() for x in tensors)
    scores = []
    for q in range(query.shape[1]):
        term = sum(features[:, q, :, f, None] * matrix[:, f] for f in range(matrix.shape[1]))
        scores.append(reference.additive_scores(query[:, q : q + 1], keys + term, energy))
    return torch.cat(scores, dim=1)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("dtype", "bits"), [(torch.float64, 49), (torch.float32, 21)])
def test_scores_equal_the_equation(
    implementation: str, sizes: tuple[int, int, int, int, int], dtype: torch.dtype, bits: int
) -> None:
    tensors = _inputs(*sizes, dtype=dtype)
    scores = _scores(tensors, implementation)
    assert scores.dtype == dtype
    limit = 2.0**-bits * float(tensors[2].abs().sum())
    torch.testing.assert_close(scores.double(), _literal(tensors), atol=limit, rtol=0)


@pytest.mark.parametrize("name", ["naive", pytest.param("compiled", marks=pytest.mark.slow)])
def test_plain_scores_equal_the_equation(name: str) -> None:
    tensors = _inputs(2, 3, 4, 5, 3)
    torch.testing.assert_close(_scores(tensors, name), _literal(tensors), atol=1e-12, rtol=0)


@pytest.mark.parametrize("sizes", [*SIZES, (2, 300, 5, 17, 3), (2, 1, 700, 512, 3)])
def test_gradients_equal_those_of_the_plain_form(
    implementation: str, sizes: tuple[int, int, int, int, int]
) -> None:
    tensors = _inputs(*sizes)
    for one, other in zip(_run(tensors, implementation), _run(tensors, "naive"), strict=True):
        assert other.abs().max() > 1e-3
        torch.testing.assert_close(one, other, atol=1e-11, rtol=1e-9)


def test_gradcheck(implementation: str) -> None:
    leaves = [x.requires_grad_() for x in _inputs(2, 3, 4, 5, 2)]
    assert torch.autograd.gradcheck(lambda *x: _scores(list(x), implementation), leaves, atol=1e-8, rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-3, 0.1, 1.0, 5.0, 10.0, 30.0, 100.0])
def test_float32_errs_as_little_as_the_plain_form(implementation: str, scale: float) -> None:
    """Twice the plain form's error, or twice the last bit of the sum of all terms, both against float64."""
    tensors = _inputs(2, 33, 40, 96, 3, dtype=torch.float32, scale=scale)
    truth = _run([x.double() for x in tensors], "naive")
    plain, ours = (_run(tensors, name) for name in ("naive", implementation))
    energy, (features, matrix) = tensors[2].abs().double(), (x.abs().double() for x in tensors[3:])
    given = _given(truth[0]).abs()
    summed = (
        energy.sum(), energy.max() * given.sum(2).max(), energy.max() * given.sum(1).max(), given.sum(),
        given.max() * (energy @ matrix).max(),
        energy.max() * (given.unsqueeze(3) * features).sum((0, 1, 2)).max(),
    )  # fmt: skip
    for one, other, exact, size in zip(ours, plain, truth, summed, strict=True):
        limit = max((other - exact).abs().max(), 2**-23 * size)
        assert (one - exact).abs().max() <= 2 * limit


def test_what_is_no_number_stays_none(implementation: str) -> None:
    tensors = _inputs(1, 2, 3, 20, 2, dtype=torch.float32)
    tensors[3][0, 1, 2, 0] = torch.nan
    scores = _scores(tensors, implementation)
    assert scores.isnan().nonzero().tolist() == [[0, 1, 2]]


def test_terms_beyond_every_exponential_are_one(implementation: str) -> None:
    tensors = _inputs(1, 1, 2, 20, 1)
    tensors[3] = torch.tensor([1e30, -1e30]).double().view(1, 1, 2, 1)
    tensors[4] = torch.ones(20, 1).double()
    expected = tensors[2].sum() * torch.tensor([[[1.0, -1.0]]], dtype=torch.float64)
    torch.testing.assert_close(_scores(tensors, implementation), expected, atol=1e-12, rtol=0)


def test_inputs_need_not_be_contiguous(implementation: str) -> None:
    tensors = _inputs(3, 4, 9, 16, 2)
    spread = [x.mT.contiguous().mT if x.ndim > 1 else torch.stack([x, x], dim=1)[:, 0] for x in tensors]
    assert not any(x.is_contiguous() for x in spread)
    leaves = [x.requires_grad_() for x in spread]
    scores = _scores(leaves, implementation)
    found = [scores, *torch.autograd.grad(scores, leaves, _given(scores))]
    for one, other in zip(found, _run(tensors, implementation), strict=True):
        torch.testing.assert_close(one, other, atol=1e-13, rtol=0)


@pytest.mark.parametrize(("dtype", "bits"), [(torch.bfloat16, 8), (torch.float16, 11)])
def test_half_types_compute_in_float32_and_round_once(
    implementation: str, dtype: torch.dtype, bits: int
) -> None:
    tensors = _inputs(2, 5, 7, 33, 4, dtype=dtype)
    scores = _scores(tensors, implementation)
    assert scores.dtype == dtype
    torch.testing.assert_close(scores.double(), _literal(tensors), atol=1e-5, rtol=2.0**-bits)


@pytest.mark.parametrize("queries", [1, 3])
def test_nothing_is_of_queries_by_keys_by_size(implementation: str, queries: int) -> None:
    """The largest tensors are the keys and their gradient."""
    batch, keys, size = 2, 300, 1024
    tensors = _inputs(batch, queries, keys, size, 4, dtype=torch.float32)
    with Largest() as seen:
        _run(tensors, implementation)
    assert seen.numbers == batch * keys * size
    with Largest() as seen:
        _run(tensors, "naive")
    assert seen.numbers == batch * queries * keys * size


def test_auto_is_fused_even_for_one_query() -> None:
    """A plain form would hold a tensor for the gradient, and here it is no quicker."""
    pytest.importorskip("numba")
    tensors = _inputs(2, 1, 7, 33, 4, dtype=torch.float32)
    assert torch.equal(_scores(tensors, "auto"), _scores(tensors, "fused"))


def test_errors_say_what_to_mend() -> None:
    tensors = _inputs(2, 3, 4, 5, 6)
    with pytest.raises(
        ValueError, match=r"must be \[\(2, 3, 4, 6\), \(5, 6\)\], not \[\(2, 3, 4, 5\), \(5, 6\)\]"
    ):
        _scores([*tensors[:3], tensors[3][..., :5], tensors[4]], "blocked")
