# mypy: disallow-untyped-defs=False
"""Additive scores and their gradients on CUDA, as Triton kernels.

With A = e^{2Q} and B = e^{2K}, tanh(q + k) = 1 - 2r and its slope is 4 r (1 - r), r = 1 / (1 + A B). torch
makes the exponentials, once for each row. The loops hold the denominator d = min(c + c A B, 1), c = 2^-29:
one instruction (a fused multiply-add that saturates), and two terms can share one reciprocal in float32:

    v1 r1 + v2 r2 = c (v1 d2 + v2 d1) / (d1 d2)

A multiprocessor issues 128 instructions a clock, but 16 of a tanh or reciprocal. Compiled for compute
capability 9.0, a term takes 4.2 instructions for the scores, 6.3 for the gradient of the keys and 7.3 for
those of query and energy, loads and loops included, and half a reciprocal each. So the scores can come to
1.9 times the rate of a tanh, and forward and backward together to 0.45 of it. Terms are summed ``CHUNK`` at a
time first, to keep the rounding small.

Where |Q| or |K| goes beyond 32, c A leaves float32. The largest stays on the device, and programs that read
one beyond 32, or NaN, take a second loop over r = 1 / (1 + e^{2(q + k)}).

    b batch   q queries   k keys   a alignment size   n rows of the side whose gradient is made
    m rows of the other side
"""

import torch
import torch.nn.functional as F
import triton
import triton.language as tl
from torch import Tensor

REACH = tl.constexpr(32.0)
"""The largest |Q| or |K| whose exponentials are used."""
FLOOR = tl.constexpr(2.0**-29)
"""c: the least denominator."""
UNROLL = tl.constexpr(4)
"""Terms in the body of a loop."""
CHUNK = tl.constexpr(32)
"""Terms summed before they join the total."""
PADDING = 64
"""What sizes are padded to: a multiple of all tiles and of ``CHUNK``, so that loads in loops need no mask."""


@triton.jit
def reciprocal(x, COMPILED: tl.constexpr):
    """Return 1 / x to a unit in the last place; Triton's division takes seven instructions more."""
    if COMPILED:
        return tl.inline_asm_elementwise(
            "rcp.approx.ftz.f32 $0, $1;", "=f,f", [x], dtype=tl.float32, is_pure=True, pack=1
        )
    else:  # noqa: RET505  # only one branch is compiled
        return 1.0 / x


COMPILED = isinstance(reciprocal, triton.JITFunction)
"""False under Triton's interpreter (TRITON_INTERPRET=1), which takes tensors on the CPU."""


def _tiles(*shapes: tuple[int, int, int]) -> list[triton.Config]:
    """Return the configurations to choose among: (rows, columns, warps); the interpreter gets a tiny one."""
    chosen = shapes if COMPILED else ((4, 16, 1),)
    return [triton.Config({"ROWS": n, "COLUMNS": m}, num_warps=warps) for n, m, warps in chosen]


def _bucket(*sizes: int) -> int:
    """Return a number for the sizes rounded to powers of two: tiles are chosen anew when it changes."""
    return sum(size.bit_length() << 6 * place for place, size in enumerate(sizes))


@triton.jit
def _denominator(a, b):
    return tl.clamp(tl.fma(a, b, FLOOR), 0.0, 1.0)


@triton.autotune(_tiles((32, 64, 2), (16, 64, 2), (32, 32, 1), (16, 32, 1)), key=["bucket"])
@triton.jit(do_not_specialize=["queries", "keys", "size", "bucket"])
def _scores(
    a_ptr, b_ptr, query_ptr, keys_ptr, energy_ptr, largest_ptr, scores_ptr,
    queries, keys, size, a_stride, b_stride, padded, bucket,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, COMPILED: tl.constexpr,
):  # fmt: skip
    """Make a tile (ROWS, COLUMNS) of the scores.

    Pointers: c A and Q (b, padded, a_stride), B and K (b, padded, b_stride), -2 c v (padded), the largest
    absolute value of Q and K, scores (b, q, k). In a tile with 32 columns for each warp a thread has one of
    them, and reads whole vectors of A.
    """
    batch = tl.program_id(2).to(tl.int64)
    rows = tl.program_id(1) * ROWS + tl.arange(0, ROWS)
    columns = tl.program_id(0) * COLUMNS + tl.arange(0, COLUMNS)
    total = tl.zeros((ROWS, COLUMNS), tl.float32)
    if tl.load(largest_ptr) <= REACH:
        a_row = a_ptr + batch * padded * a_stride
        b_row = b_ptr + batch * padded * b_stride
        for chunk in range(0, size, CHUNK):
            part = tl.zeros((ROWS, COLUMNS), tl.float32)
            energies = 0.0
            for i in range(chunk, chunk + CHUNK, UNROLL):
                for j in tl.static_range(0, UNROLL, 2):
                    v1 = tl.load(energy_ptr + i + j)
                    v2 = tl.load(energy_ptr + i + j + 1)
                    a1 = tl.load(a_row + j * a_stride + rows)
                    a2 = tl.load(a_row + (j + 1) * a_stride + rows)
                    b1 = tl.load(b_row + j * b_stride + columns)
                    b2 = tl.load(b_row + (j + 1) * b_stride + columns)
                    d1 = _denominator(a1[:, None], b1[None, :])
                    d2 = _denominator(a2[:, None], b2[None, :])
                    part = tl.fma(tl.fma(v1, d2, v2 * d1), reciprocal(d1 * d2, COMPILED), part)
                    energies += v1 + v2
                a_row += UNROLL * a_stride
                b_row += UNROLL * b_stride
            total += part - energies * (0.5 / FLOOR)
    else:
        q_row = query_ptr + batch * padded * a_stride
        k_row = keys_ptr + batch * padded * b_stride
        for chunk in range(0, size, CHUNK):
            part = tl.zeros((ROWS, COLUMNS), tl.float32)
            for i in range(chunk, chunk + CHUNK):
                x = tl.load(q_row + rows)[:, None] + tl.load(k_row + columns)[None, :]
                r = reciprocal(1.0 + tl.exp(2.0 * x), COMPILED)
                part += tl.load(energy_ptr + i) * (r - 0.5)
                q_row += a_stride
                k_row += b_stride
            total += part * (1.0 / FLOOR)
    cells = (batch * queries + rows)[:, None] * keys + columns[None, :]
    tl.store(scores_ptr + cells, total, mask=(rows < queries)[:, None] & (columns < keys)[None, :])


@triton.autotune(_tiles((32, 64, 4), (16, 64, 2), (32, 32, 2), (64, 32, 4)), key=["bucket", "SHARES"])
@triton.jit(do_not_specialize=["n", "m", "size", "bucket"])
def _gradient(
    a_ptr, b_ptr, own_ptr, other_ptr, of_scores_ptr, largest_ptr, slope_ptr, share_ptr,
    n, m, size, a_stride, g_stride, padded, bucket,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, SHARES: tl.constexpr, COMPILED: tl.constexpr,
):  # fmt: skip
    """Sum -dS r (1 - r), and -dS r where SHARES, over the other side, for a tile (ROWS, COLUMNS) of (n, a).

    Pointers: c times the exponentials of this side and it (b, g_stride, a_stride), the exponentials of the
    other and it (b, padded, a_stride), dS (b, padded, g_stride) with zeros where padded, the largest absolute
    value of both sides, the two sums (b, n, a).
    """
    batch = tl.program_id(2).to(tl.int64)
    rows = tl.program_id(1) * ROWS + tl.arange(0, ROWS)
    columns = tl.program_id(0) * COLUMNS + tl.arange(0, COLUMNS)
    cells = (batch * g_stride + rows)[:, None] * a_stride + columns[None, :]
    slope = tl.zeros((ROWS, COLUMNS), tl.float32)
    share = tl.zeros((ROWS, COLUMNS), tl.float32)
    g_row = of_scores_ptr + batch * padded * g_stride
    if tl.load(largest_ptr) <= REACH:
        a = tl.load(a_ptr + cells)
        b_row = b_ptr + batch * padded * a_stride
        for _ in range(0, m, CHUNK):
            slopes = tl.zeros((ROWS, COLUMNS), tl.float32)
            shares = tl.zeros((ROWS, COLUMNS), tl.float32)
            for _ in range(0, CHUNK, UNROLL):
                for j in tl.static_range(0, UNROLL, 2):
                    d1 = _denominator(a, tl.load(b_row + j * a_stride + columns)[None, :])
                    d2 = _denominator(a, tl.load(b_row + (j + 1) * a_stride + columns)[None, :])
                    g1 = tl.load(g_row + j * g_stride + rows)[:, None]
                    g2 = tl.load(g_row + (j + 1) * g_stride + rows)[:, None]
                    both = reciprocal(d1 * d2, COMPILED) * (-FLOOR)  # r1 and r2 have a minus sign
                    r1 = both * d2
                    r2 = both * d1
                    slopes = tl.fma(g1, tl.fma(r1, r1, r1), slopes)
                    slopes = tl.fma(g2, tl.fma(r2, r2, r2), slopes)
                    if SHARES:
                        shares = tl.fma(g1, r1, shares)
                        shares = tl.fma(g2, r2, shares)
                b_row += UNROLL * a_stride
                g_row += UNROLL * g_stride
            slope += slopes
            share += shares
    else:
        own = tl.load(own_ptr + cells)
        other_row = other_ptr + batch * padded * a_stride
        for _ in range(m):
            x = own + tl.load(other_row + columns)[None, :]
            r = reciprocal(1.0 + tl.exp(2.0 * x), COMPILED)
            g = tl.load(g_row + rows)[:, None]
            slope -= g * (r - r * r)
            if SHARES:
                share -= g * r
            other_row += a_stride
            g_row += g_stride
    made = (batch * n + rows)[:, None] * size + columns[None, :]
    real = (rows < n)[:, None] & (columns < size)[None, :]
    tl.store(slope_ptr + made, slope, mask=real)
    if SHARES:
        tl.store(share_ptr + made, share, mask=real)


def _padded(x: Tensor) -> Tensor:
    """Return (b, n, m) with zeros up to multiples of ``PADDING`` on the last two axes, contiguous."""
    missing = (-x.shape[2] % PADDING, -x.shape[1] % PADDING)
    return F.pad(x, (0, missing[0], 0, missing[1])).contiguous() if any(missing) else x.contiguous()


def single(*tensors: Tensor) -> list[Tensor]:
    """Return the tensors in float32, contiguous; raise ValueError for float64."""
    if torch.float64 in {x.dtype for x in tensors}:
        raise ValueError(
            "the CUDA kernels of additive attention compute in float32: use 'blocked' for float64"
        )
    return [x.to(torch.float32).contiguous() for x in tensors]


def _sides(query: Tensor, keys: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return both as the kernels read them, and their largest absolute value (NaN where there is one)."""
    q, k = single(query, keys)
    largest = [torch.linalg.vector_norm(side, float("inf")) for side in (q, k)]
    return q, k, torch.maximum(largest[0], largest[1])


def scores(query: Tensor, keys: Tensor, energy: Tensor) -> Tensor:
    """Return v' tanh(Q + K), (b, q, k), from (b, q, a), (b, k, a) and v (a,), in the query's type.

    Computes in float32.
    """
    q, k, largest = _sides(query, keys)
    batch, queries, size = q.shape
    made = q.new_empty(batch, queries, keys.shape[1])
    q, k = _padded(q.mT), _padded(k.mT)  # [b, a, q], [b, a, k]
    a, b = torch.exp_(2 * q).mul_(FLOOR.value), torch.exp_(2 * k)
    scaled = F.pad(-2 * FLOOR.value * energy.to(torch.float32), (0, a.shape[1] - size))

    def grid(tile: dict[str, int]) -> tuple[int, int, int]:
        return triton.cdiv(keys.shape[1], tile["COLUMNS"]), triton.cdiv(queries, tile["ROWS"]), batch

    with torch.cuda.device_of(q):
        _scores[grid](
            a, b, q, k, scaled, largest, made,
            queries, keys.shape[1], size, a.shape[2], b.shape[2], a.shape[1], _bucket(*made.shape),
            COMPILED=COMPILED,
        )  # fmt: skip
    return made.to(query.dtype)


def _sums(of_scores: Tensor, own: Tensor, other: Tensor, largest: Tensor, shares: bool) -> tuple[Tensor, ...]:
    """Return the sums over m of -dS r (1 - r), (b, n, a), and of -dS r where ``shares``; dS is (b, m, n)."""
    (batch, n, size), m = own.shape, other.shape[1]
    sums = tuple(torch.empty_like(own) for _ in range(1 + shares))
    own, other, g = _padded(own), _padded(other), _padded(of_scores)
    a, b = torch.exp_(2 * own).mul_(FLOOR.value), torch.exp_(2 * other)

    def grid(tile: dict[str, int]) -> tuple[int, int, int]:
        return triton.cdiv(size, tile["COLUMNS"]), triton.cdiv(n, tile["ROWS"]), batch

    with torch.cuda.device_of(g):
        _gradient[grid](
            a, b, own, other, g, largest, sums[0], sums[-1],
            n, m, size, a.shape[2], g.shape[2], g.shape[1], _bucket(batch, n, m, size),
            SHARES=shares, COMPILED=COMPILED,
        )  # fmt: skip
    return sums


def gradients(
    of_scores: Tensor, query: Tensor, keys: Tensor, energy: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradients of query (b, q, a), keys (b, k, a) and energy (a,), given dS (b, q, k).

    dQ = 4 v sum_k dS r (1 - r), dK the same over q, and dv = sum dS (1 - 2r), in float32. The same input
    gives the same bits: no sum depends on which program runs first.
    """
    q, k, largest = _sides(query, keys)
    g, v = of_scores.to(torch.float32), energy.to(torch.float32)
    of_query, share = _sums(g.mT, q, k, largest, shares=True)
    (of_keys,) = _sums(g, k, q, largest, shares=False)
    of_energy = (g.sum() + 2 * share.sum((0, 1))).to(energy.dtype)
    return of_query.mul_(-4 * v).to(query.dtype), of_keys.mul_(-4 * v).to(keys.dtype), of_energy
