"""Adaptive weight noise: against a transcription number by number, autograd, and a known posterior."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from noisy import ADADELTA, SETTINGS, SGD, Killed, Noisy, Rows, kill_at, noisy_training, silent
from torch import Tensor, nn

from attnbench import checkpoints
from attnbench.batching import Batches
from attnbench.errors import BadInput
from attnbench.settings import TrainingSettings
from attnbench.training import learning_rate
from attnbench.weight_noise import UNIT, WeightNoise

NOISE = replace(
    ADADELTA, batch_size=1, weight_noise=0.1, clip=2.0, l2=0.01, rho=0.9, warmup=3, updates=20, evaluations=2,
    loss_per="word",
)  # fmt: skip


class Adadelta:
    """The optimiser for one number."""

    def __init__(self) -> None:
        self.square = self.moved = 0.0

    def step(self, value: float, slope: float, rate: float, l2: float) -> float:
        slope += l2 * value
        self.square = NOISE.rho * self.square + (1 - NOISE.rho) * slope**2
        change = slope * math.sqrt((self.moved + NOISE.epsilon) / (self.square + NOISE.epsilon))
        self.moved = NOISE.rho * self.moved + (1 - NOISE.rho) * change**2
        return value - rate * change


def transcribed(means: list[float]) -> Iterator[tuple[list[float], list[float]]]:
    """Yield the means and the log variances after each update; the last mean is the bias."""
    rows, optimisers = Rows(), [(Adadelta(), Adadelta()) for _ in means]
    logs = [2 * math.log(1e-12)] * len(means)
    batches = Batches.of(rows.lengths, NOISE, 3)
    for update in range(NOISE.updates):
        epsilons = torch.randn(len(means), dtype=torch.float64).tolist()
        drawn = [m + math.exp(s / 2) * e for m, s, e in zip(means, logs, epsilons, strict=True)]
        (example,) = batches[update]
        inputs = [*rows.numbers[example].tolist(), 1.0]
        wanted = torch.randn(1, dtype=torch.float64).item()
        error = sum(w * x for w, x in zip(drawn, inputs, strict=True)) - wanted
        slopes = [2 * error * x for x in inputs]
        norm = math.sqrt(sum(slope**2 for slope in slopes))
        slopes = [slope * min(1.0, NOISE.clip / (norm + 1e-6)) for slope in slopes]
        prior_mean = sum(means) / len(means)
        prior = sum(
            math.exp(s) + (m - prior_mean) ** 2 for m, s in zip(means, logs, strict=True)
        ) / len(means)  # fmt: skip
        rate, share = learning_rate(NOISE, update), NOISE.weight_noise / 20
        for i, (of_mean, of_log) in enumerate(optimisers):
            variance = math.exp(logs[i])
            of_variance = slopes[i] ** 2 / 2 + share / 2 * (1 / prior - 1 / variance)
            pull = share * (means[i] - prior_mean) / prior
            means[i] = of_mean.step(means[i], slopes[i] + pull, rate, NOISE.l2)
            logs[i] = UNIT * of_log.step(logs[i] / UNIT, UNIT * variance * of_variance, rate, 0.0)
        yield list(means), list(logs)


def test_each_update_is_that_of_a_transcription(tmp_path: Path) -> None:
    """Clipping is before the complexity, an l2 penalty for the means alone, the loss that of an example."""
    training = noisy_training(tmp_path / "c", NOISE)
    assert training.noise is not None
    start = [*training.model.weight[0].tolist(), training.model.bias.item()]
    seen: list[Tensor] = []
    step = training.optimizer.step

    def stepped() -> None:
        step()
        seen.append(torch.cat([training.model.weight[0], training.model.bias]).detach().clone())

    training.optimizer.step = stepped
    state = torch.get_rng_state()
    training.run(silent)
    torch.set_rng_state(state)
    expected = list(transcribed(start))
    assert len(seen) == len(expected) == 20
    for got, (wanted, _) in zip(seen, expected, strict=True):
        assert got.tolist() == pytest.approx(wanted, rel=1e-9)
    logs = expected[-1][1]
    assert training.noise.variances.log().tolist() == pytest.approx(logs, rel=1e-9)
    assert max(logs) > 2 * math.log(1e-12) + 5, "the variances have moved"


def test_the_pull_to_the_prior_is_the_gradient_of_the_divergence() -> None:
    """By autograd through the best prior too, which is a minimum, so that it makes no difference."""
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)).double()
    model[1].bias.requires_grad_(False)
    noise = WeightNoise(model, weight=0.3, examples=7)
    weights = [one for one in model.parameters() if one.requires_grad]
    means = torch.cat([one.detach().flatten() for one in weights]).requires_grad_()
    with torch.no_grad():
        noise.log_variances.copy_(torch.randn(len(means)) / UNIT)
    logs = noise.log_variances.detach().clone().requires_grad_()
    variances = (UNIT * logs).exp()
    prior = torch.distributions.Normal(
        means.mean(), ((means - means.mean()).square() + variances).mean().sqrt()
    )
    posterior = torch.distributions.Normal(means, variances.sqrt())
    (0.3 / 7 * torch.distributions.kl_divergence(posterior, prior).sum()).backward()
    noise.add_gradients()
    got = torch.cat([one.grad.flatten() for one in weights])  # type: ignore[union-attr]
    assert len(got) == 3 * 4 + 4 + 4 * 2 and model[1].bias.grad is None
    torch.testing.assert_close(got, means.grad, rtol=1e-9, atol=0)
    torch.testing.assert_close(noise.log_variances.grad, logs.grad, rtol=1e-9, atol=1e-12)


def test_draws_have_the_variances_and_leave_the_means() -> None:
    model = nn.Linear(2, 1, bias=False)
    noise = WeightNoise(model, 1.0, 1)
    before = model.weight.detach().clone()
    with torch.no_grad():
        noise.log_variances.copy_(torch.tensor([0.25, 4.0]).log() / UNIT)
    drawn = []
    for _ in range(4000):
        with noise.drawn():
            drawn.append(model.weight[0].detach().clone())
    spread = torch.stack(drawn) - before[0]
    assert spread.mean(0).abs().max() < 0.1
    assert spread.var(0).tolist() == pytest.approx([0.25, 4.0], rel=0.1)
    assert torch.equal(model.weight, before)
    with pytest.raises(Killed), noise.drawn():
        raise Killed
    assert torch.equal(model.weight, before)


def test_a_linear_regression_finds_its_posterior() -> None:
    """Errors have variance 1, so a weight's posterior has 1 / (sum of x^2 + 1 / sigma_p^2).

    A feature that is always 0 tells nothing: its weight keeps the prior.
    """
    torch.manual_seed(5)
    signs = torch.randint(0, 2, (100, 4)).double() * 2 - 1
    inputs = signs * torch.tensor([2.0, 0.5, 1.0, 0.0])
    errors = torch.randn(100, dtype=torch.float64)
    targets = inputs @ torch.tensor([1.0, -2.0, 0.5, 0.0]).double() + errors / errors.square().mean().sqrt()
    model = nn.Linear(4, 1, bias=False).double()
    noise = WeightNoise(model, weight=1.0, examples=100)
    with torch.no_grad():
        noise.log_variances.fill_(math.log(0.1) / UNIT)
    logs = torch.optim.SGD(noise.parameters(), lr=1 / UNIT**2)
    found = []
    for example in torch.randint(0, 100, (5000,)).tolist():
        with noise.drawn():
            model.zero_grad()
            (0.5 * (model(inputs[example]) - targets[example]).square().sum()).backward()
        noise.add_gradients()
        with torch.no_grad():
            model.weight -= 0.01 * model.weight.grad
        logs.step()
        found.append(torch.cat([model.weight[0].detach(), noise.variances]))
    mean, variance = torch.stack(found[2500:]).mean(0).split(4)
    prior = (variance + (mean - mean.mean()).square()).mean()
    precision = inputs.T @ inputs + torch.eye(4) / prior
    exact = torch.linalg.solve(precision, inputs.T @ targets + mean.mean() / prior)
    assert mean.tolist() == pytest.approx(exact.tolist(), abs=0.1)
    assert variance.tolist() == pytest.approx((1 / precision.diagonal()).tolist(), rel=0.2)


def test_a_killed_run_goes_on_bit_for_bit(tmp_path: Path) -> None:
    settings = replace(NOISE, updates=50, evaluations=5, patience=9, best_by="likelihood", column_norm=0.6)
    straight = noisy_training(tmp_path / "straight" / "checkpoint", settings)
    straight.run(silent)
    for stop in (20, 30, 40):
        with pytest.raises(Killed):
            noisy_training(tmp_path / "killed" / "checkpoint", settings).run(kill_at(stop))
    noisy_training(tmp_path / "killed" / "checkpoint", settings).run(silent)
    for folder, names in (("checkpoint", ["model", "noise", "optimizer"]), ("best", ["model", "noise"])):
        for name in names:
            ours, theirs = (tmp_path / run / folder / f"{name}.safetensors" for run in ("killed", "straight"))
            assert ours.read_bytes() == theirs.read_bytes(), f"{folder}/{name}"


class _Falling(Noisy):
    """The first evaluation is the best; the variances at each are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[Tensor, Tensor]] = []
        self.noise: WeightNoise | None = None

    def evaluate(self, model: nn.Module, *_: object) -> tuple[float, float]:  # type: ignore[override]
        assert self.noise is not None
        self.kept.append((model.weight.detach().clone(), self.noise.variances))
        return float(len(self.kept)), 0.0


def test_a_stage_begins_with_the_best_weights_and_their_variances(tmp_path: Path) -> None:
    engine = _Falling()
    first = noisy_training(
        tmp_path / "noise" / "checkpoint", replace(NOISE, patience=9, best_by="likelihood"), engine
    )
    engine.noise = first.noise
    first.run(silent)
    (weight, variances), (last, other) = engine.kept
    assert not torch.equal(weight, last) and not torch.equal(variances, other)
    later = noisy_training(tmp_path / "fine" / "checkpoint", NOISE, before=tmp_path / "noise" / "checkpoint")
    assert later.noise is not None
    assert torch.equal(later.model.weight, weight) and torch.equal(later.noise.variances, variances)
    later.run(silent)
    again = noisy_training(tmp_path / "fine" / "checkpoint", NOISE, before=tmp_path / "noise" / "checkpoint")
    assert again.noise is not None
    assert torch.equal(again.noise.variances, later.noise.variances), "its own checkpoint comes last"
    assert not torch.equal(again.noise.variances, variances)


def test_variances_begin_anew_after_a_stage_without_noise(tmp_path: Path) -> None:
    noisy_training(tmp_path / "fit", replace(NOISE, weight_noise=0.0)).run(silent)
    assert not checkpoints.has_noise(tmp_path / "fit")
    later = noisy_training(tmp_path / "noise", NOISE, before=tmp_path / "fit")
    assert later.noise is not None
    assert later.noise.variances.tolist() == pytest.approx([1e-24] * 5)


def test_noise_that_is_lost_is_a_corrupt_checkpoint(tmp_path: Path) -> None:
    noisy_training(tmp_path / "c", replace(NOISE, weight_noise=0.0)).run(silent)
    with pytest.raises(BadInput, match=r"is corrupt \(.*noise\.safetensors"):
        noisy_training(tmp_path / "c", NOISE)


@pytest.mark.parametrize("settings", [SETTINGS, SGD], ids=["adam", "sgd"])
def test_every_optimiser_trains_the_variances(settings: TrainingSettings, tmp_path: Path) -> None:
    gently = replace(settings, batch_size=1, weight_noise=0.1, learning_rate=1e-4)
    training = noisy_training(tmp_path / "c", gently)
    training.run(silent)
    assert training.noise is not None and training.noise.variances.min() > 1.1e-24


def test_batches_of_several_examples_are_refused() -> None:
    with pytest.raises(BadInput) as caught:
        TrainingSettings(weight_noise=0.1, batch_size=8)
    message = "training.batch_size is 8; with training.weight_noise above 0 it must be 1"
    assert str(caught.value) == message
    assert TrainingSettings(weight_noise=0.1, batch_size=1).weight_noise == 0.1
