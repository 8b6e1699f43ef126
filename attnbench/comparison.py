"""Results folders looked at side by side: scores, length curves and verdicts, rebuilt from records."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from attnbench import paper, plots, rendering, tables
from attnbench.claims import counted
from attnbench.errors import BadInput, require_known, unknown
from attnbench.machine.places import readable
from attnbench.results import Results
from attnbench.scoring import Metric
from attnbench.values import COUNT, shown


@dataclass(frozen=True)
class View:
    """What to show of a results folder; None where the paper's own choice is meant."""

    by: str | None = None
    bins: str | None = None
    metric: str | None = None
    decoding: str | None = None
    test: str | None = None
    form: str = "md"


def find(places: Sequence[str | Path], out: Path) -> list[Results]:
    """Return the results of the named papers or folders; of all papers where none is named."""
    known = paper.names()
    found = []
    for place in map(str, places or known):
        readable(Path(place), out, out / place)
        if os.path.isdir(Path(place, "records")):  # noqa: PTH112 (pathlib has errors for some names)
            found.append(Results(Path(place)))
        elif place in known:
            found += [Results(path.parent) for path in sorted((out / place).glob("*/records"))]
        else:
            raise unknown("paper or results folder", place, known)
    if not found:
        readable(*(folder for place in known for folder in (out / place).glob("*")))
        raise BadInput(f"no results under {out}; run `attnbench reproduce` first, or name them with --out")
    return found


def show(found: Sequence[Results], view: View, plot: Path | None = None) -> str:
    """Return scores as text: over all, or by length; folders that have none are passed over.

    Raises ``BadInput`` where none has any. ``md`` is a table a folder and test set, a row a
    system; the other formats are one long table. With ``plot`` the length curves of the one folder are
    drawn too.
    """
    require_known("format", view.form, rendering.FORMATS)
    if view.bins is not None and view.by is None and plot is None:
        raise BadInput("--bins are of a length, and none is named; add --by length, or another of the task's")
    if plot is not None and len(found) != 1:
        raise BadInput(f"--plot draws one results folder, and {len(found)} are named; name one of them")
    rows, failures = [], []
    for results in found:
        try:
            rows.append((results, _rows(results, view)))
        except BadInput as error:
            failures.append(error)
    if not rows:
        raise failures[0]
    if plot is not None:
        _draw(found[0], view, plot)
    if view.form != "md":
        return rendering.render(pd.concat([long for _, long in rows], ignore_index=True), view.form)
    return "".join(_page(results, long) for results, long in rows)


def _choices(results: Results, view: View) -> tuple[Metric, str]:
    """Return the metric and the decoding to show; raise ``BadInput`` for one that is not there."""
    metric = results.headline if view.metric is None else results.task.metric(view.metric)
    decoding = view.decoding
    if decoding is not None:
        require_known("decoding", decoding, {key.decoding for key in results.tested})
    return metric, decoding or results.decoding


def _rows(results: Results, view: View) -> pd.DataFrame:
    """Return the rows of scores.csv or lengths.csv that are asked for."""
    metric, decoding = _choices(results, view)
    if view.test is not None:
        require_known("test", view.test, {key.test for key in results.tested})
    long = results.table(view.by, _edges(view.bins) if view.by else None, metric)
    if view.by and not len(long) and len(results.table(metric=metric)):
        column = results.length(view.by).column
        raise BadInput(f"{results.folder} has no {view.by}: its records have no {column}")
    if view.test is not None:
        long = long[long["test"] == view.test]
    rows = long[long["decoding"] == decoding]
    if not len(rows):
        others = [f"--decoding {name}" for name in sorted(set(long["decoding"]))]
        hint = f"; try {' or '.join(others)}" if others else ""
        raise BadInput(f"{results.folder} has no {metric.name} for decoding {decoding}{hint}")
    return rows


def _page(results: Results, long: pd.DataFrame) -> str:
    parts = []
    metric, decoding = long["metric"].iloc[0], long["decoding"].iloc[0]
    for test in dict.fromkeys(long["test"]):
        head = f"{results.folder.name}, {metric}, {decoding}, test set {test}"
        head = rendering.plain(f"{head}: value [95 % interval] (examples)")
        parts.append(f"{head}\n\n{rendering.render(tables.pivot(long, metric, decoding, test), 'md')}\n")
    return "".join(parts)


def _draw(results: Results, view: View, path: Path) -> None:
    metric, decoding = _choices(results, view)
    curves = results.table(view.by or "length", _edges(view.bins), metric)
    test, title = view.test or results.main_test(metric), f"{results.folder.name}: {metric.name}"
    plots.length_curves(curves, path, metric, decoding, test, title)


def _edges(bins: str | None) -> list[float] | None:
    if bins is None:
        return None
    try:
        edges = [float(edge) for edge in bins.split(",")]
    except ValueError:
        raise BadInput(f"--bins {shown(bins)} are not numbers, such as 1,11,21,31 or 0,0.5,1") from None
    if len(edges) < 2 or sorted(set(edges)) != edges or not all(abs(edge) <= COUNT for edge in edges):
        raise BadInput(f"--bins {shown(bins)} must be two or more edges that rise, such as 1,11,21,31")
    return edges


def verdicts(found: Sequence[Results]) -> pd.DataFrame:
    """Return the verdicts of every folder, with its name in front."""
    judged = []
    for results in found:
        rows = results.verdicts.copy()
        rows.insert(0, "results", f"{results.paper.name}/{results.folder.name}")
        judged.append(rows)
    return pd.concat(judged, ignore_index=True)


def show_verdicts(table: pd.DataFrame, as_json: bool) -> str:
    """Return the verdicts as JSON, or as a table of what matters at a glance, and their counts."""
    if as_json:
        return rendering.render(table, "json")
    shown = table.assign(
        effect=[
            ""
            if pd.isna(row["effect"])
            else rendering.with_interval(row["effect"], row["ci_low"], row["ci_high"])
            for row in table.to_dict("records")
        ]
    )
    columns = ["results", "claim", "effect", "unit", "margin", "verdict", "reason"]
    counts = ", ".join(f"{len(names)} {verdict}" for verdict, names in counted(table).items())
    return f"{rendering.render(shown[columns], 'md')}\n{len(table)} claims: {counts}\n"
