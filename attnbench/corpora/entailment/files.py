"""Labelled sentence pairs in plain files: ``NAME.tsv[.gz]`` or ``NAME.jsonl[.gz]``, UTF-8, a pair a line.

A tsv file has a header line and no quoting; a jsonl file has an object a line. Either has the fields of SNLI,
``gold_label``, ``sentence1`` (premise) and ``sentence2`` (hypothesis), in any order; others are passed over.

Lines end as ``plain`` says, with LF or CR LF alone. A tab parts the columns of a tsv file, so its texts have
spaces for blanks; those of a jsonl file have space and tab, and a line's end in one is read as a space. A
text of a jsonl file is a string: null, numbers and lists are refused, as is a field that an object has twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from datasets import DatasetDict

from attnbench.corpora import plain, splits
from attnbench.corpora.entailment.labels import LABELS, NONE
from attnbench.corpora.entailment.unfit import UNFIT, UNLABELLED
from attnbench.corpora.splits import Names
from attnbench.errors import BadInput

FIELDS = ("sentence1", "sentence2", "gold_label")
"""The fields of a pair, in the order of our columns."""

ENDINGS = ("tsv", "jsonl")

Pair = tuple[str, str, str]
"""Premise, hypothesis, label."""


def sentence_pairs(
    folder: Path, names: Names, limit: int | None = None, scratch: Path | None = None
) -> DatasetDict:
    """Return the corpus in a folder: ``train``, ``valid`` and one key a test set.

    Args:
        folder: where the files are; names may reach into its folders.
        names: file names without ending; with limit and scratch see ``splits.gather``.

    Pairs labelled - or -1 are left out of every split, pairs with a blank side of ``train``. Raises
    ``BadInput`` for missing, broken and mislabelled files.
    """

    def read(_: str, name: str) -> Iterator[pa.Table]:
        path, rows = _chosen(folder, name)
        return plain.tables(_pairs(rows), ("premise", "hypothesis", "label"), f"{path} holds no pair")

    there = _names(folder)
    return splits.gather(
        names, there, str(folder), read, unfit=UNFIT, never=UNLABELLED, limit=limit, scratch=scratch
    )


def read_from(folder: Path, names: Names) -> list[Path]:
    """Return the files that ``sentence_pairs`` reads; raise ``BadInput`` for a name that has none."""
    return plain.find_all(folder, splits.choose(names, _names(folder), str(folder)), *ENDINGS)


def _names(folder: Path) -> set[str]:
    """Return the names that have a file, relative to the folder."""
    if not folder.is_dir():
        raise BadInput(f"no folder {folder}; --data files:DIR takes a folder of NAME.tsv files")
    there = plain.names(folder, *ENDINGS)
    if not there:
        raise BadInput(f"{folder} holds no NAME.tsv[.gz] or NAME.jsonl[.gz]; choose another folder")
    return there


def _chosen(folder: Path, name: str) -> tuple[Path, Iterator[tuple[str, Pair]]]:
    """Return the one file of a name, and its rows; its last ending says how it is read."""
    found = {ending: path for ending in ENDINGS if (path := plain.find(folder, name, ending))}
    if len(found) != 1:
        wrong = "two files" if found else "no file"
        endings = " or ".join(f"{name}.{ending}[.gz]" for ending in ENDINGS)
        raise BadInput(f"{folder} has {wrong} for {name}; let there be either {endings}")
    ((ending, path),) = found.items()
    return path, (_rows if ending == "tsv" else _objects)(path)


def _pairs(rows: Iterator[tuple[str, Pair]]) -> Iterator[Pair]:
    """Yield the pairs of a file; a label that says there is none is ``-``."""
    for where, (premise, hypothesis, label) in rows:
        if label in ("-", "-1"):
            label = NONE
        elif label not in LABELS:
            raise BadInput(f"{where}: label {label[:50]!r}; it must be {', '.join(LABELS)}, or - for none")
        yield premise, hypothesis, label


def _rows(path: Path) -> Iterator[tuple[str, Pair]]:
    """Yield where each row of a tsv file stands, and its fields."""
    lines = plain.lines(path)
    head = next(lines, "").split("\t")
    missing = [field for field in FIELDS if field not in head]
    if missing:
        raise BadInput(
            f"{path} line 1 has no column {', '.join(missing)}, only {plain.shown(head)}; a tsv file begins "
            f"with the names of its columns, {', '.join(FIELDS)} among them"
        )
    twice = [field for field in FIELDS if head.count(field) > 1]
    if twice:
        raise BadInput(f"{path} line 1 has two columns {', '.join(twice)}; rename or drop one")
    first, second, third = (head.index(field) for field in FIELDS)
    for number, line in enumerate(lines, start=2):
        cells = line.split("\t")
        if len(cells) != len(head):
            raise BadInput(f"{path} line {number} has {len(cells)} columns but line 1 has {len(head)}")
        yield f"{path} line {number}", (cells[first], cells[second], cells[third])


def _objects(path: Path) -> Iterator[tuple[str, Pair]]:
    """Yield where each object of a jsonl file stands, and its fields."""
    decode = json.JSONDecoder(
        object_pairs_hook=_object, parse_int=float
    ).decode  # no number is too long for it
    for number, line in enumerate(plain.lines(path), start=1):
        where = f"{path} line {number}"
        try:
            fields = decode(line)
            values = [fields[field] for field in FIELDS]
        except _Twice as error:
            raise BadInput(f"{where} has the field {error} twice; drop one") from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise BadInput(f"{where} is not a JSON object with the fields {', '.join(FIELDS)}") from None
        if type(values[2]) is float and values[2] == -1:
            values[2] = "-1"
        named = zip(values, FIELDS, strict=True)
        premise, hypothesis, label = (plain.text(value, f"{where}: {field}") for value, field in named)
        yield where, (premise, hypothesis, label)


class _Twice(Exception):
    """An object has one of the fields twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, of which readers disagree where a field stands twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        for field in FIELDS:
            if names.count(field) > 1:
                raise _Twice(field)
    return found
