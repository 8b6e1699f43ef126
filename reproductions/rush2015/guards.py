"""When a system has not learnt enough for its lead or lag to be its method's."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from attnbench.evidence import Evidence, NotRun
from attnbench.scoring import Estimate
from reproductions.rush2015.effects import ROUGES, Way, above_chance, gain, of_seeds, score

BLIND = ("nnlm", "kn-5")
"""They see no input: who is no better than both has not learnt to read it."""
READING = ("bow", "tdnn", "abs", "abs-plus")
ATTENDING = ("abs", "abs-plus")
NETWORKS = {"abs-plus": "abs"}
"""Whose network a system has, trained by the same seed: where it reads no references, this one's are looked
at."""

LOWEST_ROUGE = 5.0
"""A system whose ROUGE-1 is below this writes hardly a word of the references: it supports no verdict."""
WORST_MODEL = log(2)
"""A language model more than twice as perplexed as counted 5-grams has not learnt the language."""
EVEN = 0.1
"""Recall grows with the length: summaries that differ by more words in the mean cannot be compared."""


def unwritten(evidence: Evidence, effect: Estimate, one: Way, other: Way) -> str:
    """Say why what was written supports no verdict; empty for no doubt.

    Who writes must read its input, write some right words, and be as long as who it is compared with; a rule
    is as it is.
    """
    writers = [way.system for way in (one, other) if way.system in READING]
    doubts = [unlearnt(evidence, effect, writers)]
    test = evidence.main_test(ROUGES["R-1"])
    doubts.append(
        evidence.undertrained(dict.fromkeys(writers), ROUGES["R-1"], "beam", test, LOWEST_ROUGE, effect.seeds)
    )
    if len(writers) == 2:
        doubts.append(_uneven(evidence, effect, one, other))
    return "; ".join(filter(None, doubts))


def unlearnt(evidence: Evidence, effect: Estimate, systems: Sequence[str]) -> str:
    """Say why systems have not learnt enough for their lead or lag to be their method's; empty for no doubt.

    A language model must be one. What reads must do better than models that see no input, unless that is what
    is judged, and on either side: to be ahead of one that does not read is no merit of an encoder. What
    attends must have learnt to attend.
    """
    doubts = []
    for system in dict.fromkeys(systems):
        if system == "nnlm":
            doubts.append(_no_model(evidence, effect))
        if system in READING and not set(BLIND) & set(systems):
            doubts += [_unread(evidence, system, effect), _other_network(evidence, system)]
        if system in ATTENDING:
            network = NETWORKS.get(system, system)
            doubts.append(evidence.at_chance(network, of_seeds(_learnt(evidence, network), effect)))
    return "; ".join(dict.fromkeys(filter(None, doubts)))


def _no_model(evidence: Evidence, effect: Estimate) -> str:
    """Say that the neural language model is far worse than counts; empty where it is not."""
    _needed(evidence, "kn-5", "nnlm has learnt the language")
    behind = of_seeds(gain(evidence, "kn-5", "nnlm"), effect).value
    if behind <= WORST_MODEL:
        return ""
    return f"nnlm has not learnt the language: {behind:+.2f} nats a word over kn-5, above {WORST_MODEL:.2f}"


def _unread(evidence: Evidence, system: str, effect: Estimate) -> str:
    """Say that a system is not known to be better than a model that sees no input; empty where it is."""
    network = NETWORKS.get(system, system)
    for control in (*BLIND, network):
        _needed(evidence, control, f"{system} reads its input")
    for control in BLIND:
        lead = gain(evidence, network, control)
        if untold := sorted(set(effect.seeds) - set(lead.seeds)):
            return f"{network} and {control} were not both run with seed {' and '.join(map(str, untold))}"
        lead = of_seeds(lead, effect)
        low, high = lead.interval
        if not low > 0:
            ahead = f"{lead.value:+.2f} [{low:.2f}, {high:.2f}] nats a word ahead of {control}"
            return f"{system} is not known to read its input: {ahead}"
    return ""


def _needed(evidence: Evidence, system: str, what: str) -> None:
    if not evidence.ran(system):
        raise NotRun(f"{system} was not run, so nothing tells whether {what}")


def _other_network(evidence: Evidence, system: str) -> str:
    """Say that a system's network is not the one that is looked at in its stead; empty where it is."""
    network = NETWORKS.get(system, system)
    trained = [
        {section: evidence.settings(one).get(section) for section in ("data", "model", "training")}
        for one in (system, network)
    ]
    return "" if trained[0] == trained[1] else f"{system} was not trained with the settings of {network}"


def _learnt(evidence: Evidence, network: str) -> Estimate:
    """Return how much more than chance attention finds what a word is made of.

    Without gold links: how much more of its weight lies on words that are copied. Where values are sums over
    windows a word is found too where its neighbour is looked at, which is what this attention learns: within
    two words of it counts.
    """
    smoothed = evidence.settings(network).get("model", {}).get("window", 2) > 0
    near = "-near" if smoothed else ""
    try:
        return above_chance(evidence, network, f"pointing{near}")
    except NotRun:
        return above_chance(evidence, network, f"copied{near}")


def _uneven(evidence: Evidence, effect: Estimate, one: Way, other: Way) -> str:
    """Say that two ways write summaries of other lengths; empty where they do not."""
    first, second = (score(evidence, way.system, "words", way.decoding) for way in (one, other))
    apart = of_seeds(first - second, effect).value
    if abs(apart) <= EVEN:
        return ""
    return f"summaries are not equally long: {apart:+.2f} words on one side"
