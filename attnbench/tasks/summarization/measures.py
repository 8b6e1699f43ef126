"""How summaries are scored: ROUGE, what they copy, likelihood of the references, where attention lies."""

from __future__ import annotations

from attnbench.scoring import copying, likelihood, pointing, rouge

_WRITTEN = "words:normalised|end:not-counted"
_LIKELIHOOD = "nats|end:counted|unk:word"
_LINKED = "target-words:linked|decoding:forced"
_COPIED = "target-words:known,in-source|decoding:forced"

METRICS = {
    metric.name: metric
    for metric in (
        *rouge.metrics(),
        copying.extractive(_WRITTEN),
        *(copying.novel(order, _WRITTEN) for order in copying.ORDERS),
        copying.words(_WRITTEN),
        likelihood.nll(_LIKELIHOOD),
        likelihood.nats(_LIKELIHOOD),
        likelihood.perplexity(_LIKELIHOOD),
        likelihood.perplexity_known("nats|end:counted|unk:left-out"),
        pointing.pointing("pointing", f"largest-weight|{_LINKED}"),
        pointing.pointing("pointing-chance", f"weights:uniform|{_LINKED}"),
        copying.weight("copied", f"weights:attention|{_COPIED}"),
        copying.weight("copied-chance", f"weights:uniform|{_COPIED}"),
    )
}
"""In the order of the tables."""
