"""Folders of a corpus that each have splits of their own: a name is a folder and a split in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

from attnbench.corpora import splits
from attnbench.corpora.splits import Names


class Place(Protocol):
    """What a folder holds."""

    def splits(self) -> Iterable[str]:
        """Return the names of its splits."""

    def files(self, split: str) -> Iterable[Path]:
        """Return the files that are read of a split, some more than once."""


Some = TypeVar("Some", bound=Place)


def named(places: Mapping[str, Some]) -> dict[str, tuple[Some, str]]:
    """Return every name, the split after its folder, with place and split; the topmost folder is empty."""
    found = ((prefix, place, split) for prefix, place in places.items() for split in place.splits())
    return {f"{prefix}/{split}" if prefix else split: (place, split) for prefix, place, split in found}


def read_from(names: Names, there: Mapping[str, tuple[Place, str]], where: str) -> list[Path]:
    """Return the files of all names that are chosen, each once; raise ``BadInput`` for one not there."""
    chosen = splits.choose(names, there, where)
    found = (there[name] for names in chosen.values() for name in names)
    return list(dict.fromkeys(path for place, split in found for path in place.files(split)))
