"""Beam search of RNNsearch, beside a textbook's batched search and one sentence at a time.

Beam 10, embedding 256, hidden 512, vocabulary 10,000, 32 sentences of 5 to 30 words, one thread. The
weights are random, so hardly anything ends by itself: each output goes on to its source's length, and
the textbook's to the longest one's.
"""

from __future__ import annotations

import torch
from pytest_benchmark.fixture import BenchmarkFixture
from textbook import TextbookSearch
from timing import in_turns, ratio

from attnbench.decoding import beam_search
from attnbench.settings import SearchSettings
from attnbench.zoo.attention import AdditiveAttention
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.padded import Padded
from attnbench.zoo.recurrent import BidirectionalEncoder

EMBEDDING, HIDDEN, WORDS, BATCH, BEAM, END = 256, 512, 10_000, 32, 10, 1
ROUNDS = 5


def test_beam_search(benchmark: BenchmarkFixture) -> None:
    lengths = torch.randint(5, 31, (BATCH,))
    mask = torch.arange(int(lengths.max())) < lengths.unsqueeze(1)
    source = torch.randint(2, WORDS, mask.shape)
    encoder = BidirectionalEncoder(WORDS, EMBEDDING, HIDDEN)
    attention = AdditiveAttention(HIDDEN, encoder.annotation, HIDDEN)
    model = EncoderDecoder(
        encoder, attention, vocabulary=WORDS, embedding=EMBEDDING, hidden=HIDDEN, maxout=HIDDEN
    )
    textbook = TextbookSearch(WORDS, WORDS, EMBEDDING, HIDDEN)
    settings = SearchSettings(beam=BEAM)

    @torch.inference_mode()
    def ours() -> object:
        return beam_search(model, model.encode(Padded(source, mask)), lengths, settings, end=END)

    def one_at_a_time() -> None:
        for row, length in enumerate(lengths.tolist()):
            textbook.search(source[row : row + 1, :length], mask[row : row + 1, :length], BEAM, length, END)

    calls = {
        "ours": ours,
        "textbook, batched": lambda: textbook.search(source, mask, BEAM, int(lengths.max()), END),
        "textbook, one at a time": one_at_a_time,
    }
    seconds = in_turns(calls, ROUNDS)
    for name in ("textbook, batched", "textbook, one at a time"):
        benchmark.extra_info[f"{name} / ours"] = ratio(seconds, name, "ours")
    benchmark.pedantic(ours, rounds=3)
