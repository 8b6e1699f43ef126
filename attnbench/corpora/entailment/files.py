"""Labelled sentence pairs in plain files: ``NAME.tsv[.gz]`` or ``NAME.jsonl[.gz]``, see ``tabular``.

The fields are those of SNLI: ``gold_label``, ``sentence1`` (premise) and ``sentence2`` (hypothesis).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from datasets import DatasetDict

from attnbench.corpora import plain, splits, tabular
from attnbench.corpora.entailment.labels import LABELS, NONE
from attnbench.corpora.entailment.unfit import UNFIT, UNLABELLED
from attnbench.corpora.splits import Names
from attnbench.corpora.tabular import ENDINGS as ENDINGS
from attnbench.corpora.tabular import Field
from attnbench.errors import BadInput

FIELDS = ("sentence1", "sentence2", "gold_label")
"""The fields of a pair, in the order of our columns."""

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
        table = tabular.table(folder, name, _WANTED)
        return plain.tables(
            _pairs(table.rows), ("premise", "hypothesis", "label"), f"{table.path} holds no pair"
        )

    there = tabular.names(folder)
    return splits.gather(
        names, there, str(folder), read, unfit=UNFIT, never=UNLABELLED, limit=limit, scratch=scratch
    )


def read_from(folder: Path, names: Names) -> list[Path]:
    """Return the files that ``sentence_pairs`` reads; raise ``BadInput`` for a name that has none."""
    return tabular.read_from(folder, names)


def _pairs(rows: Iterator[tabular.Row]) -> Iterator[Pair]:
    """Yield the pairs of a file; a label that says there is none is ``-``."""
    for where, (premise, hypothesis, label) in rows:
        if label in ("-", "-1"):
            label = NONE
        elif label not in LABELS:
            raise BadInput(f"{where}: label {label[:50]!r}; it must be {', '.join(LABELS)}, or - for none")
        yield premise, hypothesis, label


def _label(value: Any, where: str) -> str:
    """Return a label, which may be the number -1 in a jsonl file."""
    return "-1" if type(value) is float and value == -1 else plain.text(value, where)


_WANTED = tuple(Field((name,), read=_label if name == "gold_label" else plain.text) for name in FIELDS)
