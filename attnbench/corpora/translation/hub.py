"""Parallel text from the hub.

Rows are ``{"translation": {"en": …, "fr": …}}``, as in the WMT sets, or have one column a language. Seen at
https://huggingface.co/datasets/wmt/wmt14/commit/fec8ed8e0d27e1677235b6051ecc898ea6d020ff and
https://huggingface.co/datasets/bentrevett/multi30k/blob/main/README.md.

A text is a string; a line's end in one is read as a space. Pairs with a null for a text, or with NUL in one,
are left out of every split, and counted.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
from datasets import DatasetDict

from attnbench.corpora import hub, plain, splits
from attnbench.corpora.splits import Names
from attnbench.errors import BadInput


def translation(
    reference: str, languages: tuple[str, str], names: Names, limit: int | None = None,
    scratch: Path | None = None,
) -> tuple[DatasetDict, str]:  # fmt: skip
    """Return the corpus and the commit it was read from.

    Args:
        reference: ``OWNER/NAME[:CONFIG][@REVISION]``; see ``hub.load``.
        languages: source and target.
        names, scratch: see ``splits.gather``.
        limit: read at most so many training pairs, and stream, so that a large set is not downloaded.

    Pairs with a blank side are left out of ``train`` only.
    """
    opened, revision = hub.load(reference, streaming=limit is not None)
    return corpus(opened, languages, names, reference, limit, scratch), revision


def corpus(
    opened: hub.Splits, languages: tuple[str, str], names: Names, reference: str, limit: int | None = None,
    scratch: Path | None = None,
) -> DatasetDict:  # fmt: skip
    """Return opened splits of the hub's set as a corpus of ours; ``reference`` names it in errors."""
    columns, never = partial(_columns, languages), hub.no_text("source", "target")
    unfit = {**never, **splits.blank("source", "target")}
    return hub.corpus(
        opened, names, reference, columns, unfit=unfit, never=never, limit=limit, scratch=scratch
    )


def _columns(languages: tuple[str, str], table: pa.Table, _: Any, where: str, first: int) -> dict[str, Any]:
    """Return columns source and target."""
    table = table.flatten()
    columns = {}
    for ours, language in zip(("source", "target"), languages, strict=True):
        theirs = next((c for c in (f"translation.{language}", language) if c in table.column_names), None)
        if theirs is None:
            held = plain.shown(table.column_names)
            raise BadInput(
                f"{where} has no text in {language!r}, only {held}; set data.languages, such as en-fr"
            )
        columns[ours] = plain.texts(table, theirs, where, first)
    return columns
