"""What a person reads of a sweep: sentences, tables over the length, and how it grows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from attnbench.machine.files import write_text
from attnbench.machine.room import size
from attnbench.profiling.cases import KEY, Case
from attnbench.profiling.growth import exponent, longest
from attnbench.profiling.sweep import OK, Swept, duration
from attnbench.rendering import render

SETTING = ["device", "dtype", "batch", "dim"]
"""What the rows of one table share."""

MIB = 2**20

SPOKEN = {
    "forward": "forward", "both": "forward and backward", "train": "a training step", "decode": "decoding",
}  # fmt: skip


EXPLAINED = """Times are medians of several calls; the csv has the quartiles. Memory is what was in use at
the peak beyond what was held before the call: outputs, gradients and all between, not inputs or weights.
The share of the limit is the least time that the measured ceilings allow, over the median, at the longest
length; it is above 1 where a kernel gets by without tanh. Exponents are fitted to the four longest lengths;
what stands of longer ones is extrapolated.
"""


def write(out: Path, swept: Swept) -> str:
    """Write the page beside the csv file ``out``, with the figure of the same name; return what it says."""
    body = text(swept.rows, swept.limit)
    here = swept.machine
    at_best = "".join(f"- at best, {dtype}: {rates}\n" for dtype, rates in swept.ceilings.items())
    about = f"- {here.name}, {here.threads} threads\n{at_best}"
    figure = f"![Time and memory over length]({out.with_suffix('.png').name})\n"
    write_text(
        out.with_suffix(".md"),
        f"# What attention costs\n\n{about}\n{figure}\n{EXPLAINED}\n{body}",
    )
    return body


def text(frame: pd.DataFrame, limit: int) -> str:
    """Return sentences and tables for every setting of device, data type, batch and dim.

    ``limit`` is the memory in bytes up to which lengths are extrapolated.
    """
    parts = []
    for setting, rows in frame.groupby(SETTING, sort=True):
        device, dtype, batch, dim = setting
        parts.append(f"## {device}, {dtype}, batch {batch}, dim {dim}\n")
        parts += [f"- {sentence}\n" for sentence in sentences(rows)]
        parts.append("\nTime:\n\n" + render(over_lengths(rows, "ms_median"), "md"))
        parts.append(
            "\nPeak memory beyond what was held before:\n\n" + render(over_lengths(rows, "peak_mib"), "md")
        )
        parts.append(f"\nGrowth with the length n:\n\n{render(growth(rows, limit), 'md')}\n")
    return "".join(parts)


def lines(rows: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield each line of a figure or table: its name, direction, and its rows by rising length."""
    named = rows.assign(line=[case(row).line for row in rows.to_dict("records")])
    for (line, direction), found in named.groupby(["line", "direction"], sort=False):
        yield str(line), str(direction), found.sort_values("keys")


def case(row: dict[Any, Any]) -> Case:
    """Return the case of a row."""
    return Case(**{name: row[name] for name in KEY})


def sentences(rows: pd.DataFrame) -> list[str]:
    """Return a sentence a mechanism and direction: what each implementation takes at the longest measured."""
    found_out = []
    for (mechanism, direction), found in rows.groupby(["mechanism", "direction"], sort=False):
        reached = found[found["status"] == OK]
        if not len(reached):
            continue
        furthest = reached["keys"].max()
        there = found[found["keys"] == furthest].to_dict("records")
        takes = "; ".join(_takes(row, str(mechanism)) for row in there)
        found_out.append(f"**{mechanism}**, {SPOKEN[str(direction)]} at {furthest}: {takes}")
    return found_out


def _takes(row: dict[Any, Any], mechanism: str) -> str:
    name = case(row).line.removeprefix(mechanism).removeprefix(", ")
    taken = _cell(row, "peak_mib") or "memory unknown"
    if row["status"] == OK:
        taken += f" in {_cell(row, 'ms_median')}"
    return f"{name} {taken}".strip()


def over_lengths(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return ``ms_median`` or ``peak_mib`` with a row a line and a column a length."""
    lengths = sorted(rows["keys"].unique())
    table = []
    for line, direction, found in lines(rows):
        cells = {row["keys"]: _cell(row, column) for row in found.to_dict("records")}
        heads = {"what": line, "direction": direction}
        table.append(heads | {str(length): cells.get(length, "") for length in lengths})
    return pd.DataFrame(table)


def _cell(row: dict[Any, Any], column: str) -> str:
    if row["status"] != OK:
        return str(row["status"])
    value = row[column]
    if pd.isna(value):
        return ""
    return duration(value) if column == "ms_median" else size(value * MIB)


def growth(rows: pd.DataFrame, limit: int) -> pd.DataFrame:
    """Return the fitted exponents of time and memory, the share of the limit, and how far memory reaches."""
    table = []
    for line, direction, found in lines(rows):
        good = found[found["status"] == OK]
        lengths: Sequence[float] = good["keys"].tolist()
        memory = good["peak_mib"].fillna(0).tolist()
        share = good["share_of_limit"].iloc[-1] if len(good) else float("nan")
        table.append({
            "what": line, "direction": direction,
            "time": _power(exponent(lengths, good["ms_median"].tolist())),
            "memory": _power(exponent(lengths, memory)),
            "share of the limit": "" if pd.isna(share) else f"{share:.1%}",
            "longest measured": str(int(good["keys"].max())) if len(good) else "none",
            f"longest in {size(limit)} (extrapolated)": _reach(longest(lengths, memory, limit / MIB)),
        })  # fmt: skip
    return pd.DataFrame(table)


def _power(found: float | None) -> str:
    return "" if found is None else f"n^{found:.2f}"


def _reach(length: float | None) -> str:
    if length is None:
        return ""
    return "no growth seen" if math.isinf(length) else f"about {float(f'{length:.2g}'):,.0f}"
