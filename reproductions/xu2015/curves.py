"""What the training history tells: how soon a system is good, and whether likelihood and BLEU agree.

Each is a number a training; no test example is in it, so that intervals are of trainings alone.

    e evaluations   s seeds
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from attnbench.evidence import Evidence, NotRun
from attnbench.scoring import Estimate

FEWEST_EVALUATIONS = 10
"""A rank correlation of fewer than five is one of a handful of values."""


def agreement(evidence: Evidence, system: str) -> tuple[Estimate, Estimate]:
    """Return the rank correlations of likelihood and BLEU, of the validation set, by halves of a training.

    Spearman's, over the evaluations of the first half and of the last; a middle one is in neither. Not a
    number where one of both does not change. Raises ``NotRun`` for fewer than ``FEWEST_EVALUATIONS``.
    """
    curve = _scored(evidence, system)
    fewest = int(curve.groupby("seed").size().min())
    if fewest < FEWEST_EVALUATIONS:
        raise NotRun(f"{system} has {fewest} evaluations, {FEWEST_EVALUATIONS} needed")
    early = _each(curve, lambda own: _correlation(own.iloc[: len(own) // 2]))
    return early, _each(curve, lambda own: _correlation(own.iloc[-(len(own) // 2) :]))


def lost_by_likelihood(evidence: Evidence, system: str) -> Estimate:
    """Return the best validation score minus that of the evaluation with the best likelihood."""

    def lost(own: pd.DataFrame) -> float:
        scores = own["valid_score"].to_numpy()
        return float(scores.max() - scores[own["valid_nll"].to_numpy().argmin()])

    return _each(_scored(evidence, system), lost)


def updates_saved(evidence: Evidence, system: str, other: str) -> Estimate:
    """Return the updates that a system needs less than another, in percent of the other's.

    Until the validation set is as likely as it ever is to the one that ends up behind, so that both get
    there. Either did between the evaluation that shows it and the one before: the value is where a straight
    line is there, the interval reaches from end to end.
    """
    curves = [evidence.curve(name) for name in (system, other)]
    seeds = tuple(sorted(set.intersection(*(set(one["seed"].tolist()) for one in curves))))
    saved = []
    for seed in seeds:
        own, others = (one[one["seed"] == seed] for one in curves)
        target = max(own["valid_nll"].min(), others["valid_nll"].min())
        (early, between, late), (other_early, other_between, other_late) = (
            _reached(one, target) for one in (own, others)
        )
        least, most = other_early - late, other_late - early
        saved.append(100 * np.array([least, other_between - between, most]) / other_between)
    worst, values, best = np.array(saved).reshape(-1, 3).T
    return Estimate(seeds, values, np.repeat([worst, best], 50, axis=0), {})


def _reached(curve: pd.DataFrame, target: float) -> tuple[float, float, float]:
    """Return the last update before a loss was reached, that at which a line is there, and the first after.

    What is there at the first evaluation is taken to have been so by then only.
    """
    losses = curve["valid_nll"].to_numpy()
    updates = curve["update"].to_numpy(dtype=float)
    place = int((losses <= target).argmax())
    if not place:
        return 0.0, updates[0], updates[0]
    between = np.interp(target, losses[[place, place - 1]], updates[[place, place - 1]])
    return updates[place - 1], float(between), updates[place]


def _scored(evidence: Evidence, system: str) -> pd.DataFrame:
    """Return the evaluations that have a loss and a score, in their order; raise ``NotRun`` without any."""
    curve = evidence.curve(system).dropna(subset=["valid_score"])
    if curve.empty:
        raise NotRun(f"no validation scores of {system}")
    return curve.sort_values(["seed", "update"], kind="stable")


def _each(curve: pd.DataFrame, measure: Callable[[pd.DataFrame], float]) -> Estimate:
    """Return a number for each seed's evaluations."""
    found = {int(str(seed)): measure(own) for seed, own in curve.groupby("seed")}
    values = np.array(list(found.values()))
    return Estimate(tuple(found), values, values[None], {})


def _correlation(curve: pd.DataFrame) -> float:
    """Return Spearman's correlation of likelihood and score; not a number where either does not change."""
    likelihood, scores = (-curve["valid_nll"]).rank(), curve["valid_score"].rank()
    if likelihood.nunique() < 2 or scores.nunique() < 2:
        return float("nan")
    return float(likelihood.corr(scores))
