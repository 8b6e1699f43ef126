"""Loss and gradients of attention-based summarization, beside a textbook loop and its matrix products alone.

D = 200, H = 400, C = 5, Q = 2, vocabularies of 10,000, batch 64, one thread. Sources have about 30 words, as
a batch of one bucket has them, targets 10, give or take 2.5.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from textbook_summaries import TextbookSummarizer
from timing import in_turns, ratio
from torch import Tensor

from attnbench.zoo.attention import FixedVector, Mean, SmoothedDot
from attnbench.zoo.context_window import ContextWindowModel
from attnbench.zoo.convolution import ConvolutionalEncoder
from attnbench.zoo.padded import Padded
from attnbench.zoo.word_embeddings import WordEmbeddings

EMBEDDING, HIDDEN, CONTEXT, REACH, WORDS, BATCH = 200, 400, 5, 2, 10_000, 64
ROUNDS = 7


def batch() -> tuple[Padded, Padded]:
    rng = np.random.default_rng(0)
    sides = rng.integers(28, 33, BATCH), rng.normal(10, 2.5, BATCH).round().clip(4, 16).astype(int)
    masks = [torch.arange(side.max()) < torch.from_numpy(side).unsqueeze(1) for side in sides]
    source, target = (Padded(torch.randint(2, WORDS, mask.shape), mask) for mask in masks)
    return source, target


def model(kind: str, max_norm: float = 1.0) -> ContextWindowModel:
    encoder, attention = {
        "attention": lambda: (WordEmbeddings(WORDS, HIDDEN, max_norm), SmoothedDot(HIDDEN, HIDDEN, REACH)),
        "bag of words": lambda: (WordEmbeddings(WORDS, HIDDEN, max_norm), Mean()),
        "convolution": lambda: (ConvolutionalEncoder(WORDS, HIDDEN, max_norm=max_norm), FixedVector()),
        "no encoder": lambda: (None, None),
    }[kind]()
    return ContextWindowModel(
        encoder, attention, vocabulary=WORDS, embedding=EMBEDDING, hidden=HIDDEN, context=CONTEXT, start=1,
        max_norm=max_norm,
    )  # fmt: skip


def textbook() -> TextbookSummarizer:
    return TextbookSummarizer(WORDS, WORDS, EMBEDDING, HIDDEN, context=CONTEXT, reach=REACH, start=1)


def of_all(made: ContextWindowModel, source: Padded, target: Padded) -> Tensor:
    readout = made.decode(made.encode(source), *target).readout
    return made.nats(readout, target.values[target.mask])


def step(
    made: torch.nn.Module, loss: Callable[..., Tensor], sides: tuple[Padded, Padded]
) -> Callable[[], None]:
    """Return a function that makes a loss and all gradients."""

    def run() -> None:
        made.zero_grad(set_to_none=True)
        (loss(*sides) / int(sides[1].mask.sum())).backward()

    return run


def floor(source: Padded, target: Padded) -> Callable[[], None]:
    """Return a function that does the products that the equations cannot do without, forward and back."""
    p, (_, t), s = int(target.mask.sum()), target.mask.shape, source.mask.shape[1]
    d, h = CONTEXT * EMBEDDING, HIDDEN
    shapes = [(p, d, h), (p, d, h), (p, 2 * h, WORDS), (BATCH, t, h, s), (BATCH, t, s, h)]
    blocks = [[torch.randn(*some, *sides) for sides in ((m, k), (k, n), (m, n))] for *some, m, k, n in shapes]

    def run() -> None:
        for left, right, gradient in blocks:
            left @ right
            gradient @ right.mT
            left.mT @ gradient

    return run


def test_the_textbook_has_the_same_loss() -> None:
    theirs, ours, (source, target) = textbook(), model("attention", 0.0), batch()
    with torch.no_grad():
        for mine, other in (
            (ours.encoder.embedding, theirs.words),
            (ours.embedding, theirs.embedding),
            (ours.query_embedding, theirs.query_embedding),
            (ours.hidden, theirs.hidden),
            (ours.query, theirs.query),
        ):
            mine.load_state_dict(other.state_dict())
        ours.output.weight.copy_(torch.cat([theirs.read.weight, theirs.contextual.weight], dim=1))
        ours.output.bias.copy_(theirs.read.bias + theirs.contextual.bias)
    assert of_all(ours, source, target).item() == pytest.approx(theirs.loss(source, target).item(), rel=1e-5)


def test_training_step_over_windows(benchmark: BenchmarkFixture) -> None:
    sides, by_the_book = batch(), textbook()
    calls = {
        kind: step(made, lambda *sides, made=made: of_all(made, *sides), sides)
        for kind in ("attention", "bag of words", "convolution", "no encoder")
        for made in [model(kind)]
    }
    calls |= {"textbook": step(by_the_book, by_the_book.loss, sides), "floor": floor(*sides)}
    seconds = in_turns(calls, ROUNDS)
    for slow, fast in (
        ("textbook", "attention"),
        ("floor", "attention"),
        *(("attention", kind) for kind in ("bag of words", "convolution", "no encoder")),
    ):
        benchmark.extra_info[f"{slow} / {fast}"] = ratio(seconds, slow, fast)
    benchmark.pedantic(calls["attention"], rounds=3)
