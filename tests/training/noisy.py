"""A tiny training whose loss is noisy, and what ends it early."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from attnbench.settings import TrainingSettings
from attnbench.tasks.engine import Corpus, Loss
from attnbench.training import Progress, Training

CPU = torch.device("cpu")
KEY = "0123456789ab"


class Rows:
    """Twenty examples: four numbers each, and how many targets each has (its length)."""

    def __init__(self) -> None:
        rng = np.random.default_rng(7)
        self.lengths = rng.integers(1, 9, size=20)
        self.numbers = torch.from_numpy(rng.normal(size=(20, 4)))

    def __len__(self) -> int:
        return 20

    def batch(self, indices: np.ndarray, device: torch.device) -> tuple[Tensor, int]:
        return self.numbers[indices], int(self.lengths[indices].sum())


class Noisy:
    """An engine whose loss draws from the random generator, and breaks at one update if asked to."""

    def __init__(self, nan_at: int | None = None, infinite_gradient_at: int | None = None) -> None:
        self.update, self.nan_at, self.infinite_gradient_at = 0, nan_at, infinite_gradient_at

    def loss(self, model: nn.Module, batch: tuple[Tensor, int]) -> Loss:
        numbers, targets = batch
        self.update += 1
        noise = torch.randn(len(numbers), dtype=torch.float64)
        nats = (model(numbers).squeeze(1) - noise).square().sum()
        if self.update == self.nan_at:
            nats = nats * math.nan
        if self.update == self.infinite_gradient_at:
            nats = nats + (model.weight - model.weight.detach()).clamp(min=0).sqrt().sum()
        return Loss(nats, nats, targets, len(numbers), tokens=targets)

    def evaluate(self, model: nn.Module, corpus: Corpus, device: torch.device) -> tuple[float, float]:
        assert not model.training
        with torch.inference_mode():
            return model(corpus.valid.numbers).square().mean().item(), 0.0  # type: ignore[attr-defined]


SETTINGS = TrainingSettings(
    updates=50, batch_size=3, bucket_batches=4, learning_rate=0.05, warmup=7, decay_from=0.5, evaluations=5,
    checkpoint_seconds=0.0,
)  # fmt: skip
ADADELTA = replace(SETTINGS, optimizer="adadelta", learning_rate=1.0, epsilon=1e-6, loss_per="example")
RMSPROP = replace(SETTINGS, optimizer="rmsprop", learning_rate=0.01, rho=0.9, epsilon=1e-4)
SGD = replace(SETTINGS, optimizer="sgd", halve_every=0.1)


def noisy_training(
    folder: Path, settings: TrainingSettings = SETTINGS, engine: Any = None, key: str = KEY,
    higher_is_better: bool = True, before: Path | None = None,
) -> Training:  # fmt: skip
    torch.manual_seed(0)
    model = nn.Linear(4, 1).double()
    rows = Rows()
    corpus = Corpus(None, rows, rows, {}, None)
    return Training(
        model, engine or Noisy(), corpus, settings, seed=3, device=CPU, folder=folder, key=key,
        higher_is_better=higher_is_better, before=before,
    )  # fmt: skip


def silent(update: int, loss: float) -> None:
    pass


class Killed(Exception):
    pass


def kill_at(stop: int) -> Callable[[int, float], None]:
    def report(update: int, loss: float) -> None:
        if update >= stop:
            raise Killed

    return report


def but_time(progress: Progress) -> dict[str, Any]:
    """Return all of a progress but how long it took."""
    return {name: value for name, value in vars(progress).items() if name != "seconds"}
