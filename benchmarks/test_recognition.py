"""Recognition with location-aware attention: training, searching, and searching what is long.

123 numbers a frame, three layers of 128 units both ways, 256 scorers, 10 filters of 101 frames, 62 labels,
one thread. The weights are random.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from textbook_speech import TextbookRecognizer
from timing import in_turns, ratio
from torch import Tensor

from attnbench.decoding import beam_search
from attnbench.settings import SearchSettings
from attnbench.zoo.attention import LocationAwareAttention, Normaliser, Smoothed, Softmax, Windowed
from attnbench.zoo.deep_bidirectional import DeepBidirectionalEncoder
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.padded import Padded

FRAME, LABELS, HIDDEN, LAYERS, SIZE, FILTERS, WIDTH, MAXOUT = 123, 62, 128, 3, 256, 10, 101, 64
BEAM, END, ROUNDS = 10, 1, 7
JOINED = (1, 2, 3, 5, 8, 11, 15)
"""How many utterances of ``FRAMES`` frames and ``SAID`` labels are joined to one."""
FRAMES, SAID = 200, 25


def recognizer(normaliser: Normaliser | None = None) -> EncoderDecoder:
    encoder = DeepBidirectionalEncoder(FRAME, HIDDEN, LAYERS)
    attention = LocationAwareAttention(
        HIDDEN, encoder.annotation, SIZE, filters=FILTERS, width=WIDTH, normaliser=normaliser
    )
    return EncoderDecoder(
        encoder, attention, vocabulary=LABELS, embedding=HIDDEN, hidden=HIDDEN, maxout=MAXOUT,
        learnt_start=True, last_word=False,
    )  # fmt: skip


def textbook() -> TextbookRecognizer:
    return TextbookRecognizer(FRAME, LABELS, HIDDEN, LAYERS, SIZE, FILTERS, WIDTH, MAXOUT)


def utterances(batch: int) -> tuple[Padded, Padded]:
    """Return utterances of 100 to 300 frames, and a label for each eight of them."""
    lengths = torch.randint(100, 301, (batch,))
    mask, said = (torch.arange(int(count.max())) < count.unsqueeze(1) for count in (lengths, lengths // 8))
    return Padded(torch.randn(*mask.shape, FRAME), mask), Padded(torch.randint(2, LABELS, said.shape), said)


def step(model: torch.nn.Module, loss: Callable[[], Tensor]) -> Callable[[], None]:
    optimizer = torch.optim.Adam(model.parameters(), fused=True)

    def train() -> None:
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        optimizer.step()

    return train


def test_recognizer_training_step(benchmark: BenchmarkFixture) -> None:
    frames, target = utterances(16)

    def ours(model: EncoderDecoder) -> Callable[[], None]:
        def loss() -> Tensor:
            decoded = model.decode(model.encode(frames), *target)
            return model.nats(decoded.readout, target.values[target.mask]) / int(target.mask.sum())

        return step(model, loss)

    book = textbook()
    calls = {
        "ours": ours(recognizer()),
        "ours, smoothed": ours(recognizer(Smoothed())),
        "textbook": step(book, lambda: book.loss(*frames, *target)),
    }
    seconds = in_turns(calls, ROUNDS)
    benchmark.extra_info |= {
        "textbook / ours": ratio(seconds, "textbook", "ours"),
        "ours, smoothed / ours": ratio(seconds, "ours, smoothed", "ours"),
        "frames a second": round(int(frames.mask.sum()) / float(np.median(seconds["ours"]))),
    }
    benchmark.pedantic(calls["ours"], rounds=3)


def test_recognizer_search(benchmark: BenchmarkFixture) -> None:
    frames, _ = utterances(16)
    model, book, lengths = recognizer().eval(), textbook(), frames.mask.sum(dim=1)

    @torch.inference_mode()
    def ours() -> object:
        return beam_search(model, model.encode(frames), lengths // 8, SearchSettings(beam=BEAM), end=END)

    def one_at_a_time() -> None:
        for row, length in zip(frames.values, lengths.tolist(), strict=True):
            book.search(row[:length], BEAM, length // 8, END)

    seconds = in_turns({"ours": ours, "textbook, one at a time": one_at_a_time}, ROUNDS)
    benchmark.extra_info["textbook, one at a time / ours"] = ratio(seconds, "textbook, one at a time", "ours")
    benchmark.pedantic(ours, rounds=3)


@pytest.mark.parametrize("normaliser", [Softmax(), Windowed(FRAMES // 4)], ids=["all frames", "a window"])
def test_search_of_what_is_long(benchmark: BenchmarkFixture, normaliser: Normaliser) -> None:
    """Milliseconds a label, encoding left out: without a window they grow with the length."""
    model = recognizer(normaliser).eval()

    def search(count: int) -> Callable[[], object]:
        frames = Padded(
            torch.randn(1, count * FRAMES, FRAME), torch.ones(1, count * FRAMES, dtype=torch.bool)
        )
        limit = torch.tensor([SAID])
        with torch.inference_mode():
            encoded = model.encode(frames)
        return torch.inference_mode()(
            lambda: beam_search(model, encoded, limit, SearchSettings(beam=BEAM), end=END)
        )

    calls = {str(count): search(count) for count in JOINED}
    seconds = in_turns(calls, 3)
    for count in calls:
        benchmark.extra_info[f"ms a label, {count} joined"] = round(1e3 * seconds[count].min() / SAID, 2)
    benchmark.pedantic(calls["1"], rounds=3)
