"""How a parallel corpus is made ready: the steps of ``attnbench.tasks.prepare``, and its batches.

b batch   s source length   t target length, end symbols included
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
from datasets import Dataset

from attnbench.corpora import Source, about
from attnbench.corpora.splits import Names, keys_of_tests
from attnbench.corpora.text import UNKNOWN, tokenizer
from attnbench.corpora.translation import embedded, files, hub
from attnbench.errors import BadInput
from attnbench.tasks import sentences
from attnbench.tasks.columns import Ids
from attnbench.tasks.engine import Corpus, Tell, silent
from attnbench.tasks.prepare import Preparation, Raw
from attnbench.tasks.sentences import Vocabularies
from attnbench.tasks.split import Split
from attnbench.tasks.translation import NOUNK
from attnbench.tasks.translation.settings import TranslationData
from attnbench.zoo.padded import Padded


class Batch(NamedTuple):
    """Sentence pairs."""

    source: Padded
    """(b, s), word ids, each sentence closed by the end symbol."""
    target: Padded
    """(b, t)."""


def pairs(table: pa.Table) -> Split[Batch]:
    """Return numbered pairs as a split; batches are sorted by the longer side."""
    columns = {side: Ids(table[f"{side}_ids"], closed=True) for side in Batch._fields}
    return Split(table, Batch, columns, np.maximum(*(column.lengths for column in columns.values())))


class ParallelText(Preparation[TranslationData, Batch]):
    """Sentence pairs in two languages, tokenised and numbered.

    Systems share one corpus whatever their ``max_length``, and its vocabularies, which are counted on the
    uncut training pairs.
    """

    generated: ClassVar = {"tokenizer": "none"}
    kept = Vocabularies
    split = staticmethod(pairs)

    def prepare(self, source: Source, settings: TranslationData, root: Path, tell: Tell = silent) -> Path:
        """Make the corpus ready; raise ``BadInput`` where no training pair is short enough for a system."""
        folder = super().prepare(source, settings, root, tell)
        shortest = about(folder)["shortest"]
        if shortest > settings.max_length:
            raise BadInput(
                f"no training pair has {settings.max_length} words or fewer on both sides; "
                f"raise data.max_length, to {shortest} at least"
            )
        return folder

    def corpus(self, source: Source, names: Names, settings: TranslationData, scratch: Path | None) -> Raw:
        """Read the corpus.

        Raises ``BadInput`` for a test set that would be called as attnbench's own is, and for one, or a
        validation set, without a pair that could be scored.
        """
        if NOUNK in map(str.casefold, keys_of_tests(names.get("test", ())).values()):
            raise BadInput(f"a test set cannot be called {NOUNK}, which is attnbench's own; rename its files")
        if source.kind == "embedded":
            sizes = {} if settings.limit is None else {"train": settings.limit}
            return embedded.translation(test_per_bin=settings.test_per_bin, scratch=scratch, **sizes), None
        pair, limit = settings.pair, settings.limit
        if source.kind == "hub":
            raw: Raw = hub.translation(source.location, pair, names, limit, scratch)
        else:
            folder = Path(source.location)
            raw = files.parallel_text(folder, pair, names, limit, settings.links_from, scratch), None
        sentences.require_words(raw[0], *Batch._fields)
        return raw

    def files(self, folder: Path, names: Names, settings: TranslationData) -> list[Path]:
        """Return the files of both languages and of the links between them."""
        return files.read_from(folder, settings.pair, names)

    def identity(self, settings: TranslationData) -> dict[str, Any]:
        """Return all but ``max_length``, which is not applied here."""
        return {**asdict(settings), "max_length": None}

    def tokenise(self, table: pa.Table, settings: TranslationData) -> pa.Table:
        """Return pairs with the words of both sides; the raw target stays, as the detokenised reference.

        Text with gold links, which count words at blanks, is cut there.
        """
        name = "none" if "sure" in table.column_names else settings.tokenizer
        cuts = [tokenizer(name, language) for language in settings.pair]
        table = sentences.with_words(table, dict(zip(Batch._fields, cuts, strict=True)))
        return table.append_column("reference", table["target"]).drop_columns(["source", "target"])

    def fit(self, splits: Mapping[str, Dataset], settings: TranslationData) -> tuple[Vocabularies, list[str]]:
        """Return both vocabularies, and what a reader must know of the tokeniser's rules."""
        sentences.require_words(splits, *(f"{side}_words" for side in Batch._fields))
        return Vocabularies.build(splits["train"], settings.sizes), settings.notes

    def encode(self, table: pa.Table, features: Vocabularies) -> pa.Table:
        """Return pairs with the numbers of their words."""
        return sentences.with_ids(table, features.sides)

    def describe(
        self, fingerprint: str, features: Vocabularies, splits: Mapping[str, Dataset],
        settings: TranslationData,
    ) -> dict[str, Any]:  # fmt: skip
        """Return tokeniser, languages, the share of training words that are unknown, and the words of the
        longer side of the shortest training pair."""
        unknown = {side: sentences.unknown(splits["train"], side) for side in features.sides}
        said = {"tokenizer": settings.tokenizer, "languages": list(settings.pair), "unknown": unknown}
        return said | {"shortest": int(pairs(splits["train"].data.table).lengths.min()) - 1}

    def narrow(self, corpus: Corpus[Batch]) -> Corpus[Batch]:
        """Hold training pairs to ``max_length``; make a test set of the main one's pairs of known words."""
        tests, most = dict(corpus.tests), corpus.settings.max_length
        main = tests["test"] if "test" in tests else next(iter(tests.values()))
        sides = zip(main["source_ids"], main["target_ids"], strict=True)
        known = np.flatnonzero([all(UNKNOWN not in ids for ids in both) for both in sides])
        if 0 < len(known) < len(main):
            tests[NOUNK] = main.select(known)
        short = np.flatnonzero(corpus.train.lengths <= most + 1)  # the end symbol is counted
        return replace(corpus, train=corpus.train.select(short), tests=tests, constructed={NOUNK})
