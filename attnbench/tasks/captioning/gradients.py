"""How much the gradient of attention that is drawn varies from draw to draw, and what makes it vary less.

Of a caption y and drawn cells s the rule of Xu et al. (2015) adds up

    d log p(y|s)  +  lambda_r (log p(y|s) - b) d log p(s)  +  lambda_e dH[s]

The derivatives here are those by the weights of the energies, which the first term, with s drawn, does not
depend on. With a probability of one half the draw is replaced by its expectation, soft attention, and the
gradient is then that of log p(y|alpha), and of lambda_e H. All estimates are made of the same draws.

The baseline b is the mean reward of all draws of the pictures that are looked at: where a moving average ends
once a model has settled. Dropout is off, since it would vary the gradient too.

    k draws   t words, the end symbol included   s cells   w weights of the energies
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from attnbench.decoding import rows
from attnbench.tasks.captioning.captioner import Captioner
from attnbench.tasks.captioning.corpus import Batch
from attnbench.tasks.captioning.marginal import alone_with, firsts, of_sample, sampled
from attnbench.tasks.captioning.testing import used
from attnbench.tasks.engine import Outcome, Use
from attnbench.zoo.attention import Gated

DRAWS = 16
"""Of a caption."""
SEED = 0


class Draws(NamedTuple):
    """Draws of the cells of a caption."""

    rewards: Tensor
    """(k,): log p(y|s)."""
    queries: Tensor
    """(k, t, n): the states that attended."""
    cells: Tensor
    """(k, t): s."""


class Gradients(NamedTuple):
    """What all estimates of a caption's gradient are made of."""

    rewards: Tensor
    """(k,): log p(y|s)."""
    chosen: Tensor
    """(k, w): d log p(s)."""
    entropy: Tensor
    """(k, w): dH[s]."""
    soft: Tensor
    """(w,): d log p(y|alpha)."""
    soft_entropy: Tensor
    """(w,): dH of the distributions that soft attention weighs by."""


def gradients(use: Use) -> Outcome:
    """Return, of the first caption of a sample of pictures, the variance of each estimate of its gradient."""
    places, model = sampled(use.split), used(use.model, "expected")
    said = firsts(use.split.select(places))
    generator = torch.Generator(use.device).manual_seed(SEED)
    batches = [said.batch(np.array([row]), use.device) for row in range(len(said))]
    draws = [draws_of(model, batch, DRAWS, generator) for batch in batches]
    baseline = torch.cat([one.rewards for one in draws]).mean()
    scales = use.model.reinforce.reward, use.model.reinforce.entropy
    scores = []
    for batch, one in zip(batches, draws, strict=True):
        row: dict[str, float] = {}
        for name, value in variances(gradients_of(model, batch, one), baseline, scales).items():
            row |= {f"variance-{name}/sum": float(value), f"variance-{name}/pictures": 1.0}
        scores.append(row)
        use.tick(1)
    use.tick(len(use.split) - len(places))
    return Outcome(of_sample(use.split, places, pd.DataFrame(scores)), [], {})


@torch.no_grad()
def draws_of(model: Captioner, batch: Batch, count: int, generator: torch.Generator) -> Draws:
    """Return draws of the cells of a batch of one caption; the model weighs by the expectation.

    A step tells what to draw from; a second, with the drawn annotation alone, reads it.
    """
    words, encoded = batch.target.values[batch.target.mask], model.encode(batch.source)
    index = torch.zeros(count, dtype=torch.long, device=words.device)
    shared, tokens = rows(encoded, index), None
    state = rows(model.start(encoded), index)
    rewards, queries, cells = torch.zeros(count, dtype=torch.float64, device=words.device), [], []
    for word in words:
        _, alignment, _ = model.step(shared, state, tokens)
        assert alignment is not None
        cells.append(torch.multinomial(alignment.squeeze(1), 1, generator=generator).squeeze(1))
        queries.append(state.kept.hidden.squeeze(1))
        logits, _, state = model.step(alone_with(encoded, index, cells[-1]), state, tokens)
        rewards += logits.squeeze(1).double().log_softmax(dim=-1)[:, word]
        tokens = word.expand(count, 1)
    return Draws(rewards, torch.stack(queries, dim=1), torch.stack(cells, dim=1))


def gradients_of(model: Any, batch: Batch, draws: Draws) -> Gradients:
    """Return the gradients of a batch of one caption by the weights of the energies, of each draw.

    Given its draws, a state depends on no such weight: all queries of a draw are taken at once.
    """
    mechanism = model.attention.mechanism if isinstance(model.attention, Gated) else model.attention
    weights = list(mechanism.parameters())
    encoded = model.encode(batch.source)
    values, mask = encoded.memory.values.detach(), encoded.memory.mask
    chosen, entropy = [], []
    for queries, cells in zip(draws.queries, draws.cells, strict=True):
        alignment = mechanism(queries.unsqueeze(0), mechanism.prepare(values, mask))[1].squeeze(0)
        of_chosen = alignment.gather(1, cells.unsqueeze(1)).log().sum()
        chosen.append(_flat(of_chosen, weights, retain_graph=True))
        entropy.append(_flat(_entropy(alignment), weights))
    words = batch.target.values[batch.target.mask]
    decoded = model.decode(encoded, words.unsqueeze(0))
    likelihood = -model.each(decoded.readout.squeeze(0), words).sum()
    soft = _flat(likelihood, weights, retain_graph=True)
    soft_entropy = _flat(_entropy(decoded.alignment), weights)
    return Gradients(draws.rewards, torch.stack(chosen), torch.stack(entropy), soft, soft_entropy)


def _entropy(alignment: Tensor) -> Tensor:
    """Return the entropy of distributions (..., s) in nats, summed."""
    return -(alignment * alignment.clamp(min=torch.finfo(alignment.dtype).tiny).log()).sum()


def _flat(value: Tensor, weights: list[Tensor], retain_graph: bool = False) -> Tensor:
    """Return the gradient of a number by all weights: (w,)."""
    parts = torch.autograd.grad(value, weights, retain_graph=retain_graph)
    return torch.cat([part.flatten() for part in parts]).double()


def variances(found: Gradients, baseline: Tensor, scales: tuple[float, float]) -> dict[str, Tensor]:
    """Return the trace of the covariance of each estimate of a caption's gradient.

    ``scales`` are lambda_r and lambda_e. Apart from ``all``, each has one thing that ``plain`` has not.
    """
    reward, entropy = scales
    plain = reward * found.rewards.unsqueeze(1) * found.chosen
    based = reward * (found.rewards - baseline).unsqueeze(1) * found.chosen
    spread = entropy * found.entropy
    return {
        "plain": variance(plain),
        "baseline": variance(based),
        "entropy": variance(plain + spread),
        "mixing": mixed(plain, found.soft),
        "all": mixed(based + spread, found.soft + entropy * found.soft_entropy),
    }


def variance(draws: Tensor) -> Tensor:
    """Return the trace of the covariance that draws (k, w) are a sample of."""
    return draws.var(dim=0).sum()


def mixed(draws: Tensor, instead: Tensor) -> Tensor:
    """Return the same of what is a draw (k, w) or ``instead`` (w,), each with a probability of one half.

    It is V / 2 + |m - i|^2 / 4, V and m the draws' own; the mean of k draws has V / k too much in the square.
    """
    own = variance(draws)
    apart = (draws.mean(dim=0) - instead).square().sum() - own / len(draws)
    return own / 2 + apart / 4
