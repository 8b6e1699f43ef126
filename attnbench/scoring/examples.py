"""What systems did on test sets, ready for resampling: from the records' rows to arrays.

R resamples   n examples   s seeds   k statistics
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from attnbench.errors import BadInput
from attnbench.records import Records
from attnbench.scoring.bootstrap import Population, resampled
from attnbench.scoring.estimate import Estimate
from attnbench.scoring.mcnemar import Discordance, discordance
from attnbench.scoring.metric import Metric


def within(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Say of each length (n,) whether ``low`` <= it < ``high``, all in single precision, as records keep it.

    So a length of 0.7 seconds is at the edge 0.7, and not a little below it.
    """
    single = values.astype(np.float32)
    found: np.ndarray = (single >= np.float32(low)) & (single < np.float32(high))
    return found


class Key(NamedTuple):
    """What was tested, how, and on what."""

    system: str
    decoding: str
    test: str


class _Measured(NamedTuple):
    """Statistics of some columns."""

    seeds: tuple[int, ...]
    statistics: np.ndarray
    """``(s, n, k)``, nought where an example has not all."""
    there: np.ndarray
    """``(n,)`` of bool: which examples have all."""


class Examples:
    """The records of one system, decoding and test set, all seeds, in the order of the examples' ids."""

    def __init__(
        self, seeds: tuple[int, ...], ids: np.ndarray, columns: Mapping[str, np.ndarray],
        population: Population | None = None,
    ) -> None:  # fmt: skip
        """Take the sorted ids ``(n,)``, so that two systems' examples stand at the same places, the lengths
        and statistics, ``(s * n,)`` each, sorted by seed, then id, and what the examples are drawn from where
        they are a part of it."""
        self.seeds = seeds
        self.ids = ids
        self._population = population or Population(ids)
        self._places = np.searchsorted(self._population.ids, ids)
        self._columns = columns
        self._statistics: dict[tuple[str, ...], _Measured | None] = {}

    def lengths(self, column: str) -> np.ndarray:
        """Return a length of each example, ``(n,)``; not a number where none was recorded."""
        found = self._columns.get(column)
        return np.full(len(self.ids), np.nan) if found is None else found[: len(self.ids)]

    def estimate(self, metric: Metric, chosen: np.ndarray | None = None) -> Estimate | None:
        """Score the chosen examples, all where ``chosen`` (``(n,)`` of bool) is None; see ``estimates``."""
        found = self.estimates([metric], [self.all if chosen is None else chosen])
        return found[metric.name][0] if found else None

    def estimates(self, metrics: Sequence[Metric], chosen: Sequence[np.ndarray]) -> dict[str, list[Estimate]]:
        """Score each set of chosen examples by each of the metrics that apply, by the metric's name.

        Examples without a metric's statistics are left out, and seeds for which none was measured. A metric
        whose statistics no example has does not apply to this decoding. All sums of a set are made in one
        product.
        """
        known = {metric.columns: self._measured(metric.columns) for metric in metrics}
        measured = {columns: one for columns, one in known.items() if one is not None}
        if not measured:
            return {}
        flat = [one.statistics.transpose(1, 0, 2).reshape(len(self.ids), -1) for one in measured.values()]
        ends, side_by_side = np.cumsum([one.shape[1] for one in flat]), np.concatenate(flat, axis=1)
        found: dict[str, list[Estimate]] = {
            metric.name: [] for metric in metrics if metric.columns in measured
        }
        weights = self._population.weights(self._places)
        for some, sums in zip(chosen, resampled(side_by_side, chosen, weights), strict=True):
            parts = dict(zip(measured, np.split(sums, ends[:-1], axis=1), strict=True))
            for metric in metrics:
                if metric.columns in measured:
                    seeds, statistics, there = measured[metric.columns]
                    replicates = parts[metric.columns].reshape(len(sums), len(seeds), -1)
                    found[metric.name].append(
                        Estimate(
                            seeds=seeds,
                            values=metric.value(statistics[:, some].sum(axis=1)),
                            replicates=metric.value(replicates),
                            examples=self._drawn_from(there & some),
                        )
                    )
        return found

    def _drawn_from(self, chosen: np.ndarray) -> dict[int, np.ndarray]:
        """Return the chosen ones (n,) among the population."""
        found = np.zeros(len(self._population.ids), dtype=bool)
        found[self._places] = chosen
        return {self._population.seed: found}

    @cached_property
    def all(self) -> np.ndarray:
        """``(n,)`` of bool: every example."""
        return np.ones(len(self.ids), dtype=bool)

    def _measured(self, columns: tuple[str, ...]) -> _Measured | None:
        """Return the statistics of the seeds for which they were measured at all; None where none was."""
        if columns not in self._statistics:
            self._statistics[columns] = None
            if set(columns) <= set(self._columns):
                rows = np.stack([self._columns[name] for name in columns], axis=1, dtype=np.float64)
                statistics = rows.reshape(len(self.seeds), len(self.ids), -1)
                known = np.logical_not(np.isnan(statistics).all(axis=(1, 2)))
                seeds = tuple(seed for seed, one in zip(self.seeds, known, strict=True) if one)
                statistics = statistics[known]
                there = np.logical_not(np.isnan(statistics).any(axis=(0, 2)))
                if seeds and there.any():
                    statistics[:, ~there] = 0
                    self._statistics[columns] = _Measured(seeds, statistics, there)
        return self._statistics[columns]

    def discordances(self, other: Examples, metric: Metric) -> dict[int, Discordance]:
        """Return, for each seed that both have, what one got right and the other did not.

        The metric must be ``right_or_wrong``; questions that it does not ask of both are left out.
        """
        if not (metric.right_or_wrong and np.array_equal(self.ids, other.ids)):
            raise ValueError(f"{metric.name} of other examples, or not right or wrong, cannot be paired")
        first, second = self._answers(metric), other._answers(metric)
        shared = [seed for seed in self.seeds if seed in other.seeds]
        pairs = {seed: np.stack([first[seed], second[seed]]) for seed in shared}
        return {
            seed: discordance(*(both[:, ~np.isnan(both).any(axis=0)] == 1)) for seed, both in pairs.items()
        }

    def _answers(self, metric: Metric) -> dict[int, np.ndarray]:
        """Return for each seed which examples (n,) were answered rightly, 1 or 0; NaN: not asked."""
        rows = self._columns[metric.columns[0]].reshape(len(self.seeds), len(self.ids))
        return dict(zip(self.seeds, rows, strict=True))


class AllExamples(Mapping[Key, Examples]):
    """All records of a results folder by system, decoding and test set, in this order, arranged on use."""

    def __init__(self, records: Records) -> None:
        """Take the records; a column is copied when a score asks for it."""
        import pandas as pd

        self.records = records
        frame = records.frame
        grouped: Any = frame[[*Key._fields]].groupby([*Key._fields], sort=True).indices
        self._rows: dict[Key, np.ndarray] = {Key._make(key): grouped[key] for key in sorted(grouped)}
        names = [name for name in frame.columns if frame[name].dtype.kind in "iuf" and name != "seed"]
        self._columns = {name: frame[name].to_numpy() for name in names}
        self._seeds = frame["seed"].to_numpy()
        self._ids, self._names = pd.factorize(frame["id"].to_numpy(dtype=object), sort=True)
        self._arranged: dict[Key, Examples] = {}
        self._populations: dict[int, Population] = {}
        self._main_tests: dict[str, str | None] = {}

    def __iter__(self) -> Iterator[Key]:
        """Yield what was tested, how, on what."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self._rows)

    def __getitem__(self, key: tuple[str, str, str]) -> Examples:
        """Return the examples of a key.

        Raises ``BadInput`` where an id comes twice or the seeds were not tested on the same examples.
        """
        key = Key(*key)
        if key not in self._arranged:
            self._arranged[key] = self._arrange(key)
        return self._arranged[key]

    def _arrange(self, key: Key) -> Examples:
        rows = self._rows[key]
        ids, place = np.unique(self._ids[rows], return_inverse=True)
        order = np.lexsort((place, self._seeds[rows]))
        rows, place = rows[order], place[order]
        seeds = tuple(int(seed) for seed in np.unique(self._seeds[rows]))
        if not np.array_equal(place, np.tile(np.arange(len(ids)), len(seeds))):
            where = f"{key.system}, {key.decoding} on {key.test}"
            raise BadInput(
                f"{where}: seeds were not tested on the same examples; run them again with --force"
            )
        columns = {name: values[rows] for name, values in self._columns.items()}
        known = {name: values for name, values in columns.items() if _some(values)}
        return Examples(seeds, self._names[ids], known, self._population(ids))

    @cached_property
    def _sets(self) -> list[np.ndarray]:
        """The ids of every set of examples that something was tested on, the largest first."""
        sets: dict[bytes, np.ndarray] = {}
        for rows in self._rows.values():
            ids = np.unique(self._ids[rows])
            sets.setdefault(ids.tobytes(), ids)
        return sorted(sets.values(), key=len, reverse=True)

    def _population(self, ids: np.ndarray) -> Population:
        """Return what examples are drawn from: the largest set that they are all in."""
        at = next(n for n, others in enumerate(self._sets) if np.isin(ids, others, assume_unique=True).all())
        return self._populations.setdefault(at, Population(self._names[self._sets[at]]))

    def longest(self, test: str, column: str) -> float:
        """Return the largest length of a test set's examples; not a number where none was recorded."""
        found = [self[key].lengths(column) for key in self if key.test == test]
        return float(np.fmax.reduce(np.concatenate(found)))

    def decodings(self, metric: Metric) -> set[str]:
        """Return the decodings that have the metric."""
        frame, column = self.records.frame, metric.columns[0]
        return set(frame.loc[frame[column].notna(), "decoding"].unique()) if column in frame else set()

    def main_test(self, metric: Metric) -> str | None:
        """Return the test set that leads: ``test``, or else the first that has the metric; None without."""
        column = metric.columns[0]
        if column not in self._main_tests:
            frame = self.records.frame
            there = list(frame.loc[frame[column].notna(), "test"].unique()) if column in frame else []
            self._main_tests[column] = "test" if "test" in there else next(iter(there), None)
        return self._main_tests[column]


def _some(values: np.ndarray) -> bool:
    return not np.isnan(values).all() if values.dtype.kind == "f" else True
