"""The checks behind this paper's claims: accuracy and alignments on the main test set."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import inf

from attnbench.evidence import Evidence, NotRun, Part
from attnbench.scoring import Estimate

DECODING = "argmax"
CONTROL = "hypothesis-only"
"""What the labels give away without the premise: who is no better has not learnt to read it."""
ATTENDING = ("attention", "word-by-word")

SHORT, LONG = (1, 11), (21, inf)
"""Premise lengths in words, half-open."""


def sizes(evidence: Evidence) -> dict[str, int]:
    """Return the k that were used, for the statements."""
    with_k = next(filter(evidence.ran, ("attention", "conditional-shared")), "attention")
    systems = {"k": with_k, "one_lstm": "conditional-shared-159", "two_lstms": "conditional"}
    known = {name: evidence.settings(system).get("model", {}) for name, system in systems.items()}
    return {name: int(model["hidden"]) for name, model in known.items() if "hidden" in model}


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
    parts = []
    for model in ATTENDING:
        part = _lead(evidence, model, f"{model}-two-way", model)
        blind = _blind(evidence, f"{model}-two-way", part.effect)  # who is said not to gain must read too
        parts.append(replace(part, doubt="; ".join(filter(None, (part.doubt, blind)))))
    return parts


def ranking(evidence: Evidence) -> list[Part]:
    """Accuracy of each system minus that of the next."""
    order = ("word-by-word", "attention", "conditional-shared-159", "conditional", "independent")
    return [_lead(evidence, *pair, " over ".join(pair)) for pair in pairwise(order)]


def frozen_vectors_shrink_the_gap(evidence: Evidence) -> list[Part]:
    """Fall of independent encoding's accuracy from training to test pairs, minus that of the others."""
    _given_vectors(evidence)
    return [
        _part(
            evidence, system, _fall(evidence, "independent") - _fall(evidence, system), system, "independent"
        )
        for system in ("conditional-shared", "word-by-word")
    ]


def _given_vectors(evidence: Evidence) -> None:
    vectors = evidence.settings("independent").get("data", {}).get("vectors")
    if evidence.ran("independent") and not vectors:
        raise NotRun("independent was not run with given word vectors: --set data.vectors=FILE")


def _fall(evidence: Evidence, system: str) -> Estimate:
    """Return by how much a system's accuracy falls from training pairs to test pairs."""
    return evidence.score(system, "accuracy", DECODING, "train") - _score(evidence, system, "accuracy")


def conditioning_step_by_step(evidence: Evidence) -> list[Part]:
    """What conditional encoding gains over independent encoding, one difference at a time."""
    steps = {
        "frozen vectors": ("independent-frozen", "independent"),
        "conditioning alone": ("conditional-shared-layered", "independent-frozen"),
        "the simpler classifier": ("conditional-shared", "conditional-shared-layered"),
    }
    return [
        Part(name, _score(evidence, system, "accuracy") - _score(evidence, other, "accuracy"))
        for name, (system, other) in steps.items()
    ]


def frozen_vectors_alone(evidence: Evidence) -> list[Part]:
    """Fall from training to test pairs of independent encoding, minus that with its vectors frozen."""
    _given_vectors(evidence)
    return [Part("", _fall(evidence, "independent") - _fall(evidence, "independent-frozen"))]


def words_find_themselves(evidence: Evidence) -> list[Part]:
    """How often word-by-word attention's copied words point at themselves, and more than chance."""
    return _above(evidence, "copied")


def words_find_what_settles_them(evidence: Evidence) -> list[Part]:
    """The same of its deciding words and gold links, and of those that the premise says in other words."""
    try:
        reworded = _above(evidence, "reworded")
    except NotRun:  # records of before it was measured
        reworded = []
    told = [replace(part, name=f"in other words, {part.name}") for part in reworded]
    return [*_above(evidence, "pointing"), *told]


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


def _above(evidence: Evidence, metric: str) -> list[Part]:
    """Return parts: how often word-by-word attention hits, and by how much more than chance."""
    own = _score(evidence, "word-by-word", metric)
    return [Part("hits", own), Part("above chance", _more_than_chance(evidence, "word-by-word", metric))]


def _lead(evidence: Evidence, system: str, other: str, name: str = "") -> Part:
    """Return the part that a system is more accurate than another."""
    lead = _score(evidence, system, "accuracy") - _score(evidence, other, "accuracy")
    test = evidence.main_test("accuracy")
    note = evidence.mcnemar(system, other, "accuracy", DECODING, test)
    return replace(_part(evidence, name, lead, system, other), note=note)


def _score(evidence: Evidence, system: str, metric: str, low: float = -inf, high: float = inf) -> Estimate:
    return evidence.score(system, metric, DECODING, evidence.main_test(metric), low, high)


def _part(evidence: Evidence, name: str, effect: Estimate, system: str, *others: str) -> Part:
    """Return a part that ``system`` is said to lead.

    It must read the premise: where it does not, neither its lead nor its lag is the method's. One that it
    leads may do without; one that leads it is then better than the control too. Attention on either side
    must have learnt to attend; where it was given a start that matches words, only another that was can be
    set against it.
    """
    doubts = [_blind(evidence, system, effect)]
    attending = [one for one in (system, *others) if one.removesuffix("-two-way") in ATTENDING]
    for one in attending:
        doubts.append(evidence.at_chance(one, _learnt(evidence, one).of(effect.seeds)))
        if evidence.settings(one).get("model", {}).get("matching") and len(attending) <= len(others):
            doubts.append(f"{one} started by looking for words like its own, which {others[0]} cannot")
    return Part(name, effect, (system,), others, "; ".join(filter(None, dict.fromkeys(doubts))))


def _learnt(evidence: Evidence, system: str) -> Estimate:
    """Return how much more often than chance words find what settles them in other words.

    Without gold links: how often they find themselves. A start that matches words does so untrained.
    """
    try:
        return _more_than_chance(evidence, system, "reworded")
    except NotRun:
        return _more_than_chance(evidence, system, "copied")


def _more_than_chance(evidence: Evidence, system: str, metric: str) -> Estimate:
    return _score(evidence, system, metric) - _score(evidence, system, f"{metric}-chance")


def _blind(evidence: Evidence, system: str, effect: Estimate) -> str:
    """Say that a system is not known to be better than the hypothesis alone; empty where it is."""
    if not evidence.ran(CONTROL):
        raise NotRun(f"{CONTROL} was not run, so nothing tells whether {system} reads the premise")
    lead = _score(evidence, system, "accuracy") - _score(evidence, CONTROL, "accuracy")
    if untold := sorted(set(effect.seeds) - set(lead.seeds)):
        return f"{CONTROL} was not run with seed {' and '.join(map(str, untold))}"
    lead = lead.of(effect.seeds)
    low, high = lead.interval
    if low > 0:
        return ""
    return (
        f"{system} is not known to read the premise: {lead.value:+.2f} [{low:.2f}, {high:.2f}] over {CONTROL}"
    )
