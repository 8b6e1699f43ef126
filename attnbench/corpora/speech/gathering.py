"""From recordings, wherever they are, to the columns of a corpus: read one by one, checked, and counted.

A recording that cannot be used is left out, of training and of tests, and said so with its file. What is done
to others, such as resampling, is said too.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from datasets import DatasetDict

from attnbench.corpora import splits
from attnbench.corpora.speech import RATE, phones, sound
from attnbench.corpora.speech.joining import Utterance
from attnbench.corpora.splits import Names
from attnbench.corpora.told import Told
from attnbench.errors import BadInput, reason

ROWS = 64
"""Of a table: sound is big."""

SHORTEST = RATE // 100
"""Samples that a label has at the least: a frame of 10 ms."""

_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("sound", pa.binary()),
        ("labels", pa.string()),
        ("ends", pa.list_(pa.int32())),
        ("pieces", pa.int32()),
    ]
)


class Recording(NamedTuple):
    """What a corpus says of a file of sound, which is not read yet."""

    file: str
    """Its name, for messages."""
    read: Callable[[], bytes]
    """Gives its bytes."""
    labels: list[str]
    ends: list[int] | None = None
    """The sample after the last one of each label, at the file's own rate; None where that is not known, as
    where one label is that of the whole."""
    speaker: str = ""
    kind: str = ""
    """Of sentence, as in TIMIT: ``sa`` for the two that every speaker reads."""


Recordings = Callable[[str], Iterator[Recording]]
"""Gives the recordings of a name, in order."""


class Reading(NamedTuple):
    """How recordings become rows."""

    way: str
    """One of ``phones.WAYS``; ``given`` for words."""
    strings: int = 0
    """Join one to so many recordings of a speaker; 0: none."""
    seed: int = 0
    """Draws the strings."""
    limit: int | None = None
    """Use at most so many training rows."""


def corpus(
    names: Names, there: Collection[str], where: str, recordings: Recordings,
    timed: Callable[[str], bool], reading: Reading, scratch: Path | None,
    lacks: Callable[[str], str] = lambda _: "",
) -> DatasetDict:  # fmt: skip
    """Return the corpus that recordings make.

    Args:
        names, there, where, scratch: see ``splits.gather``.
        recordings: those of a name.
        timed: whether it is known when the labels of a name are heard. A split has ``ends`` where all its
            names have.
        reading: how they become rows.
        lacks: what of a name is not there, to be told; empty: nothing.

    Raises ``BadInput`` for a name of which no recording can be used.
    """
    chosen = splits.choose(names, there, where)
    keys = splits.keys_of_tests(chosen["test"])
    told: defaultdict[str, Told] = defaultdict(_told)

    def read(split: str, name: str) -> Iterator[pa.Table]:
        key = keys[name] if split == "test" else split
        joined = (name,) if split == "test" else chosen[split]
        left = None if reading.limit is None or split != "train" else reading.limit - told[key].rows
        turns = reading.strings if split == "train" else 1
        rows = islice(_rows(recordings(name), name, reading, told[key], turns), left)
        yield from _tables(rows, all(map(timed, joined)), f"{where}: {name}", told[key])

    made = splits.gather(names, there, where, read, unfit={}, limit=reading.limit, scratch=scratch)
    for key, split in made.items():
        used = [name for name in chosen["test"] if keys[name] == key] or chosen.get(key, ())
        split.info.description = "\n".join([*filter(None, map(lacks, used)), *told[key].lines()])
    return made


def _tables(rows: Iterator[tuple[str, Utterance]], timed: bool, where: str, told: Told) -> Iterator[pa.Table]:
    """Yield tables of some rows; raise ``BadInput`` for none."""
    before = told.rows
    while batch := list(islice(rows, ROWS)):
        told.rows += len(batch)
        values = {
            "id": [name for name, _ in batch],
            "sound": [one.sound.astype("<i2").tobytes() for _, one in batch],
            "labels": [" ".join(one.labels) for _, one in batch],
            "ends": [one.ends for _, one in batch],
            "pieces": [1] * len(batch),
        }
        table = pa.table(values, schema=_SCHEMA)
        yield table if timed else table.drop_columns("ends")
    if told.rows == before:
        raise BadInput("; ".join([f"{where} has no recording that can be used", *told.lines()]))


def _told() -> Told:
    return Told("recordings")


class _LeftOut(Exception):
    """A recording cannot be used: ``args`` are why, and its file."""


def _rows(
    recordings: Iterator[Recording], name: str, reading: Reading, told: Told, turns: int
) -> Iterator[tuple[str, Utterance]]:
    """Yield ids and utterances; an id counts what is left out too. What is done to one is told once."""
    wholes: Iterable[tuple[list[Recording], Told]] = (([one], told) for one in recordings)
    if reading.strings:
        strings = _strings(recordings, reading, name, turns)
        wholes = ((string, told if turn == 0 else _told()) for turn, string in strings)
    for number, (parts, telling) in enumerate(wholes, start=1):
        found = []
        for one in parts:
            try:
                found.append(_utterance(one, reading.way, telling))
            except _LeftOut as error:
                telling.add(*error.args)
        if found:
            yield f"{name}/{number}", _string(found) if reading.strings else found[0]


def _utterance(one: Recording, way: str, told: Told) -> Utterance:
    """Return a recording as an utterance, and tell what was done to it; raise ``_LeftOut``."""
    if one.kind == "sa":
        raise _LeftOut("of the sentences sa1 and sa2, which every speaker reads, left out", one.file)
    heard = _heard(one)
    size = len(heard.samples)
    if not size:
        raise _LeftOut("with empty audio left out", one.file)
    ends = _scaled(one.ends, heard.rate) if one.ends is not None else None
    late = ends is not None and max(ends, default=0) > size
    if late:
        ends = [min(end, size) for end in ends or ()]
    if ends is None and len(one.labels) == 1:
        ends = [size]
    labels, ends = phones.folded(one.labels, ends, way)
    if not labels:
        raise _LeftOut("without labels left out", one.file)
    if len(labels) * SHORTEST > size:
        raise _LeftOut("with more labels than frames of 10 ms left out", one.file)
    if heard.rate != RATE:
        told.add(f"resampled to {RATE:,} samples a second", f"{one.file} from {heard.rate:,}")
    if heard.channels > 1:
        told.add("of more than one channel averaged", one.file)
    if late:
        told.add("with times beyond their end, which were moved there", one.file)
    return Utterance(heard.samples, labels, ends)


def _heard(one: Recording) -> sound.Sound:
    try:
        return sound.decoded(one.read())
    except (sound.Unreadable, OSError) as error:
        why = reason(error) if isinstance(error, OSError) else error
        raise _LeftOut("with unreadable audio left out", f"{one.file} ({why})") from error


def _scaled(ends: list[int], rate: int) -> list[int]:
    """Return times at ``RATE``."""
    return [round(end * RATE / rate) for end in ends]


def _strings(
    recordings: Iterable[Recording], reading: Reading, name: str, turns: int
) -> Iterator[tuple[int, list[Recording]]]:
    """Yield recordings of one speaker each, to be joined, one to ``strings`` together, and in which turn.

    A turn has each recording once, with others each time. The draw is that of the seed and of the name. All
    are held, but not their sound.
    """
    draw = random.Random(f"{reading.seed} {name}")
    speakers: defaultdict[str, list[Recording]] = defaultdict(list)
    for one in recordings:
        speakers[one.speaker].append(one)
    for turn in range(turns):
        found = []
        for spoken in speakers.values():
            left = draw.sample(spoken, len(spoken))
            while left:
                size = draw.randint(1, reading.strings)
                found.append(left[:size])
                del left[:size]
        draw.shuffle(found)
        yield from ((turn, string) for string in found)


def _string(utterances: list[Utterance]) -> Utterance:
    """Return utterances one right after the other, at one level."""
    starts = np.cumsum([0, *(len(one.sound) for one in utterances[:-1])]).tolist()
    timed = all(one.ends is not None for one in utterances)
    ends = [start + end for start, one in zip(starts, utterances, strict=True) for end in one.ends or ()]
    return Utterance(
        np.concatenate([sound.levelled(one.sound) for one in utterances]),
        [label for one in utterances for label in one.labels],
        ends if timed else None,
    )
