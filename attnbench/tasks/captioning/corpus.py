"""How pictures and captions are made ready: the steps of ``attnbench.tasks.prepare``, and their batches.

b batch   L cells of a picture   D numbers an annotation   t words, the end symbol included
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datasets import Dataset

from attnbench.corpora import Source
from attnbench.corpora.captions import embedded, files, hub
from attnbench.corpora.captions.pictures import Unreadable, decoded, fitted
from attnbench.corpora.captions.regions import Box, coverage
from attnbench.corpora.captions.words import words
from attnbench.corpora.splits import Names
from attnbench.corpora.text import SPECIAL, Vocabulary
from attnbench.errors import BadInput, reason
from attnbench.tasks.captioning import encoders, trunk, unfit
from attnbench.tasks.captioning.encoders import Encoder
from attnbench.tasks.captioning.features import Features
from attnbench.tasks.captioning.settings import CaptioningData
from attnbench.tasks.columns import Cells, Ids, Shared, cells, lists
from attnbench.tasks.engine import Corpus, Tell, silent
from attnbench.tasks.prepare import Preparation, Raw
from attnbench.tasks.sentences import cut
from attnbench.tasks.split import Split
from attnbench.zoo.padded import Padded

_LINES = pa.list_(pa.string())
_IDS = pa.list_(pa.list_(pa.int32()))
_LINKS = pa.list_(pa.list_(pa.int32(), 3))


BYTES = 2
"""Of a number of an annotation."""


class Pictures(NamedTuple):
    """Pictures alone."""

    source: Padded
    """(b, L, D), annotations, all real."""


class Batch(NamedTuple):
    """Pictures, each with one caption."""

    source: Padded
    """(b, L, D), annotations, all real."""
    target: Padded
    """(b, t), each closed by the end symbol."""


def pictures(table: pa.Table) -> Split[Pictures]:
    """Return encoded rows as a split, one example a picture, whatever its captions."""
    source = Cells(table["annotations"])
    return Split(table, Pictures, {"source": source}, source.lengths)


def captions(split: Split[Pictures]) -> Split[Batch]:
    """Return a split of pictures as one with an example a caption; no annotations are copied.

    Batches are sorted by words. Its columns are ``picture``, the place of the caption's picture in the split
    of pictures, and ``caption``, its place among the captions of that picture, both from 0.
    """
    column = split.table["caption_ids"]
    counts = pc.list_value_length(column).to_numpy()
    rows = np.arange(len(counts)) if split.rows is None else split.rows
    picture = np.repeat(np.arange(len(rows)), counts[rows])
    ends = np.cumsum(counts[rows])
    caption = np.arange(len(picture)) - (ends - counts[rows])[picture]
    starts = np.cumsum(counts) - counts
    ids = Ids(pa.chunked_array([chunk.flatten() for chunk in column.chunks], _IDS.value_type), closed=True)
    columns = {
        "source": Shared(split.columns["source"], rows[picture]),
        "target": Shared(ids, starts[rows][picture] + caption),
    }
    table = pa.table({"picture": picture.astype(np.int32), "caption": caption.astype(np.int32)})
    return Split(table, Batch, columns, columns["target"].lengths)


class Captions(Preparation[CaptioningData, Any]):
    """Pictures as annotations, with the numbers of the words of their captions.

    The examples of the training set are captions, those of other splits are pictures.
    """

    generated: ClassVar = {"encoder": "", "layer": "", "fit": "squeeze", "pool": 1}
    kept = Features
    rows: ClassVar[int] = unfit.ROWS
    split = staticmethod(pictures)
    _given: Encoder | None = None
    """The encoder of given pictures, opened once, so that the one that is named is the one that is used."""

    def prepare(self, source: Source, settings: CaptioningData, root: Path, tell: Tell = silent) -> Path:
        """Make the corpus ready; raise ``BadInput`` first where given pictures have no encoder."""
        self._given = None if source.kind == "embedded" else encoders.opened(settings)
        return super().prepare(source, settings, root, tell)

    def corpus(self, source: Source, names: Names, settings: CaptioningData, scratch: Path | None) -> Raw:
        """Read the corpus; leave out what cannot be used, see ``unfit``."""
        splits, revision = _read(source, names, settings, scratch)
        unfit.leave_out(splits, settings)
        return splits, revision

    def files(self, folder: Path, names: Names, settings: CaptioningData) -> list[Path]:
        """Return the files of pictures, of captions and of regions."""
        return files.read_from(folder, names)

    def identity(self, settings: CaptioningData) -> dict[str, Any]:
        """Return the settings, with what the encoder is in place of where it lies."""
        return {**asdict(settings), "encoder": self._given.identity if self._given else ""}

    def tokenise(self, table: pa.Table, settings: CaptioningData) -> pa.Table:
        """Return rows with the words of the captions that count, a space between them; and their links."""
        most = settings.captions
        kept = [[" ".join(words(one)) for one in some[:most]] for some in table["captions"].to_pylist()]
        table = _put(table, "captions", pa.array(kept, _LINES))
        if "links" in table.column_names:
            links = [[link for link in some if link[0] < most] for some in table["links"].to_pylist()]
            table = _put(table, "links", pa.array(links, _LINKS))
        return table

    def fit(self, splits: Mapping[str, Dataset], settings: CaptioningData) -> tuple[Features, list[str]]:
        """Return the words of the training set and the encoder; tell of it, and of unknown words.

        The encoder of generated scenes is trained on them.
        """
        train = splits["train"]
        short = (line for line in map(cut, unfit.captions(train)) if len(line) < settings.max_length)
        target = Vocabulary.build(short, settings.words)
        notes = [_unknown(name, split, target) for name, split in splits.items()]
        if self._given:
            encoder, seen = self._given, f"the encoder is {Path(settings.encoder).name}"
        else:
            encoder, seen = trunk.fitted(train, settings)
        height, width = encoder.grid
        notes.append(f"annotations: {height} x {width} cells of {encoder.size} numbers; {seen}")
        return Features.of(target, encoder, settings.fit), notes

    def encode(self, table: pa.Table, features: Features) -> pa.Table:
        """Return rows with annotations, numbers of words, and the share of each cell that regions cover."""
        annotations, boxes = _annotated(table["picture"].to_pylist(), features)
        ids = [[features.target.encode(cut(line)) for line in some] for some in table["captions"].to_pylist()]
        table = table.append_column("annotations", cells(annotations))
        table = table.append_column("caption_ids", pa.array(ids, _IDS))
        if "regions" in table.column_names:
            known = zip(table["regions"].to_pylist(), boxes, strict=True)
            covered = [coverage(regions, features.grid, box) for regions, box in known]
            table = table.append_column("coverage", lists(covered))
        return table.drop_columns([one for one in _SPENT if one in table.column_names])

    def needs(self, features: Features, examples: int) -> int:
        """Return the bytes of the annotations of so many pictures."""
        return examples * features.cells * features.size * BYTES

    def describe(
        self, fingerprint: str, features: Features, splits: Mapping[str, Dataset], settings: CaptioningData
    ) -> dict[str, Any]:
        """Return how many pictures, captions and words there are, and a fingerprint of corpus and encoder."""
        counted = {name: pc.sum(pc.list_value_length(one.data["captions"])) for name, one in splits.items()}
        told: dict[str, Any] = {
            "pictures": {name: len(split) for name, split in splits.items()},
            "captions": {name: count.as_py() for name, count in counted.items()},
            "words": len(features.target) - len(SPECIAL),
        }
        if settings.encoder:
            both = fingerprint + features.opened.identity
            told["fingerprint"] = hashlib.sha256(both.encode()).hexdigest()[:16]
        return told

    def narrow(self, corpus: Corpus[Any]) -> Corpus[Any]:
        """Make the training examples captions, those of fewer words than ``max_length``."""
        train = captions(corpus.train)
        short = np.flatnonzero(train.lengths <= corpus.settings.max_length)  # the end symbol is counted
        return replace(corpus, train=train.select(short))

    def seen(self, paths: Sequence[Path], corpus: Corpus[Any]) -> Iterator[Split[Pictures]]:
        """Yield files of pictures as splits of some files each, in order, with no captions.

        Raises ``BadInput`` for a file that cannot be read.
        """
        for start in range(0, len(paths), self.rows):
            some = paths[start : start + self.rows]
            rows: dict[str, list[Any]] = {
                "id": list(map(str, some)),
                "picture": list(map(_content, some)),
                "captions": [[]] * len(some),
            }
            yield self.examples(rows, corpus)


_SPENT = ("picture", "regions", "attributes")
"""Columns that are of no use once annotations and coverage are known."""


def _read(source: Source, names: Names, settings: CaptioningData, scratch: Path | None) -> Raw:
    """Return the corpus as it is."""
    if source.kind == "embedded":
        sizes = {} if settings.limit is None else {"train": settings.limit}
        made = {"test": settings.test_count, "objects": settings.objects, "references": settings.references}
        return embedded.scenes(settings.seed, scratch=scratch, **made, **sizes), None
    if source.kind == "hub":
        return hub.captions(source.location, names, settings.limit, scratch)
    return files.captions(Path(source.location), names, settings.limit, scratch), None


def _annotated(pictures: Sequence[bytes], features: Features) -> tuple[np.ndarray, list[Box]]:
    """Return the annotations of pictures (n, L, D), and what is seen of each; few are decoded at a time."""
    encoder = features.opened
    parts, boxes = [], []
    for start in range(0, len(pictures), encoder.together):
        some = pictures[start : start + encoder.together]
        shown = [fitted(decoded(one), encoder.side, features.fit) for one in some]
        parts.append(encoder.annotate([square for square, _ in shown]))
        boxes += [box for _, box in shown]
    return np.concatenate(parts), boxes


def _put(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


def _unknown(name: str, split: Dataset, target: Vocabulary) -> str:
    share = unfit.unknown(split, target)
    return f"{name}: {share:.2%} of the words are not among the {len(target)} known ones"


def _content(path: Path) -> bytes:
    """Return what a file of a picture holds; raise ``BadInput`` where that is none."""
    try:
        content = path.read_bytes()
        decoded(content)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {reason(error)}") from error
    except Unreadable as error:
        raise BadInput(f"{path} is no picture that can be read: {error}; name JPEG or PNG files") from error
    return content
