"""The equations of Chorowski et al. (2015), as slow literal loops over the frames of one utterance.

The names are the paper's: alpha_i = Attend(s_{i-1}, alpha_{i-1}, h), the glimpse g_i, y_i from Generate, then
s_i = Recurrency(s_{i-1}, g_i, y_i).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from reference import (
    context_of,
    gated_unit,
    location_energies,
    maxout,
    smoothed,
    softmax,
    unit_of,
    weighed,
)
from torch import Tensor

from attnbench.zoo.attention import AdditiveAttention, LocationAwareAttention, Smoothed
from attnbench.zoo.deep_bidirectional import DeepBidirectionalEncoder
from attnbench.zoo.encoder_decoder import EncoderDecoder


def annotations(encoder: DeepBidirectionalEncoder, frames: Sequence[Tensor]) -> list[Tensor]:
    """2.2: layers of units both ways, each from a first state that is trained."""
    h = list(frames)
    for layer in encoder.layers:
        states = []
        for unit, s, inputs in (
            (layer.forwards, layer.first[0], h),
            (layer.backwards, layer.first[1], h[::-1]),
        ):
            read = []
            for x in inputs:
                s = gated_unit(unit_of(unit), x, s)
                read.append(s)
            states.append(read)
        h = [torch.cat(pair) for pair in zip(states[0], states[1][::-1], strict=True)]
    return h


def alignment(
    attention: AdditiveAttention | LocationAwareAttention, s: Tensor, h: Sequence[Tensor], alpha: list[Tensor]
) -> list[Tensor]:
    """2.3 and 2.4, with the authors' bias of smoothed energies."""
    W, V, w = attention.query.weight, attention.key.weight, attention.energy
    if isinstance(attention, LocationAwareAttention):
        U, F, b = attention.location.weight, attention.filters.weight[:, 0], attention.key.bias
        e = location_energies(W, V, U, F, b, w, s, h, alpha)
    else:
        e = [w @ torch.tanh(W @ s + V @ h_j) for h_j in h]
    if isinstance(attention.normaliser, Smoothed):
        return smoothed(e, attention.normaliser.bias)
    return softmax(e)


def forced(model: EncoderDecoder, frames: Sequence[Tensor], labels: Sequence[int]) -> tuple[Tensor, Tensor]:
    """2.1 and 2.5: logits (t, v) and alignments (t, L) of one utterance."""
    h = annotations(model.encoder, frames)
    s, r = model.first, model.readout
    assert s is not None and r.embedding is None
    alpha = [torch.ones_like(s[0]), *[torch.zeros_like(s[0])] * (len(h) - 1)]
    logits, alignments = [], []
    for y in labels:
        alpha = alignment(model.attention, s, h, alpha)
        g = weighed(alpha, h)
        o = maxout(r.hidden.weight @ s + r.context.weight @ g + r.hidden.bias)
        logits.append(model.output.weight @ o + model.output.bias)
        alignments.append(torch.stack(alpha))
        s = gated_unit(unit_of(model.cell), model.embedding.weight[y], s, g, context_of(model))
    return torch.stack(logits), torch.stack(alignments)
