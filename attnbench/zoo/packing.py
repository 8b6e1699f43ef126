"""Padded sequences without their padding, so that no product is spent on it.

The tokens stand step by step: the first of every sequence, then the second of every one that has two,
and so on. Within a step the longest sequence comes first, so those still running are always the first rows.
A loop keeps b + N rows: where each sequence starts, in the same order, and then the tokens.

    b batch   s padded length   N real tokens
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor


class Packing(NamedTuple):
    """Where the real tokens of a batch stand; ``Packing.of`` finds out."""

    order: Tensor
    """(b,): the sequences, longest first."""
    counts: list[int]
    """(s,): the sequences that have a token at each step."""
    places: Tensor
    """(N,): each token's place in the padded batch, flattened to (b * s)."""
    last: Tensor
    """(b,): the row of each sequence's last token, of the b + N; that of its start if it has none."""

    @classmethod
    def of(cls, mask: Tensor) -> Packing:
        """Return where the real tokens are: ``mask`` (b, s) is True there, and False after them."""
        batch, steps = mask.shape
        lengths = mask.sum(dim=1)
        order = torch.argsort(lengths, descending=True, stable=True)
        time = torch.arange(steps, device=mask.device).unsqueeze(1)
        running = time < lengths[order]  # [s, b]
        places = (order * steps + time)[running]
        counts = running.sum(dim=1)
        starts = torch.cat([counts.new_zeros(1), batch + counts.cumsum(0) - counts])  # of steps, 0 the start
        rank = torch.empty_like(order)
        rank[order] = torch.arange(batch, device=mask.device)
        return cls(order, counts.tolist(), places, starts[lengths] + rank)

    def pack(self, padded: Tensor) -> Tensor:
        """Return the real tokens of (b, s, ...): (N, ...)."""
        return padded.flatten(0, 1).index_select(0, self.places)

    def pad(self, packed: Tensor) -> Tensor:
        """Return (N, ...) as (b, s, ...), padding zero."""
        batch, steps = len(self.order), len(self.counts)
        padded = packed.new_zeros(batch * steps, *packed.shape[1:])
        return padded.index_copy(0, self.places, packed).unflatten(0, (batch, steps))

    def steps(self, rows: Tensor) -> list[Tensor]:
        """Return what N rows hold for each step that has a token."""
        return list(rows.split([count for count in self.counts if count]))

    def from_start(self, rows: Tensor) -> list[Tensor]:
        """Return what b + N rows hold for the start, then for each step."""
        start = len(self.order)
        return [rows[:start], *self.steps(rows[start:])]

    def before(self, rows: Tensor) -> Tensor:
        """Return what stands one step before each token: b + N rows to N."""
        ends = self.from_start(rows)
        return torch.cat([rows[:0], *(old[: len(new)] for old, new in pairwise(ends))])
