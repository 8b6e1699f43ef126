"""Utterances from the hub.

Rows have a column ``audio``, the bytes of a file of sound, which are read here and not by ``datasets``. For
phones they have ``phonetic_detail``, with ``start``, ``stop`` and ``utterance`` of each phone, as seen at
https://huggingface.co/datasets/timit-asr/timit_asr/blob/main/dataset_infos.json, or else ``phones``, a text
or a list; for words ``text``. ``sentence_type`` SA marks the sentences that every speaker reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from datasets import Audio, DatasetDict

from attnbench.corpora import hub, plain
from attnbench.corpora.speech import gathering
from attnbench.corpora.speech.gathering import ROWS, Reading, Recording
from attnbench.corpora.speech.phones import parsed
from attnbench.corpora.speech.sound import Unreadable
from attnbench.corpora.speech.timit import Times
from attnbench.corpora.speech.words import words
from attnbench.corpora.splits import Names
from attnbench.errors import BadInput

TIMES = "phonetic_detail"
"""The column of phones with their times."""

_WANTED = {"phones": (TIMES, "phones"), "words": ("text",)}
"""What the column of labels may be called; of those that are there the first is read."""

_KIND = "sentence_type"


def speech(
    reference: str, names: Names, labels: str = "phones", phones: str = "given", limit: int | None = None,
    scratch: Path | None = None,
) -> tuple[DatasetDict, str]:  # fmt: skip
    """Return the corpus and the commit it was read from.

    Args:
        reference: ``OWNER/NAME[:CONFIG][@REVISION]``; see ``hub.load``.
        names, scratch: see ``splits.gather``.
        labels, phones: see ``files.speech``.
        limit: use at most so many training utterances, and stream, so that a large set is not downloaded.

    Recordings that cannot be used are left out, and told.
    """
    opened, revision = hub.load(reference, streaming=limit is not None)
    called = {name: _column(split, f"hub:{reference} {name}", labels) for name, split in opened.items()}

    def recordings(name: str) -> Iterator[Recording]:
        split, first = opened[name].cast_column("audio", Audio(decode=False)), 1
        for table in hub.batches(split, reference, ROWS):
            yield from _recordings(table, called[name], labels, f"hub:{reference} {name}", first)
            first += len(table)

    reading = Reading(phones if labels == "phones" else "given", limit=limit)
    made = gathering.corpus(
        names, opened.keys(), f"hub:{reference}", recordings,
        lambda name: called[name] == TIMES, reading, scratch,
    )  # fmt: skip
    return made, revision


def _column(split: hub.Opened, where: str, labels: str) -> str:
    """Return what the column of labels is called; raise ``BadInput`` where it, or the sound, is not there."""
    there = split.column_names or []
    found = [name for name in _WANTED[labels] if name in there]
    missing = [] if "audio" in there else ["audio"]
    missing += [] if found else ["/".join(_WANTED[labels])]
    if missing:
        raise BadInput(f"{where} has no column {' and '.join(missing)}, only {plain.shown(there)}")
    return found[0]


def _recordings(table: pa.Table, column: str, labels: str, where: str, first: int) -> Iterator[Recording]:
    """Yield the recordings of some rows."""
    kinds = table[_KIND].to_pylist() if _KIND in table.column_names else [""] * len(table)
    rows = zip(table["audio"], table[column], kinds, strict=True)
    for number, (audio, held, kind) in enumerate(rows, start=first):
        place = f"{where} row {number}"
        said = _said(held.as_py(), column, labels, place)
        ends = said.ends if column == TIMES and said.labels else None
        yield Recording(place, _reader(audio.as_py()), said.labels, ends, kind=(kind or "").lower())


def _said(held: Any, column: str, labels: str, where: str) -> Times:
    """Return the labels in a value of their column, and when they end if it says so; none in null."""
    if held is None:
        return Times()
    if column != TIMES:
        parts = (
            plain.text(one, f"{where}: {column}") for one in (held if isinstance(held, list) else [held])
        )
        text = " ".join(parts)
        return Times(parsed(text) if labels == "phones" else words(text))
    times = Times()
    for start, stop, phone in _each(held, f"{where}: {TIMES}"):
        times.add(start, stop, phone, where)
    return times


def _each(held: Any, where: str) -> list[tuple[float, float, str]]:
    """Return start, stop and name of each phone of a row, which older sets have as an object of lists."""
    try:
        if not isinstance(held, list):
            held = [dict(zip(held, values, strict=True)) for values in zip(*held.values(), strict=True)]
        return [
            (float(one["start"]), float(one["stop"]), plain.text(one["utterance"], where)) for one in held
        ]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise BadInput(f"{where} has not a start, a stop and an utterance of each phone") from None


def _reader(audio: dict[str, Any] | None) -> Any:
    """Return what gives the bytes of the sound of a row; a path without them is never opened."""

    def read() -> bytes:
        content = audio["bytes"] if audio else None
        if content is None:
            raise Unreadable("the row has no bytes")
        found: bytes = content
        return found

    return read
