"""What is measured without a verdict: where attention lies, and what the claims leave out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from attnbench.evidence import Evidence, NotRun, Part
from attnbench.scoring import Estimate
from reproductions.xu2015.claims import BARE, FIXED, HARD, SOFT, UNPENALISED, UNSORTED
from reproductions.xu2015.curves import agreement, lost_by_likelihood
from reproductions.xu2015.effects import ALL, BLEUS, FORCED, Objects, Way, beyond, percent, score

SYSTEMS = (FIXED, SOFT, HARD, UNPENALISED, UNSORTED, BARE)
ATTENDING = SYSTEMS[1:]
PAIRS = ((SOFT, FIXED), (HARD, SOFT), (SOFT, UNPENALISED), (SOFT, UNSORTED), (HARD, BARE))
"""Whom claims compare."""
BANDS = {"1 or 2": Objects(1, 3), "3 or 4": Objects(3, 5), "5 or 6": Objects(5, 7)}
CONTROLS = {"chance": "uniform weights", "centre": "the middle", "shuffled": "other words"}
"""Of pointing; ``MASS`` says what those of the weight are called."""
MASS = {"chance": "uniform"}
USES = ("argmax", "sampled")
REDUCED = ("baseline", "entropy", "mixing", "all")

Measured = Callable[[], Estimate]


def attention_by_objects(evidence: Evidence) -> list[Part]:
    """Lead of soft attention over the mean annotation, in percent, by the number of objects."""
    parts: dict[str, Measured] = {}
    few, many = BANDS["1 or 2"], BANDS["5 or 6"]
    for metric in ("bleu-4", "cider"):
        for name, objects in BANDS.items():
            parts[f"{metric}, {name}"] = _ahead(evidence, metric, SOFT, FIXED, objects)
        more, less = (_ahead(evidence, metric, SOFT, FIXED, objects) for objects in (many, few))
        parts[f"{metric}, growth"] = _minus(more, less)
    return _those_known(parts)


def brevity(evidence: Evidence) -> list[Part]:
    """Leads by BLEU with a brevity penalty, and in words a caption, in percent."""
    metrics = [*(f"{bleu}-bp" for bleu in BLEUS), "length"]
    return _those_known({
        f"{lead} over {lag}, {metric}": _ahead(evidence, metric, lead, lag)
        for lead, lag in PAIRS
        for metric in metrics
    })  # fmt: skip


def uses_of_hard_attention(evidence: Evidence) -> list[Part]:
    """BLEU-4 of hard attention used otherwise over that by expected weights, in percent."""
    return _those_known({
        f"{system}, {use}": _otherwise(evidence, system, use) for system in (HARD, BARE) for use in USES
    })  # fmt: skip


def attention_finds_objects(evidence: Evidence) -> list[Part]:
    """Pointing and weight within the region that is named, and both above their controls."""
    parts: dict[str, Measured] = {}
    for system in ATTENDING:
        way = Way(system, FORCED)
        for metric, names in {"pointing": {}, "mass": MASS}.items():
            parts[f"{system}, {metric}"] = _scoring(evidence, metric, way)
            for control, told in CONTROLS.items():
                other = f"{metric}-{names.get(control, control)}"
                parts[f"{system}, {metric}, above {told}"] = _beyond(evidence, metric, other, way)
    return _those_known(parts)


def attention_finds_objects_among_few_and_many(evidence: Evidence) -> list[Part]:
    """Pointing above that of the caption's other words, by the number of objects."""
    return _those_known({
        f"{system}, {name}": _beyond(evidence, "pointing", "pointing-shuffled", Way(system, FORCED, objects))
        for system in ATTENDING
        for name, objects in BANDS.items()
    })  # fmt: skip


def shape_of_attention(evidence: Evidence) -> list[Part]:
    """Entropy, variance over time, and variance of what cells get in a caption."""
    return _of_each(evidence, ATTENDING, ("entropy", "time-variance", "coverage-variance"), FORCED)


def gate(evidence: Evidence) -> list[Part]:
    """Mean gate of every system at words that name objects, and at function words."""
    return _of_each(evidence, SYSTEMS, ("gate-objects", "gate-function"), FORCED)


def what_captions_are_like(evidence: Evidence) -> list[Part]:
    """Length, variety and novelty of what every system writes."""
    return _of_each(evidence, SYSTEMS, ("length", "distinct-1", "distinct-2", "novel"), "beam")


def agreement_of_likelihood_and_bleu(evidence: Evidence) -> list[Part]:
    """Rank correlations of likelihood and BLEU in the first and in the second half of every training."""
    parts: dict[str, Measured] = {}
    for system in SYSTEMS:
        for place, half in enumerate(("first", "second")):
            parts[f"{system}, {half} half"] = _agreeing(evidence, system, place)
    return _those_known(parts)


def cost_of_choosing_by_likelihood(evidence: Evidence) -> list[Part]:
    """Validation BLEU that choosing by likelihood loses, of every system."""
    return _those_known({system: _losing(evidence, system) for system in SYSTEMS})


def variance_of_the_gradient(evidence: Evidence) -> list[Part]:
    """By how many percent each way of lowering it lowers the variance of the gradient, and all do."""
    return _those_known({name: _steadied(evidence, name) for name in REDUCED})


def distance_from_the_marginal(evidence: Evidence) -> list[Part]:
    """Divergence of the mean over places from the soft prediction, and of places' own from their mean."""
    return _of_each(evidence, (SOFT, UNPENALISED, UNSORTED), ("kl", "kl-places"), "marginal")


def _of_each(
    evidence: Evidence, systems: Iterable[str], metrics: Iterable[str], decoding: str
) -> list[Part]:  # fmt: skip
    return _those_known({
        f"{system}, {metric}": _scoring(evidence, metric, Way(system, decoding))
        for system in systems
        for metric in metrics
    })  # fmt: skip


def _scoring(evidence: Evidence, metric: str, way: Way) -> Measured:
    return lambda: score(evidence, metric, way)


def _beyond(evidence: Evidence, metric: str, control: str, way: Way) -> Measured:
    return lambda: beyond(evidence, metric, control, way)


def _ahead(
    evidence: Evidence, metric: str, lead: str, lag: str, objects: Objects = ALL
) -> Measured:  # fmt: skip
    ways = [Way(system, objects=objects) for system in (lead, lag)]
    return lambda: percent(evidence, metric, *ways)


def _minus(more: Measured, less: Measured) -> Measured:
    return lambda: more() - less()


def _otherwise(evidence: Evidence, system: str, use: str) -> Measured:
    return lambda: percent(evidence, "bleu-4", Way(system, f"beam-{use}"), Way(system))


def _agreeing(evidence: Evidence, system: str, half: int) -> Measured:
    return lambda: agreement(evidence, system)[half]


def _losing(evidence: Evidence, system: str) -> Measured:
    return lambda: lost_by_likelihood(evidence, system)


def _steadied(evidence: Evidence, name: str) -> Measured:
    plain, reduced = "variance-plain", f"variance-{name}"
    way = Way(HARD, "gradients")
    return lambda: -score(evidence, reduced, way).change_from(score(evidence, plain, way))


def _those_known(parts: Mapping[str, Measured]) -> list[Part]:
    """Return those parts for which there are records."""
    found = []
    for name, measure in parts.items():
        try:
            found.append(Part(name, measure()))
        except NotRun:
            continue
    if not found:
        raise NotRun("no system has enough records of it")
    return found
