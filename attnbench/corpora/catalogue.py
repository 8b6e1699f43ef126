"""The corpora by name: where each comes from, its licence and size, and how a raw one is measured.

Licences and sizes are what the named pages say. Nothing here uses the network.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from attnbench import corpora
from attnbench.errors import unknown

if TYPE_CHECKING:
    from datasets import Dataset

Measure = Callable[["Dataset"], list[float]]
"""From a raw split to a length of each of its examples."""


def words(side: str) -> Measure:
    """Return the measure that counts the words of a column, split at blanks."""
    return lambda split: [len(text.split()) for text in split[side]]


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
    formats = sources(task).FORMAT
    embedded = import_module(f"{corpora.__name__}.{task}.embedded")
    return f"{formats}\n{embedded.description()}\n"
