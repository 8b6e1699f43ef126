"""A training step of RNNsearch, beside a textbook loop and beside its matrix products alone.

Embedding 256, hidden 512, vocabulary 10,000, batch 64, sentences of 15 to 30 words, one thread.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from textbook import TextbookSearch
from timing import in_turns, ratio

from attnbench.zoo import graphs
from attnbench.zoo.attention import AdditiveAttention
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.graphs import LENGTHS
from attnbench.zoo.padded import Padded
from attnbench.zoo.recurrent import BidirectionalEncoder

EMBEDDING, HIDDEN, WORDS, BATCH = 256, 512, 10_000, 64
ROUNDS = 7

Product = tuple[int, int, int]
"""(m, k, n): a matrix m × k times one k × n."""


def sentences(multiple: int = 1) -> Padded:
    """Return a batch, as wide as its longest sentence, rounded up to a multiple."""
    lengths = torch.randint(15, 31, (BATCH,))
    mask = torch.arange(-(-int(lengths.max()) // multiple) * multiple) < lengths.unsqueeze(1)
    return Padded(torch.randint(WORDS, mask.shape), mask)


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


def training_step(model: EncoderDecoder, source: Padded, target: Padded) -> Callable[[], None]:
    """Return a function that does one update."""
    optimizer = torch.optim.Adam(model.parameters(), fused=True)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        decoded = model.decode(model.encode(source), *target)
        nats = model.nats(decoded.readout, target.values[target.mask])
        (nats / len(target.values)).backward()
        optimizer.step()

    return step


@pytest.mark.gpu
def test_captured_training_step(benchmark: BenchmarkFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """On CUDA: the recurrent loops as graphs, beside the same loops launched kernel by kernel."""
    source, target = (Padded(*(tensor.cuda() for tensor in sentences(multiple=LENGTHS))) for _ in range(2))
    captured = training_step(ours().cuda(), source, target)
    plain = training_step(ours().cuda(), source, target)

    def synchronised(step: Callable[[], None], pays: bool) -> Callable[[], None]:
        def run() -> None:
            with monkeypatch.context() as patch:
                if not pays:
                    patch.setattr(graphs, "pays", lambda tensor: False)
                step()
                torch.cuda.synchronize()

        return run

    calls = {"captured": synchronised(captured, True), "plain": synchronised(plain, False)}
    seconds = in_turns(calls, ROUNDS, clock=time.perf_counter)
    benchmark.extra_info["plain / captured"] = ratio(seconds, "plain", "captured")
    benchmark.extra_info["tokens a second, captured"] = round(
        int(target.mask.sum()) / float(np.median(seconds["captured"]))
    )
    benchmark.pedantic(calls["captured"], rounds=3)


def test_training_step(benchmark: BenchmarkFixture) -> None:
    source, target = sentences(), sentences()
    textbook = TextbookSearch(WORDS, WORDS, EMBEDDING, HIDDEN)
    optimizer = torch.optim.Adam(textbook.parameters())

    def by_the_book() -> None:
        optimizer.zero_grad(set_to_none=True)
        textbook.loss(*source, *target).backward()
        optimizer.step()

    calls = {
        "ours": training_step(ours(), source, target),
        "textbook": by_the_book,
        "floor": floor(products(source.values.shape[1], target.values.shape[1], int(target.mask.sum()))),
    }
    seconds = in_turns(calls, ROUNDS)
    benchmark.extra_info |= {
        "textbook / ours": ratio(seconds, "textbook", "ours"),
        "floor / ours": ratio(seconds, "floor", "ours"),
    }
    benchmark.pedantic(calls["ours"], rounds=3)
