"""The equations of Bahdanau et al. (2015), appendix A, as slow literal loops over one unpadded sentence.

Those of the older fixed vectors too: Sutskever et al. (2014), and grConv of Cho et al. (2014b). At the end,
those of Rocktäschel et al. (2016), over one unpadded pair.

The names are the paper's. The order of a decoder step is that of the authors' code (GroundHog): the state
s_i has read y_i and c_i, and y_i is read out from s_{i-1}, c_i and y_{i-1}.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from attnbench.zoo.deep_lstm import DeepLSTM
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.lstm import LSTM
from attnbench.zoo.pair_reader import Attention, LastState, PairReader, WordByWord
from attnbench.zoo.recurrent import GatedUnit
from attnbench.zoo.recursive_convolution import RecursiveConvolutionalEncoder


class Unit(NamedTuple):
    """The weights of a gated unit; the bias b is on the candidate alone."""

    W: Tensor
    W_z: Tensor
    W_r: Tensor
    U: Tensor
    U_z: Tensor
    U_r: Tensor
    b: Tensor


class Context(NamedTuple):
    """What a context adds to a gated unit."""

    C: Tensor
    C_z: Tensor
    C_r: Tensor


def unit_of(cell: GatedUnit) -> Unit:
    """Return the paper's matrices of a cell, which keeps them as update, reset, candidate."""
    n = cell.hidden
    return Unit(
        W=cell.inputs[2 * n :], W_z=cell.inputs[:n], W_r=cell.inputs[n : 2 * n],
        U=cell.candidate, U_z=cell.gates[:n], U_r=cell.gates[n:], b=cell.bias,
    )  # fmt: skip


def context_of(model: EncoderDecoder) -> Context:
    """Return C, C_z and C_r of a decoder."""
    n = model.cell.hidden
    weight = model.cell.context.weight
    return Context(C=weight[2 * n :], C_z=weight[:n], C_r=weight[n : 2 * n])


def logistic(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def gated_unit(unit: Unit, x: Tensor, h: Tensor, c: Tensor | None = None, C: Context | None = None) -> Tensor:
    """A.1.1 and A.2.2: z weighs the new candidate, r acts on the state before the product."""
    to_z, to_r, to_g = unit.W_z @ x, unit.W_r @ x, unit.W @ x + unit.b
    if c is not None and C is not None:
        to_z, to_r, to_g = to_z + C.C_z @ c, to_r + C.C_r @ c, to_g + C.C @ c
    z = logistic(to_z + unit.U_z @ h)
    r = logistic(to_r + unit.U_r @ h)
    g = torch.tanh(to_g + unit.U @ (r * h))
    return (1 - z) * h + z * g


def gated_states(unit: Unit, xs: Sequence[Tensor]) -> list[Tensor]:
    """The states after each input, from a zero state."""
    h = torch.zeros_like(unit.b)
    states = []
    for x in xs:
        h = gated_unit(unit, x, h)
        states.append(h)
    return states


def bidirectional(E_x: Tensor, forwards: Unit, backwards: Unit, source: Sequence[int]) -> list[Tensor]:
    """A.2.1: h_i = [forward h_i; backward h_i], the backward unit reading from T_x down to 1."""
    xs = [E_x[token] for token in source]
    there = gated_states(forwards, xs)
    back = gated_states(backwards, xs[::-1])[::-1]
    return [torch.cat([h_there, h_back]) for h_there, h_back in zip(there, back, strict=True)]


def attend(
    W_a: Tensor, U_a: Tensor, v_a: Tensor, s: Tensor, annotations: Sequence[Tensor]
) -> tuple[Tensor, Tensor]:
    """A.1.2: e_ij = v_a' tanh(W_a s_{i-1} + U_a h_j); returns c_i and alpha_i."""
    e = [v_a @ torch.tanh(W_a @ s + U_a @ h) for h in annotations]
    total = sum((torch.exp(x) for x in e), torch.zeros_like(e[0]))
    alpha = [torch.exp(x) / total for x in e]
    c = torch.zeros_like(annotations[0])
    for weight, h in zip(alpha, annotations, strict=True):
        c = c + weight * h
    return c, torch.stack(alpha)


def maxout(summed: Tensor) -> Tensor:
    """A.2.2: t_j = max(t~_{2j-1}, t~_{2j}), j from 1."""
    return torch.stack([torch.maximum(summed[2 * j], summed[2 * j + 1]) for j in range(len(summed) // 2)])


def forced(
    model: EncoderDecoder, source: Sequence[int], target: Sequence[int]
) -> tuple[Tensor, Tensor | None]:
    """Return logits (t, v) and alignment (t, s) of RNNsearch, or None for RNNencdec, for one sentence."""
    annotations, s = _encode(model, source)
    searching = hasattr(model.attention, "energy")
    unit, C = unit_of(model.cell), context_of(model)
    W_o, b_o = model.output.weight, model.output.bias
    previous = torch.zeros_like(model.embedding.weight[0])
    logits, alignments = [], []
    for y in target:
        c = annotations[-1]
        if searching:
            a = model.attention
            c, alpha = attend(a.query.weight, a.key.weight, a.energy, s, annotations)
            alignments.append(alpha)
        r = model.readout
        summed = r.hidden.weight @ s + r.hidden.bias + r.embedding.weight @ previous + r.context.weight @ c
        logits.append(W_o @ maxout(summed) + b_o)
        previous = model.embedding.weight[y]
        s = gated_unit(unit, previous, s, c, C)
    return torch.stack(logits), torch.stack(alignments) if searching else None


def _encode(model: EncoderDecoder, source: Sequence[int]) -> tuple[list[Tensor], Tensor]:
    """The annotations, and s_0 = tanh(W_s h) of the state in which the last reading ended."""
    if isinstance(model.encoder, RecursiveConvolutionalEncoder):
        annotations = [apex(model.encoder, source)]
        return annotations, torch.tanh(model.initial.weight @ annotations[0] + model.initial.bias)
    E_x, forwards = model.encoder.embedding.weight, unit_of(model.encoder.forwards)
    if hasattr(model.encoder, "backwards"):
        annotations = bidirectional(E_x, forwards, unit_of(model.encoder.backwards), source)
        summary = annotations[0][model.encoder.forwards.hidden :]
    else:
        annotations = gated_states(forwards, [E_x[token] for token in source])
        summary = annotations[-1]
    return annotations, torch.tanh(model.initial.weight @ summary + model.initial.bias)


def apex(encoder: RecursiveConvolutionalEncoder, source: Sequence[int]) -> Tensor:
    """Cho et al. 2014b, and GroundHog: join neighbours, level by level, until one vector is left."""
    G_l, W_l = encoder.left.weight[:3], encoder.left.weight[3:]
    G_r, W_r = encoder.right.weight[:3], encoder.right.weight[3:]
    b_w, b = encoder.right.bias[:3], encoder.right.bias[3:]
    h = [encoder.inputs.weight @ encoder.embedding.weight[token] for token in source]
    while len(h) > 1:
        above = []
        for left, right in itertools.pairwise(h):
            new = torch.tanh(W_l @ left + W_r @ right + b)
            w = torch.exp(G_l @ left + G_r @ right + b_w)
            w_c, w_l, w_r = w / w.sum()
            above.append(w_c * new + w_l * left + w_r * right)
        h = above
    return h[0]


def deep_lstm(lstm: nn.LSTM, xs: Sequence[Tensor], states: list[tuple[Tensor, Tensor]]) -> list[Tensor]:
    """The top layer's state after each input; ``states`` (h, c) of every layer are moved on in place."""
    top = []
    for x in xs:
        for layer, (h, c) in enumerate(states):
            W, U, b, d = (
                getattr(lstm, f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            i, f, g, o = (W @ x + U @ h + b + d).chunk(4)
            c = logistic(f) * c + logistic(i) * torch.tanh(g)
            x = logistic(o) * torch.tanh(c)
            states[layer] = (x, c)
        top.append(x)
    return top


def deep_forced(model: DeepLSTM, source: Sequence[int], target: Sequence[int]) -> tuple[Tensor, None]:
    """Return logits (t, v) of the deep LSTMs for one sentence, whose last token is its end symbol."""
    *words, end = source
    tokens = [*words[::-1], end] if model.reverse else [*words, end]
    zero = torch.zeros(model.encoder.hidden_size).to(model.output.weight)
    states = [(zero, zero)] * model.encoder.num_layers
    deep_lstm(model.encoder, [model.source_embedding.weight[token] for token in tokens], states)
    E_y = model.embedding.weight
    top = deep_lstm(model.decoder, [torch.zeros_like(E_y[0]), *(E_y[y] for y in target[:-1])], states)
    return torch.stack([model.output.weight @ s + model.output.bias for s in top]), None


Model = EncoderDecoder | DeepLSTM
Forced = Callable[..., tuple[Tensor, Tensor | None]]


def log_probability(logits: Tensor, word: int) -> Tensor:
    """log p(word) of one position."""
    return logits[word] - torch.log(torch.exp(logits).sum())


def loss(model: Model, source: Sequence[int], target: Sequence[int], force: Forced = forced) -> Tensor:
    """- sum_i log p(y_i | y_1..y_{i-1}, x), end symbol included; ``force`` gives the logits."""
    logits, _ = force(model, source, target)
    return -sum((log_probability(row, y) for row, y in zip(logits, target, strict=True)), torch.tensor(0.0))


def greedy(
    model: Model, source: Sequence[int], end: int, limit: int, force: Forced = forced
) -> tuple[list[int], float]:
    """Take the likeliest word again and again; returns the words without the end symbol, and log p."""
    words: list[int] = []
    total = 0.0
    while len(words) < limit:
        logits = force(model, source, [*words, end])[0][-1].detach()
        word = max(range(len(logits)), key=lambda y: float(logits[y]))
        total += float(log_probability(logits, word))
        if word == end:
            break
        words.append(word)
    assert math.isfinite(total)
    return words, total


def lstm_read(lstm: LSTM, xs: Sequence[Tensor], c: Tensor) -> tuple[list[Tensor], Tensor]:
    """The states after each input, from h = 0 and a cell c, and the last cell: H_t = [x_t; h_{t-1}]."""
    W_i, W_f, W_o, W_c = torch.cat([lstm.inputs, lstm.recurrent], dim=1).chunk(4)
    b_i, b_f, b_o, b_c = lstm.bias.chunk(4)
    h, states = torch.zeros_like(c), []
    for x in xs:
        H = torch.cat([x, h])
        i, f, o = logistic(W_i @ H + b_i), logistic(W_f @ H + b_f), logistic(W_o @ H + b_o)
        c = f * c + i * torch.tanh(W_c @ H + b_c)
        h = o * torch.tanh(c)
        states.append(h)
    return states, c


def condition(
    model: PairReader, premise: Sequence[int], hypothesis: Sequence[int]
) -> tuple[list[Tensor], list[Tensor]]:
    """h_1..h_L of the premise, and h_{L+1}..h_N of the delimiter and the hypothesis, from the cell c_L."""
    P, p = model.inputs.projection.weight, model.inputs.projection.bias
    vectors = model.inputs.embedding(torch.arange(max([*premise, *hypothesis]) + 1))
    Y, c_L = lstm_read(model.first, [P @ vectors[word] + p for word in premise], torch.zeros_like(p))
    xs = [P @ e + p for e in [model.delimiter, *(vectors[word] for word in hypothesis)]]
    return Y, lstm_read(model.second or model.first, xs, c_L)[0]


def weights_over(w: Tensor, sums: Sequence[Tensor]) -> Tensor:
    """alpha = softmax(w' tanh(...)), one sum for each premise word."""
    e = torch.stack([torch.exp(w @ torch.tanh(one)) for one in sums])
    return e / e.sum()


def represent(model: PairReader, Y: list[Tensor], hs: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """What is classified, and the alignment of each hypothesis word, or of the last state alone."""
    part, h_N, Ys = model.represent, hs[-1], torch.stack(Y, dim=1)
    if isinstance(part, LastState):
        return h_N, []
    W_p, W_x = part.combined.context.weight, part.combined.state.weight
    if isinstance(part, Attention):
        a = part.attention
        alpha = weights_over(a.energy, [a.key.weight @ y + a.query.weight @ h_N for y in Y])
        return torch.tanh(W_p @ (Ys @ alpha) + W_x @ h_N), [alpha]
    assert isinstance(part, WordByWord)
    a, W_r, W_t = part.attention.attention, part.attention.previous.weight, part.attention.carried.weight
    r, alignment = torch.zeros_like(h_N), []
    for h in hs:
        query = a.query.weight @ h + W_r @ r
        alpha = weights_over(a.energy, [a.key.weight @ y + query for y in Y])
        r = Ys @ alpha + torch.tanh(W_t @ r)
        alignment.append(alpha)
    return torch.tanh(W_p @ r + W_x @ h_N), alignment[1:]


def judged(
    model: PairReader, premise: Sequence[int], hypothesis: Sequence[int]
) -> tuple[Tensor, list[Tensor]]:
    """tanh(W_out vector + b_out), and the alignments; two-way models read the swapped pair too."""
    vector, alignment = represent(model, *condition(model, premise, hypothesis))
    if model.two_way:
        vector = torch.cat([vector, represent(model, *condition(model, hypothesis, premise))[0]])
    return torch.tanh(model.output.weight @ vector + model.output.bias), alignment


# Attention: one query q, the annotations h_1..h_s, energies e_1..e_s.


def concat_energies(W: Tensor, v: Tensor, q: Tensor, annotations: Sequence[Tensor]) -> list[Tensor]:
    """Luong et al. 2015, eq. 8, concat: v' tanh(W [q; h])."""
    return [v @ torch.tanh(W @ torch.cat([q, h])) for h in annotations]


def general_energies(W: Tensor, q: Tensor, annotations: Sequence[Tensor]) -> list[Tensor]:
    """Luong et al. 2015, eq. 8, general: q' W h; dot has W = I, scaled dot W = I / sqrt(size)."""
    return [q @ W @ h for h in annotations]


def location_energies(
    W: Tensor, V: Tensor, U: Tensor, F: Tensor, b: Tensor, w: Tensor,
    q: Tensor, annotations: Sequence[Tensor], previous: Sequence[Tensor],
) -> list[Tensor]:  # fmt: skip
    """Chorowski et al. 2015, eq. 8 and 9: f_i = F * alpha_{i-1}; w' tanh(W q + V h_j + U f_ij + b)."""
    half = F.shape[1] // 2
    energies = []
    for j, h in enumerate(annotations):
        f = torch.zeros_like(F[:, 0])
        for r in range(-half, half + 1):
            if 0 <= j + r < len(previous):
                f = f + F[:, half + r] * previous[j + r]
        energies.append(w @ torch.tanh(W @ q + V @ h + U @ f + b))
    return energies


def shares(amounts: Sequence[Tensor]) -> list[Tensor]:
    """Each amount over the sum of all."""
    total = sum(amounts, torch.zeros_like(amounts[0]))
    return [amount / total for amount in amounts]


def softmax(e: Sequence[Tensor]) -> list[Tensor]:
    """exp(e_j) / sum_l exp(e_l)."""
    return shares([torch.exp(x) for x in e])


def sharpened(e: Sequence[Tensor], beta: float, keep: int) -> list[Tensor]:
    """Chorowski et al. 2015, 2.3: exp(beta e_j) / sum_l exp(beta e_l) over the ``keep`` best."""
    best = sorted(range(len(e)), key=lambda j: -float(e[j].detach()))[:keep]
    return shares([torch.exp(beta * x) if j in best else 0 * x for j, x in enumerate(e)])


def smoothed(e: Sequence[Tensor], b: Tensor) -> list[Tensor]:
    """Chorowski et al. 2015, 2.3: sigma(e_j + b) / sum_l sigma(e_l + b)."""
    return shares([logistic(x + b) for x in e])


def median(alpha: Sequence[Tensor]) -> int:
    """The first place where the weights up to it come to a half."""
    return next(j for j in range(len(alpha)) if sum(float(a.detach()) for a in alpha[: j + 1]) >= 0.5)


def windowed(e: Sequence[Tensor], previous: Sequence[Tensor], w: int) -> list[Tensor]:
    """Chorowski et al. 2015, 2.3: softmax over the places p - w to p + w - 1, p the median of before."""
    p = median(previous)
    inside = range(p - w, p + w)
    return shares([torch.exp(x) if j in inside else 0 * x for j, x in enumerate(e)])


def weighed(alpha: Sequence[Tensor], annotations: Sequence[Tensor]) -> Tensor:
    """c = sum_j alpha_j h_j."""
    return sum((a * h for a, h in zip(alpha, annotations, strict=True)), torch.zeros_like(annotations[0]))


def additive_scores(Q: Tensor, K: Tensor, v: Tensor) -> Tensor:
    """s[b, q, k] = sum_a v[a] tanh(Q[b, q, a] + K[b, k, a]), in Python's floats."""
    return torch.tensor(
        [
            [
                [sum(w * math.tanh(x + y) for w, x, y in zip(v.tolist(), q, k, strict=True)) for k in keys]
                for q in queries
            ]
            for queries, keys in zip(Q.tolist(), K.tolist(), strict=True)
        ],
        dtype=torch.float64,
    )
