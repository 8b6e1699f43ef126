"""Fair timing on machines that are not quiet: CPU seconds, taken in turns, compared by their medians."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np


def in_turns(
    calls: Mapping[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, np.ndarray]:
    """Return the seconds (rounds,) of each call by the clock, after one round to warm up.

    A round makes every call once, so that what disturbs the machine disturbs all alike.
    """
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            began = clock()
            call()
            if turn:
                seconds[name].append(clock() - began)
    return {name: np.array(values) for name, values in seconds.items()}


def ratio(seconds: Mapping[str, np.ndarray], slow: str, fast: str) -> str:
    """Return the median over rounds of how many times as long ``slow`` took, with its quartiles."""
    low, middle, high = np.percentile(seconds[slow] / seconds[fast], [25, 50, 75])
    return f"{middle:.2f} [{low:.2f}, {high:.2f}]"
