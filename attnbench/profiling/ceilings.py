"""What this machine can do at best, measured: copies, products of matrices, tanh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from attnbench.profiling.measure import keep_pages, seconds

COPIED = {"cpu": 1 << 26, "cuda": 1 << 30}
"""Bytes of the tensor that is copied: more than a cache holds."""
SIDE = {"cpu": 1024, "cuda": 8192}
"""Rows and columns of the matrices that are multiplied."""
SWEPT = {"cpu": 1 << 17, "cuda": 1 << 22}
"""Numbers in the sweep of tanh: few enough to stay in a cache, and enough for every core."""

CHAIN = 64
"""How often a CUDA thread takes tanh of its number, so that no time goes into memory."""
CHAINED = f"""
template <typename T> T chained(T x) {{
    for (int i = 0; i < {CHAIN}; i++) x = tanh(x);
    return x;
}}
"""


@dataclass(frozen=True)
class Ceilings:
    """What a device does at best, each alone."""

    gbyte_per_s: float
    """A copy, reading and writing counted."""
    gflop_per_s: float
    """A large product of matrices in the data type in question."""
    gtanh_per_s: float
    """tanh in float32, from and to a cache on a CPU, in registers on CUDA."""

    def __str__(self) -> str:
        """Return the three in a line."""
        rates = f"{self.gflop_per_s:.4g} GFLOP/s, {self.gbyte_per_s:.3g} GB/s"
        return f"{rates}, {self.gtanh_per_s:.3g} thousand million tanh/s"

    def least_seconds(self, gflop: float, gbyte: float, gtanh: float) -> float:
        """Return the time below which work is not done, if each ceiling were the only one."""
        return max(gflop / self.gflop_per_s, gbyte / self.gbyte_per_s, gtanh / self.gtanh_per_s)


def measure(device: str, dtype: str, threads: int, budget: float) -> Ceilings:
    """Return the ceilings of a device for a data type; each takes about ``budget`` seconds."""
    torch.set_num_threads(threads)
    keep_pages()

    def rate(call: Callable[[], object], amount: float) -> float:
        call()
        return amount / min(seconds(call, device, budget=budget)) / 1e9

    source = torch.ones(COPIED[device] // 4, device=device)
    target = torch.empty_like(source)
    copy = rate(lambda: target.copy_(source), 2 * COPIED[device])
    side = SIDE[device]
    left, right = (torch.randn(side, side, device=device).to(getattr(torch, dtype)) for _ in range(2))
    product = rate(lambda: left @ right, 2 * side**3)
    return Ceilings(copy, product, rate(*_tanh(device)))


def _tanh(device: str) -> tuple[Callable[[], object], int]:
    """Return a sweep of tanh, and how many it takes."""
    numbers = torch.randn(SWEPT[device], device=device)
    if device == "cuda":
        chained = torch.cuda.jiterator._create_jit_fn(CHAINED)
        return lambda: chained(numbers), CHAIN * numbers.numel()
    out = torch.empty_like(numbers)
    return lambda: torch.tanh(numbers, out=out), numbers.numel()
