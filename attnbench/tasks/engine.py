"""What the harness asks of a task's engine: corpora, losses, evaluation, and the use of trained models."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import pandas as pd
import torch
from datasets import Dataset
from torch import Tensor, nn

from attnbench.corpora import Source
from attnbench.settings import DataSettings, DecodingSettings
from attnbench.tasks.split import Split, Tick

Batch = TypeVar("Batch")

Tell = Callable[[str, int, int], None]
"""Told of a step of making a corpus ready, such as ``encoded``, how many rows are done, and of how many."""


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""


class Loss(NamedTuple):
    """What a batch is trained on, and how likely its targets are."""

    objective: Tensor
    """Scalar: what is minimised, summed over the batch: the likelihood, penalties, a REINFORCE term."""
    nll: Tensor
    """Scalar: the negative log-likelihood that is reported, in nats, summed over all targets."""
    targets: int
    """Target words (end symbols counted) or labels in it."""
    examples: int
    tokens: int
    """What speeds count: target words, or the words that are read where the target is a label."""


@dataclass(frozen=True)
class Corpus(Generic[Batch]):
    """A corpus made ready for one system: its features and its splits."""

    features: Any
    """What a model's builder needs to know, such as the vocabularies."""
    train: Split[Batch]
    valid: Split[Batch]
    tests: Mapping[str, Split[Batch]]
    settings: Any
    """The ``data`` settings under which it was opened."""
    constructed: Collection[str] = ()
    """The test sets that are made for some decodings alone, which name them."""


@dataclass(frozen=True)
class Outcome:
    """What a trained system did on one test set in one decoding."""

    records: pd.DataFrame
    """Columns as in ``attnbench.records``."""
    predictions: list[dict[str, Any]]
    """One JSON object an example: id and output."""
    alignments: dict[str, Tensor]
    """Example id to its alignment (outputs, inputs); empty where none is kept."""


class Use(NamedTuple):
    """What a declared decoding works on; see ``attnbench.paper.Decoding``."""

    model: Any
    corpus: Corpus
    split: Split
    """The test set."""
    settings: Any
    """The task's ``decoding`` settings, as the decoding changes them."""
    scorer: Any
    """The class that the decoding names, or None."""
    alignments: bool
    """Whether alignments are to be kept."""
    device: torch.device
    tick: Tick


class Tuning(NamedTuple):
    """What a stage works on that does not train but tunes; see ``attnbench.paper.Stage``."""

    model: Any
    corpus: Corpus
    settings: Any
    """All settings of the stage, ``attnbench.settings.Settings``."""
    device: torch.device


class Engine(Protocol):
    """What trains, tests and uses a task's models. A class without state; the task names it."""

    def features(self, settings: DataSettings) -> Any:
        """Return features of the sizes that the settings name, to build a model without a corpus."""

    def outputs(self, features: Any) -> int:
        """Return among how many outputs each step of a decoding chooses: target words, or labels."""

    def read(self, source: Source, settings: DataSettings) -> Mapping[str, Dataset]:
        """Return the corpus as it is; raise ``BadInput`` for one that cannot be read."""

    def prepare(self, source: Source, settings: DataSettings, root: Path, tell: Tell = silent) -> Path:
        """Make the corpus ready under ``root``, unless it is; return its folder, ``about.json`` in it.

        ``tell`` is called each time that a step has done some rows.
        """

    def open(self, folder: Path, settings: DataSettings) -> Corpus:
        """Open a prepared corpus as one system sees it."""

    def loss(self, model: nn.Module, batch: Any) -> Loss:
        """Return the loss of a batch, with its gradient."""

    def evaluate(self, model: nn.Module, corpus: Corpus, device: torch.device) -> tuple[float, float]:
        """Return nats a target, and the task's ``validation`` score, on the validation set."""

    def predict(
        self, model: nn.Module, corpus: Corpus, lines: Sequence[str], settings: DecodingSettings,
        device: torch.device,
    ) -> Iterator[str]:  # fmt: skip
        """Yield the output for each line of new input, in order."""
