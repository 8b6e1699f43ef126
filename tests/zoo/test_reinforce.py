"""The rule for drawn annotations: by hand, and exactly, on a grid whose every sequence of draws is summed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import pytest
import torch
from describing import CAPTIONS, captioner, per_caption, pictures
from torch import Tensor, nn

from attnbench.zoo.attending_lstm import AttendingLSTM
from attnbench.zoo.attention import Drawn, Hard
from attnbench.zoo.padded import Padded
from attnbench.zoo.reinforce import Reinforce

Draw = Callable[[nn.Module, int], None]
Pad = Callable[[Sequence[Sequence[int]]], Padded]

CELLS, WORDS = 3, [4, 2, 1]


def _drawn(log_probability: Tensor, entropy: Tensor | None = None) -> Drawn:
    return Drawn(log_probability, torch.zeros_like(log_probability) if entropy is None else entropy)


def test_by_hand() -> None:
    """lambda_r = 2, lambda_e = 0.5, b = -4: the rewards -3 and -6 lie 1 above and 2 below."""
    rule = Reinforce(2.0, 0.5)
    rule.baseline.fill_(-4.0)
    cost = rule.eval()(
        torch.tensor([-3.0, -6.0]), _drawn(torch.tensor([-1.5, -0.5]), torch.tensor([1.0, 3.0]))
    )
    assert cost.tolist() == pytest.approx([-2 * 1 * -1.5 - 0.5 * 1, -2 * -2 * -0.5 - 0.5 * 3])
    assert rule.baseline.item() == -4.0, "evaluation leaves b where it is"


def test_below_the_baseline_what_was_drawn_becomes_less_likely() -> None:
    """A descent on the cost; the reward itself has no gradient through this."""
    rule = Reinforce(1.0, 0.0).eval()
    rule.baseline.fill_(-4.0)
    energy = torch.zeros(2, 3, requires_grad=True)
    likelihood = torch.tensor([-6.0, -3.0], requires_grad=True)
    cost = rule(likelihood, _drawn(energy.log_softmax(-1)[:, 1]))
    of_energy, of_likelihood = torch.autograd.grad(
        cost.sum(), [energy, likelihood], allow_unused=True, materialize_grads=True
    )
    after = (energy.detach() - 0.1 * of_energy).softmax(-1)[:, 1]
    assert after[0] < 1 / 3 < after[1] and not of_likelihood.any()


def test_entropy_is_asked_for() -> None:
    entropy = torch.tensor([1.0, 2.0], requires_grad=True)
    cost = Reinforce(1.0, 0.3)(torch.zeros(2), _drawn(torch.zeros(2), entropy))
    assert torch.autograd.grad(cost.sum(), entropy)[0].tolist() == pytest.approx([-0.3, -0.3])


@pytest.mark.parametrize("decay", [0.9, 0.5])
def test_the_baseline_after_k_batches_of_one_reward(decay: float) -> None:
    """b_k = v (1 - decay^k) from b_0 = 0; a batch counts by its mean."""
    rule, v = Reinforce(1.0, 0.0, decay), -7.0
    for k in range(1, 12):
        rule(torch.tensor([v - 2, v + 2]), _drawn(torch.zeros(2)))
        assert rule.baseline.item() == pytest.approx(v * (1 - decay**k), rel=1e-5)


def test_the_baseline_moves_after_it_is_used_and_is_saved() -> None:
    rule = Reinforce(1.0, 0.0)
    first, second = (rule(torch.tensor([-5.0]), _drawn(torch.tensor([-1.0]))).item() for _ in range(2))
    assert first == pytest.approx(-5.0) and second == pytest.approx(-4.5)
    assert set(rule.state_dict()) == {"baseline"} and not list(rule.parameters())
    fixed = Reinforce(1.0, 0.0, moving=False)
    assert [fixed(torch.tensor([-5.0]), _drawn(torch.tensor([-1.0]))).item() for _ in range(2)] == [
        -5.0,
        -5.0,
    ]
    assert fixed.baseline.item() == 0


def chosen(places: Tensor) -> Hard:
    """Return what draws the places (b, t), at one step after the other."""
    normaliser, steps = Hard(), iter(places.t())

    def race(like: Tensor) -> Tensor:
        return torch.full_like(like, torch.inf).scatter_(-1, next(steps).unsqueeze(1), 1.0)

    normaliser.race = race  # type: ignore[method-assign]
    return normaliser


class Grid:
    """One picture of three cells, and its caption of three words under each of 27 sequences of draws."""

    def __init__(self, made: AttendingLSTM) -> None:
        self.made = made
        places = torch.tensor([*itertools.product(range(CELLS), repeat=len(WORDS))])
        made.attention.mechanism.normaliser = chosen(places)  # type: ignore[union-attr, assignment]
        values, mask = pictures(1, CELLS)
        encoded = made.encode(Padded(values.expand(len(places), -1, -1), mask.expand(len(places), -1)))
        targets = torch.tensor(WORDS).expand(len(places), -1)
        decoded = made.decode(encoded, targets)
        assert decoded.drawn is not None
        nats = made.each(decoded.readout.flatten(0, 1), targets.flatten())
        self.reward = -nats.view(targets.shape).sum(dim=1)
        """(27,): log p(y | s, a)."""
        self.drawn = decoded.drawn
        self.weights = [*made.attention.mechanism.parameters()]


@pytest.fixture
def grid(draw: Draw) -> Grid:
    return Grid(captioner("hard", draw))


def test_the_probabilities_of_all_sequences_of_draws_add_up_to_one(grid: Grid) -> None:
    assert grid.drawn.log_probability.exp().sum().item() == pytest.approx(1)
    assert min(float(one.detach().std()) for one in (grid.drawn.log_probability, grid.reward)) > 0.05


@pytest.mark.parametrize("baseline", [0.0, -5.0])
def test_the_gradient_is_unbiased_whatever_the_baseline(grid: Grid, baseline: float) -> None:
    """The mean of one draw's gradient, over all sequences, is that of sum_s p(s|a) log p(y|s,a)."""
    p = grid.drawn.log_probability.exp()
    weights = [*grid.made.parameters()]
    bound = (p * grid.reward).sum()
    exact = torch.autograd.grad(bound, weights, retain_graph=True)
    rule = Reinforce(1.0, 0.0).double().eval()
    rule.baseline.fill_(baseline)
    cost = -grid.reward + rule(grid.reward, grid.drawn)
    found = torch.autograd.grad((p.detach() * -cost).sum(), weights)
    for one, other in zip(found, exact, strict=True):
        torch.testing.assert_close(one, other, atol=1e-12, rtol=1e-9)
    assert max(other.abs().max() for other in exact[:3]) > 1e-3


def test_the_bound_is_below_the_likelihood(grid: Grid) -> None:
    """sum_s p(s|a) log p(y|s,a) <= log p(y|a), exactly, and as draws estimate both."""
    p = grid.drawn.log_probability.exp().detach()
    reward = grid.reward.detach()
    bound, likelihood = float(p @ reward), float((p @ reward.exp()).log())
    assert bound < likelihood - 1e-3
    torch.manual_seed(0)
    drawn = reward[p.multinomial(20_000, replacement=True)]
    assert drawn.mean() <= drawn.exp().mean().log()
    assert drawn.mean().item() == pytest.approx(bound, abs=5 * float(drawn.std()) / 20_000**0.5)
    assert drawn.exp().mean().log().item() == pytest.approx(likelihood, abs=0.05)


def test_draws_of_the_decoder_are_as_likely_as_they_say(grid: Grid) -> None:
    """The mean reward and entropy of 4,000 drawn captions, against the sums over all sequences."""
    made, n = grid.made, 4000
    p = grid.drawn.log_probability.exp().detach()
    made.attention.mechanism.normaliser = Hard()  # type: ignore[union-attr, assignment]
    values, mask = pictures(1, CELLS)
    torch.manual_seed(1)
    with torch.no_grad():
        encoded = made.encode(Padded(values.expand(n, -1, -1), mask.expand(n, -1)))
        targets = torch.tensor(WORDS).expand(n, -1)
        decoded = made.decode(encoded, targets)
        nats = made.each(decoded.readout.flatten(0, 1), targets.flatten()).view(n, -1).sum(dim=1)
    assert decoded.drawn is not None
    pairs = (
        (-nats, grid.reward),
        (decoded.drawn.entropy, grid.drawn.entropy),
        (decoded.drawn.log_probability, p.log()),
    )
    for found, every in pairs:
        error = float(found.std()) / n**0.5
        assert error > 0 and found.mean().item() == pytest.approx(float(p @ every.detach()), abs=4 * error)


def test_captions_weighed_by_the_expectation_learn_as_soft_ones_do(draw: Draw, pad: Pad) -> None:
    """No cost but the entropy's, and the gradient of soft attention."""
    targets, real = pad(CAPTIONS)
    found = []
    for kind, normaliser in (("soft", None), ("hard", Hard(expected=1.0))):
        made = captioner(kind, draw)
        if normaliser is not None:
            made.attention.mechanism.normaliser = normaliser  # type: ignore[union-attr, assignment]
        decoded = made.decode(made.encode(pictures()), targets, real)
        nats = per_caption(made.each(decoded.readout, targets[real]), real)
        cost = nats if decoded.drawn is None else nats + Reinforce(1.0, 0.0)(-nats, decoded.drawn)
        found.append([nats, *torch.autograd.grad(cost.sum(), list(made.parameters()))])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, atol=1e-12, rtol=1e-10)
