"""Labelled sentence pairs from the hub.

Rows have ``premise``, ``hypothesis`` and ``label``, a number that the set's features name, -1 where people
did not agree. Seen at https://huggingface.co/datasets/stanfordnlp/snli/blob/main/README.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from datasets import ClassLabel, Dataset, DatasetDict, IterableDataset

from attnbench.corpora import hub, splits
from attnbench.corpora.entailment.labels import LABELS, NONE, UNFIT, UNLABELLED
from attnbench.errors import BadInput


def entailment(
    reference: str,
    names: Mapping[str, tuple[str, ...]],
    limit: int | None = None,
    scratch: Path | None = None,
) -> tuple[DatasetDict, str]:
    """Return the corpus and the commit it was read from.

    Args:
        reference: ``OWNER/NAME[:CONFIG][@REVISION]``; see ``hub.load``.
        names: splits of the hub's set for ``train``, ``valid`` (joined), ``test`` (each a test set).
        limit: read at most so many training pairs, and stream, so that a large set is not downloaded.
        scratch: an existing folder for the splits' Arrow files; None: a temporary one, gone with the corpus.

    Pairs labelled -1 are left out of every split, pairs with a blank side of ``train``. An example's id is
    ``SPLIT/ROW``, counted from 1.
    """
    opened, revision = hub.load(reference, streaming=limit is not None)
    where = f"hub:{reference}"
    chosen = splits.choose(names, opened.keys(), where)

    def read(split: str) -> Iterator[pa.Table]:
        for name in chosen[split]:
            yield from _read(opened[name], name, reference)

    writer = splits.Writer(scratch)
    writer.add("train", splits.first(read("train"), limit), f"{where}: training split", UNFIT)
    writer.add("valid", read("valid"), f"{where}: validation split", UNLABELLED)
    for name, key in splits.keys_of_tests(chosen["test"]).items():
        test = _read(opened[name], name, reference)
        writer.add(key, test, f"{where}: test set {name}", UNLABELLED)
    return writer.splits, revision


def _read(dataset: Dataset | IterableDataset, name: str, reference: str) -> Iterator[pa.Table]:
    """Yield columns id, premise, hypothesis, label batch by batch, from a downloaded or a streamed split."""
    feature = (dataset.features or {}).get("label")
    known = feature.names if isinstance(feature, ClassLabel) else LABELS
    start = 1
    for table in hub.batches(dataset, reference):
        yield _columns(table, name, start, known, f"hub:{reference}")
        start += table.num_rows


def _columns(table: pa.Table, name: str, start: int, known: Sequence[str], where: str) -> pa.Table:
    """Return columns id, premise, hypothesis, label; a missing text is a blank one."""
    columns = {"id": splits.ids(name, start, table.num_rows)}
    for column in ("premise", "hypothesis", "label"):
        if column not in table.column_names:
            raise BadInput(f"{where} has no column {column!r}, only {', '.join(table.column_names)}")
        columns[column] = table[column]
    for side in ("premise", "hypothesis"):
        columns[side] = columns[side].cast(pa.string()).fill_null("")
    labels = [_label(value, known, where) for value in columns["label"].to_pylist()]
    return pa.table(columns | {"label": pa.array(labels, pa.string())})


def _label(value: int | None, known: Sequence[str], where: str) -> str:
    """Return what a number stands for."""
    if value is None or value == -1:
        return NONE
    if not 0 <= value < len(known) or known[value] not in LABELS:
        raise BadInput(f"{where} has label {value} of {', '.join(known)}; it must be {', '.join(LABELS)}")
    return known[value]
