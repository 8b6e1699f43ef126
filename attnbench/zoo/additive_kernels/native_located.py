"""Additive scores with a location term in loops that numba compiles for this CPU; see ``native``.

With a location, no exponential serves twice: the loops make r = 1 / (1 + e^{2x}), x = q + k + U f, for each
(b, q, k, a), four keys at a time, which share the loads of U. Scores store nothing of that size, nor do the
gradients of a decoder's step. Elsewhere gradients are those of ``blocked`` with its tiles: matrix products.
Tensors come flat.

    b batch   q queries   k keys   a alignment size   f features
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from attnbench.zoo.additive_kernels import blocked
from attnbench.zoo.additive_kernels.lanes import (
    everywhere,
    fill,
    load,
    load_some,
    store,
    store_some,
    total,
    width,
)
from attnbench.zoo.additive_kernels.native import Array, _flat, _power, compiled, inlined

TILE = 8
"""Keys whose gradients are held at once; a multiple of four."""


@inlined
def _ratio(x: Any, like: Array) -> Any:
    """Return r of x."""
    one = fill(like, 1)
    return one / (one + _power(x, like))


@inlined
def _four(
    q: Any, keys: Array, at: int, features: Array, at_f: int, matrix: Array, size: int, d: int,
    n1: int, n2: int, n3: int,
) -> tuple[Any, Any, Any, Any]:  # fmt: skip
    """Return the lanes at ``d`` of r of a key, and of those ``n1``, ``n2`` and ``n3`` keys behind it.

    Its row and its features lie at ``at`` and ``at_f``.
    """
    left, filters, at = size - d, len(matrix) // size, at + d
    x0, x1, x2, x3 = fill(keys, 0), fill(keys, 0), fill(keys, 0), fill(keys, 0)
    for f in range(filters):
        u = load_some(matrix, f * size + d, left)
        x0 += everywhere(features, at_f + f) * u
        x1 += everywhere(features, at_f + n1 * filters + f) * u
        x2 += everywhere(features, at_f + n2 * filters + f) * u
        x3 += everywhere(features, at_f + n3 * filters + f) * u
    x0, x1 = x0 + (q + load_some(keys, at, left)), x1 + (q + load_some(keys, at + n1 * size, left))
    x2, x3 = (
        x2 + (q + load_some(keys, at + n2 * size, left)),
        x3 + (q + load_some(keys, at + n3 * size, left)),
    )
    return _ratio(x0, keys), _ratio(x1, keys), _ratio(x2, keys), _ratio(x3, keys)


@compiled
def located_scores(
    query: Array, keys: Array, features: Array, matrix: Array, v: Array, mask: Array, lowest: float,
    out: Array,
) -> None:  # fmt: skip
    """Write the scores (b, q, k) of queries (b, q, a) where ``mask`` (b, k) is True, else ``lowest``.

    Features are (b, q, k, f), and ``matrix`` is U' (f, a).
    """
    size, none, sum_v = len(v), fill(v, 0), v.astype(np.float64).sum()
    filters, rows = len(matrix) // size, len(query) // size
    sources = len(out) // rows
    queries = rows * sources // len(mask)
    for row in range(rows):
        first, before = row * sources, row // queries * sources
        for k in range(0, sources, 4):
            rest, key = sources - 1 - k, before + k
            n1, n2, n3 = min(1, rest), min(2, rest), min(3, rest)
            s0, s1, s2, s3 = none, none, none, none
            if mask[key] or mask[key + n1] or mask[key + n2] or mask[key + n3]:
                for d in range(0, size, width(v)):
                    q, w = load_some(query, row * size + d, size - d), load_some(v, d, size - d)
                    r0, r1, r2, r3 = _four(
                        q, keys, key * size, features, (first + k) * filters, matrix, size, d, n1, n2, n3
                    )
                    s0, s1, s2, s3 = s0 + w * r0, s1 + w * r1, s2 + w * r2, s3 + w * r3
            k0 = first + k
            out[k0 + n3] = sum_v - 2 * total(s3) if mask[key + n3] else lowest
            out[k0 + n2] = sum_v - 2 * total(s2) if mask[key + n2] else lowest
            out[k0 + n1] = sum_v - 2 * total(s1) if mask[key + n1] else lowest
            out[k0] = sum_v - 2 * total(s0) if mask[key] else lowest


@inlined
def _hold_tile(
    tile: Array, start: int, count: int, given: Array, query: Array, row: int, keys: Array, features: Array,
    matrix: Array, v: Array, d: int, room: int, of_query: Array, of_energy: Array,
) -> None:  # fmt: skip
    """Write the lanes at ``d`` of g of a tile's keys, four at a time; add them to the query's gradient."""
    size, none = len(v), fill(v, 0)
    left, filters, at_q = size - d, len(matrix) // size, row + d
    q, four = load_some(query, at_q, left), fill(v, 4) * load_some(v, d, left)
    sum_g, sum_v = load_some(of_query, at_q, left), load_some(of_energy, d, left)
    for i in range(0, count, 4):
        k, rest = start + i, count - 1 - i
        n1, n2, n3 = min(1, rest), min(2, rest), min(3, rest)
        r0, r1, r2, r3 = _four(q, keys, k * size, features, k * filters, matrix, size, d, n1, n2, n3)
        g0, g1 = everywhere(given, k), everywhere(given, k + 1) if n1 > 0 else none
        g2 = everywhere(given, k + 2) if n2 > 1 else none
        g3 = everywhere(given, k + 3) if n3 > 2 else none
        t0, t1, t2, t3 = g0 * r0, g1 * r1, g2 * r2, g3 * r3
        sum_v += (g0 + g1) + (g2 + g3) - fill(v, 2) * ((t0 + t1) + (t2 + t3))
        t0, t1 = four * (t0 - t0 * r0), four * (t1 - t1 * r1)
        t2, t3 = four * (t2 - t2 * r2), four * (t3 - t3 * r3)
        sum_g += (t0 + t1) + (t2 + t3)
        store(tile, i * room + d, t0)
        store(tile, (i + 1) * room + d, t1)
        store(tile, (i + 2) * room + d, t2)
        store(tile, (i + 3) * room + d, t3)
    store_some(of_query, at_q, left, sum_g)
    store_some(of_energy, d, left, sum_v)


@compiled
def located_gradients(
    given: Array, query: Array, keys: Array, features: Array, matrix: Array, v: Array,
    of_query: Array, of_features: Array, of_keys: Array, of_energy: Array, of_matrix: Array,
) -> None:  # fmt: skip
    """Write the gradients of one query an entry and its features; add to those of keys, energy and matrix.

    ``given`` is that of the scores, dS (b, k). g = 4 v dS r (1 - r) is the gradient of x; a tile of it is
    held. Its last key may stand in it more than once: it then counts for nothing but the first time.
    """
    size, lanes = len(v), width(v)
    room = -(-size // lanes) * lanes
    sources = len(given) // (len(query) // size)
    tile = np.empty(TILE * room, v.dtype)
    of_query[:] = 0
    for first in range(0, len(given), sources):
        for start in range(first, first + sources, TILE):
            count = min(TILE, first + sources - start)
            row = first // sources * size
            for d in range(0, size, lanes):
                _hold_tile(
                    tile, start, count, given, query, row, keys, features, matrix, v, d, room,
                    of_query, of_energy,
                )  # fmt: skip
            _add_tile(tile, start, count, features, size, room, of_keys, of_matrix)
            _of_features(tile, start, count, matrix, size, room, of_features)


@inlined
def _add_tile(
    tile: Array, start: int, count: int, features: Array, size: int, room: int,
    of_keys: Array, of_matrix: Array,
) -> None:  # fmt: skip
    """Add g to the gradient of a tile's keys, and g' f to the matrix'."""
    filters = len(of_matrix) // size
    for d in range(0, size, width(tile)):
        left = size - d
        for f in range(filters):
            sum_u = load_some(of_matrix, f * size + d, left)
            for i in range(count):
                sum_u += everywhere(features, (start + i) * filters + f) * load(tile, i * room + d)
            store_some(of_matrix, f * size + d, left, sum_u)
        for i in range(count):
            at = (start + i) * size + d
            store_some(of_keys, at, left, load_some(of_keys, at, left) + load(tile, i * room + d))


@inlined
def _of_features(
    tile: Array, start: int, count: int, matrix: Array, size: int, room: int, out: Array
) -> None:
    """Write g U of a tile's keys, four at a time."""
    filters, none = len(matrix) // size, fill(tile, 0)
    for i in range(0, count, 4):
        n1, n2, n3 = min(1, count - 1 - i), min(2, count - 1 - i), min(3, count - 1 - i)
        for f in range(filters):
            s0, s1, s2, s3 = none, none, none, none
            for d in range(0, size, width(tile)):
                u, at = load_some(matrix, f * size + d, size - d), i * room + d
                s0 += u * load(tile, at)
                s1 += u * load(tile, at + room)
                s2 += u * load(tile, at + 2 * room)
                s3 += u * load(tile, at + 3 * room)
            at = (start + i) * filters + f
            out[at + n3 * filters] = total(s3)
            out[at + n2 * filters] = total(s2)
            out[at + n1 * filters] = total(s1)
            out[at] = total(s0)


@compiled
def _ratios(query: Array, key: Array, features: Array, matrix: Array, size: int, out: Array) -> None:
    """Write r of each pair of a query and a key; ``matrix`` is U' (f, a)."""
    filters = len(matrix) // size
    for pair in range(len(out) // size):
        q, k = pair * size // len(key) * size, pair * size % len(key)
        for d in range(0, size, width(out)):
            left = size - d
            x = fill(out, 0)
            for f in range(filters):
                x += everywhere(features, pair * filters + f) * load_some(matrix, f * size + d, left)
            x += load_some(query, q + d, left) + load_some(key, k + d, left)
            store_some(out, pair * size + d, left, _ratio(x, out))


def _located(query: Tensor, keys: Tensor, features: Tensor, matrix: Tensor, out: Tensor) -> None:
    """Write r (q, k, a) of (q, a), (k, a), features (q, k, f) and their matrix (a, f), on one thread."""
    _ratios(_flat(query), _flat(keys), _flat(features), _flat(matrix.mT), len(matrix), _flat(out))


def scores(query: Tensor, keys: Tensor, energy: Tensor, *location: Tensor) -> Tensor:
    """Return v' tanh(Q + K + U F), (b, q, k), on one thread; the location is F (b, q, k, f) and U (a, f)."""
    features, matrix = location
    out = query.new_empty(*query.shape[:2], keys.shape[1])
    mask = torch.ones(keys.shape[:2], dtype=torch.bool)
    located_scores(
        _flat(query), _flat(keys), _flat(features), _flat(matrix.mT), _flat(energy), _flat(mask), 0.0,
        _flat(out),
    )  # fmt: skip
    return out


def gradients(
    of_scores: Tensor, query: Tensor, keys: Tensor, energy: Tensor, *location: Tensor
) -> tuple[Tensor, ...]:
    """Return the gradients of what ``scores`` takes, given that of the scores, (b, q, k)."""
    return blocked.gradients(of_scores, query, keys, energy, *location, located=_located)
