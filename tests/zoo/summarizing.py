"""Tiny models over the last words, one of every kind, and a few sentences."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from attnbench.zoo.annotations import Encoder
from attnbench.zoo.attention import FixedVector, Mean, Mechanism, SmoothedDot
from attnbench.zoo.context_window import ContextWindowModel
from attnbench.zoo.convolution import ConvolutionalEncoder
from attnbench.zoo.word_embeddings import Sorted, WordEmbeddings

SIZE, START = 4, 1
SOURCES = [[3, 8, 4, 7, 5, 5, 2, 6, 8, 3, 4], [5], [8, 2, 6], [4, 7, 7, 3, 2]]
"""Longer and shorter than 2^2 words."""
TARGETS = [[4, 2, 1], [3, 3, 6, 5, 2, 4, 1], [1], [0, 1]]

Parts = tuple[Encoder | None, Mechanism | None]

KINDS: dict[str, Callable[[], Parts]] = {
    "alone": lambda: (None, None),
    "bag": lambda: (WordEmbeddings(9, SIZE), Mean()),
    "convolution": lambda: (ConvolutionalEncoder(9, SIZE, layers=2, reach=1), FixedVector()),
    "sorted": lambda: (Sorted(ConvolutionalEncoder(9, SIZE, layers=2, reach=1)), FixedVector()),
    "attention": lambda: (WordEmbeddings(9, SIZE), SmoothedDot(SIZE, SIZE)),
    "unsmoothed": lambda: (WordEmbeddings(9, SIZE), SmoothedDot(SIZE, SIZE, 0)),
    "lean": lambda: (WordEmbeddings(9, SIZE), SmoothedDot(SIZE, SIZE, align=False)),
}


def summarizer(
    kind: str, draw: Callable[[nn.Module, int], None], *, seed: int = 0, words: int = 7,
    dtype: torch.dtype = torch.float64,
) -> ContextWindowModel:  # fmt: skip
    """Return a model of 9 source and 7 target words; no two of its other sizes are equal."""
    encoder, attention = KINDS[kind]()
    model = ContextWindowModel(
        encoder, attention, vocabulary=words, embedding=2, hidden=5, context=3, start=START
    )
    draw(model, seed)
    return model.to(dtype)
