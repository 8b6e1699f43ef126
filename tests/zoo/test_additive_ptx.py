"""The Triton kernels compiled for a GPU, which needs none: what their inner loops come to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("triton", reason="Triton is not installed: pip install triton")

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from attnbench.zoo.additive_kernels import cuda, cuda_location


def compiled(jitted: Any, warps: int, **fixed: object) -> str:
    """Return a kernel's PTX."""
    types = {name: "*fp32" if name.endswith("_ptr") else "i32" for name in jitted.arg_names}
    types |= {name: "constexpr" for name in types if name in fixed}
    constants = {(i,): fixed[name] for i, name in enumerate(jitted.arg_names) if name in fixed}
    source = ASTSource(jitted, signature=types, constexprs=constants)
    options = {"num_warps": warps, "enable_fp_fusion": True}
    ptx: str = triton.compile(source, target=GPUTarget("cuda", 90, 32), options=options).asm["ptx"]
    return ptx


@pytest.mark.parametrize(("kernel", "shares", "pairs"), [("_scores", None, 16), ("_gradient", True, 8)])
def test_two_terms_share_a_reciprocal(
    kernel: str, shares: bool | None, pairs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread has 2 * pairs elements, 4 terms each, and the slow path."""
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    warps = 64 * 32 // (2 * pairs) // 32
    jitted = getattr(cuda, kernel).fn
    ptx = compiled(jitted, warps, ROWS=32, COLUMNS=64, SHARES=shares, COMPILED=True)
    assert ptx.count("rcp.approx.ftz.f32") == pairs * 4 + pairs * 2


@pytest.mark.parametrize("kernel", ["_scores", "_gradients"])
def test_a_location_is_multiplied_in_float32(
    kernel: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread has 8 elements; each takes a reciprocal and the 16 terms of a product, none in TF32."""
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    tile = {key: size for key, size in cuda_location.TILE.items() if key != "num_warps"}
    warps = cuda_location.TILE["num_warps"]
    jitted = getattr(cuda_location, kernel)
    ptx = compiled(jitted, warps, FILTERS=16, SPAN=cuda_location.SPAN, COMPILED=True, **tile)
    assert ptx.count("rcp.approx.ftz.f32") == 8
    assert ptx.count("fma.rn.f32") >= 8 * 16 and "tf32" not in ptx
