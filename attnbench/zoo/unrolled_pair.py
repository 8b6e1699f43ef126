"""Two gated units that read one sequence from both ends, in one loop.

A step of a small unit costs its launches as much as its products; side by side, two units share them. The
gradients are written out, as in ``unrolled``.

    b batch   s source length   n hidden

Inside, time comes first, then the direction; the second one's time runs backwards.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from attnbench.zoo.graphs import Graphs
from attnbench.zoo.unrolled import Gradients, bar, gated_step, gated_step_back


def paired_run(
    there: Tensor, back: Tensor, mask: Tensor, start: Tensor, forwards: tuple[Tensor, Tensor],
    backwards: tuple[Tensor, Tensor],
) -> Tensor:  # fmt: skip
    """Return the states [forward; backward] (b, s, 2n) of two gated units.

    Where ``mask`` (b, s) is False a state is carried over, and the input does not matter.

    Args:
        there: (b, s, 3n), the projected inputs of the unit that reads from the first to the last.
        back: (b, s, 3n), of the one that reads from the last to the first.
        mask: (b, s), bool.
        start: (2, n), their first states.
        forwards: the first unit's weights of the state, in its gates (2n, n) and candidate (n, n).
        backwards: the second one's.
    """
    dtype = start.dtype
    with torch.autocast(there.device.type, enabled=False):
        (states,) = _paired(there.to(dtype), back.to(dtype), start, *forwards, *backwards, mask)
    return states


def _side_by_side(there: Tensor, back: Tensor) -> Tensor:
    """Return (b, s, ...) twice as (s, 2, b, ...), the second turned in time."""
    return torch.stack([there.transpose(0, 1), back.transpose(0, 1).flip(0)], dim=1)


class _PairedRun(Function):
    """Two gated units over a sequence."""

    @staticmethod
    def forward(
        ctx: Any, there: Tensor, back: Tensor, start: Tensor, gates: Tensor, candidate: Tensor,
        other_gates: Tensor, other_candidate: Tensor, mask: Tensor,
    ) -> tuple[Tensor]:  # fmt: skip
        rows = _side_by_side(there, back)  # [s, 2, b, 3n]
        bar(rows, _side_by_side(mask, mask))
        both = torch.stack([gates, other_gates]), torch.stack([candidate, other_candidate])
        states = rows.new_empty(len(rows) + 1, 2, rows.shape[2], start.shape[-1])
        resets = torch.empty_like(states[1:])
        states[0] = start.unsqueeze(1)
        for step, row in enumerate(rows):
            gated_step(row, states[step], *both, resets[step], states[step + 1])
        ctx.save_for_backward(rows, states, resets, *both)
        return (torch.cat([states[1:, 0], states[1:, 1].flip(0)], dim=-1).transpose(0, 1),)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Gradients:
        rows, states, resets, gates, candidate = ctx.saved_tensors
        n = states.shape[-1]
        given, into = _side_by_side(*gradient.split(n, dim=-1)), torch.empty_like(rows)
        after = torch.zeros_like(states[0])
        for step in reversed(range(len(rows))):
            after = gated_step_back(
                after.add_(given[step]), rows[step], states[step], gates, candidate, into[step]
            )
        flat, before, resets = (x.transpose(0, 1).flatten(1, 2) for x in (into, states[:-1], resets))
        of_gates = flat[..., : 2 * n].mT @ before  # [2, 2n, n], from (2, s b, ...)
        of_candidate = flat[..., 2 * n :].mT @ resets
        there, back = into[:, 0].transpose(0, 1), into[:, 1].flip(0).transpose(0, 1)
        one, other = zip(of_gates, of_candidate, strict=True)
        return there, back, after.sum(dim=1), *one, *other, None


_paired = Graphs(_PairedRun.apply)
