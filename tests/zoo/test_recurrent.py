from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import reference
import torch
from torch import Tensor, nn

from attnbench.zoo.padded import Padded
from attnbench.zoo.recurrent import BidirectionalEncoder, ForwardEncoder, GatedUnit

Draw = Callable[[nn.Module, int], None]
Pad = Callable[[Sequence[Sequence[int]]], Padded]

SENTENCES = [[3, 1, 4], [5], [8, 2, 6, 0, 7]]


@pytest.fixture
def cell(draw: Draw) -> GatedUnit:
    unit = GatedUnit(inputs=3, hidden=4).double()
    draw(unit, 3)
    return unit


def test_one_step_by_hand() -> None:
    """n = 1, every weight its own number: z = r = 1/2 where the exponents cancel."""
    cell = GatedUnit(inputs=1, hidden=1).double()
    cell.inputs.data = torch.tensor([[2.0], [4.0], [0.5]], dtype=torch.float64)
    cell.gates.data = torch.tensor([[-1.0], [-2.0]], dtype=torch.float64)
    cell.candidate.data = torch.tensor([[3.0]], dtype=torch.float64)
    cell.bias.data = torch.tensor([0.25], dtype=torch.float64)
    x, h = torch.tensor([0.5], dtype=torch.float64), torch.tensor([1.0], dtype=torch.float64)
    # z = s(2*0.5 - 1) = 1/2; r = s(4*0.5 - 2) = 1/2; g = tanh(0.5*0.5 + 0.25 + 3*(1/2*1)) = tanh(2)
    expected = 0.5 * 1.0 + 0.5 * 0.9640275800758169
    assert cell(cell.project(x), h).item() == pytest.approx(expected, abs=1e-12)


def test_the_update_gate_weighs_the_candidate(cell: GatedUnit) -> None:
    h = torch.tensor([0.1, -0.2, 0.3, -0.4], dtype=torch.float64)
    closed = torch.cat([torch.full((4,), -60.0), torch.zeros(8)]).double()
    cell.gates.data[:4] = 0
    assert torch.equal(cell(closed, h), h)


def test_states_equal_the_equations(cell: GatedUnit) -> None:
    x = torch.randn(2, 5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    states = cell.run(cell.project(x))
    for b in range(2):
        expected = torch.stack(reference.gated_states(reference.unit_of(cell), list(x[b])))
        torch.testing.assert_close(states[b], expected, atol=1e-12, rtol=0)


def test_gradients_equal_the_equations(cell: GatedUnit) -> None:
    x = torch.randn(2, 5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    weight = torch.linspace(-1, 1, 40, dtype=torch.float64).view(2, 5, 4)
    leaves = [x, *cell.parameters()]
    ours = torch.autograd.grad((cell.run(cell.project(x)) * weight).sum(), leaves)
    literal = torch.stack(
        [torch.stack(reference.gated_states(reference.unit_of(cell), list(x[b]))) for b in range(2)]
    )
    for one, other in zip(ours, torch.autograd.grad((literal * weight).sum(), leaves), strict=True):
        assert other.abs().max() > 1e-3
        torch.testing.assert_close(one, other, atol=1e-10, rtol=1e-10)


def test_gradcheck_of_the_gated_unit(cell: GatedUnit) -> None:
    mask = torch.tensor([[True, True, True], [True, False, False]])

    def run(x: Tensor, h: Tensor, *_: Tensor) -> Tensor:
        """The weights are moved in place."""
        return cell.run(cell.project(x), mask, hidden=h)

    generator = torch.Generator().manual_seed(4)
    x = torch.randn(2, 3, 3, dtype=torch.float64, generator=generator)
    h = torch.randn(2, 4, dtype=torch.float64, generator=generator)
    inputs = x.requires_grad_(), h.requires_grad_(), *cell.parameters()
    assert torch.autograd.gradcheck(run, inputs, atol=1e-7, rtol=1e-5)


def _gru_like(cell: GatedUnit, reset_bias: float) -> nn.GRU:
    """Return torch's unit with the same weights: order r, z, n; its update gate keeps the old state."""
    gru = nn.GRU(3, 4, batch_first=True).double()
    n = cell.hidden
    W_z, W_r, W = cell.inputs.data.split(n)
    U_z, U_r = cell.gates.data.split(n)
    gru.weight_ih_l0.data = torch.cat([W_r, -W_z, W])
    gru.weight_hh_l0.data = torch.cat([U_r, -U_z, cell.candidate.data])
    zeros = torch.zeros(n, dtype=torch.float64)
    gru.bias_ih_l0.data = torch.cat([zeros + reset_bias, zeros, cell.bias.data])
    gru.bias_hh_l0.data = torch.zeros(3 * n, dtype=torch.float64)
    return gru


def test_equals_torch_with_the_reset_gate_forced_open(cell: GatedUnit) -> None:
    x = torch.randn(2, 6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    h = torch.randn(2, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(6))
    opened = cell.project(x) + torch.cat([torch.zeros(4), torch.full((4,), 80.0), torch.zeros(4)])
    expected = _gru_like(cell, reset_bias=80.0)(x, h.unsqueeze(0))[0]
    torch.testing.assert_close(cell.run(opened, hidden=h), expected, atol=1e-12, rtol=0)


def test_equals_torch_where_reset_and_product_commute(cell: GatedUnit) -> None:
    """U (r * h) = r * (U h) for a diagonal U: a live reset gate, on either side of the product."""
    x = torch.randn(2, 6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    h = torch.randn(2, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(6))
    cell.candidate.data = torch.diag(cell.candidate.data.diagonal())
    expected = _gru_like(cell, reset_bias=0.0)(x, h.unsqueeze(0))[0]
    torch.testing.assert_close(cell.run(cell.project(x), hidden=h), expected, atol=1e-12, rtol=0)


def test_differs_from_torch_otherwise(cell: GatedUnit) -> None:
    x = torch.randn(2, 6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    h = torch.randn(2, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(6))
    other = _gru_like(cell, reset_bias=0.0)(x, h.unsqueeze(0))[0]
    assert (cell.run(cell.project(x), hidden=h) - other).abs().max() > 1e-2


def test_the_mask_carries_the_state_over(cell: GatedUnit) -> None:
    x = torch.randn(1, 4, 3, dtype=torch.float64)
    mask = torch.tensor([[True, False, True, False]])
    states = cell.run(cell.project(x), mask)
    short = cell.run(cell.project(x[:, [0, 2]]))
    torch.testing.assert_close(states[0], short[0, [0, 0, 1, 1]], atol=1e-14, rtol=0)


def test_new_recurrent_blocks_are_orthogonal() -> None:
    cell = GatedUnit(inputs=3, hidden=8)
    for block in (*cell.gates.chunk(2), cell.candidate):
        torch.testing.assert_close(block @ block.T, torch.eye(8), atol=1e-5, rtol=0)


def test_the_forward_encoder_equals_the_equations(draw: Draw, pad: Pad) -> None:
    encoder = ForwardEncoder(9, 3, 4).double()
    draw(encoder, 7)
    padded = pad(SENTENCES)
    states, mask, summary = encoder(padded)
    assert torch.equal(mask, padded.mask)
    unit, E_x = reference.unit_of(encoder.forwards), encoder.embedding.weight
    for b, sentence in enumerate(SENTENCES):
        expected = torch.stack(reference.gated_states(unit, [E_x[token] for token in sentence]))
        torch.testing.assert_close(states[b, : len(sentence)], expected, atol=1e-12, rtol=0)
        torch.testing.assert_close(summary[b], expected[-1], atol=1e-12, rtol=0)


def test_the_bidirectional_encoder_equals_the_equations(draw: Draw, pad: Pad) -> None:
    encoder = BidirectionalEncoder(9, 3, 4).double()
    draw(encoder, 8)
    padded = pad(SENTENCES)
    states, mask, summary = encoder(padded)
    assert torch.equal(mask, padded.mask)
    assert encoder.annotation == states.shape[-1] == 8
    units = reference.unit_of(encoder.forwards), reference.unit_of(encoder.backwards)
    for b, sentence in enumerate(SENTENCES):
        expected = torch.stack(reference.bidirectional(encoder.embedding.weight, *units, sentence))
        torch.testing.assert_close(states[b, : len(sentence)], expected, atol=1e-12, rtol=0)
        torch.testing.assert_close(summary[b], expected[0, 4:], atol=1e-12, rtol=0)
