"""How captions are scored: BLEU, CIDEr-D, variety, likelihood, and where the attention lies.

METEOR (Denkowski and Lavie 2014), which Xu et al. (2015) report beside BLEU, is left out: its program needs
Java, and what stands for it elsewhere needs WordNet, which is downloaded.
"""

from __future__ import annotations

from attnbench.scoring import bleu, cider, diversity, likelihood
from attnbench.scoring.metric import Metric, share

WORDS = "words:lower-case,punctuation-apart"
"""What the captions that are compared are made of, on either side."""

VARIANCES = ("plain", "baseline", "entropy", "mixing", "all")
"""What the gradient of attention that is drawn is estimated with, beside the draw."""

_WRITTEN = f"{WORDS}|end:not-counted"
_LIKELIHOOD = "nats|end:counted"
_FORCED = "decoding:forced"
_COVERED = "cell:covered-by-a-quarter"
_POINTING = {
    "": f"largest-weight|{_COVERED}-or-most",
    "-chance": f"weights:uniform|{_COVERED}-or-most",
    "-centre": f"largest-weight:middle-cells|{_COVERED}-or-most",
    "-shuffled": f"largest-weight:other-steps|{_COVERED}-or-most",
}
_MASS = {
    "": f"weights:attention|{_COVERED}",
    "-uniform": f"weights:uniform|{_COVERED}",
    "-centre": f"weights:gaussian-at-the-middle|deviation:quarter-of-side|{_COVERED}",
    "-shuffled": f"weights:other-steps|{_COVERED}",
}


def _attended() -> list[Metric]:
    """Return what is measured of the attention with which references are read."""
    linked, words = f"words:linked|{_FORCED}", f"words:all|end:not-counted|{_FORCED}"
    return [
        *(share(f"pointing{name}", "sum", "words", f"{how}|{linked}") for name, how in _POINTING.items()),
        *(share(f"mass{name}", "sum", "words", f"{how}|{linked}") for name, how in _MASS.items()),
        share("entropy", "sum", "words", f"nats|{words}", unit="nats a word", higher_is_better=False),
        share("time-variance", "sum", "captions", f"over:steps|summed:cells|{words}", unit="variance"),
        share(
            "coverage-variance", "sum", "captions", f"over:cells|of:sum-over-steps|{words}",
            unit="variance", higher_is_better=False,
        ),
        share("gate-objects", "sum", "words", f"words:linked,or-content-without-links|{_FORCED}"),
        share("gate-function", "sum", "words", f"words:function|{_FORCED}"),
    ]  # fmt: skip


def _gradients() -> list[Metric]:
    """Return how much each estimate of the gradient varies from draw to draw."""
    how = "trace-of-covariance|weights:attention|over:draws"
    return [
        share(
            f"variance-{name}", "sum", "pictures", f"{how}|estimate:{name}",
            unit="variance", higher_is_better=False,
        )
        for name in VARIANCES
    ]  # fmt: skip


METRICS = {
    metric.name: metric
    for metric in (
        *bleu.metrics("bleu", "none", WORDS),
        cider.metric("cider", WORDS),
        diversity.length(_WRITTEN),
        *(diversity.distinct(order, f"{_WRITTEN}|types:of-the-test-set") for order in diversity.ORDERS),
        diversity.novel(f"{_WRITTEN}|against:training-captions|unk:alike"),
        likelihood.nll(_LIKELIHOOD),
        likelihood.perplexity(_LIKELIHOOD),
        *_attended(),
        share("kl", "sum", "words", "nats|of:mean-over-cells,from:soft|end:counted", unit="nats a word",
              higher_is_better=False),
        *_gradients(),
    )
}  # fmt: skip
"""In the order of the tables."""
