"""Additive scores and their gradients in plain torch, tile by tile of queries and keys.

With A = e^{2Q} and B = e^{2K}, tanh(q + k) = 1 - 2r and its slope is 4 r (1 - r), r = 1 / (1 + A B): one
reciprocal for each element instead of a tanh. Beyond |x| = 40 the exponentials leave float32, and the
tiles hold r = (1 - tanh(q + k)) / 2 instead. So they do where a location term U f joins q + k: an exponential
for each (q, k, a) would cost what the tanh does.

    b batch   q queries   k keys   a alignment size   f features
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

LARGEST = 40.0
"""The largest |Q| or |K| whose exponentials can be used."""
Located = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], None]
"""What writes r of a tile with a location, as ``_located`` does."""


def fits(*tensors: Tensor) -> bool:
    """Return whether no element lies beyond ``LARGEST``; an element that is no number does."""
    for tensor in tensors:
        if tensor.numel():
            low, high = torch.aminmax(tensor)
            if not bool((low >= -LARGEST) & (high <= LARGEST)):
                return False
    return True


def _located(query: Tensor, keys: Tensor, features: Tensor, matrix: Tensor, out: Tensor) -> None:
    """Write r (q, k, a) of (q, a), (k, a), features (q, k, f) and their matrix (a, f)."""
    torch.mm(features.flatten(0, 1), matrix.mT, out=out.flatten(0, 1))
    out.add_(keys).add_(query.unsqueeze(1)).tanh_().sub_(1).mul_(-0.5)


class _Tiles:
    """The ratios r of a batch, computed in one buffer, tile by tile."""

    def __init__(self, query: Tensor, keys: Tensor, location: tuple[Tensor, ...], located: Located) -> None:
        self.location, self.located = location, located
        looked = query.device.type == "cpu" and not location  # elsewhere a look would wait
        self.exponential = looked and fits(query, keys)
        self.query, self.keys = (((2 * x).exp_() if self.exponential else x) for x in (query, keys))
        elements = 2**18 if query.device.type == "cpu" else 2**25
        size = query.shape[2]
        self.rows = max(1, min(keys.shape[1], elements // max(1, size)))
        self.columns = max(1, min(query.shape[1], elements // (self.rows * max(1, size))))
        self.buffer = query.new_empty(self.columns * self.rows * size)

    def __iter__(self) -> Iterator[tuple[tuple[int, slice, slice], Tensor]]:
        """Yield a batch entry with its queries and keys, and their r (q, k, a), valid until the next."""
        for entry in range(len(self.query)):
            for q in range(0, self.query.shape[1], self.columns):
                for k in range(0, self.keys.shape[1], self.rows):
                    cell = entry, slice(q, q + self.columns), slice(k, k + self.rows)
                    yield cell, self._ratios(*cell)

    def _ratios(self, entry: int, of_q: slice, of_k: slice) -> Tensor:
        query, keys = self.query[entry, of_q], self.keys[entry, of_k]
        shape = (len(query), len(keys), query.shape[1])
        tile = self.buffer[: shape[0] * shape[1] * shape[2]].view(shape)
        if self.location:
            features, matrix = self.location
            self.located(query, keys, features[entry, of_q, of_k], matrix, tile)
            return tile
        if self.exponential:
            return torch.mul(query.unsqueeze(1), keys, out=tile).add_(1).reciprocal_()
        return torch.add(query.unsqueeze(1), keys, out=tile).tanh_().sub_(1).mul_(-0.5)


def scores(
    query: Tensor, keys: Tensor, energy: Tensor, *location: Tensor, located: Located = _located
) -> Tensor:
    """Return v' tanh(Q + K + U F), (b, q, k), from (b, q, a), (b, k, a) and v (a,).

    ``location``, where there is one, is F (b, q, k, f) and U (a, f); ``located`` writes the r of its tiles.
    """
    out = query.new_empty(*query.shape[:2], keys.shape[1])
    for cell, ratios in _Tiles(query, keys, location, located):
        out[cell] = ratios @ energy
    return out.mul_(-2).add_(energy.sum())


def gradients(
    of_scores: Tensor, query: Tensor, keys: Tensor, energy: Tensor, *location: Tensor,
    located: Located = _located,
) -> tuple[Tensor, ...]:  # fmt: skip
    """Return the gradients of query, keys, energy and location, given that of the scores, (b, q, k).

    g = dS r (1 - r);  dQ = 4 v sum_k g;  dK = 4 v sum_q g;  dv = sum dS (1 - 2 r);  dF = 4 (g v)'U;
    dU = 4 v sum g F'.
    """
    scale = 4 * energy
    of_query, of_keys = torch.zeros_like(query), torch.zeros_like(keys)
    weighed = torch.zeros_like(energy)  # sum dS r
    of_location = [torch.zeros_like(x) for x in location]
    for cell, ratios in _Tiles(query, keys, location, located):
        entry, q, k = cell
        given = of_scores[cell]
        weighed += given.reshape(-1) @ ratios.flatten(0, 1)
        ratios.addcmul_(ratios, ratios, value=-1)
        of_query[entry, q] += torch.bmm(given.unsqueeze(1), ratios).squeeze(1)
        of_keys[entry, k] += ratios.mul_(given.unsqueeze(2)).sum(dim=0)
        if location:
            (features, matrix), pairs = location, ratios.flatten(0, 1)  # [q k, a]
            of_location[0][cell] = ((matrix.mT * scale) @ pairs.mT).mT.unflatten(0, given.shape)
            of_location[1] += (features[cell].flatten(0, 1).mT @ pairs).mT  # the narrow side first: quicker
    for of_matrix in of_location[1:]:
        of_matrix.mul_(scale.unsqueeze(1))
    return of_query.mul_(scale), of_keys.mul_(scale), of_scores.sum() - 2 * weighed, *of_location
