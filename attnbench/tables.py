"""Tables from records: scores, scores by length, ours beside the paper's.

Every table is long, one value a row (columns in ``SCORES`` and ``LENGTHS``), and every view is a pivot of
one. Rows come in a fixed order: run, decoding, test, metric, (bin,) seed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pandas as pd

from attnbench.paper import Paper, load, resolve
from attnbench.rendering import bin_name, with_interval
from attnbench.scoring import METRICS, Estimate, Examples, examples
from attnbench.tasks import Task

SCORES = [
    "paper", "data", "scale", "system", "seed", "decoding", "test",
    "metric", "signature", "value", "ci_low", "ci_high", "n",
]  # fmt: skip
LENGTHS = [*SCORES, "by", "bin_low", "bin_high"]
ALL = "all"
"""The seed of a row that is over all seeds."""

BIN_WIDTH = 10
MOST_BINS = 12
"""Of the width above; where a few examples are far longer, one more bin holds all of those."""

FEWEST_EXAMPLES = 10
"""A bootstrap of fewer examples gives no interval that one could believe, so the table has none."""

_SOURCE = ["paper", "data", "scale", "system"]


def scores(records: pd.DataFrame, metrics: Collection[str] = tuple(METRICS)) -> pd.DataFrame:
    """Return every score of the named metrics on every whole test set, columns ``SCORES``.

    There is a row a seed, and one over seeds.
    """
    rows: list[dict[str, Any]] = []
    for about, tested in _tested(records):
        for name in (name for name in METRICS if name in metrics):
            score = tested.estimate(METRICS[name])
            if score is not None:
                keys = {**about, "metric": name, "signature": _signature(records, about, name)}
                rows += _rows(keys, score)
    return pd.DataFrame(rows, columns=SCORES)


def lengths(
    records: pd.DataFrame,
    edges: Sequence[int] | None = None,
    by: str = "length",
    metrics: Collection[str] = tuple(METRICS),
) -> pd.DataFrame:
    """Return every score of the named metrics in every bin of a length, columns ``LENGTHS``.

    Bins are half-open, [low, high); ``edges`` are by default those of ``default_edges``. A bin without
    examples is empty, not zero: no value, and n is 0.
    """
    rows: list[dict[str, Any]] = []
    measure = task_of(records).length(by)
    by = measure.column
    for about, tested in _tested(records):
        length = tested.lengths(by)
        longest = records.loc[records["test"] == about["test"], by].max()
        bounds = default_edges(longest) if edges is None else edges
        for name in (name for name in METRICS if name in metrics):
            keys = {**about, "metric": name, "signature": _signature(records, about, name)}
            for low, high in pairwise(bounds):
                score = tested.estimate(METRICS[name], (length >= low) & (length < high))
                if score is not None:
                    where = {"by": measure.title, "bin_low": low, "bin_high": high}
                    rows += _rows(keys | where, score)
    return pd.DataFrame(rows, columns=LENGTHS)


def default_edges(longest: int) -> list[int]:
    """Return 1, 11, 21, … until past the longest of some lengths; the last of many bins has the rest."""
    edges = list(range(1, longest + BIN_WIDTH + 1, BIN_WIDTH))
    return edges if len(edges) - 1 <= MOST_BINS else [*edges[: MOST_BINS + 1], edges[-1]]


def _tested(records: pd.DataFrame) -> Iterator[tuple[dict[str, Any], Examples]]:
    keys = [*_SOURCE, "decoding", "test"]
    bare = records.copy(deep=False)
    bare.attrs = {}  # pandas copies these with every group
    for values, group in bare.groupby(keys, sort=True):
        yield dict(zip(keys, values, strict=True)), examples(group)


def differences(records: pd.DataFrame, metric: str, decoding: str, test: str) -> pd.DataFrame:
    """Return every pair of systems on a test set: the better, the other, and by how much.

    Columns: system, other, difference with its paired bootstrap interval, and where every example is right
    or wrong also how many only the one and only the other got right and McNemar's p, both seed by seed.
    """
    chosen = records[(records["decoding"] == decoding) & (records["test"] == test)]
    tested = {about["system"]: examples for about, examples in _tested(chosen)}
    scored = {name: one.estimate(METRICS[metric]) for name, one in tested.items()}
    known = {name: score for name, score in scored.items() if score is not None}
    ranked = sorted(known, key=lambda name: -known[name].value)
    if not METRICS[metric].higher_is_better:
        ranked.reverse()
    rows = []
    for better, other in combinations(ranked, 2):
        effect = known[better] - known[other]
        row = {"system": better, "other": other}
        row["difference [95 %]"] = with_interval(effect.value, *effect.interval)
        if METRICS[metric].right_or_wrong:
            found = tested[better].discordances(tested[other], METRICS[metric]).values()
            row["right alone"] = ", ".join(f"{one.first_only} : {one.second_only}" for one in found)
            row["McNemar's p"] = ", ".join(f"{one.p:.2g}" for one in found)
        rows.append(row)
    return pd.DataFrame(rows)


def _rows(keys: dict[str, Any], score: Estimate) -> Iterator[dict[str, Any]]:
    """Yield a row for each seed, then the one over seeds."""
    for seed in score.seeds:
        yield _row(keys, str(seed), score.of((seed,)))
    yield _row(keys, ALL, score)


def _row(keys: dict[str, Any], seed: str, score: Estimate) -> dict[str, Any]:
    low, high = score.interval if score.n >= FEWEST_EXAMPLES else (math.nan, math.nan)
    return {**keys, "seed": seed, "value": score.value, "ci_low": low, "ci_high": high, "n": score.n}


def _signature(records: pd.DataFrame, keys: dict[str, Any], metric: str) -> str:
    for about in records.attrs.get("about", []):
        if all(about.get(key) == keys[key] for key in _SOURCE):
            return str(about.get("signatures", {}).get(metric, ""))
    return ""


def task_of(records: pd.DataFrame) -> Task:
    """Return the task of the paper that the records are of."""
    task: Task = resolve(load(str(records["paper"].iloc[0])).task)
    return task


def view(frame: pd.DataFrame, metric: str, decoding: str, test: str, seed: str = ALL) -> pd.DataFrame:
    """Return the rows of ``scores`` or ``lengths`` with this metric, decoding, test and seed."""
    wanted = {"metric": metric, "decoding": decoding, "test": test, "seed": seed}
    for column, name in wanted.items():
        frame = frame[frame[column].astype(str) == name]
    return frame


def pivot(frame: pd.DataFrame, metric: str, decoding: str, test: str) -> pd.DataFrame:
    """Return ``scores`` or ``lengths`` as text, a row a system, a column a bin: ``value [low, high] (n)``."""
    rows = view(frame, metric, decoding, test)
    binned = "bin_low" in rows.columns
    places = rows[["bin_low", "bin_high"]].drop_duplicates().sort_values("bin_low") if binned else None
    heads = [metric] if places is None else [bin_name(low, high) for low, high in places.to_numpy()]
    table: dict[str, dict[str, str]] = {}
    for row in rows.to_dict("records"):
        head = bin_name(row["bin_low"], row["bin_high"]) if binned else metric
        table.setdefault(str(row["system"]), dict.fromkeys(heads, ""))[head] = _cell(row)
    shown = [{"system": system, **cells} for system, cells in sorted(table.items())]
    return pd.DataFrame(shown, columns=["system", *heads])


def _cell(row: dict[Any, Any]) -> str:
    if math.isnan(row["value"]):
        return ""
    return f"{with_interval(row['value'], row['ci_low'], row['ci_high'])} ({row['n']})"


def beside_paper(table: pd.DataFrame, paper: Paper, main: str = "test") -> pd.DataFrame:
    """Return our scores over all seeds beside those that the paper prints for whole test sets.

    What the paper prints for its test set, and for its development set where we recorded none, stands
    beside our ``main`` test set.

    A printed number comes once for each of our decodings that has the metric, and once, with ours empty,
    where we have none. ``paper's`` is always the paper's number, never ours.
    """
    rows = []
    for printed in paper.printed:
        if printed.length:
            continue
        recorded = printed.test in set(table["test"])
        test = main if printed.test in ("test", "valid") and not recorded else printed.test
        other = "" if test == printed.test else f"paper's: its {printed.test} set"
        note = "; ".join(filter(None, [printed.note, other]))
        said = {"system": printed.system, "test": test, "metric": printed.metric}
        same = table["seed"].astype(str) == ALL
        for column, name in said.items():
            same &= table[column] == name
        found = table[same].to_dict("records") or [{}]
        for row in found:
            ours = row.get("value", np.nan)
            rows.append(
                said
                | {"decoding": row.get("decoding", ""), "ours": ours}
                | {"ci_low": row.get("ci_low", np.nan), "ci_high": row.get("ci_high", np.nan)}
                | {"paper's": printed.value, "difference": ours - printed.value}
                | {"location": printed.location, "note": note}
            )
    columns = ["system", "test", "metric", "decoding", "ours", "ci_low", "ci_high", "paper's", "difference"]
    return pd.DataFrame(rows, columns=[*columns, "location", "note"])
