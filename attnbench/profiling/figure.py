"""The figure of a sweep: time and memory over the length, both axes logarithmic."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from attnbench.canvas import canvas
from attnbench.plots import COLOURS, MARKERS
from attnbench.profiling.page import SPOKEN, lines
from attnbench.profiling.sweep import OK

PANELS = (("ms_median", "milliseconds"), ("peak_mib", "peak memory (MiB)"))


def draw(frame: pd.DataFrame, path: Path) -> None:
    """Draw a row of panels for each setting and direction, a line for each way to attend."""
    good = frame[frame["status"] == OK]
    groups = list(good.groupby(["device", "dtype", "batch", "dim", "direction"], sort=False))
    if not groups:
        return
    with canvas(path, 10, 3.4 * len(groups)) as figure:
        panels = figure.subplots(len(groups), len(PANELS), squeeze=False)
        for axes, ((device, dtype, batch, dim, direction), rows) in zip(panels, groups, strict=True):
            _panels(axes, rows)
            title = f"{SPOKEN[str(direction)]}; {device}, {dtype}, batch {batch}, dim {dim}"
            axes[0].set_title(title, fontsize=9, loc="left")


def _panels(panels: Sequence[Any], rows: pd.DataFrame) -> None:
    """Draw both panels: a colour for each implementation of a mechanism, dashed without the alignment."""
    ways = list(dict.fromkeys(zip(rows["mechanism"], rows["implementation"], strict=True)))
    for axes, (column, label) in zip(panels, PANELS, strict=True):
        for name, _, found in lines(rows):
            first = found.iloc[0]
            place = ways.index((first["mechanism"], first["implementation"]))
            axes.plot(
                found["keys"], found[column], label=name, linewidth=1.6, markersize=4,
                color=COLOURS[place % len(COLOURS)], marker=MARKERS[place % len(MARKERS)],
                linestyle="-" if first["align"] else "--",
            )  # fmt: skip
        axes.set_xscale("log", base=2)
        if (rows[column] > 0).any():  # memory is not measured on every system
            axes.set_yscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.set_xlabel("length")
        axes.set_ylabel(label)
        axes.grid(color="0.92")
        axes.spines[["top", "right"]].set_visible(False)
    panels[-1].legend(loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False, fontsize=8)
