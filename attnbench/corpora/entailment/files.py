"""Labelled sentence pairs in plain files: ``NAME.tsv[.gz]`` or ``NAME.jsonl[.gz]``, UTF-8, a pair a line.

A tsv file has a header line and no quoting; a jsonl file has an object a line. Either has the fields of SNLI,
``gold_label``, ``sentence1`` (premise) and ``sentence2`` (hypothesis), in any order; others are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

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
        path = next(path for ending in ENDINGS if (path := plain.find(folder, name, ending)))
        return plain.tables(_pairs(path), ("premise", "hypothesis", "label"), f"{path} holds no pair")

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


def _pairs(path: Path) -> Iterator[Pair]:
    """Yield the pairs of a file; a label that says there is none is ``-``."""
    read = _rows if ".tsv" in path.suffixes else _objects
    for where, (premise, hypothesis, label) in read(path):
        if label in ("-", "-1"):
            label = NONE
        elif label not in LABELS:
            raise BadInput(f"{where}: label {label!r}; it must be {', '.join(LABELS)}, or - for none")
        yield premise, hypothesis, label


def _rows(path: Path) -> Iterator[tuple[str, Pair]]:
    """Yield where each row of a tsv file stands, and its fields."""
    lines = plain.lines(path)
    head = next(lines, "").split("\t")
    missing = [field for field in FIELDS if field not in head]
    if missing:
        raise BadInput(
            f"{path} line 1 has no column {', '.join(missing)}, only {', '.join(head)}; a tsv file begins "
            f"with the names of its columns, {', '.join(FIELDS)} among them"
        )
    first, second, third = (head.index(field) for field in FIELDS)
    for number, line in enumerate(lines, start=2):
        cells = line.split("\t")
        if len(cells) != len(head):
            raise BadInput(f"{path} line {number} has {len(cells)} columns but line 1 has {len(head)}")
        yield f"{path} line {number}", (cells[first], cells[second], cells[third])


def _objects(path: Path) -> Iterator[tuple[str, Pair]]:
    """Yield where each object of a jsonl file stands, and its fields."""
    for number, line in enumerate(plain.lines(path), start=1):
        where = f"{path} line {number}"
        try:
            fields = json.loads(line)
            first, second, third = (fields[field] for field in FIELDS)
        except (ValueError, KeyError, TypeError):
            raise BadInput(f"{where} is not a JSON object with the fields {', '.join(FIELDS)}") from None
        yield where, (str(first), str(second), str(third))
