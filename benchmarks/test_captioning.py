"""Captions from a grid of annotations: training, and searching.

64 captions of 8 to 16 words, 64 cells of 64 or 512 numbers, a decoder of 256 units, 256 scorers, 1,000 words,
one thread. The weights are random.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from textbook_captions import TextbookCaptioner
from timing import in_turns, ratio
from torch import Tensor

from attnbench.decoding import beam_search
from attnbench.settings import SearchSettings
from attnbench.zoo.attending_lstm import AttendingLSTM, GivenAnnotations
from attnbench.zoo.attention import AdditiveAttention, Gated, Hard, Mean, Mechanism, Normaliser
from attnbench.zoo.doubly_stochastic import doubly_stochastic
from attnbench.zoo.padded import Padded
from attnbench.zoo.reinforce import Reinforce

CELLS, WORDS, EMBEDDING, HIDDEN, SIZE = 64, 1000, 128, 256, 256
BATCH, BEAM, LONGEST, END, ROUNDS = 64, 5, 30, 1, 7

every_size = pytest.mark.parametrize("annotation", [64, 512])


def additive(annotation: int, normaliser: Normaliser | None = None) -> Mechanism:
    return AdditiveAttention(HIDDEN, annotation, SIZE, normaliser=normaliser, bias=True)


def captioner(annotation: int, mechanism: Mechanism, reinforce: Reinforce | None = None) -> AttendingLSTM:
    return AttendingLSTM(
        GivenAnnotations(annotation), Gated(mechanism, HIDDEN), vocabulary=WORDS, embedding=EMBEDDING,
        hidden=HIDDEN, penalty=1.0, reinforce=reinforce,
    )  # fmt: skip


def captions(annotation: int) -> tuple[Padded, Padded]:
    """Return pictures and their captions, the longest first."""
    lengths = torch.randint(8, 17, (BATCH,)).sort(descending=True).values
    real = torch.arange(int(lengths.max())) < lengths.unsqueeze(1)
    pictures = Padded(
        torch.randn(BATCH, CELLS, annotation).relu(), torch.ones(BATCH, CELLS, dtype=torch.bool)
    )
    return pictures, Padded(torch.randint(2, WORDS, real.shape), real)


def ours(model: AttendingLSTM, pictures: Padded, target: Padded) -> Callable[[], None]:
    words, real = target.values[target.mask], target.mask

    def loss() -> Tensor:
        decoded = model.decode(model.encode(pictures), *target)
        if model.reinforce is None or decoded.drawn is None:
            total = model.nats(decoded.readout, words)
        else:
            nats = model.each(decoded.readout, words)
            each = nats.new_zeros(len(real)).index_add(0, real.nonzero()[:, 0], nats)
            total = (each + model.reinforce(-each, decoded.drawn)).sum()
        if decoded.alignment is not None:
            total = total + model.penalty * doubly_stochastic(decoded.alignment, real).sum()
        return total / len(words)

    return step(model, loss)


def step(model: torch.nn.Module, loss: Callable[[], Tensor]) -> Callable[[], None]:
    optimizer = torch.optim.Adam(model.parameters(), fused=True)

    def train() -> None:
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        optimizer.step()

    return train


@every_size
def test_captioner_training_step(benchmark: BenchmarkFixture, annotation: int) -> None:
    pictures, target = captions(annotation)
    book = TextbookCaptioner(annotation, WORDS, EMBEDDING, HIDDEN, SIZE)
    known = pictures.values, target.values, target.mask.sum(dim=1)
    reward = Reinforce(1.0, 0.01)
    calls = {
        "ours": ours(captioner(annotation, additive(annotation)), pictures, target),
        "ours, hard": ours(captioner(annotation, additive(annotation, Hard(0.5)), reward), pictures, target),
        "ours, mean": ours(captioner(annotation, Mean()), pictures, target),
        "textbook": step(book, lambda: book.loss(*known)),
        "textbook, keys once": step(book, lambda: book.loss(*known, once=True)),
    }
    seconds = in_turns(calls, ROUNDS)
    benchmark.extra_info |= {
        "textbook / ours": ratio(seconds, "textbook", "ours"),
        "textbook, keys once / ours": ratio(seconds, "textbook, keys once", "ours"),
        "ours, hard / ours": ratio(seconds, "ours, hard", "ours"),
        "ours, mean / ours": ratio(seconds, "ours, mean", "ours"),
        "captions a second": round(BATCH / float(np.median(seconds["ours"]))),
    }
    benchmark.pedantic(calls["ours"], rounds=3)


@every_size
def test_captioner_search(benchmark: BenchmarkFixture, annotation: int) -> None:
    pictures, _ = captions(annotation)
    model = captioner(annotation, additive(annotation)).eval()
    book = TextbookCaptioner(annotation, WORDS, EMBEDDING, HIDDEN, SIZE)
    limits, settings = torch.full((BATCH,), LONGEST), SearchSettings(beam=BEAM, normalise=False)

    @torch.inference_mode()
    def search() -> object:
        return beam_search(model, model.encode(pictures), limits, settings, end=END)

    def one_at_a_time() -> None:
        for picture in pictures.values:
            book.search(picture, BEAM, LONGEST, END)

    seconds = in_turns({"ours": search, "textbook, one at a time": one_at_a_time}, 3)
    benchmark.extra_info["textbook, one at a time / ours"] = ratio(seconds, "textbook, one at a time", "ours")
    benchmark.pedantic(search, rounds=3)
