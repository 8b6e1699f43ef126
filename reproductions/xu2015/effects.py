"""Scores of captions and of attention, and differences of them.

What is written is looked at by beam search, attention while the references are read.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from attnbench.evidence import Evidence
from attnbench.scoring import Estimate

FORCED = "forced"
BLEUS = ("bleu-1", "bleu-2", "bleu-3", "bleu-4")
"""Without a brevity penalty, as in the paper; ``bleu-4-bp`` and the like have it."""


class Objects(NamedTuple):
    """How many objects a picture has: from ``low`` to below ``high``."""

    low: float = -inf
    high: float = inf


ALL = Objects()


class Way(NamedTuple):
    """Who is tested, and how; on all pictures, or on those with so many objects."""

    system: str
    decoding: str = "beam"
    objects: Objects = ALL


def score(evidence: Evidence, metric: str, way: Way) -> Estimate:
    """Score one way by a metric, on the main test set."""
    test = evidence.main_test(metric)
    return evidence.score(way.system, metric, way.decoding, test, *way.objects, by="objects")


def change(evidence: Evidence, metric: str, way: Way, before: Way) -> Estimate:
    """Return by how much a metric is higher in one way than in another."""
    return score(evidence, metric, way) - score(evidence, metric, before)


def percent(evidence: Evidence, metric: str, way: Way, before: Way) -> Estimate:
    """Return the same in percent of the metric in the other way."""
    return score(evidence, metric, way).change_from(score(evidence, metric, before))


def beyond(evidence: Evidence, metric: str, control: str, way: Way) -> Estimate:
    """Return by how much attention does what a metric says more than a control does."""
    return score(evidence, metric, way) - score(evidence, control, way)


def of_seeds(estimate: Estimate, effect: Estimate) -> Estimate:
    """Return the estimate for those seeds that the effect rests on."""
    return estimate.of(tuple(seed for seed in estimate.seeds if seed in effect.seeds))
