"""A parallel corpus made ready: tokenised, counted, and written once for all systems that share it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from datasets import Dataset, DatasetDict, disable_progress_bars, load_from_disk

from attnbench import __version__, corpora
from attnbench.corpora import ABOUT, Source, embedded, files, hub
from attnbench.corpora.text import UNKNOWN, Vocabulary, tokenizer
from attnbench.errors import BadInput
from attnbench.records import settle, whole_folder
from attnbench.settings import digest
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
    key = digest({"version": __version__, "source": _identity(source, settings), "settings": shared})
    folder = root / key
    settle(folder)
    if not (folder / ABOUT).exists():
        splits, revision = read(source, settings)
        about = {
            "data": source.text,
            "fingerprint": corpora.fingerprint(splits),
            "revision": revision,
            "examples": {name: len(split) for name, split in splits.items()},
            "tokenizer": settings.tokenizer,
            "languages": list(settings.pair),
        }
        _write(folder, splits, settings, about)
    return folder


def _identity(source: Source, settings: TranslationData) -> Any:
    """Return what changes when the corpus does, without reading it."""
    if source.kind != "files":
        return source.text
    folder = Path(source.location).expanduser()
    paths = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in paths]


def read(source: Source, settings: TranslationData) -> tuple[DatasetDict, str | None]:
    """Return the corpus as it is, and the revision of a hub's."""
    if source.kind == "embedded":
        sizes = {} if settings.limit is None else {"train": settings.limit}
        return embedded.translation(test_per_bin=settings.test_per_bin, **sizes), None
    names = {"train": settings.train, "valid": settings.valid, "test": settings.test}
    given = {split: files for split, files in names.items() if files}
    first, second = settings.pair
    if source.kind == "files":
        return files.parallel_text(Path(source.location).expanduser(), (first, second), given, settings.limit), None
    return hub.translation(source.location, (first, second), given, settings.limit)


def _write(folder: Path, splits: DatasetDict, settings: TranslationData, about: dict[str, Any]) -> None:
    disable_progress_bars()
    first, second = settings.pair
    sides = {"source": tokenizer(settings.tokenizer, first), "target": tokenizer(settings.tokenizer, second)}
    if settings.valid_limit is not None:
        splits["valid"] = splits["valid"].select(range(min(settings.valid_limit, len(splits["valid"]))))
    words = {name: _tokenise(split, sides) for name, split in splits.items()}
    if not words["train"]["source"]:
        raise BadInput(f"no training pairs in {about['data']}")
    vocabularies = {side: Vocabulary.build(words["train"][side], settings.vocabulary) for side in sides}
    prepared = DatasetDict(
        {name: _columns(split, words[name], vocabularies) for name, split in splits.items()}
    )
    about["unknown"] = {side: _unknown(prepared["train"][f"{side}_ids"]) for side in sides}
    with whole_folder(folder) as beside:
        prepared.save_to_disk(str(beside / "splits"))
        vocabularies["source"].save(beside / SOURCE)
        vocabularies["target"].save(beside / TARGET)
        (beside / ABOUT).write_text(json.dumps(about, indent=2, ensure_ascii=False), encoding="utf-8")


def _tokenise(split: Dataset, sides: dict[str, Callable[[str], list[str]]]) -> dict[str, list[list[str]]]:
    """Return the words of both sides; gold links count words at blanks, so text that has them is cut there."""
    if "sure" in split.column_names:
        sides = dict.fromkeys(sides, str.split)
    return {side: [cut(line) for line in split[side]] for side, cut in sides.items()}


def _columns(
    split: Dataset, words: dict[str, list[list[str]]], vocabularies: dict[str, Vocabulary]
) -> Dataset:
    """Return the split with its tokens and ids; the raw target stays, as the detokenised reference."""
    split = split.rename_column("target", "reference").remove_columns("source")
    for side, sentences in words.items():
        split = split.add_column(f"{side}_words", [" ".join(sentence) for sentence in sentences])
        split = split.add_column(f"{side}_ids", [vocabularies[side].encode(s) for s in sentences])
    return split


def _unknown(sentences: list[list[int]]) -> float:
    """Return the share of words that the vocabulary does not hold."""
    count = sum(len(ids) for ids in sentences)
    return round(sum(ids.count(UNKNOWN) for ids in sentences) / max(count, 1), 6)


def opened(folder: Path) -> tuple[DatasetDict, Vocabularies, dict[str, Any]]:
    """Return a prepared corpus: its splits, its vocabularies, and what is said about it."""
    splits = load_from_disk(str(folder / "splits"))
    vocabularies = Vocabularies(Vocabulary.load(folder / SOURCE), Vocabulary.load(folder / TARGET))
    return splits, vocabularies, json.loads((folder / ABOUT).read_text(encoding="utf-8"))
