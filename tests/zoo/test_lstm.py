from __future__ import annotations

from collections.abc import Callable

import pytest
import reference
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from attnbench.zoo.lstm import LSTM, Run
from attnbench.zoo.packing import Packing

LENGTHS = (2, 4, 1, 4, 3)
MASK = torch.arange(5) < torch.tensor(LENGTHS).unsqueeze(1)


@pytest.fixture
def lstm(draw: Callable[[nn.Module, int], None]) -> LSTM:
    unit = LSTM(inputs=3, hidden=4).double()
    draw(unit, 2)
    return unit


def _inputs() -> tuple[Tensor, Tensor]:
    """Return inputs (5, 5, 3), large where padded, and first cells (5, 4)."""
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(5, 5, 3, generator=generator, dtype=torch.float64)
    cell = torch.randn(5, 4, generator=generator, dtype=torch.float64)
    return inputs.masked_fill(~MASK.unsqueeze(-1), 1e3).requires_grad_(), cell.requires_grad_()


def _run(lstm: LSTM, inputs: Tensor, mask: Tensor, cell: Tensor | None) -> Run:
    """Read padded inputs; the states come back padded."""
    packing = Packing.of(mask)
    run = lstm(packing.pack(inputs), packing, cell)
    return run._replace(states=packing.pad(run.states))


def test_one_step_by_hand() -> None:
    """n = 1: i = f = o = 1/2 where the sums are nought, g = tanh(2 x + 1)."""
    lstm = LSTM(inputs=1, hidden=1).double()
    lstm.inputs.data = torch.tensor([[0.0], [0.0], [0.0], [2.0]], dtype=torch.float64)
    lstm.bias.data = torch.tensor([0.0, 0.0, 0.0, 1.0], dtype=torch.float64)
    cell = torch.tensor([[0.4]], dtype=torch.float64)
    run = _run(lstm, torch.tensor([[[0.5]]], dtype=torch.float64), torch.ones(1, 1, dtype=torch.bool), cell)
    assert run.cell.item() == pytest.approx(0.5 * 0.4 + 0.5 * 0.9640275800758169, abs=1e-12)  # tanh(2)
    assert run.hidden.item() == pytest.approx(0.5 * 0.5928270106, abs=1e-9)  # tanh(0.6820137900)


def test_it_has_one_bias_a_gate() -> None:
    sizes = {name: parameter.numel() for name, parameter in LSTM(100, 100).named_parameters()}
    assert sizes == {"inputs": 40_000, "recurrent": 40_000, "bias": 400}
    assert sum(sizes.values()) == 8 * 100**2 + 4 * 100


def test_it_equals_the_equations(lstm: LSTM) -> None:
    inputs, cell = _inputs()
    run = _run(lstm, inputs, MASK, cell)
    for b, length in enumerate(LENGTHS):
        states, c = reference.lstm_read(lstm, list(inputs[b, :length]), cell[b])
        torch.testing.assert_close(run.states[b, :length], torch.stack(states), atol=1e-12, rtol=0)
        torch.testing.assert_close(run.hidden[b], states[-1], atol=1e-12, rtol=0)
        torch.testing.assert_close(run.cell[b], c, atol=1e-12, rtol=0)
        assert (run.states[b, length:] == 0).all()


def _torch_s(lstm: LSTM) -> nn.LSTM:
    """Return torch's LSTM with the same weights: its order is i, f, g, o, and it has a second bias."""
    other = nn.LSTM(3, 4, batch_first=True).double()
    for ours, theirs in ((lstm.inputs, "weight_ih"), (lstm.recurrent, "weight_hh"), (lstm.bias, "bias_ih")):
        i, f, o, g = ours.data.chunk(4)
        getattr(other, f"{theirs}_l0").data = torch.cat([i, f, g, o])
    other.bias_hh_l0.data.zero_()
    return other


def test_it_equals_torch(lstm: LSTM) -> None:
    inputs, cell = _inputs()
    packed = pack_padded_sequence(inputs, torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False)
    starts = torch.zeros_like(cell).unsqueeze(0), cell.unsqueeze(0)
    states, (hidden, last) = _torch_s(lstm)(packed, starts)
    run = _run(lstm, inputs[:, :4], MASK[:, :4], cell)
    padded = pad_packed_sequence(states, batch_first=True)[0]
    for one, other in ((run.states, padded), (run.hidden, hidden[0]), (run.cell, last[0])):
        torch.testing.assert_close(one, other, atol=1e-12, rtol=0)


def test_gradcheck(lstm: LSTM) -> None:
    inputs, cell = _inputs()

    def run(inputs: Tensor, cell: Tensor, *_: Tensor) -> tuple[Tensor, ...]:
        """The weights are moved in place."""
        return tuple(_run(lstm, inputs, MASK, cell))

    leaves = inputs.detach().clamp(max=2.0).requires_grad_(), cell, *lstm.parameters()
    assert torch.autograd.gradcheck(run, leaves, atol=1e-7, rtol=1e-5)


def test_no_token_leaves_the_start(lstm: LSTM) -> None:
    inputs, cell = _inputs()
    mask = MASK.clone()
    mask[2] = False
    run = _run(lstm, inputs, mask, cell)
    assert torch.equal(run.cell[2], cell[2]) and (run.hidden[2] == 0).all()
    whole = _run(lstm, inputs, MASK, cell)
    torch.testing.assert_close(run.cell[3], whole.cell[3], atol=1e-12, rtol=0)


def test_no_cell_is_a_zero_cell(lstm: LSTM) -> None:
    inputs, cell = _inputs()
    for one, other in zip(_run(lstm, inputs, MASK, None), _run(lstm, inputs, MASK, cell * 0), strict=True):
        assert torch.equal(one, other)


def test_mixed_precision_stays_near(lstm: LSTM) -> None:
    lstm = lstm.float()
    inputs, cell = (tensor.detach().float().clamp(max=2.0) for tensor in _inputs())
    exact = _run(lstm, inputs, MASK, cell)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = _run(lstm, inputs.bfloat16(), MASK, cell.bfloat16())
    assert mixed.hidden.dtype == torch.float32
    torch.testing.assert_close(mixed.hidden, exact.hidden, atol=0.02, rtol=0)
