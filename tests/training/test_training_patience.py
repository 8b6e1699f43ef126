from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from noisy import KEY, SETTINGS, Killed, Noisy, but_time, noisy_training, silent
from torch import Tensor, nn

from attnbench import checkpoints
from attnbench.tasks.engine import Corpus
from attnbench.training import Training


class _Scored(Noisy):
    """A task with given validation scores and nats, one an evaluation; it keeps the weights of each."""

    def __init__(self, scores: Sequence[float], nats: Sequence[float] = ()) -> None:
        super().__init__()
        self.scores, self.nats = scores, nats
        self.weights: dict[int, Tensor] = {}
        self.training: Training | None = None

    def evaluate(self, model: nn.Module, corpus: Corpus, device: torch.device) -> tuple[float, float]:
        assert self.training is not None
        progress = self.training.progress
        self.weights[progress.update] = model.weight.detach().clone()
        done = len(progress.history)
        nats = self.nats[done] if self.nats else super().evaluate(model, corpus, device)[0]
        return nats, self.scores[done]


PATIENT = replace(SETTINGS, updates=60, evaluations=6)


def _scored(folder: Path, scores: Sequence[float], patience: int) -> tuple[Training, _Scored]:
    task = _Scored(scores)
    task.training = noisy_training(folder / "checkpoint", replace(PATIENT, patience=patience), task)
    return task.training, task


@pytest.mark.parametrize(
    ("scores", "patience", "stop", "best"),
    [
        ([1, 3, 2, 2, 9, 9], 2, 40, 20),
        ([1, 3, 2, 2, 9, 9], 3, 60, 50),
        ([5, 5, 5, 9, 9, 9], 2, 30, 10),
        ([5, 1, 5, 1, 5, 1], 3, 40, 10),
        ([1, 2, 3, 4, 5, 6], 1, 60, 60),
        ([3, 2, 9, 9, 9, 9], 1, 20, 10),
        ([1, 2, 3, 9, 5, 6], 3, 60, 40),
        ([1, 0, 2, 1, 3, 2], 2, 60, 50),
        ([0, 0, 0, 0, 0, 0], 5, 60, 10),
        ([math.nan, 1, math.nan, 2, 1, 1], 3, 60, 40),
        ([math.nan, math.nan, 9, 9, 9, 9], 2, 50, 30),
    ],
    ids=str,
)
def test_patience_stops_and_keeps_the_best_weights(
    scores: list[float], patience: int, stop: int, best: int, tmp_path: Path
) -> None:
    training, task = _scored(tmp_path, scores, patience)
    progress = training.run(silent)
    assert (progress.update, progress.finished) == (stop, True)
    assert [row["update"] for row in progress.history] == list(range(10, stop + 1, 10))
    assert [row["valid_score"] for row in progress.history] == scores[: stop // 10]
    assert task.update == stop, "no update is done for nothing"
    assert len({float(weights.sum()) for weights in task.weights.values()}) == stop // 10
    assert torch.equal(training.model.weight, task.weights[best])
    kept = nn.Linear(4, 1).double()
    checkpoints.load_model(tmp_path / "checkpoint", kept, key=KEY)
    assert torch.equal(kept.weight, task.weights[best])


@pytest.mark.parametrize(("higher_is_better", "best"), [(True, 20), (False, 40)])
def test_the_best_score_may_be_the_lowest(higher_is_better: bool, best: int, tmp_path: Path) -> None:
    engine = _Scored([3, 9, 4, 1, 2, 5])
    engine.training = noisy_training(
        tmp_path / "checkpoint", replace(PATIENT, patience=6), engine, higher_is_better=higher_is_better
    )
    engine.training.run(silent)
    assert torch.equal(engine.training.model.weight, engine.weights[best])


@pytest.mark.parametrize(("best_by", "best"), [("likelihood", 20), ("score", 10)])
def test_the_best_may_be_the_likeliest(best_by: str, best: int, tmp_path: Path) -> None:
    """The likelihood counts for patience too; the lowest nats are the best, whatever is so of scores."""
    engine = _Scored([9, 3, 4, 5, 8, 7], nats=[4, 2, 3, 2, 9, 1])
    settings = replace(PATIENT, patience=3, best_by=best_by)
    engine.training = noisy_training(tmp_path / "checkpoint", settings, engine)
    assert engine.training.run(silent).update == best + 30
    assert torch.equal(engine.training.model.weight, engine.weights[best])


def test_without_patience_the_last_weights_are_kept(tmp_path: Path) -> None:
    training, task = _scored(tmp_path, [9, 1, 1, 1, 1, 1], 0)
    assert training.run(silent).update == 60
    assert torch.equal(training.model.weight, task.weights[60])
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]


def test_patience_changes_no_number_until_it_ends(tmp_path: Path) -> None:
    scores = [1, 2, 4, 3, 3, 9]
    short, long = (_scored(tmp_path / str(p), scores, p)[0].run(silent).history for p in (2, 0))
    assert (len(short), len(long)) == (5, 6)
    assert short == long[:5]


def test_a_stopped_run_is_not_taken_up_again(tmp_path: Path) -> None:
    first = _scored(tmp_path, [5, 5, 5, 9, 9, 9], 2)[0].run(silent)
    again, task = _scored(tmp_path, [5, 5, 5, 9, 9, 9], 2)
    assert but_time(again.run(silent)) == but_time(first)
    assert (task.update, task.weights) == (0, {})


class _Countdown:
    """Raises ``Killed`` at one of the moments it is told of, counted from 0; None: never."""

    def __init__(self, last: int | None) -> None:
        self.left, self.moments = last, 0

    def __call__(self, *_: object) -> None:
        self.moments += 1
        if self.left is not None:
            if not self.left:
                raise Killed
            self.left -= 1

    def around(self, act: Callable[..., Any]) -> Callable[..., Any]:
        """Let a moment pass before and one after ``act``."""

        def acted(*args: Any, **named: Any) -> None:
            self()
            act(*args, **named)
            self()

        return acted


@pytest.mark.parametrize("scores", [[1, 3, 2, 2, 9, 9], [1, 2, 3, 4, 9, 6]], ids=["stops", "goes on"])
def test_a_kill_at_any_moment_changes_nothing(
    scores: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at each update looked at, and before and after each file is written or read."""

    def run(folder: str, last: int | None) -> tuple[Training, int]:
        countdown = _Countdown(last)
        with monkeypatch.context() as patch:
            for name in ("save", "save_model", "load_model"):
                patch.setattr(checkpoints, name, countdown.around(getattr(checkpoints, name)))
            training, _ = _scored(tmp_path / folder, scores, 2)
            training.run(countdown)
        return training, countdown.moments

    straight, moments = run("straight", None)
    assert moments > 4 * 3
    for moment in range(moments):
        with pytest.raises(Killed):
            run(f"killed{moment}", moment)
        resumed, _ = run(f"killed{moment}", None)
        assert but_time(resumed.progress) == but_time(straight.progress)
        for one, other in zip(resumed.model.parameters(), straight.model.parameters(), strict=True):
            assert torch.equal(one, other)
        for name in (checkpoints.MODEL, checkpoints.OPTIMIZER):
            ours, theirs = (tmp_path / run / "checkpoint" / name for run in (f"killed{moment}", "straight"))
            assert ours.read_bytes() == theirs.read_bytes()
