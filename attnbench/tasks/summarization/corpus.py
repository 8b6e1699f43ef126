"""How sources and their summaries are made ready: the steps of ``attnbench.tasks.prepare``, and its batches.

b batch   s source length   t target length, end symbols included
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pyarrow as pa
import torch
from datasets import Dataset
from torch import Tensor

from attnbench.corpora import Source
from attnbench.corpora.splits import Names
from attnbench.corpora.summarization import embedded, files, hub
from attnbench.corpora.text import UNKNOWN
from attnbench.scoring import rouge
from attnbench.tasks import sentences
from attnbench.tasks.columns import Ids
from attnbench.tasks.engine import Corpus
from attnbench.tasks.prepare import Preparation, Raw, batches
from attnbench.tasks.split import Split
from attnbench.tasks.summarization import DUC
from attnbench.tasks.summarization.settings import SummarizationData
from attnbench.tasks.summarization.words import normalised, tokens
from attnbench.zoo.padded import Padded


class Batch(NamedTuple):
    """Sources and their summaries."""

    source: Padded
    """(b, s), word ids."""
    target: Padded
    """(b, t), each closed by the end symbol."""


def pairs(table: pa.Table) -> Split[Batch]:
    """Return numbered pairs as a split; batches are sorted by the source, as those of Rush et al. (2015)."""
    columns = {
        "source": Ids(table["source_ids"], closed=False),
        "target": Ids(table["target_ids"], closed=True),
    }
    return Split(table, Batch, columns, columns["source"].lengths)


@dataclass(frozen=True)
class Vocabularies(sentences.Vocabularies):
    """The words of either side, and which of them are the same."""

    @cached_property
    def shared(self) -> Tensor:
        """(source vocabulary,): the target number of each source word, ``UNKNOWN`` where it has none."""
        return torch.tensor(self.target.encode(self.source.words))


class Summaries(Preparation[SummarizationData, Batch]):
    """Sources and summaries, tokenised and numbered; the tokens as they were written stay beside them."""

    generated: ClassVar = {"tokenizer": "none"}
    kept = Vocabularies
    split = staticmethod(pairs)

    def corpus(self, source: Source, names: Names, settings: SummarizationData, scratch: Path | None) -> Raw:
        """Read the corpus."""
        if source.kind == "embedded":
            sizes = {} if settings.limit is None else {"train": settings.limit}
            made = {"test_per_bin": settings.test_per_bin, **sizes}
            return embedded.summarization(settings.seed, scratch=scratch, **made), None
        if source.kind == "hub":
            return hub.summarization(source.location, names, settings.limit, scratch)
        return files.summaries(Path(source.location), names, settings.limit, scratch), None

    def files(self, folder: Path, names: Names, settings: SummarizationData) -> list[Path]:
        """Return the files of pairs."""
        return files.read_from(folder, names)

    def tokenise(self, table: pa.Table, settings: SummarizationData) -> pa.Table:
        """Return pairs with tokens and words of the source, words of the target, and references in tokens.

        Text with gold positions, which count words at blanks, is cut there.
        """
        name = "none" if "links" in table.column_names else settings.tokenizer
        found = [tokens(text, name) for text in table["source"].to_pylist()]
        targets = [tokens(text, name) for text in table["target"].to_pylist()]
        references = table["references"].to_pylist()
        columns = {
            "source_tokens": _joined(found),
            "source_words": _joined(_words(found, settings.numbers)),
            "target_words": _joined(_words(targets, settings.numbers)),
            "references": pa.array([[" ".join(tokens(one, name)) for one in ones] for ones in references]),
        }
        table = table.drop_columns(["source", "target", "references"])
        for column, values in columns.items():
            table = table.append_column(column, values)
        return table

    def fit(
        self, splits: Mapping[str, Dataset], settings: SummarizationData
    ) -> tuple[Vocabularies, list[str]]:
        """Return both vocabularies, and what pairs are odd, split by split."""
        sentences.require_words(splits, "source_words", "target_words")
        words = Vocabularies.build(splits["train"], settings.sizes, settings.least_count)
        return words, [note for name, split in splits.items() for note in _odd(name, split)]

    def encode(self, table: pa.Table, features: Vocabularies) -> pa.Table:
        """Return pairs with the numbers of their words; a source without words has the unknown word."""
        numbered = sentences.with_ids(table, {"source": features.source}, empty=[UNKNOWN])
        return sentences.with_ids(numbered, {"target": features.target})

    def describe(
        self, fingerprint: str, features: Vocabularies, splits: Mapping[str, Dataset],
        settings: SummarizationData,
    ) -> dict[str, Any]:  # fmt: skip
        """Return the tokeniser, and the share of training words that are unknown."""
        unknown = {side: sentences.unknown(splits["train"], side) for side in features.sides}
        return {"tokenizer": settings.tokenizer, "unknown": unknown}

    def narrow(self, corpus: Corpus[Batch]) -> Corpus[Batch]:
        """Set apart the test sets that have a decoding of their own, if there are others."""
        apart = set(corpus.tests) & set(DUC)
        return replace(corpus, constructed=apart) if apart < set(corpus.tests) else corpus


def _joined(words: Iterable[Sequence[str]]) -> pa.Array:
    return pa.array([" ".join(one) for one in words], pa.string())


def _words(found: Iterable[Sequence[str]], numbers: str) -> Iterator[list[str]]:
    return ([normalised(token, numbers) for token in one] for one in found)


def _odd(name: str, split: Dataset) -> Iterator[str]:
    """Yield what a reader must know of the pairs of a split."""
    blank, longer = 0, 0
    for source, target in sentences.words(split, "source", "target"):
        blank += not source
        longer += len(target) > len(source)
    if blank:
        yield f"{name}: {blank} pairs with a blank source kept, which is read as the unknown word"
    if longer:
        yield f"{name}: {longer} pairs with a summary longer than its source kept"
    if name != "train" and (unread := _unread(split)):
        yield (
            f"{name}: {unread} pairs left out of ROUGE, which reads letters a to z and digits alone, and "
            "finds none in their references"
        )


def _unread(split: Dataset) -> int:
    """Return of how many pairs ROUGE can read no reference."""
    tables = batches(split.select_columns(["references"]))
    return sum(not rouge.readable(one) for table in tables for one in table["references"].to_pylist())
