"""Texts with named fields in plain files: ``NAME.tsv[.gz]`` or ``NAME.jsonl[.gz]``, UTF-8, a row a line.

A tsv file has a header line, with the names of its columns, and no quoting; a jsonl file has an object a
line. The fields come in any order; those that nobody asks for are passed over. The first line decides which
of a field's names is read, and whether an optional field is there; every other line must then have it.

Lines end as ``plain`` says, with LF or CR LF alone. A tab parts the columns of a tsv file, so its texts have
spaces for blanks; those of a jsonl file have space and tab, and a line's end in one is read as a space. A
text of a jsonl file is a string: null, numbers and lists are refused, unless a field reads them otherwise, as
is a field that an object has twice. The last ending of a file says how it is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from attnbench.corpora import plain, splits
from attnbench.corpora.splits import Names
from attnbench.errors import BadInput

ENDINGS = ("tsv", "jsonl")

Row = tuple[str, Sequence[Any]]
"""Where it stands, for errors, and the value of each field, None where the file lacks it."""


@dataclass(frozen=True)
class Field:
    """What is wanted of every row of a file."""

    names: tuple[str, ...]
    """What it may be called; of those that are there the first is read."""
    optional: bool = False
    """Whether a file may lack it."""
    read: Callable[[Any, str], Any] = plain.text
    """What is made of a value of a jsonl file (numbers are floats) and of its place, for errors. The cells of
    a tsv file are texts as they stand."""


@dataclass(frozen=True)
class Table:
    """A file that is opened."""

    path: Path
    names: tuple[str, ...]
    """What each field is called here; empty for an optional one that is not there."""
    rows: Iterator[Row]
    """Its rows, once. Each is checked when it is read."""


def texts(value: Any, where: str) -> list[str]:
    """Return a text, or a list of some, as a list; for ``Field.read``."""
    if not isinstance(value, list):
        return [plain.text(value, where)]
    if not value:
        raise BadInput(f"{where} is an empty list; it must hold a text")
    return [plain.text(one, f"{where}, text {place},") for place, one in enumerate(value, start=1)]


def names(folder: Path) -> set[str]:
    """Return the names that have a file, relative to the folder; raise ``BadInput`` where none has."""
    if not folder.is_dir():
        raise BadInput(f"no folder {folder}; --data files:DIR takes a folder of NAME.tsv files")
    there = plain.names(folder, *ENDINGS)
    if not there:
        raise BadInput(f"{folder} holds no NAME.tsv[.gz] or NAME.jsonl[.gz]; choose another folder")
    return there


def read_from(folder: Path, chosen: Names) -> list[Path]:
    """Return the files that are read of a folder; raise ``BadInput`` for a name that has none."""
    return plain.find_all(folder, splits.choose(chosen, names(folder), str(folder)), *ENDINGS)


def table(folder: Path, name: str, fields: Sequence[Field]) -> Table:
    """Open the one file of a name, and read its first line; raise ``BadInput`` for two files, or none."""
    found = {ending: path for ending in ENDINGS if (path := plain.find(folder, name, ending))}
    if len(found) != 1:
        wrong = "two files" if found else "no file"
        endings = " or ".join(f"{name}.{ending}[.gz]" for ending in ENDINGS)
        raise BadInput(f"{folder} has {wrong} for {name}; let there be either {endings}")
    ((ending, path),) = found.items()
    return (_of_cells if ending == "tsv" else _of_objects)(path, fields)


def _found(fields: Sequence[Field], there: Collection[str]) -> tuple[str, ...]:
    """Return what each field is called in a file that has these names; see ``Table.names``."""
    return tuple(next((name for name in field.names if name in there), "") for field in fields)


def _listed(fields: Sequence[Field], there: Collection[str]) -> str:
    """Return what every row must have, for a message; all names of a field that is not there."""
    named = zip(fields, _found(fields, there), strict=True)
    return ", ".join(name or "/".join(field.names) for field, name in named if name or not field.optional)


def _filled(found: Sequence[str], rows: Iterator[Row]) -> Iterator[Row]:
    """Return rows with None for each field that is not there."""
    if all(found):
        return rows
    given = ((where, iter(values)) for where, values in rows)
    return ((where, [next(values) if name else None for name in found]) for where, values in given)


def _of_cells(path: Path, fields: Sequence[Field]) -> Table:
    """Open a tsv file."""
    lines = plain.lines(path)
    head = next(lines, "").split("\t")
    found = _found(fields, head)
    missing = [field for field, name in zip(fields, found, strict=True) if not (name or field.optional)]
    if missing:
        right = _listed(fields, [*head, *(field.names[0] for field in missing)])
        raise BadInput(
            f"{path} line 1 has no column {_listed(missing, head)}, only {plain.shown(head)}; a tsv file "
            f"begins with the names of its columns, {right} among them"
        )
    twice = [name for name in found if name and head.count(name) > 1]
    if twice:
        raise BadInput(f"{path} line 1 has two columns {', '.join(twice)}; rename or drop one")
    places = [head.index(name) for name in found if name]
    return Table(path, found, _filled(found, _cells(path, lines, len(head), places)))


def _cells(path: Path, lines: Iterator[str], width: int, places: Sequence[int]) -> Iterator[Row]:
    """Yield the rows of a tsv file after its header: the cells at some places."""
    begun = f"{path} line "
    of = itemgetter(*places) if len(places) > 1 else lambda cells: [cells[places[0]]]
    for number, line in enumerate(lines, start=2):
        cells = line.split("\t")
        if len(cells) != width:
            raise BadInput(f"{begun}{number} has {len(cells)} columns but line 1 has {width}")
        yield f"{begun}{number}", of(cells)


def _of_objects(path: Path, fields: Sequence[Field]) -> Table:
    """Open a jsonl file. What is wrong with its first line is said when its rows are read."""
    lines = plain.lines(path)
    first, there = list(islice(lines, 1)), None
    with suppress(ValueError, RecursionError):
        there = json.JSONDecoder(parse_int=float).decode(first[0]) if first else None
    found = _found(fields, there if isinstance(there, dict) else ())
    named = zip(found, fields, strict=True)
    reads = {name or field.names[0]: field.read for name, field in named if name or not field.optional}
    rows = _values(path, chain(first, lines), reads, _listed(fields, found))
    return Table(path, found, _filled(found, rows))


def _values(
    path: Path, lines: Iterable[str], reads: Mapping[str, Callable[[Any, str], Any]], wanted: str
) -> Iterator[Row]:
    """Yield the rows of a jsonl file: what is read of the named fields."""
    decode = json.JSONDecoder(
        object_pairs_hook=partial(_object, tuple(reads)), parse_int=float
    ).decode  # no number is too long for it
    begun, ends = f"{path} line ", [(read, f": {name}") for name, read in reads.items()]
    for number, line in enumerate(lines, start=1):
        where = f"{begun}{number}"
        try:
            held = decode(line)
            values = [held[name] for name in reads]
        except _Twice as error:
            raise BadInput(f"{where} has the field {error} twice; drop one") from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise BadInput(f"{where} is not a JSON object with the fields {wanted}") from None
        yield where, [read(value, where + end) for value, (read, end) in zip(values, ends, strict=True)]


class _Twice(Exception):
    """An object has one of the fields twice."""


def _object(fields: Sequence[str], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, of which readers disagree where a field stands twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        for field in fields:
            if names.count(field) > 1:
                raise _Twice(field)
    return found
