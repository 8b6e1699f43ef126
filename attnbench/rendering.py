"""Tables as text: Markdown, csv, JSON or LaTeX, and how a number, an interval and a bin are written."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from attnbench.errors import unknown


def render(frame: pd.DataFrame, form: str) -> str:
    """Return a table as text: ``md``, ``csv``, ``json`` (a list of rows) or ``latex``."""
    if form == "csv":
        return frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    if form == "json":
        return frame.to_json(orient="records", indent=1, force_ascii=False, double_precision=6) + "\n"
    cells = [[_text(value) for value in row] for row in frame.astype(object).to_numpy()]
    if form == "md":
        return _markdown([str(name) for name in frame.columns], cells)
    if form == "latex":
        return _latex([str(name) for name in frame.columns], cells)
    raise unknown("format", form, ("md", "csv", "json", "latex"))


def _text(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _markdown(heads: list[str], cells: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *cells]
    return "".join("| " + " | ".join(text.replace("|", "\\|") for text in line) + " |\n" for line in lines)


_LATEX = str.maketrans({character: f"\\{character}" for character in "&%$#_{}"} | {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
})  # fmt: skip


def _latex(heads: list[str], cells: list[list[str]]) -> str:
    lines = [" & ".join(text.translate(_LATEX) for text in line) for line in (heads, *cells)]
    head, *body = (f"{line} \\\\\n" for line in lines)
    table = "\\hline\n" + head + "\\hline\n" + "".join(body) + "\\hline\n"
    return f"\\begin{{tabular}}{{{'l' * len(heads)}}}\n{table}\\end{{tabular}}\n"


def with_interval(value: float, low: float, high: float) -> str:
    """Return ``value [low, high]``, a third decimal where all lie below 1; the value alone without them."""
    digits = 2 if abs(value) >= 1 or max(abs(low), abs(high)) >= 1 else 3
    if math.isnan(low):
        return f"{value:.{digits}f}"
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def bin_name(low: float, high: float, whole: bool) -> str:
    """Return a half-open bin as a reader writes it: [11, 21) of words is ``11–20``, of seconds ``11–21``."""
    whole = whole and float(low).is_integer() and float(high).is_integer()
    last = high - 1 if whole else high
    return f"{low:g}" if last == low else f"{low:g}–{last:g}"
