"""A few sources and summaries in memory, tiny models of every kind, and their words one step at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import torch
from torch import Tensor, nn

from attnbench.corpora.text import END, Vocabulary
from attnbench.tasks.engine import Corpus
from attnbench.tasks.split import Split
from attnbench.tasks.summarization.corpus import Batch, Vocabularies
from attnbench.tasks.summarization.engine import Summarization
from attnbench.tasks.summarization.measures import METRICS
from attnbench.tasks.summarization.settings import SummarizationData
from attnbench.zoo.context_window import ContextWindowModel
from attnbench.zoo.padded import Padded
from reproductions.rush2015 import systems
from reproductions.rush2015.settings import RushModel

CPU = torch.device("cpu")
ENGINE = Summarization()
SOURCE = Vocabulary(["the", "dog", "a", "##", "man", "sees", "old", "red"])
TARGET = Vocabulary(["dog", "a", "man", "sees", "##", "here", "cat", "red"])
"""The same words have other numbers on the other side."""
WORDS = range(2, len(TARGET))
FEATURES = Vocabularies(SOURCE, TARGET)
SETTINGS = SummarizationData(tokenizer="none")
SIZES = RushModel(embedding=3, hidden=4, context=3, layers=2, window=1, max_norm=0.0)

Pair = tuple[str, str]
Draw = Callable[[nn.Module, int], None]


def split_of(pairs: Sequence[Pair], links: Sequence[Any] | None = None) -> Split[Batch]:
    """Return pairs of text, each with its target as the one reference, as the task reads them."""
    table = pa.table({
        "id": [f"test/{i}" for i in range(len(pairs))],
        "source": [source for source, _ in pairs],
        "target": [target for _, target in pairs],
        "references": [[target] for _, target in pairs],
    })  # fmt: skip
    if links is not None:
        table = table.append_column("links", pa.array(links, pa.list_(pa.list_(pa.int32()))))
    return ENGINE.split(ENGINE.encode(ENGINE.tokenise(table, SETTINGS), FEATURES))


def corpus_of(test: Split[Batch], train: Split[Batch] | None = None) -> Corpus[Batch]:
    return Corpus(FEATURES, train or test, test, {"test": test}, SETTINGS)


def drawn(count: int, seed: int = 0) -> Split[Batch]:
    """Random sources and targets of 1 to 6 words, unknown ones among them."""
    rng = np.random.default_rng(seed)

    def text(vocabulary: Vocabulary) -> str:
        return " ".join(rng.choice([*vocabulary.words[2:], "zebra"], rng.integers(1, 7)))

    return split_of([(text(SOURCE), text(TARGET)) for _ in range(count)])


def model_of(kind: str, draw: Draw, seed: int = 0) -> ContextWindowModel:
    """A random model in double precision, so sure of itself that its summaries differ."""
    model: ContextWindowModel = getattr(systems, {"abs": "abs_"}.get(kind, kind))(SIZES, FEATURES)
    draw(model, seed)
    model.output.weight.data *= 3
    return model.double().eval()


def closed(split: Split[Batch]) -> list[tuple[list[int], list[int]]]:
    """The numbers of each source, and of its target with its end symbol."""
    targets = ([*ids, END] for ids in split["target_ids"])
    return list(zip(split["source_ids"], targets, strict=True))


def costs(model: ContextWindowModel, source: Sequence[int], words: Sequence[int]) -> list[Tensor]:
    """The log-probabilities (v,) after each word but the last, one ``step`` after the other."""
    encoded = model.encode(Padded(torch.tensor([source]), torch.ones(1, len(source), dtype=torch.bool)))
    state, tokens, found = model.start(encoded), None, []
    for word in words:
        logits, _, state = model.step(encoded, state, tokens)
        found.append(logits[0, 0].log_softmax(dim=0).detach())
        tokens = torch.tensor([[word]])
    return found


def value(records: pd.DataFrame, name: str) -> float:
    sums = records[list(METRICS[name].columns)].dropna().to_numpy().sum(axis=0)
    return float(METRICS[name].value(sums))
