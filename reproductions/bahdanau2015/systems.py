"""The systems of Bahdanau et al. (2015), and the two older fixed vectors it argues with.

A builder takes the model settings and the corpus' vocabularies, and returns a module. The random
generator is seeded by the caller.
"""

from __future__ import annotations

from torch import nn

from attnbench.tasks.sentences import Vocabularies
from attnbench.zoo.annotations import Encoder
from attnbench.zoo.attention import AdditiveAttention, FixedVector, Mechanism
from attnbench.zoo.deep_lstm import DeepLSTM
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.recurrent import BidirectionalEncoder, ForwardEncoder, GatedUnit
from attnbench.zoo.recursive_convolution import RecursiveConvolutionalEncoder
from reproductions.bahdanau2015.settings import BahdanauModel


def rnnsearch(settings: BahdanauModel, features: Vocabularies) -> EncoderDecoder:
    """Return RNNsearch: a bidirectional encoder, and a decoder that attends (A.2.1, A.2.2)."""
    encoder = BidirectionalEncoder(len(features.source), settings.embedding, settings.hidden)
    attention = AdditiveAttention(
        settings.hidden,
        encoder.annotation,
        settings.alignment,
        implementation=settings.attention_implementation,
    )
    return _decoder(encoder, attention, settings, features)


def rnnencdec(settings: BahdanauModel, features: Vocabularies) -> EncoderDecoder:
    """Return RNNencdec: a forward encoder whose last state is the context of every step."""
    encoder = ForwardEncoder(len(features.source), settings.embedding, settings.hidden)
    return _decoder(encoder, FixedVector(), settings, features)


def grconv(settings: BahdanauModel, features: Vocabularies) -> EncoderDecoder:
    """Return grConv (Cho et al. 2014b): a recursive convolutional encoder, decoded as in RNNencdec."""
    encoder = RecursiveConvolutionalEncoder(len(features.source), settings.embedding, settings.hidden)
    return _decoder(encoder, FixedVector(), settings, features)


def sutskever2014(settings: BahdanauModel, features: Vocabularies) -> DeepLSTM:
    """Return the deep LSTMs of Sutskever et al. (2014).

    ``paper`` draws every weight and bias uniformly from [-0.08, 0.08].
    """
    model = DeepLSTM(
        source=len(features.source),
        target=len(features.target),
        embedding=settings.embedding,
        hidden=settings.hidden,
        layers=settings.layers,
        reverse=settings.reverse,
    )
    if settings.initialisation == "paper":
        for parameter in model.parameters():
            nn.init.uniform_(parameter, -0.08, 0.08)
    else:
        _initialise_deep(model)
    return model


def _decoder(
    encoder: Encoder,
    attention: Mechanism,
    settings: BahdanauModel,
    features: Vocabularies,
) -> EncoderDecoder:
    model = EncoderDecoder(
        encoder,
        attention,
        vocabulary=len(features.target),
        embedding=settings.embedding,
        hidden=settings.hidden,
        maxout=settings.maxout,
    )
    initialise(model, settings.initialisation)
    return model


def initialise(model: nn.Module, scheme: str) -> None:
    """Draw the weights as the paper does (B.1), or by fan-in.

    Both: recurrent matrices, grConv's joins too, random orthogonal, biases zero. ``paper``: the alignment
    model's matrices N(0, 0.001^2), its vector zero, all else N(0, 0.01^2). ``fan-in``: N(0, 1/inputs),
    embeddings N(0, 0.1^2).
    """
    paper = scheme == "paper"
    for module in model.modules():
        if isinstance(module, GatedUnit):
            nn.init.normal_(module.inputs, std=0.01 if paper else module.inputs.shape[1] ** -0.5)
            for block in (*module.gates.chunk(2), module.candidate):
                nn.init.orthogonal_(block)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.01 if paper else module.in_features**-0.5)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.01 if paper else 0.1)
    for module in model.modules():
        if isinstance(module, AdditiveAttention):
            if paper:
                nn.init.normal_(module.query.weight, std=0.001)
                nn.init.normal_(module.key.weight, std=0.001)
                nn.init.zeros_(module.energy)
            else:
                nn.init.normal_(module.energy, std=len(module.energy) ** -0.5)
        elif isinstance(module, RecursiveConvolutionalEncoder):
            for neighbour in (module.left, module.right):
                nn.init.orthogonal_(neighbour.weight[3:])


def _initialise_deep(model: DeepLSTM) -> None:
    """Draw deep LSTMs by fan-in, with twice the deviation at each layer's input, or the words fade out.

    Input matrices N(0, 4/inputs), embeddings N(0, 0.5^2); the rest as in ``initialise``.
    """
    initialise(model, "fan-in")
    for embedding in (model.source_embedding, model.embedding):
        nn.init.normal_(embedding.weight, std=0.5)
    for lstm in (model.encoder, model.decoder):
        for name, parameter in lstm.named_parameters():
            if name.startswith("bias"):
                nn.init.zeros_(parameter)
            elif name.startswith("weight_ih"):
                nn.init.normal_(parameter, std=2 * parameter.shape[1] ** -0.5)
            else:
                for block in parameter.chunk(4):
                    nn.init.orthogonal_(block)
