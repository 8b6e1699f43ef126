"""Effects on the main test set, each signed so that larger is better for whom it is asked first."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from attnbench.evidence import Evidence
from attnbench.scoring import Estimate

FORCED = "forced"
ROUGES = {"R-1": "rouge-1-75", "R-2": "rouge-2-75", "R-L": "rouge-l-75"}
"""Recall, the summary cut at 75 bytes; of several references as ROUGE-1.5.5 takes them by itself, which the
paper's numbers on DUC follow."""


class Way(NamedTuple):
    """Who writes summaries, and how."""

    system: str
    decoding: str = "beam"


def above_chance(evidence: Evidence, system: str, metric: str) -> Estimate:
    """Return by how much more than chance attention does what the metric says."""
    return score(evidence, system, metric) - score(evidence, system, f"{metric}-chance")


def gain(evidence: Evidence, system: str, other: str, low: float = -inf, high: float = inf) -> Estimate:
    """Return by how many nats a word a system is ahead, on sources of ``low`` to below ``high`` words."""
    own, others = (score(evidence, one, "nats", FORCED, low, high) for one in (system, other))
    return others - own


def lead(
    evidence: Evidence, metric: str, one: Way, other: Way, low: float = -inf, high: float = inf,
    test: str | None = None,
) -> Estimate:  # fmt: skip
    """Return by how much one way of writing is better than another."""
    own, others = (score(evidence, way.system, metric, way.decoding, low, high, test) for way in (one, other))
    return own - others


def score(
    evidence: Evidence, system: str, metric: str, decoding: str = FORCED, low: float = -inf,
    high: float = inf, test: str | None = None,
) -> Estimate:  # fmt: skip
    """Score a system on references, or on what it wrote, for sources of ``low`` to below ``high`` words."""
    return evidence.score(system, metric, decoding, test or evidence.main_test(metric), low, high)


def of_seeds(estimate: Estimate, effect: Estimate) -> Estimate:
    """Return the estimate for those seeds that the effect rests on."""
    return estimate.of(tuple(seed for seed in estimate.seeds if seed in effect.seeds))
