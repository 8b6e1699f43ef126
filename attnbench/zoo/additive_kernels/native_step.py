"""The loops of one decoder step, compiled for this CPU by numba; see ``native`` for the equations.

The exponentials of the keys come ready. Tensors come flat.

    b batch   s source length   a alignment size
"""

from __future__ import annotations

from typing import Any

import numpy as np

from attnbench.zoo.additive_kernels.lanes import (
    everywhere,
    fill,
    load,
    load_some,
    smaller,
    store,
    store_some,
    total,
    width,
)  # fmt: skip
from attnbench.zoo.additive_kernels.native import Array, _both, _cut, _last, compiled, inlined


@compiled
def step_scores(a: Array, b: Array, v: Array, mask: Array, lowest: float, out: Array) -> None:
    """Write the scores (b, s) of one query (b, a) an entry where ``mask`` is True, else ``lowest``."""
    size, lanes = len(v), width(v)
    one, cut, none = fill(v, 1), _cut(v), fill(v, 0)
    pairs, sum_v = size - size % (2 * lanes), v.astype(np.float64).sum()
    sources = len(out) // (len(a) // size)
    for i in range(len(out)):
        if not mask[i]:
            out[i] = lowest
            continue
        row, score = i // sources * size, none
        for d in range(0, pairs, 2 * lanes):
            b0, b1 = load(b, i * size + d), load(b, i * size + d + lanes)
            score += _both(a, row + d, b0, b1, load(v, d), load(v, d + lanes), one, cut)
        for d in range(pairs, size, lanes):
            b0, v0 = load_some(b, i * size + d, size - d), load_some(v, d, size - d)
            score += _last(a, row + d, size - d, b0, v0, one, cut)
        out[i] = sum_v - 2 * total(score)


@inlined
def _slope(a: Any, b: Array, at: int, one: Any, cut: Any) -> Any:
    """Return r (1 - r)."""
    r = one / smaller(a * load(b, at) + one, cut)
    return r - r * r


@compiled
def step_of_query(given: Array, a: Array, b: Array, v: Array, out: Array) -> None:
    """Write the query's gradient (b, a), 4 v sum_s dS r (1 - r), given that of its scores (b, s)."""
    size, lanes = len(v), width(v)
    one, four, cut, none = fill(v, 1), fill(v, 4), _cut(v), fill(v, 0)
    batch = len(a) // size
    sources, fours = len(given) // batch, size - size % (4 * lanes)
    for entry in range(batch):
        row, first, last = entry * size, entry * sources, (entry + 1) * sources
        for d in range(0, fours, 4 * lanes):
            a0, a1 = load(a, row + d), load(a, row + d + lanes)
            a2, a3 = load(a, row + d + 2 * lanes), load(a, row + d + 3 * lanes)
            s0, s1, s2, s3 = none, none, none, none
            for k in range(first, last):
                at, g = k * size + d, everywhere(given, k)
                s0 += g * _slope(a0, b, at, one, cut)
                s1 += g * _slope(a1, b, at + lanes, one, cut)
                s2 += g * _slope(a2, b, at + 2 * lanes, one, cut)
                s3 += g * _slope(a3, b, at + 3 * lanes, one, cut)
            store(out, row + d, four * load(v, d) * s0)
            store(out, row + d + lanes, four * load(v, d + lanes) * s1)
            store(out, row + d + 2 * lanes, four * load(v, d + 2 * lanes) * s2)
            store(out, row + d + 3 * lanes, four * load(v, d + 3 * lanes) * s3)
        for d in range(fours, size, lanes):
            left, sum_g = size - d, none
            query = load_some(a, row + d, left)
            for k in range(first, last):
                r = one / smaller(query * load_some(b, k * size + d, left) + one, cut)
                sum_g += everywhere(given, k) * (r - r * r)
            store_some(out, row + d, left, four * load_some(v, d, left) * sum_g)
