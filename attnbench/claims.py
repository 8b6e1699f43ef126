"""Verdicts on a paper's claims, from records alone, and what it measures without a claim.

A claim's check (``attnbench.evidence``) returns parts. A part is judged by the 95 % interval of its effect,
which holds what another test set and, from two seeds on, other trainings would change
(``attnbench.scoring.estimate``):

- **reproduced**: the whole interval lies above the claim's margin;
- **contradicted**: the whole interval lies below it, far enough for one of so many parts. The claim then
  fails as stated, with its margin; a smaller effect of the same sign may still be there;
- **held once**, **failed once**: the same of a single training, whose interval is over examples alone.
  Another training may come out otherwise: that is no verdict on the method;
- **undecided**: the interval holds the margin; or a system has not learnt enough for a verdict; or, where a
  claim is about levels, the loss of the side that is behind still falls; or nothing differs between the two
  sides, where something had to;
- **not run**: a system, test set or metric is missing, or a set has fewer than ``FEWEST_EXAMPLES``.

A claim of several parts holds if all do, so it is contradicted if one part is. Each of its k parts could fail
by chance, so a part is contradicted only if its one-sided p is below a k-th of what is asked of a single one.
The row shows the part that is closest to failing.

With each verdict go the two-sided p of the effect's lying on the margin, and q, what it is after Benjamini
and Hochberg (1995) among the claims that were tested on the same results: of the verdicts with q up to 0.05
at most one in twenty is expected to be false, if tests that share systems do not pull against each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from attnbench.evidence import Check, Evidence, NotRun, Part
from attnbench.paper import Claim, Measurement, Paper, resolve
from attnbench.scoring import AllExamples, Estimate
from attnbench.scoring.bootstrap import interval
from attnbench.scoring.estimate import TAIL

PRACTICAL = 1_000_000
"""More examples than this are not worth asking for."""

ENOUGH_SEEDS = 3
"""What a claim that was tried once should be tried with: fewer leave an interval of little use."""

MOST_SEEDS = 100
"""More seeds than this are not worth asking for."""

REPRODUCED, CONTRADICTED, UNDECIDED, NOT_RUN = "reproduced", "contradicted", "undecided", "not run"
HELD_ONCE, FAILED_ONCE = "held once", "failed once"
_ONCE = {REPRODUCED: HELD_ONCE, CONTRADICTED: FAILED_ONCE}
VERDICTS = (REPRODUCED, CONTRADICTED, HELD_ONCE, FAILED_ONCE, UNDECIDED, NOT_RUN)

COLUMNS = [
    "claim", "statement", "paper_location", "effect", "unit", "ci_low", "ci_high", "margin",
    "verdict", "reason", "paper_effect", "seeds", "n", "needed", "p", "q", "margin_reason", "margin_set",
    "after_results", "also_differs",
]  # fmt: skip

MEASURED = ["measurement", "part", "statement", "value", "unit", "ci_low", "ci_high", "seeds", "n", "reason"]


@dataclass(frozen=True)
class _Judged:
    """A part and its verdict."""

    part: Part
    margin: float
    verdict: str
    reason: str
    needed: str = ""
    chances: tuple[float, float] = (math.nan, math.nan)
    """The one-sided p of its lying above the margin, and below; not numbers where it was not tested."""

    @property
    def closeness(self) -> tuple[int, float]:
        """Smaller is closer to failing: the verdict first, then how far the interval is above the margin."""
        order = [CONTRADICTED, FAILED_ONCE, UNDECIDED, NOT_RUN, HELD_ONCE, REPRODUCED]
        return order.index(self.verdict), self.part.effect.interval[0] - self.margin


def judge(paper: Paper, tested: AllExamples) -> pd.DataFrame:
    """Return a verdict for every claim of the paper, columns ``COLUMNS``, in the paper's order."""
    evidence = Evidence(tested, paper)
    judged = pd.DataFrame([_row(claim, evidence) for claim in paper.claims], columns=COLUMNS)
    judged["q"] = adjusted(judged["p"].to_numpy(dtype=float))
    return judged.astype({"seeds": "Int64", "n": "Int64", "p": float})


def measure(paper: Paper, tested: AllExamples) -> pd.DataFrame:
    """Return every measurement of the paper, a row a part, columns ``MEASURED``; no verdict."""
    evidence = Evidence(tested, paper)
    rows = []
    for one in paper.measurements:
        row = {"measurement": one.name, "statement": one.stated(_terms(one, evidence)), "unit": one.unit}
        try:
            parts = list(resolve(one.check)(evidence))
        except NotRun as error:
            rows.append(row | {"part": "", "reason": f"not run: {error}"})
            continue
        for part in parts:
            low, high = part.effect.interval
            found = {"value": part.effect.value, "ci_low": low, "ci_high": high, "n": part.effect.n or None}
            reason = "; ".join(filter(None, [_by_seed(part.effect), part.doubt, part.note]))
            rows.append(row | found | {"part": part.name, "seeds": len(part.effect.seeds), "reason": reason})
    return pd.DataFrame(rows, columns=MEASURED).astype({"seeds": "Int64", "n": "Int64"})


def adjusted(p: np.ndarray) -> np.ndarray:
    """Return the p-values (m,) after Benjamini and Hochberg (1995): q, at most which share is false.

    One that is not a number is of no test, and stays.
    """
    found = np.full(len(p), np.nan)
    places = np.flatnonzero(~np.isnan(p))
    order = places[np.argsort(p[places], kind="stable")]
    scaled = p[order] * len(order) / np.arange(1, len(order) + 1)
    found[order] = np.minimum.accumulate(scaled[::-1])[::-1].clip(max=1.0)
    return found


def counted(judged: pd.DataFrame) -> dict[str, list[str]]:
    """Return the claims of each verdict that ``judge`` gave, in the order of ``VERDICTS``."""
    names = {verdict: list(judged.loc[judged["verdict"] == verdict, "claim"]) for verdict in VERDICTS}
    return {verdict: claims for verdict, claims in names.items() if claims}


def _terms(stated: Claim | Measurement, evidence: Evidence) -> dict[str, Any]:
    """Return the terms of a statement that are others in these results than in the paper."""
    try:
        terms: dict[str, Any] = resolve(stated.terms_of)(evidence) if stated.terms_of else {}
    except NotRun:
        return {}
    return terms


def _row(claim: Claim, evidence: Evidence) -> dict[str, Any]:
    row = {
        "claim": claim.name, "statement": claim.stated(_terms(claim, evidence)),
        "paper_location": claim.location, "unit": claim.unit, "margin": claim.margin,
        "margin_reason": claim.margin_reason, "paper_effect": claim.paper_effect,
        "margin_set": claim.margin_set, "after_results": claim.after_results,
        "also_differs": claim.also_differs,
    }  # fmt: skip
    check: Check = resolve(claim.check)
    try:
        if not (parts := list(check(evidence))):
            raise NotRun("nothing to compare")
    except NotRun as error:
        return row | {"verdict": NOT_RUN, "reason": str(error), "needed": ""}
    judged = [_judge_part(part, claim, evidence, len(parts)) for part in parts]
    weakest = min(judged, key=lambda one: one.closeness)
    effect = weakest.part.effect
    low, high = effect.interval
    where = f"weakest part: {weakest.part.name}; " if weakest.part.name else ""
    note = f"; {weakest.part.note}" if weakest.part.note else ""
    return row | {
        "effect": effect.value, "ci_low": low, "ci_high": high, "verdict": weakest.verdict,
        "reason": where + weakest.reason + note, "seeds": len(effect.seeds), "n": effect.n or None,
        "needed": weakest.needed, "p": _chance(judged),
    }  # fmt: skip


def _judge_part(part: Part, claim: Claim, evidence: Evidence, parts: int) -> _Judged:
    effect, margin = part.effect, claim.margin

    def judged(verdict: str, reason: str, needed: str = "") -> _Judged:
        return _Judged(part, margin, verdict, reason, needed)

    if not effect.seeds:
        return judged(NOT_RUN, "no seed was run for all the systems that are compared")
    against = part.lags if effect.value > margin else part.leads  # whom more training would help
    if doubt := part.doubt or (evidence.still_falling(against) if claim.levels else ""):
        return judged(UNDECIDED, f"{doubt}; {_by_seed(effect)}", "more updates")
    if not (math.isfinite(effect.value) and math.isfinite(effect.interval[0])):
        return judged(UNDECIDED, "the effect is not defined (a score of zero or no score)", "more updates")
    above, below = effect.chance_above(margin), (-effect).chance_above(-margin)
    if above > TAIL and not effect.values.any() and not effect.replicates.any():
        return judged(UNDECIDED, "nothing differs between the two sides", "another system")
    verdict, where, needed = UNDECIDED, "holds the margin", ""
    if above <= TAIL:
        verdict, where = REPRODUCED, "lies above the margin"
    elif below * parts <= TAIL:
        verdict, where = CONTRADICTED, "lies below the margin"
    else:
        needed = _needed(effect, margin, TAIL if effect.value > margin else TAIL / parts)
        if below <= TAIL:
            where = f"lies below the margin, as one of {parts} parts may by chance"
    reason = f"the interval {where}; {_by_seed(effect)}"
    if len(effect.seeds) > 1:
        return _Judged(part, margin, verdict, reason, needed, (above, below))
    return judged(_ONCE.get(verdict, verdict), reason, needed or f"more trainings: --seeds {ENOUGH_SEEDS}")


def _chance(judged: list[_Judged]) -> float:
    """Return the two-sided p of a claim; NaN where a part was not tested, or tried once.

    All parts must hold, so the least certain one counts; any may fail, so the smallest counts for them all.
    """
    above, below = np.array([one.chances for one in judged]).T
    if np.isnan(above).any() and all(one.verdict != CONTRADICTED for one in judged):
        return math.nan
    most = 1.0 if np.isnan(above).any() else above.max()
    return float(min(1.0, 2 * min(most, len(judged) * np.nanmin(below))))


def _by_seed(effect: Estimate) -> str:
    seeds = "seed" if len(effect.seeds) == 1 else "seeds"
    return f"{len(effect.seeds)} {seeds}: " + ", ".join(f"{value:+.3g}" for value in effect.values)


def _needed(effect: Estimate, margin: float, tail: float) -> str:
    """Say how many seeds or examples, whichever are short, would let the interval clear the margin.

    The half-width over examples shrinks with the square root of their number; that over seeds as Student's.
    """
    distance, low, high = abs(effect.value - margin), *interval(effect.over_seeds())
    examples = effect.value - low if effect.value > margin else high - effect.value
    examples *= float(ndtri(tail) / ndtri(TAIL))
    if distance == 0:
        return "no practical number: the effect lies on the margin"
    count = len(effect.seeds)
    if count > 1 and examples < distance:
        found = _seeds(effect, math.sqrt(distance**2 - examples**2), tail)
        return f"about {found} seeds instead of {count}" if found else f"more than {MOST_SEEDS} seeds"
    if not effect.n:
        return "evaluations that are closer together"
    seeds = effect.of_seeds(tail)
    share = distance if count < 2 else math.sqrt(max(distance**2 - seeds**2, distance**2 / 2))
    wanted = math.ceil(effect.n * (examples / share) ** 2)
    if wanted > PRACTICAL:
        return "no practical number of examples: the effect lies close to the margin"
    told = f"about {max(wanted, effect.n + 1)} examples instead of {effect.n}"
    if count < 2:
        return f"{told}, and more trainings: --seeds {ENOUGH_SEEDS}"
    if seeds <= distance / math.sqrt(2):
        return told
    return f"{told}, and {_seeds(effect, distance / math.sqrt(2), tail) or f'more than {MOST_SEEDS}'} seeds"


def _seeds(effect: Estimate, half_width: float, tail: float) -> int | None:
    """Return the fewest seeds whose interval is at most so wide to either side; None for too many."""
    counts = range(len(effect.seeds) + 1, MOST_SEEDS + 1)
    return next((count for count in counts if effect.of_seeds(tail, count) < half_width), None)
