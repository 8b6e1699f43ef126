"""Sentences and their summaries in plain files: ``NAME.tsv[.gz]`` or ``NAME.jsonl[.gz]``, see ``tabular``.

``pairs`` has the names of both fields. In a jsonl file the summary may be a list of texts: the references, of
which blank ones are passed over. An optional field ``keep`` has a mark for each word of the source, such as
``1101``: the words marked 1 are, in their order, those of the summary. Words stand between blanks: space and
tab alone. A byte-order mark before the first word counts for nothing, and a mark 0 for it is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

import pyarrow as pa
from datasets import DatasetDict

from attnbench.corpora import plain, splits, tabular
from attnbench.corpora.splits import Names
from attnbench.corpora.summarization.pairs import REFERENCES, SOURCE, SUMMARY, UNFIT, UNSCORED, references
from attnbench.corpora.tabular import Field
from attnbench.corpora.text import at_blanks
from attnbench.errors import BadInput

KEEP = "keep"
"""The field of marks."""

_FIELDS = (Field(SOURCE), Field(SUMMARY, read=tabular.texts), Field((KEEP,), optional=True))

_COLUMNS = ("source", "target", "references", "links")

_TYPES = {"references": REFERENCES, "links": splits.LINKS}

Pair = tuple[str, str, list[str], list[tuple[int, int]]]
"""Source, target, references, links: none where there are no marks."""


def summaries(
    folder: Path, names: Names, limit: int | None = None, scratch: Path | None = None
) -> DatasetDict:
    """Return the corpus in a folder: ``train``, ``valid`` and one key a test set.

    Args:
        folder: where the files are; names may reach into its folders.
        names: file names without ending; with limit and scratch see ``splits.gather``.

    A split has links where all its files have marks. Pairs with a blank side are left out of ``train``, pairs
    whose summaries are all blank of the other splits. Raises ``BadInput`` for missing and broken files, and
    for marks that do not fit.
    """
    there = tabular.names(folder)
    chosen = splits.choose(names, there, str(folder))

    def read(split: str, name: str) -> Iterator[pa.Table]:
        joined = (name,) if split == "test" else chosen[split]
        linked = all(tabular.table(folder, one, _FIELDS).names[-1] for one in joined)
        table = tabular.table(folder, name, _FIELDS)
        pairs = plain.tables(_pairs(table.rows), _COLUMNS, f"{table.path} holds no pair", _TYPES)
        return pairs if linked else (some.drop_columns("links") for some in pairs)

    return splits.gather(
        names, there, str(folder), read, unfit=UNFIT, never=UNSCORED, limit=limit, scratch=scratch
    )


def read_from(folder: Path, names: Names) -> list[Path]:
    """Return the files that ``summaries`` reads; raise ``BadInput`` for a name that has none."""
    return tabular.read_from(folder, names)


def _pairs(rows: Iterator[tabular.Row]) -> Iterator[Pair]:
    """Yield the pairs of a file."""
    for where, (source, summary, marks) in rows:
        written = references([summary] if isinstance(summary, str) else summary)
        links = [] if marks is None else _links(at_blanks(source), at_blanks(written[0]), marks, where)
        yield source, written[0], written, links


def _links(source: Sequence[str], target: Sequence[str], marks: str, where: str) -> list[tuple[int, int]]:
    """Return each word of the target with the place of the marked word of the source that it is.

    Args:
        source, target: words.
        marks: a 0 or a 1 for each word of the source.
        where: file and line, for errors.
    """
    if len(marks) == len(source) + 1:  # a byte-order mark was a word of its own; there is no such word now
        marks = marks.removeprefix("0")
    if len(marks) != len(source) or marks.strip("01"):
        raise BadInput(
            f"{where}: {KEEP} {marks[:50]!r} has {len(marks)} marks; it must have a 0 or a 1 for each of the "
            f"{len(source)} words of the source"
        )
    kept = [place for place, mark in enumerate(marks) if mark == "1"]
    if [source[place] for place in kept] != list(target):
        pairs = enumerate(zip_longest((source[place] for place in kept), target, fillvalue=""), start=1)
        number, (marked, written) = next(pair for pair in pairs if pair[1][0] != pair[1][1])
        raise BadInput(
            f"{where}: word {number} of the summary is {written[:50]!r} but {KEEP} marks {marked[:50]!r}; "
            f"mark the summary's words, or drop {KEEP}"
        )
    return list(enumerate(kept))
