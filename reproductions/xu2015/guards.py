"""When a system has not learnt enough for a verdict."""

from __future__ import annotations

from attnbench.evidence import Evidence, NotRun
from attnbench.scoring import Estimate
from reproductions.xu2015.effects import FORCED, Way, beyond, of_seeds, score

LOWEST_BLEU = 5.0
"""A system whose BLEU-4 is below this hardly writes four words as people do; a training that collapsed to
repeated words has 0."""
FEWEST_CAPTIONS = 3.0
"""A system that writes word pairs of fewer captions than this, over the whole test set, ignores its pictures:
who has but one caption for all scores, on captions that are much alike, not badly at all."""
LEAST_MOTION = 0.001
"""Attention whose weights vary less than this from word to word, summed over cells, is dead: that of uniform
attention is 0, that of ten cells of 196 which move on is 0.09. BLEU does not show it."""
ATTENDING = ("soft", "hard", "soft-unsorted")
"""Whose attention must have learnt to look. Controls that lack what is judged may fail to for want of it."""


def unlearnt(evidence: Evidence, effect: Estimate, *systems: str) -> str:
    """Say why systems have not learnt enough to write captions; empty for no doubt.

    Each must write some right words, and different captions for different pictures. Attention must move and,
    where objects are known, point at what is named better than chance.
    """
    names = dict.fromkeys(systems)
    test = evidence.main_test("bleu-4")
    doubts = [evidence.undertrained(names, "bleu-4", "beam", test, LOWEST_BLEU, effect.seeds)]
    for system in names:
        doubts.append(_blind(evidence, effect, system))
        if system in ATTENDING:
            doubts += [_still(evidence, effect, system), _off_the_point(evidence, effect, system)]
    return "; ".join(filter(None, doubts))


def captions_worth(evidence: Evidence, system: str) -> Estimate:
    """Return of how many captions the different word pairs are that a system writes on the test set.

    Types over tokens, times the number of captions: 1 for a caption that is written again and again, and as
    many as there are where no pair is used twice.
    """
    shares = score(evidence, "distinct-2", Way(system))
    return shares * shares.n


def _blind(evidence: Evidence, effect: Estimate, system: str) -> str:
    found = of_seeds(captions_worth(evidence, system), effect).value
    if found >= FEWEST_CAPTIONS:
        return ""
    return f"{system} ignores its pictures: word pairs of {found:.1f} captions, below {FEWEST_CAPTIONS:g}"


def _still(evidence: Evidence, effect: Estimate, system: str) -> str:
    found = of_seeds(score(evidence, "time-variance", Way(system, FORCED)), effect).value
    if found >= LEAST_MOTION:
        return ""
    return f"the attention of {system} is dead: its variance over time is {found:.2g}, below {LEAST_MOTION:g}"


def _off_the_point(evidence: Evidence, effect: Estimate, system: str) -> str:
    try:
        above = beyond(evidence, "pointing", "pointing-chance", Way(system, FORCED))
    except NotRun:  # no objects are known: whether it moves is all that tells
        return ""
    return evidence.at_chance(system, of_seeds(above, effect))
