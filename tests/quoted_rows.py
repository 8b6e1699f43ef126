"""The row of a table that a query of ``quoted`` asks for."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

from attnbench import paper

NAMES = ("system", "claim", "measurement")
"""Columns that name what a row is of."""

Row = Mapping[str, str]


class Unfounded(Exception):
    """A query that gives no text; says why."""


def find(table: Path, said: Mapping[str, str]) -> Row:
    """Return the one row of a table of which this is said; of several seeds their mean.

    Its name is said under an empty key. Raises ``Unfounded`` where there is none, or more than one.
    """
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


def cell(row: Row, column: str) -> str:
    """Return what a column holds; raise ``Unfounded`` where it is blank or not there."""
    if not row.get(column):
        raise Unfounded(f"nothing in column {column}")
    return row[column]


def number(row: Row, column: str) -> float:
    """Return a column's number; raise ``Unfounded`` where it holds none."""
    try:
        return float(cell(row, column))
    except ValueError:
        raise Unfounded(f"no number in column {column}: {row[column]}") from None
