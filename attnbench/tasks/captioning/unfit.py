"""What of a corpus of captions cannot be used: it is left out, or kept, and told of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from datasets import Dataset, DatasetDict

from attnbench.corpora.captions import pictures
from attnbench.corpora.captions.words import words
from attnbench.corpora.text import Vocabulary
from attnbench.errors import BadInput
from attnbench.tasks.captioning.settings import CaptioningData
from attnbench.tasks.prepare import batches
from attnbench.tasks.sentences import cut

ROWS = 64
"""Pictures at a time."""

_SHOWN = 10
"""Ids that a note names."""


class _Look(NamedTuple):
    """What is found of a picture and its captions."""

    place: str
    """Its id."""
    fault: str
    """Why the picture cannot be read; empty for one that can."""
    mode: str
    """How the file keeps colours."""
    trains: bool
    """Whether a caption is short enough to train on."""
    long: int
    """Captions that are not."""
    beyond: int
    """Captions that do not count."""


def leave_out(splits: DatasetDict, settings: CaptioningData) -> None:
    """Leave pictures out that cannot be read, and of the training set those whose captions are all too long.

    Tells of them, and of what is converted or does not count. Raises ``BadInput`` where none is left of a
    split.
    """
    for name, split in splits.items():
        looks = [look for table in batches(_narrow(split), ROWS) for look in _looks(table, settings)]
        trains = name == "train"
        kept = [not look.fault and (look.trains or not trains) for look in looks]
        lines = _told(looks, settings, trains=trains)
        if not any(kept):
            raise BadInput(f"no picture of {name} can be used; {'; '.join(lines)}")
        if not all(kept):
            splits[name] = split = split.select(np.flatnonzero(kept))
        split.info.description = "\n".join([*(split.info.description or "").splitlines(), *lines])


def _narrow(split: Dataset) -> Dataset:
    return split.select_columns(["id", "picture", "captions"])


def _looks(table: pa.Table, settings: CaptioningData) -> Iterator[_Look]:
    """Yield what is found of each of some rows, of which one picture is held at a time."""
    rows = zip(table["id"].to_pylist(), table["picture"], table["captions"].to_pylist(), strict=True)
    for place, picture, captions in rows:
        lengths = [len(words(caption)) for caption in captions[: settings.captions]]
        long = sum(length >= settings.max_length for length in lengths)
        fault, mode = _read(picture.as_py())
        beyond = max(0, len(captions) - settings.captions)
        yield _Look(place, fault, mode, long < len(lengths), long, beyond)


def _read(content: bytes) -> tuple[str, str]:
    """Return why a picture cannot be read, or nothing, and how the file keeps colours."""
    try:
        pictures.decoded(content)
        return "", pictures.mode(content)
    except pictures.Unreadable as error:
        return str(error), ""


def _told(looks: list[_Look], settings: CaptioningData, *, trains: bool) -> list[str]:
    """Return what a reader must know, a line each."""
    lines = []
    broken = [look for look in looks if look.fault]
    if broken:
        shown = ", ".join(f"{look.place} ({look.fault})" for look in broken[:_SHOWN])
        more = ", ..." if len(broken) > _SHOWN else ""
        lines.append(f"{len(broken)} pictures that cannot be read left out: {shown}{more}")
    modes = Counter(look.mode for look in looks if look.mode not in ("", "RGB"))
    if modes:
        ranked = ", ".join(f"{mode} ({count})" for mode, count in modes.most_common())
        lines.append(f"{modes.total()} pictures converted to red, green and blue from {ranked}")
    if beyond := sum(look.beyond for look in looks):
        lines.append(f"{beyond} captions beyond the first {settings.captions} of their pictures left out")
    if trains and (long := sum(look.long for look in looks)):
        gone = sum(not (look.trains or look.fault) for look in looks)
        pictured = f", and {gone} pictures that have no other" if gone else ""
        lines.append(f"{long} captions of {settings.max_length} words or more left out{pictured}")
    return lines


def unknown(split: Dataset, known: Vocabulary) -> float:
    """Return the share of the words of a tokenised split that a vocabulary does not hold."""
    held, missed, total = set(known.words), 0, 0
    for line in lines(split):
        found = cut(line)
        total += len(found)
        missed += sum(word not in held for word in found)
    return missed / max(total, 1)


def lines(split: Dataset) -> Iterator[str]:
    """Yield every caption of a tokenised split."""
    for table in batches(split.select_columns(["captions"])):
        for captions in table["captions"].to_pylist():
            yield from captions
