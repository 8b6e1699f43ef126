"""The systems of Rush et al. (2015), its baselines, and two controls.

A builder takes the model settings and the corpus' vocabularies, and returns a module. The random generator is
seeded by the caller.
"""

from __future__ import annotations

import torch

from attnbench.corpora.text import END
from attnbench.tasks.summarization.corpus import Vocabularies
from attnbench.tasks.summarization.rules import Lead, Nearest, Prefix
from attnbench.zoo.annotations import Encoder
from attnbench.zoo.attention import FixedVector, Mean, Mechanism, SmoothedDot
from attnbench.zoo.context_window import ContextWindowModel
from attnbench.zoo.convolution import ConvolutionalEncoder
from attnbench.zoo.kneser_ney import KneserNey
from attnbench.zoo.word_embeddings import Sorted, WordEmbeddings
from reproductions.rush2015.settings import RushModel

ORDER = 5
"""Of the counted model: a word and the four before it."""
NO_FEATURES = (1.0, 0.0, 0.0, 0.0, 0.0)
"""Weights of the log-probability, and of unigrams, bigrams, trigrams and reordered words of the input."""


def prefix(settings: RushModel, features: Vocabularies) -> Prefix:
    """Return PREFIX: the first 75 bytes of the input."""
    return Prefix()


def lead(settings: RushModel, features: Vocabularies) -> Lead:
    """Return as many first words of the input as summaries usually have."""
    return Lead()


def ir(settings: RushModel, features: Vocabularies) -> Nearest:
    """Return IR: the summary of the training input that is most like the input."""
    return Nearest()


def kn_5(settings: RushModel, features: Vocabularies) -> KneserNey:
    """Return 5-grams with Kneser-Ney smoothing, to be counted on the training summaries."""
    return KneserNey(ORDER, len(features.target))


def nnlm(settings: RushModel, features: Vocabularies) -> ContextWindowModel:
    """Return the feed-forward language model: no encoder, no W."""
    return _model(settings, features)


def bow(settings: RushModel, features: Vocabularies) -> ContextWindowModel:
    """Return the bag-of-words encoder, enc1: the mean of the input words' vectors."""
    return _model(settings, features, _words(settings, features), Mean())


def tdnn(settings: RushModel, features: Vocabularies) -> ContextWindowModel:
    """Return the convolutional encoder, enc2."""
    return _model(settings, features, _convolution(settings, features), FixedVector())


def tdnn_sorted(settings: RushModel, features: Vocabularies) -> ContextWindowModel:
    """Return the same, reading the input's words sorted by their numbers: a control for word order."""
    return _model(settings, features, Sorted(_convolution(settings, features)), FixedVector())


def abs_(settings: RushModel, features: Vocabularies) -> ContextWindowModel:
    """Return ABS, the attention-based encoder, enc3.

    Its values are sums over 2Q + 1 words divided by Q, as the paper prints it. With Q = 2 that is 5/2 of a
    mean, which W can undo.
    """
    return _attending(settings, features, settings.window)


def abs_unsmoothed(settings: RushModel, features: Vocabularies) -> ContextWindowModel:
    """Return the same whose values are single words, Q = 0: a control for smoothing."""
    return _attending(settings, features, 0)


def abs_plus(settings: RushModel, features: Vocabularies) -> ContextWindowModel:
    """Return ABS+: the same with weights of extractive features, which are none until they are tuned."""
    model = abs_(settings, features)
    model.register_buffer("extraction", torch.tensor(NO_FEATURES))
    return model


def _model(
    settings: RushModel,
    features: Vocabularies,
    encoder: Encoder | None = None,
    attention: Mechanism | None = None,
) -> ContextWindowModel:
    return ContextWindowModel(
        encoder,
        attention,
        vocabulary=len(features.target),
        embedding=settings.embedding,
        hidden=settings.hidden,
        context=settings.context,
        start=END,  # it is in no window: nothing is written after it
        max_norm=settings.max_norm,
    )


def _attending(settings: RushModel, features: Vocabularies, window: int) -> ContextWindowModel:
    attention = SmoothedDot(settings.hidden, settings.hidden, window)
    return _model(settings, features, _words(settings, features), attention)


def _words(settings: RushModel, features: Vocabularies) -> WordEmbeddings:
    return WordEmbeddings(len(features.source), settings.hidden, settings.max_norm)


def _convolution(settings: RushModel, features: Vocabularies) -> ConvolutionalEncoder:
    return ConvolutionalEncoder(
        len(features.source), settings.hidden, layers=settings.layers, reach=settings.window,
        max_norm=settings.max_norm,
    )  # fmt: skip
