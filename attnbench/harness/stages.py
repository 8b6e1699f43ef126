"""From a run's first weights to its last: its stages, each with files of its own.

A stage begins with the weights of the one before. One that is done is not done again, so a run that was
killed goes on in the stage where it stood.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from attnbench import checkpoints
from attnbench.harness.configure import Run, engine_of, task_of
from attnbench.paper import load, resolve
from attnbench.settings import Settings
from attnbench.tasks.engine import Corpus, Engine, Tuning
from attnbench.training import Progress, Training

Tell = Callable[[str, int, int, str], None]
"""Called with what is being done, how much of it is done, of how much, and a note."""


class Opened(NamedTuple):
    """What the stages of a run share."""

    run: Run
    engine: Engine
    corpus: Corpus

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return torch.device(self.run.device)


def open_run(run: Run) -> Opened:
    """Open the run's corpus as its system sees it."""
    engine = engine_of(load(run.paper))
    return Opened(run, engine, engine.open(run.corpus, run.settings.data))


def build(opened: Opened, settings: Settings) -> nn.Module:
    """Return the run's model with its first weights, a function of the seed alone."""
    system = load(opened.run.paper).system(opened.run.system)
    torch.manual_seed(opened.run.seed)
    model: nn.Module = resolve(system.build)(settings.model, opened.corpus.features)
    return model.to(opened.device)


def trained(opened: Opened, tell: Tell) -> tuple[nn.Module, dict[str, Progress]]:
    """Go through the stages that are not done; return the model and the progress of each training."""
    stages = opened.run.declared
    progress: dict[str, Progress] = {}
    before = None
    model = nn.Module() if stages else build(opened, opened.run.settings)
    for stage in stages:
        settings, folder = opened.run.stages[stage.name], opened.run.checkpoint(stage.name)
        model = build(opened, settings)
        if before is not None:
            checkpoints.load_model(before, model, key=opened.run.key)
        if stage.tune:
            _tune(opened, model, settings, stage.tune, folder)
        else:
            progress[stage.name] = _fit(opened, model, settings, folder, tell, before)
        before = folder
    return model, progress


def _fit(
    opened: Opened, model: nn.Module, settings: Settings, folder: Path, tell: Tell, before: Path | None
) -> Progress:
    """Train the model, which has the weights of ``before``, from where a checkpoint stands."""
    task = task_of(load(opened.run.paper))
    training = Training(
        model, opened.engine, opened.corpus, settings.training, seed=opened.run.seed, device=opened.device,
        folder=folder, key=opened.run.key, higher_is_better=task.metric(task.validation).higher_is_better,
        before=before,
    )  # fmt: skip
    updates = settings.training.updates
    return training.run(lambda done, nll: tell("train", done, updates, f"{nll:.2f} nats a target"))


def _tune(opened: Opened, model: nn.Module, settings: Settings, function: str, folder: Path) -> None:
    """Let a function change the model, and keep its weights, unless they are kept."""
    if not folder.exists():
        resolve(function)(Tuning(model.eval(), opened.corpus, settings, opened.device))
        checkpoints.save_model(folder, model, key=opened.run.key)
    checkpoints.load_model(folder, model, key=opened.run.key)


def finished(opened: Opened) -> nn.Module:
    """Return the model of a finished run, by the stages that it had, whatever its paper declares by now."""
    if not opened.run.stages:
        return build(opened, opened.run.settings).eval()
    last = list(opened.run.stages)[-1]
    model = build(opened, opened.run.stages[last])
    checkpoints.load_model(opened.run.checkpoint(last), model, key=opened.run.key)
    return model.eval()
