"""Scores of single and of joined utterances, and differences of them.

Single utterances are those of the main test set, as they are; joined ones those of the constructed sets,
which are made of the same utterances.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from attnbench.evidence import Evidence
from attnbench.scoring import Estimate

FORCED = "forced"
SETS = ("repeated", "mixed")
"""One utterance again and again, and different ones."""


class Pieces(NamedTuple):
    """How many utterances an input is joined of: from ``low`` to below ``high``."""

    low: float = -inf
    high: float = inf


JOINED = Pieces(2, 16)
TEN = Pieces(8, 12)
"""8 or 11: about ten times as long as training inputs."""
MOST = Pieces(11, 16)
"""11 or 15, where in the paper either kind of attention has failed."""


class Way(NamedTuple):
    """Who is tested, and how; on the main test set, or on joined utterances."""

    system: str
    decoding: str = "beam"
    test: str = ""
    pieces: Pieces = Pieces()


def score(evidence: Evidence, metric: str, way: Way) -> Estimate:
    """Score one way by a metric."""
    test = way.test or evidence.main_test(metric)
    return evidence.score(way.system, metric, way.decoding, test, *way.pieces, by="pieces")


def change(evidence: Evidence, metric: str, way: Way, before: Way) -> Estimate:
    """Return by how much a metric is higher in one way than in another."""
    return score(evidence, metric, way) - score(evidence, metric, before)


def percent(evidence: Evidence, metric: str, way: Way, before: Way) -> Estimate:
    """Return the same in percent of the metric in the other way."""
    return score(evidence, metric, way).change_from(score(evidence, metric, before))


def above_chance(evidence: Evidence, metric: str, chance: str, way: Way) -> Estimate:
    """Return by how much more than uniform weights attention does what a metric says."""
    return score(evidence, metric, way) - score(evidence, chance, way)


def of_seeds(estimate: Estimate, effect: Estimate) -> Estimate:
    """Return the estimate for those seeds that the effect rests on."""
    return estimate.of(tuple(seed for seed in estimate.seeds if seed in effect.seeds))
