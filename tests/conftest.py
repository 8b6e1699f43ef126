"""One thread for all tests, ``reference`` importable from every folder, and tiny models."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch reads it

import pytest
import torch
from torch import nn

from attnbench.zoo.annotations import Encoder
from attnbench.zoo.attention import AdditiveAttention, FixedVector, Mechanism
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.padded import Padded
from attnbench.zoo.recurrent import BidirectionalEncoder, ForwardEncoder

torch.set_num_threads(1)
sys.path.insert(0, str(Path(__file__).parent))

Draw = Callable[[nn.Module, int], None]
Build = Callable[..., EncoderDecoder]
Pad = Callable[[Sequence[Sequence[int]]], Padded]


def _draw(module: nn.Module, seed: int) -> None:
    """Give every parameter, biases too, a value that matters."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in module.parameters():
        noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
        parameter.data.copy_(noise * 0.7)


def _build(
    kind: str, seed: int = 0, dtype: torch.dtype = torch.float64, source: int = 9, target: int = 7
) -> EncoderDecoder:
    """Return a tiny ``search`` or ``encdec`` model; no two of its sizes are equal."""
    encoder: Encoder
    attention: Mechanism
    if kind == "search":
        encoder, attention = BidirectionalEncoder(source, 3, 4), AdditiveAttention(4, 8, 5)
    else:
        encoder, attention = ForwardEncoder(source, 3, 4), FixedVector()
    model = EncoderDecoder(encoder, attention, vocabulary=target, embedding=3, hidden=4, maxout=6)
    _draw(model, seed)
    return model.to(dtype)


def _pad(sentences: Sequence[Sequence[int]]) -> Padded:
    """Return ids, padded with a real word's number."""
    longest = max(len(sentence) for sentence in sentences)
    ids = torch.tensor([[*sentence, *[2] * (longest - len(sentence))] for sentence in sentences])
    mask = torch.tensor([[i < len(sentence) for i in range(longest)] for sentence in sentences])
    return Padded(ids, mask)


@pytest.fixture(scope="session")
def draw() -> Draw:
    return _draw


@pytest.fixture(scope="session")
def build() -> Build:
    return _build


@pytest.fixture(scope="session")
def pad() -> Pad:
    return _pad
