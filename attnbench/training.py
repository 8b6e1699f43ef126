"""One training loop for every paper: bucketed batches, clipping, a schedule, a history, checkpoints.

The budget is counted in updates. A run that is killed goes on at its last checkpoint and ends with the
same numbers: the batches are a function of the seed and the update, and all else is in the checkpoint.
"""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from attnbench import checkpoints, column_norm
from attnbench.batching import Batches
from attnbench.errors import RunFailed
from attnbench.settings import TrainingSettings
from attnbench.tasks.engine import Corpus, Engine, Loss
from attnbench.weight_noise import WeightNoise

_LAUNCHER = re.compile(r"ACCELERATE_|FSDP_|FORK_LAUNCHED|(LOCAL_)?(RANK|WORLD_SIZE)$|PMI_|MPI_|OMPI_|MV2_")

Tell = Callable[[int, float], None]
"""Called with the updates done and the last training loss, in nats a target."""

MOMENTUM = 0.9
"""Of RMSProp as Graves (2013) has it, whose averages are of the gradient and of its square."""

LOOK_EVERY = 20
"""Updates between two looks at the losses; each look waits for the device."""


@dataclass
class Progress:
    """How far a training has come. Plain values, so that it fits in a checkpoint."""

    update: int = 0
    tokens: int = 0
    """Words seen, as the task counts them."""
    examples: int = 0
    seconds: float = 0.0
    """Time spent in updates."""
    nll: float = 0.0
    """Nats since the last evaluation, and over how many targets."""
    targets: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    """One row an evaluation: update, tokens, train_nll, valid_nll, valid_score."""
    finished: bool = False

    def evaluations_since_best(self, column: str, higher_is_better: bool) -> int:
        """How many evaluations have passed since the one with the best ``column``, the first of equals.

        What is not a number is worse than any.
        """
        sign = 1 if higher_is_better else -1
        found = [sign * row[column] for row in self.history]
        ranks = [-math.inf if math.isnan(score) else score for score in found]
        return len(ranks) - 1 - ranks.index(max(ranks)) if ranks else 0


def learning_rate(settings: TrainingSettings, update: int) -> float:
    """Return the rate of one update: linear warm-up, flat, then a fall to ``decay_to``, or halvings."""
    if update < settings.warmup:
        return settings.learning_rate * (update + 1) / settings.warmup
    flat = settings.decay_from * settings.updates
    if update <= flat:
        return settings.learning_rate
    if settings.halve_every:
        return settings.learning_rate * 0.5 ** math.ceil(
            (update - flat) / (settings.halve_every * settings.updates)
        )
    fallen = (update - flat) / max(settings.updates - 1 - flat, 1)
    return settings.learning_rate * (1 - min(fallen, 1.0) * (1 - settings.decay_to))


def make_optimizer(
    model: nn.Module, settings: TrainingSettings, noise: WeightNoise | None = None
) -> torch.optim.Optimizer:
    """Return the optimiser that the settings name; the variances of weight noise have no l2 penalty."""
    rate, l2 = settings.learning_rate, settings.l2
    groups: list[dict[str, Any]] = [{"params": list(model.parameters())}]
    if noise is not None:
        groups.append({"params": list(noise.parameters()), "weight_decay": 0.0})
    if settings.optimizer == "adadelta":
        return torch.optim.Adadelta(groups, lr=rate, rho=settings.rho, eps=settings.epsilon, weight_decay=l2)
    if settings.optimizer == "rmsprop":
        return torch.optim.RMSprop(
            groups, lr=rate, alpha=settings.rho, eps=settings.epsilon, weight_decay=l2, momentum=MOMENTUM,
            centered=True,
        )  # fmt: skip
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=rate, weight_decay=l2)
    return torch.optim.Adam(groups, lr=rate, eps=settings.epsilon, weight_decay=l2, fused=True)


class Step(NamedTuple):
    """One update, its numbers still on the device."""

    loss: Loss
    gradient: Tensor
    """The norm of the whole gradient before clipping."""


class Training:
    """The training of one system with one seed."""

    def __init__(
        self, model: nn.Module, engine: Engine, corpus: Corpus, settings: TrainingSettings, *, seed: int,
        device: torch.device, folder: Path, key: str, higher_is_better: bool = True,
        before: Path | None = None,
    ) -> None:  # fmt: skip
        """Take up the checkpoint in ``folder`` if there is one; ``key`` names the configuration.

        ``higher_is_better`` concerns the validation score. ``before`` is the checkpoint of the stage whose
        weights the model has: if it has weight noise, so has the beginning of this one.
        """
        self.accelerator = _accelerator(device, settings.precision)
        self.engine, self.corpus, self.settings = engine, corpus, settings
        self.higher_is_better = higher_is_better
        self.batches = Batches.of(corpus.train.lengths, settings, seed)
        self.device, self.folder, self.key = device, folder, key
        self.noise = _noise(model.to(device), settings, len(corpus.train))
        if self.noise and before and checkpoints.has_noise(before):
            checkpoints.load_model(before, model, key=key, noise=self.noise)
        optimizer = make_optimizer(model, settings, self.noise)
        saved = checkpoints.load(folder, key=key, model=model, optimizer=optimizer, noise=self.noise)
        self.progress = Progress(**saved) if saved else Progress()
        self.model, self.optimizer = self.accelerator.prepare(model, optimizer)

    def run(self, tell: Tell) -> Progress:
        """Train to the end of the budget or of the patience, then write the last checkpoint."""
        settings, progress = self.settings, self.progress
        self.model.train()
        marks = {
            round(settings.updates * (i + 1) / settings.evaluations) for i in range(settings.evaluations)
        }
        saved = time.monotonic()
        while not progress.finished:
            stop = min(progress.update + LOOK_EVERY, *(mark for mark in marks if mark > progress.update))
            last = self._updates(stop)
            tell(progress.update, last)
            if progress.update in marks:
                self._evaluate()
            if progress.update == settings.updates or self._out_of_patience():
                self._finish()
            if progress.finished or time.monotonic() - saved > settings.checkpoint_seconds:
                self._save()
                saved = time.monotonic()
        return progress

    def _updates(self, stop: int) -> float:
        """Train until ``stop`` updates are done; return the mean loss a target over them."""
        progress, began = self.progress, time.perf_counter()
        steps = [self._update(update) for update in range(progress.update, stop)]
        losses: list[float] = torch.stack([step.loss.nll for step in steps]).double().tolist()
        gradients: list[float] = torch.stack([step.gradient for step in steps]).double().tolist()
        self._check_finite(losses, gradients)
        targets = sum(step.loss.targets for step in steps)
        progress.update = stop
        progress.seconds += time.perf_counter() - began
        progress.examples += sum(step.loss.examples for step in steps)
        progress.tokens += sum(step.loss.tokens for step in steps)
        progress.targets += targets
        progress.nll += sum(losses)
        return sum(losses) / max(targets, 1)

    def _check_finite(self, losses: list[float], gradients: list[float]) -> None:
        """Raise ``RunFailed`` that names the first of the latest updates with a number that is not finite."""
        kept = f"the last good checkpoint is kept in {self.folder}; " if self.folder.exists() else ""
        for place, numbers in enumerate(zip(losses, gradients, strict=True)):
            for what, number in zip(("loss", "norm of the gradient"), numbers, strict=True):
                if not math.isfinite(number):
                    raise RunFailed(
                        f"the {what} is {number} at update {self.progress.update + place + 1}; {kept}"
                        "try a smaller training.learning_rate"
                    )

    def _update(self, update: int) -> Step:
        """Do one update, counted from 0."""
        settings = self.settings
        batch = self.corpus.train.batch(self.batches[update], self.device)
        with self.noise.drawn() if self.noise else nullcontext():
            with self.accelerator.autocast():
                loss = self.engine.loss(self.model, batch)
            share = loss.targets if settings.loss_per == "word" and not self.noise else loss.examples
            self.optimizer.zero_grad(set_to_none=True)
            self.accelerator.backward(loss.objective / share)
        gradient = self.accelerator.clip_grad_norm_(self.model.parameters(), settings.clip)
        if self.noise:
            self.noise.add_gradients()
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(settings, update)
        self.optimizer.step()
        if settings.column_norm:
            column_norm.bound(self.model, settings.column_norm)
        loss = loss._replace(objective=loss.objective.detach(), nll=loss.nll.detach())
        return Step(loss, gradient)

    def _evaluate(self) -> None:
        """Add a row to the history."""
        progress = self.progress
        self.model.eval()
        nll, score = self.engine.evaluate(self.model, self.corpus, self.device)
        self.model.train()
        row = {
            "update": progress.update,
            "tokens": progress.tokens,
            "train_nll": progress.nll / max(progress.targets, 1),
            "valid_nll": nll,
            "valid_score": score,
        }
        progress.history.append(row)
        progress.nll, progress.targets = 0.0, 0
        if self.settings.patience and not self._since_best:
            model = self.accelerator.unwrap_model(self.model)
            checkpoints.save_model(self._best, model, key=self.key, noise=self.noise)

    @property
    def _since_best(self) -> int:
        if self.settings.best_by == "likelihood":
            return self.progress.evaluations_since_best("valid_nll", higher_is_better=False)
        return self.progress.evaluations_since_best("valid_score", self.higher_is_better)

    @property
    def _best(self) -> Path:
        return self.folder.with_name("best")

    def _out_of_patience(self) -> bool:
        return 0 < self.settings.patience <= self._since_best

    def _finish(self) -> None:
        """End the training; with patience, go back to the best weights."""
        self.progress.finished = True
        if self.settings.patience:
            model = self.accelerator.unwrap_model(self.model)
            checkpoints.load_model(self._best, model, key=self.key, noise=self.noise)

    def _save(self) -> None:
        model = self.accelerator.unwrap_model(self.model)
        optimizer = getattr(self.optimizer, "optimizer", self.optimizer)
        checkpoints.save(
            self.folder, key=self.key, model=model, optimizer=optimizer, progress=asdict(self.progress),
            noise=self.noise,
        )  # fmt: skip


def _noise(model: nn.Module, settings: TrainingSettings, examples: int) -> WeightNoise | None:
    return WeightNoise(model, settings.weight_noise, examples) if settings.weight_noise else None


def _accelerator(device: torch.device, precision: str) -> Accelerator:
    """Return accelerate's object, which takes no orders from a launcher's variables.

    They would let it wait for processes that nobody starts, or divide every loss.
    """
    orders = {name: os.environ.pop(name) for name in list(os.environ) if _LAUNCHER.match(name)}
    try:
        return Accelerator(cpu=device.type == "cpu", mixed_precision=precision)
    finally:
        os.environ.update(orders)


def peak_memory_mib(device: torch.device) -> float:
    """Return the most memory this process has held: on the device for CUDA, else resident."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def parameters(model: nn.Module) -> dict[str, Any]:
    """Return the number of weights and of biases of a model."""
    sizes = {name: tensor.numel() for name, tensor in model.named_parameters()}
    biases = sum(size for name, size in sizes.items() if "bias" in name.rpartition(".")[2])
    return {"weights": sum(sizes.values()) - biases, "biases": biases}
