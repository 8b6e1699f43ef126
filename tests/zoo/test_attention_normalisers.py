from __future__ import annotations

import math

import pytest
import torch
from masked import numbers
from torch import Tensor, nn

from attnbench.zoo.attention import (
    Drawing,
    Drawn,
    Hard,
    Previous,
    Sharpened,
    Smoothed,
    Softmax,
    Unrolled,
    Windowed,
    drawn,
    masked_softmax,
)


def _row(*values: float) -> Tensor:
    """Return one sentence, one query: (1, 1, s)."""
    return torch.tensor([[values]], dtype=torch.float64)


def _all(energy: Tensor) -> Tensor:
    return torch.ones(energy.shape[0], 1, energy.shape[-1], dtype=torch.bool)


def _close(alignment: Tensor, *expected: float) -> None:
    torch.testing.assert_close(alignment, _row(*expected), atol=1e-12, rtol=0)


ENERGY = _row(math.log(1), math.log(3), math.log(2), math.log(9))
MASK = torch.tensor([[[True, True, True, False]]])


def test_masked_softmax_by_hand() -> None:
    energy = torch.tensor([[math.log(1.0), math.log(3.0), 50.0], [7.0, 7.0, 7.0], [-4.0, 2.0, 0.0]])
    mask = torch.tensor([[True, True, False], [True, True, True], [True, False, False]])
    expected = torch.tensor([[0.25, 0.75, 0.0], [1 / 3, 1 / 3, 1 / 3], [1.0, 0.0, 0.0]])
    torch.testing.assert_close(masked_softmax(energy, mask), expected, atol=1e-7, rtol=0)


def test_masked_softmax_keeps_large_and_small_energies() -> None:
    energy = torch.tensor([[1e4, 1e4 + math.log(4.0)], [-1e30, -1e30]], dtype=torch.float64)
    weights = masked_softmax(energy, torch.ones(2, 2, dtype=torch.bool))
    torch.testing.assert_close(
        weights, torch.tensor([[0.2, 0.8], [0.5, 0.5]], dtype=torch.float64), rtol=1e-11, atol=0
    )


def test_softmax_by_hand() -> None:
    alignment, state = Softmax()(ENERGY, MASK)
    _close(alignment, 1 / 6, 3 / 6, 2 / 6, 0)
    assert state is None


def test_sharpened_by_hand() -> None:
    _close(Sharpened(beta=2.0)(ENERGY, MASK)[0], 1 / 14, 9 / 14, 4 / 14, 0)
    _close(Sharpened(keep=2)(ENERGY, MASK)[0], 0, 3 / 5, 2 / 5, 0)
    _close(Sharpened(beta=2.0, keep=2)(ENERGY, MASK)[0], 0, 9 / 13, 4 / 13, 0)
    _close(Sharpened(keep=1)(ENERGY, MASK)[0], 0, 1, 0, 0)


@pytest.mark.parametrize("keep", [3, 4, 50])
def test_keeping_more_than_there_are_is_a_softmax(keep: int) -> None:
    _close(Sharpened(keep=keep)(ENERGY, MASK)[0], 1 / 6, 3 / 6, 2 / 6, 0)


def test_of_equal_energies_no_more_than_asked_for_are_kept() -> None:
    energy = torch.zeros(1, 1, 5)
    assert (Sharpened(keep=2)(energy, _all(energy))[0] > 0).sum() == 2


def test_smoothed_by_hand() -> None:
    """The logistic of log(p / (1 - p)) is p."""
    energy = _row(*(math.log(p / (1 - p)) for p in (0.2, 0.5, 0.9)), 50.0)
    smoothed = Smoothed().double()
    assert smoothed.bias.item() == 0
    _close(smoothed(energy, MASK)[0], 0.2 / 1.6, 0.5 / 1.6, 0.9 / 1.6, 0)
    smoothed.bias.data.fill_(math.log(4.0))  # multiplies the odds 1/4, 1 and 9 by 4
    total = 0.5 + 0.8 + 36 / 37
    _close(smoothed(energy, MASK)[0], 0.5 / total, 0.8 / total, 36 / 37 / total, 0)


def test_smoothed_is_sharpened_by_hand() -> None:
    """Twice log(p / (1 - p)) has the odds 1/16, 1 and 81; the largest is not real."""
    energy = _row(*(math.log(p / (1 - p)) for p in (0.2, 0.5, 0.9)), 50.0)
    first, middle, last = 1 / 17, 1 / 2, 81 / 82
    total = first + middle + last
    _close(Smoothed(beta=2.0)(energy, MASK)[0], first / total, middle / total, last / total, 0)
    _close(Smoothed(keep=2)(energy, MASK)[0], 0, 0.5 / 1.4, 0.9 / 1.4, 0)
    total = middle + last
    _close(Smoothed(beta=2.0, keep=2)(energy, MASK)[0], 0, middle / total, last / total, 0)
    _close(Smoothed(keep=1)(energy, MASK)[0], 0, 0, 1, 0)
    _close(Smoothed(keep=9)(energy, MASK)[0], 0.2 / 1.6, 0.5 / 1.6, 0.9 / 1.6, 0)


def test_the_bias_of_smoothed_is_sharpened_too() -> None:
    """sigma(2 (e + b)): with b = log 2, odds of 1/2 and 1 become 1 and 4."""
    smoothed = Smoothed(beta=2.0).double()
    smoothed.bias.data.fill_(math.log(2.0))
    energy = _row(math.log(0.5), 0.0)
    _close(smoothed(energy, _all(energy))[0], 0.5 / 1.3, 0.8 / 1.3)


def test_smoothed_stays_exact_where_the_logistic_is_no_number_but_zero() -> None:
    energy = torch.tensor([[[-200.0, -200.0 + math.log(3.0), 0.0]]])
    mask = torch.tensor([[[True, True, False]]])
    alignment = Smoothed()(energy, mask)[0]
    torch.testing.assert_close(alignment, torch.tensor([[[0.25, 0.75, 0.0]]]), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("before", "seen"),
    [
        ((1.0, 0.0, 0.0, 0.0, 0.0, 0.0), (0, 1)),  # p = 0: -2 to 1
        ((0.0, 0.0, 0.5, 0.5, 0.0, 0.0), (0, 1, 2, 3)),  # a half is enough: p = 2
        ((0.3, 0.0, 0.1, 0.2, 0.0, 0.4), (1, 2, 3, 4)),  # p = 3, though it is neither mean nor mode
        ((0.0, 0.0, 0.0, 0.0, 0.4, 0.6), (3, 4, 5)),
    ],
)
def test_a_window_lies_around_the_median(before: tuple[float, ...], seen: tuple[int, ...]) -> None:
    energy = torch.zeros(1, 1, 6, dtype=torch.float64)
    alignment, state = Windowed(2)(energy, _all(energy), Previous(_row(*before), None))
    _close(alignment, *(1 / len(seen) if j in seen else 0.0 for j in range(6)))
    assert state.alignment is alignment and state.normaliser is None


def test_the_first_window_lies_at_the_first_real_token() -> None:
    energy = torch.zeros(2, 3, 6)
    mask = torch.tensor([[True] * 6, [False, True, True, True, True, True]]).unsqueeze(1)
    alignment, _ = Windowed(2)(energy, mask)
    assert (alignment > 0).tolist() == [
        [[True, True, False, False, False, False]] * 3,
        [[False, True, True, False, False, False]] * 3,
    ]


def test_the_median_of_a_long_flat_alignment_is_its_middle() -> None:
    """Even in a type that cannot count so far."""
    size = 4096
    flat = torch.full((1, 1, size), 1 / size, dtype=torch.bfloat16)
    energy = torch.zeros_like(flat)
    alignment, _ = Windowed(2)(energy, _all(energy), Previous(flat, None))
    middle = size // 2 - 1
    assert alignment.flatten().nonzero().flatten().tolist() == list(range(middle - 2, middle + 2))


def test_a_window_normalises_by_what_is_put_in_it() -> None:
    before = Previous(_row(1, 0, 0, 0), None)
    _close(Windowed(2, Sharpened(beta=2.0))(ENERGY, MASK, before)[0], 1 / 10, 9 / 10, 0, 0)


def _sums(alignment: Tensor, state: Drawing, real: Tensor | None = None) -> Drawn:
    """Return the sums over steps of what is drawn at them (b, t, s)."""
    found = drawn(
        Unrolled(alignment, alignment, alignment, state, state.expected),
        torch.ones(alignment.shape[:2], dtype=torch.bool) if real is None else real,
    )
    assert found is not None
    return found


def test_hard_evaluates_at_the_most_likely() -> None:
    alignment, state = Hard().eval()(ENERGY, MASK)
    _close(alignment, 0, 1, 0, 0)
    _close(state.expected, 1 / 6, 3 / 6, 2 / 6, 0)
    sums = _sums(alignment, state)
    probabilities = (1 / 6, 3 / 6, 2 / 6)
    assert sums.log_probability.tolist() == [pytest.approx(math.log(0.5))]
    assert sums.entropy.tolist() == [pytest.approx(-sum(p * math.log(p) for p in probabilities))]


def test_hard_evaluates_as_it_is_told() -> None:
    alignment, state = Hard(use="expected").eval()(ENERGY, MASK)
    _close(alignment, 1 / 6, 3 / 6, 2 / 6, 0)
    sums = _sums(alignment, state)
    assert sums.log_probability.item() == 0 and sums.entropy.item() > 1
    torch.manual_seed(0)
    many = ENERGY.expand(1, 20_000, 4)
    alignment, _ = Hard(expected=1.0, use="sampled").eval()(many, MASK)
    assert ((alignment == 0) | (alignment == 1)).all()
    assert alignment.mean(dim=(0, 1)).tolist() == pytest.approx([1 / 6, 3 / 6, 2 / 6, 0], abs=0.02)


def test_hard_draws_from_the_softmax() -> None:
    torch.manual_seed(0)
    n = 20_000
    alignment, state = Hard()(ENERGY.expand(n, 1, 4), MASK)
    assert ((alignment == 0) | (alignment == 1)).all() and (alignment.sum(-1) == 1).all()
    for share, p in zip(alignment.mean(dim=(0, 1)).tolist(), (1 / 6, 3 / 6, 2 / 6, 0), strict=True):
        assert share == pytest.approx(p, abs=5 * (p * (1 - p) / n) ** 0.5)
    p = torch.tensor([1 / 6, 3 / 6, 2 / 6, 1], dtype=torch.float64)
    torch.testing.assert_close(_sums(alignment, state).log_probability, (alignment[:, 0] @ p).log())


@pytest.mark.parametrize("expected", [0.0, 0.3, 1.0])
def test_hard_tosses_one_coin_a_sentence_and_pass(expected: float) -> None:
    """At all steps a sentence draws, or none; in evaluation no coin is tossed."""
    torch.manual_seed(2)
    n, energy = 4000, ENERGY[..., :3]
    hard, real = Hard(expected), torch.ones(1, 1, 3, dtype=torch.bool)
    first, state = hard(energy.expand(n, 2, 3), real)
    second, again = hard(energy.expand(n, 2, 3), real, state)
    draws = [((one == 0) | (one == 1)).all(dim=-1) for one in (first, second)]
    assert torch.equal(draws[0], state.drew) and torch.equal(draws[1], again.drew)
    assert torch.equal(state.drew, again.drew) and torch.equal(state.drew[:, 0], state.drew[:, 1])
    share = 1 - state.drew[:, 0].double().mean().item()
    assert share == pytest.approx(expected, abs=4 * (expected * (1 - expected) / n) ** 0.5)
    weighed = first[~state.drew]
    torch.testing.assert_close(weighed, energy.softmax(-1).view(1, 3).expand_as(weighed))
    assert hard.eval()(energy.expand(n, 2, 3), real)[1].drew.all()


def test_an_expectation_has_the_gradient_that_a_draw_lacks() -> None:
    """The context's goes through the softmax; that of log p is 0, that of the entropy is not."""
    energy, reward = ENERGY[..., :3].clone().requires_grad_(), torch.tensor([1.0, -2.0, 0.5]).double()
    alignment, state = Hard(expected=1.0)(energy, torch.ones(1, 1, 3, dtype=torch.bool))
    p = ENERGY[0, 0, :3].softmax(-1)
    (through,) = torch.autograd.grad((alignment @ reward).sum(), energy, retain_graph=True)
    torch.testing.assert_close(through[0, 0], p * (reward - p @ reward))
    sums = _sums(alignment, state)
    (of_entropy,) = torch.autograd.grad(sums.entropy.sum(), energy, retain_graph=True)
    torch.testing.assert_close(of_entropy[0, 0], -p * (p.log() - p @ p.log()))
    (of_draws,) = torch.autograd.grad(sums.log_probability.sum(), energy)
    assert not of_draws.any()


def test_the_sums_are_over_real_steps() -> None:
    """Two sentences of three steps, of which the second has one."""
    torch.manual_seed(4)
    energy = numbers(2, 3, 4, seed=1, dtype=torch.float64)
    alignment, state = Hard()(energy, torch.ones(2, 1, 4, dtype=torch.bool))
    sums = _sums(alignment, state, torch.tensor([[True, True, True], [True, False, False]]))
    p = energy.softmax(-1)
    for b, steps in enumerate((3, 1)):
        chosen = sum(p[b, t, alignment[b, t].argmax()].log() for t in range(steps))
        entropy = -sum(float(p[b, t] @ p[b, t].log()) for t in range(steps))
        assert sums.log_probability[b].item() == pytest.approx(float(chosen))
        assert sums.entropy[b].item() == pytest.approx(entropy)


def test_the_surrogate_of_hard_has_the_gradient_of_the_expected_reward() -> None:
    """Its mean over many draws, against d/de sum_j p_j (R_j + lambda H), worked out over all tokens."""
    torch.manual_seed(1)
    n, weight = 40_000, 0.3
    reward = torch.tensor([1.0, -2.0, 0.5, 9.0], dtype=torch.float64)
    energy = ENERGY.clone().requires_grad_()
    p = energy[0, 0, :3].softmax(dim=-1)
    expected = (p * reward[:3]).sum() - weight * (p * p.log()).sum()
    exact = torch.autograd.grad(expected, energy)[0].flatten()
    each = ENERGY.expand(n, 1, 4).clone().requires_grad_()
    alignment, state = Hard()(each, MASK)
    got, sums = (alignment @ reward)[:, 0], _sums(alignment, state)
    loss = -got - (got.detach() - 0.2) * sums.log_probability - weight * sums.entropy
    estimates = -torch.autograd.grad(loss.sum(), each)[0][:, 0]  # [n, 4]
    error = estimates.std(dim=0) / n**0.5
    assert exact[:3].abs().min() > 10 * error.max()
    assert ((estimates.mean(dim=0) - exact).abs() <= 5 * error + 1e-12).all()


def test_hard_in_half_precision_bars_the_padding() -> None:
    energy = torch.tensor([[[-6e4, -6e4, 6e4]]], dtype=torch.float16)
    mask = torch.tensor([[[True, True, False]]])
    alignment, state = Hard()(energy, mask)
    assert alignment[..., 2].item() == 0 and alignment.sum().item() == 1
    assert _sums(alignment, state).entropy.item() == pytest.approx(math.log(2), abs=1e-3)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Sharpened(beta=0.0), "beta is 0.0"),
        (lambda: Sharpened(keep=0), "keep is 0"),
        (lambda: Smoothed(beta=-1.0), "beta is -1.0"),
        (lambda: Smoothed(keep=0), "keep is 0"),
        (lambda: Windowed(1), "width is 1"),
        (lambda: Hard(expected=1.5), "expected is 1.5"),
        (lambda: Hard(use="mean"), "use is 'mean'"),
    ],
)
def test_what_cannot_be_is_refused(make: type[nn.Module], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()
