"""Labelled sentence pairs from the hub.

Rows have ``premise``, ``hypothesis`` and ``label``: its name, or a number that the set's features name or, if
they name none, SNLI does; -1 where people did not agree. Seen at
https://huggingface.co/datasets/stanfordnlp/snli/blob/main/README.md.

A text is a string; a line's end in one is read as a space. Pairs with a null for a text, or with NUL in one,
are left out of every split, and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from datasets import ClassLabel, DatasetDict

from attnbench.corpora import hub, plain
from attnbench.corpora.entailment.labels import LABELS, NONE
from attnbench.corpora.entailment.unfit import UNFIT, UNLABELLED
from attnbench.corpora.splits import Names
from attnbench.errors import BadInput


def entailment(
    reference: str, names: Names, limit: int | None = None, scratch: Path | None = None
) -> tuple[DatasetDict, str]:
    """Return the corpus and the commit it was read from.

    Args:
        reference: ``OWNER/NAME[:CONFIG][@REVISION]``; see ``hub.load``.
        names, scratch: see ``splits.gather``.
        limit: read at most so many training pairs, and stream, so that a large set is not downloaded.

    Pairs labelled -1 are left out of every split, pairs with a blank side of ``train``.
    """
    opened, revision = hub.load(reference, streaming=limit is not None)
    no_text = hub.no_text("premise", "hypothesis")
    unfit, never = {**no_text, **UNFIT}, {**no_text, **UNLABELLED}
    pairs = hub.corpus(
        opened, names, reference, _columns, unfit=unfit, never=never, limit=limit, scratch=scratch
    )
    return pairs, revision


def _columns(
    table: pa.Table, split: hub.Opened, where: str, first: int
) -> dict[str, pa.Array | pa.ChunkedArray]:
    """Return columns premise, hypothesis, label."""
    feature = (split.features or {}).get("label")
    known = feature.names if isinstance(feature, ClassLabel) else LABELS
    for column in ("premise", "hypothesis", "label"):
        if column not in table.column_names:
            raise BadInput(f"{where} has no column {column!r}, only {plain.shown(table.column_names)}")
    sides = {side: plain.texts(table, side, where, first) for side in ("premise", "hypothesis")}
    values = enumerate(table["label"].to_pylist(), start=first)
    labels = [_label(value, known, f"{where} row {row}") for row, value in values]
    return sides | {"label": pa.array(labels, pa.string())}


def _label(value: Any, known: Sequence[str], where: str) -> str:
    """Return what a label, a number or a name, stands for."""
    if value in (None, -1, "-1", NONE):
        return NONE
    name = known[value] if type(value) is int and 0 <= value < len(known) else value
    if name not in LABELS:
        said, names = repr(value)[:50], plain.shown(known)
        raise BadInput(f"{where} has label {said} of {names}; it must be {', '.join(LABELS)}")
    return str(name)
