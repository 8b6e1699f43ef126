"""Work and memory of a case by formula, from its sizes alone.

The work is that of the equations, not of an implementation: what is computed again is counted once, and
every input and output goes through memory once, whatever is stored between. Gradients take twice the
forward floating-point operations, and no tanh of their own. Softmax and biases are left out.

    b batch   q queries   k keys   d size of queries, annotations and alignment
"""

from __future__ import annotations

from typing import NamedTuple

import torch

from attnbench.profiling.cases import PREFIX, WINDOW, Case
from attnbench.profiling.decoders import LAYERS, VOCABULARY

FILTERS, WIDTH = 10, 201
"""Of location-aware attention, as the zoo has them by default."""
LOCATED = ("location", "location-windowed")


class Work(NamedTuple):
    """What has to be done at the least, in thousand millions."""

    gflop: float
    gbyte: float
    gtanh: float


def work(case: Case) -> Work:
    """Return the floating-point operations, bytes and tanh of a case."""
    return _of_decoder(case) if case.decodes else _of_mechanism(case)


def _of_mechanism(case: Case) -> Work:
    b, q, k, d = case.batch, case.queries, case.keys, case.dim
    located = case.mechanism in LOCATED
    pairs, seen = b * q * k, b * q * _seen(case)
    hidden = case.mechanism in ("additive", "concat") or located
    flop = (3 if hidden else 2) * seen * d  # energies: add, multiply and add up; or multiply and add up
    flop += 2 * seen * d  # contexts
    weights = 0
    if hidden:
        flop += 2 * b * (q + k) * d * d
        weights = 2 * d * d + d
    elif case.mechanism == "general":
        flop += 2 * b * k * d * d
        weights = d * d
    if located:
        flop += 2 * seen * FILTERS * (WIDTH + d) + seen * d
        weights += FILTERS * (WIDTH + d)
    read, written = b * (q + k) * d + weights, b * q * d + (pairs if case.align else 0)
    numbers = read + written
    if case.direction == "both":
        flop *= 3
        numbers += 2 * read + b * q * d  # what is read again, its gradients, and the context's gradient
    return Work(flop / 1e9, numbers * _size(case) / 1e9, seen * d / 1e9 if hidden else 0.0)


def _seen(case: Case) -> int:
    """Return with how many keys a query is compared."""
    return min(case.keys, 2 * WINDOW) if case.mechanism.endswith("-windowed") else case.keys


class Weights(NamedTuple):
    """Multiplications a step, in squares of the size, all but attention's and the softmax'."""

    source: float
    """For each source word."""
    target: float
    """For each target word."""


WEIGHTS = {
    **dict.fromkeys(("additive", *LOCATED), Weights(source=12 + 2, target=6 + 6 + 1 + 4)),
    "fixed-vector": Weights(source=6, target=6 + 3),
    "deep-lstm": Weights(source=8 * LAYERS, target=8 * LAYERS),
    "recursive-convolution": Weights(source=0, target=6 + 3),
}
"""Gated unit: 3 inputs and 3 recurrent; LSTM layer: 4 and 4; two directions double both. Then keys of both
directions, context to gates, query, and the read-out of state, word and context at half the size twice."""


def _of_decoder(case: Case) -> Work:
    name = case.mechanism.removeprefix(PREFIX)
    b, s, n = case.batch, case.keys, case.dim
    weights = WEIGHTS[name]
    readout = n if name == "deep-lstm" else max(n // 2, 1)
    multiplied = b * s * ((weights.source + weights.target) * n * n + readout * VOCABULARY)
    parameters = (weights.source + weights.target) * n * n + (readout + 2 * n) * VOCABULARY
    tanh = 0
    if name == "additive" or name in LOCATED:
        seen = b * s * _seen(case)
        multiplied += seen * (1.5 + 2) * n  # energies as above, and contexts of both directions
        tanh = seen * n
        if name in LOCATED:
            multiplied += seen * (FILTERS * (WIDTH + n) + n / 2)
            parameters += FILTERS * (WIDTH + n)
    elif name == "recursive-convolution":
        multiplied += b * s * s // 2 * 2 * n * n  # each join of two neighbours
        parameters += 2 * n * n
    gradients = 3 if case.direction == "train" else 1
    passes = 7 if case.direction == "train" else 1  # read twice, gradient, Adam's four; or once
    return Work(2 * multiplied * gradients / 1e9, parameters * passes * _size(case) / 1e9, tanh / 1e9)


class Tensors(NamedTuple):
    """How many tensors of each shape are held at once, beside the inputs."""

    hidden: float
    """(b, q, k, d), of k those keys alone that a query is compared with."""
    square: float
    """(b, q, k)."""
    line: float
    """(b, q, d) and (b, k, d), together."""


IN_BLOCKS = {("forward", True): Tensors(0, 3, 2), ("both", True): Tensors(0, 4, 5),
             ("forward", False): Tensors(0, 0, 4), ("both", False): Tensors(0, 0, 9)}  # fmt: skip
ADDITIVE = {
    "naive": {("forward", True): Tensors(2, 1, 1), ("both", True): Tensors(3, 2, 4)},
    "compiled": {("forward", True): Tensors(0, 2, 3), ("both", True): Tensors(1, 2, 4)},
    "blocked": IN_BLOCKS,
    "fused": IN_BLOCKS,
}
STORED = {("forward", True): Tensors(0, 3, 2), ("both", True): Tensors(0, 4, 4)}
DOT = {
    "naive": STORED,
    "compiled": STORED,
    "sdpa": {("forward", False): Tensors(0, 0, 2), ("both", False): Tensors(0, 0, 5)},
}
IN_STEPS = {("forward", True): Tensors(0, 2, 4), ("both", True): Tensors(0, 16, 6)}
STEPWISE = {
    "naive": IN_STEPS | {("both", True): Tensors(1.2, 16, 6)},
    "blocked": IN_STEPS,
    "fused": IN_STEPS,
}
WINDOWED = dict.fromkeys(STEPWISE, IN_STEPS | {("both", True): Tensors(3, 16, 6)})
FAMILIES = {"location": STEPWISE, "location-windowed": WINDOWED}
DECODERS = {
    "additive": {"train": Tensors(1.2, 4, 20), "decode": Tensors(0, 0, 10)},
    "location": {"train": Tensors(0, 4, 30), "decode": Tensors(0, 0, 10)},
    "location-windowed": {"train": Tensors(4.2, 12, 30), "decode": Tensors(0, 0, 10)},
    "fixed-vector": {"train": Tensors(0, 0, 14), "decode": Tensors(0, 0, 5)},
    "deep-lstm": {"train": Tensors(0, 0, 95), "decode": Tensors(0, 0, 25)},
    "recursive-convolution": {"train": Tensors(1.3, 0, 50), "decode": Tensors(0.6, 0, 10)},
}
"""As found on a CPU at a batch of 1 and a dim of 256, rounded up."""


def estimated_bytes(case: Case) -> int:
    """Return about how much memory a case needs beside its inputs: for caution, not for reports."""
    if case.decodes:
        held = DECODERS[case.mechanism.removeprefix(PREFIX)][case.direction]
    else:
        family = FAMILIES.get(case.mechanism, DOT if case.multiplies else ADDITIVE)
        held = family[case.implementation][case.direction, case.align]
    pairs = case.batch * case.queries * case.keys
    line = case.batch * (case.queries + case.keys) * case.dim
    seen = case.batch * case.queries * _seen(case)
    numbers = held.hidden * seen * case.dim + held.square * pairs + held.line * line
    return int(numbers * _size(case))


def _size(case: Case) -> int:
    """Return the bytes of a number."""
    dtype: torch.dtype = getattr(torch, case.dtype)
    return dtype.itemsize
