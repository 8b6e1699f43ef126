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
_INSIDE = "inside:covered-by-a-quarter-or-most"
_CENTRED = "gaussian-at-the-middle,deviation:quarter-of-side"
_POINTING = {
    "": "largest-weight",
    "-chance": "largest-weight|weights:uniform",
    "-centre": f"largest-weight|weights:{_CENTRED}",
    "-shuffled": "largest-weight|weights:other-words-of-the-caption",
}
_MASS = {
    "": "weights:attention",
    "-uniform": "weights:uniform",
    "-centre": f"weights:{_CENTRED}",
    "-shuffled": "weights:other-words-of-the-caption",
}


def _attended() -> list[Metric]:
    """Return what is measured of the attention with which references are read."""
    linked, words = f"{_INSIDE}|words:linked|{_FORCED}", f"end:not-counted|{_FORCED}"
    return [
        *(share(f"pointing{name}", "sum", "words", f"{how}|{linked}") for name, how in _POINTING.items()),
        *(share(f"mass{name}", "sum", "words", f"{how}|{linked}") for name, how in _MASS.items()),
        share("entropy", "sum", "words", f"nats|{words}", unit="nats a word", higher_is_better=False),
        share("time-variance", "sum", "captions", f"over:words|summed:cells|{words}", unit="variance"),
        share(
            "coverage-variance", "sum", "captions", f"over:cells|of:sum-over-words|end:counted|{_FORCED}",
            unit="variance", higher_is_better=False,
        ),
        share("gate-objects", "sum", "words", f"words:linked,content-where-no-links|{_FORCED}", unit="gate"),
        share("gate-function", "sum", "words", f"words:function|{_FORCED}", unit="gate"),
    ]  # fmt: skip


def _marginal() -> list[Metric]:
    """Return how far predictions are from their mean over cells: soft attention's, and those of cells alone."""
    how = "end:counted|captions:first-of-a-picture"
    named = {"kl": "nats|of:mean-over-cells|from:soft", "kl-places": "nats|of:each-cell|from:mean-over-cells"}
    return [
        share(name, "sum", "words", f"{signature}|{how}", unit="nats a word", higher_is_better=False)
        for name, signature in named.items()
    ]


def _gradients() -> list[Metric]:
    """Return how much each estimate of the gradient varies from draw to draw."""
    how = "trace-of-covariance|over:draws|weights:attention|captions:first-of-a-picture"
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
        *_marginal(),
        *_gradients(),
    )
}  # fmt: skip
"""In the order of the tables."""
