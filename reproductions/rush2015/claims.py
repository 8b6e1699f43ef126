"""The checks behind this paper's claims, on the main test set.

Perplexities are those of the references, in nats a word; ROUGE is recall at 75 bytes, of summaries that are
equally long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from math import inf

from attnbench.evidence import Evidence, NotRun, Part
from attnbench.scoring import Estimate
from reproductions.rush2015.effects import ROUGES, Way, above_chance, gain, lead, score
from reproductions.rush2015.guards import BLIND, READING, unlearnt, unwritten

TABLE_2 = ("kn-5", "nnlm", "bow", "tdnn", "abs")

SHORT, LONG = (1, 21), (31, inf)
"""Source lengths in words, half-open."""


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
    return [_written(evidence, "", lead(evidence, "extractive", *ways), *ways)]


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
    return [Part(name, gain(evidence, *pair)) for name, pair in steps.items()]


def attention_step_by_step(evidence: Evidence) -> list[Part]:
    """What attention gains over a bag of words, by its weights, and by smoothing."""
    steps = {"weights alone": ("abs-unsmoothed", "bow"), "smoothing": ("abs", "abs-unsmoothed")}
    return [Part(name, gain(evidence, *pair)) for name, pair in steps.items()]


def smoothing_in_rouge(evidence: Evidence) -> list[Part]:
    """ROUGE of attention minus that without smoothing."""
    return [
        Part(name, lead(evidence, metric, Way("abs"), Way("abs-unsmoothed")))
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
            score(evidence, later, "perplexity").change_from(score(evidence, one, "perplexity")),
        )
        for one, later in steps
    ]


def attention_by_length(evidence: Evidence) -> list[Part]:
    """Nats a word of a bag of words minus those of attention, on short and on long inputs."""
    return _by_length(lambda low, high: gain(evidence, "abs", "bow", low, high))


def attention_by_length_in_rouge(evidence: Evidence) -> list[Part]:
    """ROUGE-1 of attention minus that of a bag of words, on short and on long inputs."""
    return _by_length(lambda low, high: lead(evidence, ROUGES["R-1"], Way("abs"), Way("bow"), low, high))


def words_are_looked_at(evidence: Evidence) -> list[Part]:
    """Weight of attention on the places of a copied word, and by how much that is more than chance."""
    return _looked(evidence, "copied", "weight")


def gold_links_are_looked_at(evidence: Evidence) -> list[Part]:
    """How often attention's largest weight lies on a gold link, and by how much that is more than chance."""
    return _looked(evidence, "pointing", "hits")


def abs_over_prefix_step_by_step(evidence: Evidence) -> list[Part]:
    """What ABS gains over PREFIX, at equal length, and by being shorter."""
    steps = {"over as many first words": ("abs", "lead"), "these over 75 bytes": ("lead", "prefix")}
    return _in_steps(evidence, steps)


def prefix_over_retrieval_step_by_step(evidence: Evidence) -> list[Part]:
    """What PREFIX gains over IR, at the usual length, and by being longer."""
    return _in_steps(
        evidence, {"as many first words": ("lead", "ir"), "75 bytes over these": ("prefix", "lead")}
    )


def on_duc_2004(evidence: Evidence) -> list[Part]:
    """ROUGE on DUC-2004, 14 words cut at 75 bytes: of ABS minus PREFIX, of ABS+ minus ABS."""
    pairs = {
        "ABS over PREFIX": (Way("abs", "beam-75"), Way("prefix", "beam-75")),
        "ABS+ over ABS": (Way("abs-plus", "beam-75"), Way("abs", "beam-75")),
    }
    return [
        Part(f"{name} {what}", lead(evidence, metric, *pair, test="duc2004"))
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
        Part(f"{system}, {name}", score(evidence, system, metric, "beam"))
        for system in systems
        for name, metric in shares.items()
    ]


def _in_steps(evidence: Evidence, steps: Mapping[str, tuple[str, str]]) -> list[Part]:
    """Return for each ROUGE by how much the first of each pair is better than the second."""
    return [
        Part(f"{name} {step}", lead(evidence, metric, Way(one), Way(other)))
        for name, metric in ROUGES.items()
        for step, (one, other) in steps.items()
    ]


def _by_length(ahead: Callable[[float, float], Estimate]) -> list[Part]:
    short, long = ahead(*SHORT), ahead(*LONG)
    return [Part("up to 20 words", short), Part("more than 30", long), Part("growth", long - short)]


def _looked(evidence: Evidence, metric: str, what: str) -> list[Part]:
    """Return parts for attention, and without smoothing where it was run: how much, and above chance.

    Once at the very places, once within the two words over which values are smoothed.
    """
    parts = []
    for system in ("abs", "abs-unsmoothed"):
        if system == "abs" or evidence.ran(system):
            for where, one in ((what, metric), (f"{what} within two words", f"{metric}-near")):
                parts.append(Part(f"{system}, {where}", score(evidence, system, one)))
                parts.append(Part(f"{system}, {where}, above chance", above_chance(evidence, system, one)))
    return parts


def _ahead(evidence: Evidence, system: str, other: str, name: str = "") -> Part:
    """Return the part that a system gives the references fewer nats a word than another."""
    effect = gain(evidence, system, other)
    return Part(name, effect, (system,), (other,), unlearnt(evidence, effect, (system, other)))


def _better(evidence: Evidence, one: Way, other: Way, name: str = "") -> list[Part]:
    """Return a part for each ROUGE: that one way of writing is better than another."""
    return [
        _written(evidence, f"{which} {name}".strip(), lead(evidence, metric, one, other), one, other)
        for which, metric in ROUGES.items()
    ]


def _written(evidence: Evidence, name: str, effect: Estimate, one: Way, other: Way) -> Part:
    """Return a part about what was written."""
    doubt = unwritten(evidence, effect, one, other)
    return Part(name, effect, (one.system,), (other.system,), doubt)
