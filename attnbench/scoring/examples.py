"""What a system did on a test set, ready for resampling: from the records' rows to arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attnbench.errors import BadInput
from attnbench.scoring.bootstrap import Estimate, estimate
from attnbench.scoring.mcnemar import Discordance, discordance
from attnbench.scoring.metric import Metric

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Examples:
    """The records of one system, decoding and test set, all seeds, in the order of the examples' ids."""

    frame: pd.DataFrame
    """Sorted by seed, then id; every seed has the same ids."""
    seeds: tuple[int, ...]
    ids: np.ndarray
    """``(n,)``: sorted, so that two systems' examples stand at the same places."""

    def lengths(self, column: str) -> np.ndarray:
        """Return a length of each example, ``(n,)``."""
        return self.frame[column].to_numpy()[: len(self.ids)]

    def estimate(self, metric: Metric, chosen: np.ndarray | None = None) -> Estimate | None:
        """Score the chosen examples, all where ``chosen`` (``(n,)`` of bool) is None.

        Examples without these statistics are left out. None where no example has them: then the metric
        does not apply to this decoding, or nothing was measured.
        """
        if not set(metric.columns) <= set(self.frame.columns):
            return None
        rows = self.frame[list(metric.columns)].to_numpy(dtype=np.float64)
        statistics = rows.reshape(len(self.seeds), len(self.ids), -1)
        measured = ~np.isnan(statistics).any(axis=(0, 2))
        if not measured.any():
            return None
        return estimate(statistics, metric, self.seeds, measured if chosen is None else measured & chosen)

    def discordances(self, other: Examples, metric: Metric) -> dict[int, Discordance]:
        """Return, for each seed that both have, what one got right and the other did not.

        The metric must be ``right_or_wrong``; questions that it does not ask of both are left out.
        """
        if not (metric.right_or_wrong and np.array_equal(self.ids, other.ids)):
            raise ValueError(f"{metric.name} of other examples, or not right or wrong, cannot be paired")
        first, second = self._answers(metric), other._answers(metric)
        shared = [seed for seed in self.seeds if seed in other.seeds]
        return {seed: discordance(first[seed], second[seed]) for seed in shared}

    def _answers(self, metric: Metric) -> dict[int, np.ndarray]:
        """Return for each seed which examples (n,) were answered rightly."""
        rows = self.frame[metric.columns[0]].to_numpy().reshape(len(self.seeds), len(self.ids))
        return dict(zip(self.seeds, rows == 1, strict=True))


def examples(records: pd.DataFrame) -> Examples:
    """Arrange the records of one system, decoding and test set.

    Raises ``BadInput`` where an id comes twice or the seeds were not tested on the same examples.
    """
    frame = records.sort_values(["seed", "id"], kind="stable", ignore_index=True)
    frame.attrs = {}  # pandas copies these with every selection
    seeds = tuple(int(seed) for seed in frame["seed"].unique())
    ids = frame["id"].to_numpy()
    per_seed = len(ids) // len(seeds)
    table = ids.reshape(len(seeds), per_seed) if len(ids) == per_seed * len(seeds) else ids[None, :0]
    if not table.size or (table != table[0]).any() or len(set(table[0])) != per_seed:
        where = "{system}, {decoding} on {test}".format(**frame.iloc[0])
        raise BadInput(f"{where}: seeds were not tested on the same examples; run them again with --force")
    return Examples(frame, seeds, table[0])
