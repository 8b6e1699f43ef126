"""Sharpened and windowed attention of a trained model: weights by hand, and the model left as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from random_utterances import Draw, drawn, frames, model_of, stepped
from torch import Tensor

from attnbench.errors import BadInput
from attnbench.tasks.recognition.settings import RecognitionDecoding
from attnbench.tasks.recognition.sharpening import sharpened
from attnbench.zoo.attention.normalisers import Softmax, Windowed
from attnbench.zoo.encoder_decoder import EncoderDecoder

PLAIN = RecognitionDecoding()
LABELS = [2, 4, 3, 5]
SPLIT = drawn(1, frames=(19, 20))
every = pytest.mark.parametrize("kind", ["content", "conv", "smooth"])


@torch.no_grad()
def _weights(model: EncoderDecoder) -> Tensor:
    return stepped(model, model.encode(frames(SPLIT, 0)), LABELS)[1]


def _sharp(model: EncoderDecoder, mean_frames: float = 20, **settings: float) -> EncoderDecoder:
    twin: EncoderDecoder = sharpened(model, replace(PLAIN, **settings), mean_frames)
    return twin


@every
def test_nothing_asked_is_the_model_itself(kind: str, draw: Draw) -> None:
    model = model_of(kind, draw)
    assert _sharp(model) is model


@every
@pytest.mark.parametrize(
    "settings", [{"beta": 2.0}, {"keep": 1}, {"window": 0.1}, {"beta": 2.0, "window": 0.1}]
)
def test_the_weights_are_shared_and_the_model_is_left(
    kind: str, settings: dict[str, float], draw: Draw
) -> None:
    model = model_of(kind, draw)
    normaliser, before = model.attention.normaliser, _weights(model)
    twin = _sharp(model, **settings)
    assert {id(one) for one in twin.parameters()} == {id(one) for one in model.parameters()}
    assert model.attention.normaliser is normaliser
    changed = _weights(twin)
    assert torch.equal(_weights(model), before)
    assert (changed - before).abs().max() > 1e-3
    assert not twin.training and not twin.attention.normaliser.training


@pytest.mark.parametrize("kind", ["content", "conv"])
def test_temperature_and_the_best_few_by_hand(kind: str, draw: Draw) -> None:
    """Before the first step nothing differs but the normaliser."""
    model = model_of(kind, draw)
    first = _weights(model)[0]
    squared = _weights(_sharp(model, beta=2.0))[0]
    torch.testing.assert_close(squared, first**2 / (first**2).sum())
    best = first.topk(3)
    kept = torch.zeros_like(first).scatter(0, best.indices, best.values / best.values.sum())
    torch.testing.assert_close(_weights(_sharp(model, keep=3))[0], kept)
    both = torch.zeros_like(first).scatter(0, best.indices, best.values**2 / (best.values**2).sum())
    torch.testing.assert_close(_weights(_sharp(model, keep=3, beta=2.0))[0], both)


def test_smoothed_attention_keeps_its_bias(draw: Draw) -> None:
    model = model_of("smooth", draw)
    attention = model.attention
    with torch.no_grad():
        encoded = model.encode(frames(SPLIT, 0))
        hidden = attention.query(encoded.hidden) + encoded.memory.keys[0]
        energy = torch.tanh(hidden) @ attention.energy + attention.normaliser.bias
        sigma = torch.sigmoid(2 * energy)
    torch.testing.assert_close(_weights(_sharp(model, beta=2.0))[0], sigma / sigma.sum())
    best = sigma.topk(4)
    kept = torch.zeros_like(sigma).scatter(0, best.indices, best.values / best.values.sum())
    torch.testing.assert_close(_weights(_sharp(model, beta=2.0, keep=4))[0], kept)


@every
@pytest.mark.parametrize("settings", [{}, {"beta": 2.0}, {"keep": 5}])
def test_a_window_wider_than_the_input_is_none(kind: str, settings: dict[str, float], draw: Draw) -> None:
    model = model_of(kind, draw)
    windowed = _sharp(model, window=1.0, **settings)
    assert isinstance(windowed.attention.normaliser, Windowed)
    torch.testing.assert_close(_weights(windowed), _weights(_sharp(model, **settings)), atol=1e-12, rtol=0)


@every
def test_weights_lie_in_the_window_around_the_median_before(kind: str, draw: Draw) -> None:
    weights, width, median = _weights(_sharp(model_of(kind, draw), window=0.15)), 3, 0
    for row in weights:
        inside = range(max(median - width, 0), min(median + width, len(row)))
        assert set(row.nonzero().flatten().tolist()) == set(inside)
        median = int((row.cumsum(dim=0) >= 0.5).nonzero()[0])
    assert median > 0


@every
@pytest.mark.parametrize("settings", [{"beta": 3.0}, {"keep": 2}, {"window": 0.15, "beta": 0.5}])
def test_known_labels_are_read_as_they_are_stepped_through(
    kind: str, settings: dict[str, float], draw: Draw
) -> None:
    model = _sharp(model_of(kind, draw), **settings)
    with torch.no_grad():
        decoded = model.decode(model.encode(frames(SPLIT, 0)), torch.tensor([LABELS]))
    torch.testing.assert_close(decoded.alignment[0], _weights(model), atol=1e-12, rtol=0)


@pytest.mark.parametrize(("window", "mean", "width"), [(0.25, 300, 75), (0.5, 299, 150), (0.01, 20, 2)])
def test_windows_are_measured_in_mean_lengths(window: float, mean: float, width: int, draw: Draw) -> None:
    normaliser = _sharp(model_of("conv", draw), mean, window=window).attention.normaliser
    assert isinstance(normaliser, Windowed) and normaliser.width == width
    assert isinstance(normaliser.normaliser, Softmax)


def test_a_system_that_does_not_attend_is_named(draw: Draw) -> None:
    fixed = model_of("fixed", draw)
    assert _sharp(fixed) is fixed
    with pytest.raises(BadInput, match=r"leave out decoding\.beta, decoding\.keep and decoding\.window"):
        _sharp(fixed, beta=2.0)
