"""The checks behind this paper's claims: beam search on the main test set, BLEU on tokenised text."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf, isinf

from attnbench.claims import FEWEST_EXAMPLES, Evidence, NotRun, Part
from attnbench.scoring import Estimate

CAPS = (30, 50)
LOWEST_BLEU = 5.0
"""A system below this on the whole test set hardly looks at its source: it supports no verdict."""


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


def attention_does_not_fall_within_its_cap(evidence: Evidence) -> list[Part]:
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


def alignments_follow_gold(evidence: Evidence) -> list[Part]:
    """Alignment error rates of the two controls minus RNNsearch-50's own."""
    own = _forced(evidence, "rnnsearch-50", "aer")
    parts = []
    for control in ("diagonal", "shuffled"):
        lead = _forced(evidence, "rnnsearch-50", f"aer-{control}") - own
        parts.append(_part(evidence, f"against {control}", lead, "rnnsearch-50"))
    return parts


def alignments_near_diagonal(evidence: Evidence) -> list[Part]:
    """Share of RNNsearch-50's attention near the diagonal, minus that of uniform attention."""
    near, uniform = (
        _forced(evidence, "rnnsearch-50", name) for name in ("diagonal-mass", "diagonal-mass-uniform")
    )
    return [_part(evidence, "", near - uniform, "rnnsearch-50")]


def attention_leads_in_every_bin(evidence: Evidence) -> list[Part]:
    """BLEU of RNNsearch-30 minus RNNencdec-30, a part for each bin of ten words from 11 to 60."""
    parts = []
    for low in range(11, 61, 10):
        lead = _lead(evidence, "rnnsearch-30", "rnnencdec-30", low, low + 10)
        first, after = _scaled(evidence, "rnnsearch-30", low, low + 10)
        parts.append(_part(evidence, f"{first:g}–{after - 1:g}", lead, "rnnsearch-30", "rnnencdec-30"))
    return parts


def fewer_updates_suffice(evidence: Evidence) -> list[Part]:
    """BLEU of RNNsearch-50 minus RNNencdec-50, where the first had no more updates than the second."""
    lead = _lead(evidence, "rnnsearch-50", "rnnencdec-50")
    search, encdec = evidence.updates("rnnsearch-50"), evidence.updates("rnnencdec-50")
    if search > encdec:
        raise NotRun(f"rnnsearch-50 had {search} updates, more than the {encdec} of rnnencdec-50")
    return [_part(evidence, f"{search} against {encdec} updates", lead, "rnnsearch-50", "rnnencdec-50")]


def longer_training_helps(evidence: Evidence) -> list[Part]:
    """BLEU of RNNsearch-50* minus RNNsearch-50."""
    systems = ("rnnsearch-50-star", "rnnsearch-50")
    return [_part(evidence, "", _lead(evidence, *systems), *systems)]


def unknown_words_cost(evidence: Evidence) -> list[Part]:
    """BLEU without unknown words minus BLEU of all, for each system of Table 1 that was run."""
    systems = [f"{model}-{cap}" for cap in CAPS for model in ("rnnencdec", "rnnsearch")]
    run = [system for system in systems if evidence.ran(system)]
    if not run:
        raise NotRun("no system of Table 1 was run")

    def without(system: str) -> Estimate:
        return evidence.score(system, "bleu", "beam-known", "nounk")

    known = without(run[0]).n  # first: where both sets are short, it is the one that is named
    if 0 <= (unknown := _bleu(evidence, run[0]).n - known) < FEWEST_EXAMPLES:
        raise NotRun(f"only {unknown} test sentences have unknown words, {FEWEST_EXAMPLES} needed")
    return [_part(evidence, system, without(system) - _bleu(evidence, system), system) for system in run]


def deep_reversed_fixed_vector_falls_less(evidence: Evidence) -> list[Part]:
    """Fall of RNNencdec-50's BLEU from 11–20 to 41–50 words minus sutskever2014's, in percent."""
    deep, plain = (
        _change(evidence, system, (11, 21), (41, 51)) for system in ("sutskever2014", "rnnencdec-50")
    )
    return [_part(evidence, "", deep - plain, "sutskever2014", "rnnencdec-50")]


def _at_each_cap(evidence: Evidence, lead: Callable[[str, str], Estimate]) -> list[Part]:
    """Return a part for each cap at which both models were run; a part's name says which were not."""
    pairs = {cap: (f"rnnsearch-{cap}", f"rnnencdec-{cap}") for cap in CAPS}
    run = [cap for cap in CAPS if evidence.ran(*pairs[cap])]
    if not run:
        raise NotRun("RNNsearch and RNNencdec were not both run at any cap")
    missing = "".join(f" (cap {cap} was not run)" for cap in CAPS if cap not in run)
    return [_part(evidence, f"cap {cap}{missing}", lead(*pairs[cap]), *pairs[cap]) for cap in run]


def _bleu(evidence: Evidence, system: str, low: float = -inf, high: float = inf) -> Estimate:
    """Return the BLEU of a system on sources of ``low`` to below ``high`` words, scaled with its cap."""
    low, high = _scaled(evidence, system, low, high)
    return evidence.score(system, "bleu", "beam", evidence.main_test("bleu"), low, high)


def _lead(evidence: Evidence, system: str, other: str, low: float = -inf, high: float = inf) -> Estimate:
    """Return the BLEU of a system minus that of another; see ``_bleu``."""
    return _bleu(evidence, system, low, high) - _bleu(evidence, other, low, high)


def _scaled(evidence: Evidence, system: str, low: float, high: float) -> tuple[float, float]:
    """Return a bin's edges for a system that was trained with another cap than its name says."""
    scale = _scale(evidence, system)

    def scaled(edge: float) -> float:
        return edge if isinf(edge) else round((edge - 1) * scale) + 1

    return scaled(low), scaled(high)


def _scale(evidence: Evidence, system: str) -> float:
    """Return the cap a system was trained with as a multiple of the one in its name."""
    return _cap(evidence, system) / _nominal_cap(system)


def _nominal_cap(system: str) -> int:
    return int(name) if (name := system.rpartition("-")[2]).isdigit() else CAPS[-1]


def _cap(evidence: Evidence, system: str) -> int:
    """Return the longest training sentence of a system, in words."""
    return int(evidence.settings(system).get("data", {}).get("max_length", _nominal_cap(system)))


def _forced(evidence: Evidence, system: str, metric: str) -> Estimate:
    return evidence.score(system, metric, "forced", evidence.main_test(metric))


def _change(evidence: Evidence, system: str, before: tuple[int, int], after: tuple[int, int]) -> Estimate:
    """Return the change of BLEU between two bins of source lengths, in percent of the first."""
    return _bleu(evidence, system, *after).change_from(_bleu(evidence, system, *before))


def _part(evidence: Evidence, name: str, effect: Estimate, *systems: str) -> Part:
    doubt = evidence.undertrained(systems, "bleu", "beam", evidence.main_test("bleu"), LOWEST_BLEU)
    other = [
        f"{system} trained up to {_cap(evidence, system)}"
        for system in systems
        if _scale(evidence, system) != 1
    ]
    caps = f"{', '.join(other)} words" if other else ""
    return Part(": ".join(filter(None, [name, caps])), effect, doubt)
