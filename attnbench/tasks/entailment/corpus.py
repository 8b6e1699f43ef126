"""How labelled sentence pairs are made ready: the steps of ``attnbench.tasks.prepare``, and its batches.

b batch   s premise length   t hypothesis length
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
from datasets import Dataset
from torch import Tensor

from attnbench.corpora import Source
from attnbench.corpora.entailment import embedded, files, hub, vectors
from attnbench.corpora.entailment.labels import LABELS
from attnbench.corpora.splits import Names
from attnbench.corpora.text import UNKNOWN, tokenizer
from attnbench.machine.places import named
from attnbench.tasks import sentences
from attnbench.tasks.columns import Ids, Values
from attnbench.tasks.engine import Corpus
from attnbench.tasks.entailment import words
from attnbench.tasks.entailment.settings import EntailmentData
from attnbench.tasks.entailment.words import Kinds, Words
from attnbench.tasks.prepare import Preparation, Raw, content
from attnbench.tasks.split import Split
from attnbench.zoo.padded import Padded

SEEN = "train"
"""The test set that is a sample of the training pairs, for the gap between seen and unseen pairs."""

SAMPLE = 2000
"""Its size."""

_APART = re.compile(r"\s+(?=(n't|'(t|s|m|d|re|ve|ll))(\s|$))", re.IGNORECASE)
"""The blank before a short form, such as in ``does n't`` and ``dog 's``."""

_QUOTES = re.compile("``|''")

_REPEATED = 10_000
"""Sentences whose tokens are kept, since premises come several times in a row."""


SIDES = ("premise", "hypothesis")


class Batch(NamedTuple):
    """Sentence pairs and their labels."""

    premise: Padded
    """(b, s), word ids."""
    hypothesis: Padded
    """(b, t); a delimiter is the model's own."""
    label: Tensor
    """(b,), places in ``LABELS``."""


def pairs(table: pa.Table) -> Split[Batch]:
    """Return numbered pairs as a split; batches are sorted by the words of both sides."""
    premise, hypothesis = (Ids(table[f"{side}_ids"], closed=False) for side in SIDES)
    columns: dict[str, Values] = {
        "premise": premise,
        "hypothesis": hypothesis,
        "label": Values(table["label"]),
    }
    return Split(table, Batch, columns, premise.lengths + hypothesis.lengths)


class LabelledPairs(Preparation[EntailmentData, Batch]):
    """Sentence pairs with labels, tokenised and numbered, and the fixed vectors of their words."""

    generated: ClassVar = {"tokenizer": "none"}
    kept = Words
    split = staticmethod(pairs)

    def corpus(self, source: Source, names: Names, settings: EntailmentData, scratch: Path | None) -> Raw:
        """Read the corpus."""
        if source.kind == "embedded":
            sizes = {} if settings.limit is None else {"train": settings.limit}
            made = {"test_per_bin": settings.test_per_bin, **sizes}
            return embedded.entailment(settings.seed, scratch=scratch, **made), None
        if source.kind == "hub":
            return hub.entailment(source.location, names, settings.limit, scratch)
        return files.sentence_pairs(Path(source.location), names, settings.limit, scratch), None

    def files(self, folder: Path, names: Names, settings: EntailmentData) -> list[Path]:
        """Return the files of sentence pairs."""
        return files.read_from(folder, names)

    def identity(self, settings: EntailmentData) -> dict[str, Any]:
        """Return the settings, and what the file of vectors holds."""
        given = settings.vectors and content(named(settings.vectors), "data.vectors=")
        return {**asdict(settings), "vectors": given}

    def tokenise(self, table: pa.Table, settings: EntailmentData) -> pa.Table:
        """Return pairs with the words of both sides in place of their text, and labels as numbers.

        Text with gold links, which count words at blanks, is cut there.
        """
        cut = words_of("none" if "links" in table.column_names else settings.tokenizer)
        labels = pa.array([LABELS.index(label) for label in table["label"].to_pylist()])
        table = sentences.with_words(table, dict.fromkeys(SIDES, cut))
        return table.drop_columns([*SIDES, "label"]).append_column("label", labels)

    def fit(self, splits: Mapping[str, Dataset], settings: EntailmentData) -> tuple[Words, list[str]]:
        """Return the words of all splits with their fixed vectors; tell of blank sides, and of vectors."""
        counts: Counter[str] = Counter()
        later: set[str] = set()
        notes = []
        for name, split in splits.items():
            blank = 0
            for premise, hypothesis in sentences.words(split, *SIDES):
                (counts if name == "train" else later).update(premise + hypothesis)
                blank += not (premise and hypothesis)
            if blank:
                notes.append(
                    f"{name}: {blank} pairs with a blank side kept, which is read as the unknown word"
                )
        given: dict[str, np.ndarray] = {}
        if settings.vectors:
            given = vectors.read(named(settings.vectors), counts.keys() | later, settings.dimension)
        kinds = words.sort(counts, later, given, settings.least_count)
        return words.number(kinds, given, settings.dimension, settings.seed), [*notes, _note(kinds, settings)]

    def encode(self, table: pa.Table, features: Words) -> pa.Table:
        """Return pairs with the numbers of their words; a side without words has the unknown word."""
        return sentences.with_ids(table, dict.fromkeys(SIDES, features.vocabulary), empty=[UNKNOWN])

    def describe(
        self, fingerprint: str, features: Words, splits: Mapping[str, Dataset], settings: EntailmentData
    ) -> dict[str, Any]:
        """Return the tokeniser, and a fingerprint of corpus and given vectors."""
        if settings.vectors:
            both = fingerprint.encode() + features.fixed.numpy().tobytes()
            fingerprint = hashlib.sha256(both).hexdigest()[:16]
        return {"tokenizer": settings.tokenizer, "fingerprint": fingerprint}

    def narrow(self, corpus: Corpus[Batch]) -> Corpus[Batch]:
        """Make a sample of the training pairs one more test set."""
        return replace(corpus, tests={**corpus.tests, SEEN: corpus.train.sample(SAMPLE)})


@lru_cache
def words_of(name: str) -> Callable[[str], list[str]]:
    """Return the function from a sentence to its lower-cased words, by the tokeniser of that name.

    With ``moses`` text gives the same words whether it was tokenised before or not, but for a word in a
    thousand: short forms and quotation marks that stand apart are first put back.
    """
    cut = tokenizer(name, "en")

    @lru_cache(_REPEATED)
    def lowered(text: str) -> list[str]:
        if name == "moses":
            text = _APART.sub("", _QUOTES.sub('"', text))
        return [word.lower() for word in cut(text)]

    return lowered


def _note(kinds: Kinds, settings: EntailmentData) -> str:
    """Tell which vectors the words have."""
    file = f"from {Path(settings.vectors).name}" if settings.vectors else "no file was given"
    return (
        f"word vectors: {len(kinds.given)} given and frozen ({file}), {len(kinds.learned)} learned, "
        f"{len(kinds.random)} random and fixed, {settings.dimension} numbers each"
    )
