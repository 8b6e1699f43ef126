"""What a score is: a function of summed per-example statistics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
    signature: str | Callable[[Any], str] = ""
    """How it is computed: variant, tokeniser, references; or a function of the ``data`` settings to it."""
    right_or_wrong: bool = False
    """Whether every example is one question: its first statistic is 1 or 0, its second 1."""

    def signed(self, settings: Any) -> str:
        """Return its signature under the ``data`` settings."""
        return self.signature if isinstance(self.signature, str) else self.signature(settings)


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Return the quotient; NaN where there is nothing to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator > 0, numerator / denominator, np.nan)


def share(
    name: str,
    part: str,
    whole: str,
    signature: str | Callable[[Any], str],
    *,
    unit: str = "share",
    scale: float = 1.0,
    higher_is_better: bool = True,
) -> Metric:
    """Return the metric ``NAME/PART`` over ``NAME/WHOLE``, times ``scale``."""

    def value(statistics: np.ndarray) -> np.ndarray:
        return scale * ratio(statistics[..., 0], statistics[..., 1])

    return Metric(name, (f"{name}/{part}", f"{name}/{whole}"), value, unit, higher_is_better, signature)
