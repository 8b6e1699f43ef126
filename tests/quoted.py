"""Numbers in prose that are read from the tables in results/, checked or written anew.

A number of a result has an HTML comment right before it that says where it is from::

    has <!--= embedded.small/scores.csv rnnsearch-50: value .1f ci -->81.3 [79.9, 82.6] BLEU

``<!--= FILE NAME COLUMN=VALUE ... [minus NAME COLUMN=VALUE ...]: COLUMN[*FACTOR] FORMAT [ci] -->``

- FILE: a table in results/PAPER, or in results for the README of the root. ``run.json`` is one row, whose
  columns are its keys joined by dots. ``printed`` (``PAPER/printed`` in the root's README) has the paper's
  own numbers.
- NAME: the row's system, claim or measurement, whichever the table has. ``run.json`` has none.
- COLUMN=VALUE: which row, where there are several; ``part="above chance"`` where there are blanks. What is
  not said is the paper's headline for ``metric``, its first decoding, the test set ``test`` or else the first
  in run.json, ``seed=all``, the last ``update``, and the mean over seeds where no row has it. One row must be
  left.
- ``minus``: another row whose number is taken off; only what differs is said, and there is no interval.
- COLUMN FORMAT: what is shown, and how: ``.1f``, ``+.2f`` or ``,.0f`` as in Python; ``*100`` or ``*-1``
  times; with ``ci`` its interval follows in brackets. ``: verdict`` alone shows a claim's verdict.

In a section "What came out" no number with a decimal point and no interval in brackets may stand without such
a comment. Free are whole numbers, words, and what stands in `code`, in links and in other comments. A comment
may go over several lines, but must not begin one: Markdown would take the line for HTML.

``python tests/quoted.py [--write] [README ...]`` lists what is wrong, after writing every number anew with
--write.
"""

from __future__ import annotations

import csv
import json
import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

from attnbench import paper
from attnbench.claims import VERDICTS

ROOT = Path(__file__).parents[1]
READMES = (ROOT / "README.md", *sorted(ROOT.glob("reproductions/*/README.md")))
COMMENT = re.compile(r"<!--=(.*?)-->", re.DOTALL)
AT_START = re.compile(r"^[ >]*(?:[-*+] +|\d+\. +)?<!--=.*", re.MULTILINE)
SECTION = re.compile(r"^## What came out\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
NUMBER = r"[+−-]?\d+(?:,\d{3})*(?:\.\d+)?"
INTERVAL = rf"\[{NUMBER},\s+{NUMBER}\]"
RESULT = re.compile(rf"{INTERVAL}|[+−-]?\d[\d,]*\.\d+")
EXEMPT = re.compile(r"```.*?```|`[^`]*`|\[[^\]]*\]\([^)]*\)|<!--.*?-->|<https?:[^>]*>", re.DOTALL)
WHAT = re.compile(r"verdict|([^\s*]+)(?:\*(-?\d+))? (\+?,?\.\d+f)( ci)?")
NAMES = ("system", "claim", "measurement")
"""Columns that name what a row is of."""

Row = Mapping[str, str]


class Unfounded(Exception):
    """A query that gives no text; says why."""


@dataclass(frozen=True)
class Shown:
    """What of a row is shown, by default a verdict."""

    column: str = "verdict"
    factor: float = 1
    form: str = ""
    interval: bool = False

    @property
    def pattern(self) -> str:
        """What the shown text looks like, whatever its numbers."""
        if not self.form:
            return "|".join(VERDICTS)
        return rf"{NUMBER}(?:\s+{INTERVAL})?" if self.interval else NUMBER


@dataclass(frozen=True)
class Quote:
    """A query, the text after it, and what should be there."""

    query: str
    start: int
    """Where its comment starts."""
    end: int
    """Where the text after it ends."""
    written: str
    given: str = ""
    """What the table gives."""
    problem: str = ""
    """Why it gives nothing."""

    @property
    def right(self) -> bool:
        """Whether the text is what the table gives; lines may be broken anywhere."""
        return not self.problem and self.written.split() == self.given.split()


def quotes(text: str, base: Path) -> Iterator[Quote]:
    """Yield every query of a README whose tables lie in ``base``, what is written and what should be."""
    for found in _asked(text):
        try:
            yield replace(found, given=look_up(found.query, base))
        except Unfounded as error:
            yield replace(found, problem=str(error))


def _asked(text: str) -> Iterator[Quote]:
    """Yield the queries of a text, with what is written after them; look nothing up."""
    for comment in COMMENT.finditer(text):
        query, pattern = " ".join(comment[1].split()), NUMBER
        with suppress(Unfounded):
            pattern = _shown(query).pattern
        found = re.compile(pattern).match(text, comment.end())
        written = found[0] if found else ""
        yield Quote(query, comment.start(), comment.end() + len(written), written)


def uncovered(text: str) -> list[str]:
    """Return the results in the sections "What came out" that no query covers."""
    found: list[str] = []
    for section in SECTION.findall(text):
        bare = section
        for quote in reversed(list(_asked(section))):
            bare = f"{bare[: quote.start]} {bare[quote.end :]}"
        found += RESULT.findall(EXEMPT.sub("", bare))
    return found


def rewritten(text: str, base: Path) -> str:
    """Return the README with every number as its table gives it; what has no table stays."""
    for quote in reversed(list(quotes(text, base))):
        if not quote.problem and not quote.right:
            start = quote.end - len(quote.written)
            text = text[:start] + quote.given + text[quote.end :]
    return text


def problems(text: str, base: Path) -> list[str]:
    """Return in words what is wrong with the numbers of a README; empty where all is right."""
    found = [
        f"{quote.query}: {quote.problem or f'it says {quote.written!r}, its table {quote.given!r}'}"
        for quote in quotes(text, base)
        if not quote.right
    ]
    found += [f"no table is named for {number}" for number in uncovered(text)]
    return found + [f"a comment begins the line {line!r}" for line in AT_START.findall(text)]


def look_up(query: str, base: Path) -> str:
    """Return what the text of a query is by its table; raise ``Unfounded`` where it gives none."""
    shown = _shown(query)
    file, *words = _words(query.partition(":")[0])
    first, *others = _split(words)
    row = find(base / file, first)
    if not shown.form:
        return _cell(row, shown.column)
    less = sum(_number(find(base / file, first | other), shown.column) for other in others)
    text = _formatted((_number(row, shown.column) - less) * shown.factor, shown.form)
    if not shown.interval:
        return text
    if others:
        raise Unfounded("a difference of two rows has no interval")
    low, high = sorted(_number(row, end) * shown.factor for end in ("ci_low", "ci_high"))
    form = shown.form.lstrip("+")
    return f"{text} [{_formatted(low, form)}, {_formatted(high, form)}]"


def _words(where: str) -> list[str]:
    try:
        return shlex.split(where)
    except ValueError as error:
        raise Unfounded(str(error)) from error


def _shown(query: str) -> Shown:
    where, _, what = query.partition(":")
    asked = WHAT.fullmatch(what.strip())
    if not where.strip() or not asked:
        raise Unfounded("not FILE NAME COLUMN=VALUE ...: COLUMN[*FACTOR] FORMAT [ci]")
    column, factor, form, interval = asked.groups()
    return Shown(column, float(factor or 1), form, bool(interval)) if form else Shown()


def _split(words: list[str]) -> list[dict[str, str]]:
    """Return what is said of the row, and of those that are taken off it; its name is under an empty key."""
    said: list[dict[str, str]] = [{}]
    for word in words:
        if word == "minus":
            said.append({})
        else:
            column, equals, value = word.partition("=")
            said[-1][column if equals else ""] = value if equals else word
    return said


def find(table: Path, said: Mapping[str, str]) -> Row:
    """Return the one row of a table of which this is said; of several seeds their mean."""
    whole = read(table)
    name = next((name for name in NAMES if name in whole[0]), "")
    wanted = {column or name: value for column, value in said.items()}
    if missing := ({name} - {""} - wanted.keys()) | (wanted.keys() - whole[0].keys()):
        raise Unfounded(f"{table.name}: no {min(missing)}")
    rows = [row for row in whole if all(row[column] == value for column, value in wanted.items())]
    rows = _as_meant(rows, {key: those for key, those in _defaults(table).items() if key not in wanted})
    if "update" in whole[0] and "update" not in wanted:
        rows = list({row["seed"]: row for row in rows}.values())
    if "seed" in whole[0] and "seed" not in wanted:
        seeds = {row["seed"] for row in whole if row[name] == wanted[name]}
        rows = _over_seeds(rows, seeds, table.name)
    if len(rows) != 1:
        raise Unfounded(f"{table.name}: {len(rows) or 'no'} rows, not one")
    return rows[0]


def _as_meant(rows: list[Row], defaults: Mapping[str, Sequence[str]]) -> list[Row]:
    """Return the rows that have, of each column's defaults, the first that any has."""
    for column, values in defaults.items():
        there = {row.get(column) for row in rows}
        meant = next((value for value in values if value in there), None)
        rows = [row for row in rows if meant is None or row[column] == meant]
    return rows


def _over_seeds(rows: list[Row], seeds: set[str], name: str) -> list[Row]:
    """Return the mean of rows that are one a seed; rows of all seeds as they are."""
    there = {row["seed"] for row in rows}
    if "all" in seeds or len(seeds) < 2 or not rows or len(rows) > len(there):
        return rows
    if there != seeds:
        raise Unfounded(f"{name}: {len(there)} of {len(seeds)} seeds, not all")
    return [{column: _mean([row[column] for row in rows]) for column in rows[0]}]


def _defaults(table: Path) -> dict[str, Sequence[str]]:
    """Return what is meant where a column is not said: the first of these that is there."""
    folder = table.parent
    declared = paper.load(folder.name if table.name == "printed" else folder.parent.name)
    about = folder / "run.json"
    sizes = json.loads(about.read_text(encoding="utf-8"))["data"]["examples"] if about.exists() else {}
    tests = [name for name in sizes if name not in ("train", "valid")]
    return {
        "metric": [declared.headline], "seed": ["all"], "test": ["test", *tests],
        "decoding": [declared.decodings[0].name], "length": [""],
    }  # fmt: skip


@cache
def read(table: Path) -> Sequence[Row]:
    """Return the rows of a table, cells as they are written."""
    if table.name == "printed":
        return [
            {key: str(cell) for key, cell in asdict(one).items()}
            for one in paper.load(table.parent.name).printed
        ]
    if not table.exists():
        raise Unfounded(f"no file {table.parent.name}/{table.name}")
    text = table.read_text(encoding="utf-8")
    if table.suffix == ".json":
        return [dict(_flat(json.loads(text)))]
    rows = list(csv.DictReader(text.splitlines()))
    if not rows:
        raise Unfounded(f"no rows in {table.parent.name}/{table.name}")
    return rows


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, str(value)


def _mean(cells: Sequence[str]) -> str:
    try:
        return str(fmean(map(float, cells)))
    except ValueError:
        return ""


def _cell(row: Row, column: str) -> str:
    if not row.get(column):
        raise Unfounded(f"nothing in column {column}")
    return row[column]


def _number(row: Row, column: str) -> float:
    try:
        return float(_cell(row, column))
    except ValueError:
        raise Unfounded(f"no number in column {column}: {row[column]}") from None


def _formatted(value: float, form: str) -> str:
    """Return a number with a true minus, and none before zero."""
    sign = "+" if form.startswith("+") else "-"
    return format(value, f"{sign}z{form.lstrip('+')}").replace("-", "−")


def base_of(readme: Path) -> Path:
    """Return the folder of the tables that a README quotes."""
    return ROOT / "results" / ("" if readme.parent == ROOT else readme.parent.name)


def main(words: Sequence[str]) -> int:
    """Check the READMEs that are named, or all; with ``--write`` write their numbers first."""
    paths = [Path(word).resolve() for word in words if word != "--write"] or READMES
    wrong = 0
    for path in paths:
        text, base = path.read_text(encoding="utf-8"), base_of(path)
        if "--write" in words:
            text = rewritten(text, base)
            path.write_text(text, encoding="utf-8")
        found = problems(text, base)
        print("\n".join([f"{path.relative_to(ROOT)}: {len(list(quotes(text, base)))} numbers", *found]))
        wrong += len(found)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
