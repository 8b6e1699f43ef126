"""Tables as text: Markdown, csv, JSON or LaTeX, and how a number, an interval and a bin are written.

What stands in a table is text, whatever it looks like: characters that a format would take for markup are
escaped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from typing import Any

import pandas as pd

from attnbench.errors import require_known

FORMATS = ("md", "csv", "json", "latex")


def render(frame: pd.DataFrame, form: str, marked: Collection[str] = ()) -> str:
    """Return a table as text: ``md``, ``csv``, ``json`` (a list of rows) or ``latex``.

    ``marked``: the columns that hold Markdown; in others, what looks like it is escaped.
    """
    require_known("format", form, FORMATS)
    if form == "csv":
        return frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    if form == "json":
        return frame.to_json(orient="records", indent=1, force_ascii=False, double_precision=6) + "\n"
    cells = [[_text(value) for value in row] for row in frame.astype(object).to_numpy()]
    heads = [str(name) for name in frame.columns]
    return _markdown(heads, cells, marked) if form == "md" else _latex(heads, cells)


def _text(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _markdown(heads: list[str], cells: list[list[str]], marked: Collection[str]) -> str:
    ways = [_one_line if name in marked else plain for name in heads]
    lines = [[plain(name) for name in heads], ["---"] * len(heads)]
    lines += [[way(text) for way, text in zip(ways, line, strict=True)] for line in cells]
    return "".join("| " + " | ".join(_PIPE.sub(r"\|", text) for text in line) + " |\n" for line in lines)


_PIPE = re.compile(r"\|")

_MARKUP = re.compile(
    r"""\\(?=[!-/:-@\[-`{-~])   # a backslash that would escape what follows
      | `
      | <(?=[A-Za-z/!?])         # a tag
      | &(?=\#?\w+;)             # an entity
      | \](?=[(\[:])             # a link
    """,
    re.VERBOSE,
)

_PAIRED = tuple(map(re.compile, (r"\*", "~", r"\$", r"(?<!\w)_|_(?!\w)")))
"""What is markup where there are two of them."""


def plain(text: str) -> str:
    """Return a text in one line of Markdown that shows it as it is; a bar is for a table to escape."""
    text = _MARKUP.sub(r"\\\g<0>", _one_line(text))
    for sign in _PAIRED:
        if len(sign.findall(text)) > 1:
            text = sign.sub(r"\\\g<0>", text)
    return text


def code(text: str) -> str:
    """Return a text as code in one line of Markdown."""
    text = _one_line(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _one_line(text: str) -> str:
    """Return a text with a blank for each run of line ends and other control characters."""
    return re.sub("[\0-\x1f\x7f-\x9f\u2028\u2029]+", " ", text)


_LATEX = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "`": r"\textasciigrave{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "[": "{[}", "*": "{*}",  # after the end of a row they would belong to it
    "--": "-{}-",
}  # fmt: skip
_SPECIAL = re.compile("|".join(map(re.escape, _LATEX)))


def _latex(heads: list[str], cells: list[list[str]]) -> str:
    lines = [" & ".join(map(_latex_text, line)) for line in (heads, *cells)]
    head, *body = (f"{line} \\\\\n" for line in lines)
    table = "\\hline\n" + head + "\\hline\n" + "".join(body) + "\\hline\n"
    return f"\\begin{{tabular}}{{{'l' * len(heads)}}}\n{table}\\end{{tabular}}\n"


def _latex_text(text: str) -> str:
    return _SPECIAL.sub(lambda found: _LATEX[found[0]], _one_line(text))


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
