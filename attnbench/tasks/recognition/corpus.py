"""How utterances are made ready: the steps of ``attnbench.tasks.prepare``, and its batches.

b batch   s frames, the end of input included   t labels, the end symbol included   f numbers a frame
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datasets import Dataset, DatasetDict

from attnbench.corpora import Source
from attnbench.corpora.speech import RATE, embedded, files, hub, joining, sound
from attnbench.corpora.splits import Names, keys_of_tests, temporary, write
from attnbench.corpora.text import SPECIAL, Vocabulary
from attnbench.errors import BadInput, reason
from attnbench.tasks.columns import Frames, Ids, Sequences, lists
from attnbench.tasks.engine import Corpus
from attnbench.tasks.prepare import Preparation, Raw, batches
from attnbench.tasks.recognition import LONG, frames
from attnbench.tasks.recognition.features import Features
from attnbench.tasks.recognition.settings import RecognitionData
from attnbench.tasks.sentences import cut
from attnbench.tasks.split import Split
from attnbench.zoo.padded import Padded

_SHOWN = 10
"""Ids, or labels, that a note names."""


class Batch(NamedTuple):
    """Utterances and their labels."""

    source: Padded
    """(b, s, f), frames; the last real one of each is the end of input, zeros."""
    target: Padded
    """(b, t), each closed by the end symbol."""


def utterances(table: pa.Table) -> Split[Batch]:
    """Return encoded utterances as a split; batches are sorted, and bounded, by their frames."""
    columns = {"source": Frames(table["frames"]), "target": Ids(table["label_ids"], closed=True)}
    return Split(table, Batch, columns, columns["source"].lengths)


class Utterances(Preparation[RecognitionData, Batch]):
    """Sound with its labels, as normalised frames and numbers."""

    generated: ClassVar = {"labels": "phones", "phones": "given", "strings": 0}
    kept = Features
    rows: ClassVar[int] = 16
    split = staticmethod(utterances)

    def corpus(self, source: Source, names: Names, settings: RecognitionData, scratch: Path | None) -> Raw:
        """Read the corpus; add the test sets that are joined from the main one.

        Raises ``BadInput`` for a test set that would be called as one of these, and where no utterance is
        left to train on.
        """
        for key in keys_of_tests(names.get("test", ())).values():
            if key.casefold() in LONG:
                raise BadInput(
                    f"a test set cannot be called {key}, which is attnbench's own; rename its split"
                )
        splits, revision = _read(source, names, settings, scratch)
        if settings.joined_per_count:
            splits.update(_joined(splits, settings, scratch or temporary(splits)))
        _leave_out(splits, settings.frame_shift)
        return splits, revision

    def files(self, folder: Path, names: Names, settings: RecognitionData) -> list[Path]:
        """Return the files of sound, of labels and of times."""
        return files.read_from(folder, names)

    def tokenise(self, table: pa.Table, settings: RecognitionData) -> pa.Table:
        """Return utterances with frames, spans in frames and seconds in place of the sound."""
        sounds = [np.frombuffer(one.as_buffer(), "<i2") for one in table["sound"]]
        samples = [len(one) for one in sounds]
        heard = frames.of_all(sounds, shift_ms=settings.frame_shift, mel=settings.mel)
        seconds = pa.array(np.array(samples, np.float32) / np.float32(RATE))
        if "ends" in table.column_names:
            timed = zip(table["ends"].to_pylist(), samples, strict=True)
            spans = [frames.spans(ends, size, settings.frame_shift) for ends, size in timed]
            table = table.drop_columns(["ends"]).append_column("spans", lists(spans))
        table = table.drop_columns(["sound"]).append_column("seconds", seconds)
        return table.append_column("frames", lists(heard))

    def fit(self, splits: Mapping[str, Dataset], settings: RecognitionData) -> tuple[Features, list[str]]:
        """Return labels, mean and deviation of the training set; tell of labels that it lacks."""
        target = Vocabulary.build(_labels(splits["train"]), sys.maxsize)
        notes = [f"{name}: {note}" for name, split in splits.items() if (note := _unknown(split, target))]
        return Features.fitted(target, self._heard(splits["train"])), notes

    def _heard(self, split: Dataset) -> Iterator[np.ndarray]:
        for table in batches(split.select_columns(["frames"]), self.rows):
            yield from _frames(table)

    def encode(self, table: pa.Table, features: Features) -> pa.Table:
        """Return utterances with normalised frames, and the numbers of their labels."""
        heard = lists([features.normalised(one) for one in _frames(table)])
        ids = [features.target.encode(cut(line)) for line in table["labels"].to_pylist()]
        table = table.drop_columns(["frames"]).append_column("frames", heard)
        return table.append_column("label_ids", pa.array(ids, pa.list_(pa.int32())))

    def describe(
        self, fingerprint: str, features: Features, splits: Mapping[str, Dataset], settings: RecognitionData
    ) -> dict[str, Any]:
        """Return how long the sound of each split is, and how many labels there are."""
        seconds = {name: round(pc.sum(split.data["seconds"]).as_py(), 1) for name, split in splits.items()}
        return {"seconds": seconds, "labels": len(features.target) - len(SPECIAL)}

    def narrow(self, corpus: Corpus[Batch]) -> Corpus[Batch]:
        """Set apart the test sets that are joined."""
        return replace(corpus, constructed=set(LONG) & set(corpus.tests))

    def heard(self, paths: Sequence[Path], corpus: Corpus[Batch]) -> Iterator[Split[Batch]]:
        """Yield files of sound as splits of some files each, in order, with no labels.

        Raises ``BadInput`` for a file that cannot be read, or that holds no sound.
        """
        for start in range(0, len(paths), self.rows):
            some = paths[start : start + self.rows]
            rows: dict[str, list[Any]] = {
                "id": list(map(str, some)),
                "sound": [_samples(path, corpus.settings).astype("<i2").tobytes() for path in some],
                "labels": [""] * len(some),
                "pieces": [1] * len(some),
            }
            yield self.examples(rows, corpus)


def _read(source: Source, names: Names, settings: RecognitionData, scratch: Path | None) -> Raw:
    """Return the corpus as it is, without the joined sets."""
    if source.kind == "embedded":
        sizes = {} if settings.limit is None else {"train": settings.limit}
        made = {"test": settings.test_count, "inventory": settings.inventory, **sizes}
        return embedded.speech(settings.seed, scratch=scratch, **made), None
    read: dict[str, Any] = {"labels": settings.labels, "phones": settings.phones, "limit": settings.limit}
    if source.kind == "hub":
        return hub.speech(source.location, names, scratch=scratch, **read)
    read |= {"strings": settings.strings, "seed": settings.seed}
    return files.speech(Path(source.location), names, scratch=scratch, **read), None


def _samples(path: Path, settings: RecognitionData) -> np.ndarray:
    """Return the samples of a file as a corpus has them; raise ``BadInput`` where there are none."""
    try:
        samples = sound.decoded(path.read_bytes()).samples
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {reason(error)}") from error
    except sound.Unreadable as error:
        raise BadInput(
            f"{path} is no sound that can be read: {error}; name wav, flac or ogg files"
        ) from error
    if not len(samples):
        raise BadInput(f"{path} holds no sound; leave it out")
    return sound.levelled(samples) if settings.strings else samples


def _joined(splits: DatasetDict, settings: RecognitionData, folder: Path) -> dict[str, Dataset]:
    """Return the test sets that are joined from utterances of the main one, written as they are made."""
    tests = [key for key in splits if key not in ("train", "valid")]
    main = splits["test" if "test" in tests else tests[0]]
    made = joining.experiment(main, settings.joined_per_count, seed=settings.seed)
    return {
        name: write(_tables(rows, main.data.schema), folder / f"{name}.arrow") for name, rows in made.items()
    }


def _tables(rows: Iterator[Mapping[str, Any]], schema: pa.Schema) -> Iterator[pa.Table]:
    while some := list(islice(rows, Utterances.rows)):
        yield pa.Table.from_pylist(some, schema)


def _leave_out(splits: DatasetDict, shift_ms: float) -> None:
    """Leave training utterances out that have fewer frames than labels: theirs cannot be what is heard.

    Tells of them, and of those of other splits, which stay. Raises ``BadInput`` where none is left to train
    on.
    """
    for name, split in splits.items():
        short = _short(split, shift_ms)
        if not short.any():
            continue
        ids = [split[int(place)]["id"] for place in np.flatnonzero(short)[:_SHOWN]]
        verb = "left out" if name == "train" else "kept"
        more = ", ..." if short.sum() > _SHOWN else ""
        line = f"{short.sum()} utterances with fewer frames than labels {verb}: {', '.join(ids)}{more}"
        if short.all() and name == "train":
            raise BadInput("no training utterance has as many frames as labels; lower data.frame_shift")
        if name == "train":
            splits[name] = split = split.select(np.flatnonzero(~short))
        split.info.description = "\n".join([*(split.info.description or "").splitlines(), line])


def _short(split: Dataset, shift_ms: float) -> np.ndarray:
    """Return (n,) which utterances have fewer frames than labels, or none."""
    found = []
    for table in batches(split.select_columns(["sound", "labels"]), Utterances.rows):
        samples = pc.binary_length(table["sound"]).to_numpy() // 2
        labels = np.array([len(cut(line)) for line in table["labels"].to_pylist()])
        found.append(frames.counts(samples, shift_ms) < np.maximum(labels, 1))
    return np.concatenate(found)


def _frames(table: pa.Table) -> list[np.ndarray]:
    return Sequences(table["frames"]).at(np.arange(len(table)))


def _labels(split: Dataset) -> Iterator[list[str]]:
    for table in batches(split.select_columns(["labels"])):
        yield from map(cut, table["labels"].to_pylist())


def _unknown(split: Dataset, known: Vocabulary) -> str:
    """Tell of labels that training lacks, the most frequent first; nothing where there are none."""
    named = set(known.words[len(SPECIAL) :])
    counts = Counter(label for line in _labels(split) for label in line if label not in named)
    if not counts:
        return ""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{label} ({count})" for label, count in ranked[:_SHOWN])
    more = ", ..." if len(ranked) > _SHOWN else ""
    return f"{counts.total()} labels that the training set lacks, read as the unknown label: {shown}{more}"
