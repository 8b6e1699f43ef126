"""A corpus as a paper would read it, counted before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from datasets import Dataset

from attnbench import corpora
from attnbench.corpora import catalogue, splits
from attnbench.harness import unused
from attnbench.harness.configure import engine_of, task_of
from attnbench.paper import load
from attnbench.rendering import bin_name
from attnbench.scoring.examples import within
from attnbench.tables import bin_edges
from attnbench.tasks import Task


def check(paper: str, data: str | None, changes: Mapping[str, str]) -> pd.DataFrame:
    """Return the counts of every split; raise ``BadInput`` for a corpus that cannot be read.

    ``frame.attrs["left_out"]`` ends with what a reader must know of the settings.
    """
    declared = load(paper)
    source = corpora.parse(data or declared.data[0])
    settings = unused.of_data(declared, source.kind, changes)
    corpus = engine_of(declared).read(source, settings)
    frame = count(task_of(declared), corpus)
    frame.attrs["left_out"] += settings.notes if source.kind != "embedded" else []
    return frame


def count(task: Task, corpus: Mapping[str, Dataset]) -> pd.DataFrame:
    """Return what a corpus of a task holds, one row a split and length that is known there.

    Columns: split, length, examples, blank (those of no length), aligned (whether gold links are there), the
    number of examples with each label where they have one, then the number in each bin of the length, as
    tables have it by default. ``frame.attrs["left_out"]`` lists what was left out when the corpus was read.
    """
    about = catalogue.sources(task.name)
    measured = {
        length: {split: np.asarray(about.LENGTHS[length.name](rows)) for split, rows in corpus.items()}
        for length in task.lengths
    }
    longest: dict[Any, float] = {}
    for length, of_splits in measured.items():  # lengths with the same edges share their columns
        found = max(values.max(initial=0) for values in of_splits.values())
        longest[length.edges] = max(found, longest.get(length.edges, 0))
    rows = []
    for split, dataset in corpus.items():
        given = dataset["label"][:] if about.LABELS else []
        labels = {label: given.count(label) for label in about.LABELS}
        for length, of_splits in measured.items():
            values = of_splits[split]
            if len(values) < len(dataset):
                continue  # it is not known here
            row = {"split": split, "length": length.name, "examples": len(values)}
            row |= {"blank": int((values == 0).sum()), "aligned": about.GOLD in dataset.column_names}
            edges = bin_edges(longest[length.edges], length.edges)
            rows.append(row | labels | _binned(values, edges))
    frame = pd.DataFrame(rows, dtype=object).fillna("")
    frame.attrs["left_out"] = splits.left_out(corpus)
    return frame


def _binned(values: np.ndarray, edges: Sequence[float]) -> dict[str, int]:
    whole = values.dtype.kind == "i"
    return {bin_name(low, high, whole): int(within(values, low, high).sum()) for low, high in pairwise(edges)}
