"""A trained model whose attention is made sharper, or sees only a window, when it is used.

Chorowski et al. (2015), 2.3: the inverse temperature, the best few frames, and the window around the median
of the alignment before. None of them is trained with; the weights are those of the model.
"""

from __future__ import annotations

import copy
from itertools import chain
from typing import Any

from attnbench.errors import BadInput
from attnbench.tasks.recognition.settings import RecognitionDecoding
from attnbench.zoo.attention import AdditiveAttention, LocationAwareAttention
from attnbench.zoo.attention.normalisers import Normaliser, Sharpened, Smoothed, Softmax, Windowed

LEAST = 2
"""Frames to either side of the median: with fewer a window never moves on."""


def sharpened(model: Any, settings: RecognitionDecoding, mean_frames: float) -> Any:
    """Return a model with the same weights whose attention is normalised as ``decoding`` asks.

    The given model stays as it is; it is the one that is returned where nothing is asked.

    Args:
        model: a trained recogniser.
        settings: ``beta``, ``keep`` and ``window`` count.
        mean_frames: the mean length of a training input, which windows are measured in.

    Raises ``BadInput`` for a model whose attention cannot be changed so.
    """
    if settings.beta == 1 and not settings.keep and not settings.window:
        return model
    normaliser = _normaliser(model)
    shared = {id(one): one for one in chain(model.parameters(), model.buffers())}
    twin = copy.deepcopy(model, shared)  # what the memo holds is not copied
    if settings.beta != 1 or settings.keep:
        normaliser = _sharper(normaliser, settings.beta, settings.keep or None)
    if settings.window:
        normaliser = Windowed(max(round(settings.window * mean_frames), LEAST), normaliser)
    twin.attention.normaliser = normaliser.train(twin.training)
    return twin


def _normaliser(model: Any) -> Normaliser:
    """Return what a model's attention is normalised by."""
    attention = getattr(model, "attention", None)
    if isinstance(attention, AdditiveAttention | LocationAwareAttention):
        normaliser = attention.normaliser
        if isinstance(normaliser, Softmax | Smoothed):
            return normaliser
    raise BadInput(
        "this system's attention cannot be sharpened or seen through a window; "
        "leave out decoding.beta, decoding.keep and decoding.window"
    )


def _sharper(normaliser: Normaliser, beta: float, keep: int | None) -> Normaliser:
    """Return the normaliser at an inverse temperature, over the best few; a bias is the same weight."""
    if not isinstance(normaliser, Smoothed):
        return Sharpened(beta, keep)
    sharper = Smoothed(beta=beta, keep=keep)
    sharper.bias = normaliser.bias
    return sharper
