"""What corpora of all kinds share: which names serve as which split, and the splits' Arrow files."""

from __future__ import annotations

import difflib
import functools
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datasets import Dataset, DatasetDict

from attnbench.errors import BadInput

USUAL = {"train": ("train",), "valid": ("valid", "val", "dev", "validation"), "test": ("test",)}
"""The names looked for where a split is given none, in this order."""

LINKS = pa.list_(pa.list_(pa.int32()))
"""The type of gold links."""

RowFilter = Callable[[pa.Table], pa.ChunkedArray]
"""Says of each row of a table whether it is to be left out."""

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


def first(tables: Iterable[pa.Table], limit: int | None) -> Iterator[pa.Table]:
    """Yield the first ``limit`` rows, or all, and ask for no table beyond them."""
    left = limit
    for table in tables:
        yield table.slice(0, left)
        if left is not None:
            left -= table.num_rows
            if left <= 0:
                return


class Writer:
    """Writes the splits of a corpus to Arrow files, table by table, so that none has to fit in memory."""

    def __init__(self, folder: Path | None) -> None:
        """Write into ``folder``, or into a temporary one that goes when ``splits`` does."""
        self.splits = DatasetDict()
        self._folder = folder or Path(tempfile.mkdtemp(prefix="attnbench."))
        if folder is None:
            weakref.finalize(self.splits, shutil.rmtree, self._folder, ignore_errors=True)

    def add(
        self,
        key: str,
        tables: Iterable[pa.Table],
        where: str,
        leave_out: Mapping[str, RowFilter] | None = None,
    ) -> None:
        """Write a split.

        Args:
            key: its name.
            tables: columns ``id`` and the corpus' own.
            where: the split's name for errors.
            leave_out: what to leave out, by what is said of it, such as ``with a blank side``; the numbers
                are kept in ``info.description``, a line each.

        Raises ``BadInput`` where nothing is left.
        """
        left_out = dict.fromkeys(leave_out or {}, 0)

        def kept() -> Iterator[pa.Table]:
            for table in tables:
                for why, filtered_out in (leave_out or {}).items():
                    whole = table.num_rows
                    table = table.filter(pc.invert(filtered_out(table)))
                    left_out[why] += whole - table.num_rows
                yield table

        dataset = write(kept(), self._folder / f"{key}.arrow")
        said = [f"{number} pairs {why} left out" for why, number in left_out.items() if number]
        if not len(dataset):
            raise BadInput(f"{where} has no pair of sentences" + "".join(f"; {one}" for one in said))
        dataset.info.description = "\n".join(said)
        self.splits[key] = dataset


def blank(*sides: str) -> dict[str, RowFilter]:
    """Return how rows without a word in one of these columns are left out; see ``Writer.add``."""

    def filtered_out(table: pa.Table) -> pa.ChunkedArray:
        return functools.reduce(
            pc.or_, (pc.equal(pc.utf8_trim_whitespace(table[side]), "") for side in sides)
        )

    return {"with a blank side": filtered_out}


def left_out(splits: Mapping[str, Dataset]) -> list[str]:
    """Return what was left out of each split, a line each, such as ``train: 3 pairs ... left out``."""
    said = {name: split.info.description or "" for name, split in splits.items()}
    return [f"{name}: {line}" for name, lines in said.items() for line in lines.splitlines()]


def write(tables: Iterable[pa.Table], path: Path) -> Dataset:
    """Write tables of one schema to an Arrow file as they come; return them memory-mapped."""
    tables = iter(tables)
    table = next(tables, None)
    if table is None:
        return Dataset.from_dict({})
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        while table is not None:
            writer.write_table(table)
            table = next(tables, None)
    return Dataset.from_file(str(path))
