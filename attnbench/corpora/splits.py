"""What corpora of all kinds share: which names serve as which split, and the splits' Arrow files."""

from __future__ import annotations

import difflib
import hashlib
import re
import shutil
import tempfile
import unicodedata
import weakref
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datasets import Dataset, DatasetDict

from attnbench.corpora.text import is_blank
from attnbench.errors import BadInput

USUAL = {"train": ("train",), "valid": ("valid", "val", "dev", "validation"), "test": ("test",)}
"""The names looked for where a split is given none, in this order."""

LINKS = pa.list_(pa.list_(pa.int32()))
"""The type of gold links."""

Names = Mapping[str, tuple[str, ...]]
"""The names that serve as ``train``, ``valid`` and ``test``: those of the first two are joined, each of the
last is a test set. A split without an entry takes the first of its usual names that is there."""

RowFilter = Callable[[pa.Table], pa.ChunkedArray]
"""Tells of each row of a table whether it is to be left out."""

RowFilters = Mapping[str, RowFilter]
"""What is left out, by the reason that is given, such as ``with a blank side``."""

_TAKEN = ("train", "valid")
_SHOWN = 20
_LONGEST = 100
"""Bytes of a test set's key: a file system takes 255, and system, seed and decoding stand before it."""

_HASHED = re.compile("~[0-9a-f]{8}$")


def choose(names: Names, there: Collection[str], where: str) -> dict[str, tuple[str, ...]]:
    """Return the names that serve as each split, of those that are ``there``; ``where`` names the corpus.

    Raises ``BadInput`` for a name that comes twice, and for one that is not there; says what is, and which is
    nearest.
    """
    unknown_splits = sorted(set(names) - set(USUAL))
    if unknown_splits:
        raise BadInput(f"no split {unknown_splits[0]!r}; a corpus has {', '.join(USUAL)}")
    chosen = {}
    for split, usual in USUAL.items():
        wanted = tuple(names.get(split) or [name for name in usual if name in there][:1])
        for place, name in enumerate(wanted):
            if name in wanted[:place]:
                raise BadInput(f"data.{split} has {name!r} twice, which would count it twice; name it once")
        for name in wanted or (usual[0],):
            if name not in there:
                raise BadInput(_missing(split, name, there, where))
        chosen[split] = wanted
    return chosen


def require_name(split: str, where: str) -> str:
    """Return what a manifest calls a split at ``where``; raise ``BadInput`` for what cannot be named."""
    if not all(part and part == part.strip() for part in split.split("/")):
        raise BadInput(f"{where}: the split {split[:50]!r} is no name; write such as train, no blanks around")
    return split


def _missing(split: str, name: str, there: Collection[str], where: str) -> str:
    listed = sorted(there)
    near = difflib.get_close_matches(name, listed, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    shown = ", ".join(one if one.isprintable() else repr(one) for one in listed[:_SHOWN])
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    said = f"{where} has no {name!r} for the {split} split; {hint}choose with data.{split}=NAME from: "
    return said + shown + more


def keys_of_tests(names: Iterable[str]) -> dict[str, str]:
    """Return each test set's key: the last part of its name, or more of it where that is not enough.

    No two keys are the same, nor the same to a file system that takes no notice of case and of how accents
    are written; none is that of another split. A key is printable, does not begin with a dot, and has at most
    ``_LONGEST`` bytes. It depends on the names alone, not on their order. Where no readable key is left it
    ends in a hash of the name.

    >>> keys_of_tests(["europarl/test", "hansards/test.part294"])
    {'europarl/test': 'test', 'hansards/test.part294': 'test.part294'}
    >>> keys_of_tests(["a/test", "b/test", "train"])
    {'a/test': 'a.test', 'b/test': 'b.test', 'train': 'test.train'}
    """
    ways = {name: _ways(name) for name in names}
    keys = {name: way[0] for name, way in ways.items()}
    for step in range(1, 4):
        crowd = Counter(map(_folded, keys.values())) + Counter(_TAKEN)  # as if these had a name already
        keys = {
            name: ways[name][step] if crowd[_folded(key)] > 1 or not _fit(key) else key
            for name, key in keys.items()
        }
    return keys


def _ways(name: str) -> list[str]:
    """Return the keys that a test set may have, the best first; the last is no other name's."""
    whole = name.replace("/", ".")
    readable = "".join(letter if letter.isprintable() else "-" for letter in whole).strip(". ")
    short = readable.encode()[: _LONGEST - 9].decode(errors="ignore")
    hashed = f"{short}~{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:8]}"
    return [name.rpartition("/")[2], whole, f"test.{whole}", hashed]


def _fit(key: str) -> bool:
    """Return whether a key can stand in file names and in lines, and does not look like a hashed one."""
    plain = key.isprintable() and key == key.strip(" ") and not key.startswith(".")
    return plain and len(key.encode()) <= _LONGEST and not _HASHED.search(key)


def _folded(key: str) -> str:
    """Return what all spellings of a file name have in common that macOS or Windows takes for one."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", key).casefold())


def first(tables: Iterable[pa.Table], limit: int | None) -> Iterator[pa.Table]:
    """Yield the first ``limit`` rows, or all, and ask for no table beyond them."""
    left = limit
    for table in tables:
        yield table.slice(0, left)
        if left is not None:
            left -= table.num_rows
            if left <= 0:
                return


def gather(
    names: Names, there: Collection[str], where: str, read: Callable[[str, str], Iterable[pa.Table]], *,
    unfit: RowFilters, never: RowFilters | None = None, limit: int | None = None, scratch: Path | None = None,
) -> DatasetDict:  # fmt: skip
    """Return a corpus: ``train``, ``valid`` and one key a test set.

    Args:
        names, there, where: see ``choose``.
        read: gives the columns of what serves as a split, by the split and its name, table by table, so that
            none has to fit in memory. An example's id is ``NAME/ROW``, counted from 1, unless they have ids.
        unfit: what is left out of ``train``.
        never: what is left out of the other splits.
        limit: read at most so many training pairs.
        scratch: an existing folder for the splits' Arrow files; None: a temporary one, gone with the corpus.

    Raises ``BadInput`` where nothing is left of a split.
    """
    chosen = choose(names, there, where)
    corpus = DatasetDict()
    folder = scratch or temporary(corpus)

    def add(key: str, title: str, split: str, *of: str) -> None:
        tables = chain.from_iterable(_with_ids(name, read(split, name)) for name in of)
        filters = (unfit if split == "train" else never) or {}
        kept = first(tables, limit if split == "train" else None)
        corpus[key] = _write_kept(kept, folder / f"{key}.arrow", f"{where}: {title}", filters)

    add("train", "training split", "train", *chosen["train"])
    add("valid", "validation split", "valid", *chosen["valid"])
    for name, key in keys_of_tests(chosen["test"]).items():
        add(key, f"test set {name}", "test", name)
    return corpus


def temporary(corpus: DatasetDict) -> Path:
    """Return a new folder for a corpus' Arrow files, gone with the corpus."""
    folder = Path(tempfile.mkdtemp(prefix="attnbench."))
    weakref.finalize(corpus, shutil.rmtree, folder, ignore_errors=True)
    return folder


def _with_ids(name: str, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield tables with a first column ``NAME/1``, ``NAME/2`` and so on, unless they have ids."""
    start = 1
    for table in tables:
        if "id" in table.column_names:
            yield table
            continue
        rows = pa.array(np.arange(start, start + len(table))).cast(pa.string())
        yield table.add_column(0, "id", pc.binary_join_element_wise(name, rows, "/"))
        start += len(table)


def _write_kept(tables: Iterable[pa.Table], path: Path, title: str, leave_out: RowFilters) -> Dataset:
    """Write what is not left out; how much was is kept in ``info.description``, a line a reason."""
    numbers = dict.fromkeys(leave_out, 0)

    def kept() -> Iterator[pa.Table]:
        for table in tables:
            for reason, filtered_out in leave_out.items():
                whole = table.num_rows
                table = table.filter(pc.invert(filtered_out(table)))
                numbers[reason] += whole - table.num_rows
            yield table

    dataset = write(kept(), path)
    lines = [f"{number} pairs {reason} left out" for reason, number in numbers.items() if number]
    if not len(dataset):
        raise BadInput(f"{title} has no pair of sentences" + "".join(f"; {line}" for line in lines))
    dataset.info.description = "\n".join(lines)
    return dataset


def blank(*sides: str) -> dict[str, RowFilter]:
    """Return how rows with a side that shows nothing are left out; see ``text.is_blank``."""

    def filtered_out(table: pa.Table) -> pa.ChunkedArray:
        columns = (map(is_blank, table[side].to_pylist()) for side in sides)
        return pa.chunked_array([pa.array([any(row) for row in zip(*columns, strict=True)], pa.bool_())])

    return {"with a blank side": filtered_out}


def left_out(splits: Mapping[str, Dataset]) -> list[str]:
    """Return what was left out of each split, a line each, such as ``train: 3 pairs ... left out``."""
    lines = {name: (split.info.description or "").splitlines() for name, split in splits.items()}
    return [f"{name}: {line}" for name in splits for line in lines[name]]


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
