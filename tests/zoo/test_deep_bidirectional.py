from __future__ import annotations

from collections.abc import Callable

import pytest
import reference_speech
import torch
from torch import Tensor, nn

from attnbench.zoo.deep_bidirectional import DeepBidirectionalEncoder
from attnbench.zoo.padded import Padded

Draw = Callable[[nn.Module, int], None]

LENGTHS = (5, 1, 3)


@pytest.fixture
def encoder(draw: Draw) -> DeepBidirectionalEncoder:
    made = DeepBidirectionalEncoder(inputs=3, hidden=4, layers=3).double()
    draw(made, 5)
    return made


def _frames(padding: float = 0.0) -> Padded:
    mask = torch.arange(5) < torch.tensor(LENGTHS)[:, None]
    values = torch.randn(3, 5, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    return Padded(values.masked_fill(~mask.unsqueeze(-1), padding), mask)


def _literal(encoder: DeepBidirectionalEncoder) -> list[Tensor]:
    values = _frames().values
    return [
        torch.stack(reference_speech.annotations(encoder, list(row[:length])))
        for row, length in zip(values, LENGTHS, strict=True)
    ]


def test_annotations_equal_the_equations(encoder: DeepBidirectionalEncoder) -> None:
    states, mask, summary = encoder(_frames())
    assert torch.equal(mask, _frames().mask) and states.shape == (3, 5, encoder.annotation) == (3, 5, 8)
    for b, expected in enumerate(_literal(encoder)):
        torch.testing.assert_close(states[b, : LENGTHS[b]], expected, atol=1e-12, rtol=0)
        torch.testing.assert_close(summary[b], expected[0, 4:], atol=1e-12, rtol=0)


def test_gradients_equal_the_equations(encoder: DeepBidirectionalEncoder) -> None:
    weight = torch.linspace(-1, 1, 9 * 8, dtype=torch.float64).view(9, 8)
    states, mask, _ = encoder(_frames())
    leaves = list(encoder.parameters())
    ours = torch.autograd.grad((states[mask] * weight).sum(), leaves)
    literal = torch.autograd.grad((torch.cat(_literal(encoder)) * weight).sum(), leaves)
    for one, other in zip(ours, literal, strict=True):
        assert other.abs().max() > 1e-3
        torch.testing.assert_close(one, other, atol=1e-10, rtol=1e-10)


def test_gradcheck_reaches_the_frames(encoder: DeepBidirectionalEncoder) -> None:
    values, mask = _frames()
    assert torch.autograd.gradcheck(
        lambda frames: encoder(Padded(frames, mask)).states[mask], values.requires_grad_(), fast_mode=True
    )


def test_what_padding_holds_changes_no_bit(encoder: DeepBidirectionalEncoder) -> None:
    found = []
    for padding in (0.0, torch.nan):
        states, mask, summary = encoder(_frames(padding))
        loss = states[mask].square().sum() + summary.sum()
        found.append([states, summary, *torch.autograd.grad(loss, list(encoder.parameters()))])
    for one, other in zip(*found, strict=True):
        assert torch.equal(one, other) and other.isfinite().all()
