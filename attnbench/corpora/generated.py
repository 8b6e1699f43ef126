"""Corpora that are made here, written as they come: no split is ever held."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from datasets import DatasetDict, Features

from attnbench.corpora.splits import temporary, write
from attnbench.errors import BadInput
from attnbench.machine.room import free_disk, free_memory, require

TRIES = 10_000
"""How often in a row an example is drawn again for being there already, before none is said to be left."""

REMEMBERED = 80
"""Bytes that a set takes for the hash of a text, at the least."""

AT_ONCE = 10_000
"""Rows that are held before they are written, unless a corpus says otherwise."""


class Seen:
    """The texts that were made before, as hashes of 16 bytes: no two texts have the same."""

    def __init__(self) -> None:
        """Begin with none."""
        self._hashes: set[bytes] = set()

    def __contains__(self, text: str) -> bool:
        """Return whether the text was added."""
        return _hash(text) in self._hashes

    def add(self, text: str) -> None:
        """Remember a text."""
        self._hashes.add(_hash(text))


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def attempts(what: str, setting: str = "data.test_per_bin") -> Iterator[int]:
    """Yield the numbers of attempts to make something new; raise ``BadInput`` when ``TRIES`` were in vain.

    ``setting`` is what a user can lower, so that fewer are made.
    """
    yield from range(TRIES)
    raise BadInput(f"{TRIES:,} {what} in a row were there before: no more are found; lower {setting}")


def write_splits(
    splits: Mapping[str, Iterator[Sequence[Any]]], features: Features, scratch: Path | None,
    order: Sequence[str], at_once: int = AT_ONCE,
) -> DatasetDict:  # fmt: skip
    """Return a corpus, written as its rows are drawn.

    Args:
        splits: what draws the rows of each split, with values in the order of ``features``. They are drawn
            split by split, as they come here.
        features: the columns.
        scratch: an existing folder for the splits' Arrow files; None: a temporary one, gone with the corpus.
        order: the names of the splits, as the corpus has them.
        at_once: how many rows are held before they are written; fewer where rows are large.
    """
    corpus = DatasetDict()
    folder = scratch or temporary(corpus)
    made = {
        name: write(_tables(rows, features, at_once), folder / f"{name}.arrow")
        for name, rows in splits.items()
    }
    corpus.update({name: made[name] for name in order})
    return corpus


def _tables(rows: Iterator[Sequence[Any]], features: Features, at_once: int) -> Iterator[pa.Table]:
    schema = features.arrow_schema
    while batch := list(islice(rows, at_once)):
        columns = zip(zip(*batch, strict=True), schema, strict=True)
        yield pa.table([pa.array(values, field.type) for values, field in columns], schema=schema)


def require_room(
    examples: int, each: int, remembered: int, scratch: Path | None, setting: str = "data.test_per_bin"
) -> None:
    """Raise ``BadInput`` for a corpus that takes more of the disk, or of the memory, than is free.

    Args:
        examples: how many are made.
        each: bytes that one takes at the least.
        remembered: how many of their texts are.
        scratch: where they are written, and then twice more, with words and with numbers; None: where
            temporary files are, once.
        setting: what, beside ``data.limit``, a user can lower.
    """
    mend = f"lower data.limit or {setting}"
    folder, times = (Path(tempfile.gettempdir()), 1) if scratch is None else (scratch, 3)
    who = f"a corpus of {examples:,} examples needs"
    require(who, examples * each * times, free_disk(folder), "disk", mend)
    require(who, remembered * REMEMBERED, free_memory(), "memory", mend)
