"""How recognition is scored: label errors, likelihood of the references, and where the attention lies."""

from __future__ import annotations

from typing import Any

from attnbench.scoring import aligned, edits, likelihood

_LIKELIHOOD = "nats|end:counted"
_SPANS = f"weight:{aligned.SHARE:.0%}|span:widened-{aligned.MARGIN}s|decoding:forced"
_LARGEST = "largest-weight|span:true|decoding:forced"


def _per(settings: Any) -> str:
    """Return what is compared under the ``data`` settings: folded phones, or words as they are."""
    if settings.labels == "words":
        return "edits:jiwer|labels:words"
    return "edits:jiwer|labels:phones|fold:39|q:removed|sil:not-merged"


METRICS = {
    metric.name: metric
    for metric in (
        edits.metric("per", "labels", _per),
        edits.metric("wer", "words", "edits:jiwer|labels:words"),
        likelihood.nll(_LIKELIHOOD),
        likelihood.perplexity(_LIKELIHOOD),
        aligned.aligned("aligned", _SPANS),
        aligned.aligned("aligned-uniform", f"{_SPANS}|weights:uniform"),
        aligned.mean("aligned-count", _SPANS),
        aligned.mean("prefix", f"{_SPANS}|until:first-not-aligned"),
        aligned.pointing("pointing", _LARGEST),
        aligned.pointing("pointing-chance", f"{_LARGEST}|weights:uniform"),
        aligned.entropy("decoding:forced|end:not-counted"),
    )
}
"""In the order of the tables."""
