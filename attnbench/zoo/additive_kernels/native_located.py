"""The loops of one decoder step with a location term, compiled for this CPU by numba; see ``native``.

With a location, an exponential serves one step alone: r = 1 / (1 + e^{2x}), x = q + k + U f, is made in the
loop, four keys at a time, which share the loads of U. Tensors come flat.

    b batch   s source length   a alignment size   f features
"""

from __future__ import annotations

from typing import Any

import numpy as np

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
from attnbench.zoo.additive_kernels.native import Array, _power, compiled, inlined

TILE = 8
"""Keys whose gradients are held at once; a multiple of four."""


@inlined
def _ratio(x: Any, like: Array) -> Any:
    """Return r of x."""
    one = fill(like, 1)
    return one / (one + _power(x, like))


@compiled
def located_scores(
    query: Array, keys: Array, features: Array, matrix: Array, v: Array, mask: Array, lowest: float,
    out: Array,
) -> None:  # fmt: skip
    """Write the scores (b, s) of one query (b, a) an entry where ``mask`` is True, else ``lowest``.

    Features are (b, s, f), and ``matrix`` is U' (f, a).
    """
    size, none = len(v), fill(v, 0)
    filters, sum_v = len(matrix) // size, v.astype(np.float64).sum()
    sources = len(out) // (len(query) // size)
    for entry in range(len(query) // size):
        end = (entry + 1) * sources - 1
        for k0 in range(entry * sources, end + 1, 4):
            k1, k2, k3 = min(k0 + 1, end), min(k0 + 2, end), min(k0 + 3, end)
            s0, s1, s2, s3 = none, none, none, none
            if mask[k0] or mask[k1] or mask[k2] or mask[k3]:
                for d in range(0, size, width(v)):
                    left = size - d
                    q, w = load_some(query, entry * size + d, left), load_some(v, d, left)
                    x0, x1 = (
                        q + load_some(keys, k0 * size + d, left),
                        q + load_some(keys, k1 * size + d, left),
                    )
                    x2, x3 = (
                        q + load_some(keys, k2 * size + d, left),
                        q + load_some(keys, k3 * size + d, left),
                    )
                    for f in range(filters):
                        u = load_some(matrix, f * size + d, left)
                        x0 += everywhere(features, k0 * filters + f) * u
                        x1 += everywhere(features, k1 * filters + f) * u
                        x2 += everywhere(features, k2 * filters + f) * u
                        x3 += everywhere(features, k3 * filters + f) * u
                    s0, s1 = s0 + w * _ratio(x0, v), s1 + w * _ratio(x1, v)
                    s2, s3 = s2 + w * _ratio(x2, v), s3 + w * _ratio(x3, v)
            out[k3] = sum_v - 2 * total(s3) if mask[k3] else lowest
            out[k2] = sum_v - 2 * total(s2) if mask[k2] else lowest
            out[k1] = sum_v - 2 * total(s1) if mask[k1] else lowest
            out[k0] = sum_v - 2 * total(s0) if mask[k0] else lowest


@compiled
def located_gradients(
    given: Array, query: Array, keys: Array, features: Array, matrix: Array, v: Array,
    of_query: Array, of_features: Array, of_keys: Array, of_energy: Array, of_matrix: Array,
) -> None:  # fmt: skip
    """Write the gradients of query and features, given that of the scores; add to those of the rest.

    g = 4 v dS r (1 - r) is the gradient of x; a tile of it is held. The last key may stand in a tile more
    than once: it then counts for nothing but the first time.
    """
    size, lanes, none = len(v), width(v), fill(v, 0)
    filters, room = len(matrix) // size, -(-size // lanes) * lanes
    sources = len(given) // (len(query) // size)
    tile = np.empty(TILE * room, v.dtype)
    of_query[:] = 0
    for entry in range(len(query) // size):
        end = (entry + 1) * sources - 1
        for first in range(entry * sources, end + 1, TILE):
            last = min(first + TILE - 1, end)
            for d in range(0, size, lanes):
                left, row = size - d, entry * size + d
                q, four = load_some(query, row, left), fill(v, 4) * load_some(v, d, left)
                sum_g, sum_v = load_some(of_query, row, left), load_some(of_energy, d, left)
                for k0 in range(first, last + 1, 4):
                    k1, k2, k3 = min(k0 + 1, last), min(k0 + 2, last), min(k0 + 3, last)
                    x0, x1 = (
                        q + load_some(keys, k0 * size + d, left),
                        q + load_some(keys, k1 * size + d, left),
                    )
                    x2, x3 = (
                        q + load_some(keys, k2 * size + d, left),
                        q + load_some(keys, k3 * size + d, left),
                    )
                    for f in range(filters):
                        u = load_some(matrix, f * size + d, left)
                        x0 += everywhere(features, k0 * filters + f) * u
                        x1 += everywhere(features, k1 * filters + f) * u
                        x2 += everywhere(features, k2 * filters + f) * u
                        x3 += everywhere(features, k3 * filters + f) * u
                    r0, r1, r2, r3 = _ratio(x0, v), _ratio(x1, v), _ratio(x2, v), _ratio(x3, v)
                    g0 = everywhere(given, k0)
                    g1 = everywhere(given, k1) if k1 > k0 else none
                    g2 = everywhere(given, k2) if k2 > k1 else none
                    g3 = everywhere(given, k3) if k3 > k2 else none
                    t0, t1, t2, t3 = g0 * r0, g1 * r1, g2 * r2, g3 * r3
                    sum_v += (g0 + g1) + (g2 + g3) - fill(v, 2) * ((t0 + t1) + (t2 + t3))
                    t0, t1 = four * (t0 - t0 * r0), four * (t1 - t1 * r1)
                    t2, t3 = four * (t2 - t2 * r2), four * (t3 - t3 * r3)
                    sum_g += (t0 + t1) + (t2 + t3)
                    at = (k0 - first) * room + d
                    store(tile, at, t0)
                    store(tile, at + room, t1)
                    store(tile, at + 2 * room, t2)
                    store(tile, at + 3 * room, t3)
                store_some(of_query, row, left, sum_g)
                store_some(of_energy, d, left, sum_v)
                for f in range(filters):
                    sum_u = load_some(of_matrix, f * size + d, left)
                    for k in range(first, last + 1):
                        sum_u += everywhere(features, k * filters + f) * load(tile, (k - first) * room + d)
                    store_some(of_matrix, f * size + d, left, sum_u)
                for k in range(first, last + 1):
                    at = k * size + d
                    store_some(
                        of_keys, at, left, load_some(of_keys, at, left) + load(tile, (k - first) * room + d)
                    )
            _of_features(tile, first, last, matrix, size, room, of_features)


@inlined
def _of_features(tile: Array, first: int, last: int, matrix: Array, size: int, room: int, out: Array) -> None:
    """Write g U of a tile's keys, four at a time."""
    filters, none = len(matrix) // size, fill(tile, 0)
    for k0 in range(first, last + 1, 4):
        k1, k2, k3 = min(k0 + 1, last), min(k0 + 2, last), min(k0 + 3, last)
        for f in range(filters):
            s0, s1, s2, s3 = none, none, none, none
            for d in range(0, size, width(tile)):
                u, at = load_some(matrix, f * size + d, size - d), (k0 - first) * room + d
                s0 += u * load(tile, at)
                s1 += u * load(tile, at + room)
                s2 += u * load(tile, at + 2 * room)
                s3 += u * load(tile, at + 3 * room)
            out[k3 * filters + f] = total(s3)
            out[k2 * filters + f] = total(s2)
            out[k1 * filters + f] = total(s1)
            out[k0 * filters + f] = total(s0)
