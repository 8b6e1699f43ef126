"""Word-by-word attention of Rocktäschel et al. (2016).

For each word t of a second sentence, over the states Y of a first one:

    M_t     = tanh(W_y Y + W_h h_t + W_r r_{t-1})
    alpha_t = softmax(w' M_t)
    r_t     = Y alpha_t + tanh(W_t r_{t-1})

from r = 0. Only what needs r_{t-1} stands in the loop over words; its gradient is written out, as for
``attnbench.zoo.lstm``.

    b batch   s length of the first sentence   t of the second   N real tokens of the second, packed
    k size of states
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from attnbench.zoo.attention import AdditiveAttention, Memory
from attnbench.zoo.packing import Packing


class WordByWordAttention(nn.Module):
    """Additive attention whose query also holds the context of the word before."""

    def __init__(self, size: int) -> None:
        """Make ``attention`` (W_y its key, W_h its query, w its energy), W_r and W_t, none with a bias."""
        super().__init__()
        self.attention = AdditiveAttention(size, size, size)
        self.previous = nn.Linear(size, size, bias=False)
        self.carried = nn.Linear(size, size, bias=False)

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Project the first sentence's states (b, s, k) once."""
        return self.attention.prepare(annotations, mask)

    def forward(self, states: Tensor, packing: Packing, memory: Memory) -> tuple[Tensor, Tensor]:
        """Attend with the packed states (N, k) of the second sentence, one after the other.

        Returns r_N (b, k) after each sentence's last word, and the packed alignment (N, s).
        """
        assert memory.keys is not None
        dtype = self.previous.weight.dtype
        queries = self.attention.query(states)
        with torch.autocast(states.device.type, enabled=False):
            run: tuple[Tensor, Tensor] = _Run.apply(
                queries.to(dtype), memory.keys.to(dtype), memory.values.to(dtype), memory.mask,
                self.attention.energy, self.previous.weight, self.carried.weight, packing,
            )  # fmt: skip
        return run


class _Run(Function):
    """The recurrence over packed queries (N, k); keys and values (b, s, k), mask (b, s).

    Sentences stand in the packing's order. r is kept for the start, where it is zero, and for the words:
    (b + N, k). ``compared`` (N, s, k) is M, ``squashed`` (N, k) is tanh(W_t r_{t-1}).
    """

    @staticmethod
    def forward(
        ctx: Any, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor,
        energy: Tensor, previous: Tensor, carried: Tensor, packing: Packing,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        order, (batch, length, size) = packing.order, keys.shape
        keys, values, mask = keys[order], values[order], mask[order]
        barred, real, lowest = ~mask, mask.to(keys.dtype), torch.finfo(keys.dtype).min
        contexts = queries.new_zeros(batch + len(queries), size)
        squashed, compared = torch.empty_like(queries), queries.new_empty(len(queries), length, size)
        alignment = queries.new_empty(len(queries), length)
        rows = queries.clone(), squashed, compared, alignment
        r = packing.from_start(contexts)
        for step, (query, tanh, M, alpha) in enumerate(zip(*map(packing.steps, rows), strict=True)):
            count = len(query)
            before = r[step][:count]
            query.addmm_(before, previous.t())
            torch.mm(before, carried.t(), out=tanh).tanh_()
            torch.add(keys[:count], query.unsqueeze(1), out=M).tanh_()
            scores = (M @ energy).masked_fill_(barred[:count], lowest)
            torch.mul(torch.softmax(scores, dim=1), real[:count], out=alpha)
            glimpse = torch.bmm(alpha.unsqueeze(1), values[:count]).squeeze(1)
            torch.add(glimpse, tanh, out=r[step + 1])
        ctx.packing = packing
        ctx.save_for_backward(values, contexts, squashed, compared, alignment, energy, previous, carried)
        return contexts[packing.last], alignment

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_last: Tensor, of_alignment: Tensor) -> tuple[Tensor | None, ...]:
        values, contexts, squashed, compared, alignment, energy, previous, carried = ctx.saved_tensors
        packing = ctx.packing
        of_contexts, of_values, slopes = (torch.zeros_like(one) for one in (contexts, values, values))
        of_contexts[packing.last] = of_last
        of_scores, of_queries, of_carried = (torch.empty_like(x) for x in (alignment, squashed, squashed))
        rows = of_queries, of_carried, of_scores, of_alignment, squashed, compared, alignment
        steps = list(enumerate(zip(*map(packing.steps, rows), strict=True)))
        dr = packing.from_start(of_contexts)
        for step, (to_query, to_carried, to_scores, of_alpha, tanh, M, alpha) in reversed(steps):
            of_context, count = dr[step + 1], len(M)
            of_values[:count].baddbmm_(alpha.unsqueeze(2), of_context.unsqueeze(1))
            through = torch.bmm(values[:count], of_context.unsqueeze(2)).squeeze(2) + of_alpha
            torch.ops.aten._softmax_backward_data.out(through, alpha, 1, M.dtype, grad_input=to_scores)
            slope = torch.ops.aten.tanh_backward(to_scores.unsqueeze(2).expand_as(M), M)
            slopes[:count] += slope  # [count, s, k]: the gradient inside the tanh, without its energy
            torch.mul(slope.sum(dim=1), energy, out=to_query)
            torch.ops.aten.tanh_backward.grad_input(of_context, tanh, grad_input=to_carried)
            dr[step][:count].addmm_(to_query, previous).addmm_(to_carried, carried)
        back = torch.argsort(packing.order)
        before = packing.before(contexts)
        of_energy = of_scores.flatten() @ compared.flatten(0, 1)
        return (
            of_queries, (slopes * energy)[back], of_values[back], None, of_energy,
            of_queries.t() @ before, of_carried.t() @ before, None,
        )  # fmt: skip
