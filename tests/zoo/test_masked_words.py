"""What stands behind the end of a sentence changes no bit, neither of what is made nor of a gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from masked import assert_same, numbers, outcome
from summarizing import KINDS as WINDOWS
from summarizing import summarizer
from torch import Tensor, nn

from attnbench.decoding import beam_search
from attnbench.settings import SearchSettings
from attnbench.zoo.annotations import Annotations
from attnbench.zoo.attention import (
    MECHANISMS,
    AdditiveAttention,
    Gated,
    Hard,
    LocationAwareAttention,
    Mean,
    Mechanism,
    Smoothed,
    Windowed,
)
from attnbench.zoo.convolution import ConvolutionalEncoder
from attnbench.zoo.deep_lstm import DeepLSTM
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.packing import Packing
from attnbench.zoo.padded import Padded
from attnbench.zoo.pair_reader import Attention, Inputs, LastState, PairReader, WordByWord
from attnbench.zoo.recurrent import BidirectionalEncoder, ForwardEncoder
from attnbench.zoo.recursive_convolution import RecursiveConvolutionalEncoder
from attnbench.zoo.sentence_reader import HypothesisReader, IndependentReader
from attnbench.zoo.word_by_word import WordByWordAttention
from attnbench.zoo.word_embeddings import Sorted, WordEmbeddings

Draw = Callable[[nn.Module, int], None]

SIZE, END = 4, 1
PADDED = torch.arange(6) < torch.tensor([[6], [3], [0], [1]])
OTHERS = torch.arange(5) < torch.tensor([[2], [5], [1], [3]])
"""The targets' mask, and the hypotheses'."""
WORDS = torch.randint(1, 6, (4, 6), generator=torch.Generator().manual_seed(2))
TARGETS = torch.randint(1, 6, (4, 5), generator=torch.Generator().manual_seed(3))
IDS = {"negative": -7, "of no vocabulary": 2**40, "of another word": 5, "of no number": 8, "zero": 0}
"""Ids behind the end; the vectors of the last two are no numbers."""

every_id = pytest.mark.parametrize("padding", IDS.values(), ids=IDS)


def with_padding(number: int) -> tuple[Padded, Padded]:
    """Return sources and targets whose padding is a number."""
    sides = (WORDS, PADDED), (TARGETS, OTHERS)
    source, target = (Padded(words.masked_fill(~mask, number), mask) for words, mask in sides)
    return source, target


def assert_padding_does_not_matter(
    model: nn.Module, call: Callable[[Padded, Padded], Any], padding: int
) -> None:
    """Compare with a padding of zeros and numbers for all words; 0 and 6 to 8 never are real."""
    leaves = list(model.parameters())
    expected = outcome(partial(call, *with_padding(0)), [], leaves)
    for part in model.modules():
        if isinstance(part, nn.Embedding):
            part.weight.data[[0, 6, 7, 8]] = math.nan
    assert_same(outcome(partial(call, *with_padding(padding)), [], leaves), expected)


ENCODERS: dict[str, Callable[[], Any]] = {
    "forward": lambda: ForwardEncoder(9, 3, SIZE),
    "bidirectional": lambda: BidirectionalEncoder(9, 3, SIZE),
    "recursive": lambda: RecursiveConvolutionalEncoder(9, 3, SIZE),
    "convolution": lambda: ConvolutionalEncoder(9, SIZE, layers=2, reach=1),
    "words": lambda: WordEmbeddings(9, SIZE),
    "sorted": lambda: Sorted(ConvolutionalEncoder(9, SIZE)),
}


@every_id
@pytest.mark.parametrize("kind", ENCODERS)
def test_encoders(kind: str, padding: int, draw: Draw) -> None:
    encoder = ENCODERS[kind]()
    draw(encoder, 1)

    def encode(source: Padded, _: Padded) -> list[Tensor]:
        made: Annotations = encoder(source)
        return [made.states, made.summary]

    assert_padding_does_not_matter(encoder, encode, padding)


KINDS: dict[str, Callable[[int], Mechanism]] = {
    **{name: lambda d, make=make: make(SIZE, d, 5) for name, make in MECHANISMS.items()},  # type: ignore[misc]
    "location-small": lambda d: LocationAwareAttention(SIZE, d, 5, filters=2, width=3),
    "location-smoothed": lambda d: LocationAwareAttention(
        SIZE, d, 5, filters=2, width=3, normaliser=Smoothed()
    ),
    "additive-blocked": lambda d: AdditiveAttention(SIZE, d, 5, implementation="blocked"),
    "additive-alone": lambda d: AdditiveAttention(SIZE, d, 5, align=False),
    "additive-windowed": lambda d: AdditiveAttention(SIZE, d, 5, normaliser=Windowed(2, Smoothed())),
    "additive-expected": lambda d: AdditiveAttention(SIZE, d, 5, normaliser=Hard(expected=1.0)),
    "gated": lambda d: Gated(AdditiveAttention(SIZE, d, 5), SIZE),
    "gated-mean": lambda _: Gated(Mean(), SIZE),
}


def translator(kind: str, encoder: str, draw: Draw) -> EncoderDecoder:
    encodes = ENCODERS[encoder]()
    model = EncoderDecoder(
        encodes, KINDS[kind](encodes.annotation), vocabulary=9, embedding=3, hidden=SIZE, maxout=5
    )
    draw(model, 1)
    return model


def decode(model: Any, source: Padded, target: Padded) -> list[Any]:
    """Return the likelihood, the read-outs and the alignments of what is real."""
    decoded = model.decode(model.encode(source), *target)
    aligned = None if decoded.alignment is None else decoded.alignment[target.mask]
    return [model.nats(decoded.readout, target.values[target.mask]), decoded.readout, aligned]


def steps(model: Any, source: Padded, _: Padded) -> list[Any]:
    """Return the logits and alignments of three steps."""
    encoded = model.encode(source)
    state, tokens, made = model.start(encoded), None, []
    for _step in range(3):
        logits, alignment, state = model.step(encoded, state, tokens)
        tokens = logits[..., 1:6].argmax(dim=-1) + 1
        made += [logits, alignment]
    return made


@every_id
@pytest.mark.parametrize(
    ("kind", "encoder"),
    [
        *((kind, "forward") for kind in KINDS),
        ("additive", "bidirectional"),
        ("additive", "recursive"),
        ("none", "recursive"),
    ],
)
def test_training_a_decoder(kind: str, encoder: str, padding: int, draw: Draw) -> None:
    model = translator(kind, encoder, draw)
    assert_padding_does_not_matter(model, partial(decode, model), padding)


@every_id
@pytest.mark.parametrize("reverse", [False, True])
def test_training_a_deep_lstm(reverse: bool, padding: int, draw: Draw) -> None:
    model = DeepLSTM(source=9, target=9, embedding=3, hidden=SIZE, layers=2, reverse=reverse)
    draw(model, 1)
    assert_padding_does_not_matter(model, partial(decode, model), padding)


@every_id
@pytest.mark.parametrize("kind", KINDS)
def test_steps_of_a_decoder(kind: str, padding: int, draw: Draw) -> None:
    model = translator(kind, "forward", draw)
    assert_padding_does_not_matter(model, partial(steps, model), padding)


@every_id
@pytest.mark.parametrize("act", [decode, steps])
@pytest.mark.parametrize("kind", WINDOWS)
def test_a_model_of_windows(kind: str, act: Callable[..., list[Any]], padding: int, draw: Draw) -> None:
    model = summarizer(kind, draw, words=9, dtype=torch.float32)
    assert_padding_does_not_matter(model, partial(act, model), padding)


@pytest.mark.parametrize("beam", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_searches_write_the_same(kind: str, beam: int, draw: Draw) -> None:
    model, limits = translator(kind, "forward", draw), PADDED.sum(dim=1) + 2
    found = [
        beam_search(model, model.encode(with_padding(number)[0]), limits, SearchSettings(beam=beam), end=END)
        for number in IDS.values()
    ]
    assert all(one == found[-1] for one in found) and any(one.tokens for one in found[-1])


class Loud(nn.Module):
    """After the end symbol its scores are no numbers; word 2 or 3 comes first, then the end or word 2."""

    def __init__(self, after: float) -> None:
        super().__init__()
        self.after = after

    def start(self, encoded: Tensor) -> Tensor:
        return torch.zeros(len(encoded), 1, 1)

    def step(self, encoded: Tensor, state: Tensor, tokens: Tensor | None) -> tuple[Tensor, None, Tensor]:
        logits = torch.tensor([-9.0, 2.0, 1.0, 0.5]).expand(*state.shape[:2], 4)
        if tokens is not None:
            state = torch.maximum(state, (tokens == END).float().unsqueeze(-1))
        return torch.where(state > 0, self.after, logits), None, state


@pytest.mark.parametrize("after", [math.nan, -math.inf, math.inf, 1e38])
def test_what_an_ended_output_would_go_on_with_does_not_matter(after: float) -> None:
    """A beam of 4 is wider than what lives after the first step, and holds an output that has ended."""
    settings = SearchSettings(beam=4, normalise=False)
    limits, encoded = torch.tensor([4, 2]), torch.zeros(2, 1)
    found, expected = (beam_search(Loud(a), encoded, limits, settings, end=END) for a in (after, 0.0))
    assert found == expected and found[0].tokens == [] and found[0].score > -1


READERS: dict[str, Callable[[Inputs], nn.Module]] = {
    "last state": lambda inputs: PairReader(inputs, LastState(), hidden=SIZE, shared=False),
    "attention": lambda inputs: PairReader(inputs, Attention(SIZE), hidden=SIZE, shared=True),
    "word by word": lambda inputs: PairReader(
        inputs, WordByWord(SIZE), hidden=SIZE, shared=False, two_way=True
    ),
    "independent": lambda inputs: IndependentReader(inputs, hidden=SIZE),
    "hypothesis": lambda inputs: HypothesisReader(inputs, hidden=SIZE),
}


@every_id
@pytest.mark.parametrize("kind", READERS)
def test_readers_of_pairs(kind: str, padding: int, draw: Draw) -> None:
    reader = READERS[kind](Inputs(nn.Embedding(9, 3), 3, SIZE))
    draw(reader, 1)
    assert_padding_does_not_matter(reader, reader, padding)


@pytest.mark.parametrize("hold", [math.nan, math.inf, 1e38])
def test_word_by_word_over_annotations(hold: float, draw: Draw) -> None:
    attention, packing = WordByWordAttention(SIZE), Packing.of(OTHERS)
    draw(attention, 1)
    states, annotations = numbers(int(OTHERS.sum()), SIZE), numbers(4, 6, SIZE, seed=1)

    def attend(states: Tensor, annotations: Tensor) -> Any:
        return attention(states, packing, attention.prepare(annotations, PADDED))

    found, expected = (
        outcome(
            attend,
            [states, annotations.masked_fill(~PADDED.unsqueeze(-1), number)],
            list(attention.parameters()),
        )
        for number in (hold, 0.0)
    )
    assert_same(found, expected)
    assert not found[3][~PADDED].any() and found[3][PADDED].any()
