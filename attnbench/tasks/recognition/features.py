"""What a model of speech must know of its corpus: the labels, and how frames are normalised.

n frames   f numbers a frame
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from attnbench.corpora.text import Vocabulary
from attnbench.machine.files import read_json
from attnbench.tasks.recognition import frames
from attnbench.tasks.recognition.settings import RecognitionData

USUAL = 300
"""Frames of TIMIT's utterances, about; 10 ms apart."""

FLOOR = 1e-3
"""The least deviation: what hardly varies while a model is trained must not become large later."""

PHONES = {"given": 61, "39": 39, "spoken": 37}
"""How many TIMIT has: as they are written, folded, and of these without silence and flap."""

_LABELS, _FRAMES = "target.vocabulary.json", "frames.json"


@dataclass(frozen=True, eq=False)
class Features:
    """The labels of the training set, and the mean and the deviation of its frames."""

    target: Vocabulary
    """The labels."""
    mean: np.ndarray
    """(f,), 64 bits."""
    deviation: np.ndarray
    """(f,), 64 bits, ``FLOOR`` or more."""
    mean_frames: float
    """Frames of a training input in the mean, the end of input not counted."""

    @property
    def size(self) -> int:
        """Numbers a frame, f."""
        return len(self.mean)

    @classmethod
    def fitted(cls, target: Vocabulary, heard: Iterable[np.ndarray]) -> Features:
        """Return the features of training inputs, each (n, f), of which one is held at a time."""
        inputs, count, total, squares = 0, 0, np.zeros(1), np.zeros(1)
        for one in heard:
            exact = one.astype(np.float64)
            inputs, count = inputs + 1, count + len(exact)
            total, squares = total + exact.sum(axis=0), squares + np.square(exact).sum(axis=0)
        mean = total / count
        variance = np.maximum(squares / count - np.square(mean), 0)
        return cls(target, mean, np.maximum(np.sqrt(variance), FLOOR), count / inputs)

    @classmethod
    def numbered(cls, settings: RecognitionData) -> Features:
        """Return features of the sizes that the settings name, with TIMIT's phones, by number."""
        size = frames.size(settings.mel)
        labels = Vocabulary(map(str, range(PHONES[settings.phones])))
        return cls(labels, np.zeros(size), np.ones(size), USUAL)

    def normalised(self, heard: np.ndarray) -> np.ndarray:
        """Return frames (n, f) with the training set's mean and deviation taken out, 32 bits."""
        return ((heard - self.mean) / self.deviation).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write labels and numbers into a folder."""
        self.target.save(folder / _LABELS)
        numbers = {
            "mean": self.mean.tolist(),
            "deviation": self.deviation.tolist(),
            "mean_frames": self.mean_frames,
        }
        (folder / _FRAMES).write_text(json.dumps(numbers), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Features:
        """Read what ``save`` wrote, to the bit."""
        held = read_json(folder / _FRAMES)
        mean, deviation = (np.array(held[name]) for name in ("mean", "deviation"))
        return cls(Vocabulary.load(folder / _LABELS), mean, deviation, held["mean_frames"])
