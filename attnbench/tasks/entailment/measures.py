"""How labels are scored: accuracy, likelihood, and where the attention lies."""

from __future__ import annotations

from pathlib import Path

from attnbench.corpora.entailment.labels import LABELS
from attnbench.scoring import Metric, accuracy, likelihood, pointing
from attnbench.scoring.function_words import GROUPS
from attnbench.tasks.entailment.settings import EntailmentData

_POINTS = {"pointing": "linked", "reworded": "linked-to-other-words", "copied": "in-premise"}
"""Which words of the hypothesis are looked at."""


def _signature(settings: EntailmentData) -> str:
    vectors = Path(settings.vectors).name if settings.vectors else "learned"
    return f"labels:{len(LABELS)}|tok:{settings.tokenizer}|case:lower|vectors:{vectors}"


def _of(label: str) -> Metric:
    """Return the accuracy over the pairs with this label."""
    return accuracy.metric(f"accuracy-{label}", lambda settings: f"{_signature(settings)}|gold:{label}")


METRICS = {
    metric.name: metric
    for metric in (
        likelihood.nll("nats|labels"),
        likelihood.perplexity("nats|labels"),
        accuracy.metric("accuracy", _signature),
        *(_of(label) for label in LABELS),
        *(
            pointing.pointing(f"{name}{chance}", f"{weights}|hypothesis-words:{words}")
            for name, words in _POINTS.items()
            for chance, weights in (("", "largest-weight"), ("-chance", "weights:uniform"))
        ),
        pointing.entropy("entropy", "over:log-premise-length"),
        *(
            pointing.mass(f"function-mass-{group}{control}", f"pairs:{group}|weights:{weights}")
            for group in GROUPS
            for control, weights in (("", "attention"), ("-uniform", "uniform"))
        ),
    )
}
"""In the order of the tables."""
