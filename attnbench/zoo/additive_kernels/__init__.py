"""Additive attention of many queries at once, without the (b, q, k, a) tensor of the plain form.

    s[b, q, k] = sum_a v[a] tanh(Q[b, q, a] + K[b, k, a])

Where a query knows something of each key's place, F[b, q, k, f], a term sum_f U[a, f] F[b, q, k, f] joins
inside the tanh. Four implementations give the same numbers and gradients, to rounding:

    naive      plain torch; holds every tanh
    compiled   the same by torch.compile, which needs a compiler on the machine
    blocked    tiles that fit the cache, in plain torch; any device
    fused      one loop, compiled by numba for a CPU and by Triton for a CUDA device

The package needs torch and ``zoo.padded`` alone; numba and Triton are imported when they are used.

    b batch   q queries   k keys   a alignment size   d value size   f features
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

import torch
from torch import Tensor

from attnbench.zoo.additive_kernels import blocked, plain
from attnbench.zoo.additive_kernels.functions import Contexts, Kernels, Location, Scores, masked_softmax
from attnbench.zoo.padded import zeroed

__all__ = [
    "IMPLEMENTATIONS",
    "Kernels",
    "Location",
    "additive_attention",
    "additive_gradients",
    "additive_scores",
    "attend_prepared",
    "masked_softmax",
    "pick",
]

IMPLEMENTATIONS = ("naive", "compiled", "blocked", "fused")
PLAIN = {"naive": plain.naive, "compiled": plain.compiled}
FUSED = {"cpu": "native", "cuda": "cuda"}
LOCATED = {"cpu": "native_located", "cuda": "cuda_location"}
"""The modules whose kernels are compiled for a type of device, without and with a location."""


@cache
def _fused(device: str) -> Kernels | str:
    """Return the compiled kernels for a type of device, or why there are none."""
    if device not in FUSED:
        return f"there are no fused kernels for the device {device!r}"
    try:
        return importlib.import_module(f"{__name__}.{FUSED[device]}")
    except ImportError as error:
        return str(error)


def pick(implementation: str, device: torch.device) -> str:
    """Return the implementation to use: for ``auto`` ``fused`` where its compiler is there, else ``blocked``.

    Raises ValueError for an unknown name, and for ``fused`` where its compiler is missing.
    """
    if implementation not in (*IMPLEMENTATIONS, "auto"):
        names = ", ".join((*IMPLEMENTATIONS, "auto"))
        raise ValueError(f"no implementation of additive attention is called {implementation!r}: use {names}")
    missing = _fused(device.type) if implementation in ("auto", "fused") else None
    if implementation == "auto":
        return "blocked" if isinstance(missing, str) else "fused"
    if isinstance(missing, str):
        raise ValueError(f"fused additive attention is not available: {missing}; use 'blocked'")
    return implementation


def _form(implementation: str, query: Tensor, location: Location | None = None) -> str:
    """Return ``pick``'s choice, where ``auto`` also looks at what is asked.

    A single query on a CPU is asked plainly: the exponentials of its keys would cost what the tanh does.
    Where no gradient is wanted, ``_lone`` has a loop for it.
    """
    if implementation == "auto" and location is None and query.device.type == "cpu" and query.shape[1] == 1:
        return "naive"
    if implementation == "auto" and query.device.type == "cuda" and query.dtype == torch.float64:
        return "blocked"
    return pick(implementation, query.device)


def _lone(query: Tensor, keys: Tensor) -> Location | None:
    """Return a location of no features for a single query on a CPU that wants no gradient.

    With it the compiled loop is the one that makes no exponentials of keys, and stores nothing.
    """
    if torch.is_grad_enabled() or query.device.type != "cpu" or query.shape[1] != 1:
        return None
    if pick("auto", query.device) != "fused":
        return None
    return Location(query.new_empty(*query.shape[:2], keys.shape[1], 0), query.new_empty(query.shape[2], 0))


def _steps() -> Any:
    """Return the Triton kernels for the few queries of a decoder's step."""
    return importlib.import_module(f"{__name__}.cuda_step")


def _kernels(implementation: str, device: torch.device, location: Location | None = None) -> Kernels:
    """Return the loops of ``blocked`` or ``fused``; compiled ones with a location are others."""
    if implementation == "fused" and location is not None:
        located: Any = importlib.import_module(f"{__name__}.{LOCATED[device.type]}")
        return located
    found = _fused(device.type) if implementation == "fused" else blocked
    assert not isinstance(found, str)
    return found


def _check(query: Tensor, keys: Tensor, energy: Tensor, location: Location | None = None) -> None:
    """Raise ValueError unless the shapes are (b, q, a), (b, k, a) and (a,), and a location's fit them."""
    shapes = [tuple(x.shape) for x in (query, keys, energy)]
    if [len(shape) for shape in shapes] != [3, 3, 1] or len({shape[-1] for shape in shapes}) > 1:
        raise ValueError(f"query, keys and energy must be (b, q, a), (b, k, a) and (a,), not {shapes}")
    if shapes[0][0] != shapes[1][0]:
        raise ValueError(f"query and keys must have one batch size, not {shapes[0][0]} and {shapes[1][0]}")
    if location is not None:
        found, filters = [tuple(x.shape) for x in location], location.matrix.shape[-1]
        expected = [(*shapes[0][:2], shapes[1][1], filters), (*shapes[2], filters)]
        if found != expected:
            raise ValueError(f"features and their matrix must be {expected}, not {found}")


def _working(dtype: torch.dtype) -> torch.dtype:
    """Return the type in which the loops compute."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def additive_scores(
    query: Tensor, keys: Tensor, energy: Tensor, location: Location | None = None,
    *, implementation: str = "auto",
) -> Tensor:  # fmt: skip
    """Return the scores (b, q, k) of projected queries (b, q, a) and keys (b, k, a) with energy (a,).

    They have the query's type. ``blocked`` and ``fused`` compute in float32, or in float64 for float64.
    Gradients can be taken once, not twice. Raises ValueError for shapes that do not fit.
    """
    _check(query, keys, energy, location)
    if implementation == "auto" and location is None:
        location = _lone(query, keys)
    picked = _form(implementation, query, location)
    given = query, keys, energy, *(location or ())
    if picked in PLAIN:
        return PLAIN[picked](*(x.to(query.dtype) for x in given))
    dtype = _working(query.dtype)
    with torch.autocast(query.device.type, enabled=False):
        scores: Tensor = Scores.apply(_kernels(picked, query.device, location), *(x.to(dtype) for x in given))
    return scores.to(query.dtype)


def additive_gradients(
    of_scores: Tensor, query: Tensor, keys: Tensor, energy: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradients of query, keys and energy, given that of ``additive_scores``, (b, q, k).

    For loops whose gradients are written out; elsewhere autograd asks for them. All tensors are of one type.
    """
    kernels = _kernels(_form("auto", query), query.device)
    of_query, of_keys, of_energy = kernels.gradients(of_scores, query, keys, energy)
    return of_query, of_keys, of_energy


def additive_attention(
    query: Tensor,
    keys: Tensor,
    energy: Tensor,
    values: Tensor,
    mask: Tensor,
    *,
    align: bool = True,
    implementation: str = "auto",
) -> tuple[Tensor, Tensor | None]:
    """Return the contexts (b, q, d) and, where ``align``, the alignments (b, q, k), else None.

    The alignment is the softmax of ``additive_scores`` over the keys where ``mask`` (b, k) is True, and a
    context is the values (b, k, d) weighed by it; a row with no True gives zeros. Keys and values elsewhere
    may be anything, and have gradient 0. Without ``align`` the implementations ``blocked`` and ``fused`` hold
    O(b (q + k) (a + d)) elements, else O(b q k).
    """
    _check(query, keys, energy)
    keys, values = zeroed(keys, mask), zeroed(values, mask)
    return attend_prepared(query, keys, energy, values, mask, align=align, implementation=implementation)


def attend_prepared(
    query: Tensor,
    keys: Tensor,
    energy: Tensor,
    values: Tensor,
    mask: Tensor,
    *,
    align: bool,
    implementation: str,
) -> tuple[Tensor, Tensor | None]:
    """Return what ``additive_attention`` does, for keys and values that are finite where the mask is False.

    A decoder's memory is made so once; its steps need not do it again.
    """
    picked = _form(implementation, query)
    if picked == "fused" and query.device.type == "cuda" and _steps().suits(query, keys):
        _check(query, keys, energy)
        with torch.autocast("cuda", enabled=False):
            context, alignment = _steps().attend(query, keys, energy, values, mask)
        return context, alignment if align else None
    if align or picked in PLAIN:
        scores = additive_scores(query, keys, energy, implementation=implementation)
        alignment = masked_softmax(scores, mask.unsqueeze(1))
        return alignment @ values.to(alignment.dtype), alignment if align else None
    _check(query, keys, energy)
    dtype = _working(query.dtype)
    with torch.autocast(query.device.type, enabled=False):
        moved = (x.to(dtype) for x in (query, keys, energy, values))
        contexts: Tensor = Contexts.apply(_kernels(picked, query.device), *moved, mask)
    return contexts.to(query.dtype), None
