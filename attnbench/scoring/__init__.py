"""Scores as functions of per-example statistics, and how sure one can be of them.

To add a metric: write a module that makes its statistics and turns their sum into a value, and name it
in ``METRICS``. Tables, curves, intervals and claims need nothing else.
"""

from __future__ import annotations

from attnbench.scoring import accuracy, alignment, bleu, likelihood, pointing
from attnbench.scoring.bootstrap import Estimate, resample
from attnbench.scoring.examples import Examples, examples
from attnbench.scoring.metric import Metric

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        bleu.metric("bleu"),
        bleu.metric("bleu-13a"),
        likelihood.NLL,
        likelihood.PERPLEXITY,
        alignment.metric("aer"),
        alignment.metric("aer-diagonal"),
        alignment.metric("aer-shuffled"),
        alignment.metric("aer-uniform"),
        alignment.mass("diagonal-mass"),
        alignment.mass("diagonal-mass-uniform"),
        accuracy.metric("accuracy"),
        *(accuracy.metric(f"accuracy-{label}") for label in ("entailment", "neutral", "contradiction")),
        pointing.pointing("pointing"),
        pointing.pointing("pointing-chance"),
        pointing.pointing("copied"),
        pointing.pointing("copied-chance"),
        pointing.entropy("entropy"),
        *(
            pointing.mass(f"function-mass-{group}{control}")
            for group in ("related", "unrelated")
            for control in ("", "-uniform")
        ),
    )
}
"""All metrics, in the order of the tables."""

__all__ = ["METRICS", "Estimate", "Examples", "Metric", "examples", "resample"]
