"""The equations of Xu et al. (2015), as slow literal loops over one picture and one unpadded caption.

The names are the paper's: e and alpha of the annotations a, the context z^_t with its gate beta_t, the LSTM's
i, f, o and c, and L_o, L_h, L_z of the output. The attention has the one layer of the authors' code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from reference import softmax, weighed
from torch import Tensor

from attnbench.zoo.attending_lstm import AttendingLSTM
from attnbench.zoo.attention import AdditiveAttention, Gated


class Said(NamedTuple):
    """What the equations give at each word of a caption."""

    logits: Tensor
    """(t, K)."""
    alphas: Tensor
    """(t, L); empty without attention."""
    betas: Tensor
    """(t,)."""


def logistic(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def lstm(
    model: AttendingLSTM, x: Tensor, h: Tensor, z: Tensor, c: Tensor
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """h_t and c_t, gate by gate."""
    cell = model.cell
    rows = zip(
        cell.inputs.chunk(4), cell.recurrent.chunk(4), cell.context.weight.chunk(4), cell.bias.chunk(4),
        strict=True,
    )  # fmt: skip
    i, f, o, candidate = (W @ x + U @ h + Z @ z + b for W, U, Z, b in rows)
    c = logistic(f) * c + logistic(i) * torch.tanh(candidate)
    return logistic(o) * torch.tanh(c), c


def attend(attention: AdditiveAttention, a: Sequence[Tensor], h: Tensor) -> list[Tensor]:
    """e_i = u' tanh(P a_i + b + Q h), and their softmax; c of the code cancels there."""
    P, b, Q, u = attention.key.weight, attention.key.bias, attention.query.weight, attention.energy
    return softmax([u @ torch.tanh(P @ a_i + b + Q @ h) for a_i in a])


def said(
    model: AttendingLSTM, a: Sequence[Tensor], caption: Sequence[int], places: Sequence[int] | None = None
) -> Said:
    """The caption's logits; ``places`` are the annotations that were drawn, None where alpha weighs them."""
    mean = sum(a[1:], a[0]) / len(a)
    h = torch.tanh(model.first_hidden.weight @ mean + model.first_hidden.bias)
    c = torch.tanh(model.first_cell.weight @ mean + model.first_cell.bias)
    gated = model.attention
    assert isinstance(gated, Gated)
    y, logits, alphas, betas = torch.zeros_like(model.embedding.weight[0]), [], [], []
    for t, word in enumerate(caption):
        z = mean
        if isinstance(gated.mechanism, AdditiveAttention):
            alpha = attend(gated.mechanism, a, h)
            z = weighed(alpha, a) if places is None else a[places[t]]
            alphas.append(torch.stack(alpha))
        beta = logistic(gated.selector.weight[0] @ h + gated.selector.bias[0])
        z = beta * z
        h, c = lstm(model, y, h, z, c)
        out = y + model.of_hidden.weight @ h + model.of_context.weight @ z
        logits.append(model.output.weight @ out + model.output.bias)
        betas.append(beta)
        y = model.embedding.weight[word]
    return Said(torch.stack(logits), torch.stack(alphas) if alphas else torch.empty(0), torch.stack(betas))
