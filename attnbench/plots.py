"""Figures from tables. Names in them are text, never mathematics."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from attnbench.canvas import canvas
from attnbench.paper import Figure
from attnbench.scoring import Metric

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's palette, which the colour-blind can tell apart."""

MARKERS = "osD^vPX"

_TITLE = 90
"""Letters of a title that fit in a line."""
_LETTERS = 7
"""How many fit in an inch, beside a legend."""


def length_curves(
    lengths: pd.DataFrame,
    path: Path,
    metric: Metric,
    decoding: str,
    test: str,
    title: str,
    caps: Sequence[int] = (),
) -> None:
    """Draw a score over length, a line a system with its 95 % band, into a PNG at ``path``.

    ``lengths`` is the table of ``tables.lengths``; points stand at the middle of their bins, and empty bins
    have none. ``caps`` marks the longest lengths seen in training. Equal tables give equal bytes.
    """
    wanted = {"metric": metric.name, "decoding": decoding, "test": test, "seed": "all"}
    rows = lengths
    for column, name in wanted.items():
        rows = rows[rows[column].astype(str) == name]
    with canvas(path, 7, 4.2) as figure:
        _fill(figure, rows, metric, title, caps)


def panels(lengths: pd.DataFrame, path: Path, metric: Metric, figure: Figure) -> None:
    """Draw a declared figure into a PNG at ``path``: every panel has the same axes, a line a system.

    ``lengths`` is the table of ``tables.lengths`` by the figure's length; a panel without rows stays empty.
    """
    rows, columns = len(figure.tests), len(figure.decodings)
    width = max(5.5, 0.8 + 2.4 * columns)
    with canvas(path, width, 0.9 + 2.1 * max(rows, 1.4)) as drawn:
        grid = drawn.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        systems = sorted(lengths["system"].unique())
        for place in product(range(rows), range(columns)):
            test, decoding = figure.tests[place[0]], figure.decodings[place[1]]
            wanted = (lengths["test"] == test) & (lengths["decoding"] == decoding)
            _panel(grid[place], lengths[wanted & (lengths["seed"].astype(str) == "all")], systems)
            grid[place].set_title(f"{decoding}, {test}", fontsize=8, loc="left", parse_math=False)
        drawn.supxlabel(lengths["by"].iloc[0], fontsize=9)
        drawn.supylabel(
            metric.unit if metric.higher_is_better else f"{metric.unit} (lower is better)", fontsize=9
        )
        title = textwrap.wrap(figure.title, int(_LETTERS * width))
        drawn.suptitle("\n".join(title), fontsize=10, parse_math=False)
        lines = [grid[0, 0].plot([], [], **_style(systems, name))[0] for name in systems]
        legend = drawn.legend(lines, ["-"] * len(lines), loc="outside right upper", frameon=False, fontsize=8)
        for text, system in zip(legend.get_texts(), systems, strict=True):
            text.set(text=system, parse_math=False)


def _panel(axes: Any, rows: pd.DataFrame, systems: Sequence[str]) -> None:
    for system, curve in rows.groupby("system", sort=True):
        style = _style(systems, str(system))
        _curve(axes, curve, str(system), style["color"], style["marker"])
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color="0.92")
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)


def _style(systems: Sequence[str], system: str) -> dict[str, Any]:
    place = systems.index(system)
    return {"color": COLOURS[place % len(COLOURS)], "marker": MARKERS[place % len(MARKERS)], "markersize": 4}


def _fill(figure: Any, rows: pd.DataFrame, metric: Metric, title: str, caps: Sequence[int]) -> None:
    axes = figure.add_subplot()
    systems = []
    for place, (system, curve) in enumerate(rows.groupby("system", sort=True)):
        systems.append(str(system))
        _curve(axes, curve, systems[-1], COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)])
    lines = list(axes.get_lines())
    for cap in caps:
        axes.axvline(cap + 0.5, color="0.6", linewidth=0.8, linestyle=":", zorder=0)
        axes.text(cap + 0.5, 1.005, f"cap {cap}", ha="center", va="bottom", fontsize=7, color="0.4",
                  transform=axes.get_xaxis_transform())  # fmt: skip
    axes.set_title("\n".join(textwrap.wrap(title, _TITLE)), fontsize=10, loc="left", pad=14, parse_math=False)
    axes.set_xlabel(rows["by"].iloc[0] if len(rows) else "length")
    axes.set_ylabel(metric.unit if metric.higher_is_better else f"{metric.unit} (lower is better)")
    if not (rows["value"] < 0).any():
        axes.set_ylim(bottom=0)
    axes.grid(axis="y", color="0.92")
    axes.spines[["top", "right"]].set_visible(False)
    if systems:
        unnamed = ["-"] * len(systems)  # for now: matplotlib may leave out a name that begins with _
        legend = figure.legend(lines, unnamed, loc="outside right upper", frameon=False, fontsize=8)
        for text, system in zip(legend.get_texts(), systems, strict=True):
            text.set(text=system, parse_math=False)


def _curve(axes: Any, curve: pd.DataFrame, label: str, colour: str, marker: str) -> None:
    curve = curve.sort_values("bin_low")
    whole = curve["bin_low"].dtype.kind == "i"  # then the last length of a bin is one less than its edge
    middle = (curve["bin_low"] + curve["bin_high"] - whole) / 2
    axes.fill_between(middle, curve["ci_low"], curve["ci_high"], color=colour, alpha=0.18, linewidth=0)
    axes.plot(middle, curve["value"], color=colour, marker=marker, markersize=4, linewidth=1.6, label=label)
