"""Additive scores and their gradients in loops that numba compiles for this CPU.

With A = e^{2Q} and B = e^{2K}, tanh(q + k) = 1 - 2r and its slope is 4 r (1 - r), r = 1 / (1 + A B): the
loops hold a product, a sum and an estimated reciprocal for each (b, q, k, a), and nothing of that size is
stored. Sums run in a fixed order, so that the bits do not depend on the number of threads.

With a location term the loops are others: those of ``native_located``.

    b batch   q queries   k keys   a alignment size
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numba
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from attnbench.zoo.additive_kernels import blocked
from attnbench.zoo.additive_kernels.lanes import (
    doubled,
    everywhere,
    fill,
    load,
    load_some,
    smaller,
    store,
    store_some,
    total,
    width,
)

GRAIN = 2**21
"""Elements (b, q, k, a) that are worth a thread of their own: about 0.3 ms."""
Array = np.ndarray[Any, Any]
SERIES = tuple(math.log(2) ** n / math.factorial(n) for n in range(13, -1, -1))
"""Of 2^x, for |x| up to a half: all of it for float64, its last eight terms for float32."""
SHORT = SERIES[-8:]


def compiled(function: Callable[..., None]) -> Any:
    """Return the function as numba compiles it on its first call; what it compiled before is in its cache.

    Raises ImportError where numba may write no cache: every process would compile anew, for many seconds.
    """
    try:
        return numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    except RuntimeError as error:
        raise ImportError(f"{error}; NUMBA_CACHE_DIR names a folder that numba may write in") from error


inlined = numba.njit(inline="always")


@inlined
def _cut(array: Array) -> Any:
    """Return the lanes at which 1 + A B is cut off, so that the product of two stays finite."""
    return fill(array, 2.0**62 if width(array) == 16 else 2.0**500)


@inlined
def _both(a: Array, at: int, b0: Any, b1: Any, v0: Any, v1: Any, one: Any, cut: Any) -> Any:
    """Return v0 r0 + v1 r1 of two neighbouring vectors; they share one reciprocal."""
    x0 = smaller(load(a, at) * b0 + one, cut)
    x1 = smaller(load(a, at + width(a)) * b1 + one, cut)
    return (v0 * x1 + v1 * x0) / (x0 * x1)


@inlined
def _last(a: Array, at: int, count: int, b: Any, v: Any, one: Any, cut: Any) -> Any:
    """Return v r of the last ``count`` elements of a row."""
    return v / smaller(load_some(a, at, count) * b + one, cut)


@compiled
def _scores(first: int, last: int, queries: int, keys: int, a: Array, b: Array, v: Array, out: Array) -> None:
    """Write the scores of some tiles; a tile is four queries, which share the loads of all keys.

    At the end of an entry, the last query may stand in a tile more than once.
    """
    size, lanes = len(v), width(v)
    one, cut, none = fill(v, 1), _cut(v), fill(v, 0)
    pairs = size - size % (2 * lanes)
    tiles, sum_v = -(-queries // 4), v.astype(np.float64).sum()
    for tile in range(first, last):
        entry, q = tile // tiles, 4 * (tile % tiles)
        i0, end = entry * queries + q, entry * queries + queries - 1
        i1, i2, i3 = min(i0 + 1, end), min(i0 + 2, end), min(i0 + 3, end)
        for k in range(keys):
            key = (entry * keys + k) * size
            s0, s1, s2, s3 = none, none, none, none
            for d in range(0, pairs, 2 * lanes):
                b0, b1, v0, v1 = load(b, key + d), load(b, key + d + lanes), load(v, d), load(v, d + lanes)
                s0 += _both(a, i0 * size + d, b0, b1, v0, v1, one, cut)
                s1 += _both(a, i1 * size + d, b0, b1, v0, v1, one, cut)
                s2 += _both(a, i2 * size + d, b0, b1, v0, v1, one, cut)
                s3 += _both(a, i3 * size + d, b0, b1, v0, v1, one, cut)
            for d in range(pairs, size, lanes):
                left = size - d
                b0, v0 = load_some(b, key + d, left), load_some(v, d, left)
                s0 += _last(a, i0 * size + d, left, b0, v0, one, cut)
                s1 += _last(a, i1 * size + d, left, b0, v0, one, cut)
                s2 += _last(a, i2 * size + d, left, b0, v0, one, cut)
                s3 += _last(a, i3 * size + d, left, b0, v0, one, cut)
            out[i0 * keys + k] = sum_v - 2 * total(s0)
            out[i1 * keys + k] = sum_v - 2 * total(s1)
            out[i2 * keys + k] = sum_v - 2 * total(s2)
            out[i3 * keys + k] = sum_v - 2 * total(s3)


@inlined
def _gather(rows: Array, first: int, count: int, size: int, at: int, into: Array) -> None:
    """Copy the lanes at ``at`` of ``count`` rows next to each other."""
    for i in range(count):
        store(into, i * width(into), load_some(rows, (first + i) * size + at, size - at))


@inlined
def _scatter(packed: Array, scale: Any, first: int, count: int, size: int, at: int, rows: Array) -> None:
    """Write lanes back to where ``_gather`` finds them, multiplied by ``scale``."""
    for i in range(count):
        store_some(rows, (first + i) * size + at, size - at, load(packed, i * width(packed)) * scale)


@compiled
def _gradients(
    first: int, last: int, queries: int, keys: int, given: Array, a: Array, b: Array, v: Array,
    of_query: Array, of_keys: Array, weighed: Array,
) -> None:  # fmt: skip
    """Write the gradients of some columns of query and keys, and sum_qk dS r of each batch entry.

    A column is one vector of a in one entry: columns share nothing. ``given`` is dS (b, 4 tiles, k), its
    rows beyond the queries zero.
    """
    size, lanes = len(v), width(v)
    columns, tiles = -(-size // lanes), -(-queries // 4)
    one, cut, none = fill(v, 1), _cut(v), fill(v, 0)
    at_q, at_k = np.zeros(4 * tiles * lanes, v.dtype), np.empty(keys * lanes, v.dtype)
    sum_k = np.empty(keys * lanes, v.dtype)
    for column in range(first, last):
        entry, d = column // columns, column % columns * lanes
        _gather(a, entry * queries, queries, size, d, at_q)
        _gather(b, entry * keys, keys, size, d, at_k)
        sum_k[:] = 0
        sum_v = none
        for q in range(0, queries, 4):
            i, g = q * lanes, (entry * tiles * 4 + q) * keys
            a0, a1 = load(at_q, i), load(at_q, i + lanes)
            a2, a3 = load(at_q, i + 2 * lanes), load(at_q, i + 3 * lanes)
            s0, s1, s2, s3 = none, none, none, none
            for k in range(keys):
                j = k * lanes
                key = load(at_k, j)
                r0, r1 = one / smaller(a0 * key + one, cut), one / smaller(a1 * key + one, cut)
                r2, r3 = one / smaller(a2 * key + one, cut), one / smaller(a3 * key + one, cut)
                t0, t1 = everywhere(given, g + k) * r0, everywhere(given, g + k + keys) * r1
                t2, t3 = everywhere(given, g + k + 2 * keys) * r2, everywhere(given, g + k + 3 * keys) * r3
                sum_v += (t0 + t1) + (t2 + t3)
                t0, t1, t2, t3 = t0 - t0 * r0, t1 - t1 * r1, t2 - t2 * r2, t3 - t3 * r3
                s0, s1, s2, s3 = s0 + t0, s1 + t1, s2 + t2, s3 + t3
                store(sum_k, j, load(sum_k, j) + ((t0 + t1) + (t2 + t3)))
            store(at_q, i, s0)
            store(at_q, i + lanes, s1)
            store(at_q, i + 2 * lanes, s2)
            store(at_q, i + 3 * lanes, s3)
        scale = fill(v, 4) * load_some(v, d, size - d)
        _scatter(at_q, scale, entry * queries, queries, size, d, of_query)
        _scatter(sum_k, scale, entry * keys, keys, size, d, of_keys)
        store_some(weighed, entry * size + d, size - d, sum_v)


@inlined
def _power(x: Any, like: Array) -> Any:
    """Return e^{2x}, between 2^-60 and 2^60, where r is 1 or 0 to the last bit; no number stays none."""
    cut, none = fill(like, 60), fill(like, 0)
    shift = fill(like, 1.5 * 2.0 ** (23 if width(like) == 16 else 52))
    x = none - smaller(none - smaller(x * fill(like, 2 / math.log(2)), cut), cut)
    times = x + shift
    x, power = x - (times - shift), none
    if width(like) == 16:
        for term in SHORT:
            power = power * x + fill(like, term)
    else:
        for term in SERIES:
            power = power * x + fill(like, term)
    return doubled(power, times)


def _flat(tensor: Tensor) -> Array:
    """Return a tensor's elements, in their place where it is contiguous."""
    array: Array = tensor.detach().contiguous().view(-1).numpy()
    return array


def _exponentials(tensor: Tensor) -> Array:
    """Return e^{2x}."""
    return _flat((2 * tensor.detach()).exp_())


def _in_parts(kernel: Callable[..., None], parts: int, elements: int, *arguments: Any) -> None:
    """Call a kernel for all parts of its work, on as many threads as torch uses and the work is worth."""
    threads = min(torch.get_num_threads(), parts, elements // GRAIN)
    if threads < 2:
        kernel(0, parts, *arguments)
        return
    edges = np.linspace(0, parts, 4 * threads + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(kernel, *part, *arguments) for part in pairwise(edges)]:
            done.result()


def scores(query: Tensor, keys: Tensor, energy: Tensor) -> Tensor:
    """Return v' tanh(Q + K), (b, q, k), from (b, q, a), (b, k, a) and v (a,)."""
    if not blocked.fits(query, keys):
        return blocked.scores(query, keys, energy)
    batch, queries, size = query.shape
    out = query.new_empty(batch, queries, keys.shape[1])
    _in_parts(
        _scores, batch * -(-queries // 4), out.numel() * size, queries, keys.shape[1],
        _exponentials(query), _exponentials(keys), _flat(energy), _flat(out),
    )  # fmt: skip
    return out


def gradients(of_scores: Tensor, query: Tensor, keys: Tensor, energy: Tensor) -> tuple[Tensor, ...]:
    """Return the gradients of what ``scores`` takes, given that of the scores, (b, q, k).

    g = dS r (1 - r);  dQ = 4 v sum_k g;  dK = 4 v sum_q g;  dv = sum dS (1 - 2 r).
    """
    if not blocked.fits(query, keys):
        return blocked.gradients(of_scores, query, keys, energy)
    batch, queries, size = query.shape
    of_query, of_keys = (torch.empty_like(x, memory_format=torch.contiguous_format) for x in (query, keys))
    weighed = query.new_empty(batch, size)
    columns = -(-size // (16 if query.dtype == torch.float32 else 8))
    _in_parts(
        _gradients, batch * columns, of_scores.numel() * size, queries, keys.shape[1],
        _flat(F.pad(of_scores, (0, 0, 0, -queries % 4))), _exponentials(query), _exponentials(keys),
        _flat(energy), _flat(of_query), _flat(of_keys), _flat(weighed),
    )  # fmt: skip
    return of_query, of_keys, of_scores.sum() - 2 * weighed.sum(dim=0)
