"""Sentences as columns of Arrow tables: ``SIDE`` their text, ``SIDE_words``, and ``SIDE_ids``.

Words are kept on one line with a space between them, which no tokeniser leaves in a word, and are cut there
alone: a word may hold any other blank of Unicode.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
from datasets import Dataset

from attnbench.corpora.text import SPECIAL, UNKNOWN, Vocabulary, is_blank
from attnbench.errors import BadInput
from attnbench.tasks.prepare import batches


@dataclass(frozen=True)
class Vocabularies:
    """The words that a model of sources and targets knows."""

    source: Vocabulary
    target: Vocabulary

    @property
    def sides(self) -> dict[str, Vocabulary]:
        """Either vocabulary by its side's name."""
        return {"source": self.source, "target": self.target}

    @classmethod
    def build(cls, train: Dataset, sizes: Mapping[str, int], least: int = 1) -> Self:
        """Return the most frequent words of either side of a tokenised split.

        ``sizes`` are the largest, the special tokens included; words seen fewer times than ``least`` are left
        out.
        """
        found = {
            side: Vocabulary.build((one for (one,) in words(train, side)), size, least)
            for side, size in sizes.items()
        }
        return cls(**found)

    @classmethod
    def numbered(cls, sizes: Mapping[str, int]) -> Self:
        """Return vocabularies of just these sizes whose words are numbers, for models without a corpus."""
        return cls(**{side: Vocabulary(map(str, range(n - len(SPECIAL)))) for side, n in sizes.items()})

    def save(self, folder: Path) -> None:
        """Write both into a folder."""
        for side, vocabulary in self.sides.items():
            vocabulary.save(folder / f"{side}.vocabulary.json")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
        return cls(*(Vocabulary.load(folder / f"{side}.vocabulary.json") for side in ("source", "target")))


def with_words(table: pa.Table, cuts: Mapping[str, Callable[[str], list[str]]]) -> pa.Table:
    """Return rows with the words of each side, a space between them, as ``cuts`` cut it."""
    for side, tokenise in cuts.items():
        lines = [" ".join(tokenise(line)) for line in table[side].to_pylist()]
        table = table.append_column(f"{side}_words", pa.array(lines, pa.string()))
    return table


def with_ids(
    table: pa.Table, vocabularies: Mapping[str, Vocabulary], empty: Collection[int] = ()
) -> pa.Table:
    """Return rows with the numbers of each side's words; a side without words has ``empty``."""
    for side, vocabulary in vocabularies.items():
        lines = table[f"{side}_words"].to_pylist()
        ids = [vocabulary.encode(cut(line)) or list(empty) for line in lines]
        table = table.append_column(f"{side}_ids", pa.array(ids, pa.list_(pa.int32())))
    return table


def words(split: Dataset, *sides: str) -> Iterator[list[list[str]]]:
    """Yield the words of each side of a tokenised split, example by example."""
    for table in batches(split.select_columns([f"{side}_words" for side in sides])):
        for lines in zip(*(column.to_pylist() for column in table.columns), strict=True):
            yield [cut(line) for line in lines]


def cut(line: str) -> list[str]:
    """Return the words that were joined by spaces."""
    return line.split(" ") if line else []


def require_words(splits: Mapping[str, Dataset], *columns: str) -> None:
    """Raise ``BadInput`` for a split without one example that has words in every one of the columns."""
    for name, split in splits.items():
        tables = batches(split.select_columns(list(columns)))
        examples = (example for table in tables for example in zip(*table.to_pydict().values(), strict=True))
        if all(any(map(is_blank, example)) for example in examples):
            split = name if name in ("train", "valid") else "test"
            raise BadInput(
                f"no pair of {name!r} has words on both sides; choose others with data.{split}=NAME"
            )


def unknown(split: Dataset, side: str) -> float:
    """Return the share of a side's words that its vocabulary does not hold."""
    missed, words = 0, 0
    for table in batches(split.select_columns([f"{side}_ids"])):
        numbers = table[0].combine_chunks().flatten().to_numpy()
        missed, words = missed + int(np.count_nonzero(numbers == UNKNOWN)), words + len(numbers)
    return round(missed / max(words, 1), 6)
