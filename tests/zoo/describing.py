"""Tiny decoders over annotations, one of every kind, and a few pictures with captions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from attnbench.zoo.attending_lstm import AttendingLSTM, GivenAnnotations
from attnbench.zoo.attention import AdditiveAttention, Gated, Hard, Mean, Mechanism, Normaliser
from attnbench.zoo.padded import Padded

D, N, A = 3, 4, 6
"""Sizes of annotations, states and alignments."""
CELLS = 5
CAPTIONS = [[4, 2, 1], [3, 3, 6, 5, 1], [1], [0, 5, 1]]


def additive(normaliser: Normaliser | None = None, **options: Any) -> Mechanism:
    return AdditiveAttention(N, D, A, normaliser=normaliser, bias=True, **options)


KINDS: dict[str, Callable[[], Mechanism]] = {
    "mean": Mean,
    "soft": additive,
    "hard": lambda: additive(Hard()),
    "expected": lambda: additive(Hard(use="expected")),
}


def captioner(
    kind: str, draw: Callable[[nn.Module, int], None], *, seed: int = 3, words: int = 7, **options: Any
) -> AttendingLSTM:
    """Return a model in double precision; no two of its sizes are equal."""
    model = AttendingLSTM(
        GivenAnnotations(D), Gated(KINDS[kind](), N), vocabulary=words, embedding=2, hidden=N, **options
    )
    draw(model, seed)
    return model.double()


def pictures(count: int = len(CAPTIONS), cells: int = CELLS) -> Padded:
    generator = torch.Generator().manual_seed(1)
    values = torch.randn(count, cells, D, generator=generator, dtype=torch.float64)
    return Padded(values, torch.ones(count, cells, dtype=torch.bool))


def per_caption(each: Tensor, real: Tensor) -> Tensor:
    """Return (b,) what real words (p,) of captions (b, t) add up to."""
    return each.new_zeros(len(real)).index_add(0, real.nonzero()[:, 0], each)
