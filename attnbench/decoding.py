"""Greedy and beam search, batched, for any model that can ``start`` and ``step``.

The hypotheses of a sentence stand on an axis of their own, so they share one encoded source. A sentence
whose search is over leaves the batch.

    b sentences still searched   k live hypotheses   v vocabulary   s source length
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor

from attnbench.settings import DecodingSettings

Tensors = TypeVar("Tensors")


class Generator(Protocol):
    """What a model must offer to be searched."""

    def start(self, encoded: Any) -> Any:
        """Return the state of the one empty hypothesis of each sentence."""

    def step(self, encoded: Any, state: Any, tokens: Tensor | None) -> tuple[Tensor, Tensor | None, Any]:
        """Read tokens (b, k); return logits (b, k, v), alignment (b, k, s) or None, and the next state."""


@dataclass(frozen=True)
class Hypothesis:
    """A finished output. Its alignment comes from decoding it once more, all steps at a time."""

    tokens: list[int]
    """Without the end symbol."""
    score: float
    """Log-probability, the end symbol's included unless the longest output was reached; divided by the number
    of tokens where normalised."""


class _Live(NamedTuple):
    """The live hypotheses of the sentences still searched."""

    sentence: Tensor
    """(b,): which sentence of the call this row is."""
    limit: Tensor
    """(b,): the longest output, end symbol included."""
    score: Tensor
    """(b, k)."""
    tokens: Tensor
    """(b, k, t)."""


def rows(tensors: Tensors, index: Tensor) -> Tensors:
    """Select sentences along the first axis of every tensor in nested named tuples."""
    return _each(tensors, lambda tensor: tensor.index_select(0, index))


def parents(tensors: Tensors, index: Tensor) -> Tensors:
    """Select hypotheses (b, k') along the second axis of every tensor in nested named tuples."""
    sentence = torch.arange(len(index), device=index.device).unsqueeze(1)
    return _each(tensors, lambda tensor: tensor[sentence, index])


def _each(tensors: Any, act: Callable[[Tensor], Tensor]) -> Any:
    if tensors is None:
        return None
    if isinstance(tensors, Tensor):
        return act(tensors)
    return type(tensors)(*(_each(tensor, act) for tensor in tensors))


@torch.inference_mode()
def beam_search(
    model: Generator,
    encoded: Any,
    lengths: Tensor,
    settings: DecodingSettings,
    *,
    end: int,
    barred: Sequence[int] = (),
) -> list[Hypothesis]:
    """Return the best hypothesis of every sentence, in order.

    ``lengths`` (b,) are source lengths, end symbol included; an output may be ``max_length_ratio`` times
    as long. A sentence is done when it has ``beam`` finished hypotheses, or its longest is reached. With
    a beam of 1 this is greedy search. Tokens that are ``barred`` are never written; the probabilities of
    the others stay as they are.
    """
    beam = settings.beam
    finished: list[list[Hypothesis]] = [[] for _ in lengths]
    sentences = torch.arange(len(lengths), device=lengths.device)
    live = _Live(
        sentence=sentences,
        limit=(lengths * settings.max_length_ratio).long().clamp(min=1),
        score=torch.zeros(len(lengths), 1, device=lengths.device),
        tokens=sentences.new_zeros(len(lengths), 1, 0),
    )
    state, tokens = model.start(encoded), None
    while len(live.sentence):
        logits, _, state = model.step(encoded, state, tokens)
        live, parent = _extend(live, logits, 2 * beam, barred)
        _harvest(live, finished, settings, end)
        live, parent = _live_on(live, parent, beam, end)
        going = _unfinished(live, finished, beam)
        if len(going) < len(live.sentence):
            live, parent = rows(live, going), rows(parent, going)
            state, encoded = rows(state, going), rows(encoded, going)
        state, tokens = parents(state, parent), live.tokens[:, :, -1]
    return [max(found, key=lambda hypothesis: hypothesis.score) for found in finished]


def _extend(live: _Live, logits: Tensor, width: int, barred: Sequence[int]) -> tuple[_Live, Tensor]:
    """Return the best ``width`` extensions of each sentence's hypotheses, and their parents (b, width)."""
    total = logits.logsumexp(dim=-1, keepdim=True)
    if barred:
        logits = logits.index_fill(-1, torch.tensor(barred, device=logits.device), -torch.inf)
    best, token = logits.topk(min(width, logits.shape[-1]), dim=-1)  # [b, k, w]
    score = live.score.unsqueeze(-1) + best - total
    score, place = score.flatten(1).topk(min(width, score[0].numel()), dim=1)
    parent = place // best.shape[-1]
    token = token.flatten(1).gather(1, place).unsqueeze(-1)
    tokens = torch.cat([parents(live.tokens, parent), token], dim=-1)
    return live._replace(score=score, tokens=tokens), parent


def _harvest(live: _Live, finished: list[list[Hypothesis]], settings: DecodingSettings, end: int) -> None:
    """Move what has ended, or must, among the best ``beam`` extensions to ``finished``."""
    length = live.tokens.shape[-1]
    over = (live.tokens[:, :, -1] == end) | (live.limit <= length).unsqueeze(1)
    over &= live.score.isfinite()  # a beam wider than what lives is filled up with ended ones at -inf
    for row, place in over[:, : settings.beam].nonzero().tolist():
        found = finished[int(live.sentence[row])]
        if len(found) < settings.beam:
            tokens = live.tokens[row, place].tolist()
            score = float(live.score[row, place]) / (length if settings.normalise else 1)
            found.append(Hypothesis(tokens[:-1] if tokens[-1] == end else tokens, score))


def _live_on(live: _Live, parent: Tensor, beam: int, end: int) -> tuple[_Live, Tensor]:
    """Keep the best ``beam`` extensions that have not ended, and their parents."""
    score = live.score.masked_fill(live.tokens[:, :, -1] == end, -torch.inf)
    score, place = score.topk(min(beam, score.shape[1]), dim=1)
    return live._replace(score=score, tokens=parents(live.tokens, place)), parent.gather(1, place)


def _unfinished(live: _Live, finished: list[list[Hypothesis]], beam: int) -> Tensor:
    """Return the rows of the sentences whose search goes on."""
    length = live.tokens.shape[-1]
    going = [
        len(finished[sentence]) < beam and limit > length
        for sentence, limit in zip(live.sentence.tolist(), live.limit.tolist(), strict=True)
    ]
    return torch.tensor(going, device=live.sentence.device).nonzero().flatten()
