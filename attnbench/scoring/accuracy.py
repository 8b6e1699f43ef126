"""Accuracy of classification, over all examples and over those of each label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from attnbench.scoring.metric import Metric, share

UNIT = "accuracy (%)"


def metric(name: str, signature: str | Callable[[Any], str]) -> Metric:
    """Return the accuracy in percent whose statistics, 0 or 1 an example, are in ``NAME/...``."""
    return replace(share(name, "correct", "pairs", signature, unit=UNIT, scale=100.0), right_or_wrong=True)


def statistics(labels: np.ndarray, answers: np.ndarray, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the columns of ``accuracy`` and, for each label, of ``accuracy-LABEL``.

    ``labels`` and ``answers`` are ``(n,)`` places in ``names``. Examples of another label are not a number,
    so that they count nowhere.
    """
    correct = (labels == answers).astype(float)
    columns = {"accuracy/correct": correct, "accuracy/pairs": np.ones(len(labels))}
    for place, name in enumerate(names):
        of_label = labels == place
        columns[f"accuracy-{name}/correct"] = np.where(of_label, correct, np.nan)
        columns[f"accuracy-{name}/pairs"] = np.where(of_label, 1.0, np.nan)
    return columns
