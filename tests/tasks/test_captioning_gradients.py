"""The variance of the gradient of drawn attention, against all places that might be drawn, one by one."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from random_captions import ENTROPY, REWARD, SETTINGS, Draw, corpus_of, drawn, model_of, split_of
from torch import Tensor
from using import use

from attnbench.tasks.captioning import GRADIENTS, gradients, marginal
from attnbench.tasks.captioning.marginal import firsts
from attnbench.tasks.captioning.testing import used
from attnbench.zoo.padded import Padded

CPU = torch.device("cpu")
PLACES = 3


def _one(seed: int = 0) -> Any:
    """A caption of two words and the end of a picture of three cells."""
    return firsts(split_of([[[2 + seed, 5]]], linked=False, cells=PLACES)).batch(np.array([0]), CPU)


def _walked(model: Any, batch: Any, cells: tuple[int, ...] | None) -> tuple[Tensor, Tensor, Tensor]:
    """log p(y|s), log p(s) and H[s] of places, or of soft attention, step by step."""
    attend, annotations = model.attention.mechanism, batch.source.values[0].double()
    encoded = model.encode(batch.source)
    hidden, cell = (part[0] for part in encoded.start)
    embedded = torch.zeros(4, dtype=torch.float64)
    likelihood = chosen = entropy = torch.zeros((), dtype=torch.float64)
    for step, word in enumerate(batch.target.values[0]):
        keys = annotations @ attend.key.weight.t()
        logs = (torch.tanh(keys + attend.query.weight @ hidden) @ attend.energy).log_softmax(dim=0)
        entropy = entropy - (logs.exp() * logs).sum()
        if cells is None:
            context = logs.exp() @ annotations
        else:
            context, chosen = annotations[cells[step]], chosen + logs[cells[step]]
        context = context * torch.sigmoid(model.attention.selector(hidden))
        kept = type(encoded.start)(hidden, cell)
        hidden, cell = model.cell.step(model.cell.project(embedded), context, kept)
        logits = model.logits(model.readout(embedded, hidden, context))
        likelihood = likelihood + logits.log_softmax(dim=0)[word]
        embedded = model.embedding.weight[word]
    return likelihood, chosen, entropy


def _gradient(model: Any, value: Tensor) -> Tensor:
    weights = list(model.attention.mechanism.parameters())
    if not value.requires_grad:
        return torch.zeros(sum(map(torch.numel, weights)))
    parts = torch.autograd.grad(value, weights, retain_graph=True, allow_unused=True, materialize_grads=True)
    return torch.cat([part.flatten() for part in parts])


def _exact(model: Any, batch: Any) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Of all trajectories: probabilities, rewards, gradients of rewards, of log p(s) and of H[s]."""
    rows = []
    for cells in itertools.product(range(PLACES), repeat=batch.target.values.shape[1]):
        likelihood, chosen, entropy = _walked(model, batch, cells)
        three = [_gradient(model, value) for value in (likelihood, chosen, entropy)]
        rows.append((chosen.exp().detach(), likelihood.detach(), *three))
    return tuple(torch.stack(part) for part in zip(*rows, strict=True))  # type: ignore[return-value]


def _trace(chances: Tensor, values: Tensor) -> float:
    """The trace of a covariance: the mean square less the square of the mean."""
    mean = chances @ values
    return float(chances @ values.square().sum(dim=1) - mean.square().sum())


def _expected(model: Any, batch: Any, baseline: float) -> dict[str, float]:
    """The exact variance of each estimate, mixing as twice as many outcomes of half the probability."""
    chances, rewards, of_reward, chosen, entropy = _exact(model, batch)
    assert of_reward.abs().max() == 0  # a draw's likelihood does not depend on the weights of the energies
    soft, _, soft_entropy = _walked(model, batch, None)
    instead, of_entropy = _gradient(model, soft), _gradient(model, soft_entropy)

    def rule(taken: float, weight: float) -> Tensor:
        return REWARD * (rewards - taken).unsqueeze(1) * chosen + weight * entropy

    def mixing(values: Tensor, other: Tensor) -> float:
        both = torch.cat([values, other.expand_as(values)])
        return _trace(torch.cat([chances, chances]) / 2, both)

    return {
        "plain": _trace(chances, rule(0, 0)),
        "baseline": _trace(chances, rule(baseline, 0)),
        "entropy": _trace(chances, rule(0, ENTROPY)),
        "mixing": mixing(rule(0, 0), instead),
        "all": mixing(rule(baseline, ENTROPY), instead + ENTROPY * of_entropy),
    }


def test_gradients_of_each_draw_as_step_by_step(draw: Draw) -> None:
    model, batch = used(model_of("hard", draw), "expected"), _one()
    draws = gradients.draws_of(model, batch, 5, torch.Generator().manual_seed(0))
    found = gradients.gradients_of(model, batch, draws)
    assert len({tuple(cells) for cells in draws.cells.tolist()}) > 1
    for row, cells in enumerate(draws.cells.tolist()):
        likelihood, chosen, entropy = _walked(model, batch, tuple(cells))
        torch.testing.assert_close(found.rewards[row], likelihood.detach())
        torch.testing.assert_close(found.chosen[row], _gradient(model, chosen))
        torch.testing.assert_close(found.entropy[row], _gradient(model, entropy))
    likelihood, _, entropy = _walked(model, batch, None)
    torch.testing.assert_close(found.soft, _gradient(model, likelihood))
    torch.testing.assert_close(found.soft_entropy, _gradient(model, entropy))


def test_padding_changes_nothing(draw: Draw) -> None:
    model, batch = used(model_of("hard", draw), "expected"), _one()
    ends = Padded(torch.ones(1, 4, dtype=torch.long), torch.zeros(1, 4, dtype=torch.bool))
    longer = Padded(*(torch.cat(parts, dim=1) for parts in zip(batch.target, ends, strict=True)))
    draws, padded = (
        gradients.draws_of(model, one, 3, torch.Generator().manual_seed(0))
        for one in (batch, batch._replace(target=longer))
    )
    assert all(map(torch.equal, draws, padded))
    found = gradients.gradients_of(model, batch, draws)
    assert all(map(torch.equal, found, gradients.gradients_of(model, batch._replace(target=longer), draws)))


def test_many_draws_have_the_variance_of_all_places(draw: Draw) -> None:
    """27 trajectories, each as often as it is likely."""
    model, batch = used(model_of("hard", draw), "expected"), _one()
    draws = gradients.draws_of(model, batch, 3000, torch.Generator().manual_seed(1))
    numbers = draws.cells @ torch.tensor([9, 3, 1])
    chances = _exact(model, batch)[0]
    counts = numbers.bincount(minlength=27) / 3000
    torch.testing.assert_close(counts.double(), chances, atol=0.03, rtol=0)
    places, first = np.unique(numbers.numpy(), return_index=True)
    few = gradients.Draws(*(part[first] for part in draws))
    found = gradients.gradients_of(model, batch, few)
    back = torch.from_numpy(np.searchsorted(places, numbers.numpy()))
    every = found._replace(
        rewards=found.rewards[back], chosen=found.chosen[back], entropy=found.entropy[back]
    )
    baseline = float(every.rewards.mean())
    variances = gradients.variances(every, torch.tensor(baseline), (REWARD, ENTROPY))
    expected = _expected(model, batch, baseline)
    assert list(variances) == list(expected)
    for name, value in expected.items():
        assert float(variances[name]) == pytest.approx(value, rel=0.06), name
    assert expected["all"] < expected["baseline"] < expected["plain"]


def test_variances_by_hand() -> None:
    """Two draws of one weight: rewards 1 and 3, d log p(s) 1 and -1, dH 2 and 0; soft 5, its dH 1."""
    columns = ([1.0, 3.0], [[1.0], [-1.0]], [[2.0], [0.0]], [5.0], [1.0])
    found = gradients.Gradients(*(torch.tensor(one) for one in columns))
    values = gradients.variances(found, torch.tensor(2.0), (2.0, 0.5))
    plain = ((2 + 6) ** 2) / 2  # 2 and -6; of two values the variance is half the squared difference
    assert float(values["plain"]) == plain
    assert float(values["baseline"]) == 0  # -2 and -2
    assert float(values["entropy"]) == ((3 + 6) ** 2) / 2  # 3 and -6
    assert float(values["mixing"]) == plain / 2 + ((-2 - 5) ** 2 - plain / 2) / 4
    based = ((-1 + 2) ** 2) / 2  # -1 and -2
    assert float(values["all"]) == based / 2 + ((-1.5 - 5.5) ** 2 - based / 2) / 4


def test_mixing_is_not_biased() -> None:
    """The mean over all samples of two draws is the variance itself, here of 1 or 4, or else 10."""
    outcomes = torch.tensor([[1.0], [4.0]])
    pairs = [
        gradients.mixed(outcomes[list(two)], torch.tensor([10.0])) for two in ([0, 0], [0, 1], [1, 0], [1, 1])
    ]
    every = torch.tensor([1.0, 4.0, 10.0, 10.0])
    assert float(torch.stack(pairs).mean()) == pytest.approx(float(every.var(unbiased=False)))


def test_records_are_the_same_each_time(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marginal, "PICTURES", 3)
    split, model, ticks = drawn(9), model_of("hard", draw), []
    random = torch.random.get_rng_state()
    first, again = (
        use(GRADIENTS, model, corpus_of(split), "test", SETTINGS, ticks.append).records for _ in "12"
    )
    assert torch.equal(random, torch.random.get_rng_state())
    assert first.equals(again) and sum(ticks) == 18
    assert np.flatnonzero(first["variance-all/sum"].notna()).tolist() == [0, 4, 8]
    assert all(parameter.grad is None for parameter in model.parameters())
    expected, generator = used(model, "expected"), torch.Generator().manual_seed(gradients.SEED)
    batches = [firsts(split).batch(np.array([row]), CPU) for row in (0, 4, 8)]
    draws = [gradients.draws_of(expected, batch, gradients.DRAWS, generator) for batch in batches]
    baseline = torch.cat([one.rewards for one in draws]).mean()
    found = gradients.gradients_of(expected, batches[0], draws[0])
    for name, value in gradients.variances(found, baseline, (REWARD, ENTROPY)).items():
        assert first[f"variance-{name}/sum"][0] == pytest.approx(float(value), rel=1e-9)
        assert first[f"variance-{name}/pictures"].dropna().tolist() == [1, 1, 1]
