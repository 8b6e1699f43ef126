"""The corpora by name: where each comes from, its licence and size, and how a raw one is measured.

Licences and sizes are what the named pages say. Nothing here uses the network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from attnbench import paper
from attnbench.corpora.text import at_blanks
from attnbench.errors import require_known

if TYPE_CHECKING:
    from datasets import Dataset

Measure = Callable[["Dataset"], list[float]]
"""From a raw split to a length of each of its examples."""


def words(side: str) -> Measure:
    """Return the measure that counts the words of a column, as ``text.at_blanks`` cuts it."""
    return lambda split: [len(at_blanks(text)) for text in split[side]]


@dataclass(frozen=True)
class Entry:
    """A corpus that can be had."""

    name: str
    task: str
    licence: str
    size: str
    page: str
    """Where licence and size were seen."""
    note: str
    data: str = "files:DIR"
    """What follows ``--data``."""
    settings: str = ""
    """What must be set beside it; empty where the defaults do."""


def packages() -> dict[str, str]:
    """Return the packages of corpora of all papers' tasks, by the task's name."""
    tasks = {paper.load(name).task for name in paper.names()}
    return dict(sorted((task.name, task.corpora) for task in map(paper.resolve, tasks)))


def sources(task: str) -> Any:
    """Return the module ``sources`` of a task's corpora; raise ``BadInput`` for an unknown task."""
    require_known("task", task, packages())
    return import_module(f"{packages()[task]}.sources")


def entries() -> list[Entry]:
    """Return the corpora of all tasks."""
    return [entry for task in packages() for entry in sources(task).ENTRIES]


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
    embedded = import_module(f"{packages()[task]}.embedded")
    return f"{formats}\n{embedded.description()}\n"
