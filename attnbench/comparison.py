"""Results folders looked at side by side: scores, length curves and verdicts, rebuilt from records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from attnbench import claims, paper, plots, records, rendering, tables
from attnbench.errors import BadInput, unknown
from attnbench.scoring import METRICS

FORMATS = ("md", "csv", "json", "latex")


@dataclass(frozen=True)
class View:
    """What to show of a results folder; None where the paper's own choice is meant."""

    by: str | None = None
    bins: str | None = None
    metric: str | None = None
    decoding: str | None = None
    test: str | None = None
    form: str = "md"


def folders(places: Sequence[str], out: Path) -> list[Path]:
    """Return the results folders of the named papers or folders; of all papers where none is named."""
    known = paper.names()
    found = []
    for place in places or known:
        if Path(place, "records").is_dir():
            found.append(Path(place))
        elif place in known:
            found += sorted(path.parent for path in (out / place).glob("*/records"))
        else:
            raise unknown("paper or results folder", place, known)
    if not found:
        raise BadInput(f"no results under {out}; run `attnbench reproduce` first, or name them with --out")
    return found


def show(found: Sequence[Path], view: View, plot: Path | None = None) -> str:
    """Return scores as text: over all, or by length; folders that have none are passed over.

    Raises ``BadInput`` where none has any. ``md`` is a table a folder and test set, a row a
    system; the other formats are one long table. With ``plot`` the length curves of the one folder are
    drawn too.
    """
    _known("format", view.form, FORMATS)
    if plot is not None and len(found) != 1:
        raise BadInput(f"--plot draws one results folder, and {len(found)} are named; name one of them")
    rows, failures = [], []
    for folder in found:
        try:
            rows.append((folder, _rows(folder, view)))
        except BadInput as error:
            failures.append(error)
    if not rows:
        raise failures[0]
    if plot is not None:
        _draw(found[0], view, plot)
    if view.form != "md":
        return rendering.render(pd.concat([long for _, long in rows], ignore_index=True), view.form)
    return "".join(_page(folder, long) for folder, long in rows)


def _choices(table: pd.DataFrame, view: View) -> tuple[str, str]:
    """Return the metric and the decoding to show; raise ``BadInput`` for one that is not there."""
    declared = paper.load(str(table["paper"].iloc[0]))
    metric, decoding = view.metric or declared.headline, view.decoding or declared.decodings[0].name
    _known("metric", metric, METRICS)
    _known("decoding", decoding, table["decoding"].unique())
    return metric, decoding


def _rows(folder: Path, view: View) -> pd.DataFrame:
    """Return the rows of scores.csv or lengths.csv that are asked for."""
    table = records.read(folder)
    metric, decoding = _choices(table, view)
    if view.test is not None:
        _known("test", view.test, table["test"].unique())
    long = _binned(table, view, metric) if view.by else tables.scores(table, (metric,))
    if view.test is not None:
        long = long[long["test"] == view.test]
    rows = long[long["decoding"] == decoding]
    if not len(rows):
        others = [f"--decoding {name}" for name in sorted(set(long["decoding"]))]
        hint = f"; try {' or '.join(others)}" if others else ""
        raise BadInput(f"{folder} has no {metric} for decoding {decoding}{hint}")
    return rows


def _page(folder: Path, long: pd.DataFrame) -> str:
    parts = []
    metric, decoding = long["metric"].iloc[0], long["decoding"].iloc[0]
    for test in dict.fromkeys(long["test"]):
        head = f"{folder.name}, {metric}, {decoding}, test set {test}: value [95 % interval] (examples)"
        parts.append(f"{head}\n\n{rendering.render(tables.pivot(long, metric, decoding, test), 'md')}\n")
    return "".join(parts)


def _draw(folder: Path, view: View, path: Path) -> None:
    table = records.read(folder)
    metric, decoding = _choices(table, view)
    test = view.test or records.main_test(table, METRICS[metric].columns[0]) or ""
    curves = _binned(table, view, metric)
    plots.length_curves(
        curves, path, metric, decoding, test, f"{folder.name}: {metric}", METRICS[metric].unit
    )


def _binned(table: pd.DataFrame, view: View, metric: str) -> pd.DataFrame:
    """Return the scores by the length that is asked for, by default that of the source."""
    return tables.lengths(table, _edges(view.bins), view.by or "length", (metric,))


def _known(kind: str, name: str, names: Iterable[str]) -> None:
    known = list(names)
    if name not in known:
        raise unknown(kind, name, known)


def _edges(bins: str | None) -> list[int] | None:
    if bins is None:
        return None
    try:
        edges = [int(edge) for edge in bins.split(",")]
    except ValueError:
        raise BadInput(f"--bins {bins!r} are not whole numbers, such as 1,11,21,31") from None
    if len(edges) < 2 or sorted(set(edges)) != edges:
        raise BadInput(f"--bins {bins!r} must be two or more edges that rise, such as 1,11,21,31")
    return edges


def verdicts(found: Sequence[Path]) -> pd.DataFrame:
    """Return the verdicts of every folder, with its name in front."""
    judged = []
    for folder in found:
        table = records.read(folder)
        declared = paper.load(str(table["paper"].iloc[0]))
        rows = claims.judge(declared, table, records.history(table))
        rows.insert(0, "results", f"{declared.name}/{folder.name}")
        judged.append(rows)
    return pd.concat(judged, ignore_index=True)


def show_verdicts(table: pd.DataFrame, as_json: bool) -> str:
    """Return the verdicts as JSON, or as a table with the columns that matter at a glance."""
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
    return rendering.render(
        shown[["results", "claim", "effect", "unit", "margin", "verdict", "reason"]], "md"
    )
