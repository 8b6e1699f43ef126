"""Greedy and beam search, batched, for any model that can ``start`` and ``step``.

The hypotheses of a sentence stand on an axis of their own, so they share one encoded source. A sentence
whose search is over leaves the batch.

    b sentences still searched   k live hypotheses   v vocabulary   s source length
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor

from attnbench.errors import RunFailed
from attnbench.settings import SearchSettings

Tensors = TypeVar("Tensors")


class Generator(Protocol):
    """What a model must offer to be searched."""

    def start(self, encoded: Any) -> Any:
        """Return the state of the one empty hypothesis of each sentence."""

    def step(self, encoded: Any, state: Any, tokens: Tensor | None) -> tuple[Tensor, Tensor | None, Any]:
        """Read tokens (b, k); return logits (b, k, v), alignment (b, k, s) or None, and the next state."""


class Scorer(Protocol):
    """What may be written, and what counts besides its log-probability.

    A decoding names a class of its task's; it is made for each batch that is searched.
    """

    def score(self, scores: Tensor, tokens: Tensor, sentence: Tensor) -> Tensor:
        """Return the scores (b, k, v) of the next token; -inf where it may not be written.

        ``scores`` (b, k, v) are its log-probabilities, the scorer's own to write over, ``tokens`` (b, k, t)
        what is written so far, and ``sentence`` (b,) the place of each row's sentence in the batch that is
        searched.
        """

    def same(self, tokens: Tensor) -> Tensor | None:
        """Return keys (b, k, r) of hypotheses (b, k, t): of those with equal keys only the best lives on.

        None where all are kept.
        """


@dataclass(frozen=True)
class Hypothesis:
    """A finished output. Its alignment comes from decoding it once more, all steps at a time."""

    tokens: list[int]
    """Without the end symbol."""
    score: float
    """Log-probability, or what the scorer made of it, the end symbol's included unless the longest output was
    reached; divided by the number of tokens where normalised."""


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
    limits: Tensor,
    settings: SearchSettings,
    *,
    end: int,
    scorer: Scorer | None = None,
) -> list[Hypothesis]:
    """Return the best hypothesis of every sentence, in order.

    ``limits`` (b,) are the most tokens of each output, end symbol included. A sentence is done when it has
    ``beam`` finished hypotheses, or its longest is reached, or no live one can become the best. With a beam
    of 1 this is greedy search. Where the scorer bars every output, it is empty, with a score of -inf. Raises
    ``RunFailed`` for scores that are not numbers.
    """
    beam = settings.beam
    finished: list[list[Hypothesis]] = [[] for _ in limits]
    sentences = torch.arange(len(limits), device=limits.device)
    live = _Live(
        sentence=sentences,
        limit=limits.clamp(min=1),
        score=torch.zeros(len(limits), 1, device=limits.device),
        tokens=sentences.new_zeros(len(limits), 1, 0),
    )
    state, tokens = model.start(encoded), None
    while len(live.sentence):
        logits, _, state = model.step(encoded, state, tokens)
        live, parent = _extend(live, logits, 2 * beam, scorer)
        _harvest(live, finished, settings, end)
        live, parent = _live_on(live, parent, beam, end, scorer)
        going = _unfinished(live, finished, settings, scorer)
        if len(going) < len(live.sentence):
            live, parent = rows(live, going), rows(parent, going)
            state, encoded = rows(state, going), rows(encoded, going)
        state, tokens = parents(state, parent), live.tokens[:, :, -1]
    barred = Hypothesis([], -math.inf)
    return [max(found, key=lambda hypothesis: hypothesis.score, default=barred) for found in finished]


def _extend(live: _Live, logits: Tensor, width: int, scorer: Scorer | None) -> tuple[_Live, Tensor]:
    """Return the best ``width`` extensions of each sentence's hypotheses, and their parents (b, width)."""
    total = logits.logsumexp(dim=-1, keepdim=True)
    if scorer is not None:
        logits, total = scorer.score(logits - total, live.tokens, live.sentence), torch.zeros_like(total)
    best, token = logits.topk(min(width, logits.shape[-1]), dim=-1)  # [b, k, w]
    before = live.score.unsqueeze(-1)
    score = before + best - total
    if before.shape[1] > 1:  # what has ended is filled up with -inf and stays there, whatever is made of it
        score.masked_fill_(before == -torch.inf, -torch.inf)
    score, place = score.flatten(1).topk(min(width, score[0].numel()), dim=1)
    parent = place // best.shape[-1]
    token = token.flatten(1).gather(1, place).unsqueeze(-1)
    tokens = torch.cat([parents(live.tokens, parent), token], dim=-1)
    return live._replace(score=score, tokens=tokens), parent


def _harvest(live: _Live, finished: list[list[Hypothesis]], settings: SearchSettings, end: int) -> None:
    """Move what has ended, or must, among the best ``beam`` extensions to ``finished``."""
    length = live.tokens.shape[-1]
    over = (live.tokens[:, :, -1] == end) | (live.limit <= length).unsqueeze(1)
    over &= live.score != -torch.inf  # a beam wider than what lives is filled up with ended ones at -inf
    for row, place in over[:, : settings.beam].nonzero().tolist():
        found = finished[int(live.sentence[row])]
        if len(found) < settings.beam:
            tokens = live.tokens[row, place].tolist()
            score = float(live.score[row, place]) / (length if settings.normalise else 1)
            if math.isnan(score):
                raise RunFailed("the model's scores of the next token are not numbers; train it anew")
            found.append(Hypothesis(tokens[:-1] if tokens[-1] == end else tokens, score))


def _live_on(live: _Live, parent: Tensor, beam: int, end: int, scorer: Scorer | None) -> tuple[_Live, Tensor]:
    """Keep the best ``beam`` extensions that have not ended, and their parents."""
    score = live.score.masked_fill(live.tokens[:, :, -1] == end, -torch.inf)
    keys = None if scorer is None else scorer.same(live.tokens)
    if keys is not None:  # extensions come best first, so an equal one before is a better one
        equal = (keys.unsqueeze(2) == keys.unsqueeze(1)).all(dim=-1) & score.isfinite().unsqueeze(1)
        score = score.masked_fill(equal.tril(diagonal=-1).any(dim=-1), -torch.inf)
    score, place = score.topk(min(beam, score.shape[1]), dim=1)
    return live._replace(score=score, tokens=parents(live.tokens, place)), parent.gather(1, place)


def _unfinished(
    live: _Live, finished: list[list[Hypothesis]], settings: SearchSettings, scorer: Scorer | None
) -> Tensor:
    """Return the rows of the sentences whose search goes on."""
    length = live.tokens.shape[-1]
    # A log-probability only falls as its hypothesis grows, so what lives is to be better than what has ended.
    falls = scorer is None and not settings.normalise
    bars = live.score.amax(dim=1).tolist() if falls else [math.inf] * len(live.score)
    going = [
        len(finished[sentence]) < settings.beam
        and limit > length
        and all(hypothesis.score < bar for hypothesis in finished[sentence])
        for sentence, limit, bar in zip(live.sentence.tolist(), live.limit.tolist(), bars, strict=True)
    ]
    return torch.tensor(going, device=live.sentence.device).nonzero().flatten()
