"""Known outputs, read by a model that writes: how likely each word is, and where the model attends.

b batch   s source length   t target length, end symbols included
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from attnbench.corpora.text import END
from attnbench.decoding import Hypothesis
from attnbench.tasks.engine import Loss
from attnbench.zoo.padded import Padded


class Sources(Protocol):
    """A batch of sources, whatever else is in it."""

    @property
    def source(self) -> Padded:
        """(b, s), word ids, or (b, s, ...), such as frames of sound."""


class Pairs(Sources, Protocol):
    """A batch of sources and targets."""

    @property
    def target(self) -> Padded:
        """(b, t), word ids, each target closed by the end symbol."""


class Forced(NamedTuple):
    """The targets of a batch under teacher forcing."""

    nats: Tensor
    """(b, t): the negative log-likelihood of each word, nought where there is none."""
    alignments: Sequence[np.ndarray | None]
    """Of each target its weights (words, s), the end symbol's row left out; None where nothing attends."""


def loss(model: Any, batch: Pairs) -> Loss:
    """Return the negative log-likelihood of the targets; no logits are made for padding."""
    target, real = batch.target
    words = target[real]
    nats = model.nats(model.decode(model.encode(batch.source), target, real).readout, words)
    return Loss(nats, nats, len(words), len(target), tokens=len(words))


def force(model: Any, batch: Pairs) -> Forced:
    """Let a model read the targets of a batch."""
    target, real = batch.target
    decoded = model.decode(model.encode(batch.source), target, real)
    nats = torch.zeros(target.shape, device=target.device)
    logits = model.logits(decoded.readout).float()
    nats[real] = F.cross_entropy(logits, target[real], reduction="none")
    if decoded.alignment is None:
        return Forced(nats, [None] * len(nats))
    alignments = decoded.alignment.float().cpu().numpy()
    words, sources = (real.sum(dim=1) - 1).tolist(), batch.source.mask.sum(dim=1).tolist()
    sizes = enumerate(zip(words, sources, strict=True))
    return Forced(nats, [alignments[row, :most, :length].copy() for row, (most, length) in sizes])


def alignments(model: Any, encoded: Any, batch: Sources, hypotheses: Sequence[Hypothesis]) -> list[Tensor]:
    """Return the alignment (words, s) of each hypothesis, from reading them all once more."""
    longest = max(len(hypothesis.tokens) for hypothesis in hypotheses) + 1
    tokens = torch.full((len(hypotheses), longest), END, device=batch.source.mask.device)
    real = torch.zeros_like(tokens, dtype=torch.bool)
    for row, hypothesis in enumerate(hypotheses):
        tokens[row, : len(hypothesis.tokens)] = tokens.new_tensor(hypothesis.tokens)
        real[row, : len(hypothesis.tokens)] = True
    weights = model.decode(encoded, tokens, real).alignment.cpu()
    lengths = batch.source.mask.sum(dim=1).tolist()
    return [
        weights[row, : len(hypothesis.tokens), : lengths[row]].clone()
        for row, hypothesis in enumerate(hypotheses)
    ]
