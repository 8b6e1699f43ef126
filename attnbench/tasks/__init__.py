"""What a paper is about: the examples, their batches, the loss, the predictions and their records.

A task is a class without state that offers what ``Task`` lists; a paper names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
import pandas as pd
import torch
from datasets import Dataset
from torch import Tensor, nn

from attnbench.corpora import Source
from attnbench.settings import DecodingSettings

Tick = Callable[[int], None]
"""Called with how many more examples are done."""


class Loss(NamedTuple):
    """The negative log-likelihood of a batch."""

    nats: Tensor
    """Scalar: the sum over all targets."""
    targets: int
    """Target words (end symbols counted) or labels in it."""
    examples: int
    tokens: int
    """What speeds count: target words, or the words that are read where the target is a label."""


class Examples(Protocol):
    """One split, ready to be batched."""

    lengths: np.ndarray
    """(n,): what batches are sorted by."""

    def __len__(self) -> int:
        """Return how many examples there are."""

    def sample(self, count: int) -> Examples:
        """Return at most ``count`` of the examples, spread over the split."""

    def batch(self, indices: np.ndarray, device: torch.device) -> Any:
        """Return the examples as one padded batch."""


Split = TypeVar("Split", bound=Examples)


@dataclass(frozen=True)
class Corpus(Generic[Split]):
    """A corpus made ready for one system: its features and its splits."""

    features: Any
    """What a model's builder needs to know, such as the vocabularies."""
    train: Split
    valid: Split
    tests: Mapping[str, Split]
    settings: Any
    """The ``data`` settings under which it was opened."""


@dataclass(frozen=True)
class Outcome:
    """What a trained system did on one test set in one decoding."""

    records: pd.DataFrame
    """Columns as in ``attnbench.records``."""
    predictions: list[dict[str, Any]]
    """One JSON object an example: id and output."""
    alignments: dict[str, Tensor]
    """Example id to its alignment (outputs, inputs); empty where there is none."""


class Task(Protocol):
    """What the harness asks of a task."""

    name: str
    Data: type
    """The frozen dataclass of its ``data`` settings."""
    length: str
    """What ``source_length`` is in its records, such as ``source length in words``."""
    target_length: str
    """The same for ``target_length``."""
    tokens: Sequence[str]
    """Which of the two make up the tokens that speeds count."""
    evaluation: Sequence[str]
    """The decodings that ``evaluate`` does, for ``--plan`` to count."""

    def features(self, settings: Any) -> Any:
        """Return features of the sizes that the settings name, to build a model without a corpus."""

    def read(self, source: Source, settings: Any) -> Mapping[str, Dataset]:
        """Return the corpus as it is; raise ``BadInput`` for one that cannot be read."""

    def prepare(self, source: Source, settings: Any, root: Path) -> Path:
        """Make the corpus ready under ``root``, unless it is; return its folder, ``about.json`` in it."""

    def open(self, folder: Path, settings: Any) -> Corpus:
        """Open a prepared corpus as one system sees it."""

    def loss(self, model: nn.Module, batch: Any) -> Loss:
        """Return the loss of a batch, with its gradient."""

    def evaluate(self, model: nn.Module, corpus: Corpus, device: torch.device) -> tuple[float, float]:
        """Return nats a target and the headline score (greedy) on the validation set."""

    def tests(self, corpus: Corpus, decoding: str) -> Sequence[str]:
        """Return the test sets on which a decoding makes sense."""

    def test(
        self, model: nn.Module, corpus: Corpus, test: str, decoding: str, settings: DecodingSettings,
        device: torch.device, tick: Tick,
    ) -> Outcome:  # fmt: skip
        """Use a trained model on a test set, in the named way."""

    def signatures(self, settings: Any) -> dict[str, str]:
        """Return each metric's signature."""

    def predict(
        self, model: nn.Module, corpus: Corpus, lines: Sequence[str], settings: DecodingSettings,
        device: torch.device,
    ) -> Iterator[str]:  # fmt: skip
        """Yield the output for each line of new input, in order."""


def batches(lengths: np.ndarray, size: int) -> Iterable[np.ndarray]:
    """Return the indices of all examples in batches of similar length, longest first."""
    order = np.argsort(-lengths, kind="stable")
    return [order[start : start + size] for start in range(0, len(order), size)]
