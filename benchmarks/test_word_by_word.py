"""A training step of word-by-word attention, beside a textbook loop and beside attention without recurrence.

300-d frozen word vectors, k = 100, batch 64, one thread. Lengths are about those of SNLI: premises of 14
words on average, hypotheses of 8; as in training, a batch is cut from 20 batches sorted by the sum.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from pytest_benchmark.fixture import BenchmarkFixture
from textbook_entailment import TextbookWordByWord
from timing import in_turns, ratio
from torch import Tensor, nn

from attnbench.zoo.attention import AdditiveAttention
from attnbench.zoo.padded import Padded
from attnbench.zoo.pair_reader import (
    Attention,
    Combined,
    Conditioned,
    Inputs,
    LastState,
    PairReader,
    Representation,
    WordByWord,
)

DIM, HIDDEN, WORDS, BATCH = 300, 100, 10_000, 64
PREMISE, HYPOTHESIS = (5.5, 14 / 5.5), (6.5, 8.3 / 6.5)
"""Shape and scale of the lengths in words: 14 give or take 6, and 8.3 give or take 3.3."""
ROUNDS = 15

Sides = tuple[Padded, Padded]
"""Premise and hypothesis."""


class WordByWordWithoutRecurrence(nn.Module):
    """Every hypothesis word attends, but none knows the context of the one before: all at once."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.attention = AdditiveAttention(hidden, hidden, hidden)
        self.combined = Combined(hidden)

    def forward(self, pair: Conditioned) -> tuple[Tensor, Tensor]:
        memory = self.attention.prepare(*pair.annotations)
        packing = pair.packing
        contexts, alignment, _ = self.attention(packing.pad(pair.hypothesis.states), memory)
        rows = packing.last - len(packing.order)
        return self.combined(packing.pack(contexts)[rows], pair.hypothesis.hidden), alignment[:, 1:]


def batch() -> tuple[Sides, Tensor]:
    """Return a batch of middling length, and its labels."""
    rng = np.random.default_rng(0)
    lengths = np.stack([rng.gamma(*spread, 20 * BATCH) for spread in (PREMISE, HYPOTHESIS)], axis=1)
    lengths = np.maximum(lengths.round().astype(int), 2)
    chosen = lengths[np.argsort(lengths.sum(axis=1))][10 * BATCH : 11 * BATCH]
    masks = [torch.arange(side.max()) < torch.from_numpy(side).unsqueeze(1) for side in chosen.T]
    premise, hypothesis = (Padded(torch.randint(WORDS, mask.shape), mask) for mask in masks)
    return (premise, hypothesis), torch.randint(3, (BATCH,))


def frozen() -> nn.Embedding:
    embedding = nn.Embedding(WORDS, DIM)
    embedding.weight.requires_grad_(False)
    return embedding


def reader(part: Representation | WordByWordWithoutRecurrence) -> PairReader:
    return PairReader(Inputs(frozen(), DIM, HIDDEN), part, hidden=HIDDEN, shared=False)  # type: ignore[arg-type]


class Trainer:
    """A model and its optimiser; each call is one training step."""

    def __init__(self, model: nn.Module, sides: Sides, labels: Tensor) -> None:
        self.model, self.sides, self.labels = model, sides, labels
        weights = [weight for weight in model.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.Adam(weights, fused=True)

    def __call__(self) -> None:
        judged = self.model(*self.sides)
        logits = judged if isinstance(judged, Tensor) else judged.logits
        self.optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(logits, self.labels).backward()
        self.optimizer.step()


def test_word_by_word_training_step(benchmark: BenchmarkFixture) -> None:
    sides, labels = batch()
    models = {
        "word by word": reader(WordByWord(HIDDEN)),
        "textbook": TextbookWordByWord(frozen(), HIDDEN),
        "all words at once": reader(WordByWordWithoutRecurrence(HIDDEN)),
        "last state attends": reader(Attention(HIDDEN)),
        "no attention": reader(LastState()),
    }
    calls = {name: Trainer(model, sides, labels) for name, model in models.items()}
    seconds = in_turns(calls, ROUNDS)
    for slow, fast in (("textbook", "word by word"), *(("word by word", name) for name in list(models)[2:])):
        benchmark.extra_info[f"{slow} / {fast}"] = ratio(seconds, slow, fast)
    benchmark.pedantic(calls["word by word"], rounds=3)
