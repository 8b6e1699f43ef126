"""Additive scores and their gradients in plain torch, tile by tile of queries and keys.

With A = e^{2Q} and B = e^{2K}, tanh(q + k) = 1 - 2r and its slope is 4 r (1 - r), r = 1 / (1 + A B): one
reciprocal for each element instead of a tanh. Beyond |x| = 40 the exponentials leave float32, and the
tiles hold r = (1 - tanh(q + k)) / 2 instead.

    b batch   q queries   k keys   a alignment size
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

LARGEST = 40.0
"""The largest |Q| or |K| whose exponentials can be used."""


def fits(*tensors: Tensor) -> bool:
    """Return whether no element lies beyond ``LARGEST``; an element that is no number does."""
    for tensor in tensors:
        if tensor.numel():
            low, high = torch.aminmax(tensor)
            if not bool((low >= -LARGEST) & (high <= LARGEST)):
                return False
    return True


class _Tiles:
    """The ratios r of a batch, computed in one buffer, tile by tile."""

    def __init__(self, query: Tensor, keys: Tensor) -> None:
        self.exponential = query.device.type == "cpu" and fits(query, keys)  # elsewhere a look would wait
        self.query, self.keys = (((2 * x).exp_() if self.exponential else x) for x in (query, keys))
        elements = 2**18 if query.device.type == "cpu" else 2**25
        size = query.shape[2]
        self.rows = max(1, min(keys.shape[1], elements // max(1, size)))
        self.columns = max(1, min(query.shape[1], elements // (self.rows * max(1, size))))
        self.buffer = query.new_empty(self.columns * self.rows * size)

    def __iter__(self) -> Iterator[tuple[int, slice, slice, Tensor]]:
        """Yield a batch entry, its queries, its keys, and their r (q, k, a), valid until the next."""
        for entry in range(len(self.query)):
            for q in range(0, self.query.shape[1], self.columns):
                for k in range(0, self.keys.shape[1], self.rows):
                    of_q, of_k = slice(q, q + self.columns), slice(k, k + self.rows)
                    yield entry, of_q, of_k, self._ratios(self.query[entry, of_q], self.keys[entry, of_k])

    def _ratios(self, query: Tensor, keys: Tensor) -> Tensor:
        shape = (len(query), len(keys), query.shape[1])
        tile = self.buffer[: shape[0] * shape[1] * shape[2]].view(shape)
        if self.exponential:
            return torch.mul(query.unsqueeze(1), keys, out=tile).add_(1).reciprocal_()
        return torch.add(query.unsqueeze(1), keys, out=tile).tanh_().sub_(1).mul_(-0.5)


def scores(query: Tensor, keys: Tensor, energy: Tensor) -> Tensor:
    """Return v' tanh(Q + K), (b, q, k), from (b, q, a), (b, k, a) and v (a,)."""
    out = query.new_empty(*query.shape[:2], keys.shape[1])
    for entry, q, k, ratios in _Tiles(query, keys):
        out[entry, q, k] = ratios @ energy
    return out.mul_(-2).add_(energy.sum())


def gradients(
    of_scores: Tensor, query: Tensor, keys: Tensor, energy: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradients of query, keys and energy, given that of the scores, (b, q, k).

    g = dS r (1 - r);  dQ = 4 v sum_k g;  dK = 4 v sum_q g;  dv = sum dS (1 - 2 r).
    """
    of_query, of_keys = torch.zeros_like(query), torch.zeros_like(keys)
    weighed = torch.zeros_like(energy)  # sum dS r
    for entry, q, k, ratios in _Tiles(query, keys):
        given = of_scores[entry, q, k]
        weighed += given.reshape(-1) @ ratios.flatten(0, 1)
        ratios.addcmul_(ratios, ratios, value=-1)
        of_query[entry, q] += torch.bmm(given.unsqueeze(1), ratios).squeeze(1)
        of_keys[entry, k] += ratios.mul_(given.unsqueeze(2)).sum(dim=0)
    scale = 4 * energy
    return of_query.mul_(scale), of_keys.mul_(scale), of_scores.sum() - 2 * weighed
