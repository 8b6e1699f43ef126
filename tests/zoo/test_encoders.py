"""Encoders of other inputs than words, with fewer annotations than inputs, or without an order."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from attnbench.decoding import beam_search
from attnbench.settings import SearchSettings
from attnbench.zoo.annotations import Annotations
from attnbench.zoo.attention import AdditiveAttention, DotAttention, Mechanism
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.padded import Padded
from attnbench.zoo.recurrent import GatedUnit

Draw = Callable[[nn.Module, int], None]
Pad = Callable[[Sequence[Sequence[int]]], Padded]

END, N = 1, 4
TARGETS = [[4, 2, 1], [3, 3, 6, 5, 1]]


class Halving(nn.Module):
    """Every second state of a gated unit over frames (b, s, 3): half as many annotations, rounded up."""

    annotation = N

    def __init__(self) -> None:
        super().__init__()
        self.unit = GatedUnit(3, N)

    def forward(self, inputs: Padded) -> Annotations:
        states = self.unit.run(self.unit.project(inputs.values), inputs.mask)
        return Annotations(states[:, ::2], inputs.mask[:, ::2], states[:, -1])


class Grid(nn.Module):
    """Cells (b, cells, 3) of a picture, each by itself; their mean is the summary."""

    annotation = N

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.Linear(3, N)

    def forward(self, inputs: Tensor) -> Annotations:
        states = torch.tanh(self.cell(inputs))
        return Annotations(states, torch.ones(inputs.shape[:2], dtype=torch.bool), states.mean(dim=1))


def _frames() -> Padded:
    """Seven and four frames of sound; padding is large."""
    mask = torch.arange(7) < torch.tensor([[7], [4]])
    values = torch.randn(2, 7, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return Padded(values.masked_fill(~mask.unsqueeze(-1), 1e3), mask)


def _cells() -> Tensor:
    return torch.randn(2, 6, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


ENCODERS: dict[str, tuple[Callable[[], Any], Callable[[], Any], list[int]]] = {
    "subsampled": (Halving, _frames, [4, 2]),
    "grid": (Grid, _cells, [6, 6]),
}
"""What makes the encoder, what makes its inputs, and how many annotations come of each."""
ATTENTION: dict[str, Callable[[], Mechanism]] = {
    "written-out": lambda: AdditiveAttention(N, N, 5),
    "stepwise": lambda: DotAttention(N, N),
}

every_encoder = pytest.mark.parametrize("encoder", [*ENCODERS])
every_attention = pytest.mark.parametrize("attention", [*ATTENTION])


@pytest.fixture
def model(draw: Draw) -> Callable[..., EncoderDecoder]:
    def make(encoder: str, attention: str, dtype: torch.dtype = torch.float64) -> EncoderDecoder:
        made = EncoderDecoder(
            ENCODERS[encoder][0](), ATTENTION[attention](), vocabulary=7, embedding=3, hidden=N, maxout=6
        )
        draw(made, 3)
        return made.to(dtype).eval()

    return make


Build = Callable[..., EncoderDecoder]


def _of(inputs: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """Return inputs of either kind with their tensors changed."""
    return Padded(*map(change, inputs)) if isinstance(inputs, Padded) else change(inputs)


@every_encoder
@every_attention
def test_step_agrees_with_decode(encoder: str, attention: str, model: Build, pad: Pad) -> None:
    made, inputs = model(encoder, attention, torch.float32), ENCODERS[encoder][1]()
    inputs = _of(inputs, lambda tensor: tensor.float() if tensor.is_floating_point() else tensor)
    encoded, (targets, _) = made.encode(inputs), pad(TARGETS)
    decoded = made.decode(encoded, targets)
    logits, counts = made.logits(decoded.readout), ENCODERS[encoder][2]
    assert decoded.alignment is not None and decoded.alignment.shape == (2, 5, max(counts))
    for row, count in zip(decoded.alignment, counts, strict=True):
        torch.testing.assert_close(row[:, :count].sum(dim=1), torch.ones(5), atol=1e-6, rtol=0)
        assert (row[:, :count] > 0).all() and (row[:, count:] == 0).all()
    state, tokens = made.start(encoded), None
    for i in range(targets.shape[1]):
        out, alignment, state = made.step(encoded, state, tokens)
        assert alignment is not None
        torch.testing.assert_close(out[:, 0], logits[:, i], atol=1e-5, rtol=0)
        torch.testing.assert_close(alignment[:, 0], decoded.alignment[:, i], atol=1e-5, rtol=0)
        tokens = targets[:, i : i + 1]


@every_encoder
@every_attention
def test_a_wide_beam_finds_the_best_of_all_outputs(encoder: str, attention: str, model: Build) -> None:
    """Each sentence's own best, of all outputs of up to three words."""
    made, inputs = model(encoder, attention), ENCODERS[encoder][1]()
    others = [word for word in range(7) if word != END]
    outputs = [[*start, END] for n in range(3) for start in itertools.product(others, repeat=n)]
    outputs += [list(cut) for cut in itertools.product(others, repeat=3)]
    settings = SearchSettings(beam=len(outputs), normalise=False)
    found = beam_search(made, made.encode(inputs), torch.tensor([3, 3]), settings, end=END)
    for row, hypothesis in enumerate(found):
        encoded = made.encode(_of(inputs, lambda tensor, row=row: tensor[row : row + 1]))  # type: ignore[misc]
        scores = []
        for output in outputs:
            logits = made.logits(made.decode(encoded, torch.tensor([output])).readout)
            scores.append(float(logits[0].log_softmax(-1)[torch.arange(len(output)), output].sum().detach()))
        best = max(range(len(outputs)), key=scores.__getitem__)
        assert hypothesis.tokens == [word for word in outputs[best] if word != END]
        assert hypothesis.score == pytest.approx(scores[best], abs=1e-9)


@every_attention
def test_a_grid_has_no_order(attention: str, model: Build, pad: Pad) -> None:
    made, (targets, _) = model("grid", attention), pad(TARGETS)
    turned = torch.tensor([3, 0, 5, 1, 4, 2])
    one, other = (made.decode(made.encode(cells), targets) for cells in (_cells(), _cells()[:, turned]))
    torch.testing.assert_close(one.readout, other.readout, atol=1e-12, rtol=0)
    assert one.alignment is not None and other.alignment is not None
    torch.testing.assert_close(one.alignment[..., turned], other.alignment, atol=1e-12, rtol=0)
