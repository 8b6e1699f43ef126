"""Sentences and their summaries from the hub.

Rows have a column for the source and one for the summaries, a text or a list of texts, called as ``pairs``
says: in Gigaword ``document`` and ``summary``, as seen at
https://huggingface.co/datasets/gigaword/blob/main/README.md.

A text is a string; a line's end in one is read as a space. Of a list, texts that are blank, null or hold NUL
are passed over. Pairs with a null for a side, or with NUL in one, are left out of every split, and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from datasets import DatasetDict

from attnbench.corpora import hub, plain
from attnbench.corpora.splits import Names
from attnbench.corpora.summarization.pairs import REFERENCES, SOURCE, SUMMARY, UNFIT, UNSCORED, references
from attnbench.errors import BadInput


def summarization(
    reference: str, names: Names, limit: int | None = None, scratch: Path | None = None
) -> tuple[DatasetDict, str]:
    """Return the corpus and the commit it was read from.

    Args:
        reference: ``OWNER/NAME[:CONFIG][@REVISION]``; see ``hub.load``.
        names, scratch: see ``splits.gather``.
        limit: read at most so many training pairs, and stream, so that a large set is not downloaded.

    Pairs with a blank side are left out of ``train``, those whose summaries are all blank of other splits.
    """
    opened, revision = hub.load(reference, streaming=limit is not None)
    no_text = hub.no_text("source", "target")
    unfit, never = {**no_text, **UNFIT}, {**no_text, **UNSCORED}
    pairs = hub.corpus(
        opened, names, reference, _columns, unfit=unfit, never=never, limit=limit, scratch=scratch
    )
    return pairs, revision


def _columns(table: pa.Table, _: hub.Opened, where: str, first: int) -> dict[str, pa.Array | pa.ChunkedArray]:
    """Return columns source, target and references; null where there is no text."""
    source, summary = (_called(wanted, table, where) for wanted in (SOURCE, SUMMARY))
    lists = [_references(one) for one in _lists(table, summary, where, first)]
    return {
        "source": plain.texts(table, source, where, first),
        "target": pa.array([None if one is None else one[0] for one in lists], pa.string()),
        "references": pa.array(lists, REFERENCES),
    }


def _called(wanted: Sequence[str], table: pa.Table, where: str) -> str:
    """Return the first of the wanted columns that is there."""
    for name in wanted:
        if name in table.column_names:
            return name
    raise BadInput(f"{where} has no column {'/'.join(wanted)}, only {plain.shown(table.column_names)}")


def _references(summaries: Sequence[str | None] | None) -> list[str] | None:
    """Return the references of a row; None where nothing is a text. An empty list is like a blank text."""
    if summaries is not None and not summaries:
        return [""]
    return references([one for one in summaries or () if one is not None]) or None


def _lists(table: pa.Table, name: str, where: str, first: int) -> Iterator[Sequence[str | None] | None]:
    """Yield the texts of each row of a column that has one in each, or a list."""
    column = table[name]
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        yield from ([text] for text in plain.texts(table, name, where, first).to_pylist())
        return
    held = column.type.value_type
    if held not in (pa.string(), pa.large_string(), pa.null()):
        raise BadInput(f"{where}: {name} has lists of {held}; they must hold texts")
    each = iter(plain.texts(pa.table({name: pc.list_flatten(column)}), name, where, first).to_pylist())
    for count in pc.list_value_length(column).to_pylist():
        yield None if count is None else list(islice(each, count))
