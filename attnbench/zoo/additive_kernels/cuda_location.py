# mypy: disallow-untyped-defs=False
"""Additive scores with a location term, and their gradients, on CUDA, as Triton kernels.

The term U F differs for every query and key, so exponentials made beforehand would save nothing. A tile of
it is a product of two small matrices in float32; r = 1 / (1 + e^{2(q + k + U F)}) is made in place, tanh =
1 - 2r, its slope 4 r (1 - r). What a program makes is its own until torch adds it up: there are no atomics,
and the same input gives the same bits.

    b batch   q queries   k keys   a alignment size   f features
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from attnbench.zoo.additive_kernels.cuda import COMPILED, reciprocal, single
from attnbench.zoo.additive_kernels.cuda_step import cells

TILE = {"ROWS": 16, "COLUMNS": 128, "num_warps": 8} if COMPILED else {"ROWS": 4, "COLUMNS": 16}
"""Keys and part of a that a program works on at once, all in registers on compute capability 9.0; the
interpreter gets a tiny tile."""
SPAN = 8 * TILE["ROWS"]
"""Keys whose gradients one program makes."""


@triton.jit
def _located(
    query_ptr, keys_ptr, features_ptr, matrix_ptr, own, batch, rows, columns, keys, size, filters,
    FILTERS: tl.constexpr, COMPILED: tl.constexpr,
):  # fmt: skip
    """Return r (rows, columns) of one query, with its features (rows, FILTERS) and U' (FILTERS, columns)."""
    q = tl.load(query_ptr + own * size + columns, mask=columns < size, other=0.0)
    pointers, real = cells(keys_ptr, batch, rows, columns, keys, size)
    k = tl.load(pointers, mask=real, other=0.0)
    places = tl.arange(0, FILTERS)
    pointers, real = cells(features_ptr, own, rows, places, keys, filters)
    features = tl.load(pointers, mask=real, other=0.0)
    pointers, real = cells(matrix_ptr, 0, places, columns, filters, size)
    matrix = tl.load(pointers, mask=real, other=0.0)
    x = q[None, :] + k + tl.dot(features, matrix, input_precision="ieee")
    return reciprocal(1.0 + tl.exp(2.0 * x), COMPILED), features, matrix


@triton.jit
def _scores(
    query_ptr, keys_ptr, energy_ptr, features_ptr, matrix_ptr, scores_ptr,
    queries, keys, size, filters,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FILTERS: tl.constexpr, COMPILED: tl.constexpr,
):  # fmt: skip
    """Make the scores of one query and ``ROWS`` keys."""
    own = tl.program_id(0).to(tl.int64)
    rows = tl.program_id(1) * ROWS + tl.arange(0, ROWS)
    terms = tl.zeros((ROWS, COLUMNS), tl.float32)
    for begin in range(0, size, COLUMNS):
        columns = begin + tl.arange(0, COLUMNS)
        r, _, _ = _located(
            query_ptr, keys_ptr, features_ptr, matrix_ptr, own, own // queries, rows, columns,
            keys, size, filters, FILTERS, COMPILED,
        )  # fmt: skip
        v = tl.load(energy_ptr + columns, mask=columns < size, other=0.0)
        terms += v[None, :] * (1.0 - 2.0 * r)
    tl.store(scores_ptr + own * keys + rows, tl.sum(terms, axis=1), mask=rows < keys)


@triton.jit
def _gradients(
    query_ptr, keys_ptr, energy_ptr, features_ptr, matrix_ptr, of_scores_ptr,
    of_query_ptr, of_keys_ptr, of_energy_ptr, of_features_ptr, of_matrix_ptr,
    queries, keys, size, filters,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FILTERS: tl.constexpr, SPAN: tl.constexpr,
    COMPILED: tl.constexpr,
):  # fmt: skip
    """Make the gradients that come from ``SPAN`` keys of an entry and ``COLUMNS`` of the alignment size.

    Pointers of the results: query (spans, b, q, a), keys (b, k, a), energy (spans, b, a), features
    (blocks of columns, b, q, k, f), matrix (spans, b, f, a).
    """
    batch, block, span = tl.program_id(0).to(tl.int64), tl.program_id(1), tl.program_id(2)
    entries = tl.num_programs(0)
    columns = block * COLUMNS + tl.arange(0, COLUMNS)
    places = tl.arange(0, FILTERS)
    v = tl.load(energy_ptr + columns, mask=columns < size, other=0.0)
    tanhs = tl.zeros((ROWS, COLUMNS), tl.float32)
    of_matrix = tl.zeros((FILTERS, COLUMNS), tl.float32)
    for i in range(queries):
        own = batch * queries + i
        slopes = tl.zeros((ROWS, COLUMNS), tl.float32)
        for first in range(span * SPAN, tl.minimum(keys, (span + 1) * SPAN), ROWS):
            rows = first + tl.arange(0, ROWS)
            r, features, matrix = _located(
                query_ptr, keys_ptr, features_ptr, matrix_ptr, own, batch, rows, columns,
                keys, size, filters, FILTERS, COMPILED,
            )  # fmt: skip
            g = tl.load(of_scores_ptr + own * keys + rows, mask=rows < keys, other=0.0)[:, None]
            slope = g * (4.0 * (r - r * r) * v[None, :])
            tanhs += g * (1.0 - 2.0 * r)
            slopes += slope
            of_matrix += tl.dot(tl.trans(features), slope, input_precision="ieee")
            pointers, real = cells(
                of_features_ptr, block * entries * queries + own, rows, places, keys, filters
            )
            tl.store(pointers, tl.dot(slope, tl.trans(matrix), input_precision="ieee"), mask=real)
            pointers, real = cells(of_keys_ptr, batch, rows, columns, keys, size)
            tl.store(pointers, slope + tl.load(pointers, mask=real & (i > 0), other=0.0), mask=real)
        made = of_query_ptr + ((span * entries + batch) * queries + i) * size + columns
        tl.store(made, tl.sum(slopes, axis=0), mask=columns < size)
        tl.debug_barrier()  # the gradients of keys may be read by other threads than wrote them
    tl.store(
        of_energy_ptr + (span * entries + batch) * size + columns, tl.sum(tanhs, axis=0), mask=columns < size
    )
    pointers, real = cells(of_matrix_ptr, span * entries + batch, places, columns, filters, size)
    tl.store(pointers, of_matrix, mask=real)


def _padded(filters: int) -> int:
    """Return the size of a product's inner axis that holds the filters."""
    return max(16, triton.next_power_of_2(filters))


def scores(query: Tensor, keys: Tensor, energy: Tensor, features: Tensor, matrix: Tensor) -> Tensor:
    """Return v' tanh(Q + K + U F), (b, q, k), from (b, q, a), (b, k, a), v (a,), F (b, q, k, f) and U (a, f).

    Computes in float32; raises ValueError for float64.
    """
    given = single(query, keys, energy, features, matrix.mT)
    batch, queries, count, filters = features.shape
    made = given[0].new_empty(batch, queries, count)
    with torch.cuda.device_of(made):
        _scores[batch * queries, triton.cdiv(count, TILE["ROWS"])](
            *given, made, queries, count, len(energy), filters,
            FILTERS=_padded(filters), COMPILED=COMPILED, **TILE,
        )  # fmt: skip
    return made.to(query.dtype)


def gradients(
    of_scores: Tensor, query: Tensor, keys: Tensor, energy: Tensor, features: Tensor, matrix: Tensor
) -> tuple[Tensor, ...]:
    """Return the gradients of what ``scores`` takes, given that of the scores, (b, q, k)."""
    g, *given = single(of_scores, query, keys, energy, features, matrix.mT)
    (batch, queries, count, filters), size = features.shape, len(energy)
    blocks, spans = triton.cdiv(size, TILE["COLUMNS"]), triton.cdiv(count, SPAN)
    of_query, of_keys, of_energy, of_features, of_matrix = made = [
        g.new_empty(shape)
        for shape in (
            (spans, *query.shape), keys.shape, (spans, batch, size), (blocks, *features.shape),
            (spans, batch, filters, size),
        )
    ]  # fmt: skip
    with torch.cuda.device_of(g):
        _gradients[batch, blocks, spans](
            *given, g, *made, queries, count, size, filters,
            FILTERS=_padded(filters), SPAN=SPAN, COMPILED=COMPILED, **TILE,
        )  # fmt: skip
    sums = of_query.sum(0), of_keys, of_energy.sum((0, 1)), of_features.sum(0), of_matrix.sum((0, 1)).mT
    return tuple(x.to(y.dtype) for x, y in zip(sums, (query, keys, energy, features, matrix), strict=True))
