"""How translations are scored: BLEU, likelihood of the references, and where the attention lies."""

from __future__ import annotations

from attnbench.scoring import alignment, bleu, likelihood

_LIKELIHOOD = "nats|end:counted|unk:word"
_LINKS = "links:argmax|end:no-link|decoding:forced"
_NEAR = f"width:{alignment.WIDTH}"

METRICS = {
    metric.name: metric
    for metric in (
        bleu.metric("bleu", "none"),
        bleu.metric("bleu-13a", "13a"),
        likelihood.nll(_LIKELIHOOD),
        likelihood.perplexity(_LIKELIHOOD),
        alignment.metric("aer", _LINKS),
        alignment.metric("aer-diagonal", "links:diagonal"),
        alignment.metric("aer-shuffled", f"{_LINKS}|rows:shuffled"),
        alignment.metric("aer-uniform", "links:uniform"),
        alignment.mass("diagonal-mass", f"{_NEAR}|decoding:forced"),
        alignment.mass("diagonal-mass-uniform", f"{_NEAR}|weights:uniform"),
    )
}
"""In the order of the tables."""
