"""Random pictures with captions, and tiny models of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from torch import nn

from attnbench.corpora.text import Vocabulary
from attnbench.tasks.captioning.corpus import captions, pictures
from attnbench.tasks.captioning.settings import CaptioningData, CaptioningDecoding
from attnbench.tasks.engine import Corpus
from attnbench.tasks.split import Split
from attnbench.zoo.annotations import Annotations
from attnbench.zoo.attending_lstm import AttendingLSTM, GivenAnnotations
from attnbench.zoo.attention import AdditiveAttention, Gated, Hard, Mean
from attnbench.zoo.padded import Padded
from attnbench.zoo.reinforce import Reinforce

Draw = Callable[[nn.Module, int], None]

WORDS = Vocabulary(["a", "the", "of", "square", "circle", "."])
GRID, SIZE, HIDDEN = (2, 3), 3, 5
CELLS = GRID[0] * GRID[1]
SETTINGS = CaptioningDecoding(batch_size=4)
REWARD, ENTROPY = 0.7, 0.3


class Features(NamedTuple):
    """What is asked of the features."""

    target: Vocabulary = WORDS
    grid: tuple[int, int] = GRID


class Doubled(GivenAnnotations):
    """Annotations in double precision."""

    def forward(self, inputs: Padded) -> Annotations:
        return super().forward(inputs._replace(values=inputs.values.double()))


def split_of(ids: list[list[list[int]]], *, linked: bool = True, cells: int = CELLS) -> Split[Any]:
    """Pictures with captions of these words, of random annotations, regions and links; the last has none."""
    rng = np.random.default_rng(len(ids))
    values = pa.array(rng.normal(size=len(ids) * cells * SIZE).astype(np.float16))
    for size in (SIZE, cells):
        values = pa.FixedSizeListArray.from_arrays(values, size)
    columns = {
        "id": [f"test/{row}" for row in range(len(ids))],
        "annotations": values,
        "captions": [[" ".join(WORDS.decode(one)) for one in some] for some in ids],
        "caption_ids": pa.array(ids, pa.list_(pa.list_(pa.int32()))),
    }
    if linked:
        counts = [*rng.integers(1, 4, len(ids) - 1).tolist(), 0]
        coverage = [np.maximum(rng.normal(size=(count, cells)) / 3, 0).tolist() for count in counts]
        links = [
            [
                (number, word, region)
                for number, one in enumerate(some) for word in range(len(one)) for region in range(count)
                if rng.random() < 0.3
            ]
            for some, count in zip(ids, counts, strict=True)
        ]  # fmt: skip
        columns["coverage"] = pa.array(coverage, pa.list_(pa.list_(pa.float32(), cells)))
        columns["links"] = pa.array(links, pa.list_(pa.list_(pa.int32(), 3)))
    return pictures(pa.table(columns))


def drawn(count: int, *, linked: bool = True, cells: int = CELLS) -> Split[Any]:
    """Pictures with one to three captions of one to six words."""
    rng = np.random.default_rng(count)
    ids = [
        [rng.integers(2, len(WORDS), rng.integers(1, 7)).tolist() for _ in range(rng.integers(1, 4))]
        for _ in range(count)
    ]
    return split_of(ids, linked=linked, cells=cells)


def corpus_of(split: Split[Any]) -> Corpus:
    """A corpus with one test set."""
    return Corpus(Features(), captions(split), split, {"test": split}, CaptioningData())


def model_of(kind: str, draw: Draw) -> AttendingLSTM:
    """A random model in double precision: ``soft``, ``hard``, or ``mean``."""
    normaliser = Hard(expected=0.5) if kind == "hard" else None
    within = Mean() if kind == "mean" else AdditiveAttention(HIDDEN, SIZE, 4, normaliser=normaliser)
    reinforce = Reinforce(REWARD, ENTROPY) if kind == "hard" else None
    model = AttendingLSTM(
        Doubled(SIZE), Gated(within, HIDDEN), vocabulary=len(WORDS), embedding=4, hidden=HIDDEN,
        dropout=0.5, reinforce=reinforce,
    )  # fmt: skip
    draw(model, 0)
    return model.double().eval()
