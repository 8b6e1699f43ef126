"""What of a corpus of captions is not used as it is: left out, or converted, and told of.

Pictures that cannot be read at all are not in a corpus, see ``attnbench.corpora.captions``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc
from datasets import Dataset, DatasetDict

from attnbench.corpora.captions.pictures import mode
from attnbench.corpora.captions.words import words
from attnbench.corpora.text import Vocabulary
from attnbench.corpora.told import Told
from attnbench.errors import BadInput
from attnbench.tasks.captioning.settings import CaptioningData
from attnbench.tasks.prepare import batches
from attnbench.tasks.sentences import cut

ROWS = 64
"""Pictures at a time."""


class _Told:
    """What is told of one split."""

    def __init__(self, settings: CaptioningData, *, trains: bool) -> None:
        self.settings, self.trains = settings, trains
        self.pictures, self.captions = Told("pictures"), Told("captions")

    def used(self, place: str, picture: bytes, captions: list[str]) -> bool:
        """Return whether a picture, whose id is its place, is used; count what is not used as it is."""
        most, longest = self.settings.captions, self.settings.max_length
        for _ in captions[most:]:
            self.captions.add(f"beyond the first {most} of their pictures left out", place)
        if (kind := mode(picture)) != "RGB":
            self.pictures.add(f"converted from {kind} to red, green and blue", place)
        if not self.trains:
            return True
        lengths = [len(words(caption)) for caption in captions[:most]]
        long = sum(length >= longest for length in lengths)
        for _ in range(long):
            self.captions.add(f"of {longest} words or more left out", place)
        if long == len(lengths):
            self.pictures.add("without a shorter caption left out", place)
        return long < len(lengths)

    def lines(self) -> list[str]:
        return self.captions.lines() + self.pictures.lines()


def leave_out(splits: DatasetDict, settings: CaptioningData) -> None:
    """Leave training pictures out whose captions are all too long; tell of what is not used as it is.

    Raises ``BadInput`` where none is left to train on.
    """
    for name, split in splits.items():
        told = _Told(settings, trains=name == "train")
        used = np.array([told.used(*row) for row in _rows(split)])
        if not used.any():
            raise BadInput(
                f"no training caption has fewer than {settings.max_length} words; raise data.max_length"
            )
        if not used.all():
            splits[name] = split = split.select(np.flatnonzero(used))
        split.info.description = "\n".join([*(split.info.description or "").splitlines(), *told.lines()])


def _rows(split: Dataset) -> Iterator[tuple[str, bytes, list[str]]]:
    for table in batches(split.select_columns(["id", "picture", "captions"]), ROWS):
        yield from zip(*(table[name].to_pylist() for name in ("id", "picture", "captions")), strict=True)


def unknown(split: Dataset, known: Vocabulary) -> float:
    """Return the share of the words of a tokenised split that a vocabulary does not hold."""
    held, missed, total = set(known.words), 0, 0
    for line in captions(split):
        found = cut(line)
        total, missed = total + len(found), missed + sum(word not in held for word in found)
    return missed / max(total, 1)


def captions(split: Dataset) -> Iterator[str]:
    """Yield every caption of a tokenised split."""
    for table in batches(split.select_columns(["captions"])):
        yield from pc.list_flatten(table["captions"]).to_pylist()
