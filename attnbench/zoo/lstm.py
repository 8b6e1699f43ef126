"""The long short-term memory without peepholes and with one bias a gate (Rocktäschel et al. 2016).

    H_t = [x_t; h_{t-1}]
    i, f, o = sigmoid(W H_t + b), each with its own W and b
    c_t = f * c_{t-1} + i * tanh(W_c H_t + b_c)
    h_t = o * tanh(c_t)

so a unit has 4n (m + n) + 4n parameters; ``torch.nn.LSTM`` has 4n more, a second bias for each gate. The
products with x_t stand outside the loop over time, padding is not computed, and the gradient is written
out: back in time it only carries those of h and c, and each weight's is one product over all steps.

    b batch   s padded length   N real tokens   m input size   n hidden size
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from attnbench.zoo.packing import Packing
from attnbench.zoo.unrolled_lstm import LongShort


class Run(NamedTuple):
    """What reading a batch of sequences gives."""

    states: Tensor
    """(N, n): h after each token, packed."""
    hidden: Tensor
    """(b, n): h after each sequence's last token."""
    cell: Tensor
    """(b, n): c after each sequence's last token."""


class LSTM(nn.Module):
    """One LSTM; the rows of ``inputs`` (4n, m), ``recurrent`` (4n, n) and ``bias`` are i, f, o, candidate."""

    def __init__(self, inputs: int, hidden: int) -> None:
        """Make the weights for inputs of size m and states of size n.

        Recurrent blocks start orthogonal, biases at zero, that of the forget gate at one, so that the cell
        keeps what it holds.
        """
        super().__init__()
        self.hidden = hidden
        self.inputs = nn.Parameter(torch.empty(4 * hidden, inputs))
        self.recurrent = nn.Parameter(torch.empty(4 * hidden, hidden))
        self.bias = nn.Parameter(torch.zeros(4 * hidden))
        nn.init.normal_(self.inputs, std=inputs**-0.5)
        for block in self.recurrent.chunk(4):
            nn.init.orthogonal_(block)
        nn.init.ones_(self.bias.data[hidden : 2 * hidden])

    def forward(self, inputs: Tensor, packing: Packing, cell: Tensor | None = None) -> Run:
        """Read packed inputs (N, m), from a zero state and from ``cell`` (b, n) or zero.

        A sequence without a token ends as it started.
        """
        dtype = self.recurrent.dtype
        if cell is None:
            cell = self.recurrent.new_zeros(len(packing.order), self.hidden)
        with torch.autocast(inputs.device.type, enabled=False):
            run = _Run.apply(
                inputs.to(dtype), cell.to(dtype), self.inputs, self.recurrent, self.bias, packing
            )
        return Run(*run)


class Kept(NamedTuple):
    """What an LSTM takes from one step to the next."""

    hidden: Tensor
    """(..., n): h."""
    cell: Tensor
    """(..., n): c."""


class ContextLSTM(nn.Module):
    """The LSTM of a decoder: its gates read a context too (Xu et al. 2015).

    The sums inside the gates are W x_t + U h_{t-1} + Z z_t + b; rows are i, f, o, candidate. Biases start
    at zero.
    """

    gated = None

    def __init__(self, inputs: int, hidden: int, context: int) -> None:
        """Make W (4n, m) with b, U (4n, n) and Z (4n, d)."""
        super().__init__()
        self.inputs = nn.Parameter(torch.empty(4 * hidden, inputs))
        self.recurrent = nn.Parameter(torch.empty(4 * hidden, hidden))
        self.context = nn.Linear(context, 4 * hidden, bias=False)
        self.bias = nn.Parameter(torch.zeros(4 * hidden))
        nn.init.normal_(self.inputs, std=inputs**-0.5)
        for block in self.recurrent.chunk(4):
            nn.init.orthogonal_(block)

    @property
    def long_short(self) -> LongShort:
        """All weights but the inputs'."""
        return LongShort(self.context.weight, self.recurrent)

    def project(self, inputs: Tensor) -> Tensor:
        """Return W x + b: (..., m) to (..., 4n)."""
        return F.linear(inputs, self.inputs, self.bias)

    def query(self, state: Kept) -> Tensor:
        """Return h."""
        return state.hidden

    def step(self, projected: Tensor, context: Tensor, state: Kept) -> Kept:
        """Take one step: projected input (..., 4n), context (..., d) and state (..., n) to the new state."""
        sums = projected + self.context(context) + F.linear(state.hidden, self.recurrent)
        *gates, candidate = sums.chunk(4, dim=-1)
        i, f, o = map(torch.sigmoid, gates)
        cell = f * state.cell + i * torch.tanh(candidate)
        return Kept(o * torch.tanh(cell), cell)


class _Run(Function):
    """An LSTM over packed inputs (N, m), from a zero state and a cell (b, n).

    A row of ``gates`` (N, 4n) holds the projected input, then i, f, o and the candidate g; ``squashed``
    (N, n) is tanh(c). States and cells are those of the start, then of the tokens: (b + N, n).
    """

    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, cell: Tensor, weight: Tensor, recurrent: Tensor, bias: Tensor,
        packing: Packing,
    ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        batch, n = cell.shape
        gates = torch.addmm(bias, inputs, weight.t())
        squashed = inputs.new_empty(len(inputs), n)
        states, cells = (inputs.new_empty(batch + len(inputs), n) for _ in range(2))
        states[:batch], cells[:batch] = 0, cell[packing.order]
        rows = gates, gates[:, : 3 * n], *gates.chunk(4, dim=1), squashed
        h, c = packing.from_start(states), packing.from_start(cells)
        for step, (row, ifo, i, f, o, g, tanh) in enumerate(zip(*map(packing.steps, rows), strict=True)):
            row.addmm_(h[step][: len(row)], recurrent.t())
            ifo.sigmoid_()
            g.tanh_()
            torch.mul(f, c[step][: len(row)], out=c[step + 1]).addcmul_(i, g)
            torch.tanh(c[step + 1], out=tanh)
            torch.mul(o, tanh, out=h[step + 1])
        ctx.packing = packing
        ctx.save_for_backward(inputs, gates, states, cells, squashed, weight, recurrent)
        return states[batch:], states[packing.last], cells[packing.last]

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, of_states: Tensor, of_hidden: Tensor, of_cell: Tensor
    ) -> tuple[Tensor | None, ...]:
        inputs, gates, states, cells, squashed, weight, recurrent = ctx.saved_tensors
        packing, (batch, n) = ctx.packing, of_cell.shape
        into = torch.empty_like(gates)  # the gradients of the sums inside the gates
        of_h, of_c = torch.zeros_like(states), torch.zeros_like(cells)
        of_h[packing.last], of_c[packing.last] = of_hidden, of_cell
        of_h[batch:] += of_states
        dh, dc, c = (packing.from_start(rows) for rows in (of_h, of_c, cells))
        given = gates[:, : 3 * n], *gates.chunk(4, dim=1), squashed
        wanted = into, into[:, : 3 * n], *into.chunk(4, dim=1)
        steps = list(enumerate(zip(*map(packing.steps, (*given, *wanted)), strict=True)))
        for step, (ifo, i, f, o, g, tanh, row, to_ifo, to_i, to_f, to_o, to_g) in reversed(steps):
            h, cell, count = dh[step + 1], dc[step + 1], len(row)
            cell += torch.ops.aten.tanh_backward(h * o, tanh)
            torch.mul(cell, g, out=to_i)
            torch.mul(cell, c[step][:count], out=to_f)
            torch.mul(h, tanh, out=to_o)
            torch.ops.aten.sigmoid_backward.grad_input(to_ifo, ifo, grad_input=to_ifo)
            torch.ops.aten.tanh_backward.grad_input(cell * i, g, grad_input=to_g)
            dh[step][:count].addmm_(row, recurrent)
            dc[step][:count].addcmul_(cell, f)
        of_start = torch.empty_like(of_cell).index_copy_(0, packing.order, of_c[:batch])
        of_weights = into.t() @ torch.cat([inputs, packing.before(states)], dim=1)  # [4n, m + n]
        of_weight, of_recurrent = of_weights.split([inputs.shape[1], n], dim=1)
        return into @ weight, of_start, of_weight, of_recurrent, into.sum(dim=0), None
