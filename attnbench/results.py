"""A results folder, read once: its records, and every table and verdict that follows from them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from attnbench import claims, records, tables
from attnbench.errors import BadInput
from attnbench.machine import manifest
from attnbench.machine.files import read_json
from attnbench.paper import Figure, Paper, load, resolve
from attnbench.records import Records
from attnbench.scoring import AllExamples, Metric
from attnbench.tables import Edges
from attnbench.tasks import Length, Task

SPEED_COLUMNS = [
    "system", "seed", "device", "phase",
    "tokens_per_second", "examples_per_second", "peak_memory_mib", "seconds",
]  # fmt: skip
"""The columns of speed.csv."""

_ANEW = "run the `attnbench reproduce` command that wrote it again"


def _speed(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8", newline="") as file:  # pandas would take some paths for addresses
        return pd.read_csv(file)[SPEED_COLUMNS]


class Results:
    """What is in a results folder and what follows from it, read or made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, OUT/PAPER/DATA.SCALE."""
        self.folder = folder
        self._tables: dict[tuple[Length | None, tuple[float, ...], str], pd.DataFrame] = {}

    @cached_property
    def records(self) -> Records:
        """The records; raises ``BadInput`` where there are none, or one is not as it was written."""
        self.check(lambda name: name.startswith(f"{records.FOLDER}/"))
        return records.read(self.folder)

    def about(self, path: Path) -> dict[str, Any]:
        """Return what one of its files of records says of its run; raise ``BadInput`` as ``records`` does."""
        self.check(lambda name: name == f"{records.FOLDER}/{path.name}")
        found = records.metadata(path)
        records.require_named(path, found)
        return found

    @cached_property
    def tested(self) -> AllExamples:
        """The records, ready for scoring."""
        return AllExamples(self.records)

    @cached_property
    def paper(self) -> Paper:
        """The paper that the records are of."""
        return load(str(self.records.frame["paper"].iloc[0]))

    @cached_property
    def task(self) -> Task:
        """The paper's task."""
        task: Task = resolve(self.paper.task)
        return task

    @property
    def headline(self) -> Metric:
        """The metric that leads."""
        return self._leading[0]

    @property
    def decoding(self) -> str:
        """The decoding that leads."""
        return self._leading[1]

    @cached_property
    def _leading(self) -> tuple[Metric, str]:
        """The paper's headline and its first decoding; where no system has the headline, as language models
        that only read have none, the score of validation, in the first decoding that has it."""
        metrics = [self.task.metric(name) for name in (self.paper.headline, self.task.validation)]
        usual = metrics[0], self.paper.decodings[0].name
        there = [(metric, self.tested.decodings(metric)) for metric in metrics]
        if there[0][1]:
            return usual
        named = [one.name for one in self.paper.decodings if one.name in there[1][1]]
        return (metrics[1], named[0]) if named else usual

    def main_test(self, metric: Metric) -> str:
        """Return the test set that leads among those with the metric."""
        return self.tested.main_test(metric) or "test"

    def length(self, name: str) -> Length:
        """Return a length of the task; ``length`` is the first that examples of the leading test set have.

        Raises ``BadInput`` for a length that the task has not.
        """
        named = self.task.length(name)
        if name != "length":
            return named
        frame = self.records.frame
        leading = frame[frame["test"] == self.main_test(self.headline)]
        known = (
            one for one in self.task.lengths if one.column in leading and leading[one.column].notna().any()
        )
        return next(known, named)

    def table(
        self, by: str | None = None, edges: Edges | None = None, metric: Metric | None = None
    ) -> pd.DataFrame:
        """Return all scores on whole test sets, or ``by`` a length in bins with these edges; see ``tables``.

        Only those of a metric where one is given. Raises ``BadInput`` for a length that the task has not.
        """
        length = None if by is None else self.length(by)
        whole = length, tuple(edges or ()), ""
        if metric is not None and whole in self._tables:
            found = self._tables[whole]
            return found[found["metric"] == metric.name].reset_index(drop=True)
        key = (*whole[:2], "" if metric is None else metric.name)
        if key not in self._tables:
            metrics = self.task.metrics if metric is None else (metric,)
            self._tables[key] = (
                tables.scores(self.tested, metrics)
                if length is None
                else tables.lengths(self.tested, metrics, length, edges)
            )
        return self._tables[key]

    @cached_property
    def figures(self) -> list[tuple[Figure, pd.DataFrame]]:
        """The paper's figures for which there are records, each with its table by length."""
        found = []
        for figure in self.paper.figures:
            table = self.table(figure.by, None, self.task.metric(figure.metric))
            table = table[table["test"].isin(figure.tests) & table["decoding"].isin(figure.decodings)]
            if len(table):
                found.append((figure, table.reset_index(drop=True)))
        return found

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Every pair of systems by the headline, on its main test set."""
        return tables.differences(self.tested, self.headline, self.decoding, self.main_test(self.headline))

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """The verdict on every claim of the paper."""
        return claims.judge(self.paper, self.tested)

    @cached_property
    def measurements(self) -> pd.DataFrame:
        """Every measurement of the paper."""
        return claims.measure(self.paper, self.tested)

    @property
    def history(self) -> pd.DataFrame:
        """The table of history.csv."""
        return self.records.history

    @cached_property
    def run(self) -> dict[str, Any]:
        """What run.json holds."""
        found: dict[str, Any] = self._whole("run.json", read_json)
        if not isinstance(found, dict):
            raise self._foreign("run.json", f"a {type(found).__name__}")
        return found

    @cached_property
    def speed(self) -> pd.DataFrame:
        """The table of speed.csv."""
        return self._whole("speed.csv", _speed)

    def check(self, meant: manifest.Names) -> None:
        """Raise ``BadInput`` if one of its files that are meant, which it can do without, has changed."""
        self._check(meant, _ANEW, f"run `{self._rebuild}`, which forgets it")

    def _whole(self, name: str, read: Callable[[Path], Any]) -> Any:
        self._check(lambda one: one == name, _ANEW)
        try:
            return read(self.folder / name)
        except FileNotFoundError:
            raise BadInput(f"{self.folder / name} is not there; {_ANEW}") from None
        except (OSError, ValueError, KeyError) as error:
            raise self._foreign(name, str(error)) from error

    def _foreign(self, name: str, why: str) -> BadInput:
        path = self.folder / name
        return BadInput(f"{path} is not what attnbench writes ({why}); delete it and {_ANEW}")

    def _check(self, meant: manifest.Names, *ways: str) -> None:
        """Raise ``BadInput``, saying in what ways to mend it, if one of the files meant is not as it was."""
        if not os.path.lexists(self.folder / manifest.MANIFEST):
            return  # records alone, such as copied from elsewhere, are as good
        if manifest.read(self.folder) is None:
            ways = (f"run `{self._rebuild}`, which writes it anew",)
        if fault := manifest.fault(self.folder, meant):
            raise BadInput(f"{fault}; {', or '.join(fault.delete_it + way for way in ways)}")

    @property
    def _rebuild(self) -> str:
        return f"attnbench rebuild {shlex.quote(str(self.folder))}"
