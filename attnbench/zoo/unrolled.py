"""Recurrent loops with their gradients written out.

Autograd would add each step's share to every weight gradient, step by step. Here the loop back in time
only carries the state's gradient; each weight gradient is one product over all steps. The numbers are
those of the plain loops ``GatedUnit.run`` stands for, to rounding.

    b batch   s source length   t target length   n hidden   a alignment   d annotation

Inside, time comes first, so that a step is one block of memory.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from attnbench.zoo.additive_kernels import additive_gradients
from attnbench.zoo.additive_kernels.steps import stepwise
from attnbench.zoo.graphs import Graphs
from attnbench.zoo.padded import zero_

Gradients = tuple[Tensor | None, ...]


class Gated(NamedTuple):
    """A gated unit's weights of a context (3n, d), of the state in its gates (2n, n) and candidate (n, n)."""

    context: Tensor
    gates: Tensor
    candidate: Tensor


def gated_run(
    projected: Tensor, mask: Tensor | None, hidden: Tensor, gates: Tensor, candidate: Tensor
) -> Tensor:
    """Return the states (b, s, n) of a gated unit over its projected inputs (b, s, 3n), from (b, n).

    Where ``mask`` (b, s) is False the state is carried over, and the input does not matter. ``gates`` (2n, n)
    and ``candidate`` (n, n) are the unit's recurrent weights.
    """
    given = projected.to(gates), hidden.to(gates), gates, candidate
    with torch.autocast(projected.device.type, enabled=False):
        (states,) = _gated(*given) if mask is None else _gated(*given, mask)
    return states


def additive_run(
    projected: Tensor,
    hidden: Tensor,
    memory: tuple[Tensor, Tensor, Tensor],
    attention: tuple[Tensor, Tensor],
    cell: Gated,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return all states (b, t + 1, n), the first one too, contexts (b, t, d) and alignments (b, t, s).

    Args:
        projected: (b, t, 3n), the word's part of the gated unit's inputs.
        hidden: (b, n), the first state.
        memory: keys (b, s, a), values (b, s, d) and mask (b, s), finite where the mask is False.
        attention: the query's weights (a, n) and the energy's (a).
        cell: the unit's weights.
    """
    keys, values, mask = memory
    dtype = cell.gates.dtype
    with torch.autocast(projected.device.type, enabled=False):
        states, contexts, alignments = _additive(
            *(tensor.to(dtype) for tensor in (projected, hidden, keys, values)), mask, *attention, *cell
        )
    return states, contexts, alignments


def gated_step(row: Tensor, hidden: Tensor, gates: Tensor, candidate: Tensor,
               reset: Tensor, new: Tensor) -> None:  # fmt: skip
    """Take one step of a gated unit in place.

    ``row`` (b, 3n) holds the projected input and comes out as update, reset and candidate; ``reset``
    becomes r * h, ``new`` the next state. Several units go side by side where all have one more axis.
    """
    n = hidden.shape[-1]
    _add_product(row[..., : 2 * n], hidden, gates.mT).sigmoid_()
    torch.mul(row[..., n : 2 * n], hidden, out=reset)
    _add_product(row[..., 2 * n :], reset, candidate.mT).tanh_()
    torch.lerp(hidden, row[..., 2 * n :], row[..., :n], out=new)


def gated_step_back(after: Tensor, row: Tensor, hidden: Tensor, gates: Tensor, candidate: Tensor,
                    into: Tensor) -> Tensor:  # fmt: skip
    """Carry the gradient of a new state (b, n) through one step.

    Returns that of the old state; ``into`` (b, 3n) becomes that of the projected input.
    """
    n = hidden.shape[-1]
    update, reset, new = row[..., :n], row[..., n : 2 * n], row[..., 2 * n :]
    into[..., 2 * n :] = torch.ops.aten.tanh_backward(after * update, new)
    through = into[..., 2 * n :] @ candidate
    into[..., :n] = torch.ops.aten.sigmoid_backward(after * (new - hidden), update)
    into[..., n : 2 * n] = torch.ops.aten.sigmoid_backward(through * hidden, reset)
    before = _add_product(through * reset, into[..., : 2 * n], gates)
    return before.add_(after).addcmul_(after, update, value=-1)


def _add_product(total: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """Add a product of matrices, or of a row of them, to ``total``, and return it."""
    return total.addmm_(left, right) if total.dim() == 2 else total.baddbmm_(left, right)


def over_steps(gradient: Tensor, inputs: Tensor) -> Tensor:
    """Return a weight's gradient from those of its products (t, b, m) and its inputs (t, b, n)."""
    return gradient.flatten(0, 1).t() @ inputs.flatten(0, 1)


def time_first(tensor: Tensor) -> Tensor:
    """Return (b, t, ...) as (t, b, ...), copied."""
    return tensor.transpose(0, 1).clone(memory_format=torch.contiguous_format)


def bar(rows: Tensor, mask: Tensor) -> None:
    """Let a gated unit keep its state at rows (..., 3n) whose ``mask`` (...) is False: no update, whatever
    the rows were.
    """
    zero_(rows, mask)
    never = torch.zeros(mask.shape, dtype=rows.dtype, device=rows.device).masked_fill_(~mask, -torch.inf)
    rows[..., : rows.shape[-1] // 3].add_(never.unsqueeze(-1))  # the logistic of -inf is 0


class _GatedRun(Function):
    """A gated unit over a sequence."""

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, hidden: Tensor, gates: Tensor, candidate: Tensor,
        mask: Tensor | None = None,
    ) -> tuple[Tensor]:  # fmt: skip
        rows = time_first(projected)  # [s, b, 3n]
        states = rows.new_empty(len(rows) + 1, *hidden.shape)
        resets = torch.empty_like(states[1:])
        states[0] = hidden
        if mask is not None:
            bar(rows, mask.t())
        for step, row in enumerate(rows):
            gated_step(row, states[step], gates, candidate, resets[step], states[step + 1])
        ctx.save_for_backward(rows, states, resets, gates, candidate)
        return (states[1:].transpose(0, 1),)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Gradients:
        rows, states, resets, gates, candidate = ctx.saved_tensors
        n = states.shape[-1]
        into = torch.empty_like(rows)
        after = torch.zeros_like(states[0])
        for step in reversed(range(len(rows))):
            after = after + gradient[:, step]
            after = gated_step_back(after, rows[step], states[step], gates, candidate, into[step])
        return (
            into.transpose(0, 1),
            after,
            over_steps(into[..., : 2 * n], states[:-1]),
            over_steps(into[..., 2 * n :], resets),
            None,
        )


class _AdditiveRun(Function):
    """A decoder that attends additively before each step of its gated unit."""

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, hidden: Tensor, keys: Tensor, values: Tensor,
        mask: Tensor, query: Tensor, energy: Tensor, context: Tensor, gates: Tensor, candidate: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        rows = time_first(projected)  # [t, b, 3n]
        steps, batch = rows.shape[:2]
        states = rows.new_empty(steps + 1, *hidden.shape)
        resets = torch.empty_like(states[1:])
        queries = rows.new_empty(steps, batch, len(energy))
        scores = rows.new_empty(keys.shape[:2])
        alignments = rows.new_empty(steps, *keys.shape[:2])
        contexts = rows.new_empty(steps, batch, values.shape[-1])
        states[0] = hidden
        attend, real = stepwise(keys, energy, mask), mask.to(scores.dtype)
        for step, row in enumerate(rows):
            before = states[step]
            torch.mm(before, query.t(), out=queries[step])
            attend.scores(queries[step], scores)
            torch.mul(torch.softmax(scores, dim=1), real, out=alignments[step])
            torch.bmm(alignments[step].unsqueeze(1), values, out=contexts[step].unsqueeze(1))
            row.addmm_(contexts[step], context.t())
            gated_step(row, before, gates, candidate, resets[step], states[step + 1])
        ctx.save_for_backward(
            rows, states, resets, queries, alignments, contexts, keys, values, mask,
            query, energy, context, gates, candidate,
        )  # fmt: skip
        return states.transpose(0, 1), contexts.transpose(0, 1), alignments.transpose(0, 1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_states: Tensor, of_contexts: Tensor, of_alignments: Tensor) -> Gradients:
        (
            rows, states, resets, queries, alignments, contexts, keys, values, mask,
            query, energy, context, gates, candidate,
        ) = ctx.saved_tensors  # fmt: skip
        n = states.shape[-1]
        into, weighed = torch.empty_like(rows), torch.empty_like(contexts)
        of_scores, of_queries = torch.empty_like(alignments), torch.empty_like(queries)
        attend = stepwise(keys, energy, mask)
        after = of_states[:, -1]
        for step in reversed(range(len(rows))):
            after = gated_step_back(after, rows[step], states[step], gates, candidate, into[step])
            torch.addmm(of_contexts[:, step], into[step], context, out=weighed[step])
            through = torch.bmm(values, weighed[step].unsqueeze(-1)).squeeze(-1).add_(of_alignments[:, step])
            of_scores[step] = torch.ops.aten._softmax_backward_data(
                through, alignments[step], 1, through.dtype
            )
            attend.of_query(of_scores[step], queries[step], of_queries[step])
            after.addmm_(of_queries[step], query).add_(of_states[:, step])
        _, of_keys, of_energy = additive_gradients(
            of_scores.transpose(0, 1), queries.transpose(0, 1), keys, energy
        )
        of_values = torch.bmm(alignments.permute(1, 2, 0), weighed.transpose(0, 1))
        return (
            into.transpose(0, 1), after, of_keys, of_values, None,
            over_steps(of_queries, states[:-1]), of_energy, over_steps(into, contexts),
            over_steps(into[..., : 2 * n], states[:-1]), over_steps(into[..., 2 * n :], resets),
        )  # fmt: skip


_gated = Graphs(_GatedRun.apply)
_additive = Graphs(_AdditiveRun.apply)
