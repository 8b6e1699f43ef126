"""How summaries are scored: ROUGE, what they copy, likelihood of the references, where attention lies."""

from __future__ import annotations

from attnbench.scoring import copying, likelihood, pointing, rouge

_WRITTEN = "words:normalised|end:not-counted"
_LIKELIHOOD = "nats|end:counted|unk:word"
_LINKED = "target-words:linked|decoding:forced"
_COPIED = "target-words:known,in-source|decoding:forced"
_REACHES = {"": "", "-near": f"|within:{copying.NEAR}"}

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
        *(
            pointing.pointing(f"pointing{near}{chance}", f"{weights}|{_LINKED}{reach}")
            for near, reach in _REACHES.items()
            for chance, weights in (("", "largest-weight"), ("-chance", "weights:uniform"))
        ),
        *(
            copying.weight(f"copied{near}{chance}", f"weights:{weights}|{_COPIED}{reach}")
            for near, reach in _REACHES.items()
            for chance, weights in (("", "attention"), ("-chance", "uniform"))
        ),
    )
}
"""In the order of the tables."""
