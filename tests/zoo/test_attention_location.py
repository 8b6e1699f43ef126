from __future__ import annotations

import pytest
import torch
from largest import Largest, peak_bytes
from torch import Tensor

from attnbench.zoo.attention import LocationAwareAttention, Normaliser, Previous, Softmax, Windowed
from attnbench.zoo.encoder_decoder import EncoderDecoder
from attnbench.zoo.padded import Padded
from attnbench.zoo.recurrent import ForwardEncoder


def _blind(width: int, filters: Tensor) -> LocationAwareAttention:
    """Return a mechanism whose energies are 1 tanh(f_j), whatever query and annotations are."""
    attention = LocationAwareAttention(1, 1, 1, filters=1, width=width).double()
    for parameter in attention.parameters():
        parameter.data.zero_()
    attention.filters.weight.data[0, 0] = filters
    attention.location.weight.data.fill_(1.0)
    attention.energy.data.fill_(1.0)
    return attention


def _energies(attention: LocationAwareAttention, before: Tensor | None, length: int) -> Tensor:
    """Return the logarithm of the alignment (k, s), but for a constant."""
    mask = torch.ones(1, length, dtype=torch.bool)
    memory = attention.prepare(torch.zeros(1, length, 1, dtype=torch.float64), mask)
    hypotheses = 1 if before is None else len(before)
    query = torch.zeros(1, hypotheses, 1, dtype=torch.float64)
    state = None if before is None else Previous(before.unsqueeze(0), None)
    alignment = attention(query, memory, state)[1]
    assert alignment is not None
    return alignment[0].log() - alignment[0, :, :1].log()


def test_each_hypothesis_sees_its_own_alignment_of_the_step_before() -> None:
    """A filter of (0, 0, 1) looks one token to the right."""
    attention = _blind(3, torch.tensor([0.0, 0.0, 1.0]))
    before = torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4]], dtype=torch.float64)
    seen = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.2, 0.3, 0.4, 0.0]], dtype=torch.float64).tanh()
    torch.testing.assert_close(_energies(attention, before, 4), seen - seen[:, :1], atol=1e-12, rtol=0)


def test_before_the_first_step_all_weight_is_on_the_first_token() -> None:
    attention = _blind(5, torch.tensor([0.1, 0.2, 0.3, 0.4, 0.5], dtype=torch.float64))
    seen = torch.tensor([[0.3, 0.2, 0.1, 0.0, 0.0, 0.0]], dtype=torch.float64).tanh()
    torch.testing.assert_close(_energies(attention, None, 6), seen - seen[:, :1], atol=1e-12, rtol=0)


def test_a_source_shorter_than_the_filters_is_aligned() -> None:
    attention = _blind(201, torch.ones(201))
    assert _energies(attention, None, 3).tolist() == [[0.0, 0.0, 0.0]]


def test_the_gradient_reaches_the_alignment_of_the_step_before() -> None:
    torch.manual_seed(0)
    attention = LocationAwareAttention(3, 4, 5, filters=2, width=3).double()
    memory = attention.prepare(torch.randn(2, 6, 4).double(), torch.ones(2, 6, dtype=torch.bool))
    first_query = torch.randn(2, 1, 3).double().requires_grad_()
    _, _, state = attention(first_query, memory)
    context, _, _ = attention(torch.randn(2, 1, 3).double(), memory, state)
    (gradient,) = torch.autograd.grad(context.square().sum(), first_query)
    assert gradient.abs().min() > 0


@pytest.mark.parametrize("width", [0, 200])
def test_a_filter_has_a_middle(width: int) -> None:
    with pytest.raises(ValueError, match=f"width is {width}"):
        LocationAwareAttention(3, 4, 5, width=width)


@pytest.mark.parametrize("implementation", ["naive", "blocked", "auto"])
def test_a_training_step_keeps_nothing_of_source_by_size(implementation: str) -> None:
    """20 steps, 4 sentences of 50 words, size 512: the plain form keeps a tanh for each word and step."""
    attention = LocationAwareAttention(3, 3, 512, filters=2, width=5, implementation=implementation)
    model = EncoderDecoder(ForwardEncoder(9, 3, 3), attention, vocabulary=7, embedding=3, hidden=3, maxout=6)
    source, target = torch.ones(4, 50, dtype=torch.long), torch.ones(4, 20, dtype=torch.long)
    mask = torch.ones(4, 50, dtype=torch.bool)

    def train() -> None:
        decoded = model.decode(model.encode(Padded(source, mask)), target)
        model.logits(decoded.readout).square().sum().backward()

    train()  # compiles
    keys = 4 * 4 * 50 * 512  # bytes
    kept = peak_bytes(train) / keys
    assert kept > 20 if implementation == "naive" else kept < 8


@pytest.mark.parametrize("implementation", ["naive", "blocked", "auto"])
def test_a_step_makes_nothing_of_hypotheses_by_source_by_size(implementation: str) -> None:
    attention = LocationAwareAttention(3, 3, 512, filters=2, width=5, implementation=implementation)
    memory = attention.prepare(torch.randn(2, 300, 3), torch.ones(2, 300, dtype=torch.bool))
    with Largest() as seen:
        attention(torch.randn(2, 4, 3), memory)[0].sum().backward()
    keys = 2 * 300 * 512
    assert seen.numbers == (4 * keys if implementation == "naive" else keys)


@pytest.mark.parametrize("normaliser", [Softmax(), Windowed(2)])
def test_a_step_lays_on_its_filters_once(normaliser: Normaliser) -> None:
    attention = LocationAwareAttention(3, 4, 5, filters=2, width=3, normaliser=normaliser)
    calls: list[int] = []
    attention.filters.register_forward_hook(lambda *_: calls.append(1))
    memory, state = attention.prepare(torch.randn(2, 9, 4), torch.ones(2, 9, dtype=torch.bool)), None
    for step in (1, 2, 3):
        _, _, state = attention(torch.randn(2, 3, 3), memory, state)
        assert len(calls) == step
