from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from attnbench import harness
from attnbench.errors import BadInput
from attnbench.harness.configure import settings_of
from attnbench.paper import resolve
from attnbench.training import parameters
from attnbench.zoo.attention import AdditiveAttention, Gated, Hard, Mean, Softmax
from attnbench.zoo.padded import Padded
from reproductions.xu2015 import PAPER
from reproductions.xu2015.settings import XuModel

M, N, D, K, A = 512, 1800, 512, 10_000, 512
"""Embedding, units, annotation, words, scorer."""
DECODER = {
    "E": M * K,
    "W_i, W_f, W_o, W_c": 4 * N * M,
    "U_i, U_f, U_o, U_c": 4 * N * N,
    "Z_i, Z_f, Z_o, Z_c": 4 * N * D,
    "f_init,c and f_init,h": 2 * N * D,
    "f_beta": N,
    "L_o": K * M,
    "L_h": M * N,
    "L_z": M * D,
}
ATTENTION = {"P": A * D, "Q": A * N, "u": A}
BIASES = 4 * N + 2 * N + 1 + K
"""Of gates and candidate, of the first states, of the gate of the context, of the output."""

SYSTEMS = {
    # system: how it normalises, lambda, lambda_r, lambda_e, probability of the expectation, moving average
    "mean": (None, 0.0, None),
    "soft": (Softmax, 1.0, None),
    "hard": (Hard, 0.0, (0.5, 0.13, 0.5, True)),
    "soft-unpenalised": (Softmax, 0.0, None),
    "soft-unsorted": (Softmax, 1.0, None),
    "hard-bare": (Hard, 0.0, (0.5, 0.0, 0.0, False)),
}
FEATURES = SimpleNamespace(target=range(7), size=6)
every_system = pytest.mark.parametrize("system", SYSTEMS)


def settings(system: str, scale: str, **changes: str) -> Any:
    one = PAPER.system(system)
    return settings_of(
        PAPER, PAPER.scale(scale), one, one.stages[0], embedded=scale != "paper", changes=changes
    )  # fmt: skip


def build(system: str, scale: str = "smoke", **changes: str) -> Any:
    torch.manual_seed(0)
    return resolve(PAPER.system(system).build)(settings(system, scale, **changes).model, FEATURES)


@every_system
def test_the_paper_s_scale_has_the_parameters_of_the_equations(system: str) -> None:
    with torch.device("meta"):
        features = SimpleNamespace(target=range(K), size=D)
        model = resolve(PAPER.system(system).build)(settings(system, "paper").model, features)
    attends = system != "mean"
    total = sum(DECODER.values()) + attends * sum(ATTENTION.values())
    assert total == PAPER.system(system).parameters == (34_785_800 if attends else 33_601_544)
    assert parameters(model) == {"weights": total, "biases": BIASES + attends * A}


def test_every_system_is_counted_and_the_code_s_sizes_give_about_35_million() -> None:
    assert list(SYSTEMS) == [system.name for system in PAPER.systems]
    assert [system.name for system in PAPER.systems if not system.extra] == ["mean", "soft", "hard"]
    assert PAPER.system("soft").parameters == pytest.approx(35e6, rel=0.01)


@every_system
def test_a_system_is_how_it_attends_and_what_it_minimises(system: str) -> None:
    normaliser, penalty, drawn = SYSTEMS[system]
    with torch.device("meta"):
        model = build(system, "paper")
    assert isinstance(model.attention, Gated)
    mechanism = model.attention.mechanism
    assert type(mechanism) is (Mean if normaliser is None else AdditiveAttention)
    assert model.penalty == penalty
    assert (model.reinforce is None) == (drawn is None)
    if normaliser is not None:
        assert type(mechanism.normaliser) is normaliser
        assert mechanism.query.bias is None and mechanism.key.bias is not None
    if drawn is not None:
        reward, entropy, expected, moving = drawn
        rule = model.reinforce
        assert (rule.reward, rule.entropy, rule.decay, rule.moving) == (reward, entropy, 0.9, moving)
        assert (mechanism.normaliser.expected, mechanism.normaliser.use) == (expected, "expected")


@every_system
def test_a_caption_is_read(system: str) -> None:
    model = build(system)
    source = Padded(torch.randn(2, 9, 6), torch.ones(2, 9, dtype=torch.bool))
    read = model.decode(model.encode(source), torch.tensor([[2, 3, 1], [4, 5, 1]]))
    assert model.attends == (system != "mean") == (read.alignment is not None)
    assert read.gate.shape == (2, 3)
    assert (read.drawn is not None) == system.startswith("hard")
    if read.alignment is not None:
        assert torch.allclose(read.alignment.sum(dim=-1), torch.ones(2, 3))


@every_system
def test_sizes_reach_the_model(system: str) -> None:
    sizes = {"hidden": 3, "embedding": 5, "dropout": 0.25} | ({"alignment": 4} if system != "mean" else {})
    model = build(system, **{f"{system}:model.{key}": str(value) for key, value in sizes.items()})
    assert tuple(model.embedding.weight.shape) == (7, 5)
    assert tuple(model.of_hidden.weight.shape) == (5, 3)
    assert model.dropout.p == 0.25
    if system != "mean":
        assert tuple(model.attention.mechanism.key.weight.shape) == (4, 6)


def test_batches_have_one_length_but_in_the_control_without() -> None:
    for scale in PAPER.scales:
        equal = {name: settings(name, scale.name).training.equal_lengths for name in SYSTEMS}
        assert equal == {name: name != "soft-unsorted" for name in SYSTEMS}


def test_who_is_used_how() -> None:
    names = {system: [one.name for one in PAPER.decodings_of(system)] for system in SYSTEMS}
    soft, hard = ["forced", "marginal"], ["beam-argmax", "beam-sampled", "forced"]
    assert names == {
        "mean": ["beam", "greedy", "forced"],
        **{name: ["beam", "greedy", *soft] for name in SYSTEMS if name.startswith("soft")},
        "hard": ["beam", "greedy", *hard, "gradients"],
        "hard-bare": ["beam", "greedy", *hard],
    }


def test_the_schedule_of_the_paper() -> None:
    training = settings("soft", "paper").training
    assert (training.optimizer, training.batch_size, training.learning_rate) == ("adam", 64, 2e-4)
    assert (training.best_by, training.loss_per, training.clip) == ("score", "example", 1e30)
    assert (training.updates / training.evaluations, training.patience) == (2000, 10)


@pytest.mark.parametrize("scale", ["small", "medium"])
def test_below_it_the_best_of_enough_evaluations_for_a_correlation_is_kept(scale: str) -> None:
    training = settings("soft", scale).training
    assert training.patience >= training.evaluations >= 10
    assert training.best_by == "score"


@pytest.mark.parametrize(
    ("name", "value"), [("hidden", 0), ("penalty", -1.0), ("expected", 1.5), ("decay", 1.0), ("dropout", 1.0)]
)
def test_settings_are_checked(name: str, value: float) -> None:
    with pytest.raises(BadInput, match=rf"model\.{name} is {value}; it must be"):
        XuModel(**{name: value})  # type: ignore[arg-type]


def test_predict_uses_hard_where_no_system_is_named() -> None:
    assert [system.name for system in PAPER.systems if not system.extra][-1] == "hard"


def test_how_drawn_attention_is_used_is_refused_where_nothing_is_drawn(tmp_path: Path) -> None:
    changes = {"decoding.attention": "argmax"}
    harness.request("xu2015", systems=["hard"], changes=changes, scale="smoke", work=tmp_path, out=tmp_path)
    with pytest.raises(BadInput, match=r"decoding.attention changes nothing here"):
        harness.request("xu2015", systems=["mean", "soft"], changes=changes, scale="smoke", work=tmp_path,
                        out=tmp_path)  # fmt: skip
