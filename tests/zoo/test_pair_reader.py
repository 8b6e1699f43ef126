from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import reference
import torch
import torch.nn.functional as F
from torch import nn

from attnbench.zoo.attention import AdditiveAttention
from attnbench.zoo.packing import Packing
from attnbench.zoo.padded import Padded
from attnbench.zoo.pair_reader import (
    Attention,
    Inputs,
    Judgement,
    LastState,
    PairReader,
    WordByWord,
    start_wide,
)
from attnbench.zoo.sentence_reader import HypothesisReader, IndependentReader
from attnbench.zoo.word_vectors import WordVectors

Pad = Callable[[Sequence[Sequence[int]]], Padded]
Draw = Callable[[nn.Module, int], None]

PREMISES = [[3, 1, 4], [5], [8, 2, 6, 0, 7], [1, 1]]
HYPOTHESES = [[2, 7], [6, 5, 4, 1], [3], [8, 0, 2]]
K, DIMENSION = 4, 3

KINDS = [
    (attention, shared, two_way)
    for attention in ("none", "once", "per-word")
    for shared, two_way in ((False, False), (True, False), (False, True))
]
every_kind = pytest.mark.parametrize(("attention", "shared", "two_way"), KINDS)


def _inputs(dropout: float = 0.0) -> Inputs:
    fixed = torch.randn(4, DIMENSION, generator=torch.Generator().manual_seed(5))
    return Inputs(WordVectors(fixed, 5), DIMENSION, K, dropout)


def _make(
    draw: Draw, attention: str, shared: bool = False, two_way: bool = False, seed: int = 0
) -> PairReader:
    """Return a tiny reader of a vocabulary of nine words."""
    made = {"none": LastState(), "once": Attention(K), "per-word": WordByWord(K)}
    model = PairReader(_inputs(), made[attention], hidden=K, shared=shared, two_way=two_way)
    draw(model, seed)
    return model.double()


def _judge(model: nn.Module, pad: Pad, premises: list[list[int]], hypotheses: list[list[int]]) -> Judgement:
    judgement: Judgement = model(pad(premises), pad(hypotheses))
    return judgement


def _rows(model: PairReader, pair: int) -> int:
    """How often a pair's premise is attended to."""
    return 1 if isinstance(model.represent, Attention) else len(HYPOTHESES[pair])


@every_kind
def test_it_equals_the_equations(draw: Draw, pad: Pad, attention: str, shared: bool, two_way: bool) -> None:
    model = _make(draw, attention, shared, two_way)
    judged = _judge(model, pad, PREMISES, HYPOTHESES)
    for pair, (premise, hypothesis) in enumerate(zip(PREMISES, HYPOTHESES, strict=True)):
        logits, alignment = reference.judged(model, premise, hypothesis)
        torch.testing.assert_close(judged.logits[pair], logits, atol=1e-12, rtol=0)
        if attention == "none":
            assert judged.alignment is None and not alignment
            continue
        assert judged.alignment is not None
        ours = judged.alignment[pair]
        own = ours[: _rows(model, pair), : len(premise)]
        torch.testing.assert_close(own, torch.stack(alignment), atol=1e-12, rtol=0)
        assert ours.sum().item() == pytest.approx(len(alignment), abs=1e-12), "nothing on padding"


@every_kind
def test_gradients_equal_the_equations(
    draw: Draw, pad: Pad, attention: str, shared: bool, two_way: bool
) -> None:
    model = _make(draw, attention, shared, two_way, seed=1)
    labels = torch.tensor([0, 2, 1, 1])
    leaves = list(model.parameters())
    ours = torch.autograd.grad(
        F.cross_entropy(_judge(model, pad, PREMISES, HYPOTHESES).logits, labels), leaves
    )
    literal = torch.stack(
        [reference.judged(model, *pair)[0] for pair in zip(PREMISES, HYPOTHESES, strict=True)]
    )
    loss = -torch.stack([reference.log_probability(row, y) for row, y in zip(literal, labels, strict=True)])
    for one, other in zip(ours, torch.autograd.grad(loss.mean(), leaves), strict=True):
        assert other.abs().max() > 1e-6
        torch.testing.assert_close(one, other, atol=1e-10, rtol=1e-8)


def _others(pad: Pad) -> dict[str, nn.Module]:
    return {
        "independent": IndependentReader(_inputs(), hidden=K),
        "hypothesis": HypothesisReader(_inputs(), hidden=K),
    }


@pytest.mark.parametrize("kind", ["none", "once", "per-word", "both-ways", "independent", "hypothesis"])
def test_padding_batch_size_and_order_change_nothing(draw: Draw, pad: Pad, kind: str) -> None:
    if kind in ("independent", "hypothesis"):
        model = _others(pad)[kind]
        draw(model, 2)
        model = model.double()
    else:
        model = _make(draw, "per-word" if kind == "both-ways" else kind, two_way=kind == "both-ways", seed=2)
    together = _judge(model, pad, PREMISES, HYPOTHESES)
    turned = _judge(model, pad, PREMISES[::-1], HYPOTHESES[::-1])
    wider = [
        Padded(F.pad(ids, (0, 3), value=6), F.pad(mask, (0, 3)))
        for ids, mask in map(pad, (PREMISES, HYPOTHESES))
    ]
    padded = model(*wider)
    for pair in range(len(PREMISES)):
        alone = _judge(model, pad, PREMISES[pair : pair + 1], HYPOTHESES[pair : pair + 1])
        for other in (alone.logits[0], turned.logits[-1 - pair], padded.logits[pair]):
            torch.testing.assert_close(together.logits[pair], other, atol=1e-12, rtol=0)


def test_the_reading_ways_swap(draw: Draw, pad: Pad) -> None:
    """A two-way reader's halves change places with the sentences."""
    model = _make(draw, "once", two_way=True)
    there = _judge(model, pad, PREMISES, HYPOTHESES).logits
    model.output.weight.data = torch.cat(model.output.weight.data.chunk(2, dim=1)[::-1], dim=1)
    torch.testing.assert_close(there, _judge(model, pad, HYPOTHESES, PREMISES).logits, atol=1e-12, rtol=0)


def test_independent_encoding_joins_two_readings_of_one_lstm(draw: Draw, pad: Pad) -> None:
    model = _others(pad)["independent"].double()
    assert isinstance(model, IndependentReader)
    draw(model, 3)
    logits = _judge(model, pad, PREMISES, HYPOTHESES).logits
    P, p, vectors = (
        model.inputs.projection.weight, model.inputs.projection.bias, model.inputs.embedding(torch.arange(9)),
    )  # fmt: skip
    layers = [layer for layer in model.output if isinstance(layer, nn.Linear)]
    assert len(layers) == 4
    for pair, sides in enumerate(zip(PREMISES, HYPOTHESES, strict=True)):
        xs = ([P @ vectors[word] + p for word in side] for side in sides)
        x = torch.cat([reference.lstm_read(model.lstm, one, torch.zeros_like(p))[0][-1] for one in xs])
        for layer in layers[:3]:
            x = torch.tanh(layer.weight @ x + layer.bias)
        expected = layers[3].weight @ x + layers[3].bias
        torch.testing.assert_close(logits[pair], expected, atol=1e-12, rtol=0)


def test_the_hypothesis_reader_never_sees_the_premise(draw: Draw, pad: Pad) -> None:
    model = _others(pad)["hypothesis"].double()
    assert isinstance(model, HypothesisReader)
    draw(model, 3)
    logits = _judge(model, pad, PREMISES, HYPOTHESES).logits
    assert torch.equal(logits, _judge(model, pad, PREMISES[::-1], HYPOTHESES).logits)
    P, p, vectors = (
        model.inputs.projection.weight, model.inputs.projection.bias, model.inputs.embedding(torch.arange(9)),
    )  # fmt: skip
    for pair, words in enumerate(HYPOTHESES):
        xs = [P @ vectors[word] + p for word in words]
        h = reference.lstm_read(model.lstm, xs, torch.zeros_like(p))[0][-1]
        expected = torch.tanh(model.output.weight @ h + model.output.bias)
        torch.testing.assert_close(logits[pair], expected, atol=1e-12, rtol=0)


def test_dropout_is_on_inputs_and_outputs_only(draw: Draw, pad: Pad) -> None:
    model = PairReader(_inputs(0.5), WordByWord(K), hidden=K, shared=False, dropout=0.5)
    draw(model, 0)
    dropouts = [name for name, part in model.named_modules() if isinstance(part, nn.Dropout)]
    assert dropouts == ["inputs.dropout", "dropout"]
    torch.manual_seed(0)
    first, second = (_judge(model, pad, PREMISES, HYPOTHESES).logits for _ in range(2))
    assert (first - second).abs().max() > 0.01
    model.eval()
    first, second = (_judge(model, pad, PREMISES, HYPOTHESES).logits for _ in range(2))
    assert torch.equal(first, second)


@pytest.mark.parametrize("attention", ["none", "once", "per-word"])
def test_an_empty_sentence_is_no_accident(draw: Draw, pad: Pad, attention: str) -> None:
    model = _make(draw, attention, two_way=True)
    premises, hypotheses = pad(PREMISES), pad(HYPOTHESES)
    premises.mask[0], hypotheses.mask[1] = False, False
    logits = model(premises, hypotheses).logits
    whole = _judge(model, pad, PREMISES, HYPOTHESES).logits
    torch.testing.assert_close(logits[2:], whole[2:], atol=1e-12, rtol=0)
    logits.sum().backward()
    assert logits.isfinite().all()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def _answers_to_the_query(attention: AdditiveAttention) -> float:
    """Share of the scores' variance over annotations that no score of the annotation alone explains."""
    states = 0.3 * torch.randn(2, 40, 100, generator=torch.Generator().manual_seed(0))
    queries, keys = attention.query(states[0]), attention.key(states[1])
    scores = torch.tanh(queries[:, None] + keys) @ attention.energy  # [query, key]
    scores = scores - scores.mean(dim=1, keepdim=True)  # what the softmax sees
    return float((scores - scores.mean(dim=0)).square().mean() / scores.square().mean())


@torch.no_grad()
def test_the_first_scores_depend_on_the_query() -> None:
    """Without it, one annotation wins for whatever query."""
    torch.manual_seed(0)
    plain = AdditiveAttention(100, 100, 100)
    wide = AdditiveAttention(100, 100, 100)
    start_wide(wide)
    assert _answers_to_the_query(plain) < 0.005
    assert 0.1 < _answers_to_the_query(wide) < 0.5
    for started in (Attention(100).attention, WordByWord(100).attention.attention):
        assert 0.1 < _answers_to_the_query(started) < 0.5


def _found(reader: PairReader, words: int, seed: int) -> float:
    """Share of three words of a premise of ten whose strongest weight falls on themselves."""
    generator = torch.Generator().manual_seed(seed)
    premises = torch.stack([torch.randperm(words, generator=generator)[:10] for _ in range(200)])
    places = torch.stack([torch.randperm(10, generator=generator)[:3] for _ in range(200)])
    sides = (
        Padded(ids, torch.ones_like(ids, dtype=torch.bool)) for ids in (premises, premises.gather(1, places))
    )
    alignment = reader(*sides).alignment
    assert alignment is not None
    return float((alignment.argmax(dim=2) == places).double().mean())


@torch.no_grad()
@pytest.mark.parametrize("hidden", [40, 41])
def test_a_matching_start_finds_words_and_another_does_not(hidden: int) -> None:
    """Chance is 0.1. Words start as far apart as those of generated pairs do."""
    found = []
    for matching in (True, False):
        torch.manual_seed(0)
        inputs = Inputs(WordVectors(torch.zeros(0, hidden), 100, initial_scale=1.7), hidden, hidden)
        reader = PairReader(inputs, WordByWord(hidden), hidden=hidden, shared=False, matching=matching)
        found.append(_found(reader, 100, 1))
    assert found[0] > 0.35
    assert found[1] < 0.2


@torch.no_grad()
def test_a_matching_start_has_one_reader_with_a_constant_unit(pad: Pad) -> None:
    torch.manual_seed(0)
    reader = PairReader(_inputs(), LastState(), hidden=K, shared=False, matching=True)
    assert reader.second is not None
    for one, other in zip(reader.first.parameters(), reader.second.parameters(), strict=True):
        assert torch.equal(one, other) and one is not other
    packing = Packing.of(pad([[0, 0, 0]]).mask)
    reads = [reader.first(scale * torch.randn(3, K), packing).states for scale in (0.0, 9.0)]
    torch.testing.assert_close(reads[0][:, 0], reads[1][:, 0], atol=1e-7, rtol=0)
    assert reads[0][:, 0].min() > 0.6
    assert (reads[0][:, 1:] - reads[1][:, 1:]).abs().max() > 0.1
    reader.first.bias.data[::K] = -1.0  # it says something else, and no other unit hears it
    noise = 9.0 * torch.randn(3, K)
    one = reader.first(noise, packing).states[:, 1:]
    reader.first.bias.data[::K] = 2.0
    torch.testing.assert_close(one, reader.first(noise, packing).states[:, 1:], atol=0, rtol=0)


@pytest.mark.parametrize("attention", ["none", "once", "per-word"])
def test_one_batch_is_memorised(pad: Pad, attention: str) -> None:
    """The tanh holds logits within 1, so the loss cannot fall below log(e + 2 / e) - 1 = 0.2395."""
    torch.manual_seed(0)
    made = {"none": LastState(), "once": Attention(16), "per-word": WordByWord(16)}
    inputs = Inputs(WordVectors(torch.randn(4, 8), 5), 8, 16)
    model = PairReader(inputs, made[attention], hidden=16, shared=False)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    labels = torch.tensor([0, 2, 1, 1])
    for _ in range(80):
        optimizer.zero_grad()
        loss = F.cross_entropy(_judge(model, pad, PREMISES, HYPOTHESES).logits, labels)
        loss.backward()
        optimizer.step()
    assert 0.2395 < loss.item() < 0.26
