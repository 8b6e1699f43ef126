"""The loop of a decoder that attends with an eye to where it looked before, with its gradients written out.

As in ``unrolled``, the loop back in time carries only what depends on time: the state's gradient, and here
that of the alignment, which flows back through the filters of the step after. Of features (b, s, f) those of
one step are held; the loop back makes them again.

    b batch   s source length   t target length   n hidden   a alignment   d annotation   f filters
    r width of a filter

Inside, time comes first, so that a step is one block of memory.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from attnbench.zoo.additive_kernels.located_steps import located_steps
from attnbench.zoo.graphs import Graphs
from attnbench.zoo.unrolled import Gated, Gradients, gated_step, gated_step_back, over_steps, time_first

WHOLE = 256
"""The longest source whose filters are laid on as one matrix (s, s f)."""
BLOCK = 64
"""Tokens of longer ones that share a matrix (BLOCK + r - 1, BLOCK f)."""


class Looking(NamedTuple):
    """The weights of location-aware attention."""

    query: Tensor
    """(a, n)."""
    energy: Tensor
    """(a,)."""
    filters: Tensor
    """(f, r)."""
    matrix: Tensor
    """(a, f): what takes the filters' features to the alignment's size."""


def located_run(
    projected: Tensor,
    hidden: Tensor,
    memory: tuple[Tensor, Tensor, Tensor],
    first: Tensor,
    attention: Looking,
    cell: Gated,
    bias: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return all states (b, t + 1, n), the first one too, contexts (b, t, d) and alignments (b, t, s).

    Args:
        projected: (b, t, 3n), the word's part of the gated unit's inputs.
        hidden: (b, n), the first state.
        memory: keys (b, s, a), values (b, s, d) and mask (b, s), finite where the mask is False.
        first: (b, s), the alignment before the first step.
        attention: the attention's weights.
        cell: the unit's weights.
        bias: (), that of smoothed energies, whose logistic takes the place of the exponential; None: softmax.
    """
    keys, values, mask = memory
    dtype = cell.gates.dtype
    given = (tensor.to(dtype) for tensor in (projected, hidden, keys, values, first))
    with torch.autocast(projected.device.type, enabled=False):
        states, contexts, alignments = _located(
            *given, mask, *attention, *cell, *([] if bias is None else [bias])
        )
    return states, contexts, alignments


class _Band:
    """Filters (f, r) over sequences (b, s), zero beyond both ends, as products with a banded matrix.

    A convolution of one short sequence an entry costs many times its arithmetic, its gradient more so.
    """

    def __init__(self, filters: Tensor, length: int) -> None:
        """Lay the filters into a matrix for sequences of a length."""
        self.count, width = filters.shape
        self.length, self.width = length, width
        self.block = length if length <= WHOLE else BLOCK
        self.margin = 0 if length <= WHOLE else width // 2
        inner = torch.arange(self.block, device=filters.device)
        outer = torch.arange(self.block + 2 * self.margin, device=filters.device).unsqueeze(1) - self.margin
        places = width // 2 + outer - inner  # [window, block]: the filters' element that joins the two
        self.places = places.where((places >= 0) & (places < width), width)
        self.there = self._matrix(filters, self.places)  # [window, block f]
        self.back = self._matrix(filters, (width - 1 - places).where(self.places < width, width))
        self.back = self.back.view(len(outer), self.block, self.count).transpose(1, 2).flatten(0, 1)
        self.of = torch.zeros_like(self.there)

    @staticmethod
    def _matrix(filters: Tensor, places: Tensor) -> Tensor:
        return F.pad(filters, (0, 1)).t()[places].flatten(1)

    def _windows(self, rows: Tensor) -> Tensor:
        """Return rows (b, s, ...) as (b blocks, window, ...): a block and what filters reach beside it."""
        if not self.margin:
            return rows
        beyond = -self.length % self.block
        pad = (0, 0) * (rows.dim() - 2) + (self.margin, self.margin + beyond)
        windows = F.pad(rows, pad).unfold(1, self.block + 2 * self.margin, self.block)
        return windows.movedim(-1, 2).flatten(0, 1)

    def features(self, alignment: Tensor, out: Tensor) -> None:
        """Write the features (b, s, f) of alignments (b, s)."""
        made = self._windows(alignment) @ self.there
        out.copy_(made.view(len(out), -1, self.count)[:, : self.length])

    def gradient(self, of_features: Tensor, alignment: Tensor) -> Tensor:
        """Return that of the alignments (b, s), given that of their features; add up the filters'."""
        of_alignment = self._windows(of_features).flatten(1) @ self.back
        blocks = F.pad(of_features, (0, 0, 0, -self.length % self.block)).view(-1, self.block * self.count)
        self.of.addmm_(self._windows(alignment).t(), blocks)
        return of_alignment.view(len(alignment), -1)[:, : self.length]

    def of_filters(self) -> Tensor:
        """Return the gradient (f, r) of the filters over all steps so far."""
        summed = self.of.new_zeros(self.width + 1, self.count)
        return summed.index_add_(0, self.places.flatten(), self.of.view(-1, self.count))[:-1].t()


class _LocatedRun(Function):
    """A decoder that attends, location-aware, before each step of its gated unit."""

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, hidden: Tensor, keys: Tensor, values: Tensor, first: Tensor,
        mask: Tensor, query: Tensor, energy: Tensor, filters: Tensor, matrix: Tensor,
        context: Tensor, gates: Tensor, candidate: Tensor, bias: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        rows = time_first(projected)  # [t, b, 3n]
        steps, (batch, source) = len(rows), mask.shape
        states = rows.new_empty(steps + 1, *hidden.shape)
        resets = torch.empty_like(states[1:])
        queries = rows.new_empty(steps, batch, len(energy))
        features = rows.new_empty(batch, source, len(filters))
        scores = rows.new_empty(batch, source) if bias is None else rows.new_empty(steps, batch, source)
        alignments = rows.new_empty(steps + 1, batch, source)
        contexts = rows.new_empty(steps, batch, values.shape[-1])
        states[0], alignments[0] = hidden, first
        attend, real = located_steps(keys, energy, matrix, mask), mask.to(rows.dtype)
        band = _Band(filters, source)
        for step, row in enumerate(rows):
            before, score = states[step], scores if bias is None else scores[step]
            torch.mm(before, query.t(), out=queries[step])
            band.features(alignments[step], features)
            attend.scores(queries[step], features, score)
            logs = score if bias is None else F.logsigmoid(score.add_(bias))
            torch.mul(torch.softmax(logs, dim=1), real, out=alignments[step + 1])
            torch.bmm(alignments[step + 1].unsqueeze(1), values, out=contexts[step].unsqueeze(1))
            row.addmm_(contexts[step], context.t())
            gated_step(row, before, gates, candidate, resets[step], states[step + 1])
        ctx.save_for_backward(
            rows, states, resets, queries, scores, alignments, contexts, keys, values, mask,
            query, energy, filters, matrix, context, gates, candidate,
        )  # fmt: skip
        ctx.smoothed = bias is not None
        return states.transpose(0, 1), contexts.transpose(0, 1), alignments[1:].transpose(0, 1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_states: Tensor, of_contexts: Tensor, of_alignments: Tensor) -> Gradients:
        (
            rows, states, resets, queries, scores, alignments, contexts, keys, values, mask,
            query, energy, filters, matrix, context, gates, candidate,
        ) = ctx.saved_tensors  # fmt: skip
        n = states.shape[-1]
        into, weighed, of_queries = (torch.empty_like(x) for x in (rows, contexts, queries))
        features, of_features = rows.new_empty(2, *mask.shape, len(filters))
        attend, band = located_steps(keys, energy, matrix, mask), _Band(filters, mask.shape[1])
        after, looked, of_bias = of_states[:, -1], torch.zeros_like(alignments[0]), energy.new_zeros(())
        for step in reversed(range(len(rows))):
            after = gated_step_back(after, rows[step], states[step], gates, candidate, into[step])
            torch.addmm(of_contexts[:, step], into[step], context, out=weighed[step])
            through = torch.bmm(values, weighed[step].unsqueeze(-1)).squeeze(-1)
            through.add_(of_alignments[:, step]).add_(looked)
            of_scores = torch.ops.aten._softmax_backward_data(through, alignments[step + 1], 1, through.dtype)
            if ctx.smoothed:
                of_scores = of_scores.mul_(torch.sigmoid(-scores[step]))
                of_bias = of_bias + of_scores.sum()
            band.features(alignments[step], features)
            attend.gradients(of_scores, queries[step], features, of_queries[step], of_features)
            looked = band.gradient(of_features, alignments[step])
            after.addmm_(of_queries[step], query).add_(of_states[:, step])
        of_keys, of_energy, of_matrix = attend.summed()
        of_values = torch.bmm(alignments[1:].permute(1, 2, 0), weighed.transpose(0, 1))
        gradients = (
            into.transpose(0, 1), after, of_keys, of_values, looked, None,
            over_steps(of_queries, states[:-1]), of_energy, band.of_filters(), of_matrix,
            over_steps(into, contexts), over_steps(into[..., : 2 * n], states[:-1]),
            over_steps(into[..., 2 * n :], resets),
        )  # fmt: skip
        return (*gradients, of_bias) if ctx.smoothed else gradients


_located = Graphs(_LocatedRun.apply)
