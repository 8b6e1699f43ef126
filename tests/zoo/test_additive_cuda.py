"""The Triton kernels of additive attention against literal loops in float64.

Without a GPU they run in Triton's interpreter, in a process of its own: it must be chosen before Triton is
imported. This file is then the program: it works through CASES, LOCATED and STEPS and saves what comes out.
"""

from __future__ import annotations

import importlib.util
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

Results = dict[str, list[Tensor]]
Attend = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


class Case(NamedTuple):
    batch: int = 2
    queries: int = 5
    keys: int = 7
    size: int = 19
    scale: float = 1.0
    opposite: bool = False
    """Whether keys are the queries with a minus sign, so that far apart values meet near zero."""
    dtype: torch.dtype = torch.float32


CASES = {
    "one": Case(),
    "minute": Case(batch=1, scale=1e-3, opposite=True),
    "opposite": Case(batch=1, scale=8.0, opposite=True),
    "beyond the exponentials": Case(scale=100.0),
    "beyond, opposite": Case(scale=100.0, opposite=True),
    "two chunks": Case(batch=1, queries=2, keys=34, size=35),
    "bfloat16": Case(batch=1, queries=3, dtype=torch.bfloat16),
    "float16": Case(batch=1, queries=3, dtype=torch.float16),
}
STEPS = {
    "one query": Case(batch=3, queries=1),
    "hypotheses": Case(batch=3, queries=3, scale=30.0),
    "half": Case(batch=3, queries=1, dtype=torch.bfloat16),
}
LOCATED = {
    "a location": (Case(queries=3), 3),
    "two spans and blocks": (Case(batch=1, queries=2, keys=34, size=35), 17),
    "a location beyond": (Case(batch=1, scale=100.0), 3),
    "a location in bfloat16": (Case(batch=3, queries=1, dtype=torch.bfloat16), 3),
}
"""With the number of features."""
MASKED = (math.nan, -math.inf, 1e38)
WIDTH = 21
"""Size of a value."""


def inputs(case: Case, device: str = "cpu") -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return query, keys, energy and the gradient of the scores."""
    generator = torch.Generator().manual_seed(7)

    def draw(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator)

    query = draw(case.batch, case.queries, case.size) * case.scale
    keys = draw(case.batch, case.keys, case.size) * case.scale
    if case.opposite:
        shared = min(case.queries, case.keys)
        keys[:, :shared] = -query[:, :shared]
    made = query, keys, draw(case.size), draw(case.batch, case.queries, case.keys)
    query, keys, energy, of_scores = (x.to(device, case.dtype) for x in made)
    return query, keys, energy, of_scores


def location(case: Case, filters: int, device: str = "cpu") -> tuple[Tensor, Tensor]:
    """Return features and their matrix."""
    generator = torch.Generator().manual_seed(9)
    features = torch.randn(case.batch, case.queries, case.keys, filters, generator=generator)
    matrix = torch.randn(case.size, filters, generator=generator)
    return features.to(device, case.dtype), matrix.to(device, case.dtype)


def step_inputs(case: Case) -> tuple[list[Tensor], Tensor, list[Tensor]]:
    """Return query, keys, energy and values; a mask with an empty row; gradients of context and alignment."""
    query, keys, energy, of_alignment = inputs(case)
    generator = torch.Generator().manual_seed(8)
    values = torch.randn(case.batch, case.keys, WIDTH, generator=generator).to(case.dtype)
    of_context = torch.randn(case.batch, case.queries, WIDTH, generator=generator).to(case.dtype)
    mask = torch.tensor([[True] * 7, [True, False, True, True, False, False, False], [False] * 7])
    return [query, keys, energy, values], mask, [of_context, of_alignment]


def stepped(attend: Attend, case: Case, dtype: torch.dtype, masked: float | None = None) -> list[Tensor]:
    """Return context and alignment of a step, and the gradients of its four inputs.

    Keys and values under the mask are random, or ``masked``.
    """
    given, mask, gradients = step_inputs(case)
    if masked is not None:
        given = [x.masked_fill(~mask.unsqueeze(2), masked) if x.shape[1:2] == (7,) else x for x in given]
    leaves = [x.to(dtype).requires_grad_() for x in given]
    made = attend(*leaves, mask)
    found = torch.autograd.grad(made, leaves, [x.to(dtype) for x in gradients])
    return [x.detach() for x in (*made, *found)]


def literal(query: Tensor, keys: Tensor, energy: Tensor, of_scores: Tensor) -> list[Tensor]:
    """Return the scores and the gradients of query, keys and energy, term by term in float64."""
    q, k, v, g = (x.double() for x in (query, keys, energy, of_scores))
    scores, of_query, of_keys, of_energy = (torch.zeros_like(x) for x in (g, q, k, v))
    for b, i, j in torch.cartesian_prod(*(torch.arange(n) for n in g.shape)).tolist():
        for a in range(len(v)):
            tanh = math.tanh(float(q[b, i, a]) + float(k[b, j, a]))
            scores[b, i, j] += v[a] * tanh
            of_query[b, i, a] += g[b, i, j] * v[a] * (1 - tanh**2)
            of_keys[b, j, a] += g[b, i, j] * v[a] * (1 - tanh**2)
            of_energy[a] += g[b, i, j] * tanh
    return [scores, of_query, of_keys, of_energy]


def plain(query: Tensor, keys: Tensor, energy: Tensor, of_scores: Tensor, *location: Tensor) -> list[Tensor]:
    """Return the same by autograd, in the type of the inputs, and the gradients of a location."""
    leaves = [x.detach().clone().requires_grad_() for x in (query, keys, energy, *location)]
    compared = leaves[0].unsqueeze(2) + leaves[1].unsqueeze(1)
    if location:
        compared = compared + leaves[3] @ leaves[4].mT
    scores = torch.tanh(compared) @ leaves[2]
    return [scores.detach(), *torch.autograd.grad(scores, leaves, of_scores)]


def magnitudes(energy: Tensor, of_scores: Tensor, *location: Tensor) -> list[Tensor]:
    """Return the largest sum of absolute terms in each of the four results, or of six.

    The slope is 4 r (1 - r) with r up to 1, so that a rounding of r counts four times.
    """
    v, g, *located = (x.double().abs() for x in (energy, of_scores, *location))
    found = [v.sum(), 4 * v.max() * g.sum(2).max(), 4 * v.max() * g.sum(1).max(), g.sum()]
    if located:
        features, matrix = located
        found += [
            4 * g.max() * (v @ matrix).max(),
            4 * v.max() * (g.unsqueeze(3) * features).sum((0, 1, 2)).max(),
        ]
    return found


def spreads(energy: Tensor, exact: list[Tensor]) -> list[Tensor]:
    """Return what rounding sum |v| once in each score makes of results that are in proportion to e^score."""
    return [2 * energy.double().abs().sum() * x.abs().max() for x in exact]


def assert_close(
    found: list[Tensor], exact: list[Tensor], plainly: list[Tensor], terms: list[Tensor]
) -> None:
    """Errors may be twice those of the plain path in the same type, or of one rounding of all terms."""
    for mine, truth, other, magnitude in zip(found, exact, plainly, terms, strict=True):
        error = (mine.double() - truth).abs().max()
        allowed = torch.maximum((other.double() - truth).abs().max(), 2**-23 * magnitude)
        assert error <= 2 * allowed


def attended(
    query: Tensor, keys: Tensor, energy: Tensor, values: Tensor, mask: Tensor
) -> tuple[Tensor, Tensor]:
    """Attend in plain torch."""
    scores = torch.tanh(query.unsqueeze(2) + keys.unsqueeze(1)) @ energy
    weights = torch.softmax(scores.masked_fill(~mask.unsqueeze(1), torch.finfo(scores.dtype).min), dim=-1)
    weights = weights * mask.unsqueeze(1)
    return weights @ values, weights


def spoilt() -> Tensor:
    """Return queries with one NaN."""
    query = inputs(CASES["one"])[0]
    query[1, 2, 3] = math.nan
    return query


@pytest.fixture(scope="module")
def interpreted(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What the kernels make of all cases in the interpreter."""
    if importlib.util.find_spec("triton") is None:
        pytest.skip("Triton is not installed: pip install triton")
    out = tmp_path_factory.mktemp("interpreted") / "results.pt"
    command = [sys.executable, "-W", "ignore", __file__, str(out)]
    done = subprocess.run(
        command, env=os.environ | {"TRITON_INTERPRET": "1"}, capture_output=True, text=True, check=False
    )
    if "only 0-dimensional arrays can be converted" in done.stderr:
        pytest.skip("this Triton's interpreter does not know this numpy: pip install 'numpy<2.4'")
    assert done.returncode == 0, done.stderr
    results: Results = torch.load(out)
    return results


@pytest.mark.parametrize("name", CASES)
def test_scores_and_gradients(interpreted: Results, name: str) -> None:
    given = inputs(CASES[name])
    found = interpreted[name]
    assert {x.dtype for x in found} == {CASES[name].dtype}
    assert_close(found, literal(*given), plain(*given), magnitudes(*given[2:]))


@pytest.mark.parametrize("name", LOCATED)
def test_scores_and_gradients_with_a_location(interpreted: Results, name: str) -> None:
    case, filters = LOCATED[name]
    given = *inputs(case), *location(case, filters)
    found = interpreted[name]
    assert {x.dtype for x in found} == {case.dtype}
    assert_close(found, plain(*(x.double() for x in given)), plain(*given), magnitudes(*given[2:]))


def test_a_nan_stays_where_it_is(interpreted: Results) -> None:
    (scores,) = interpreted["spoilt"]
    expected = plain(spoilt(), *inputs(CASES["one"])[1:])[0]
    assert torch.equal(scores.isnan(), expected.isnan())
    assert scores.isnan().sum() == CASES["one"].keys


@pytest.mark.parametrize("name", STEPS)
def test_a_step(interpreted: Results, name: str) -> None:
    case = STEPS[name]
    found = interpreted[name]
    exact, plainly = (stepped(attended, case, dtype) for dtype in (torch.float64, case.dtype))
    assert {x.dtype for x in found} == {case.dtype}
    assert_close(found, exact, plainly, spreads(step_inputs(case)[0][2], exact))
    assert not found[0][2].any() and not found[1][2].any()  # nothing to attend to
    assert found[1][1].count_nonzero() <= 3 * case.queries


@pytest.mark.parametrize("masked", MASKED)
def test_what_is_under_the_mask_does_not_matter(interpreted: Results, masked: float) -> None:
    spoilt_step, step = interpreted[f"under the mask {masked}"], interpreted["hypotheses"]
    assert all(torch.equal(one, other) for one, other in zip(spoilt_step, step, strict=True))


def test_a_step_is_of_few_queries_and_keys() -> None:
    pytest.importorskip("triton", reason="Triton is not installed: pip install triton")
    from attnbench.zoo.additive_kernels.cuda_step import suits

    short, long = torch.zeros(2, 4, 3), torch.zeros(2, 1025, 3)
    assert suits(short, long[:, 1:])
    assert not suits(short, long) and not suits(long[:, :5], short)
    assert not suits(short, short.double())


def test_float64_is_refused() -> None:
    pytest.importorskip("triton", reason="Triton is not installed: pip install triton")
    from attnbench.zoo.additive_kernels import cuda, cuda_location

    given = [x.double() for x in (*inputs(CASES["one"])[:3], *location(CASES["one"], 2))]
    with pytest.raises(ValueError, match="'blocked' for float64"):
        cuda.scores(*given[:3])
    with pytest.raises(ValueError, match="'blocked' for float64"):
        cuda_location.scores(*given)


@pytest.mark.gpu
class TestOnCuda:
    """The compiled kernels, at real sizes; the plain path beside them in float32 and float64."""

    @pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
    @pytest.mark.parametrize("scale", [1e-3, 1.0, 8.0, 100.0])
    @pytest.mark.parametrize("shape", [(2, 150, 201, 515), (3, 1, 70, 64)], ids=str)
    def test_scores_and_gradients(
        self, shape: tuple[int, int, int, int], scale: float, dtype: torch.dtype
    ) -> None:
        from attnbench.zoo.additive_kernels import cuda

        given = inputs(Case(*shape, scale, opposite=True, dtype=dtype), "cuda")
        exact = plain(*(x.double() for x in given))
        found = [cuda.scores(*given[:3]), *cuda.gradients(given[3], *given[:3])]
        assert_close(found, exact, plain(*given), magnitudes(*given[2:]))
        again = [cuda.scores(*given[:3]), *cuda.gradients(given[3], *given[:3])]
        assert all(torch.equal(one, other) for one, other in zip(found, again, strict=True))

    @pytest.mark.parametrize("queries", [1, 4])
    @pytest.mark.parametrize("scale", [1.0, 100.0])
    def test_a_location(self, queries: int, scale: float) -> None:
        from attnbench.zoo.additive_kernels import cuda_location

        case = Case(16, queries, 777, 512, scale)
        query, keys, energy, of_scores = inputs(case, "cuda")
        tensors = query, keys, energy, *location(case, 10, "cuda")

        def run() -> list[Tensor]:
            return [cuda_location.scores(*tensors), *cuda_location.gradients(of_scores, *tensors)]

        given = query, keys, energy, of_scores, *tensors[3:]
        found = run()
        assert_close(found, plain(*(x.double() for x in given)), plain(*given), magnitudes(*given[2:]))
        assert all(torch.equal(one, other) for one, other in zip(found, run(), strict=True))

    def test_memory(self) -> None:
        from attnbench.zoo.additive_kernels import cuda

        batch, length, size = 4, 2048, 512
        given = inputs(Case(batch, length, length, size), "cuda")
        cuda.gradients(given[3], *given[:3])  # chooses its tiles
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        cuda.scores(*given[:3])
        cuda.gradients(given[3], *given[:3])
        peak = torch.cuda.max_memory_allocated() - before
        assert peak <= 4 * (3 * batch * length**2 + 12 * batch * 2 * length * size)

    @pytest.mark.parametrize("queries", [1, 4])
    @pytest.mark.parametrize("scale", [1.0, 100.0])
    @pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
    def test_a_step(self, queries: int, scale: float, dtype: torch.dtype) -> None:
        from attnbench.zoo.additive_kernels import cuda_step

        query, keys, energy, _ = inputs(Case(16, queries, 77, 1000, scale, dtype=dtype), "cuda")
        energy = energy * 1000**-0.5
        values = torch.randn(16, 77, 2000, device="cuda").to(dtype)
        mask = torch.arange(77, device="cuda") < torch.arange(16, device="cuda").unsqueeze(1) * 5
        weights = torch.randn(16, queries, 2000, device="cuda"), torch.randn(16, queries, 77, device="cuda")

        def run(attend: Attend, dtype: torch.dtype) -> list[Tensor]:
            leaves = [x.to(dtype).requires_grad_() for x in (query, keys, energy, values)]
            made = attend(*leaves, mask)
            found = torch.autograd.grad(made, leaves, [x.to(dtype) for x in weights])
            return [x.detach() for x in (*made, *found)]

        exact, plainly = run(attended, torch.float64), run(attended, dtype)
        assert_close(run(cuda_step.attend, dtype), exact, plainly, spreads(energy, exact))


def work_through(out: Path) -> None:
    """Save what the kernels make of all cases."""
    from attnbench.zoo.additive_kernels import cuda, cuda_location, cuda_step

    results: Results = {}
    for name, (case, filters) in LOCATED.items():
        query, keys, energy, of_scores = inputs(case)
        tensors = query, keys, energy, *location(case, filters)
        results[name] = [cuda_location.scores(*tensors), *cuda_location.gradients(of_scores, *tensors)]
    for name, case in CASES.items():
        query, keys, energy, of_scores = inputs(case)
        made = cuda.scores(query, keys, energy), *cuda.gradients(of_scores, query, keys, energy)
        results[name] = list(made)
    results["spoilt"] = [cuda.scores(spoilt(), *inputs(CASES["one"])[1:3])]
    results |= {name: stepped(cuda_step.attend, case, case.dtype) for name, case in STEPS.items()}
    for masked in MASKED:
        made = stepped(cuda_step.attend, STEPS["hypotheses"], torch.float32, masked)
        results[f"under the mask {masked}"] = made
    torch.save(results, out)


if __name__ == "__main__":
    torch.set_num_threads(1)
    work_through(Path(sys.argv[1]))
