"""Tables from records: scores, scores by length, systems against each other, ours beside the paper's.

Every table is long, one value a row (columns in ``SCORES`` and ``LENGTHS``), and every view is a pivot of
one. Rows come in a fixed order: system, decoding, test, metric, (bin,) seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pandas as pd

from attnbench.paper import Paper
from attnbench.rendering import bin_name, with_interval
from attnbench.scoring import AllExamples, Estimate, Metric
from attnbench.scoring.bootstrap import intervals
from attnbench.scoring.examples import Key, within
from attnbench.tasks import Length

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

Edges = Sequence[float]
Bins = Callable[[Key], list[tuple[np.ndarray, tuple[Any, ...]]]]
"""From a key to its bins: which examples ``(n,)`` are in each, and what its rows end with."""


def scores(tested: AllExamples, metrics: Sequence[Metric]) -> pd.DataFrame:
    """Return every score of the metrics on every whole test set, columns ``SCORES``.

    There is a row a seed, and one over seeds.
    """
    return _table(tested, metrics, SCORES, lambda key: [(tested[key].all, ())])


def lengths(
    tested: AllExamples, metrics: Sequence[Metric], length: Length, edges: Edges | None = None
) -> pd.DataFrame:
    """Return every score of the metrics in every bin of a length, columns ``LENGTHS``.

    Bins are half-open, [low, high); ``edges`` are by default those of ``bin_edges``. A bin without
    examples is empty, not zero: no value, and n is 0. A test set without the length has no rows.
    """

    def bins(key: Key) -> list[tuple[np.ndarray, tuple[Any, ...]]]:
        longest = tested.longest(key.test, length.column)
        if math.isnan(longest):
            return []
        values = tested[key].lengths(length.column)
        bounds = bin_edges(longest, length.edges) if edges is None else edges
        spans = list(pairwise(bounds))
        if length.exact and edges is None:
            spans = [(one, one + 1) for one in length.edges or ()]
        fractions = np.concatenate([values[~np.isnan(values)], bounds]) % 1
        number = float if fractions.any() else int  # as which a reader is shown the edges
        return [(within(values, low, high), (length.title, number(low), number(high))) for low, high in spans]

    return _table(tested, metrics, LENGTHS, bins)


def bin_edges(longest: float, edges: Edges | None = None) -> Edges:
    """Return the edges of bins that hold some lengths up to the longest: those given, or 1, 11, 21, ….

    What is longer than the last edge, or than ``MOST_BINS`` bins where none are given, has one bin more.
    """
    if edges is not None:
        return edges if np.float32(longest) < np.float32(edges[-1]) else [*edges, math.floor(longest) + 1]
    found = list(range(1, int(longest) + BIN_WIDTH + 1, BIN_WIDTH))
    return found if len(found) - 1 <= MOST_BINS else [*found[: MOST_BINS + 1], found[-1]]


def _table(tested: AllExamples, metrics: Sequence[Metric], columns: list[str], bins: Bins) -> pd.DataFrame:
    """Return the rows of every bin; test set by test set, so that the draws of each are made once."""
    run = tested.records.frame[["paper", "data", "scale"]].iloc[0].tolist()
    found: dict[Key, list[tuple[Any, ...]]] = {}
    for key in sorted(tested, key=lambda key: key.test):
        places = bins(key)
        scored = tested[key].estimates(metrics, [chosen for chosen, _ in places]) if places else {}
        heads = [
            (
                (*run, key.system),
                (key.decoding, key.test, name, tested.records.signature(key.system, name)),
                end,
            )
            for name in scored
            for _, end in places
        ]
        found[key] = list(_rows(heads, [one for estimates in scored.values() for one in estimates]))
    return pd.DataFrame([row for key in tested for row in found[key]], columns=columns)


def _rows(heads: Sequence[tuple[Any, ...]], estimates: Sequence[Estimate]) -> Iterator[tuple[Any, ...]]:
    """Yield for each estimate a row a seed, then the one over seeds; all intervals are made at once."""
    if not estimates:
        return
    replicates = [np.column_stack([one.replicates, one.over_seeds()]) for one in estimates]
    bounds = intervals(np.concatenate(replicates, axis=1)).reshape(len(estimates), -1, 2).tolist()
    for (run, what, end), one, by_seed in zip(heads, estimates, bounds, strict=True):
        n = one.n
        low, high = by_seed[-1]
        by_seed[-1] = [*one.widened((low, high))]
        names, values = [*map(str, one.seeds), ALL], [*one.values.tolist(), one.value]
        for seed, value, interval in zip(names, values, by_seed, strict=True):
            low, high = interval if n >= FEWEST_EXAMPLES else (math.nan, math.nan)
            yield (*run, seed, *what, value, low, high, n, *end)


def differences(tested: AllExamples, metric: Metric, decoding: str, test: str) -> pd.DataFrame:
    """Return every pair of systems on the same examples: the better, the other, and by how much.

    The better one is so over the seeds that both have; a pair of which either has no score is left out.
    Columns: system, other, seeds of both, difference with its interval, and where every example is right
    or wrong also how many only the one and only the other got right and McNemar's p, both seed by seed.
    """
    chosen = {key.system: tested[key] for key in tested if key[1:] == (decoding, test)}
    scored = {name: one.estimate(metric) for name, one in chosen.items()}
    known = {name: score for name, score in scored.items() if score is not None}
    sign = 1 if metric.higher_is_better else -1
    ranked = sorted(known, key=lambda name: -sign * known[name].value)
    rows = []
    for better, other in combinations(ranked, 2):
        if not np.array_equal(chosen[better].ids, chosen[other].ids):
            continue  # what was tested on other examples cannot be paired
        effect = known[better] - known[other]
        if math.isnan(effect.value):
            continue
        if sign * effect.value < 0:
            better, other, effect = other, better, -effect
        row = {"system": better, "other": other, "seeds": len(effect.seeds)}
        row["difference [95 %]"] = with_interval(effect.value, *effect.interval)
        if metric.right_or_wrong:
            found = chosen[better].discordances(chosen[other], metric).values()
            row["right alone"] = ", ".join(f"{one.first_only} : {one.second_only}" for one in found)
            row["McNemar's p"] = ", ".join(f"{one.p:.2g}" for one in found)
        rows.append(row)
    return pd.DataFrame(rows)


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
    whole = binned and rows["bin_low"].dtype.kind == "i"
    heads = [metric] if places is None else [bin_name(low, high, whole) for low, high in places.to_numpy()]
    table: dict[str, dict[str, str]] = {}
    for row in rows.to_dict("records"):
        head = bin_name(row["bin_low"], row["bin_high"], whole) if binned else metric
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

    A printed number comes once for each of our decodings that has the metric, or for the one that it names,
    and once, with ours empty, where we have none. ``paper's`` is always the paper's, never ours. There is a
    ``difference`` only where the data is the paper's own.
    """
    rows = []
    own = len(table) > 0 and str(table["data"].iloc[0]).startswith(paper.own_data)
    for printed in paper.printed:
        if printed.length:
            continue
        recorded = printed.test in set(table["test"])
        test = main if printed.test in ("test", "valid") and not recorded else printed.test
        other = "" if test == printed.test else f"paper's: its {printed.test} set"
        note = "; ".join(filter(None, [printed.note, other]))
        wanted = {"system": printed.system, "test": test, "metric": printed.metric}
        same = table["seed"].astype(str) == ALL
        for column, name in wanted.items():
            same &= table[column] == name
        if printed.decoding:
            same &= table["decoding"] == printed.decoding
        found = table[same].to_dict("records") or [{}]
        for row in found:
            ours = row.get("value", np.nan)
            rows.append(
                wanted
                | {"decoding": row.get("decoding", printed.decoding), "ours": ours}
                | {"ci_low": row.get("ci_low", np.nan), "ci_high": row.get("ci_high", np.nan)}
                | {"paper's": printed.value}
                | ({"difference": np.nan if other else ours - printed.value} if own else {})
                | {"location": printed.location, "note": note}
            )
    columns = ["system", "test", "metric", "decoding", "ours", "ci_low", "ci_high", "paper's"]
    return pd.DataFrame(rows, columns=[*columns, *(["difference"] if own else []), "location", "note"])
