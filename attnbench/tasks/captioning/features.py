"""What a model of captions must know of its corpus: the words, and the cells that it attends to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from attnbench.corpora.text import SPECIAL, Vocabulary
from attnbench.machine.files import read_json
from attnbench.tasks.captioning.encoders import Encoder
from attnbench.tasks.captioning.settings import CaptioningData

SIZE = 512
"""Numbers an annotation of Xu et al. (2015)."""

SHRUNK = 16
"""Pixels of a side of what a cell of theirs stands for: four times the map was halved."""

_WORDS, _SEEN = "target.vocabulary.json", "seen.json"


@dataclass(frozen=True, eq=False)
class Features:
    """The words of the training set, and what makes annotations of pictures."""

    target: Vocabulary
    """The words."""
    grid: tuple[int, int]
    """(h, w), rows and columns of cells."""
    size: int
    """Numbers an annotation, D."""
    fit: str
    """How a picture is made square, see ``corpora.captions.pictures``."""
    encoder: Encoder | None = None
    """What makes the annotations; None for a model without a corpus."""

    @property
    def cells(self) -> int:
        """Cells of a picture, L; they count row by row."""
        return self.grid[0] * self.grid[1]

    @classmethod
    def of(cls, target: Vocabulary, encoder: Encoder, fit: str) -> Features:
        """Return the features of words and an encoder."""
        return cls(target, encoder.grid, encoder.size, fit, encoder)

    @classmethod
    def numbered(cls, settings: CaptioningData) -> Features:
        """Return features of the sizes that the settings name, whose words are numbers, with no encoder.

        The cells are those of the paper's encoder, 14 x 14 of 512 numbers for pictures of 224 x 224.
        """
        side = max(1, settings.side // SHRUNK // settings.pool)
        words = Vocabulary(map(str, range(settings.words - len(SPECIAL))))
        return cls(words, (side, side), SIZE, settings.fit)

    def save(self, folder: Path) -> None:
        """Write words, encoder and fit into a folder."""
        self.target.save(folder / _WORDS)
        self.opened.save(folder)
        (folder / _SEEN).write_text(json.dumps({"fit": self.fit}), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Features:
        """Read what ``save`` wrote."""
        fit = read_json(folder / _SEEN)["fit"]
        return cls.of(Vocabulary.load(folder / _WORDS), Encoder.load(folder), fit)

    @property
    def opened(self) -> Encoder:
        """The encoder, of features that have one."""
        if self.encoder is None:
            raise ValueError("features without a corpus see no picture")
        return self.encoder
