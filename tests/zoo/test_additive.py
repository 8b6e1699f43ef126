"""Every implementation of additive attention on the CPU against the equations."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
import reference
import torch
from largest import Largest, peak_bytes
from torch import Tensor

from attnbench.zoo import additive_kernels
from attnbench.zoo.additive_kernels import additive_attention, additive_scores, pick

CPU = torch.device("cpu")
OURS = ("blocked", "fused")
SIZES = ((1, 1, 1, 1, 1), (2, 3, 4, 5, 3), (3, 4, 9, 16, 2), (2, 5, 7, 33, 4), (1, 9, 3, 70, 2))
"""b, q, k, a, d: one of each; tails of every vector and of every tile of queries; none."""


@pytest.fixture(params=OURS)
def implementation(request: pytest.FixtureRequest) -> str:
    if request.param == "fused":
        pytest.importorskip("numba")
    return str(request.param)


def _draw(*shape: int, seed: int, dtype: torch.dtype = torch.float64, scale: float = 1.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (scale * torch.randn(*shape, generator=generator, dtype=torch.float64)).to(dtype)


def _inputs(b: int, q: int, k: int, a: int, d: int, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    """Return query, keys, energy, values and mask; from two entries on, nothing of the last is real."""
    mask = torch.rand(b, k, generator=torch.Generator().manual_seed(5)) > 0.3
    mask[0, 0] = True
    mask[1:][-1:] = False
    shapes = ((b, q, a), (b, k, a), (a,), (b, k, d))
    return [*(_draw(*shape, seed=i, dtype=dtype) for i, shape in enumerate(shapes)), mask]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("dtype", "bits"), [(torch.float64, 50), (torch.float32, 22)])
def test_scores_equal_the_equation(
    implementation: str, sizes: tuple[int, int, int, int, int], dtype: torch.dtype, bits: int
) -> None:
    query, keys, energy, *_ = _inputs(*sizes, dtype=dtype)
    scores = additive_scores(query, keys, energy, implementation=implementation)
    assert scores.dtype == dtype
    expected = reference.additive_scores(query, keys, energy)
    limit = 2.0**-bits * float(energy.abs().sum())
    torch.testing.assert_close(scores.double(), expected, atol=limit, rtol=0)


def test_naive_scores_equal_the_equation() -> None:
    query, keys, energy, *_ = _inputs(2, 3, 4, 5, 3)
    scores = additive_scores(query, keys, energy, implementation="naive")
    torch.testing.assert_close(scores, reference.additive_scores(query, keys, energy), atol=1e-12, rtol=0)


@pytest.mark.slow
def test_compiled_scores_equal_the_equation() -> None:
    query, keys, energy, *_ = _inputs(2, 3, 4, 5, 3)
    scores = additive_scores(query, keys, energy, implementation="compiled")
    torch.testing.assert_close(scores, reference.additive_scores(query, keys, energy), atol=1e-12, rtol=0)


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("sizes", SIZES)
def test_attention_equals_the_equations(
    implementation: str, sizes: tuple[int, int, int, int, int], align: bool
) -> None:
    query, keys, energy, values, mask = _inputs(*sizes)
    contexts, alignment = additive_attention(
        query, keys, energy, values, mask, align=align, implementation=implementation
    )
    scores = reference.additive_scores(query, keys, energy)
    for b, q in torch.cartesian_prod(torch.arange(sizes[0]), torch.arange(sizes[1])).view(-1, 2).tolist():
        real = mask[b].nonzero().flatten()
        weights = torch.zeros_like(scores[b, q])
        if len(real):
            weights[real] = torch.stack(reference.softmax(list(scores[b, q, real])))
        torch.testing.assert_close(contexts[b, q], weights @ values[b], atol=1e-12, rtol=0)
        if align:
            assert alignment is not None
            torch.testing.assert_close(alignment[b, q], weights, atol=1e-12, rtol=0)
    assert (alignment is None) is not align


def _gradients(tensors: list[Tensor], align: bool, implementation: str) -> tuple[Tensor, ...]:
    """Return the gradients of query, keys, energy and values, given fixed ones of the results."""
    *leaves, mask = [x.detach().clone().requires_grad_(x.is_floating_point()) for x in tensors]
    contexts, alignment = additive_attention(*leaves, mask, align=align, implementation=implementation)
    total = (contexts * _draw(*contexts.shape, seed=8)).sum()
    if alignment is not None:
        total = total + (alignment * _draw(*alignment.shape, seed=9)).sum()
    return torch.autograd.grad(total, leaves)


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("sizes", [*SIZES, (2, 300, 5, 17, 3)])
def test_gradients_equal_those_of_the_plain_form(
    implementation: str, sizes: tuple[int, int, int, int, int], align: bool
) -> None:
    tensors = _inputs(*sizes)
    ours, plain = (_gradients(tensors, align, name) for name in (implementation, "naive"))
    for one, other in zip(ours, plain, strict=True):
        assert one.isfinite().all() and (sizes[2] == 1 or other.abs().max() > 1e-3)
        torch.testing.assert_close(one, other, atol=1e-11, rtol=1e-9)


@pytest.mark.parametrize("align", [True, False])
def test_gradcheck(implementation: str, align: bool) -> None:
    *leaves, mask = _inputs(2, 3, 4, 5, 2)

    def run(*leaves: Tensor) -> tuple[Tensor, ...]:
        found = additive_attention(*leaves, mask, align=align, implementation=implementation)
        return found[: 1 + align]  # type: ignore[return-value]

    assert torch.autograd.gradcheck(run, [x.requires_grad_() for x in leaves], atol=1e-8, rtol=1e-6)


@pytest.mark.parametrize("align", [True, False])
def test_an_entry_with_nothing_real_gives_zeros_and_no_gradient(implementation: str, align: bool) -> None:
    tensors = _inputs(2, 3, 4, 5, 2, dtype=torch.float32)
    contexts, alignment = additive_attention(*tensors, align=align, implementation=implementation)
    assert (contexts[1] == 0).all() and (contexts[0] != 0).all()
    assert alignment is None or (alignment[1] == 0).all()
    of_query, of_keys, _, of_values = _gradients(tensors, align, implementation)
    for gradient in (of_query, of_keys, of_values):
        assert (gradient[1] == 0).all() and gradient[0].any()


@pytest.mark.parametrize("opposite", [False, True])
@pytest.mark.parametrize("scale", [1e-3, 0.1, 1.0, 5.0, 10.0, 30.0, 100.0])
def test_float32_errs_as_little_as_the_plain_form(implementation: str, scale: float, opposite: bool) -> None:
    """Twice the plain form's error, or twice the last bit of the sum of all |v|, both against float64."""
    query = _draw(2, 33, 96, seed=0, dtype=torch.float32, scale=scale)
    keys = -query if opposite else _draw(2, 40, 96, seed=1, dtype=torch.float32, scale=scale)
    energy, given = _draw(96, seed=2, dtype=torch.float32), _draw(2, 33, keys.shape[1], seed=3)

    def run(name: str, dtype: torch.dtype) -> list[Tensor]:
        leaves = [x.to(dtype).requires_grad_() for x in (query, keys, energy)]
        scores = additive_scores(*leaves, implementation=name)
        return [x.double() for x in (scores, *torch.autograd.grad(scores, leaves, given.to(dtype)))]

    truth = run("naive", torch.float64)
    plain, ours = (
        [(x - y).abs().max() for x, y in zip(run(name, torch.float32), truth, strict=True)]
        for name in ("naive", implementation)
    )
    most, weights = energy.abs().double(), given.abs()
    summed = (most.sum(), most.max() * weights.sum(2).max(), most.max() * weights.sum(1).max(), weights.sum())
    for error, limit, size in zip(ours, plain, summed, strict=True):
        assert error <= 2 * max(limit, 2**-23 * size)


def test_what_is_no_number_stays_none(implementation: str) -> None:
    query, keys, energy, *_ = _inputs(1, 2, 3, 4, 1, dtype=torch.float32)
    query[0, 1, 2] = torch.nan
    scores = additive_scores(query, keys, energy, implementation=implementation)
    assert scores[0, 1].isnan().all() and scores[0, 0].isfinite().all()


def test_inputs_need_not_be_contiguous(implementation: str) -> None:
    query, keys, energy, values, mask = _inputs(3, 4, 9, 16, 2)
    plain = _gradients([query, keys, energy, values, mask], True, implementation)
    spread = [x.transpose(0, 1).contiguous().transpose(0, 1) for x in (query, keys)]
    assert not spread[0].is_contiguous()
    wide = torch.stack([energy, energy], dim=1)[:, 0]
    leaves = [x.requires_grad_() for x in (*spread, wide, values)]
    contexts, alignment = additive_attention(*leaves, mask, implementation=implementation)
    assert alignment is not None
    total = (contexts * _draw(3, 4, 2, seed=8)).sum() + (alignment * _draw(3, 4, 9, seed=9)).sum()
    for one, other in zip(torch.autograd.grad(total, leaves), plain, strict=True):
        torch.testing.assert_close(one, other, atol=1e-13, rtol=0)


@pytest.mark.parametrize(("dtype", "bits"), [(torch.bfloat16, 8), (torch.float16, 11)])
@pytest.mark.parametrize("align", [True, False])
def test_half_types_compute_in_float32_and_round_once(
    implementation: str, dtype: torch.dtype, bits: int, align: bool
) -> None:
    tensors = [x.to(dtype) if x.is_floating_point() else x for x in _inputs(2, 5, 7, 33, 4)]
    exact = [x.double() if x.is_floating_point() else x for x in tensors]
    scores = additive_scores(*tensors[:3], implementation=implementation)
    expected = reference.additive_scores(*exact[:3])
    assert scores.dtype == dtype
    torch.testing.assert_close(scores.double(), expected, atol=1e-5, rtol=2.0**-bits)
    contexts, _ = additive_attention(*tensors, align=align, implementation=implementation)
    truth, _ = additive_attention(*exact, implementation="naive")
    assert contexts.dtype == dtype
    torch.testing.assert_close(contexts.double(), truth, atol=2.0 ** (3 - bits), rtol=0)


def _peaks(implementation: str, align: bool) -> list[float]:
    """Return the peak over forward and backward at 512 and 1024 queries and keys, in units of b q k."""
    peaks = []
    for length in (512, 1024):
        *leaves, mask = _inputs(1, length, length, 48, 8, dtype=torch.float32)
        leaves = [x.requires_grad_() for x in leaves]

        def run(leaves: list[Tensor] = leaves, mask: Tensor = mask) -> None:
            contexts, _ = additive_attention(*leaves, mask, align=align, implementation=implementation)
            contexts.sum().backward()

        peaks.append(peak_bytes(run) / (4 * length**2))
    return peaks


def test_the_plain_form_holds_every_tanh() -> None:
    assert min(_peaks("naive", align=True)) > 48


def test_aligned_memory_grows_with_queries_times_keys(implementation: str) -> None:
    """Ten or so tensors (b, q, k), and a tile."""
    assert max(_peaks(implementation, align=True)) < 12


def test_memory_without_alignment_grows_with_queries_plus_keys(implementation: str) -> None:
    small, large = _peaks(implementation, align=False)
    assert large < 0.6 * small and large < 3


def test_auto_takes_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    assert pick("auto", CPU) == pick("fused", CPU) == "fused"
    assert pick("auto", torch.device("meta")) == "blocked"
    assert [pick(name, CPU) for name in additive_kernels.IMPLEMENTATIONS] == list(
        additive_kernels.IMPLEMENTATIONS
    )


@pytest.fixture
def without_numba(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "numba", None)
    for name in ("native", "lanes"):
        monkeypatch.delitem(sys.modules, f"attnbench.zoo.additive_kernels.{name}", raising=False)
    additive_kernels._fused.cache_clear()
    yield
    additive_kernels._fused.cache_clear()


@pytest.mark.usefixtures("without_numba")
def test_without_numba_auto_is_blocked_and_fused_says_why() -> None:
    assert pick("auto", CPU) == "blocked"
    with pytest.raises(ValueError, match=r"fused additive attention is not available: .*numba.*'blocked'"):
        pick("fused", CPU)
    query, keys, energy, *_ = _inputs(2, 3, 4, 5, 3)
    expected = reference.additive_scores(query, keys, energy)
    torch.testing.assert_close(additive_scores(query, keys, energy), expected, atol=1e-12, rtol=0)


def test_errors_say_what_to_mend() -> None:
    query, keys, energy, values, mask = _inputs(2, 3, 4, 5, 3)
    with pytest.raises(ValueError, match=r"called 'quick': use naive, compiled, blocked, fused, auto"):
        pick("quick", CPU)
    with pytest.raises(ValueError, match=r"not \[\(2, 3, 5\), \(2, 4, 5\), \(4,\)\]"):
        additive_scores(query, keys, energy[:4])
    with pytest.raises(ValueError, match="one batch size, not 2 and 1"):
        additive_attention(query, keys[:1], energy, values, mask, align=False)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("sizes", [(2, 1, 4, 5, 3), (3, 1, 9, 33, 2)])
def test_a_lone_query_without_gradients_stores_nothing_of_keys_by_size(
    sizes: tuple[int, int, int, int, int], dtype: torch.dtype
) -> None:
    pytest.importorskip("numba")
    query, keys, energy, values, mask = _inputs(*sizes, dtype=dtype)
    with torch.no_grad():
        _, alignment = additive_attention(query, keys, energy, values, mask)
        with Largest() as seen:
            scores = additive_scores(query, keys, energy)
    assert seen.numbers == scores.numel()
    limit = 2.0 ** (-50 if dtype == torch.float64 else -22) * float(energy.abs().sum())
    expected = reference.additive_scores(query, keys, energy)
    torch.testing.assert_close(scores.double(), expected, atol=limit, rtol=0)
    assert alignment is not None
    weights = (expected.masked_fill(~mask.unsqueeze(1), -1e9).softmax(dim=-1) * mask.unsqueeze(1)).to(dtype)
    torch.testing.assert_close(alignment, weights, atol=4 * limit, rtol=0)
