"""Labelled sentence pairs from the hub.

Rows have ``premise``, ``hypothesis`` and ``label``, a number that the set's features name, -1 where people
did not agree. Seen at https://huggingface.co/datasets/stanfordnlp/snli/blob/main/README.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from datasets import ClassLabel, DatasetDict

from attnbench.corpora import hub
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
    pairs = hub.corpus(
        opened, names, reference, _columns, unfit=UNFIT, never=UNLABELLED, limit=limit, scratch=scratch
    )
    return pairs, revision


def _columns(table: pa.Table, split: hub.Opened, where: str) -> dict[str, pa.Array | pa.ChunkedArray]:
    """Return columns premise, hypothesis, label; a missing text is a blank one."""
    feature = (split.features or {}).get("label")
    known = feature.names if isinstance(feature, ClassLabel) else LABELS
    for column in ("premise", "hypothesis", "label"):
        if column not in table.column_names:
            raise BadInput(f"{where} has no column {column!r}, only {', '.join(table.column_names)}")
    sides = {side: table[side].cast(pa.string()).fill_null("") for side in ("premise", "hypothesis")}
    labels = [_label(value, known, where) for value in table["label"].to_pylist()]
    return sides | {"label": pa.array(labels, pa.string())}


def _label(value: int | None, known: Sequence[str], where: str) -> str:
    """Return what a number stands for."""
    if value is None or value == -1:
        return NONE
    if not 0 <= value < len(known) or known[value] not in LABELS:
        raise BadInput(f"{where} has label {value} of {', '.join(known)}; it must be {', '.join(LABELS)}")
    return known[value]
