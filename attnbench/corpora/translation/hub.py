"""Parallel text from the hub.

Rows are ``{"translation": {"en": …, "fr": …}}``, as in the WMT sets, or have one column a language. Seen at
https://huggingface.co/datasets/wmt/wmt14/commit/fec8ed8e0d27e1677235b6051ecc898ea6d020ff and
https://huggingface.co/datasets/bentrevett/multi30k/blob/main/README.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
from datasets import Dataset, DatasetDict, IterableDataset

from attnbench.corpora import hub, splits
from attnbench.errors import BadInput


def translation(
    reference: str,
    languages: tuple[str, str],
    names: Mapping[str, tuple[str, ...]],
    limit: int | None = None,
    scratch: Path | None = None,
) -> tuple[DatasetDict, str]:
    """Return the corpus and the commit it was read from.

    Args:
        reference: ``OWNER/NAME[:CONFIG][@REVISION]``; see ``hub.load``.
        languages: source and target.
        names: splits of the hub's set for ``train``, ``valid`` (joined), ``test`` (each a test set).
        limit: read at most so many training pairs, and stream, so that a large set is not downloaded.
        scratch: an existing folder for the splits' Arrow files; None: a temporary one, gone with the corpus.

    Pairs with a blank side are left out of ``train`` only. An example's id is ``SPLIT/ROW``, counted from 1.
    """
    opened, revision = hub.load(reference, streaming=limit is not None)
    return corpus(opened, languages, names, reference, limit, scratch), revision


def corpus(
    opened: hub.Splits,
    languages: tuple[str, str],
    names: Mapping[str, tuple[str, ...]],
    reference: str,
    limit: int | None = None,
    scratch: Path | None = None,
) -> DatasetDict:
    """Return opened splits of the hub's set as a corpus of ours; ``reference`` names it in errors."""
    where = f"hub:{reference}"
    chosen = splits.choose(names, opened.keys(), where)

    def read(split: str) -> Iterator[pa.Table]:
        for name in chosen[split]:
            yield from _read(opened[name], name, languages, reference)

    writer = splits.Writer(scratch)
    train = splits.first(read("train"), limit)
    writer.add("train", train, f"{where}: training split", splits.blank("source", "target"))
    writer.add("valid", read("valid"), f"{where}: validation split")
    for name, key in splits.keys_of_tests(chosen["test"]).items():
        test = _read(opened[name], name, languages, reference)
        writer.add(key, test, f"{where}: test set {name}")
    return writer.splits


def _read(
    dataset: Dataset | IterableDataset, name: str, languages: tuple[str, str], reference: str
) -> Iterator[pa.Table]:
    """Yield columns id, source, target batch by batch, from a downloaded or a streamed split."""
    start = 1
    for table in hub.batches(dataset, reference):
        yield _columns(table, name, start, languages, f"hub:{reference}")
        start += table.num_rows


def _columns(table: pa.Table, name: str, start: int, languages: tuple[str, str], where: str) -> pa.Table:
    """Return columns id, source, target; a missing text is a blank one."""
    table = table.flatten()
    columns = {"id": splits.ids(name, start, table.num_rows)}
    for ours, language in zip(("source", "target"), languages, strict=True):
        theirs = next((c for c in (f"translation.{language}", language) if c in table.column_names), None)
        if theirs is None:
            held = ", ".join(table.column_names)
            raise BadInput(
                f"{where} has no text in {language!r}, only {held}; set data.languages, such as en-fr"
            )
        columns[ours] = table[theirs].cast(pa.string()).fill_null("")
    return pa.table(columns)
