"""A training step of RNNsearch, beside a textbook loop and beside its matrix products alone.

Embedding 256, hidden 512, vocabulary 10,000, batch 64, sentences of 15 to 30 words, one thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import torch
from pytest_benchmark.fixture import BenchmarkFixture
from textbook import TextbookSearch
from timing import in_turns, ratio
from torch import Tensor

from attnbench.zoo.attention import AdditiveAttention
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.recurrent import BidirectionalEncoder

EMBEDDING, HIDDEN, WORDS, BATCH = 256, 512, 10_000, 64
ROUNDS = 7

Product = tuple[int, int, int]
"""(m, k, n): a matrix m × k times one k × n."""


def sentences() -> tuple[Tensor, Tensor]:
    """Return tokens and mask of a batch."""
    lengths = torch.randint(15, 31, (BATCH,))
    mask = torch.arange(int(lengths.max())) < lengths.unsqueeze(1)
    return torch.randint(WORDS, mask.shape), mask


def ours() -> EncoderDecoder:
    encoder = BidirectionalEncoder(WORDS, EMBEDDING, HIDDEN)
    attention = AdditiveAttention(HIDDEN, encoder.annotation, HIDDEN)
    return EncoderDecoder(
        encoder, attention, vocabulary=WORDS, embedding=EMBEDDING, hidden=HIDDEN, maxout=HIDDEN
    )


def products(source: int, target: int, words: int) -> Counter[Product]:
    """Return the products of a forward pass that the equations cannot do without, and how often."""
    n, m, b = HIDDEN, EMBEDDING, BATCH
    return Counter({
        (b * source, m, 3 * n): 2, (b, n, 3 * n): 2 * source, (b * source, 2 * n, n): 1,
        (b * target, m, 3 * n): 1, (b, 2 * n, 3 * n): target, (b, n, 4 * n): target,
        (words, 4 * n + m - n, 2 * n): 1, (words, n, WORDS): 1,
    })  # fmt: skip


def floor(counts: Counter[Product]) -> Callable[[], None]:
    """Return a function that does them, forward and back; a weight's gradient is one product over steps."""
    blocks = []
    for (m, k, n), count in counts.items():
        rows = m * count if count > 2 else m
        blocks.append((torch.randn(m, k), torch.randn(k, n), torch.randn(m, n), count,
                       torch.randn(rows, k), torch.randn(rows, n), 1 if count > 2 else count))  # fmt: skip

    def run() -> None:
        for left, right, gradient, count, lefts, gradients, updates in blocks:
            for _ in range(count):
                left @ right
                gradient @ right.t()
            for _ in range(updates):
                lefts.t() @ gradients

    return run


def test_training_step(benchmark: BenchmarkFixture) -> None:
    (source, source_mask), (target, target_mask) = sentences(), sentences()
    model, textbook = ours(), TextbookSearch(WORDS, WORDS, EMBEDDING, HIDDEN)
    optimizers = torch.optim.Adam(model.parameters(), fused=True), torch.optim.Adam(textbook.parameters())

    def loss() -> Tensor:
        decoded = model.decode(model.encode(source, source_mask), target)
        return model.nats(decoded.readout[target_mask], target[target_mask]) / target_mask.sum()

    def step(loss: Callable[[], Tensor], optimizer: torch.optim.Optimizer) -> None:
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        optimizer.step()

    calls = {
        "ours": lambda: step(loss, optimizers[0]),
        "textbook": lambda: step(
            lambda: textbook.loss(source, source_mask, target, target_mask), optimizers[1]
        ),
        "floor": floor(products(source.shape[1], target.shape[1], int(target_mask.sum()))),
    }
    seconds = in_turns(calls, ROUNDS)
    benchmark.extra_info |= {
        "textbook / ours": ratio(seconds, "textbook", "ours"),
        "floor / ours": ratio(seconds, "floor", "ours"),
    }
    benchmark.pedantic(calls["ours"], rounds=3)
