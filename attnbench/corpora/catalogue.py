"""The corpora by name: where each comes from, its licence and size, and what a corpus at hand holds.

Licences and sizes are what the named pages say. Nothing here uses the network.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from attnbench import corpora
from attnbench.errors import unknown

if TYPE_CHECKING:
    import pandas as pd
    from datasets import Dataset

BINS = ("0-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80+")
"""Sentence lengths in words, split at blanks."""


@dataclass(frozen=True)
class Entry:
    """A corpus that can be had."""

    name: str
    task: str
    data: str
    """What follows ``--data``."""
    settings: str
    """What must be set beside it; empty where the defaults do."""
    licence: str
    size: str
    page: str
    """Where licence and size were seen."""
    note: str


def tasks() -> list[str]:
    """Return the tasks that have corpora, each a package beside this module."""
    return sorted(module.name for module in pkgutil.iter_modules(corpora.__path__) if module.ispkg)


def sources(task: str) -> Any:
    """Return the module ``sources`` of a task; raise ``BadInput`` for an unknown one."""
    if task not in tasks():
        raise unknown("task", task, tasks())
    return import_module(f"{corpora.__name__}.{task}.sources")


def entries() -> list[Entry]:
    """Return the corpora of all tasks."""
    return [entry for task in tasks() for entry in sources(task).ENTRIES]


def listing() -> str:
    """Return all entries as text, a block a corpus."""
    return "".join(
        f"{entry.name} ({entry.task})\n"
        f"  get      --data {entry.data}{''.join(f' --set {one}' for one in entry.settings.split())}\n"
        f"  size     {entry.size}\n"
        f"  licence  {entry.licence}\n"
        f"  page     {entry.page}\n"
        f"  note     {entry.note}\n"
        for entry in entries()
    )


def show(task: str) -> str:
    """Return how the plain files of a task look and what its embedded corpus holds."""
    said = sources(task).FORMAT
    embedded = import_module(f"{corpora.__name__}.{task}.embedded")
    return f"{said}\n{embedded.description()}\n"


def check(task: str, corpus: Mapping[str, Dataset]) -> pd.DataFrame:
    """Return what a corpus of a task holds, one row a split and side.

    Columns: split, side, pairs, blank (sentences without a word), aligned (whether gold links are there), the
    number of pairs with each label where pairs have one, then the number of sentences in each of ``BINS``.
    ``frame.attrs["left_out"]`` lists what was left out when the corpus was read.
    """
    import pandas as pd

    from attnbench.corpora import splits

    about = sources(task)
    rows = []
    for split, dataset in corpus.items():
        given = dataset["label"][:] if about.LABELS else []
        labels = {label: given.count(label) for label in about.LABELS}
        for side in about.SIDES:
            lengths = [len(text.split()) for text in dataset[side]]
            row = {"split": split, "side": side, "pairs": len(lengths), "blank": lengths.count(0)}
            rows.append({**row, "aligned": about.GOLD in dataset.column_names, **labels, **_binned(lengths)})
    frame = pd.DataFrame(rows)
    frame.attrs["left_out"] = splits.left_out(corpus)
    return frame


def _binned(lengths: list[int]) -> dict[str, int]:
    counts = dict.fromkeys(BINS, 0)
    for length in lengths:
        counts[BINS[min(length // 10, len(BINS) - 1)]] += 1
    return counts
