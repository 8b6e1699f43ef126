"""The loops of an LSTM that reads gated contexts, with their gradients written out.

As in ``unrolled``, the loop back in time carries only the gradients of h and c; each weight's is one product
over all steps. Contexts come from additive attention, whose keys are projected once, or they are a fixed
vector, whose product stands outside the loop and is only scaled within.

    b batch   s annotations   t target length   n hidden   a alignment   d annotation

Inside, time comes first, so that a step is one block of memory.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from attnbench.zoo.additive_kernels import additive_gradients
from attnbench.zoo.additive_kernels.steps import stepwise
from attnbench.zoo.graphs import Graphs
from attnbench.zoo.unrolled import Gradients, over_steps, time_first


class LongShort(NamedTuple):
    """An LSTM's weights of a context (4n, d) and of the state (4n, n); rows are i, f, o, candidate."""

    context: Tensor
    recurrent: Tensor


class Gate(NamedTuple):
    """The weights (1, n) and the bias (1,) of the number by which a context is let in."""

    weight: Tensor
    bias: Tensor


class Draws(NamedTuple):
    """What decides the draws of all steps, for annotations that are drawn."""

    race: Tensor
    """(t, b, s): what probabilities are divided by; the largest then is the one that is drawn."""
    drew: Tensor
    """(b,), bool: False where the expectation takes the draws' place."""


class Looked(NamedTuple):
    """What a loop with attention gives."""

    states: Tensor
    """(b, t + 1, n): h, the first one too."""
    contexts: Tensor
    """(b, t, d): as they were let in."""
    alignments: Tensor
    """(b, t, s): softmaxes."""
    weights: Tensor | None = None
    """(b, t, s): what the annotations were weighed by, where they are drawn; without a gradient."""


def attending_run(
    projected: Tensor,
    start: tuple[Tensor, Tensor],
    memory: tuple[Tensor, Tensor, Tensor],
    attention: tuple[Tensor, Tensor],
    gate: Gate,
    cell: LongShort,
    draws: Draws | None,
) -> Looked:
    """Run an LSTM that attends additively before each step.

    Args:
        projected: (b, t, 4n), the word's part of the sums inside the LSTM's gates.
        start: h and c (b, n) before the first step.
        memory: keys (b, s, a), values (b, s, d) and mask (b, s), finite where the mask is False.
        attention: the query's weights (a, n) and the energy's (a).
        gate: the weights of the gate before the context.
        cell: the LSTM's weights.
        draws: what decides which annotations are drawn; None where the softmax weighs them.
    """
    keys, values, mask = memory
    dtype = cell.recurrent.dtype
    with torch.autocast(projected.device.type, enabled=False):
        given = (tensor.to(dtype) for tensor in (projected, *start, keys, values))
        return Looked(*_attending(*given, mask, *attention, *gate, *cell, *(draws or ())))


def fixed_run(
    projected: Tensor, start: tuple[Tensor, Tensor], vector: Tensor, gate: Gate, cell: LongShort
) -> Tensor:
    """Return the states (b, t + 1, n) of an LSTM that reads one vector (b, d) as a gate lets it in."""
    dtype = cell.recurrent.dtype
    with torch.autocast(projected.device.type, enabled=False):
        hoisted = F.linear(vector.to(dtype), cell.context)
        (states,) = _fixed(*(x.to(dtype) for x in (projected, *start)), hoisted, *gate, cell.recurrent)
    return states


class _Steps:
    """An LSTM's steps: ``rows`` (t, b, 4n), projected inputs, come out as i, f, o and the candidate g."""

    def __init__(self, rows: Tensor, states: Tensor, cells: Tensor, squashed: Tensor) -> None:
        """Take h and c (t + 1, b, n), the first ones too, and tanh(c) (t, b, n)."""
        self.rows, self.states, self.cells, self.squashed = rows, states, cells, squashed

    @classmethod
    def over(cls, projected: Tensor, hidden: Tensor, cell: Tensor) -> _Steps:
        """Make room for the steps over projected inputs (b, t, 4n)."""
        rows = time_first(projected)
        states, cells = (rows.new_empty(len(rows) + 1, *hidden.shape) for _ in range(2))
        states[0], cells[0] = hidden, cell
        return cls(rows, states, cells, torch.empty_like(states[1:]))

    @property
    def tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What ``forward`` keeps for ``backward``."""
        return self.rows, self.states, self.cells, self.squashed

    def take(self, step: int) -> None:
        """Take a step whose row holds the whole sums."""
        row, tanh = self.rows[step], self.squashed[step]
        n = tanh.shape[-1]
        row[:, : 3 * n].sigmoid_()
        i, f, o, g = row.chunk(4, dim=1)
        g.tanh_()
        torch.mul(f, self.cells[step], out=self.cells[step + 1]).addcmul_(i, g)
        torch.tanh(self.cells[step + 1], out=tanh)
        torch.mul(o, tanh, out=self.states[step + 1])

    def back(self, step: int, of_hidden: Tensor, of_cell: Tensor, into: Tensor) -> Tensor:
        """Carry the gradients of h and c (b, n) through a step; return that of c before.

        ``into`` (b, 4n) becomes that of the sums.
        """
        row, tanh = self.rows[step], self.squashed[step]
        n = tanh.shape[-1]
        i, f, o, g = row.chunk(4, dim=1)
        to_i, to_f, to_o, to_g = into.chunk(4, dim=1)
        of_cell = of_cell + torch.ops.aten.tanh_backward(of_hidden * o, tanh)
        torch.mul(of_cell, g, out=to_i)
        torch.mul(of_cell, self.cells[step], out=to_f)
        torch.mul(of_hidden, tanh, out=to_o)
        ifo, to_ifo = row[:, : 3 * n], into[:, : 3 * n]
        torch.ops.aten.sigmoid_backward.grad_input(to_ifo, ifo, grad_input=to_ifo)
        torch.ops.aten.tanh_backward.grad_input(of_cell * i, g, grad_input=to_g)
        return of_cell.mul_(f)


class _AttendingRun(Function):
    """An LSTM that attends additively, and lets contexts in by a gate, before each step."""

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, hidden: Tensor, cell: Tensor, keys: Tensor, values: Tensor, mask: Tensor,
        query: Tensor, energy: Tensor, weight: Tensor, bias: Tensor, context: Tensor, recurrent: Tensor,
        race: Tensor | None = None, drew: Tensor | None = None,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        lstm = _Steps.over(projected, hidden, cell)
        rows, states = lstm.rows, lstm.states
        steps, batch = rows.shape[:2]
        queries = rows.new_empty(steps, batch, len(energy))
        scores = rows.new_empty(keys.shape[:2])
        alignments = rows.new_empty(steps, *keys.shape[:2])
        weights = alignments if race is None else torch.empty_like(alignments)
        contexts, gates = rows.new_empty(steps, batch, values.shape[-1]), rows.new_empty(steps, batch, 1)
        attend, real = stepwise(keys, energy, mask), mask.to(scores.dtype)
        for step, row in enumerate(rows):
            torch.mm(states[step], query.t(), out=queries[step])
            attend.scores(queries[step], scores)
            torch.mul(torch.softmax(scores, dim=1), real, out=alignments[step])
            if race is not None and drew is not None:
                _draw(alignments[step], race[step], drew, real, weights[step])
            torch.addmm(bias, states[step], weight.t(), out=gates[step]).sigmoid_()
            torch.bmm(weights[step].unsqueeze(1), values, out=contexts[step].unsqueeze(1))
            contexts[step].mul_(gates[step])
            row.addmm_(contexts[step], context.t()).addmm_(states[step], recurrent.t())
            lstm.take(step)
        ctx.save_for_backward(
            *lstm.tensors, queries, alignments, weights, contexts, gates, keys, values, mask,
            query, energy, weight, context, recurrent, drew,
        )  # fmt: skip
        given = states, contexts, alignments, *([] if race is None else [weights])
        made = tuple(each.transpose(0, 1) for each in given)
        ctx.mark_non_differentiable(*made[3:])
        return made

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, of_states: Tensor, of_contexts: Tensor, of_alignments: Tensor, *of_weights: Tensor
    ) -> Gradients:
        (
            *steps, queries, alignments, weights, contexts, gates, keys, values, mask,
            query, energy, weight, context, recurrent, drew,
        ) = ctx.saved_tensors  # fmt: skip
        lstm = _Steps(*steps)
        into, weighed, of_queries = (torch.empty_like(x) for x in (lstm.rows, contexts, queries))
        of_scores, of_gates = torch.empty_like(alignments), torch.empty_like(gates)
        attend = stepwise(keys, energy, mask)
        of_hidden, of_cell = of_states[:, -1], torch.zeros_like(lstm.cells[0])
        for step in reversed(range(len(into))):
            of_cell = lstm.back(step, of_hidden, of_cell, into[step])
            torch.addmm(of_contexts[:, step], into[step], context, out=weighed[step])
            let_in = (weighed[step] * contexts[step]).sum(dim=1, keepdim=True)
            torch.mul(let_in, 1 - gates[step], out=of_gates[step])
            weighed[step].mul_(gates[step])
            through = torch.bmm(values, weighed[step].unsqueeze(-1)).squeeze(-1)
            if drew is not None:
                through.masked_fill_(drew.unsqueeze(1), 0)
            of_scores[step] = torch.ops.aten._softmax_backward_data(
                through.add_(of_alignments[:, step]), alignments[step], 1, through.dtype
            )
            attend.of_query(of_scores[step], queries[step], of_queries[step])
            of_hidden = torch.addmm(of_states[:, step], into[step], recurrent)
            of_hidden.addmm_(of_queries[step], query).addmm_(of_gates[step], weight)
        _, of_keys, of_energy = additive_gradients(
            of_scores.transpose(0, 1), queries.transpose(0, 1), keys, energy
        )
        of_values = None
        if ctx.needs_input_grad[4]:
            of_values = torch.bmm(weights.permute(1, 2, 0), weighed.transpose(0, 1))
        before = lstm.states[:-1]
        return (
            into.transpose(0, 1), of_hidden, of_cell, of_keys, of_values, None,
            over_steps(of_queries, before), of_energy, over_steps(of_gates, before), of_gates.sum((0, 1)),
            over_steps(into, contexts), over_steps(into, before), None, None,
        )  # fmt: skip


def _draw(alignment: Tensor, race: Tensor, drew: Tensor, real: Tensor, out: Tensor) -> None:
    """Write the weights (b, s): one annotation, drawn from the alignment (b, s), or the alignment itself."""
    chosen = (alignment / race).argmax(dim=1, keepdim=True)
    one = torch.zeros_like(alignment).scatter_(1, chosen, 1).mul_(real)
    torch.where(drew.unsqueeze(1), one, alignment, out=out)


class _FixedRun(Function):
    """An LSTM that reads one vector at every step, as far as a gate lets it in.

    ``hoisted`` (b, 4n) is the vector's part of the sums inside the LSTM's gates.
    """

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, hidden: Tensor, cell: Tensor, hoisted: Tensor, weight: Tensor,
        bias: Tensor, recurrent: Tensor,
    ) -> tuple[Tensor]:  # fmt: skip
        lstm = _Steps.over(projected, hidden, cell)
        gates = lstm.rows.new_empty(*lstm.rows.shape[:2], 1)
        for step, row in enumerate(lstm.rows):
            before = lstm.states[step]
            torch.addmm(bias, before, weight.t(), out=gates[step]).sigmoid_()
            row.addcmul_(gates[step], hoisted).addmm_(before, recurrent.t())
            lstm.take(step)
        ctx.save_for_backward(*lstm.tensors, gates, hoisted, weight, recurrent)
        return (lstm.states.transpose(0, 1),)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_states: Tensor) -> Gradients:
        *steps, gates, hoisted, weight, recurrent = ctx.saved_tensors
        lstm = _Steps(*steps)
        into, of_gates = torch.empty_like(lstm.rows), torch.empty_like(gates)
        of_hidden, of_cell = of_states[:, -1], torch.zeros_like(lstm.cells[0])
        for step in reversed(range(len(into))):
            of_cell = lstm.back(step, of_hidden, of_cell, into[step])
            let_in = (into[step] * hoisted).sum(dim=1, keepdim=True)
            of_gates[step] = torch.ops.aten.sigmoid_backward(let_in, gates[step])
            of_hidden = torch.addmm(of_states[:, step], into[step], recurrent)
            of_hidden.addmm_(of_gates[step], weight)
        before = lstm.states[:-1]
        return (
            into.transpose(0, 1), of_hidden, of_cell, (into * gates).sum(dim=0),
            over_steps(of_gates, before), of_gates.sum((0, 1)), over_steps(into, before),
        )  # fmt: skip


_attending = Graphs(_AttendingRun.apply)
_fixed = Graphs(_FixedRun.apply)
