# mypy: disallow-untyped-defs=False
"""One step of a decoder on CUDA: scores, softmax under a mask and context in a single Triton kernel.

A program owns one query: it reads the keys and the values once, and nothing it writes is shared, so there are
no atomics and the same input gives the same bits. A key meets few queries, so exponentials made beforehand
would save nothing: r = 1 / (1 + e^{2(q + k)}) is made in place, tanh = 1 - 2r, its slope 4 r (1 - r).

    b batch   q queries   s source length   a alignment size   d value size
"""

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from attnbench.zoo.additive_kernels.cuda import COMPILED, reciprocal

QUERIES = 4
"""The most queries for which one pass for each of them is worth it."""
KEYS = 1024
"""The most keys that a single program is left with."""
TILE = {"ROWS": 32, "COLUMNS": 128, "num_warps": 8} if COMPILED else {"ROWS": 4, "COLUMNS": 16}
"""Keys and features that a program reads at once; the interpreter gets a tiny tile."""


@triton.jit
def cells(ptr, batch, rows, columns, keys, width):
    """Return pointers to the rows and columns of (b, keys, width), and which of them exist."""
    places = (batch * keys + rows)[:, None] * width + columns[None, :]
    return ptr + places, (rows < keys)[:, None] & (columns < width)[None, :]


@triton.jit
def _attend(
    query_ptr, keys_ptr, energy_ptr, values_ptr, mask_ptr, context_ptr, alignment_ptr,
    queries, keys, size, width,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, COMPILED: tl.constexpr,
):  # fmt: skip
    """Attend for one query; ``alignment_ptr`` holds the scores until their sum is known."""
    own = tl.program_id(0).to(tl.int64)
    batch = own // queries
    largest = float("-inf")
    total = 0.0
    for first in range(0, keys, ROWS):
        rows = first + tl.arange(0, ROWS)
        terms = tl.zeros((ROWS, COLUMNS), tl.float32)
        for begin in range(0, size, COLUMNS):
            columns = begin + tl.arange(0, COLUMNS)
            q = tl.load(query_ptr + own * size + columns, mask=columns < size, other=0.0).to(tl.float32)
            v = tl.load(energy_ptr + columns, mask=columns < size, other=0.0).to(tl.float32)
            pointers, real = cells(keys_ptr, batch, rows, columns, keys, size)
            k = tl.load(pointers, mask=real, other=0.0).to(tl.float32)
            r = reciprocal(1.0 + tl.exp(2.0 * (q[None, :] + k)), COMPILED)
            terms += v[None, :] * (1.0 - 2.0 * r)
        attended = tl.load(mask_ptr + batch * keys + rows, mask=rows < keys, other=0) != 0
        score = tl.where(attended, tl.sum(terms, axis=1), float("-inf"))
        tl.store(alignment_ptr + own * keys + rows, score, mask=rows < keys)
        before = largest
        largest = tl.maximum(before, tl.max(score, axis=0))
        base = tl.where(largest == float("-inf"), 0.0, largest)
        total = total * tl.exp(before - base) + tl.sum(tl.exp(score - base), axis=0)
    base = tl.where(largest == float("-inf"), 0.0, largest)
    scale = 1.0 / tl.where(total == 0.0, 1.0, total)
    tl.debug_barrier()  # the scores are read by other threads than wrote them
    for begin in range(0, width, COLUMNS):
        columns = begin + tl.arange(0, COLUMNS)
        terms = tl.zeros((ROWS, COLUMNS), tl.float32)
        for first in range(0, keys, ROWS):
            rows = first + tl.arange(0, ROWS)
            score = tl.load(alignment_ptr + own * keys + rows, mask=rows < keys, other=float("-inf"))
            pointers, real = cells(values_ptr, batch, rows, columns, keys, width)
            value = tl.load(pointers, mask=real, other=0.0).to(tl.float32)
            value = tl.where((score == float("-inf"))[:, None], 0.0, value)
            terms += (tl.exp(score - base) * scale)[:, None] * value
        tl.store(context_ptr + own * width + columns, tl.sum(terms, axis=0), mask=columns < width)
    tl.debug_barrier()  # all have read the scores
    for first in range(0, keys, ROWS):
        rows = first + tl.arange(0, ROWS)
        score = tl.load(alignment_ptr + own * keys + rows, mask=rows < keys, other=float("-inf"))
        tl.store(alignment_ptr + own * keys + rows, tl.exp(score - base) * scale, mask=rows < keys)


@triton.jit
def _gradients(
    query_ptr, keys_ptr, energy_ptr, values_ptr, alignment_ptr, of_context_ptr, of_alignment_ptr,
    of_query_ptr, of_keys_ptr, of_energy_ptr, of_values_ptr, of_weight_ptr,
    queries, keys, size, width,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, COMPILED: tl.constexpr,
):  # fmt: skip
    """Make one query's gradient and its share of the others'.

    dS = alpha (g - sum alpha g) with g = V dc + dalpha, which ``of_weight_ptr`` (b, q, s) holds on the way.
    Where alpha is 0, dS is 0 whatever keys and values are.
    """
    own = tl.program_id(0).to(tl.int64)
    batch = own // queries
    mean = 0.0
    for first in range(0, keys, ROWS):
        rows = first + tl.arange(0, ROWS)
        weight = tl.load(alignment_ptr + own * keys + rows, mask=rows < keys, other=0.0)
        terms = tl.zeros((ROWS, COLUMNS), tl.float32)
        for begin in range(0, width, COLUMNS):
            columns = begin + tl.arange(0, COLUMNS)
            c = tl.load(of_context_ptr + own * width + columns, mask=columns < width, other=0.0)
            pointers, real = cells(values_ptr, batch, rows, columns, keys, width)
            terms += tl.load(pointers, mask=real, other=0.0).to(tl.float32) * c[None, :]
            pointers, real = cells(of_values_ptr, own, rows, columns, keys, width)
            tl.store(pointers, weight[:, None] * c[None, :], mask=real)
        g = tl.load(of_alignment_ptr + own * keys + rows, mask=rows < keys, other=0.0) + tl.sum(terms, axis=1)
        g = tl.where(weight == 0.0, 0.0, g)
        tl.store(of_weight_ptr + own * keys + rows, g, mask=rows < keys)
        mean += tl.sum(weight * g, axis=0)
    tl.debug_barrier()  # g is read by other threads than wrote it
    for begin in range(0, size, COLUMNS):
        columns = begin + tl.arange(0, COLUMNS)
        q = tl.load(query_ptr + own * size + columns, mask=columns < size, other=0.0).to(tl.float32)
        v = tl.load(energy_ptr + columns, mask=columns < size, other=0.0).to(tl.float32)
        slopes = tl.zeros((ROWS, COLUMNS), tl.float32)
        tanhs = tl.zeros((ROWS, COLUMNS), tl.float32)
        for first in range(0, keys, ROWS):
            rows = first + tl.arange(0, ROWS)
            weight = tl.load(alignment_ptr + own * keys + rows, mask=rows < keys, other=0.0)
            g = tl.load(of_weight_ptr + own * keys + rows, mask=rows < keys, other=0.0)
            of_score = (weight * (g - mean))[:, None]
            pointers, real = cells(keys_ptr, batch, rows, columns, keys, size)
            k = tl.load(pointers, mask=real, other=0.0).to(tl.float32)
            k = tl.where((weight == 0.0)[:, None], 0.0, k)
            r = reciprocal(1.0 + tl.exp(2.0 * (q[None, :] + k)), COMPILED)
            slope = of_score * (4.0 * (r - r * r) * v[None, :])
            pointers, real = cells(of_keys_ptr, own, rows, columns, keys, size)
            tl.store(pointers, slope, mask=real)
            slopes += slope
            tanhs += of_score * (1.0 - 2.0 * r)
        tl.store(of_query_ptr + own * size + columns, tl.sum(slopes, axis=0), mask=columns < size)
        tl.store(of_energy_ptr + own * size + columns, tl.sum(tanhs, axis=0), mask=columns < size)


class Step(Function):
    """The context (b, q, d) and alignment (b, q, s) of query, keys, energy, values and mask."""

    @staticmethod
    def forward(
        ctx: Any, query: Tensor, keys: Tensor, energy: Tensor, values: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Keep the inputs and the alignment; the tanhs are made again for the gradients."""
        q, k, v, h = (x.contiguous() for x in (query, keys, energy, values))
        (batch, queries, size), (keys_, width) = q.shape, h.shape[1:]
        context = q.new_empty(batch, queries, width, dtype=torch.float32)
        alignment = q.new_empty(batch, queries, keys_, dtype=torch.float32)
        with torch.cuda.device_of(q):
            _attend[(batch * queries,)](
                q, k, v, h, mask.contiguous().view(torch.uint8), context, alignment,
                queries, keys_, size, width, COMPILED=COMPILED, **TILE,
            )  # fmt: skip
        ctx.save_for_backward(q, k, v, h, alignment)
        return context.to(query.dtype), alignment.to(query.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_context: Tensor, of_alignment: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients; those of keys and values are summed over the queries."""
        q, k, v, h, alignment = ctx.saved_tensors
        (batch, queries, size), (keys, width) = q.shape, h.shape[1:]
        of_query, of_energy = (torch.empty_like(q, dtype=torch.float32) for _ in range(2))
        of_keys, of_values = (x.new_empty(batch, queries, keys, x.shape[2]) for x in (k, h))
        with torch.cuda.device_of(q):
            _gradients[(batch * queries,)](
                q, k, v, h, alignment, of_context.to(torch.float32).contiguous(),
                of_alignment.to(torch.float32).contiguous(), of_query, of_keys, of_energy, of_values,
                torch.empty_like(alignment), queries, keys, size, width, COMPILED=COMPILED, **TILE,
            )  # fmt: skip
        of_k, of_h = (x[:, 0] if queries == 1 else x.sum(1) for x in (of_keys, of_values))
        return of_query.to(q.dtype), of_k, of_energy.sum((0, 1)).to(v.dtype), of_h, None


def suits(query: Tensor, keys: Tensor) -> bool:
    """Return whether ``attend`` is made for these: few queries (b, q, a), few keys (b, s, a), no float64."""
    few = query.shape[1] <= QUERIES and keys.shape[1] <= KEYS
    return few and torch.float64 not in (query.dtype, keys.dtype)


def attend(
    query: Tensor, keys: Tensor, energy: Tensor, values: Tensor, mask: Tensor
) -> tuple[Tensor, Tensor]:
    """Return contexts (b, q, d) and alignments (b, q, s), in the query's type; computes in float32.

    Query (b, q, a) and keys (b, s, a) are projected already; energy is (a,), values (b, s, d). The alignment
    is the softmax of energy' tanh(Q + K) where ``mask`` (b, s) is True; a row with no True gives zeros. Keys
    and values elsewhere do not matter, whatever they are.
    """
    context, alignment = Step.apply(query, keys, energy, values, mask)
    return context, alignment
