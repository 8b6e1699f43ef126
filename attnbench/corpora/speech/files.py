"""Utterances in a folder: recordings, and a ``manifest.tsv`` or ``manifest.jsonl`` that says what they hold.

A row of the manifest names a file, relative to the manifest's folder or inside a plain tar file beside it,
its split and its labels; see ``tabular`` for how such files are read. Times of phones may stand beside it in
``phones.tsv`` or ``phones.jsonl``. A name is a folder and a value of the column ``split``. A folder with
TIMIT as the LDC gives it out needs no manifest, see ``timit``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from datasets import DatasetDict

from attnbench.corpora import places, plain, splits, tabular
from attnbench.corpora.named_files import Named
from attnbench.corpora.speech import gathering, phones, timit
from attnbench.corpora.speech.gathering import Reading, Recording
from attnbench.corpora.speech.words import words
from attnbench.corpora.splits import Names
from attnbench.corpora.tabular import Field
from attnbench.errors import BadInput

MANIFEST, TIMES = "manifest", "phones"
"""The names of the files that describe recordings, and say when their phones are heard."""

PHONES = ("phones", "phones61")
WORDS = ("text", "digit")
"""What the columns of labels may be called; of those that are there the first is read."""


class Place(places.Place, Protocol):
    """A folder of recordings that belong together."""

    def timed(self, labels: str) -> bool:
        """Return whether it is known when each label is heard."""

    def recordings(self, split: str, labels: str) -> Iterator[Recording]:
        """Yield the recordings of a split."""

    def lacks(self, split: str) -> str:
        """Return what of a split is not there, to be told; empty: nothing that is known of."""


def speech(
    folder: Path, names: Names, labels: str = "phones", phones: str = "given", strings: int = 0,
    limit: int | None = None, scratch: Path | None = None, seed: int = 0,
) -> DatasetDict:  # fmt: skip
    """Return the corpus in a folder: ``train``, ``valid`` and one key a test set.

    Args:
        folder: where the manifest is; names may reach into its folders.
        names: values of the column ``split``, after the folder of its manifest if that lies deeper.
        labels: ``phones`` or ``words``.
        phones: how phones are folded, one of ``phones.WAYS``.
        strings: join one to so many recordings of a speaker to an utterance, all at one level; 0: none. A
            recording comes in as many training utterances, each time with others, and in one of a test.
        limit: use at most so many training utterances.
        scratch: see ``splits.gather``.
        seed: draws what is joined.

    Raises ``BadInput`` for what is missing or broken; recordings that cannot be used are left out, and told.
    """
    there = _there(folder)

    def recordings(name: str) -> Iterator[Recording]:
        place, split = there[name]
        return place.recordings(split, labels)

    def timed(name: str) -> bool:
        return there[name][0].timed(labels)

    def lacks(name: str) -> str:
        place, split = there[name]
        return place.lacks(split)

    reading = Reading(phones if labels == "phones" else "given", strings, seed, limit)
    return gathering.corpus(names, there, str(folder), recordings, timed, reading, scratch, lacks)


def read_from(folder: Path, names: Names) -> list[Path]:
    """Return the files that ``speech`` reads; raise ``BadInput`` for a name or a file that is not there."""
    return places.read_from(names, _there(folder), str(folder))


def _there(folder: Path) -> dict[str, tuple[Place, str]]:
    """Return every name with its place and the split there."""
    if not folder.is_dir():
        raise BadInput(f"no folder {folder}; --data files:DIR takes a folder with a {MANIFEST}.tsv")
    described = plain.names(folder, *tabular.ENDINGS)
    below = {name.rpartition("/")[0] for name in described if name.rpartition("/")[2] == MANIFEST}
    found: dict[str, Place] = {one: Manifest(folder / one) for one in sorted(below)}
    for one in ("", *sorted(path.name for path in folder.iterdir() if path.is_dir())):
        if timit.is_one(folder / one):
            found.setdefault(one, timit.Timit(folder / one))
    if not found:
        raise BadInput(
            f"{folder} holds no {MANIFEST}.tsv or {MANIFEST}.jsonl, nor TIMIT's folders TRAIN and TEST; "
            "choose another folder"
        )
    there = places.named(found)
    if not there:
        raise BadInput(f"{folder} describes no recording: no row, or in TIMIT's folders no speaker; add some")
    return there


def _digit(value: Any, where: str) -> str:
    """Return a text, or a digit that a jsonl file has as a number, as a text."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return plain.text(value, where)


_FIELDS = (
    Field(("file",)), Field(("split",)), Field(PHONES, optional=True),
    Field(WORDS, optional=True, read=_digit), Field(("utt",), optional=True),
    Field(("speaker",), optional=True), Field(("type",), optional=True),
)  # fmt: skip

_TIME_FIELDS = (
    Field(("utt",)), Field(("i",), read=lambda value, _: value),
    Field(("start_sample",), read=lambda value, _: value),
    Field(("end_sample",), read=lambda value, _: value), Field(("phone61", "phone")),
)  # fmt: skip


class Manifest:
    """A folder with a manifest."""

    def __init__(self, folder: Path) -> None:
        """Remember the folder; nothing is read yet."""
        self.folder = folder
        self._named = Named(folder)

    def splits(self) -> set[str]:
        """Return the values of the column ``split``."""
        rows = tabular.table(self.folder, MANIFEST, [Field(("split",))]).rows
        return {splits.require_name(split, where) for where, (split,) in rows}

    def timed(self, labels: str) -> bool:
        """Return whether times stand beside the manifest, or each row has one word, a digit."""
        if labels == "phones":
            return bool(self._times_files)
        return tabular.table(self.folder, MANIFEST, _FIELDS).names[3] == "digit"

    def recordings(self, split: str, labels: str) -> Iterator[Recording]:
        """Yield the recordings of a split; raise ``BadInput`` for a file that is not there."""
        table = tabular.table(self.folder, MANIFEST, _FIELDS)
        place = 2 if labels == "phones" else 3
        if not table.names[place]:
            wanted, other = (PHONES, "words") if labels == "phones" else (WORDS, "phones")
            raise BadInput(
                f"{table.path} has no column {'/'.join(wanted)}; add one, or set data.labels={other}"
            )
        timed = labels == "phones" and bool(self._times_files)
        for where, (file, own, *given, utterance, speaker, kind) in table.rows:
            if own != split:
                continue
            found = self._named.found(file, where)
            said = phones.parsed(given[0]) if labels == "phones" else words(given[1])
            if table.names[place] == "digit" and len(said) > 1:
                raise BadInput(f"{where}: the digit {given[1]!r} is more than one word; call the column text")
            ends = None
            if timed and said:
                ends = self._ends(utterance or PurePosixPath(file).stem, said, where)
            yield Recording(file, found.read_bytes, said, ends, speaker or "", (kind or "").lower())

    def lacks(self, split: str) -> str:
        """Return nothing: there is what the manifest names, or the reading stops."""
        return ""

    def files(self, split: str) -> Iterator[Path]:
        """Yield the manifest, the times, and the files or tar files of the recordings of a split."""
        table = tabular.table(self.folder, MANIFEST, _FIELDS[:2])
        yield table.path
        yield from self._times_files
        for where, (file, own) in table.rows:
            if own == split:
                found = self._named.found(file, where)
                yield found if isinstance(found, Path) else found.path

    @cached_property
    def _times_files(self) -> list[Path]:
        return plain.find_all(self.folder, {"": (TIMES,)}, *tabular.ENDINGS)

    @cached_property
    def _times(self) -> dict[str, tuple[str, list[int]]]:
        """The phones of each utterance, and the sample after the last one of each."""
        return dict(_times(tabular.table(self.folder, TIMES, _TIME_FIELDS).rows))

    def _ends(self, utterance: str, labels: Sequence[str], where: str) -> list[int]:
        """Return where the phones of an utterance end; raise ``BadInput`` where they are others."""
        timed, ends = self._times.get(utterance, ("", []))
        if timed != " ".join(labels):
            said, file = "are others than in the row" if timed else "are not there", self._times_files[0].name
            raise BadInput(
                f"{where}: the times of {plain.shown([utterance])} in {file} {said}; mend or drop it"
            )
        return ends


def _times(rows: Iterator[tabular.Row]) -> Iterator[tuple[str, tuple[str, list[int]]]]:
    found: dict[str, timit.Times] = {}
    for where, (utterance, number, start, end, phone) in rows:
        times = found.setdefault(utterance, timit.Times())
        if timit.whole(number, where) != len(times.ends):
            raise BadInput(f"{where}: i is {number} but {len(times.ends)} phones of {utterance} stand before")
        times.add(start, end, phone, where)
    for utterance, times in found.items():
        yield utterance, (" ".join(times.labels), times.ends)
