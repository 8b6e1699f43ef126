"""The checks behind this paper's claims: beam search on the main test set, BLEU on tokenised text."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf

import numpy as np

from attnbench.evidence import FEWEST_EXAMPLES, Evidence, NotRun, Part
from attnbench.scoring import Estimate
from reproductions.bahdanau2015.caps import LONG, PAPER_CAPS, SHORT, Cap

CAPS = (SHORT, LONG)
TABLE_1 = tuple(f"{model}-{cap}" for cap in CAPS for model in ("rnnencdec", "rnnsearch"))
LOWEST_BLEU = 5.0
"""A system below this on a test set hardly looks at its source there: it supports no verdict."""


def caps(evidence: Evidence) -> dict[str, Cap]:
    """Return the caps that were used, for the statements; RNNencdec's where RNNsearch was not run."""
    used = {}
    for name, cap in PAPER_CAPS.items():
        systems = [f"{model}-{cap.nominal}" for model in ("rnnsearch", "rnnencdec")]
        used[name] = _cap(evidence, next(filter(evidence.ran, systems), systems[0]))
    return used


def attention_beats_fixed_vector(evidence: Evidence) -> list[Part]:
    """BLEU of RNNsearch minus RNNencdec, all sentences, at each cap."""
    return _at_each_cap(evidence, partial(_lead, evidence))


def short_cap_attention_beats_long_cap_fixed_vector(evidence: Evidence) -> list[Part]:
    """BLEU of RNNsearch-30 minus RNNencdec-50, all sentences."""
    systems = ("rnnsearch-30", "rnnencdec-50")
    return [_part(evidence, "", _lead(evidence, *systems), *systems)]


def fixed_vector_falls_with_length(evidence: Evidence) -> list[Part]:
    """Fall of RNNencdec-50's BLEU from 11–20 to 41–50 words, in percent."""
    fall = -_change(evidence, "rnnencdec-50", (11, 21), (41, 51))
    return [_part(evidence, "", fall, "rnnencdec-50")]


def attention_does_not_fall_with_length(evidence: Evidence) -> list[Part]:
    """BLEU of RNNsearch-50 in 51–60 words minus that in 21–30."""
    change = _bleu(evidence, "rnnsearch-50", 51, 61) - _bleu(evidence, "rnnsearch-50", 21, 31)
    return [_part(evidence, "", change, "rnnsearch-50")]


def attention_within_its_cap(evidence: Evidence) -> list[Part]:
    """Change of RNNsearch-50's BLEU from 21–30 to 41–50 words, in percent."""
    change = _change(evidence, "rnnsearch-50", (21, 31), (41, 51))
    return [_part(evidence, "", change, "rnnsearch-50")]


def gap_grows_with_length(evidence: Evidence) -> list[Part]:
    """BLEU of RNNsearch-50 minus RNNencdec-50 in 31–50 words, minus the same in 1–10 words."""
    systems = ("rnnsearch-50", "rnnencdec-50")
    growth = _lead(evidence, *systems, 31, 51) - _lead(evidence, *systems, 1, 11)
    return [_part(evidence, "", growth, *systems)]


def attention_does_not_extrapolate(evidence: Evidence) -> list[Part]:
    """Fall of RNNsearch-30's BLEU from 21–30 to 51–60 words, in percent."""
    fall = -_change(evidence, "rnnsearch-30", (21, 31), (51, 61))
    return [_part(evidence, "", fall, "rnnsearch-30")]


def longer_cap_helps(evidence: Evidence) -> list[Part]:
    """BLEU at cap 50 minus BLEU at cap 30, for either model."""
    pairs = {model: (f"{model}-50", f"{model}-30") for model in ("rnnsearch", "rnnencdec")}
    return [_part(evidence, model, _lead(evidence, *pair), *pair) for model, pair in pairs.items()]


def attention_has_lower_nll(evidence: Evidence) -> list[Part]:
    """Nats a sentence of RNNencdec minus RNNsearch, references forced, at each cap."""

    def lead(search: str, encdec: str) -> Estimate:
        return _forced(evidence, encdec, "nll") - _forced(evidence, search, "nll")

    return _at_each_cap(evidence, lead)


def alignments_near_diagonal(evidence: Evidence) -> list[Part]:
    """Share of RNNsearch-50's attention near the diagonal, minus that of uniform attention."""
    if evidence.generated:
        raise NotRun("a generator's grammar decides how monotonic its translations are: only real text tells")
    near, uniform = (
        _forced(evidence, "rnnsearch-50", name) for name in ("diagonal-mass", "diagonal-mass-uniform")
    )
    effect, test = near - uniform, evidence.main_test("diagonal-mass")
    doubt = evidence.at_chance("rnnsearch-50", effect)
    return [_part(evidence, "", effect, "rnnsearch-50", test=test, doubt=doubt)]


def alignment_error(evidence: Evidence) -> list[Part]:
    """Alignment error rate of RNNsearch-50, and by how much those of two controls are higher."""
    own, test = _forced(evidence, "rnnsearch-50", "aer"), evidence.main_test("aer")
    shuffled = _forced(evidence, "rnnsearch-50", "aer-shuffled") - own
    diagonal = _forced(evidence, "rnnsearch-50", "aer-diagonal") - own
    chance = evidence.at_chance("rnnsearch-50", shuffled)
    effects = {"RNNsearch-50": own, "diagonal minus it": diagonal, "its weights shuffled minus it": shuffled}
    return [
        _part(evidence, name, effect, "rnnsearch-50", test=test, doubt=chance)
        for name, effect in effects.items()
    ]


def attention_leads_in_every_bin(evidence: Evidence) -> list[Part]:
    """BLEU of RNNsearch-30 minus RNNencdec-30, a part for each bin of ten words from 11 to 60."""
    parts = []
    for low in range(11, 61, 10):
        lead = _lead(evidence, "rnnsearch-30", "rnnencdec-30", low, low + 10)
        lengths = _cap(evidence, "rnnsearch-30")[f"{low}-{low + 9}"]
        parts.append(_part(evidence, lengths, lead, "rnnsearch-30", "rnnencdec-30"))
    return parts


def fewer_updates_suffice(evidence: Evidence) -> list[Part]:
    """Updates that RNNsearch-50 saves until it is as good as RNNencdec-50 ever is, in percent.

    Both by the score on the validation set. It got there between the evaluation that shows it and the one
    before: the value is where a straight line between their scores would be there.
    """
    fixed, search = evidence.curve("rnnencdec-50"), evidence.curve("rnnsearch-50")
    seeds = tuple(sorted(set(fixed["seed"].tolist()) & set(search["seed"].tolist())))
    saved, never = [], []
    for seed in seeds:
        before, after = fixed[fixed["seed"] == seed], search[search["seed"] == seed]
        best, scores = before["valid_score"].max(), np.array([0, *after["valid_score"]])
        there = scores[1:] >= best
        never += [] if there.any() else [str(seed)]
        updates = np.array([0, *after["update"]])
        place = there.argmax() if there.any() else len(there) - 1
        reached = np.interp(best, scores[[place, place + 1]], updates[[place, place + 1]])
        took = np.array([updates[place + 1], reached, updates[place]])
        saved.append(100 * (1 - took / before["update"].max()))
    at, between, latest = (
        np.array(saved).reshape(-1, 3).T
    )  # when it was seen to be there, and when it was not yet
    either = np.repeat([at, latest], 50, axis=0)  # so that the interval reaches from the one to the other
    doubt = f"RNNsearch-50 never gets there with seed {' and '.join(never)}" if never else ""
    effect = Estimate(seeds, between, either, {})
    return [_part(evidence, "", effect, "rnnsearch-50", "rnnencdec-50", doubt=doubt)]


def longer_training_helps(evidence: Evidence) -> list[Part]:
    """BLEU of RNNsearch-50* minus RNNsearch-50."""
    systems = ("rnnsearch-50-star", "rnnsearch-50")
    return [_part(evidence, "", _lead(evidence, *systems), *systems)]


def unknown_words_cost(evidence: Evidence) -> list[Part]:
    """BLEU without unknown words minus BLEU of all, for each system of Table 1."""
    _some_are_unknown(evidence, TABLE_1[0])
    return [_part(evidence, name, _known(evidence, name) - _bleu(evidence, name), name) for name in TABLE_1]


def _some_are_unknown(evidence: Evidence, system: str) -> None:
    known = _known(evidence, system).n  # first: where both sets are short, it is the one that is named
    if 0 <= (unknown := _bleu(evidence, system).n - known) < FEWEST_EXAMPLES:
        raise NotRun(f"too few test sentences have unknown words: {unknown}, {FEWEST_EXAMPLES} needed")


def unknown_words_at_equal_lengths(evidence: Evidence) -> list[Part]:
    """The same within each bin of ten words, weighted by how many sentences without unknown words it has."""
    if not (run := [name for name in TABLE_1 if evidence.ran(name)]):
        raise NotRun("no system of Table 1 was run")
    _some_are_unknown(evidence, run[0])
    return [_part(evidence, name, _at_equal_lengths(evidence, name), name) for name in run]


def _at_equal_lengths(evidence: Evidence, system: str) -> Estimate:
    bins = []
    for low in range(1, 101, 10):
        try:
            known = _known(evidence, system, low, low + 10)
        except NotRun:
            continue
        test = evidence.main_test("bleu")
        bins.append((known.n, known - evidence.score(system, "bleu", "beam", test, low, low + 10)))
    if not bins:
        raise NotRun(f"no length has {FEWEST_EXAMPLES} sentences without unknown words")
    total = sum(n for n, _ in bins)
    first, *others = (effect * (n / total) for n, effect in bins)
    return sum(others, start=first)


def deep_reversed_fixed_vector_falls_less(evidence: Evidence) -> list[Part]:
    """Fall of RNNencdec-50's BLEU from 11–20 to 41–50 words minus sutskever2014's, in percent."""
    deep, plain = (
        _change(evidence, system, (11, 21), (41, 51)) for system in ("sutskever2014", "rnnencdec-50")
    )
    return [_part(evidence, "", deep - plain, "sutskever2014", "rnnencdec-50")]


def _at_each_cap(evidence: Evidence, lead: Callable[[str, str], Estimate]) -> list[Part]:
    """Return a part for each cap; a claim about either cap needs both."""
    pairs = {cap: (f"rnnsearch-{cap}", f"rnnencdec-{cap}") for cap in CAPS}
    return [_part(evidence, f"cap {_cap(evidence, pair[0])}", lead(*pair), *pair) for pair in pairs.values()]


def _known(evidence: Evidence, system: str, low: float = -inf, high: float = inf) -> Estimate:
    """Return the BLEU of a system on sentences without unknown words, the unknown word barred."""
    return evidence.score(system, "bleu", "beam-known", "nounk", low, high)


def _bleu(evidence: Evidence, system: str, low: float = -inf, high: float = inf) -> Estimate:
    """Return the BLEU of a system on sources of ``low`` to below ``high`` words, scaled with its cap."""
    cap = _cap(evidence, system)
    low, high = cap.edge(low), cap.edge(high)
    return evidence.score(system, "bleu", "beam", evidence.main_test("bleu"), low, high)


def _lead(evidence: Evidence, system: str, other: str, low: float = -inf, high: float = inf) -> Estimate:
    """Return the BLEU of a system minus that of another; see ``_bleu``."""
    return _bleu(evidence, system, low, high) - _bleu(evidence, other, low, high)


def _cap(evidence: Evidence, system: str) -> Cap:
    """Return the cap in a system's name, the longer one without any, and the one that it was trained with."""
    nominal = int(name) if (name := system.rpartition("-")[2]).isdigit() else LONG
    return Cap(nominal, int(evidence.settings(system).get("data", {}).get("max_length", nominal)))


def _forced(evidence: Evidence, system: str, metric: str) -> Estimate:
    return evidence.score(system, metric, "forced", evidence.main_test(metric))


def _change(evidence: Evidence, system: str, before: tuple[int, int], after: tuple[int, int]) -> Estimate:
    """Return the change of BLEU between two bins of source lengths, in percent of the first."""
    return _bleu(evidence, system, *after).change_from(_bleu(evidence, system, *before))


def _part(
    evidence: Evidence, name: str, effect: Estimate, lead: str, *lags: str, test: str | None = None,
    doubt: str = "",
) -> Part:  # fmt: skip
    """Return a part; the systems must have learnt to translate the test set that is looked at."""
    test = test or evidence.main_test("bleu")
    untrained = evidence.undertrained((lead, *lags), "bleu", "beam", test, LOWEST_BLEU, effect.seeds)
    return Part(name, effect, (lead,), lags, untrained or doubt)
