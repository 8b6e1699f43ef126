"""Sentence pairs made ready: tokenised, numbered, and written once for all systems that share them."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from datasets import Dataset, DatasetDict, disable_progress_bars, load_from_disk

from attnbench.corpora import ABOUT, Source
from attnbench.corpora.entailment import embedded, files, hub, vectors
from attnbench.corpora.entailment.labels import LABELS
from attnbench.corpora.splits import write
from attnbench.corpora.text import UNKNOWN, Vocabulary, tokenizer
from attnbench.tasks import prepared
from attnbench.tasks.entailment import words as lexicon
from attnbench.tasks.entailment.settings import EntailmentData
from attnbench.tasks.entailment.words import Kinds, Words

SIDES = ("premise", "hypothesis")
VOCABULARY, FIXED = "vocabulary.json", "fixed.npy"

_APART = re.compile(r"\s+(?=(n't|'(t|s|m|d|re|ve|ll))(\s|$))", re.IGNORECASE)
"""The blank before a short form, such as in ``does n't`` and ``dog 's``."""

_QUOTES = re.compile("``|''")

_REPEATED = 10_000
"""Sentences whose tokens are kept, since premises come several times in a row."""


def prepare(source: Source, settings: EntailmentData, root: Path) -> Path:
    """Write the tokenised splits, the words and their fixed vectors under ``root``; return their folder."""
    if source.kind == "embedded":
        settings = replace(settings, tokenizer="none")
    path = Path(settings.vectors).expanduser()
    shared = {**asdict(settings), "vectors": prepared.stamp(path) if path.is_file() else settings.vectors}
    return prepared.folder(source, shared, root, lambda folder: _write(folder, source, settings))


def read(
    source: Source, settings: EntailmentData, scratch: Path | None = None
) -> tuple[DatasetDict, str | None]:
    """Return the corpus as it is, and the revision of a hub's.

    What comes from files or a hub is kept in ``scratch``, or in a temporary folder that goes with the corpus.
    """
    if source.kind == "embedded":
        sizes = {} if settings.limit is None else {"train": settings.limit}
        return embedded.entailment(settings.seed, test_per_bin=settings.test_per_bin, **sizes), None
    given = prepared.chosen(settings)
    if source.kind == "hub":
        return hub.entailment(source.location, given, settings.limit, scratch)
    return files.sentence_pairs(Path(source.location).expanduser(), given, settings.limit, scratch), None


def _write(folder: Path, source: Source, settings: EntailmentData) -> None:
    """Fill the folder of a prepared corpus."""
    disable_progress_bars()
    scratch = folder / "scratch"
    for step in ("text", "words", "ids"):
        (scratch / step).mkdir(parents=True)
    splits, revision = read(source, settings, scratch / "text")
    about = prepared.about(source, splits, revision)
    about["notes"] += _kept(splits)
    if settings.valid_limit is not None:
        splits["valid"] = splits["valid"].select(range(min(settings.valid_limit, len(splits["valid"]))))
    cut = words_of(settings.tokenizer)
    tokenised = {
        name: write(_tokenised(split, cut), scratch / "words" / f"{name}.arrow")
        for name, split in splits.items()
    }
    vocabulary, fixed, said = _words(tokenised, settings)
    numbered = {
        name: write(_numbered(split, vocabulary), scratch / "ids" / f"{name}.arrow")
        for name, split in tokenised.items()
    }
    about |= {"tokenizer": settings.tokenizer, "notes": [*about["notes"], said]}
    if settings.vectors:
        about["fingerprint"] = hashlib.sha256(about["fingerprint"].encode() + fixed.tobytes()).hexdigest()[
            :16
        ]
    DatasetDict(numbered).save_to_disk(str(folder / "splits"))
    shutil.rmtree(scratch)
    vocabulary.save(folder / VOCABULARY)
    np.save(folder / FIXED, fixed)
    (folder / ABOUT).write_text(json.dumps(about, indent=2, ensure_ascii=False), encoding="utf-8")


def _kept(splits: Mapping[str, Dataset]) -> list[str]:
    """Say how many pairs with a blank side are in the splits that keep them."""
    said = []
    for name, split in splits.items():
        sides = (split[side] for side in SIDES)
        blank = sum(not all(map(str.strip, texts)) for texts in zip(*sides, strict=True))
        if blank:
            said.append(f"{name}: {blank} pairs with a blank side kept, which is read as the unknown word")
    return said


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


def _tokenised(split: Dataset, cut: Callable[[str], list[str]]) -> Iterator[pa.Table]:
    """Yield a split with the words of both sides in place of its text, and labels as numbers.

    Text with gold links, which count words at blanks, is cut there.
    """
    if "links" in split.column_names:
        cut = words_of("none")
    for table in prepared.batches(split):
        columns = {"id": table["id"]}
        for side in SIDES:
            lines = [" ".join(cut(line)) for line in table[side].to_pylist()]
            columns[f"{side}_words"] = pa.array(lines, pa.string())
        columns["label"] = pa.array([LABELS.index(label) for label in table["label"].to_pylist()], pa.int32())
        if "links" in table.column_names:
            columns["links"] = table["links"]
        yield pa.table(columns)


def _words(tokenised: Mapping[str, Dataset], settings: EntailmentData) -> tuple[Vocabulary, np.ndarray, str]:
    """Return the vocabulary, the fixed vectors (f, e), and what is said of the vectors."""
    trained_on = _counted(tokenised["train"])
    later: set[str] = set()
    for name, split in tokenised.items():
        if name != "train":
            later.update(_counted(split))
    given: dict[str, np.ndarray] = {}
    if settings.vectors:
        path = Path(settings.vectors).expanduser()
        given = vectors.read(path, trained_on.keys() | later, settings.dimension)
    kinds = lexicon.sort(trained_on, later, given, settings.least_count)
    vocabulary, fixed = lexicon.number(kinds, given, settings.dimension, settings.seed)
    return vocabulary, fixed, _said(kinds, settings)


def _said(kinds: Kinds, settings: EntailmentData) -> str:
    """Say which vectors the words have."""
    where = f"from {Path(settings.vectors).name}" if settings.vectors else "no file was given"
    return (
        f"word vectors: {len(kinds.given)} given and frozen ({where}), {len(kinds.learned)} learned, "
        f"{len(kinds.random)} random and fixed, {settings.dimension} numbers each"
    )


def _counted(split: Dataset) -> Counter[str]:
    """Count the words of a tokenised split, both sides."""
    counts: Counter[str] = Counter()
    for table in prepared.batches(split):
        for side in SIDES:
            for line in table[f"{side}_words"].to_pylist():
                counts.update(line.split())
    return counts


def _numbered(split: Dataset, vocabulary: Vocabulary) -> Iterator[pa.Table]:
    """Yield a tokenised split with the numbers of its words; a side without words has the unknown word."""
    for table in prepared.batches(split):
        for side in SIDES:
            lines = table[f"{side}_words"].to_pylist()
            numbers = [vocabulary.encode(line.split()) or [UNKNOWN] for line in lines]
            table = table.append_column(f"{side}_ids", pa.array(numbers, pa.list_(pa.int32())))
        yield table.replace_schema_metadata()


def opened(folder: Path) -> tuple[DatasetDict, Words, dict[str, Any]]:
    """Return a prepared corpus: its splits, its words, and what is said about it."""
    words = Words(Vocabulary.load(folder / VOCABULARY), torch.from_numpy(np.load(folder / FIXED)))
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    return load_from_disk(str(folder / "splits")), words, about
