from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from attnbench import checkpoints
from attnbench.errors import RunFailed
from attnbench.settings import TrainingSettings
from attnbench.tasks import Corpus, Loss
from attnbench.training import Progress, Training, learning_rate, make_optimizer, order, parameters

CPU = torch.device("cpu")
KEY = "0123456789ab"


class _Rows:
    """Twenty examples: four numbers each, and how many targets each has (its length)."""

    def __init__(self) -> None:
        rng = np.random.default_rng(7)
        self.lengths = rng.integers(1, 9, size=20)
        self.numbers = torch.from_numpy(rng.normal(size=(20, 4)))

    def __len__(self) -> int:
        return 20

    def batch(self, indices: np.ndarray, device: torch.device) -> tuple[Tensor, int]:
        return self.numbers[indices], int(self.lengths[indices].sum())


class _Noisy:
    """A task whose loss draws from the random generator, and breaks at one update if asked to."""

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
        return Loss(nats, targets, len(numbers), tokens=targets)

    def evaluate(self, model: nn.Module, corpus: Corpus, device: torch.device) -> tuple[float, float]:
        assert not model.training
        with torch.inference_mode():
            return model(corpus.valid.numbers).square().mean().item(), 0.0  # type: ignore[attr-defined]


SETTINGS = TrainingSettings(
    updates=50, batch_size=3, bucket_batches=4, learning_rate=0.05, warmup=7, decay_from=0.5, evaluations=5,
    checkpoint_seconds=0.0,
)  # fmt: skip
ADADELTA = replace(SETTINGS, optimizer="adadelta", learning_rate=1.0, epsilon=1e-6, loss_per="example")
SGD = replace(SETTINGS, optimizer="sgd", halve_every=0.1)


def _training(
    folder: Path, settings: TrainingSettings = SETTINGS, task: Any = None, key: str = KEY
) -> Training:
    torch.manual_seed(0)
    model = nn.Linear(4, 1).double()
    rows = _Rows()
    corpus = Corpus(None, rows, rows, {}, None)
    return Training(model, task or _Noisy(), corpus, settings, seed=3, device=CPU, folder=folder, key=key)


def _silent(update: int, loss: float) -> None:
    pass


class _Killed(Exception):
    pass


def _kill_at(stop: int) -> Callable[[int, float], None]:
    def report(update: int, loss: float) -> None:
        if update >= stop:
            raise _Killed

    return report


# --- schedule and order ---


def test_the_learning_rate_by_hand() -> None:
    settings = TrainingSettings(updates=11, learning_rate=0.8, warmup=4, decay_from=6 / 11, decay_to=0.25)
    rates = [learning_rate(settings, update) for update in range(11)]
    expected = [0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.8, 0.65, 0.5, 0.35, 0.2]
    assert rates == pytest.approx(expected, abs=1e-12)


def test_the_learning_rate_stays_flat_by_default() -> None:
    settings = TrainingSettings(updates=100, learning_rate=1.0)
    assert {learning_rate(settings, update) for update in range(100)} == {1.0}


def test_the_learning_rate_of_one_update() -> None:
    assert learning_rate(TrainingSettings(updates=1, decay_from=0.5, learning_rate=0.3), 0) == 0.3


def test_the_learning_rate_halves_again_and_again() -> None:
    """Flat to update 8 of 16, then a half more every two updates, however long the warm-up was."""
    settings = TrainingSettings(
        updates=16, learning_rate=0.8, warmup=2, decay_from=0.5, halve_every=0.125, decay_to=0.9
    )
    rates = [learning_rate(settings, update) for update in range(16)]
    expected = [0.4, *[0.8] * 8, 0.4, 0.4, 0.2, 0.2, 0.1, 0.1, 0.05]
    assert rates == pytest.approx(expected, abs=1e-12)


def _epoch(
    count: int, lengths: np.ndarray, settings: TrainingSettings, updates: range, seed: int = 0
) -> list[int]:
    return [int(i) for update in updates for i in order(count, lengths, settings, update, seed)]


def test_order_covers_every_example_once_an_epoch() -> None:
    lengths = np.random.default_rng(0).integers(1, 50, size=24)
    settings = TrainingSettings(batch_size=3, bucket_batches=4)
    for epoch in range(3):
        seen = _epoch(24, lengths, settings, range(8 * epoch, 8 * epoch + 8))
        assert sorted(seen) == list(range(24))


def test_order_wraps_and_leaves_nothing_out() -> None:
    """10 examples in buckets of 12: after 5 buckets each was seen 6 times."""
    lengths = np.arange(10)
    settings = TrainingSettings(batch_size=3, bucket_batches=4)
    buckets = [_epoch(10, lengths, settings, range(4 * b, 4 * b + 4)) for b in range(5)]
    assert all(len(bucket) == 12 and set(bucket) == set(range(10)) for bucket in buckets)
    assert Counter(chain(*buckets)) == dict.fromkeys(range(10), 6)
    twice = [{i for i, n in Counter(bucket).items() if n == 2} for bucket in buckets]
    assert set.union(*twice) == set(range(10)) and all(len(pair) == 2 for pair in twice)


def test_order_sorts_each_bucket_by_length_and_only_there() -> None:
    lengths = np.random.default_rng(0).permutation(40)
    settings = TrainingSettings(batch_size=5, bucket_batches=4)
    first, second = (_epoch(40, lengths, settings, range(4 * b, 4 * b + 4)) for b in range(2))
    for bucket in (first, second):
        assert (np.diff(lengths[bucket]) > 0).all()
    assert not set(first) & set(second)
    assert lengths[first].max() > lengths[second].min()


def test_order_is_a_function_of_seed_and_update() -> None:
    lengths = np.zeros(30, dtype=np.int64)
    settings = TrainingSettings(batch_size=5, bucket_batches=2)
    assert _epoch(30, lengths, settings, range(6)) == _epoch(30, lengths, settings, range(6))
    assert list(order(30, lengths, settings, 4, 0)) == _epoch(30, lengths, settings, range(6))[20:25]
    assert _epoch(30, lengths, settings, range(6), seed=1) != _epoch(30, lengths, settings, range(6))
    assert _epoch(30, lengths, settings, range(6)) != list(range(30))


# --- the optimiser's arithmetic ---


class _Linear(NamedTuple):
    """Two examples of 5 targets in all; the loss is 3 a + 4 b for weights a and b."""

    lengths: np.ndarray = np.array([2, 3])

    def __len__(self) -> int:
        return 2

    def batch(self, indices: np.ndarray, device: torch.device) -> Tensor:
        return torch.tensor([[3.0, 4.0]], dtype=torch.float64)

    def loss(self, model: nn.Module, batch: Tensor) -> Loss:
        return Loss(model(batch).sum(), targets=5, examples=2, tokens=5)

    def evaluate(self, model: nn.Module, corpus: Corpus, device: torch.device) -> tuple[float, float]:
        return 0.0, 0.0


def _gradients(settings: TrainingSettings, folder: Path) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradient before and after clipping, and the change of the weights, of one update."""
    model = nn.Linear(2, 1, bias=False).double()
    nn.init.ones_(model.weight)
    task = _Linear()
    corpus = Corpus(None, task, task, {}, None)  # type: ignore[arg-type]
    training = Training(model, task, corpus, settings, seed=0, device=CPU, folder=folder, key=KEY)  # type: ignore[arg-type]
    seen: list[Tensor] = []
    model.weight.register_hook(lambda gradient: seen.append(gradient.clone()))
    optimizer = getattr(training.optimizer, "optimizer", training.optimizer)
    optimizer.register_step_pre_hook(lambda *_: seen.append(model.weight.grad.clone()))
    training.run(_silent)
    return seen[0].squeeze(0), seen[1].squeeze(0), (model.weight - 1).detach().squeeze(0)


ONE = TrainingSettings(updates=1, batch_size=2, bucket_batches=1, evaluations=1, clip=1e9)


@pytest.mark.parametrize(("loss_per", "share"), [("word", 5), ("example", 2)])
def test_the_loss_is_shared_by_words_or_by_examples(loss_per: str, share: int, tmp_path: Path) -> None:
    before, after, _ = _gradients(replace(ONE, loss_per=loss_per), tmp_path / "c")
    assert before.tolist() == pytest.approx([3 / share, 4 / share], abs=1e-12)
    assert after.tolist() == pytest.approx([3 / share, 4 / share], abs=1e-12)


def test_the_whole_gradient_is_clipped_to_its_norm(tmp_path: Path) -> None:
    """Per example the norm is 5/2, per word 5/5 = 1: a limit of 1.25 halves the one and leaves the other."""
    _, clipped, _ = _gradients(replace(ONE, loss_per="example", clip=1.25), tmp_path / "a")
    assert clipped.tolist() == pytest.approx([0.75, 1.0], rel=1e-5)
    _, kept, _ = _gradients(replace(ONE, loss_per="word", clip=1.25), tmp_path / "b")
    assert kept.tolist() == pytest.approx([0.6, 0.8], rel=1e-12)


def test_the_first_updates_of_both_optimisers_by_hand(tmp_path: Path) -> None:
    """Adam moves by the rate against the sign; Adadelta by sqrt(eps) / sqrt((1 - rho) g^2 + eps) g."""
    _, _, moved = _gradients(replace(ONE, learning_rate=0.01), tmp_path / "adam")
    assert moved.tolist() == pytest.approx([-0.01, -0.01], rel=1e-6)
    settings = replace(ONE, optimizer="adadelta", learning_rate=1.0, rho=0.9, epsilon=1e-4)
    _, _, moved = _gradients(settings, tmp_path / "adadelta")
    expected = [-math.sqrt(1e-4 / (0.1 * g**2 + 1e-4)) * g for g in (0.6, 0.8)]
    assert moved.tolist() == pytest.approx(expected, rel=1e-9)


def test_plain_gradient_descent_by_hand(tmp_path: Path) -> None:
    """It moves by the rate times the clipped gradient, a word's (0.6, 0.8), and keeps no momentum."""
    sgd = replace(ONE, optimizer="sgd", learning_rate=0.7)
    _, _, moved = _gradients(sgd, tmp_path / "a")
    assert moved.tolist() == pytest.approx([-0.42, -0.56], rel=1e-12)
    _, _, clipped = _gradients(replace(sgd, clip=0.5), tmp_path / "b")
    assert clipped.tolist() == pytest.approx([-0.21, -0.28], rel=1e-5)
    _, _, thrice = _gradients(replace(sgd, updates=3), tmp_path / "c")
    assert thrice.tolist() == pytest.approx([-1.26, -1.68], rel=1e-12)


def test_the_settings_reach_the_optimiser() -> None:
    adadelta = make_optimizer(nn.Linear(1, 1), ADADELTA)
    assert isinstance(adadelta, torch.optim.Adadelta)
    assert (adadelta.defaults["rho"], adadelta.defaults["eps"]) == (0.95, 1e-6)
    adam = make_optimizer(nn.Linear(1, 1), SETTINGS)
    assert isinstance(adam, torch.optim.Adam) and adam.defaults["weight_decay"] == 0
    sgd = make_optimizer(nn.Linear(1, 1), SGD)
    assert isinstance(sgd, torch.optim.SGD)
    assert (sgd.defaults["lr"], sgd.defaults["momentum"], sgd.defaults["weight_decay"]) == (0.05, 0, 0)


@pytest.mark.parametrize("settings", [SETTINGS, ADADELTA, SGD])
def test_l2_adds_so_much_of_each_parameter_to_its_gradient(settings: TrainingSettings) -> None:
    def stepped(l2: float, penalty: float) -> Tensor:
        weight = nn.Parameter(torch.tensor([3.0, -2.0, 0.5]))
        model = nn.ParameterList([weight])
        optimizer = make_optimizer(model, replace(settings, l2=l2))
        for _ in range(3):
            weight.grad = torch.tensor([0.1, 0.2, -0.3]) + penalty * weight.detach()
            optimizer.step()
        return weight.detach()

    torch.testing.assert_close(stepped(0.04, 0.0), stepped(0.0, 0.04))
    assert not torch.allclose(stepped(0.04, 0.0), stepped(0.0, 0.0), rtol=1e-6)


def test_each_update_has_its_learning_rate(tmp_path: Path) -> None:
    training = _training(tmp_path / "c")
    rates: list[float] = []
    optimizer = getattr(training.optimizer, "optimizer", training.optimizer)
    optimizer.register_step_pre_hook(lambda *_: rates.append(optimizer.param_groups[0]["lr"]))
    training.run(_silent)
    assert rates == [learning_rate(SETTINGS, update) for update in range(50)]
    assert len(set(rates)) > 20


# --- history, checkpoints, failure ---


def _kept(progress: Progress) -> dict[str, Any]:
    return {name: value for name, value in vars(progress).items() if name != "seconds"}


def test_the_history_counts_and_averages(tmp_path: Path) -> None:
    """Every evaluation's training loss is the mean a target since the last one."""
    task, seen = _Noisy(), []
    inner = task.loss

    def loss(model: nn.Module, batch: Any) -> Loss:
        seen.append(inner(model, batch))
        return seen[-1]

    task.loss = loss  # type: ignore[method-assign]
    progress = _training(tmp_path / "c", task=task).run(_silent)
    assert [row["update"] for row in progress.history] == [10, 20, 30, 40, 50]
    for i, row in enumerate(progress.history):
        part = seen[10 * i : 10 * i + 10]
        assert row["train_nll"] == pytest.approx(
            sum(float(x.nats.detach()) for x in part) / sum(x.targets for x in part)
        )
        assert row["tokens"] == sum(x.targets for x in seen[: 10 * i + 10])
    assert (progress.update, progress.examples) == (50, 150)
    assert progress.history[-1]["valid_nll"] < progress.history[0]["valid_nll"]


@pytest.mark.parametrize("settings", [SETTINGS, ADADELTA, SGD], ids=["adam", "adadelta", "sgd"])
@pytest.mark.parametrize("stops", [(10,), (30,), (20, 50), (20, 30, 40)], ids=str)
def test_a_resumed_run_equals_a_straight_one(
    settings: TrainingSettings, stops: tuple[int, ...], tmp_path: Path
) -> None:
    straight = _training(tmp_path / "straight", settings)
    expected = straight.run(_silent)
    for stop in stops:
        with pytest.raises(_Killed):
            _training(tmp_path / "killed", settings).run(_kill_at(stop))
    resumed = _training(tmp_path / "killed", settings)
    assert resumed.progress.update == stops[-1] - 10
    got = resumed.run(_silent)
    assert _kept(got) == _kept(expected)
    for one, other in zip(resumed.model.parameters(), straight.model.parameters(), strict=True):
        assert torch.equal(one, other)
    assert not torch.equal(straight.model.weight, _training(tmp_path / "new", settings).model.weight)


def test_when_checkpoints_fall_changes_no_number(tmp_path: Path) -> None:
    often = _training(tmp_path / "often").run(_silent)
    once = _training(tmp_path / "once", replace(SETTINGS, checkpoint_seconds=1e9)).run(_silent)
    assert _kept(often) == _kept(once)


def test_a_finished_run_is_not_repeated(tmp_path: Path) -> None:
    first = _training(tmp_path / "c").run(_silent)
    task = _Noisy()
    assert _kept(_training(tmp_path / "c", task=task).run(_silent)) == _kept(first)
    assert task.update == 0


@pytest.mark.parametrize("broken", [{"nan_at": 24}, {"infinite_gradient_at": 24}], ids=str)
def test_a_loss_that_is_not_finite_names_the_update(broken: dict[str, int], tmp_path: Path) -> None:
    folder = tmp_path / "c"
    with pytest.raises(RunFailed) as caught:
        _training(folder, task=_Noisy(**broken)).run(_silent)
    message = str(caught.value)
    assert "update 24;" in message and str(folder) in message and "\n" not in message
    assert ("the loss is nan" if "nan_at" in broken else "the norm of the gradient is ") in message
    kept = _training(folder)
    assert kept.progress.update == 20
    assert all(parameter.isfinite().all() for parameter in kept.model.parameters())
    assert _kept(kept.run(_silent)) == _kept(_training(tmp_path / "straight").run(_silent))


def test_a_run_reports_the_mean_loss_a_target(tmp_path: Path) -> None:
    said: list[tuple[int, float]] = []
    progress = _training(tmp_path / "c").run(lambda update, loss: said.append((update, loss)))
    assert [update for update, _ in said] == [10, 20, 30, 40, 50]
    assert [loss for _, loss in said] == pytest.approx([row["train_nll"] for row in progress.history])


def test_the_last_checkpoint_holds_the_trained_model(tmp_path: Path) -> None:
    training = _training(tmp_path / "c")
    training.run(_silent)
    model = nn.Linear(4, 1).double()
    checkpoints.load_model(tmp_path / "c", model)
    assert torch.equal(model.weight, training.model.weight) and torch.equal(model.bias, training.model.bias)


def test_parameters_counts_biases_apart() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Embedding(5, 6), nn.Linear(2, 2, bias=False))
    assert parameters(model) == {"weights": 12 + 30 + 4, "biases": 4}


# --- patience ---


class _Scored(_Noisy):
    """A task with given validation scores, one an evaluation; it keeps the weights that each was of."""

    def __init__(self, scores: Sequence[float]) -> None:
        super().__init__()
        self.scores = scores
        self.weights: dict[int, Tensor] = {}
        self.training: Training | None = None

    def evaluate(self, model: nn.Module, corpus: Corpus, device: torch.device) -> tuple[float, float]:
        assert self.training is not None
        progress = self.training.progress
        self.weights[progress.update] = model.weight.detach().clone()
        return super().evaluate(model, corpus, device)[0], self.scores[len(progress.history)]


PATIENT = replace(SETTINGS, updates=60, evaluations=6)


def _scored(folder: Path, scores: Sequence[float], patience: int) -> tuple[Training, _Scored]:
    task = _Scored(scores)
    task.training = _training(folder / "checkpoint", replace(PATIENT, patience=patience), task)
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
    ],
    ids=str,
)
def test_patience_stops_and_keeps_the_best_weights(
    scores: list[float], patience: int, stop: int, best: int, tmp_path: Path
) -> None:
    training, task = _scored(tmp_path, scores, patience)
    progress = training.run(_silent)
    assert (progress.update, progress.finished) == (stop, True)
    assert [row["update"] for row in progress.history] == list(range(10, stop + 1, 10))
    assert [row["valid_score"] for row in progress.history] == scores[: stop // 10]
    assert task.update == stop, "no update is done for nothing"
    assert len({float(weights.sum()) for weights in task.weights.values()}) == stop // 10
    assert torch.equal(training.model.weight, task.weights[best])
    kept = nn.Linear(4, 1).double()
    checkpoints.load_model(tmp_path / "checkpoint", kept)
    assert torch.equal(kept.weight, task.weights[best])


def test_without_patience_the_last_weights_are_kept(tmp_path: Path) -> None:
    training, task = _scored(tmp_path, [9, 1, 1, 1, 1, 1], 0)
    assert training.run(_silent).update == 60
    assert torch.equal(training.model.weight, task.weights[60])
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]


def test_patience_changes_no_number_until_it_ends(tmp_path: Path) -> None:
    scores = [1, 2, 4, 3, 3, 9]
    short, long = (_scored(tmp_path / str(p), scores, p)[0].run(_silent).history for p in (2, 0))
    assert (len(short), len(long)) == (5, 6)
    assert short == long[:5]


def test_a_stopped_run_is_not_taken_up_again(tmp_path: Path) -> None:
    first = _scored(tmp_path, [5, 5, 5, 9, 9, 9], 2)[0].run(_silent)
    again, task = _scored(tmp_path, [5, 5, 5, 9, 9, 9], 2)
    assert _kept(again.run(_silent)) == _kept(first)
    assert (task.update, task.weights) == (0, {})


class _Countdown:
    """Raises ``_Killed`` at one of the moments it is told of, counted from 0; None: never."""

    def __init__(self, last: int | None) -> None:
        self.left, self.moments = last, 0

    def __call__(self, *_: object) -> None:
        self.moments += 1
        if self.left is not None:
            if not self.left:
                raise _Killed
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
        with pytest.raises(_Killed):
            run(f"killed{moment}", moment)
        resumed, _ = run(f"killed{moment}", None)
        assert _kept(resumed.progress) == _kept(straight.progress)
        for one, other in zip(resumed.model.parameters(), straight.model.parameters(), strict=True):
            assert torch.equal(one, other)
        for name in (checkpoints.MODEL, checkpoints.OPTIMIZER):
            ours, theirs = (tmp_path / run / "checkpoint" / name for run in (f"killed{moment}", "straight"))
            assert ours.read_bytes() == theirs.read_bytes()
