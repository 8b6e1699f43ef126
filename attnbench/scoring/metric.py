"""What a score is: a function of summed per-example statistics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Metric:
    """A corpus score that any subset and any resample of the examples can be given.

    Metrics may share columns: a likelihood per sentence and a perplexity have the same statistics.
    """

    name: str
    columns: tuple[str, ...]
    """The columns of the records that hold its statistics, such as ``bleu/match_1``."""
    value: Callable[[np.ndarray], np.ndarray]
    """Summed statistics ``(..., len(columns))`` to scores ``(...)``; NaN where there is nothing to score."""
    unit: str
    higher_is_better: bool
