"""Fused additive attention on CUDA beside torch.compile of the naive form and the naive form itself.

    pytest -m gpu tests benchmarks

times all on a machine with a GPU. An element is one (b, q, k, a); the limit is one tanh for each of them, as
measured here first.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor

from attnbench.zoo.additive_kernels import additive_attention, additive_scores

SIZE = 512
"""The alignment size."""


def milliseconds(call: Callable[[], object]) -> float:
    """Return the median time of a call on the device."""
    from triton.testing import do_bench

    return float(do_bench(call, warmup=100, rep=300, return_mode="median"))


def scored(implementation: str, length: int, backward: bool, dtype: torch.dtype) -> float:
    """Return the picoseconds for each element of the scores, and of their gradients where ``backward``."""
    torch.manual_seed(0)
    query, keys = (
        torch.randn(4, length, SIZE, device="cuda", dtype=dtype, requires_grad=backward) for _ in range(2)
    )
    energy = torch.randn(SIZE, device="cuda", dtype=dtype, requires_grad=backward)
    gradient = torch.randn(4, length, length, device="cuda", dtype=dtype)

    def call() -> None:
        scores = additive_scores(query, keys, energy, implementation=implementation)
        if backward:
            torch.autograd.grad(scores, (query, keys, energy), gradient)

    return milliseconds(call) * 1e9 / (4 * length**2 * SIZE)


def tanh_limit() -> float:
    """Return the picoseconds for each tanh where the device makes nothing else."""
    import triton
    import triton.language as tl

    @triton.jit
    def sweep(out_ptr, ROUNDS: tl.constexpr):
        cells = tl.program_id(0) * 1024 + tl.arange(0, 1024)
        x = cells.to(tl.float32)
        for _ in range(ROUNDS):
            x = tl.inline_asm_elementwise(
                "tanh.approx.f32 $0, $1;", "=f,f", [x], dtype=tl.float32, is_pure=True, pack=1
            )
        tl.store(out_ptr + cells, x)

    programs, rounds = 8192, 1024
    out = torch.empty(programs * 1024, device="cuda")
    return milliseconds(lambda: sweep[(programs,)](out, ROUNDS=rounds)) * 1e9 / (out.numel() * rounds)


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("backward", [False, True], ids=["forward", "both"])
def test_scores(benchmark: BenchmarkFixture, backward: bool, dtype: torch.dtype) -> None:
    limit = tanh_limit()
    short = {name: scored(name, 256, backward, dtype) for name in ("fused", "compiled", "naive")}
    long = scored("fused", 2048, backward, dtype)
    benchmark.extra_info |= {f"{name}, 256 × 256, ps": f"{time:.3f}" for name, time in short.items()}
    benchmark.extra_info |= {
        "compiled / fused": f"{short['compiled'] / short['fused']:.2f}",
        "naive / fused": f"{short['naive'] / short['fused']:.2f}",
        "fused, 2048 × 2048, ps": f"{long:.3f}",
        "share of the tanh limit": f"{limit / long:.2f}",
    }
    benchmark.pedantic(lambda: scored("fused", 256, backward, dtype), rounds=1)


@pytest.mark.gpu
@pytest.mark.parametrize("length", [50, 300])
def test_step(benchmark: BenchmarkFixture, length: int) -> None:
    """One step of RNNsearch's decoder at its sizes: batch 80, annotations of 2000, alignment size 1000."""
    query, keys = torch.randn(80, 1, 1000, device="cuda"), torch.randn(80, length, 1000, device="cuda")
    energy, values = torch.randn(1000, device="cuda") / 30, torch.randn(80, length, 2000, device="cuda")
    mask = torch.ones(80, length, dtype=torch.bool, device="cuda")
    leaves = [x.requires_grad_() for x in (query, keys, energy, values)]

    def step(implementation: str, backward: bool) -> Callable[[], Tensor | None]:
        def call() -> Tensor | None:
            context, _ = additive_attention(*leaves, mask, implementation=implementation)
            return torch.autograd.grad(context.sum(), leaves)[0] if backward else None

        return call

    for direction in ("forward", "both"):
        times = {
            name: milliseconds(step(name, direction == "both")) for name in ("fused", "compiled", "naive")
        }
        benchmark.extra_info |= {f"{name}, {direction}, µs": f"{ms * 1e3:.0f}" for name, ms in times.items()}
    benchmark.pedantic(step("fused", True), rounds=3)
