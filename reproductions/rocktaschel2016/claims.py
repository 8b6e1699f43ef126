"""The checks behind this paper's claims: accuracy and alignments on the main test set."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import inf

from attnbench.claims import Evidence, NotRun, Part
from attnbench.scoring import Estimate

DECODING = "argmax"
LOWEST_ACCURACY = 40.0
"""Percent. A system below this has hardly learnt to tell three labels apart: it supports no verdict."""

SHORT, LONG = (1, 11), (21, inf)
"""Premise lengths in words, half-open."""


def conditioning_beats_independent_encoding(evidence: Evidence) -> list[Part]:
    """Accuracy of conditional encoding with one LSTM minus that of independent encoding."""
    return [_lead(evidence, "conditional-shared", "independent")]


def attention_beats_a_larger_lstm(evidence: Evidence) -> list[Part]:
    """Accuracy of attention minus that of one LSTM of about as many parameters."""
    return [_lead(evidence, "attention", "conditional-shared-159")]


def attention_beats_two_lstms(evidence: Evidence) -> list[Part]:
    """Accuracy of attention minus that of two LSTMs of about as many parameters."""
    return [_lead(evidence, "attention", "conditional")]


def word_by_word_beats_attention(evidence: Evidence) -> list[Part]:
    """Accuracy of word-by-word attention minus that of attention."""
    return [_lead(evidence, "word-by-word", "attention")]


def two_way_does_not_help(evidence: Evidence) -> list[Part]:
    """Accuracy one way minus both ways, for either attention."""
    return [_lead(evidence, model, f"{model}-two-way", model) for model in ("attention", "word-by-word")]


def ranking(evidence: Evidence) -> list[Part]:
    """Accuracy of each system minus that of the next."""
    order = ("word-by-word", "attention", "conditional-shared-159", "conditional", "independent")
    return [_lead(evidence, *pair, " over ".join(pair)) for pair in pairwise(order)]


def frozen_vectors_shrink_the_gap(evidence: Evidence) -> list[Part]:
    """Fall of independent encoding's accuracy from training to test pairs, minus that of the others."""
    if not evidence.settings("independent").get("data", {}).get("vectors"):
        raise NotRun("independent was not run with given word vectors: --set data.vectors=FILE")

    def fall(system: str) -> Estimate:
        seen = evidence.score(system, "accuracy", DECODING, "train")
        return seen - _score(evidence, system, "accuracy")

    systems = ("conditional-shared", "word-by-word")
    return [
        _part(evidence, system, fall("independent") - fall(system), system, "independent")
        for system in systems
    ]


def words_find_themselves(evidence: Evidence) -> list[Part]:
    """Share of word-by-word attention's copied words that point at themselves, minus chance."""
    return [_above(evidence, "copied")]


def words_find_what_settles_them(evidence: Evidence) -> list[Part]:
    """Share of word-by-word attention's decisive words that point at a gold link, minus chance."""
    return [_above(evidence, "pointing")]


def one_look_flattens_on_long_premises(evidence: Evidence) -> list[Part]:
    """Rise of attention's normalised entropy with premise length, and how much more than word by word."""

    def rise(system: str) -> Estimate:
        return _score(evidence, system, "entropy", *LONG) - _score(evidence, system, "entropy", *SHORT)

    one, each = rise("attention"), rise("word-by-word")
    return [
        _part(evidence, "attention", one, "attention"),
        _part(evidence, "more than word by word", one - each, "attention", "word-by-word"),
    ]


def unrelated_pairs_look_at_function_words(evidence: Evidence) -> list[Part]:
    """Attention on function words beyond uniform attention's: in unrelated pairs minus in related ones."""

    def beyond(group: str) -> Estimate:
        own, uniform = (
            _score(evidence, "word-by-word", f"function-mass-{group}{control}")
            for control in ("", "-uniform")
        )
        return own - uniform

    return [_part(evidence, "", beyond("unrelated") - beyond("related"), "word-by-word")]


def _above(evidence: Evidence, metric: str) -> Part:
    """Return the part that word-by-word attention has more of ``metric`` than chance."""
    own, chance = (_score(evidence, "word-by-word", name) for name in (metric, f"{metric}-chance"))
    return _part(evidence, "", own - chance, "word-by-word")


def _lead(evidence: Evidence, system: str, other: str, name: str = "") -> Part:
    """Return the part that a system is more accurate than another."""
    lead = _score(evidence, system, "accuracy") - _score(evidence, other, "accuracy")
    test = evidence.main_test("accuracy")
    note = evidence.mcnemar(system, other, "accuracy", DECODING, test)
    return replace(_part(evidence, name, lead, system, other), note=note)


def _score(evidence: Evidence, system: str, metric: str, low: float = -inf, high: float = inf) -> Estimate:
    return evidence.score(system, metric, DECODING, evidence.main_test(metric), low, high)


def _part(evidence: Evidence, name: str, effect: Estimate, *systems: str) -> Part:
    main = evidence.main_test("accuracy")
    return Part(name, effect, evidence.undertrained(systems, "accuracy", DECODING, main, LOWEST_ACCURACY))
