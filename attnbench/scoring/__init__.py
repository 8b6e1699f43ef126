"""Scores as functions of per-example statistics, and how sure one can be of them.

To add a metric: write a module that makes its statistics and turns their sum into a value, and name it among
its task's metrics. Tables, curves, intervals and claims need nothing else.
"""

from __future__ import annotations

from attnbench.scoring.bootstrap import resample
from attnbench.scoring.estimate import Estimate
from attnbench.scoring.examples import AllExamples, Examples
from attnbench.scoring.metric import Metric

__all__ = ["AllExamples", "Estimate", "Examples", "Metric", "resample"]
