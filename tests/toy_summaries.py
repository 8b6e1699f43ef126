"""A toy summarizer, a table of log-probabilities, and all that a scorer of summaries is told."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from attnbench.corpora.text import END, UNKNOWN
from attnbench.decoding import Hypothesis, beam_search
from attnbench.tasks.engine import Use
from attnbench.tasks.summarization.corpus import Batch
from attnbench.tasks.summarization.scorers import Abstractive
from attnbench.zoo.padded import Padded

JUNK = 10**6
"""Stands where nothing is read."""


class Table(torch.nn.Module):
    """What follows the last two words is read off a table; each source word pulls words of its own."""

    context = 2
    attends = False

    def __init__(self, vocabulary: int, seed: int = 0, extraction: Sequence[float] | None = None) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.table = torch.randn(vocabulary, vocabulary, vocabulary, generator=generator).double() * 2
        self.pull = torch.randn(50, vocabulary, generator=generator).double()
        if extraction is not None:
            self.register_buffer("extraction", torch.tensor(extraction))

    def encode(self, source: Padded) -> Tensor:
        """Return what the source adds to the logits (b, v)."""
        words = source.values.masked_fill(~source.mask, 0)
        return (self.pull[words] * source.mask.unsqueeze(2)).sum(dim=1)

    def start(self, encoded: Tensor) -> Tensor:
        return torch.full((len(encoded), 1, 2), END)

    def step(self, encoded: Tensor, state: Tensor, tokens: Tensor | None) -> tuple[Tensor, None, Tensor]:
        if tokens is not None:
            state = torch.cat([state[:, :, 1:], tokens.unsqueeze(2)], dim=2)
        return self.table[state[:, :, 0], state[:, :, 1]] + encoded.unsqueeze(1), None, state

    def costs(self, source: Sequence[int], written: Sequence[int]) -> list[float]:
        """Return the log-probabilities of all words after those that are written."""
        last = [END, END, *written][-2:]
        logits = self.table[last[0], last[1]] + sum(self.pull[word] for word in source)
        return logits.log_softmax(dim=0).tolist()


def settings(**changed: Any) -> Any:
    """Return decoding settings."""
    usual = {"beam": 5, "normalise": False, "ending": "fixed", "repeats": False, "recombine": True}
    return SimpleNamespace(**{**usual, **changed})


def batch(sources: Sequence[Sequence[int]]) -> Batch:
    """Return sources, padded with what no vocabulary has."""
    longest = max(map(len, sources))
    values = torch.tensor([[*source, *[JUNK] * (longest - len(source))] for source in sources])
    mask = torch.tensor([[i < len(source) for i in range(longest)] for source in sources])
    source = Padded(values.view(len(sources), longest), mask.view(len(sources), longest))
    return Batch(source, source, torch.arange(len(sources)))


def used(
    model: Any, vocabulary: int, shared: Sequence[int], scorer: Any = Abstractive, **changed: Any
) -> Use:
    """Return a use of the model; ``shared`` holds the target number of each source word."""
    features: Any = SimpleNamespace(target=range(vocabulary), shared=torch.tensor(shared))
    corpus: Any = SimpleNamespace(features=features)
    split: Any = None
    return Use(model, corpus, split, settings(**changed), scorer, False, torch.device("cpu"), lambda _: None)


def found(use: Use, sources: Sequence[Sequence[int]], length: int) -> list[Hypothesis]:
    """Return the best summaries of the sources, ``length`` words at most."""
    made = batch(sources)
    scorer = use.scorer(made, use, length)
    limits = torch.full((len(sources),), length)
    return beam_search(use.model, use.model.encode(made.source), limits, use.settings, end=END, scorer=scorer)


def features(source: Sequence[int], written: Sequence[int], word: int) -> list[float]:
    """Return the four extractive features of ``word``, read off the paper's definitions, section 5.

    ``source`` holds target numbers. No word stands before the first one that is written.
    """
    places = range(len(source))
    one = two = three = turned = False
    if word not in (UNKNOWN, END):
        one = any(source[j] == word for j in places)
    if one and len(written) > 0:
        two = any(source[j - 1 : j + 1] == [written[-1], word] for j in places if j > 0)
        turned = any(source[j] == word and source[k] == written[-1] for j in places for k in places if k > j)
    if one and len(written) > 1:
        three = any(source[j - 2 : j + 1] == [*written[-2:], word] for j in places if j > 1)
    return [float(one), float(two), float(three), float(turned)]
