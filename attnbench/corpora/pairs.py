"""Parallel text, wherever it comes from: which names serve as which split, and its Arrow columns."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePosixPath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datasets import Dataset
from datasets.fingerprint import generate_random_fingerprint
from datasets.table import InMemoryTable

from attnbench.errors import BadInput

USUAL = {"train": ("train",), "valid": ("valid", "val", "dev", "validation"), "test": ("test",)}
"""The names looked for where a split is given none, in this order."""

LINKS = pa.list_(pa.list_(pa.int32()))
"""The type of ``sure`` and ``possible``."""

_TAKEN = ("train", "valid")
_SHOWN = 20


def choose(
    names: Mapping[str, tuple[str, ...]], there: Collection[str], where: str
) -> dict[str, tuple[str, ...]]:
    """Return the names that serve as ``train``, ``valid`` and ``test``.

    Args:
        names: what was asked for; a split without an entry takes the first of its usual names that is there.
        there: the names that exist.
        where: the corpus, for the error.

    Raises ``BadInput`` for a name that is not there; says what is, and which is nearest.
    """
    unknown_splits = sorted(set(names) - set(USUAL))
    if unknown_splits:
        raise BadInput(f"no split {unknown_splits[0]!r}; a corpus has {', '.join(USUAL)}")
    chosen = {}
    for split, usual in USUAL.items():
        asked = tuple(dict.fromkeys(names.get(split) or [name for name in usual if name in there][:1]))
        for name in asked or (usual[0],):
            if name not in there:
                raise BadInput(_missing(split, name, there, where))
        chosen[split] = asked
    return chosen


def _missing(split: str, name: str, there: Collection[str], where: str) -> str:
    listed = sorted(there)
    near = difflib.get_close_matches(name, listed, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    shown = ", ".join(listed[:_SHOWN]) + (f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else "")
    return f"{where} has no {name!r} for the {split} split; {hint}choose with data.{split}=NAME from: {shown}"


def keys_of_tests(names: Iterable[str]) -> dict[str, str]:
    """Return each test set's key: the last part of its name, or all of it where that is not enough.

    >>> keys_of_tests(["europarl/test", "hansards/test.part294"])
    {'europarl/test': 'test', 'hansards/test.part294': 'test.part294'}
    """
    names = list(names)
    count = Counter(PurePosixPath(name).name for name in names)
    keys = {}
    for name in names:
        last = PurePosixPath(name).name
        key = last if count[last] == 1 and last not in _TAKEN else name.replace("/", ".")
        keys[name] = f"test.{key}" if key in _TAKEN else key
    return keys


def ids(name: str, first: int, number: int) -> pa.Array:
    """Return ``NAME/FIRST``, ``NAME/FIRST+1`` and so on."""
    lines = pa.array(np.arange(first, first + number)).cast(pa.string())
    return pc.binary_join_element_wise(name, lines, "/")


def finish(table: pa.Table, where: str, drop_blank: bool) -> Dataset:
    """Return a split as a data set.

    Args:
        table: columns ``id``, ``source``, ``target`` and perhaps ``sure``, ``possible``.
        where: the split's name for errors.
        drop_blank: leave out pairs with a blank side, and count them in ``info.description``; not for tests.

    Raises ``BadInput`` where no pair is left.
    """
    dropped = 0
    if drop_blank:
        both = pc.and_(_has_text(table["source"]), _has_text(table["target"]))
        dropped = table.num_rows - pc.sum(both).as_py() if table.num_rows else 0
        table = table.filter(both) if dropped else table
    if not table.num_rows:
        raise BadInput(
            f"{where} has no pair of sentences" + (f": all {dropped} have a blank side" if dropped else "")
        )
    # A random fingerprint: the default would pickle the whole table to hash it.
    dataset = Dataset(InMemoryTable(table), fingerprint=generate_random_fingerprint())
    dataset.info.description = f"{dropped} pairs with a blank side left out" if dropped else ""
    return dataset


def _has_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.not_equal(pc.utf8_trim_whitespace(column), "")
