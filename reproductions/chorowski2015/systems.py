"""The systems of Chorowski et al. (2015): one network, and how it attends.

A builder takes the model settings and the corpus' features, and returns a module. The random generator is
seeded by the caller.
"""

from __future__ import annotations

from torch import nn

from attnbench.tasks.recognition.features import Features
from attnbench.zoo.attention import (
    AdditiveAttention,
    LocationAwareAttention,
    Mechanism,
    Normaliser,
    Smoothed,
    Softmax,
)
from attnbench.zoo.deep_bidirectional import DeepBidirectionalEncoder
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.recurrent import GatedUnit
from reproductions.chorowski2015.settings import ChorowskiModel


def baseline(settings: ChorowskiModel, features: Features) -> EncoderDecoder:
    """Return the baseline: attention by content alone, e = w' tanh(W s + V h + b)."""
    return _model(settings, features, _content(settings, Softmax()))


def content_smooth(settings: ChorowskiModel, features: Features) -> EncoderDecoder:
    """Return a control: the same with smooth focus."""
    return _model(settings, features, _content(settings, Smoothed()))


def conv(settings: ChorowskiModel, features: Features) -> EncoderDecoder:
    """Return location-aware attention: e = w' tanh(W s + V h + U f + b), f of the alignment before."""
    return _model(settings, features, _located(settings, Softmax()))


def conv_smooth(settings: ChorowskiModel, features: Features) -> EncoderDecoder:
    """Return the same with smooth focus: the logistic function in the exponential's place."""
    return _model(settings, features, _located(settings, Smoothed()))


def _content(settings: ChorowskiModel, normaliser: Normaliser) -> Mechanism:
    annotation = 2 * settings.hidden
    return AdditiveAttention(
        settings.hidden, annotation, settings.alignment, normaliser=normaliser, bias=True
    )  # fmt: skip


def _located(settings: ChorowskiModel, normaliser: Normaliser) -> Mechanism:
    return LocationAwareAttention(
        settings.hidden, 2 * settings.hidden, settings.alignment, filters=settings.filters,
        width=settings.width, normaliser=normaliser,
    )  # fmt: skip


def _model(settings: ChorowskiModel, features: Features, attention: Mechanism) -> EncoderDecoder:
    model = EncoderDecoder(
        DeepBidirectionalEncoder(features.size, settings.hidden, settings.layers),
        attention,
        vocabulary=len(features.target),
        embedding=settings.embedding,
        hidden=settings.hidden,
        maxout=settings.maxout,
        learnt_start=True,
        last_word=False,
    )
    if settings.initial_std:
        initialise(model, settings.initial_std)
    return model


def initialise(model: nn.Module, deviation: float) -> None:
    """Draw the weights as the paper does: Gaussian, recurrent ones orthogonal, biases zero.

    First states stay as they are made, with deviation 0.001.
    """
    for module in model.modules():
        if isinstance(module, GatedUnit):
            nn.init.normal_(module.inputs, std=deviation)
            nn.init.zeros_(module.bias)  # gates and candidates are orthogonal already
        elif isinstance(module, nn.Linear | nn.Conv1d):
            nn.init.normal_(module.weight, std=deviation)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=deviation)
        elif isinstance(module, AdditiveAttention | LocationAwareAttention):
            nn.init.normal_(module.energy, std=deviation)
