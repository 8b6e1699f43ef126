"""How captions are scored."""

from __future__ import annotations

from attnbench.scoring import likelihood

_LIKELIHOOD = "nats|end:counted"

METRICS = {
    metric.name: metric for metric in (likelihood.nll(_LIKELIHOOD), likelihood.perplexity(_LIKELIHOOD))
}
"""In the order of the tables."""
