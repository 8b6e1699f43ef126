"""Verdicts on a paper's claims, from records alone.

A check is a function of ``Evidence`` that returns the parts of its claim, each an effect signed so that
larger favours the claim. A part is judged by the 95 % bootstrap interval of its effect:

- **reproduced**: the whole interval lies above the claim's margin;
- **contradicted**: the whole interval lies below it. The claim then fails as stated, with its margin; a
  smaller effect of the same sign may still be there;
- **undecided**: the interval straddles the margin; or, with fewer than five seeds, the seeds lie on both
  sides of it; or the check doubts the effect (an undertrained system); or nothing differs (below);
- **not run**: a system, test set or metric is missing, or a set has fewer than ``FEWEST_EXAMPLES``.

A claim of several parts holds if all do, so it is contradicted if one part is; its row shows the part
that is closest to failing.

A difference that is zero for every seed and in every resample says that the same records stand on
both sides: a system against itself, which cannot differ whatever is true. An interval of no width below
the margin would read as ``contradicted``; it settles nothing and is ``undecided``. Two trainings that
merely come out alike do have a width, and are judged by it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attnbench.paper import Claim, Paper, resolve
from attnbench.scoring import AllExamples, Estimate, Examples
from attnbench.scoring.bootstrap import ENOUGH_SEEDS
from attnbench.scoring.examples import within
from attnbench.tasks import Length, Task

FEWEST_EXAMPLES = 50
"""A bootstrap of fewer examples gives intervals that are too narrow to judge by."""

PRACTICAL = 1_000_000
"""More examples than this are not worth asking for."""

REPRODUCED, CONTRADICTED, UNDECIDED, NOT_RUN = "reproduced", "contradicted", "undecided", "not run"

COLUMNS = [
    "claim", "statement", "paper_location", "effect", "unit", "ci_low", "ci_high", "margin",
    "verdict", "reason", "paper_effect", "seeds", "n", "needed",
]  # fmt: skip


class NotRun(Exception):
    """What a check needs is not in the records; says what."""


@dataclass(frozen=True)
class Part:
    """One part of a claim."""

    name: str
    effect: Estimate
    doubt: str = ""
    """Why the effect supports no verdict, such as ``Evidence.undertrained`` says; empty for no doubt."""
    note: str = ""
    """What else the reason should say, such as ``Evidence.mcnemar`` does."""


Check = Callable[["Evidence"], Iterable[Part]]


class Evidence:
    """What a check may look at: the records of one results folder, their history, the paper."""

    def __init__(self, tested: AllExamples, paper: Paper) -> None:
        """Take the records, and the paper whose claims are judged."""
        self.paper = paper
        self.task: Task = resolve(paper.task)
        self._tested = tested
        self._systems = {key.system for key in tested}
        self._ids: dict[str, tuple[str, np.ndarray]] = {}
        self._scores: dict[tuple[str | float, ...], Estimate | None] = {}

    def ran(self, *systems: str) -> bool:
        """Say whether there are records of all these systems."""
        return set(systems) <= self._systems

    def settings(self, system: str) -> Mapping[str, Any]:
        """Return the settings that a system was run with; empty where its records do not say."""
        return self._tested.records.settings(system)

    def updates(self, system: str) -> int:
        """Return the most updates that any seed of a system had, those of its stages added up.

        Raises ``NotRun`` without a history.
        """
        history = self._tested.records.history
        own = history[history["system"] == system]
        if own.empty:
            raise NotRun(f"no training history of {system}")
        return int(own.groupby(["seed", "stage"])["update"].max().groupby("seed").sum().max())

    def main_test(self, metric: str) -> str:
        """Return the test set that claims are judged on: ``test``, or else the first that has the metric.

        Raises ``NotRun`` where none has it.
        """
        name = self._tested.main_test(self.task.metric(metric))
        if name is None:
            raise NotRun(f"no test set has {metric}")
        return name

    def score(
        self,
        system: str,
        metric: str,
        decoding: str,
        test: str,
        low: float = -math.inf,
        high: float = math.inf,
        by: str = "length",
    ) -> Estimate:
        """Score a system on the examples with ``low`` <= a length < ``high``, the task's first by default.

        Raises ``NotRun`` where it was not tested so, or on fewer than ``FEWEST_EXAMPLES`` examples.
        """
        tested = self._examples(system, decoding, test)
        length = self.task.length(by)
        asked = (system, metric, decoding, test, low, high, by)
        if asked not in self._scores:
            values = tested.lengths(length.column)
            chosen = within(values, low, high) if math.isfinite(low) or math.isfinite(high) else None
            self._scores[asked] = tested.estimate(self.task.metric(metric), chosen)
        score = self._scores[asked]
        if score is None:
            raise NotRun(f"no {metric} for {system}, {decoding} on {test}")
        if score.n < FEWEST_EXAMPLES:
            lengths = _within(low, high, length)
            raise NotRun(
                f"test set too short: {score.n} examples{lengths} in {test}, {FEWEST_EXAMPLES} needed"
            )
        return score

    def mcnemar(self, first: str, second: str, metric: str, decoding: str, test: str) -> str:
        """Say how two systems' right answers differ on a test set, seed by seed, with McNemar's p."""
        tested = [self._examples(system, decoding, test) for system in (first, second)]
        found = tested[0].discordances(tested[1], self.task.metric(metric))
        told = [f"{one.first_only} : {one.second_only} (p {one.p:.2g})" for one in found.values()]
        return f"right alone, McNemar: {', '.join(told)}"

    def undertrained(
        self, systems: Iterable[str], metric: str, decoding: str, test: str, bound: float
    ) -> str:
        """Say which of the systems are worse than ``bound`` on the whole test set; empty for none.

        A score must be at least the bound, an error at most.
        """
        declared = self.task.metric(metric)
        sign, side = (1, "below") if declared.higher_is_better else (-1, "above")
        values = {system: self.score(system, metric, decoding, test).value for system in systems}
        worse = [
            f"{system} has {value:.1f}" for system, value in values.items()
            if not sign * value >= sign * bound
        ]  # fmt: skip
        if not worse:
            return ""
        return f"undertrained: {' and '.join(worse)} {declared.unit} on {test}, {side} {bound:g}"

    def _examples(self, system: str, decoding: str, test: str) -> Examples:
        """Return what was tested; raise ``NotRun`` where another system was tested on other examples."""
        if system not in self._systems:
            raise NotRun(f"system {system} was not run")
        if (system, decoding, test) not in self._tested:
            raise NotRun(f"{system} has no records of decoding {decoding} on test {test}")
        found = self._tested[system, decoding, test]
        before, ids = self._ids.setdefault(test, (system, found.ids))
        if not np.array_equal(found.ids, ids):
            raise NotRun(f"{system} and {before} were tested on different examples of {test}")
        return found


def _within(low: float, high: float, length: Length) -> str:
    """Return the lengths from ``low`` to below ``high`` in words; empty where all are meant."""
    if not (math.isfinite(low) or math.isfinite(high)):
        return ""
    whole = all(math.isinf(edge) or float(edge).is_integer() for edge in (low, high))
    last = f"{high - 1:g}" if whole else f"below {high:g}"
    return f" of {low:g} to {last} {length.unit}" if math.isfinite(low) else f" of up to {last} {length.unit}"


@dataclass(frozen=True)
class _Judged:
    """A part and its verdict."""

    part: Part
    margin: float
    verdict: str
    reason: str
    needed: str = ""

    @property
    def closeness(self) -> tuple[int, float]:
        """Smaller is closer to failing: the verdict first, then how far the interval is above the margin."""
        rank = [CONTRADICTED, UNDECIDED, NOT_RUN, REPRODUCED].index(self.verdict)
        return rank, self.part.effect.interval[0] - self.margin


def judge(paper: Paper, tested: AllExamples) -> pd.DataFrame:
    """Return a verdict for every claim of the paper, columns ``COLUMNS``, in the paper's order."""
    evidence = Evidence(tested, paper)
    judged = pd.DataFrame([_row(claim, evidence) for claim in paper.claims], columns=COLUMNS)
    return judged.astype({"seeds": "Int64", "n": "Int64"})


def _row(claim: Claim, evidence: Evidence) -> dict[str, Any]:
    row = {
        "claim": claim.name, "statement": claim.statement, "paper_location": claim.location,
        "unit": claim.unit, "margin": claim.margin, "paper_effect": claim.paper_effect,
    }  # fmt: skip
    check: Check = resolve(claim.check)
    try:
        judged = [_judge_part(part, claim) for part in check(evidence)]
    except NotRun as error:
        return row | {"verdict": NOT_RUN, "reason": str(error), "needed": ""}
    weakest = min(judged, key=lambda one: one.closeness)
    effect = weakest.part.effect
    low, high = effect.interval
    where = f"weakest part: {weakest.part.name}; " if weakest.part.name else ""
    note = f"; {weakest.part.note}" if weakest.part.note else ""
    return row | {
        "effect": effect.value, "ci_low": low, "ci_high": high, "verdict": weakest.verdict,
        "reason": where + weakest.reason + note, "seeds": len(effect.seeds), "n": effect.n,
        "needed": weakest.needed,
    }  # fmt: skip


def _judge_part(part: Part, claim: Claim) -> _Judged:
    effect, margin = part.effect, claim.margin
    low, high = effect.interval

    def judged(verdict: str, reason: str, needed: str = "") -> _Judged:
        return _Judged(part, margin, verdict, reason, needed)

    if not effect.seeds:
        return judged(NOT_RUN, "no seed was run for all the systems that are compared")
    if part.doubt:
        return judged(UNDECIDED, part.doubt, "more updates")
    if not (math.isfinite(effect.value) and math.isfinite(low)):
        return judged(UNDECIDED, "the effect is not defined (a score of zero or no score)", "more updates")
    if not effect.values.any() and not effect.replicates.any():
        return judged(UNDECIDED, "no example differs: the same records on both sides", "another system")
    if low <= margin <= high:
        return judged(
            UNDECIDED, f"the interval holds the margin; {_by_seed(effect)}", _needed(effect, margin)
        )
    sides = set((effect.values > margin).tolist())
    if len(effect.seeds) < ENOUGH_SEEDS and len(sides) > 1:
        reason = f"the seeds lie on both sides of the margin; {_by_seed(effect)}"
        return judged(UNDECIDED, reason, f"at least {ENOUGH_SEEDS} seeds")
    if low > margin:
        return judged(REPRODUCED, f"the interval lies above the margin; {_by_seed(effect)}")
    return judged(CONTRADICTED, f"the interval lies below the margin; {_by_seed(effect)}")


def _by_seed(effect: Estimate) -> str:
    seeds = "seed" if len(effect.seeds) == 1 else "seeds"
    return f"{len(effect.seeds)} {seeds}: " + ", ".join(f"{value:+.3g}" for value in effect.values)


def _needed(effect: Estimate, margin: float) -> str:
    """Say how many examples, or seeds where these are drawn, would let the interval clear the margin.

    Widths shrink with the square root of the sample, so n grows by (half-width / distance)², the
    half-width being the one on the margin's side.
    """
    low, high = effect.interval
    distance = abs(effect.value - margin)
    half_width = effect.value - low if effect.value > margin else high - effect.value
    resampled, what = (
        (effect.n, "examples") if len(effect.seeds) < ENOUGH_SEEDS else (len(effect.seeds), "seeds")
    )
    if distance == 0 or (count := math.ceil(resampled * (half_width / distance) ** 2)) > PRACTICAL:
        return "no practical number: the effect lies on the margin"
    return f"about {max(count, resampled + 1)} {what} instead of {resampled}"
