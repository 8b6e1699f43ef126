from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from attnbench.errors import BadInput
from attnbench.harness.configure import settings_of
from attnbench.paper import resolve
from attnbench.training import parameters
from attnbench.zoo.attention import AdditiveAttention, LocationAwareAttention, Smoothed, Softmax
from attnbench.zoo.padded import Padded
from attnbench.zoo.recurrent import GatedUnit
from reproductions.chorowski2015 import PAPER
from reproductions.chorowski2015.settings import ChorowskiModel

N, A, M, L, F, R, V, X = 256, 512, 256, 64, 10, 201, 61 + 2, 123
"""Units, scorer, embedding, maxout, filters and their width, labels with the end and the unknown symbol,
numbers a frame."""


def unit(inputs: int) -> int:
    """Return the weights of a gated unit of N: two gates and a candidate read inputs and state."""
    return 3 * N * (inputs + N)


ENCODER = 2 * (unit(X) + unit(2 * N) + unit(2 * N))
STARTS = 3 * 2 * N + N
GENERATOR = V * M + unit(M + 2 * N) + 2 * L * (N + 2 * N) + V * L
CONTENT = A * N + A * 2 * N + A
LOCATION = CONTENT + A * F + F * R
BIASES = 3 * 2 * N + N + A + 2 * L + V
"""Of each unit's candidate, of V, of the maxout and of the output."""

COUNTS = {
    # system: its matrices, their sum, biases
    "baseline": (CONTENT, 4_241_856, BIASES),
    "conv": (LOCATION, 4_248_986, BIASES),
    "conv-smooth": (LOCATION, 4_248_986, BIASES + 1),
    "content-smooth": (CONTENT, 4_241_856, BIASES + 1),
}
ATTENTION = {
    "baseline": (AdditiveAttention, Softmax),
    "conv": (LocationAwareAttention, Softmax),
    "conv-smooth": (LocationAwareAttention, Smoothed),
    "content-smooth": (AdditiveAttention, Smoothed),
}
FEATURES = SimpleNamespace(target=range(7), size=6)
every_system = pytest.mark.parametrize("system", COUNTS)


def settings(system: str, scale: str, stage: str = "fit", **changes: str) -> Any:
    one = PAPER.system(system)
    (wanted,) = (each for each in one.stages if each.name == stage)
    return settings_of(PAPER, PAPER.scale(scale), one, wanted, embedded=scale != "paper", changes=changes)


def build(system: str, **changes: str) -> Any:
    torch.manual_seed(0)
    return resolve(PAPER.system(system).build)(settings(system, "smoke", **changes).model, FEATURES)


@every_system
def test_the_paper_s_scale_has_the_parameters_of_the_equations(system: str) -> None:
    with torch.device("meta"):
        features = SimpleNamespace(target=range(V), size=X)
        model = resolve(PAPER.system(system).build)(settings(system, "paper").model, features)
    attention, total, biases = COUNTS[system]
    assert ENCODER + STARTS + GENERATOR + attention == total == PAPER.system(system).parameters
    assert parameters(model) == {"weights": total, "biases": biases}


def test_every_system_is_counted_and_the_encoder_is_as_large_as_told() -> None:
    assert [*COUNTS] == [system.name for system in PAPER.systems]
    assert pytest.approx(2.95e6, rel=0.005) == ENCODER


@every_system
def test_a_system_is_how_it_attends(system: str) -> None:
    model = build(system)
    assert (type(model.attention), type(model.attention.normaliser)) == ATTENTION[system]
    assert model.attention.query.bias is None and model.attention.key.bias is not None
    assert model.attends and model.initial is None and model.readout.embedding is None
    source = Padded(torch.randn(1, 9, 6), torch.ones(1, 9, dtype=torch.bool))
    read = model.decode(model.encode(source), torch.tensor([[2, 3, 1]]))
    assert read.alignment.shape == (1, 3, 9)
    assert torch.allclose(read.alignment.sum(dim=-1), torch.ones(1, 3))


@every_system
def test_sizes_reach_the_model(system: str) -> None:
    sizes = {"layers": 2, "hidden": 3, "alignment": 4, "embedding": 5, "maxout": 2}
    if system.startswith("conv"):
        sizes |= {"filters": 6, "width": 7}
    model = build(system, **{f"{system}:model.{key}": str(value) for key, value in sizes.items()})
    assert len(model.encoder.layers) == 2 and model.encoder.annotation == 6
    assert tuple(model.attention.key.weight.shape) == (4, 6)
    assert tuple(model.embedding.weight.shape) == (7, 5)
    assert tuple(model.output.weight.shape) == (7, 2)
    filters = [part for part in model.modules() if isinstance(part, nn.Conv1d)]
    assert [tuple(part.weight.shape) for part in filters] == [(6, 1, 7)] * system.startswith("conv")


def _orthogonal(block: Tensor) -> bool:
    return torch.allclose(block @ block.T, torch.eye(len(block)), atol=1e-5)


@every_system
def test_weights_start_as_the_paper_s(system: str) -> None:
    """Gaussian as asked for, recurrent ones orthogonal, biases zero, first states small."""
    large = {"hidden": "40", "alignment": "50", "embedding": "40", "maxout": "40", "initial_std": "0.01"}
    model = build(system, **{f"model.{key}": value for key, value in large.items()})
    for module in model.modules():
        if isinstance(module, GatedUnit):
            assert all(_orthogonal(block) for block in (*module.gates.chunk(2), module.candidate))
    own: dict[str, list[Tensor]] = {"bias": [], "first": [], "weight": []}
    for name, parameter in model.named_parameters():
        last = name.rpartition(".")[2]
        if last not in ("gates", "candidate"):
            own[last if last in own else "weight"].append(parameter.detach().flatten())
    assert not torch.cat(own["bias"]).any()
    assert float(torch.cat(own["first"]).std()) == pytest.approx(0.001, rel=0.3)
    for weight in own["weight"]:
        assert float(weight.std()) == pytest.approx(0.01, rel=0.5), "each matrix"
    assert float(torch.cat(own["weight"]).std()) == pytest.approx(0.01, rel=0.03)


def test_without_a_deviation_layers_start_as_they_are_made() -> None:
    model = build("conv")
    assert settings("conv", "smoke").model.initial_std == 0
    assert float(model.encoder.layers[0].forwards.inputs.detach().std()) == pytest.approx(6**-0.5, rel=0.3)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("hidden", 0, "it must be"), ("layers", 0, "it must be"), ("initial_std", -1.0, "it must be"),
     ("width", 200, "a filter spans an odd number of frames, such as 201")],
)  # fmt: skip
def test_settings_are_checked(name: str, value: float, said: str) -> None:
    with pytest.raises(BadInput, match=rf"model\.{name} is {value}; .*{said}"):
        ChorowskiModel(**{name: value})  # type: ignore[arg-type]


def test_the_three_stages_of_the_paper() -> None:
    training = {stage: settings("conv", "paper", stage).training for stage in ("fit", "noise", "fine")}
    assert {name: (one.column_norm, one.weight_noise) for name, one in training.items()} == {
        "fit": (1.0, 0.0), "noise": (0.0, 0.1), "fine": (0.0, 0.1)
    }  # fmt: skip
    assert {name: (one.epsilon, one.best_by) for name, one in training.items()} == {
        "fit": (1e-8, "likelihood"), "noise": (1e-8, "likelihood"), "fine": (1e-10, "score")
    }  # fmt: skip
    for one in training.values():
        assert (one.optimizer, one.rho, one.batch_size, one.learning_rate) == ("adadelta", 0.95, 1, 1.0)
        assert one.updates / one.evaluations == 3696, "a pass over TIMIT"
    fine = training["fine"]
    assert fine.patience * fine.updates / fine.evaluations == pytest.approx(100_000, rel=0.01)


def test_scales_below_the_paper_s_train_once() -> None:
    for scale in PAPER.scales:
        stages = [stage.name for stage in scale.cut(PAPER.system("conv")).stages]
        assert stages == (["fit", "noise", "fine"] if scale.name == "paper" else ["fit"])


@pytest.mark.parametrize("scale", ["small", "medium", "paper"])
def test_joined_utterances_are_enough_for_a_verdict(scale: str) -> None:
    """Claims pool two numbers of utterances, and need 50 inputs."""
    assert 2 * settings("conv", scale).data.joined_per_count >= 50


def test_predict_uses_conv_smooth_where_no_system_is_named() -> None:
    assert [system.name for system in PAPER.systems if not system.extra][-1] == "conv-smooth"
