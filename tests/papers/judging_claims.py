"""Judging made-up records whose effects are known exactly: one claim, or one measurement, of a paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from attnbench import claims
from attnbench.paper import Paper
from attnbench.records import Records
from attnbench.scoring import AllExamples

SPREADS: Mapping[str, tuple[str, tuple[float, ...]]] = {
    "three seeds above": ("reproduced", (0.9, 1.0, 1.1)),
    "two seeds above": ("reproduced", (0.99, 1.01)),
    "three seeds below": ("contradicted", (-0.9, -1.0, -1.1)),
    "two seeds below": ("contradicted", (-0.99, -1.01)),
    "one seed above": ("held once", (1.0,)),
    "one seed below": ("failed once", (-1.0,)),
    "three seeds above, far apart": ("undecided", (0.3, 1.0, 1.7)),
    "three seeds below, far apart": ("undecided", (-0.3, -1.0, -1.7)),
    "two seeds above, a little apart": ("undecided", (0.8, 1.2)),
    "two seeds, one on each side": ("undecided", (1.0, -0.9)),
}
"""Verdicts, and how far from the margin the effects of the seeds lie, in gaps that examples alone clear.

By hand, with Student's 4.303 for three seeds and 12.71 for two: of 0.9, 1 and 1.1 the half-width is
4.303 * 0.1 / sqrt(3) = 0.25, of 0.3, 1 and 1.7 it is 1.74; of 0.99 and 1.01 it is 12.71 * 0.01 = 0.13, of
0.8 and 1.2 it is 2.54.
"""


@dataclass(frozen=True)
class Made:
    """Made-up records, and what their files say of the runs."""

    frame: pd.DataFrame
    runs: tuple[Mapping[str, Any], ...]

    def without(self, *systems: str) -> Made:
        """Return what is left when systems were not run."""
        kept = tuple(run for run in self.runs if run["system"] not in systems)
        return Made(self.frame[~self.frame["system"].isin(systems)], kept)

    def renamed(self, names: Mapping[str, str]) -> Made:
        """Return the same of systems with other names; what is swapped is named both ways."""
        runs = tuple({**run, "system": names.get(run["system"], run["system"])} for run in self.runs)
        return Made(self.frame.assign(system=self.frame["system"].replace(names)), runs)

    def falling(self, falls: Mapping[str, float], seeds: Iterable[int] = range(9)) -> Made:
        """Return the same with validation losses that fall by these shares in the last fifth."""

        def fallen(run: Mapping[str, Any]) -> Mapping[str, Any]:
            *before, last = run["history"]
            return {**run, "history": [*before, last | {"valid_nll": LOSS * (1 - falls[run["system"]])}]}

        runs = (fallen(run) if run["system"] in falls and run["seed"] in seeds else run for run in self.runs)
        return replace(self, runs=tuple(runs))

    def all_examples(self) -> AllExamples:
        """Return the records as claims are judged on."""
        return AllExamples(Records(self.frame, self.runs))


def verdict(paper: Paper, claim: str, made: Made) -> pd.Series:
    """Return the row of one claim."""
    one = replace(paper, claims=tuple(one for one in paper.claims if one.name == claim))
    table = claims.judge(one, made.all_examples())
    assert list(table.columns) == claims.COLUMNS
    return table.iloc[0]


def measured(paper: Paper, name: str, made: Made) -> pd.DataFrame:
    """Return the rows of one measurement, by its parts."""
    one = replace(paper, measurements=tuple(one for one in paper.measurements if one.name == name))
    table = claims.measure(one, made.all_examples())
    assert list(table.columns) == claims.MEASURED
    return table.set_index("part")


def both_ways(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the names that swap each pair."""
    return {a: b for pair in pairs for a, b in (pair, pair[::-1])}


def cancelling(rng: np.random.Generator, count: int, deviation: float) -> np.ndarray:
    """Draw noise ``(count,)`` in which every second number takes the one before it back.

    So examples differ, and the sum over any whole pairs of them is exactly what it is without noise.
    """
    return (rng.normal(0, deviation, count // 2)[:, None] * [1, -1]).ravel()


def columns(names: Iterable[str], values: np.ndarray) -> dict[str, np.ndarray]:
    """Return the columns of ``(n, k)`` statistics by their k names."""
    return dict(zip(names, values.T.astype(float), strict=True))


def stacked(blocks: Iterable[tuple[Mapping[str, Any], Mapping[str, np.ndarray]]]) -> pd.DataFrame:
    """Return one frame of blocks of rows, each of what is the same in all its rows and of columns ``(n,)``.

    A column that a block lacks is not a number there.
    """
    filled = []
    for same, block in blocks:
        rows = len(next(iter(block.values())))
        filled.append({**block, **{name: np.full(rows, value, dtype=object) for name, value in same.items()}})
    names = dict.fromkeys(name for block in filled for name in block)
    sizes = [len(block["id"]) for block in filled]
    whole = {
        name: np.concatenate(
            [block.get(name, np.full(n, np.nan)) for n, block in zip(sizes, filled, strict=True)]
        )
        for name in names
    }
    return pd.DataFrame(whole).astype({"seed": int})


LOSS, SETTLED = 4.0, 0.05
"""The validation loss before the last fifth of the updates, and by what share it falls there."""


def history(scores: Mapping[int, float]) -> list[dict[str, float]]:
    """Return evaluations: validation scores by their updates, and a loss that falls a little at the end."""
    end = max(scores)
    return [
        {"update": update, "valid_nll": LOSS * (1 - SETTLED * (update == end)), "valid_score": score}
        for update, score in sorted(scores.items())
    ]
