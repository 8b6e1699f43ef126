"""A few random utterances in memory, and tiny models that hear them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor, nn

from attnbench.corpora.text import END, Vocabulary
from attnbench.tasks.engine import Corpus
from attnbench.tasks.recognition.corpus import Batch, utterances
from attnbench.tasks.recognition.features import Features
from attnbench.tasks.recognition.settings import RecognitionData
from attnbench.tasks.split import Split
from attnbench.zoo.annotations import Annotations
from attnbench.zoo.attention import AdditiveAttention, FixedVector, LocationAwareAttention, Mechanism
from attnbench.zoo.attention.normalisers import Smoothed, Softmax
from attnbench.zoo.encoder_decoder import Encoded, EncoderDecoder
from attnbench.zoo.padded import Padded

Draw = Callable[[nn.Module, int], None]

FEATURES = 3
MEAN_FRAMES = 16.0
LABELS = Vocabulary(["h#", "k", "ae", "q", "tcl", "ix", "zh"])
SETTINGS = RecognitionData(frame_shift=50.0)
"""Spans are widened by four frames."""


class Framewise(nn.Module):
    """Annotations of each frame by itself."""

    annotation = 4

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(FEATURES, self.annotation)

    def forward(self, inputs: Padded) -> Annotations:
        states = torch.tanh(self.layer(inputs.values.to(self.layer.weight.dtype)))
        return Annotations(states, inputs.mask, states[:, 0, :1].expand(-1, 5))


def model_of(kind: str, draw: Draw, seed: int = 0) -> EncoderDecoder:
    """A random model in double precision: ``content``, ``conv``, ``smooth``, or ``fixed``."""
    attention: Mechanism
    if kind == "fixed":
        attention = FixedVector()
    elif kind == "conv":
        attention = LocationAwareAttention(5, 4, 6, filters=2, width=5)
    else:
        normaliser = {"content": Softmax, "smooth": Smoothed}[kind]()
        attention = AdditiveAttention(5, 4, 6, normaliser=normaliser)
    model = EncoderDecoder(Framewise(), attention, vocabulary=len(LABELS), embedding=3, hidden=5, maxout=4)
    draw(model, seed)
    return model.double().eval()


def drawn(count: int, seed: int = 0, frames: tuple[int, int] = (6, 30)) -> Split[Batch]:
    """Random frames, labels, and spans that part the frames among the labels."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(*frames, count).tolist()
    ids = [rng.integers(2, len(LABELS), rng.integers(1, 6)).tolist() for _ in lengths]
    edges = [np.linspace(0, n, len(labels) + 1).astype(int) for n, labels in zip(lengths, ids, strict=True)]
    table = pa.table({
        "id": [f"test/{i}" for i in range(count)],
        "frames": pa.array(
            [rng.normal(size=(n, FEATURES)).astype(np.float32).tolist() for n in lengths],
            pa.list_(pa.list_(pa.float32(), FEATURES)),
        ),
        "labels": [" ".join(LABELS.decode(labels)) for labels in ids],
        "label_ids": pa.array(ids, pa.list_(pa.int32())),
        "spans": pa.array(
            [np.stack([one[:-1], one[1:]], axis=1).tolist() for one in edges],
            pa.list_(pa.list_(pa.int32(), 2)),
        ),
        "pieces": pa.array([1 + i % 2 for i in range(count)], pa.int32()),
        "seconds": pa.array([n * 0.05 for n in lengths], pa.float32()),
    })  # fmt: skip
    return utterances(table)


def corpus_of(test: Split[Batch], **settings: Any) -> Corpus[Batch]:
    features = Features(LABELS, np.zeros(FEATURES), np.ones(FEATURES), MEAN_FRAMES)
    return Corpus(features, test, test, {"test": test}, replace(SETTINGS, **settings))


def frames(split: Split[Batch], row: int) -> Padded:
    """One utterance alone, a frame of zeros at its end."""
    values = torch.tensor([*split["frames"][row], [0.0] * FEATURES]).unsqueeze(0)
    return Padded(values, torch.ones(values.shape[:2], dtype=torch.bool))


def stepped(model: EncoderDecoder, encoded: Encoded, labels: list[int]) -> tuple[float, Tensor]:
    """Read labels one ``step`` after the other; return their nats, the end's too, and the weights (t, s)."""
    state, tokens, nats, weights = model.start(encoded), None, 0.0, []
    for label in [*labels, END]:
        logits, alignment, state = model.step(encoded, state, tokens)
        nats -= float(logits[0, 0].log_softmax(dim=0)[label].detach())
        weights.append(encoded.memory.values.new_zeros(0) if alignment is None else alignment[0, 0])
        tokens = torch.tensor([[label]])
    return nats, torch.stack(weights[:-1]).detach()
