from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from attnbench.corpora.text import END
from attnbench.errors import BadInput
from attnbench.harness.configure import settings_of
from attnbench.paper import resolve
from attnbench.tasks.summarization.rules import Lead, Nearest, Prefix
from attnbench.training import parameters
from attnbench.zoo.attention import FixedVector, Mean, SmoothedDot
from attnbench.zoo.context_window import ContextWindowModel
from attnbench.zoo.convolution import ConvolutionalEncoder
from attnbench.zoo.kneser_ney import KneserNey
from attnbench.zoo.padded import Padded
from attnbench.zoo.word_embeddings import BoundedEmbedding, Sorted, WordEmbeddings
from reproductions.rush2015 import PAPER
from reproductions.rush2015.settings import RushModel

V, S, D, H, C, L, Q = 69_000, 110_000, 200, 400, 5, 3, 2
LANGUAGE_MODEL = D * V + H * C * D + V * H  # E, U, V
BAG_OF_WORDS = LANGUAGE_MODEL + H * S + V * H  # F, W
FILTERS = L * H * H * (2 * Q + 1)
ATTENTION = D * V + H * C * D  # G, P

COUNTS = {
    # system: its matrices and tables, their sum, and the biases of U, of [V W], of filters, of P
    "nnlm": (LANGUAGE_MODEL, 41_800_000, H + V),
    "bow": (BAG_OF_WORDS, 113_400_000, H + V),
    "tdnn": (BAG_OF_WORDS + FILTERS, 115_800_000, H + V + L * H),
    "tdnn-sorted": (BAG_OF_WORDS + FILTERS, 115_800_000, H + V + L * H),
    "abs": (BAG_OF_WORDS + ATTENTION, 127_600_000, H + V + H),
    "abs-plus": (BAG_OF_WORDS + ATTENTION, 127_600_000, H + V + H),
    "abs-unsmoothed": (BAG_OF_WORDS + ATTENTION, 127_600_000, H + V + H),
}
RULES = {"prefix": Prefix, "lead": Lead, "ir": Nearest, "kn-5": KneserNey}
WORDS = SimpleNamespace(source=range(11), target=range(7))


def _build(system: str, features: Any = WORDS, **changes: Any) -> Any:
    torch.manual_seed(0)
    one = PAPER.system(system)
    settings = settings_of(PAPER, PAPER.scale("smoke"), one, embedded=True, changes=changes)
    return resolve(one.build)(settings.model, features)


@pytest.mark.parametrize("scale", ["small", "medium"])
def test_the_readme_tells_how_scales_below_the_paper_s_train(scale: str) -> None:
    text = (Path(__file__).parents[2] / "reproductions/rush2015/README.md").read_text(encoding="utf-8")
    rows = text[text.index("Below scale `paper`:") :].splitlines()
    (told,) = (row for row in rows if row.startswith("| optimiser |"))
    rates = {
        system: float(rate)
        for some, rate in re.findall(r"((?:`[a-z-]+`(?:, | and )?)+) (0\.\d+)", told)
        for system in re.findall(r"`([a-z-]+)`", some)
    }
    training = {
        system: settings_of(
            PAPER, PAPER.scale(scale), PAPER.system(system), embedded=True, changes={}
        ).training
        for system in COUNTS
    }
    assert rates == {system: one.learning_rate for system, one in training.items()}
    falls = {f"from {one.decay_from * 100:.0f} %" for one in training.values()}
    assert all(fall in told for fall in falls)
    (norm,) = (row for row in rows if row.startswith("| norm of word vectors |"))
    assert norm.endswith("| at most 1 | not bounded |")
    assert PAPER.scale(scale).settings["model.max_norm"] == 0


@pytest.mark.parametrize("system", COUNTS)
def test_the_paper_s_scale_has_the_parameters_of_the_equations(system: str) -> None:
    one, scale = PAPER.system(system), PAPER.scale("paper")
    settings = settings_of(PAPER, scale, one, embedded=False, changes={})
    sizes: Any = settings.data
    features = SimpleNamespace(source=range(sizes.source_vocabulary), target=range(sizes.vocabulary))
    with torch.device("meta"):
        model = resolve(one.build)(settings.model, features)
    terms, total, biases = COUNTS[system]
    assert terms == total == one.parameters
    assert parameters(model) == {"weights": total, "biases": biases}


def test_every_system_is_counted_or_a_rule() -> None:
    assert sorted([*COUNTS, *RULES]) == sorted(system.name for system in PAPER.systems)
    assert [s.name for s in PAPER.systems if not s.stages] == [*RULES]
    assert all(PAPER.system(name).parameters is None for name in RULES)


@pytest.mark.parametrize("system", RULES)
def test_rules_have_nothing_to_learn(system: str) -> None:
    model = _build(system)
    assert isinstance(model, RULES[system]) and not [*model.parameters()]
    assert PAPER.system(system).decodings == (("forced",) if system == "kn-5" else ("beam", "beam-75"))


def test_counts_are_of_five_words_and_of_the_summaries_vocabulary() -> None:
    model = _build("kn-5")
    assert (model.order, model.vocabulary) == (5, 7)


ENCODERS = {
    "nnlm": (type(None), type(None)),
    "bow": (WordEmbeddings, Mean),
    "tdnn": (ConvolutionalEncoder, FixedVector),
    "tdnn-sorted": (Sorted, FixedVector),
    "abs": (WordEmbeddings, SmoothedDot),
    "abs-plus": (WordEmbeddings, SmoothedDot),
    "abs-unsmoothed": (WordEmbeddings, SmoothedDot),
}


@pytest.mark.parametrize("system", ENCODERS)
def test_a_system_is_its_encoder_and_how_it_is_read(system: str) -> None:
    model = _build(system)
    assert isinstance(model, ContextWindowModel)
    assert (type(model.encoder), type(model.attention)) == ENCODERS[system]
    assert model.before == END and model.attends == system.startswith("abs")
    source = Padded(torch.tensor([[2, 3, 4, 5, 6]]), torch.ones(1, 5, dtype=torch.bool))
    assert model.decode(model.encode(source), torch.tensor([[2, 3, END]])).readout.shape[:2] == (1, 3)


@pytest.mark.parametrize("system", COUNTS)
def test_sizes_reach_the_model(system: str) -> None:
    sizes = {"embedding": 3, "hidden": 4, "context": 2, "max_norm": 0.5}
    if system.startswith("tdnn"):
        sizes |= {"layers": 2, "window": 1}
    model = _build(system, **{f"{system}:model.{key}": str(value) for key, value in sizes.items()})
    assert (model.context, tuple(model.hidden.weight.shape)) == (2, (4, 6))
    tables = [part for part in model.modules() if isinstance(part, BoundedEmbedding)]
    assert {part.bound for part in tables} == {0.5}
    assert sorted(tuple(part.weight.shape) for part in tables) == sorted(
        [(7, 3)] * (2 if system.startswith("abs") else 1) + [(11, 4)] * (system != "nnlm")
    )
    filters = [part for part in model.modules() if isinstance(part, nn.Conv1d)]
    assert [part.kernel_size for part in filters] == [(3,)] * (2 if system.startswith("tdnn") else 0)


def test_smoothing_and_its_control() -> None:
    names = ("abs", "abs-plus", "abs-unsmoothed")
    assert [_build(name).attention.reach for name in names] == [2, 2, 0]
    assert [_build(name, **{"model.window": "3"}).attention.reach for name in names] == [3, 3, 0]


def test_abs_plus_starts_as_abs_without_features() -> None:
    """The same seed gives the same network: its attention is looked at in the other's records."""
    plain, plus = _build("abs"), _build("abs-plus")
    assert plus.extraction.tolist() == [1, 0, 0, 0, 0]
    assert not hasattr(plain, "extraction") and "extraction" in dict(plus.named_buffers())
    weights = dict(plus.named_parameters())
    assert weights.keys() == dict(plain.named_parameters()).keys()
    assert all(torch.equal(weights[name], value) for name, value in plain.named_parameters())


@pytest.mark.parametrize(
    ("name", "value"), [("hidden", 0), ("embedding", 0), ("context", 0), ("window", -1), ("max_norm", -1.0)]
)
def test_settings_are_checked(name: str, value: float) -> None:
    with pytest.raises(BadInput, match=rf"model\.{name} is {value}; it must be"):
        RushModel(**{name: value})  # type: ignore[arg-type]


def test_without_a_bound_vectors_may_be_of_any_length() -> None:
    assert RushModel(max_norm=0.0).max_norm == 0


def test_predict_uses_abs_plus_where_no_system_is_named() -> None:
    """It takes the last of the main systems, which is no control."""
    assert [system.name for system in PAPER.systems if not system.extra][-1] == "abs-plus"


def test_the_schedule_of_the_paper_is_fifteen_passes() -> None:
    training = PAPER.scale("paper").settings
    pairs = training["training.updates"] * training["training.batch_size"]
    assert pairs / 3_803_957 == pytest.approx(15, abs=1e-4)
    assert training["training.halve_every"] * 15 == pytest.approx(1)
    assert training["training.patience"] == training["training.evaluations"], (
        "it never stops, and keeps the best"
    )
