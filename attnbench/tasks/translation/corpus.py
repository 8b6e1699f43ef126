"""A parallel corpus made ready: tokenised, counted, and written once for all systems that share it.

Every step goes from one Arrow file to the next in batches, so that memory does not grow with the corpus.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from datasets import Dataset, DatasetDict, disable_progress_bars, load_from_disk

from attnbench.corpora import ABOUT, Source
from attnbench.corpora.splits import write
from attnbench.corpora.text import UNKNOWN, Vocabulary, tokenizer
from attnbench.corpora.translation import embedded, files, hub
from attnbench.tasks import prepared
from attnbench.tasks.translation.settings import TranslationData

SOURCE, TARGET = "source.vocabulary.json", "target.vocabulary.json"


@dataclass(frozen=True)
class Vocabularies:
    """The words that a model of this corpus knows."""

    source: Vocabulary
    target: Vocabulary


def prepare(source: Source, settings: TranslationData, root: Path) -> Path:
    """Write the tokenised splits and both vocabularies under ``root``; return their folder.

    The length limit is not applied here, so all systems share one corpus and its vocabularies, which
    are counted on the uncut training pairs.
    """
    if source.kind == "embedded":
        settings = replace(settings, tokenizer="none")
    shared = {**asdict(settings), "max_length": None}
    return prepared.folder(source, shared, root, lambda folder: _write(folder, source, settings))


def read(
    source: Source, settings: TranslationData, scratch: Path | None = None
) -> tuple[DatasetDict, str | None]:
    """Return the corpus as it is, and the revision of a hub's.

    What comes from files or a hub is kept in ``scratch``, or in a temporary folder that goes with the corpus.
    """
    if source.kind == "embedded":
        sizes = {} if settings.limit is None else {"train": settings.limit}
        return embedded.translation(test_per_bin=settings.test_per_bin, **sizes), None
    given = prepared.chosen(settings)
    first, second = settings.pair
    if source.kind == "hub":
        return hub.translation(source.location, (first, second), given, settings.limit, scratch)
    folder = Path(source.location).expanduser()
    links = settings.links_from
    return files.parallel_text(folder, (first, second), given, settings.limit, links, scratch), None


def _write(folder: Path, source: Source, settings: TranslationData) -> None:
    """Fill the folder of a prepared corpus."""
    disable_progress_bars()
    scratch = folder / "scratch"
    for step in ("text", "words", "ids"):
        (scratch / step).mkdir(parents=True)
    splits, revision = read(source, settings, scratch / "text")
    about = prepared.about(source, splits, revision)
    about |= {"tokenizer": settings.tokenizer, "languages": list(settings.pair)}
    if settings.valid_limit is not None:
        splits["valid"] = splits["valid"].select(range(min(settings.valid_limit, len(splits["valid"]))))
    first, second = settings.pair
    cuts = {"source": tokenizer(settings.tokenizer, first), "target": tokenizer(settings.tokenizer, second)}
    words = {
        name: write(_tokenised(split, cuts), scratch / "words" / f"{name}.arrow")
        for name, split in splits.items()
    }
    vocabularies = {
        side: Vocabulary.build(_sentences(words["train"], side), size)
        for side, size in settings.sizes.items()
    }
    numbered = {
        name: write(_numbered(split, vocabularies), scratch / "ids" / f"{name}.arrow")
        for name, split in words.items()
    }
    about["unknown"] = {side: _unknown(numbered["train"], f"{side}_ids") for side in vocabularies}
    DatasetDict(numbered).save_to_disk(str(folder / "splits"))
    shutil.rmtree(scratch)
    vocabularies["source"].save(folder / SOURCE)
    vocabularies["target"].save(folder / TARGET)
    (folder / ABOUT).write_text(json.dumps(about, indent=2, ensure_ascii=False), encoding="utf-8")


def _sentences(split: Dataset, side: str) -> Iterator[list[str]]:
    """Yield the words of a tokenised split's side, sentence by sentence."""
    for table in prepared.batches(split.select_columns([f"{side}_words"])):
        yield from (line.split() for line in table[0].to_pylist())


def _tokenised(split: Dataset, cuts: dict[str, Callable[[str], list[str]]]) -> Iterator[pa.Table]:
    """Yield a split with the words of both sides; the raw target stays, as the detokenised reference.

    Text with gold links, which count words at blanks, is cut there.
    """
    if "sure" in split.column_names:
        cuts = dict.fromkeys(cuts, str.split)
    for table in prepared.batches(split):
        kept = [name for name in table.column_names if name != "source"]
        words = [[" ".join(cut(line)) for line in table[side].to_pylist()] for side, cut in cuts.items()]
        table = table.select(kept).rename_columns(["reference" if n == "target" else n for n in kept])
        for side, lines in zip(cuts, words, strict=True):
            table = table.append_column(f"{side}_words", pa.array(lines, pa.string()))
        yield table.replace_schema_metadata()


def _numbered(split: Dataset, vocabularies: dict[str, Vocabulary]) -> Iterator[pa.Table]:
    """Yield a tokenised split with the numbers of its words, each side's beside them."""
    for table in prepared.batches(split):
        for side, vocabulary in vocabularies.items():
            lines = table[f"{side}_words"].to_pylist()
            numbers = pa.array([vocabulary.encode(line.split()) for line in lines], pa.list_(pa.int32()))
            place = table.column_names.index(f"{side}_words") + 1
            table = table.add_column(place, f"{side}_ids", numbers)
        yield table.replace_schema_metadata()


def _unknown(split: Dataset, column: str) -> float:
    """Return the share of words that the vocabulary does not hold."""
    unknown, words = 0, 0
    for table in prepared.batches(split.select_columns([column])):
        numbers = table[0].combine_chunks().flatten().to_numpy()
        unknown, words = unknown + int(np.count_nonzero(numbers == UNKNOWN)), words + len(numbers)
    return round(unknown / max(words, 1), 6)


def opened(folder: Path) -> tuple[DatasetDict, Vocabularies, dict[str, Any]]:
    """Return a prepared corpus: its splits, its vocabularies, and what is said about it."""
    splits = load_from_disk(str(folder / "splits"))
    vocabularies = Vocabularies(Vocabulary.load(folder / SOURCE), Vocabulary.load(folder / TARGET))
    return splits, vocabularies, json.loads((folder / ABOUT).read_text(encoding="utf-8"))
