"""The bound on the incoming weights of a unit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from noisy import SGD, noisy_training, silent
from torch import Tensor, nn

from attnbench.column_norm import bound
from attnbench.zoo.attention import AdditiveAttention, LocationAwareAttention
from attnbench.zoo.deep_bidirectional import BothWays
from attnbench.zoo.recurrent import GatedUnit
from attnbench.zoo.word_vectors import WordVectors


def bounded(module: nn.Module, **values: list[object]) -> dict[str, Tensor]:
    """Return a module's weights, of those that are given, after they are bounded by 1."""
    weights = dict(module.named_parameters())
    with torch.no_grad():
        for name, value in values.items():
            weights[name].copy_(torch.tensor(value))
    bound(nn.Sequential(module), 1.0)
    return {name: weights[name].detach() for name in values}


def close(got: Tensor, wanted: list[object]) -> None:
    torch.testing.assert_close(got, torch.tensor(wanted), rtol=1e-5, atol=1e-6)


def test_rows_of_a_matrix_are_the_weights_into_a_unit() -> None:
    got = bounded(nn.Linear(2, 3), weight=[[3, 4], [0.6, 0.8], [-0.3, 0.4]], bias=[5, 6, 7])
    close(got["weight"], [[0.6, 0.8], [0.6, 0.8], [-0.3, 0.4]])
    assert got["bias"].tolist() == [5, 6, 7]


def test_each_gate_has_its_own() -> None:
    got = bounded(GatedUnit(2, 1), inputs=[[0, 2], [3, 4], [0.1, 0]], gates=[[5], [0.5]], candidate=[[-3]])
    close(got["inputs"], [[0, 1], [0.6, 0.8], [0.1, 0]])
    close(got["gates"], [[1], [0.5]])
    close(got["candidate"], [[-1.0]])


def test_a_filter_is_bounded_over_its_width() -> None:
    got = bounded(nn.Conv1d(1, 2, 4, bias=False), weight=[[[1, 1, 1, 1]], [[0.5, 0.5, 0.5, -0.5]]])
    close(got["weight"], [[[0.5, 0.5, 0.5, 0.5]], [[0.5, 0.5, 0.5, -0.5]]])


def test_a_look_up_table_is_a_matrix_from_words() -> None:
    table = [[3, 0.1], [4, 0.2], [0, 0.2]]
    wanted: list[object] = [[0.6, 0.1], [0.8, 0.2], [0, 0.2]]
    close(bounded(nn.Embedding(3, 2), weight=table)["weight"], wanted)  # type: ignore[arg-type]
    close(bounded(WordVectors(torch.ones(2, 2), 3), learned=table)["learned"], wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("attention", [AdditiveAttention, LocationAwareAttention])
def test_the_vector_that_scores_is_all_that_goes_into_a_unit(attention: type[nn.Module]) -> None:
    close(bounded(attention(3, 3, 2), energy=[3, -4])["energy"], [0.6, -0.8])
    close(bounded(attention(3, 3, 2), energy=[0.3, -0.4])["energy"], [0.3, -0.4])


def test_first_states_are_no_weights_into_a_unit() -> None:
    assert bounded(BothWays(1, 2), first=[[3, 4], [5, 6]])["first"].tolist() == [[3, 4], [5, 6]]


def test_frozen_weights_stay() -> None:
    layer = nn.Linear(2, 1).requires_grad_(False)
    assert bounded(layer, weight=[[3, 4]])["weight"].tolist() == [[3, 4]]


@pytest.mark.parametrize(("norm", "largest"), [(0.05, 0.05), (0.0, None)])
def test_the_bound_holds_after_each_update(norm: float, largest: float | None, tmp_path: Path) -> None:
    training = noisy_training(tmp_path / "c", replace(SGD, column_norm=norm))
    norms: list[float] = []
    training.model.register_forward_pre_hook(lambda model, _: norms.append(model.weight.norm().item()))
    training.run(silent)
    norms.append(training.model.weight.norm().item())
    if largest is None:
        assert min(norms) > 0.1
    else:
        assert max(norms[1:]) <= largest and norms[0] > 0.1
        assert max(norms[1:]) == pytest.approx(largest, rel=1e-5)
