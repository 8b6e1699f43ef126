from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from noisy import ADADELTA, CPU, KEY, RMSPROP, SETTINGS, SGD, noisy_training, silent
from torch import Tensor, nn

from attnbench.settings import TrainingSettings
from attnbench.tasks.engine import Corpus, Loss
from attnbench.training import Training, learning_rate, make_optimizer


class _Linear(NamedTuple):
    """Two examples of 5 targets in all; the loss is 3 a + 4 b for weights a and b."""

    lengths: np.ndarray = np.array([2, 3])

    def __len__(self) -> int:
        return 2

    def batch(self, indices: np.ndarray, device: torch.device) -> Tensor:
        return torch.tensor([[3.0, 4.0]], dtype=torch.float64)

    def loss(self, model: nn.Module, batch: Tensor) -> Loss:
        total = model(batch).sum()
        return Loss(total, total, targets=5, examples=2, tokens=5)

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
    training.run(silent)
    return seen[0].squeeze(0), seen[1].squeeze(0), (model.weight - 1).detach().squeeze(0)


class _Penalised(_Linear):
    """A penalty of 10 a is minimised too, and not reported."""

    def loss(self, model: nn.Module, batch: Tensor) -> Loss:
        loss = super().loss(model, batch)
        return loss._replace(objective=loss.nll + 10 * model.weight[0, 0])  # type: ignore[index]


def test_what_is_minimised_and_what_is_reported(tmp_path: Path) -> None:
    model = nn.Linear(2, 1, bias=False).double()
    nn.init.ones_(model.weight)
    rows = _Penalised()
    corpus = Corpus(None, rows, rows, {}, None)  # type: ignore[arg-type]
    settings = TrainingSettings(updates=1, evaluations=1, optimizer="sgd", learning_rate=1.0, clip=1e9)
    training = Training(model, rows, corpus, settings, seed=0, device=CPU, folder=tmp_path / "c", key=KEY)  # type: ignore[arg-type]
    progress = training.run(silent)
    assert progress.history[0]["train_nll"] == pytest.approx(7 / 5)
    assert (1 - model.weight[0]).tolist() == pytest.approx([13 / 5, 4 / 5])


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


def test_rmsprop_is_graves_by_a_slow_loop() -> None:
    """n and g are averages of the squared gradient and of itself; the step has a momentum of 0.9."""
    rate, rho, epsilon = 0.03, 0.8, 0.01
    weight = nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
    settings = replace(ONE, optimizer="rmsprop", learning_rate=rate, rho=rho, epsilon=epsilon)
    optimizer = make_optimizer(nn.ParameterList([weight]), settings)
    gradients = torch.randn(7, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    expected = []
    for place, start in enumerate((1.0, -2.0)):
        value, square, mean, step = start, 0.0, 0.0, 0.0
        for gradient in gradients[:, place].tolist():
            square = rho * square + (1 - rho) * gradient**2
            mean = rho * mean + (1 - rho) * gradient
            step = 0.9 * step + gradient / (math.sqrt(square - mean**2) + epsilon)
            value -= rate * step
        expected.append(value)
    for gradient in gradients:
        weight.grad = gradient.clone()
        optimizer.step()
    assert weight.tolist() == pytest.approx(expected, rel=1e-9)


def test_the_settings_reach_the_optimiser() -> None:
    adadelta = make_optimizer(nn.Linear(1, 1), ADADELTA)
    assert isinstance(adadelta, torch.optim.Adadelta)
    assert (adadelta.defaults["rho"], adadelta.defaults["eps"]) == (0.95, 1e-6)
    adam = make_optimizer(nn.Linear(1, 1), SETTINGS)
    assert isinstance(adam, torch.optim.Adam) and adam.defaults["weight_decay"] == 0
    rmsprop = make_optimizer(nn.Linear(1, 1), RMSPROP)
    assert isinstance(rmsprop, torch.optim.RMSprop) and rmsprop.defaults["centered"]
    assert [rmsprop.defaults[name] for name in ("alpha", "eps", "momentum")] == [0.9, 1e-4, 0.9]
    sgd = make_optimizer(nn.Linear(1, 1), SGD)
    assert isinstance(sgd, torch.optim.SGD)
    assert (sgd.defaults["lr"], sgd.defaults["momentum"], sgd.defaults["weight_decay"]) == (0.05, 0, 0)


@pytest.mark.parametrize("settings", [SETTINGS, ADADELTA, RMSPROP, SGD])
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
    training = noisy_training(tmp_path / "c")
    rates: list[float] = []
    optimizer = getattr(training.optimizer, "optimizer", training.optimizer)
    optimizer.register_step_pre_hook(lambda *_: rates.append(optimizer.param_groups[0]["lr"]))
    training.run(silent)
    assert rates == [learning_rate(SETTINGS, update) for update in range(50)]
    assert len(set(rates)) > 20
