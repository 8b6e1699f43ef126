from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from noisy import (
    ADADELTA,
    KEY,
    RMSPROP,
    SETTINGS,
    SGD,
    Killed,
    Noisy,
    but_time,
    kill_at,
    noisy_training,
    silent,
)
from torch import nn

from attnbench import checkpoints
from attnbench.errors import RunFailed
from attnbench.settings import TrainingSettings
from attnbench.tasks.engine import Loss
from attnbench.training import parameters


def test_the_history_counts_and_averages(tmp_path: Path) -> None:
    """Every evaluation's training loss is the mean a target since the last one."""
    task, seen = Noisy(), []
    inner = task.loss

    def loss(model: nn.Module, batch: Any) -> Loss:
        seen.append(inner(model, batch))
        return seen[-1]

    task.loss = loss  # type: ignore[method-assign]
    progress = noisy_training(tmp_path / "c", engine=task).run(silent)
    assert [row["update"] for row in progress.history] == [10, 20, 30, 40, 50]
    for i, row in enumerate(progress.history):
        part = seen[10 * i : 10 * i + 10]
        assert row["train_nll"] == pytest.approx(
            sum(float(x.nll.detach()) for x in part) / sum(x.targets for x in part)
        )
        assert row["tokens"] == sum(x.targets for x in seen[: 10 * i + 10])
    assert (progress.update, progress.examples) == (50, 7 * 20 + 3), "a pass of 20 is 7 updates"
    assert progress.history[-1]["valid_nll"] < progress.history[0]["valid_nll"]


@pytest.mark.parametrize(
    "settings", [SETTINGS, ADADELTA, RMSPROP, SGD], ids=["adam", "adadelta", "rmsprop", "sgd"]
)
@pytest.mark.parametrize("stops", [(10,), (30,), (20, 50), (20, 30, 40)], ids=str)
def test_a_resumed_run_equals_a_straight_one(
    settings: TrainingSettings, stops: tuple[int, ...], tmp_path: Path
) -> None:
    straight = noisy_training(tmp_path / "straight", settings)
    expected = straight.run(silent)
    for stop in stops:
        with pytest.raises(Killed):
            noisy_training(tmp_path / "killed", settings).run(kill_at(stop))
    resumed = noisy_training(tmp_path / "killed", settings)
    assert resumed.progress.update == stops[-1] - 10
    got = resumed.run(silent)
    assert but_time(got) == but_time(expected)
    for one, other in zip(resumed.model.parameters(), straight.model.parameters(), strict=True):
        assert torch.equal(one, other)
    assert not torch.equal(straight.model.weight, noisy_training(tmp_path / "new", settings).model.weight)


def test_when_checkpoints_fall_changes_no_number(tmp_path: Path) -> None:
    often = noisy_training(tmp_path / "often").run(silent)
    once = noisy_training(tmp_path / "once", replace(SETTINGS, checkpoint_seconds=1e9)).run(silent)
    assert but_time(often) == but_time(once)


def test_a_finished_run_is_not_repeated(tmp_path: Path) -> None:
    first = noisy_training(tmp_path / "c").run(silent)
    task = Noisy()
    assert but_time(noisy_training(tmp_path / "c", engine=task).run(silent)) == but_time(first)
    assert task.update == 0


@pytest.mark.parametrize("broken", [{"nan_at": 24}, {"infinite_gradient_at": 24}], ids=str)
def test_a_loss_that_is_not_finite_names_the_update(broken: dict[str, int], tmp_path: Path) -> None:
    folder = tmp_path / "c"
    with pytest.raises(RunFailed) as caught:
        noisy_training(folder, engine=Noisy(**broken)).run(silent)
    message = str(caught.value)
    assert "update 24;" in message and str(folder) in message and "\n" not in message
    assert ("the loss is nan" if "nan_at" in broken else "the norm of the gradient is ") in message
    kept = noisy_training(folder)
    assert kept.progress.update == 20
    assert all(parameter.isfinite().all() for parameter in kept.model.parameters())
    assert but_time(kept.run(silent)) == but_time(noisy_training(tmp_path / "straight").run(silent))


def test_a_run_reports_the_mean_loss_a_target(tmp_path: Path) -> None:
    said: list[tuple[int, float]] = []
    progress = noisy_training(tmp_path / "c").run(lambda update, loss: said.append((update, loss)))
    assert [update for update, _ in said] == [10, 20, 30, 40, 50]
    assert [loss for _, loss in said] == pytest.approx([row["train_nll"] for row in progress.history])


def test_the_last_checkpoint_holds_the_trained_model(tmp_path: Path) -> None:
    training = noisy_training(tmp_path / "c")
    training.run(silent)
    model = nn.Linear(4, 1).double()
    checkpoints.load_model(tmp_path / "c", model, key=KEY)
    assert torch.equal(model.weight, training.model.weight) and torch.equal(model.bias, training.model.bias)


def test_parameters_counts_biases_apart() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Embedding(5, 6), nn.Linear(2, 2, bias=False))
    assert parameters(model) == {"weights": 12 + 30 + 4, "biases": 4}
