"""A few sentences, and what a translator makes of them in one padded batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from attnbench.zoo.padded import Padded

Pad = Callable[[Sequence[Sequence[int]]], Padded]

END = 1
SOURCES = [[3, 0, 4, 1], [1], [8, 2, 6, 0, 7, 1], [5, 1]]
TARGETS = [[4, 2, 1], [3, 3, 6, 5, 1], [1], [0, 1]]


def scores(
    model: Any, pad: Pad, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
) -> list[Tensor]:
    """Return each sentence's logits (t, v)."""
    padded = model.logits(model.decode(model.encode(pad(sources)), pad(targets)[0]).readout)
    return [row[: len(target)] for row, target in zip(padded, targets, strict=True)]


def nats(model: Any, pad: Pad) -> Tensor:
    """Return the negative log-likelihood of ``TARGETS``, summed."""
    logits = torch.cat(scores(model, pad, SOURCES, TARGETS))
    return F.cross_entropy(logits, torch.tensor(list(chain(*TARGETS))), reduction="sum")
