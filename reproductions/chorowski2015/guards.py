"""When a system has not learnt enough for a verdict, or does not do what a claim presupposes."""

from __future__ import annotations

from attnbench.evidence import Evidence, NotRun
from attnbench.scoring import Estimate
from reproductions.chorowski2015.effects import FORCED, Way, above_chance, of_seeds, score

HIGHEST_ERROR = 50.0
"""A system with a higher error rate on single utterances has not learnt to listen: one that does not hear its
input is far above it, as the best that it can write are the most usual labels."""
FAILED = 0.5
"""Forced alignment that finds a larger share of the labels has not failed."""
RESCUED = 0.75
"""Where it finds a larger share, there is little left to be rescued."""


def unlearnt(evidence: Evidence, effect: Estimate, *systems: str) -> str:
    """Say why systems have not learnt enough on single utterances; empty for no doubt.

    Each must recognise them, and where the times of labels are known its attention must point at them better
    than chance.
    """
    test = evidence.main_test("per")
    doubts = [
        evidence.undertrained(dict.fromkeys(systems), "per", "beam", test, HIGHEST_ERROR, effect.seeds),
        *(_off_the_point(evidence, effect, system) for system in dict.fromkeys(systems)),
    ]
    return "; ".join(filter(None, doubts))


def unaligned(evidence: Evidence, effect: Estimate, *systems: str) -> str:
    """Say the same, and whose forced alignment fails on single utterances already; empty for no doubt."""
    doubts = [unlearnt(evidence, effect, *systems)]
    for system in dict.fromkeys(systems):
        way = Way(system, FORCED)
        found = of_seeds(score(evidence, "aligned", way), effect).value
        if found < FAILED:
            doubts.append(f"{system} aligns {found:.2f} of the labels of single utterances, below {FAILED:g}")
        chance = of_seeds(above_chance(evidence, "aligned", "aligned-uniform", way), effect)
        doubts.append(evidence.at_chance(f"{system}'s alignment", chance))
    return "; ".join(filter(None, doubts))


def unbroken(evidence: Evidence, effect: Estimate, way: Way, bound: float) -> str:
    """Say that forced alignment has not failed in a way where a claim is about its failure."""
    found = of_seeds(score(evidence, "aligned", way), effect).value
    if found <= bound:
        return ""
    return f"{way.system} has not failed: it aligns {found:.2f} of the labels in {way.test}, above {bound:g}"


def _off_the_point(evidence: Evidence, effect: Estimate, system: str) -> str:
    try:
        above = above_chance(evidence, "pointing", "pointing-chance", Way(system, FORCED))
    except NotRun:  # no times: the error rate alone tells
        return ""
    return evidence.at_chance(system, of_seeds(above, effect))
