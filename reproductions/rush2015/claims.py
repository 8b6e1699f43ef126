"""The checks behind this paper's claims, on the main test set.

Perplexities are those of the references, in nats a word; ROUGE is recall at 75 bytes, of summaries that are
equally long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import inf, log
from typing import NamedTuple

from attnbench.evidence import Evidence, NotRun, Part
from attnbench.scoring import Estimate

FORCED = "forced"
BLIND = ("nnlm", "kn-5")
"""They see no input: who is no better than both has not learnt to read it."""
READING = ("bow", "tdnn", "abs", "abs-plus")
ATTENDING = ("abs", "abs-plus")
NETWORKS = {"abs-plus": "abs"}
"""Whose network a system has, trained by the same seed: where it reads no references, this one's are looked
at."""
TABLE_2 = ("kn-5", "nnlm", "bow", "tdnn", "abs")

ROUGES = {"R-1": "rouge-1-75", "R-2": "rouge-2-75", "R-L": "rouge-l-75"}
LOWEST_ROUGE = 5.0
"""A system whose ROUGE-1 is below this writes hardly a word of the references: it supports no verdict."""
WORST_MODEL = log(2)
"""A language model more than twice as perplexed as counted 5-grams has not learnt the language."""
EVEN = 0.1
"""Recall grows with the length: summaries that differ by more words in the mean cannot be compared."""

SHORT, LONG = (1, 21), (31, inf)
"""Source lengths in words, half-open."""


class Way(NamedTuple):
    """Who writes summaries, and how."""

    system: str
    decoding: str = "beam"


def conditioning_beats_no_encoder(evidence: Evidence) -> list[Part]:
    """Nats a word of each model without input minus those of a bag of words."""
    return [_ahead(evidence, "bow", other, f"over {other}") for other in BLIND]


def neural_model_beats_n_grams(evidence: Evidence) -> list[Part]:
    """Nats a word of 5-grams minus those of the feed-forward language model."""
    return [_ahead(evidence, "nnlm", "kn-5")]


def word_order_helps(evidence: Evidence) -> list[Part]:
    """Nats a word of a bag of words minus those of the convolution."""
    return [_ahead(evidence, "tdnn", "bow")]


def attention_beats_convolution(evidence: Evidence) -> list[Part]:
    """Nats a word of the convolution minus those of attention."""
    return [_ahead(evidence, "abs", "tdnn")]


def attention_beats_a_bag_of_words(evidence: Evidence) -> list[Part]:
    """Nats a word of a bag of words minus those of attention."""
    return [_ahead(evidence, "abs", "bow")]


def ranking(evidence: Evidence) -> list[Part]:
    """Nats a word of each row of Table 2 minus those of the next."""
    return [_ahead(evidence, later, one, f"{later} over {one}") for one, later in pairwise(TABLE_2)]


def attention_raises_rouge(evidence: Evidence) -> list[Part]:
    """ROUGE of attention minus that of a bag of words."""
    return _better(evidence, Way("abs"), Way("bow"))


def beam_beats_greedy(evidence: Evidence) -> list[Part]:
    """ROUGE of ABS+ by beam search minus that by greedy search."""
    return _better(evidence, Way("abs-plus"), Way("abs-plus", "greedy"))


def abstractive_beats_extractive(evidence: Evidence) -> list[Part]:
    """ROUGE of ABS+ with its whole vocabulary minus that with the input's words."""
    return _better(evidence, Way("abs-plus"), Way("abs-plus", "beam-extractive"))


def extractive_features_help_recall(evidence: Evidence) -> list[Part]:
    """ROUGE of ABS+ minus that of ABS."""
    return _better(evidence, Way("abs-plus"), Way("abs"))


def extractive_features_raise_copying(evidence: Evidence) -> list[Part]:
    """Share of output words that stand in the input, of ABS+ minus that of ABS."""
    ways = Way("abs-plus"), Way("abs")
    return [_written(evidence, "", _lead(evidence, "extractive", *ways), *ways)]


def attention_beats_the_baselines(evidence: Evidence) -> list[Part]:
    """ROUGE of ABS minus that of PREFIX and of IR."""
    baselines = ("prefix", "ir")
    return [
        part for other in baselines for part in _better(evidence, Way("abs"), Way(other), f"over {other}")
    ]


def prefix_beats_retrieval(evidence: Evidence) -> list[Part]:
    """ROUGE of PREFIX minus that of IR."""
    return _better(evidence, Way("prefix"), Way("ir"))


def word_order_step_by_step(evidence: Evidence) -> list[Part]:
    """What the convolution gains over a bag of words, by its layers, and by the order of the words."""
    steps = {"layers, words sorted": ("tdnn-sorted", "bow"), "word order": ("tdnn", "tdnn-sorted")}
    return [Part(name, _gain(evidence, *pair)) for name, pair in steps.items()]


def attention_step_by_step(evidence: Evidence) -> list[Part]:
    """What attention gains over a bag of words, by its weights, and by smoothing."""
    steps = {"weights alone": ("abs-unsmoothed", "bow"), "smoothing": ("abs", "abs-unsmoothed")}
    return [Part(name, _gain(evidence, *pair)) for name, pair in steps.items()]


def smoothing_in_rouge(evidence: Evidence) -> list[Part]:
    """ROUGE of attention minus that without smoothing."""
    return [
        Part(name, _lead(evidence, metric, Way("abs"), Way("abs-unsmoothed")))
        for name, metric in ROUGES.items()
    ]


def perplexity_steps(evidence: Evidence) -> list[Part]:
    """Changes of perplexity from one row of Table 2 to the next, in percent."""
    steps = [pair for pair in (*pairwise(TABLE_2), ("bow", "abs")) if evidence.ran(*pair)]
    if not steps:
        raise NotRun("no two rows of Table 2 were run")
    return [
        Part(
            f"{one} to {later}",
            _score(evidence, later, "perplexity").change_from(_score(evidence, one, "perplexity")),
        )
        for one, later in steps
    ]


def attention_by_length(evidence: Evidence) -> list[Part]:
    """Nats a word of a bag of words minus those of attention, on short and on long inputs."""
    return _by_length(lambda low, high: _gain(evidence, "abs", "bow", low, high))


def attention_by_length_in_rouge(evidence: Evidence) -> list[Part]:
    """ROUGE-1 of attention minus that of a bag of words, on short and on long inputs."""
    return _by_length(lambda low, high: _lead(evidence, ROUGES["R-1"], Way("abs"), Way("bow"), low, high))


def words_are_looked_at(evidence: Evidence) -> list[Part]:
    """Weight of attention on the places of a copied word, and by how much that is more than chance."""
    return _looked(evidence, "copied", "weight")


def gold_links_are_looked_at(evidence: Evidence) -> list[Part]:
    """How often attention's largest weight lies on a gold link, and by how much that is more than chance."""
    return _looked(evidence, "pointing", "hits")


def abs_over_prefix_step_by_step(evidence: Evidence) -> list[Part]:
    """What ABS gains over PREFIX, at equal length, and by being shorter."""
    steps = {"over as many first words": ("abs", "lead"), "these over 75 bytes": ("lead", "prefix")}
    return [
        Part(f"{name} {step}", _lead(evidence, metric, Way(one), Way(other)))
        for name, metric in ROUGES.items()
        for step, (one, other) in steps.items()
    ]


def on_duc_2004(evidence: Evidence) -> list[Part]:
    """ROUGE on DUC-2004, 14 words cut at 75 bytes: of ABS minus PREFIX, of ABS+ minus ABS."""
    pairs = {
        "ABS over PREFIX": (Way("abs", "beam-75"), Way("prefix")),
        "ABS+ over ABS": (Way("abs-plus", "beam-75"), Way("abs", "beam-75")),
    }
    return [
        Part(f"{name} {what}", _lead(evidence, metric, *pair, test="duc2004"))
        for what, pair in pairs.items()
        for name, metric in ROUGES.items()
    ]


def copying(evidence: Evidence) -> list[Part]:
    """Shares of copied words and of new word pairs in what was written by beam search."""
    systems = [system for system in ("ir", *READING) if evidence.ran(system)]
    if not systems:
        raise NotRun("no system that writes summaries was run")
    shares = {"words of the input": "extractive", "new word pairs": "novel-2"}
    return [
        Part(f"{system}: {name}", _score(evidence, system, metric, "beam"))
        for system in systems
        for name, metric in shares.items()
    ]


def _by_length(ahead: Callable[[float, float], Estimate]) -> list[Part]:
    short, long = ahead(*SHORT), ahead(*LONG)
    return [Part("up to 20 words", short), Part("more than 30", long), Part("growth", long - short)]


def _looked(evidence: Evidence, metric: str, what: str) -> list[Part]:
    """Return parts for attention, and without smoothing where it was run: how much, and above chance."""
    parts = []
    for system in ("abs", "abs-unsmoothed"):
        if system == "abs" or evidence.ran(system):
            parts.append(Part(f"{system}: {what}", _score(evidence, system, metric)))
            parts.append(Part(f"{system}: above chance", _above_chance(evidence, system, metric)))
    return parts


def _ahead(evidence: Evidence, system: str, other: str, name: str = "") -> Part:
    """Return the part that a system gives the references fewer nats a word than another."""
    effect = _gain(evidence, system, other)
    doubts = _unlearnt(evidence, effect, (system, other))
    return Part(name, effect, (system,), (other,), "; ".join(doubts))


def _better(evidence: Evidence, one: Way, other: Way, name: str = "") -> list[Part]:
    """Return a part for each ROUGE: that one way of writing is better than another."""
    return [
        _written(evidence, f"{which} {name}".strip(), _lead(evidence, metric, one, other), one, other)
        for which, metric in ROUGES.items()
    ]


def _written(evidence: Evidence, name: str, effect: Estimate, one: Way, other: Way) -> Part:
    """Return a part about what was written; who writes must read its input, and write some right words."""
    writers = [way.system for way in dict.fromkeys((one, other)) if way.system in READING]
    doubts = _unlearnt(evidence, effect, writers)
    test = evidence.main_test(ROUGES["R-1"])
    doubts.append(
        evidence.undertrained(dict.fromkeys(writers), ROUGES["R-1"], "beam", test, LOWEST_ROUGE, effect.seeds)
    )
    if len(writers) == 2:
        doubts.append(_uneven(evidence, effect, one, other))
    return Part(name, effect, (one.system,), (other.system,), "; ".join(filter(None, doubts)))


def _unlearnt(evidence: Evidence, effect: Estimate, systems: Sequence[str]) -> list[str]:
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
            doubts.append(evidence.at_chance(network, _of(_learnt(evidence, network), effect)))
    return [*dict.fromkeys(filter(None, doubts))]


def _no_model(evidence: Evidence, effect: Estimate) -> str:
    """Say that the neural language model is far worse than counts; empty where it is not."""
    _needed(evidence, "kn-5", "nnlm has learnt the language")
    behind = _of(_gain(evidence, "kn-5", "nnlm"), effect).value
    if behind <= WORST_MODEL:
        return ""
    return f"nnlm has not learnt the language: {behind:+.2f} nats a word over kn-5, above {WORST_MODEL:.2f}"


def _unread(evidence: Evidence, system: str, effect: Estimate) -> str:
    """Say that a system is not known to be better than a model that sees no input; empty where it is."""
    network = NETWORKS.get(system, system)
    for control in (*BLIND, network):
        _needed(evidence, control, f"{system} reads its input")
    for control in BLIND:
        lead = _gain(evidence, network, control)
        if untold := sorted(set(effect.seeds) - set(lead.seeds)):
            return f"{network} and {control} were not both run with seed {' and '.join(map(str, untold))}"
        lead = _of(lead, effect)
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

    Without gold links: how much more of its weight lies on words that are copied.
    """
    try:
        return _above_chance(evidence, network, "pointing")
    except NotRun:
        return _above_chance(evidence, network, "copied")


def _uneven(evidence: Evidence, effect: Estimate, one: Way, other: Way) -> str:
    """Say that two ways write summaries of other lengths; empty where they do not."""
    first, second = (_score(evidence, way.system, "words", way.decoding) for way in (one, other))
    apart = _of(first - second, effect).value
    if abs(apart) <= EVEN:
        return ""
    return f"summaries are not equally long: {apart:+.2f} words on one side"


def _above_chance(evidence: Evidence, system: str, metric: str) -> Estimate:
    return _score(evidence, system, metric) - _score(evidence, system, f"{metric}-chance")


def _gain(evidence: Evidence, system: str, other: str, low: float = -inf, high: float = inf) -> Estimate:
    """Return by how many nats a word a system is ahead, on sources of ``low`` to below ``high`` words."""
    own, others = (_score(evidence, one, "nats", FORCED, low, high) for one in (system, other))
    return others - own


def _lead(
    evidence: Evidence, metric: str, one: Way, other: Way, low: float = -inf, high: float = inf,
    test: str | None = None,
) -> Estimate:  # fmt: skip
    """Return by how much one way of writing is better than another."""
    own, others = (
        _score(evidence, way.system, metric, way.decoding, low, high, test) for way in (one, other)
    )
    return own - others


def _score(
    evidence: Evidence, system: str, metric: str, decoding: str = FORCED, low: float = -inf,
    high: float = inf, test: str | None = None,
) -> Estimate:  # fmt: skip
    return evidence.score(system, metric, decoding, test or evidence.main_test(metric), low, high)


def _of(estimate: Estimate, effect: Estimate) -> Estimate:
    """Return the estimate for those seeds that the effect rests on."""
    return estimate.of(tuple(seed for seed in estimate.seeds if seed in effect.seeds))
