"""Results folders looked at side by side: scores, length curves and verdicts, rebuilt from records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from attnbench import claims, paper, plots, records, tables
from attnbench.errors import BadInput, unknown
from attnbench.scoring import METRICS

BY = ("length",)


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


def show(folder: Path, view: View, plot: Path | None = None) -> str:
    """Return one folder's scores as text, a row a system: over all, or a column a length bin."""
    table = records.read(folder)
    declared = paper.load(str(table["paper"].iloc[0]))
    metric, decoding = view.metric or declared.headline, view.decoding or declared.decodings[0]
    _known("metric", metric, METRICS)
    _known("decoding", decoding, table["decoding"].unique())
    tests = [view.test] if view.test else sorted(table["test"].unique())
    _known("test", tests[0], table["test"].unique())
    if view.by is not None:
        _known("--by", view.by, BY)
    binned = tables.lengths(table, _edges(view.bins)) if view.by or plot else None
    long = binned if view.by and binned is not None else tables.scores(table)
    if plot is not None and binned is not None:
        unit = METRICS[metric].unit
        plots.length_curves(binned, plot, metric, decoding, tests[0], f"{folder.name}: {metric}", unit)
    if view.form != "md":
        rows = long[(long["metric"] == metric) & (long["decoding"] == decoding) & long["test"].isin(tests)]
        return tables.render(rows, view.form)
    parts = []
    for test in tests:
        rows = tables.pivot(long, metric, decoding, test)
        if len(rows):
            head = f"{folder.name}, {metric}, {decoding}, test set {test}: value [95 % interval] (examples)"
            parts.append(f"{head}\n\n{tables.render(rows, 'md')}\n")
    return "".join(parts)


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
        return tables.render(table, "json")
    shown = table.assign(
        effect=[
            ""
            if pd.isna(row["effect"])
            else tables.with_interval(row["effect"], row["ci_low"], row["ci_high"])
            for row in table.to_dict("records")
        ]
    )
    return tables.render(shown[["results", "claim", "effect", "unit", "margin", "verdict", "reason"]], "md")
