"""The output layer's likelihood against torch's own cross-entropy."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from largest import Largest
from torch import Tensor

from attnbench.zoo import word_output
from attnbench.zoo.word_output import WordOutput


def _case(positions: int, dtype: torch.dtype = torch.float64) -> tuple[WordOutput, Tensor, Tensor]:
    torch.manual_seed(0)
    readout = (3 * torch.randn(positions, 5, dtype=dtype)).requires_grad_()
    return WordOutput(5, 11).to(dtype), readout, torch.randint(11, (positions,))


@pytest.mark.parametrize("positions", [0, 1, 4, 9])
def test_likelihood_and_gradients_are_those_of_cross_entropy(
    positions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_output, "ROWS", 4)
    output, readout, words = _case(positions)
    leaves = [readout, *output.parameters()]
    ours = output.nats(readout, words)
    theirs = F.cross_entropy(output(readout), words, reduction="sum")
    torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=0)
    pairs = zip(torch.autograd.grad(3 * ours, leaves), torch.autograd.grad(3 * theirs, leaves), strict=True)
    for one, other in pairs:
        torch.testing.assert_close(one, other, atol=1e-12, rtol=0)


def test_scores_of_any_size_stay_finite() -> None:
    output, readout, _ = _case(2, torch.float32)
    output.weight.data.mul_(1e4)
    least = output(readout).argmin(dim=1)
    nats = output.nats(readout, least)
    assert nats.item() == pytest.approx(F.cross_entropy(output(readout), least, reduction="sum").item())
    assert nats > 1e4
    nats.backward()
    assert readout.grad is not None and readout.grad.isfinite().all()


def test_without_gradients_only_the_likelihood_is_made() -> None:
    output, readout, words = _case(9)
    with torch.inference_mode():
        nats = output.nats(readout, words)
    expected = F.cross_entropy(output(readout), words, reduction="sum")
    assert nats.item() == pytest.approx(expected.item(), abs=1e-12)
    assert not nats.requires_grad


def test_no_tensor_of_all_scores_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest tensor made is a block of scores or a weight, not positions × words."""
    monkeypatch.setattr(word_output, "ROWS", 8)
    output, readout, words = WordOutput(3, 100), torch.randn(200, 3), torch.randint(100, (200,))
    with Largest() as largest:
        output.nats(readout, words)
    assert largest.numbers == 8 * 100


def test_bfloat16_stays_near() -> None:
    output, readout, words = _case(9, torch.float32)
    exact = output.nats(readout, words)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = output.nats(readout, words)
    assert mixed.dtype == torch.float32
    assert mixed.item() == pytest.approx(exact.item(), rel=0.02)
    (one,), (other,) = torch.autograd.grad(mixed, [readout]), torch.autograd.grad(exact, [readout])
    assert (one - other).norm() < 0.03 * other.norm()
