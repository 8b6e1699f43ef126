from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import attnbench
from attnbench.corpora.text import SPECIAL, Vocabulary
from attnbench.errors import BadInput
from attnbench.harness.configure import settings_of
from attnbench.paper import resolve
from attnbench.tasks.entailment.words import Words
from attnbench.training import parameters
from attnbench.zoo.padded import Padded
from reproductions.rocktaschel2016 import PAPER
from reproductions.rocktaschel2016.settings import RocktaschelModel

LSTM = 8 * 100**2 + 4 * 100
INPUTS = 300 * 100 + 100
CLASSIFIER = 3 * 100 + 3

COUNTS = {
    # system: what the equations give with the delimiter's 300, biases and all, word vectors apart
    "conditional-shared": (LSTM + INPUTS + CLASSIFIER + 300, 111_103),
    "conditional-shared-159": (8 * 159**2 + 4 * 159 + 301 * 159 + 3 * 159 + 3 + 300, 251_523),
    "conditional": (2 * (8 * 116**2 + 4 * 116) + 301 * 116 + 3 * 116 + 3 + 300, 251_791),
    "attention": (2 * LSTM + INPUTS + CLASSIFIER + 300 + 4 * 100**2 + 100, 231_603),
    "word-by-word": (2 * LSTM + INPUTS + CLASSIFIER + 300 + 6 * 100**2 + 100, 251_603),
    "attention-two-way": (231_603 + 3 * 100, 231_903),
    "word-by-word-two-way": (251_603 + 3 * 100, 251_903),
    "independent-frozen": (LSTM + INPUTS + 3 * (200**2 + 200) + 3 * 200 + 3, 231_703),
    "conditional-shared-layered": (
        LSTM + INPUTS + 300 + 100 * 200 + 200 + 2 * (200**2 + 200) + 3 * 200 + 3,
        212_003,
    ),
    "hypothesis-only": (LSTM + INPUTS + CLASSIFIER, 110_803),
    "independent": (LSTM + INPUTS + 3 * (200**2 + 200) + 3 * 200 + 3, 231_703),
}

WORDS = Words(Vocabulary(["a", "b", "c", "d"]), torch.arange(24.0).view(len(SPECIAL) + 2, -1))
"""Two words with a fixed vector beside the special tokens, and two that are learned."""


def _sizes(model: nn.Module) -> int:
    return sum(p.numel() for name, p in model.named_parameters() if "embedding" not in name)


@pytest.mark.parametrize("system", COUNTS)
def test_the_paper_s_scale_has_the_paper_s_parameters(system: str) -> None:
    terms, total = COUNTS[system]
    model = attnbench.build(f"rocktaschel2016/{system}", scale="paper")
    assert _sizes(model) == terms == total


@pytest.mark.parametrize("system", COUNTS)
def test_the_paper_declares_the_same_weights(system: str) -> None:
    model = attnbench.build(f"rocktaschel2016/{system}", scale="paper")
    sizes = parameters(model)
    vectors = sum(p.numel() for name, p in model.named_parameters() if "embedding" in name)
    assert PAPER.system(system).parameters == sizes["weights"] - vectors
    assert sizes["weights"] + sizes["biases"] - vectors == COUNTS[system][1]


def test_every_system_is_counted() -> None:
    assert sorted(COUNTS) == sorted(system.name for system in PAPER.systems)


def _build(system: str, **changes: Any) -> nn.Module:
    one = PAPER.system(system)
    settings = settings_of(PAPER, PAPER.scale("smoke"), one, embedded=True, changes=changes)
    torch.manual_seed(0)
    model: nn.Module = resolve(one.build)(settings.model, WORDS)
    return model


def _words(model: nn.Module) -> dict[str, Tensor]:
    """Return the parameters that are word vectors."""
    return {name.rpartition(".")[2]: p for name, p in model.named_parameters() if "embedding" in name}


@pytest.mark.parametrize("system", COUNTS)
def test_given_vectors_are_frozen_but_for_independent_encoding(system: str) -> None:
    model = _build(system)
    words = _words(model)
    assert sorted(words) == (["fixed", "learned"] if system == "independent" else ["learned"])
    assert words["learned"].shape == (2, WORDS.dimension)
    sentences = Padded(torch.tensor([[2, 3, 4, 5]]), torch.ones(1, 4, dtype=torch.bool))
    model.eval()(sentences, sentences).logits.sum().backward()
    assert all(vectors.grad is not None and vectors.grad.any() for vectors in words.values())


@pytest.mark.parametrize("system", COUNTS)
def test_sizes_dropout_and_range_reach_the_model(system: str) -> None:
    sizes = {"model.hidden": "6", "model.dropout": "0.3", "model.initial_scale": "0.5"}
    model = _build(system, **{f"{system}:{key}": value for key, value in sizes.items()})
    assert {part.p for part in model.modules() if isinstance(part, nn.Dropout)} == {0.3}
    assert 0.05 < _words(model)["learned"].abs().max() <= 0.5
    projections = [p for name, p in model.named_parameters() if name == "inputs.projection.weight"]
    assert [tuple(p.shape) for p in projections] == [(6, WORDS.dimension)]


def test_the_two_lstms_are_two_and_the_shared_one_is_one() -> None:
    parts = {name: dict(_build(name).named_parameters()) for name in ("conditional", "conditional-shared")}
    assert {"first.bias", "second.bias"} <= set(parts["conditional"])
    assert "second.bias" not in parts["conditional-shared"]


@pytest.mark.parametrize(
    ("name", "value"), [("hidden", 0), ("dropout", 1.0), ("dropout", -0.1), ("initial_scale", 0.0)]
)
def test_settings_are_checked(name: str, value: float) -> None:
    with pytest.raises(BadInput, match=rf"model\.{name} is {value}; it must be"):
        RocktaschelModel(**{name: value})  # type: ignore[arg-type]


def test_predict_uses_attention_where_no_system_is_named() -> None:
    """It takes the last of the main systems, which is no control."""
    assert [system.name for system in PAPER.systems if not system.extra][-1] == "word-by-word"
