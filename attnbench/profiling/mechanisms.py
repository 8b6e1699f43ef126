"""A mechanism that attends with all queries of a batch, with or without the gradients.

b batch   q queries   k keys   d size of queries, annotations and alignment
"""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from attnbench.profiling.cases import WINDOW, Case
from attnbench.profiling.isolation import Unavailable
from attnbench.profiling.measure import Call
from attnbench.zoo.additive_kernels import pick
from attnbench.zoo.attention import MECHANISMS, LocationAwareAttention, Mechanism, Windowed


def build(case: Case) -> Call:
    """Return the case as something to call; raise ``Unavailable`` where this machine lacks what it needs."""
    _check(case)
    mechanism = _mechanism(case)
    attend = _attend_stepwise if isinstance(mechanism, LocationAwareAttention) else _attend
    if case.implementation == "compiled" and case.multiplies:
        attend = torch.compile(attend)
    options: dict[str, Any] = {"device": case.device, "dtype": getattr(torch, case.dtype)}
    trained = case.direction == "both"
    queries = torch.randn(case.batch, case.queries, case.dim, requires_grad=trained, **options)
    annotations = torch.randn(case.batch, case.keys, case.dim, requires_grad=trained, **options)
    mask = torch.ones(case.batch, case.keys, dtype=torch.bool, device=case.device)
    if not trained:
        attend = torch.no_grad()(attend)
        return lambda: attend(mechanism, queries, annotations, mask)
    towards = torch.randn_like(queries)
    wanted = [queries, annotations, *mechanism.parameters()]
    return lambda: torch.autograd.grad(attend(mechanism, queries, annotations, mask)[0], wanted, towards)


def _mechanism(case: Case) -> Mechanism:
    if case.mechanism == "location-windowed":
        mechanism: Mechanism = LocationAwareAttention(
            case.dim, case.dim, case.dim, normaliser=Windowed(WINDOW)
        )
    else:
        mechanism = MECHANISMS[case.mechanism](case.dim, case.dim, case.dim)
    mechanism.align = case.align
    if not case.multiplies:
        mechanism.implementation = case.implementation  # type: ignore[assignment]
    return mechanism.to(case.device, getattr(torch, case.dtype))


def _attend(
    mechanism: Mechanism, queries: Tensor, annotations: Tensor, mask: Tensor
) -> tuple[Tensor, Tensor | None]:
    """Return context and alignment of all queries (b, q, d) at once, the memory's making counted."""
    context, alignment, _ = mechanism(queries, mechanism.prepare(annotations, mask))
    return context, alignment


def _attend_stepwise(
    mechanism: Mechanism, queries: Tensor, annotations: Tensor, mask: Tensor
) -> tuple[Tensor, Tensor | None]:
    """The same for a mechanism whose step needs the one before."""
    memory, state = mechanism.prepare(annotations, mask), None
    contexts, alignments = [], []
    for query in queries.split(1, dim=1):
        context, alignment, state = mechanism(query, memory, state)
        contexts.append(context)
        alignments.append(alignment)
    return torch.cat(contexts, dim=1), torch.cat(alignments, dim=1)


def _check(case: Case) -> None:
    """Raise ``Unavailable`` if a compiler is missing."""
    if case.implementation == "compiled":
        torch._inductor.config.compile_threads = 1  # its helpers would outlive a child that is killed
        compiler = os.environ.get("CXX") or ("clang++" if sys.platform == "darwin" else "g++")
        if case.device == "cpu" and shutil.which(compiler) is None:
            raise Unavailable(f"torch.compile needs a C++ compiler, and there is no {compiler}")
        if case.device == "cuda" and find_spec("triton") is None:
            raise Unavailable("torch.compile needs triton on CUDA, and it is not installed")
    if case.implementation == "fused":
        try:
            pick("fused", torch.device(case.device))
        except ValueError as error:
            raise Unavailable(str(error)) from None
