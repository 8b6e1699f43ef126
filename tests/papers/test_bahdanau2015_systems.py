from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from attnbench.errors import BadInput
from attnbench.training import parameters
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.padded import Padded
from attnbench.zoo.recurrent import GatedUnit
from reproductions.bahdanau2015 import PAPER
from reproductions.bahdanau2015.settings import BahdanauModel
from reproductions.bahdanau2015.systems import rnnencdec, rnnsearch

Builder = Callable[[BahdanauModel, Any], EncoderDecoder]

M, N, A, L, K = 620, 1000, 1000, 500, 30_000
"""The paper's sizes: embedding, hidden, alignment, maxout, words a side."""

EMBEDDINGS = 2 * K * M
UNIT = 3 * N * M + 3 * N * N
OUTPUT = K * L

SEARCH = {
    "embedding": (EMBEDDINGS, 37_200_000),
    "encoder": (2 * UNIT, 9_720_000),
    "decoder": (UNIT + 3 * N * 2 * N, 10_860_000),
    "alignment": (A * N + A * 2 * N + A, 3_001_000),
    "initial": (N * N, 1_000_000),
    "readout": (2 * L * (N + M + 2 * N), 3_620_000),
    "output": (OUTPUT, 15_000_000),
}
ENCDEC = {
    "embedding": (EMBEDDINGS, 37_200_000),
    "encoder": (UNIT, 4_860_000),
    "decoder": (UNIT + 3 * N * N, 7_860_000),
    "alignment": (0, 0),
    "initial": (N * N, 1_000_000),
    "readout": (2 * L * (N + M + N), 2_620_000),
    "output": (OUTPUT, 15_000_000),
}

GROUPS = {"cell": "decoder", "context": "decoder", "attention": "alignment"}
"""The model's parts by other names."""


def _features(source: int, target: int) -> Any:
    return SimpleNamespace(source=range(source), target=range(target))


def _weights(model: nn.Module) -> dict[str, int]:
    """Return the number of weights of each part, biases apart."""
    counts = dict.fromkeys(SEARCH, 0)
    for name, weight in model.named_parameters():
        if not name.endswith("bias"):
            part = "embedding" if "embedding.weight" in name and "readout" not in name else name.split(".")[0]
            counts[GROUPS.get(part, part)] += weight.numel()
    return counts


@pytest.mark.parametrize(
    ("builder", "split", "total", "biases"),
    [
        # candidates of the three or two units, s_0, the read-out before maxout, the softmax
        (rnnsearch, SEARCH, 80_401_000, 3 * N + N + 2 * L + K),
        (rnnencdec, ENCDEC, 68_540_000, 2 * N + N + 2 * L + K),
    ],
)
def test_the_paper_s_scale_has_the_paper_s_weights(
    builder: Builder, split: dict[str, tuple[int, int]], total: int, biases: int
) -> None:
    with torch.device("meta"):
        model = builder(BahdanauModel(), _features(K, K))
    assert all(terms == printed for terms, printed in split.values())
    assert _weights(model) == {part: terms for part, (terms, _) in split.items()}
    assert sum(terms for terms, _ in split.values()) == total
    assert parameters(model) == {"weights": total, "biases": biases}


def test_the_paper_declares_the_same_counts() -> None:
    own = [system for system in PAPER.systems if system.name.startswith("rnn")]
    assert len(own) == 5
    declared = {system.name.partition("-")[0]: system.parameters for system in own}
    assert declared == {"rnnsearch": 80_401_000, "rnnencdec": 68_540_000}


both = pytest.mark.parametrize("builder", [rnnsearch, rnnencdec])


def _small(builder: Builder, initialisation: str = "paper", seed: int = 0) -> EncoderDecoder:
    torch.manual_seed(seed)
    sizes = BahdanauModel(embedding=60, hidden=80, alignment=70, maxout=50, initialisation=initialisation)
    return builder(sizes, _features(400, 300))


@both
@pytest.mark.parametrize("scheme", ["paper", "fan-in"])
def test_recurrent_matrices_are_orthogonal_and_biases_zero(builder: Builder, scheme: str) -> None:
    model = _small(builder, scheme)
    units = [module for module in model.modules() if isinstance(module, GatedUnit)]
    assert len(units) == (3 if builder is rnnsearch else 2)
    for unit in units:
        blocks = [*unit.gates.chunk(2), unit.candidate]
        for block in blocks:
            torch.testing.assert_close(block @ block.T, torch.eye(80), atol=1e-5, rtol=0)
        assert (blocks[0] - blocks[1]).abs().max() > 0.1
    biases = [bias for name, bias in model.named_parameters() if name.endswith("bias")]
    assert len(biases) == len(units) + 3 and all((bias == 0).all() for bias in biases)


def _deviation(values: torch.Tensor, expected: float) -> None:
    """Check mean and standard deviation of so many normal draws, to five standard errors."""
    n = values.numel()
    assert values.mean().item() == pytest.approx(0, abs=5 * expected / n**0.5)
    assert values.std().item() == pytest.approx(expected, rel=5 / (2 * n) ** 0.5)
    assert values.abs().max() > 2.5 * expected


@both
def test_all_other_weights_are_drawn_as_the_paper_says(builder: Builder) -> None:
    model = _small(builder)
    seen = 0
    for name, weight in model.named_parameters():
        if name.endswith(("bias", "gates", "candidate", "attention.energy")):
            continue
        _deviation(weight.detach(), 0.001 if name.startswith("attention") else 0.01)
        seen += 1
    assert seen == (13 if builder is rnnsearch else 10)


@both
def test_fan_in_keeps_the_variance_of_a_sum(builder: Builder) -> None:
    model = _small(builder, "fan-in")
    for name, weight in model.named_parameters():
        if name.endswith(("bias", "gates", "candidate")):
            continue
        embedding = name in ("embedding.weight", "encoder.embedding.weight")
        _deviation(weight.detach(), 0.1 if embedding else weight.shape[-1] ** -0.5)


def test_the_first_attention_is_uniform_over_the_real_source() -> None:
    model = _small(rnnsearch)
    assert (model.attention.energy == 0).all()  # type: ignore[union-attr]
    tokens = torch.randint(0, 400, (3, 7))
    lengths = torch.tensor([7, 4, 1])
    mask = torch.arange(7) < lengths[:, None]
    alignment = model.decode(model.encode(Padded(tokens, mask)), torch.randint(0, 300, (3, 5))).alignment
    assert alignment is not None
    for row, length in zip(alignment, lengths.tolist(), strict=True):
        assert (row[:, :length] == 1 / torch.tensor(float(length))).all()
        assert (row[:, length:] == 0).all()


@both
def test_the_seed_decides_every_weight(builder: Builder) -> None:
    one, same, other = (_small(builder, seed=seed).state_dict() for seed in (4, 4, 5))
    assert all(torch.equal(one[name], same[name]) for name in one)
    drawn = [name for name in one if not name.endswith(("bias", "attention.energy"))]
    assert not any(torch.equal(one[name], other[name]) for name in drawn)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"initialisation": "papers"}, "did you mean 'paper'"),
        ({"hidden": 0}, "model.hidden is 0; it must be at least 1"),
    ],
)
def test_settings_that_cannot_be(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        BahdanauModel(**change)
