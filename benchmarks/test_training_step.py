"""A training step of RNNsearch, beside a textbook loop and beside its matrix products alone.

Embedding 256, hidden 512, vocabulary 10,000, batch 64, one thread. The batches are drawn as training draws
them, from pairs of 4 to 50 words in mapped memory: some are short, some long, some padded.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from textbook import TextbookSearch
from timing import in_turns, ratio

from attnbench.batching import Batches
from attnbench.corpora.splits import write
from attnbench.tasks.split import Split, mapped
from attnbench.tasks.translation.corpus import Batch, pairs
from attnbench.zoo import graphs
from attnbench.zoo.attention import AdditiveAttention
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.recurrent import BidirectionalEncoder

EMBEDDING, HIDDEN, WORDS, BATCH = 256, 512, 10_000, 64
ROUNDS = 7

Product = tuple[int, int, int]
"""(m, k, n): a matrix m × k times one k × n."""


class Corpus(NamedTuple):
    """Pairs in mapped memory, and which make some of a bucket's updates, short to long."""

    split: Split[Batch]
    updates: list[np.ndarray]

    def draw(self, device: str = "cpu") -> list[Batch]:
        return [self.split.batch(indices, torch.device(device)) for indices in self.updates]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    rng = np.random.default_rng(0)
    sources = rng.integers(4, 51, 20_000)
    targets = (sources * rng.uniform(0.9, 1.3, len(sources))).clip(4, 50).astype(int)
    columns = {
        f"{side}_ids": pa.ListArray.from_arrays(
            np.concatenate([[0], lengths.cumsum()]).astype(np.int32),
            rng.integers(2, WORDS, lengths.sum()).astype(np.int32),
        )
        for side, lengths in (("source", sources), ("target", targets))
    }
    write([pa.table(columns)], tmp_path / "pairs.arrow")
    split = pairs(mapped(tmp_path / "pairs.arrow"))
    batches = Batches(split.lengths, count=BATCH, bucket=20)
    return Corpus(split, [batches[update] for update in (0, 6, 12, 19)])


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


def training_steps(model: EncoderDecoder, batches: Callable[[], list[Batch]]) -> Callable[[], None]:
    """Return a function that does an update for each batch."""
    optimizer = torch.optim.Adam(model.parameters(), fused=True)

    def steps() -> None:
        for source, target in batches():
            optimizer.zero_grad(set_to_none=True)
            decoded = model.decode(model.encode(source), *target)
            nats = model.nats(decoded.readout, target.values[target.mask])
            (nats / int(target.mask.sum())).backward()
            optimizer.step()

    return steps


@pytest.mark.gpu
def test_captured_training_step(
    benchmark: BenchmarkFixture, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On CUDA: the recurrent loops as graphs, beside the same loops launched kernel by kernel."""
    drawn = corpus.draw("cuda")
    captured, plain = (training_steps(ours().cuda(), lambda: drawn) for _ in range(2))

    def synchronised(steps: Callable[[], None], pays: bool) -> Callable[[], None]:
        def run() -> None:
            with monkeypatch.context() as patch:
                if not pays:
                    patch.setattr(graphs, "pays", lambda tensor: False)
                steps()
                torch.cuda.synchronize()

        return run

    calls = {"captured": synchronised(captured, True), "plain": synchronised(plain, False)}
    seconds = in_turns(calls, ROUNDS, clock=time.perf_counter)
    benchmark.extra_info["plain / captured"] = ratio(seconds, "plain", "captured")
    benchmark.extra_info["tokens a second, captured"] = round(
        sum(int(batch.target.mask.sum()) for batch in drawn) / float(np.median(seconds["captured"]))
    )
    benchmark.pedantic(calls["captured"], rounds=3)


def test_training_step(benchmark: BenchmarkFixture, corpus: Corpus) -> None:
    textbook = TextbookSearch(WORDS, WORDS, EMBEDDING, HIDDEN)
    optimizer = torch.optim.Adam(textbook.parameters())

    def by_the_book() -> None:
        for source, target in corpus.draw():
            optimizer.zero_grad(set_to_none=True)
            textbook.loss(*source, *target).backward()
            optimizer.step()

    drawn = corpus.draw()
    floors = [
        floor(products(batch.source.mask.shape[1], batch.target.mask.shape[1], int(batch.target.mask.sum())))
        for batch in drawn
    ]
    calls = {
        "ours": training_steps(ours(), corpus.draw),
        "textbook": by_the_book,
        "floor": lambda: [do() for do in floors],
        "loading": corpus.draw,
    }
    seconds = in_turns(calls, ROUNDS)
    share = np.median(seconds["loading"] / seconds["ours"])
    benchmark.extra_info |= {
        "textbook / ours": ratio(seconds, "textbook", "ours"),
        "floor / ours": ratio(seconds, "floor", "ours"),
        "data loading's share": f"{share:.2%}",
    }
    benchmark.pedantic(calls["ours"], rounds=3)
