"""TIMIT as the LDC gives it out: ``TRAIN/DR1/FCJF0/SA1.WAV`` with ``SA1.PHN`` and ``SA1.WRD`` beside it.

Names are read in upper and lower case; the sound is NIST sphere or RIFF. Speakers of ``TEST`` that are
neither of the development nor of the core test set belong to no split.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attnbench.corpora import plain
from attnbench.corpora.speech.gathering import Recording
from attnbench.corpora.speech.phones import parsed
from attnbench.errors import BadInput, reason

# The speakers are those of Kaldi's recipe for TIMIT, conf/dev_spk.list and conf/test_spk.list.

DEV = """
faks0 fdac1 fjem0 mgwt0 mjar0 mmdb1 mmdm2 mpdf0 fcmh0 fkms0 mbdg0 mbwm0 mcsh0 fadg0 fdms0 fedw0
mgjf0 mglb0 mrtk0 mtaa0 mtdt0 mthc0 mwjg0 fnmr0 frew0 fsem0 mbns0 mmjr0 mdls0 mdlf0 mdvc0 mers0
fmah0 fdrw0 mrcs0 mrjm4 fcal1 mmwh0 fjsj0 majc0 mjsw0 mreb0 fgjd0 fjmg0 mroa0 mteb0 mjfc0 mrjr0
fmml0 mrws1
"""
"""The 50 speakers of the development set."""

CORE = """
mdab0 mwbt0 felc0 mtas1 mwew0 fpas0 mjmp0 mlnt0 fpkt0 mlll0 mtls0 fjlm0
mbpm0 mklt0 fnlp0 mcmj0 mjdh0 fmgd0 mgrt0 mnjm0 fdhc0 mjln0 mpam0 fmld0
"""
"""The 24 speakers of the core test set."""

_SPLITS = {"train": ("train", None), "dev": ("test", DEV.split()), "test": ("test", CORE.split())}
"""The folder of each split, and its speakers; None: all."""

_TRAINING = 462
"""Speakers of the training set."""


def whole(value: Any, where: str) -> int:
    """Return a number of samples, or a place: a text of digits, or a whole number."""
    if isinstance(value, float) and value.is_integer() and value >= 0:
        return int(value)
    if not (isinstance(value, str) and re.fullmatch("[0-9]{1,15}", value)):
        raise BadInput(f"{where}: {str(value)[:50]!r} is no whole number; samples are counted from 0")
    return int(value)


@dataclass
class Times:
    """The labels of an utterance, and when each ends; filled in order."""

    labels: list[str] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def add(self, start: Any, end: Any, label: str, where: str) -> None:
        """Add a label with its first sample and the one after its last; ``where`` it says so, for errors."""
        first, after = whole(start, where), whole(end, where)
        begun = self.ends[-1] if self.ends else 0
        if not begun <= first <= after:
            raise BadInput(
                f"{where}: {label} from {first} to {after} does not follow what ends at {begun}; "
                "phones stand in order, none inside another"
            )
        self.labels += parsed(label)
        self.ends.append(after)
        if len(self.labels) != len(self.ends):
            raise BadInput(f"{where}: {label!r} is not one phone; write one a line")


def is_one(folder: Path) -> bool:
    """Return whether a folder has TIMIT's folders."""
    return {"train", "test"} <= _inside(folder).keys()


class Timit:
    """A folder with TIMIT."""

    def __init__(self, folder: Path) -> None:
        """Remember the folder; nothing is read yet."""
        self.folder = folder

    def splits(self) -> list[str]:
        """Return the splits that have a speaker."""
        return [split for split in _SPLITS if next(self._speakers(split), None)]

    def timed(self, labels: str) -> bool:
        """Return whether times are read: those of phones are."""
        return labels == "phones"

    def recordings(self, split: str, labels: str) -> Iterator[Recording]:
        """Yield the recordings of a split, by dialect, speaker and sentence."""
        for speaker in self._speakers(split):
            for path, beside in _sentences(speaker):
                said = _read(path, beside, "phn" if labels == "phones" else "wrd")
                ends = said.ends if labels == "phones" else None
                kind = path.name[:2].lower()
                file = path.relative_to(self.folder).as_posix()
                yield Recording(file, path.read_bytes, said.labels, ends, speaker.name.lower(), kind)

    def lacks(self, split: str) -> str:
        """Return how many of the speakers of a split are there, where some are not."""
        _, wanted = _SPLITS[split]
        there, known = sum(1 for _ in self._speakers(split)), _TRAINING if wanted is None else len(wanted)
        return f"only {there} of TIMIT's {known} speakers are there" if there < known else ""

    def files(self, split: str) -> Iterator[Path]:
        """Yield the files of sound and of labels of a split."""
        for speaker in self._speakers(split):
            for path, beside in _sentences(speaker):
                yield path
                yield from (beside[ending] for ending in ("phn", "wrd") if ending in beside)

    def _speakers(self, split: str) -> Iterator[Path]:
        """Yield the folders of the speakers of a split."""
        top, wanted = _SPLITS[split]
        for _, dialect in sorted(_inside(_inside(self.folder)[top]).items()):
            for name, speaker in sorted(_inside(dialect).items()):
                if wanted is None or name in wanted:
                    yield speaker


def _inside(folder: Path) -> dict[str, Path]:
    """Return the folders inside a folder by their names in lower case."""
    return {path.name.lower(): path for path in _listed(folder) if path.is_dir()}


def _listed(folder: Path) -> list[Path]:
    """Return what lies in a folder, in order."""
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise BadInput(f"{folder} cannot be read: {reason(error)}; make it readable") from error


def _sentences(speaker: Path) -> Iterator[tuple[Path, dict[str, Path]]]:
    """Yield the file of sound of each sentence of a speaker, and the files beside it by their endings."""
    found: dict[str, dict[str, Path]] = {}
    for path in reversed(_listed(speaker)):  # of SA1.WAV and SA1.WAV.wav the former is read
        sentence, _, ending = path.name.lower().partition(".")
        found.setdefault(sentence, {})[ending.rpartition(".")[2]] = path
    for _, beside in sorted(found.items()):
        if "wav" in beside:
            yield beside["wav"], beside


def _read(path: Path, beside: dict[str, Path], ending: str) -> Times:
    """Return the labels of a sentence, and when they end."""
    if ending not in beside:
        raise BadInput(f"{path} has no .{ending.upper()} beside it; put it there, or choose other labels")
    times = Times()
    for number, line in enumerate(plain.lines(beside[ending]), start=1):
        where = f"{beside[ending]} line {number}"
        cells = line.split()
        if len(cells) != 3:
            raise BadInput(
                f"{where}: {line[:50]!r} is not a first sample, the one after the last and a label"
            )
        if ending == "phn":
            times.add(cells[0], cells[1], cells[2], where)
        else:
            times.labels.append(cells[2].lower())  # words may overlap; their times are not read
    return times
