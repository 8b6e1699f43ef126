"""What a claim's check may look at: scores, curves and settings, and whether a system has learnt enough.

A check is a function of ``Evidence`` that returns the parts of its claim, each an effect signed so that
larger favours the claim. What the records cannot tell raises ``NotRun``; what they tell of a system that has
not learnt enough supports no verdict, and the part says so in its ``doubt``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attnbench.paper import Paper, resolve
from attnbench.scoring import AllExamples, Estimate, Examples
from attnbench.scoring.examples import within
from attnbench.tasks import Length, Task

FEWEST_EXAMPLES = 50
"""A bootstrap of fewer examples gives intervals that are too narrow to judge by."""

STILL_FALLING = 0.1
"""A validation loss that fell by more than this share over the last fifth of the updates is still falling. A
rate that falls to zero alone takes off some percent there."""

EMBEDDED = "embedded"
"""The name of data that a paper's own generator makes."""


class NotRun(Exception):
    """What a check needs is not in the records; says what."""


@dataclass(frozen=True)
class Part:
    """One part of a claim."""

    name: str
    effect: Estimate
    leads: tuple[str, ...] = ()
    """The systems that are said to lead."""
    lags: tuple[str, ...] = ()
    """The systems that they are compared with."""
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

    @property
    def generated(self) -> bool:
        """Whether the data is made by a generator, whose grammar decides what its text is like."""
        return bool((self._tested.records.frame["data"] == EMBEDDED).any())

    def curve(self, system: str) -> pd.DataFrame:
        """Return a system's evaluations, rows of history.csv with a ``valid_nll``.

        Of several stages it is the last. Raises ``NotRun`` without any.
        """
        history = self._tested.records.history
        own = history[(history["system"] == system) & history["valid_nll"].notna()]
        if own.empty:
            raise NotRun(f"no training history of {system}")
        return own[own["stage"] == own["stage"].iloc[-1]]

    def still_falling(self, systems: Iterable[str]) -> str:
        """Say whose validation losses still fall by more than ``STILL_FALLING``; empty where none's do.

        It is the mean over seeds, at four fifths of the updates and at their end. A system without a curve,
        a rule, has nothing to learn.
        """
        curves = self._tested.records.history.dropna(subset=["valid_nll"])
        known = [system for system in dict.fromkeys(systems) if (curves["system"] == system).any()]
        falls = {system: last_fifth(self.curve(system)) for system in known}
        told = [f"{name} by {-fall:.0%}" for name, fall in falls.items() if fall < -STILL_FALLING]
        return f"still falling: the validation loss of {' and '.join(told)} in the last fifth" if told else ""

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
        self, systems: Iterable[str], metric: str, decoding: str, test: str, bound: float,
        seeds: Collection[int] | None = None,
    ) -> str:  # fmt: skip
        """Say which of the systems are worse than ``bound`` on the whole test set; empty for none.

        A score must be at least the bound, an error at most. ``seeds`` are those that the effect rests on.
        """
        declared = self.task.metric(metric)
        sign, side = (1, "below") if declared.higher_is_better else (-1, "above")
        scores = {system: self.score(system, metric, decoding, test) for system in systems}
        values = {
            name: score.of(tuple(seed for seed in score.seeds if seeds is None or seed in seeds)).value
            for name, score in scores.items()
        }
        worse = [
            f"{system} has {value:.1f}" for system, value in values.items()
            if not sign * value >= sign * bound
        ]  # fmt: skip
        if not worse:
            return ""
        return f"undertrained: {' and '.join(worse)} {declared.unit} on {test}, {side} {bound:g}"

    def at_chance(self, name: str, above_chance: Estimate) -> str:
        """Say that attention is not known to point at what is asked, unless its interval is above chance."""
        low, high = above_chance.interval
        if low > 0:
            return ""
        return f"{name} does not point better than chance: {above_chance.value:+.3g} [{low:.3g}, {high:.3g}]"

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


def last_fifth(curve: pd.DataFrame) -> float:
    """Return by what share the mean validation loss of a system changed over the last fifth of its updates.

    NaN where it was not measured by then.
    """
    end = curve["update"].max()
    before, after = (
        curve[curve["update"] <= share * end + 1e-9].groupby("seed")["valid_nll"].last().mean()
        for share in (0.8, 1.0)
    )
    return float(after / before - 1)


def _within(low: float, high: float, length: Length) -> str:
    """Return the lengths from ``low`` to below ``high`` in words; empty where all are meant."""
    if not (math.isfinite(low) or math.isfinite(high)):
        return ""
    whole = all(math.isinf(edge) or float(edge).is_integer() for edge in (low, high))
    last = f"{high - 1:g}" if whole else f"below {high:g}"
    return f" of {low:g} to {last} {length.unit}" if math.isfinite(low) else f" of up to {last} {length.unit}"
