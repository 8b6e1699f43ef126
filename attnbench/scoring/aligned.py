"""Whether attention looks where each label was said, when the labels of an utterance are read.

A label is aligned if nearly all weight of its step lies within its span, widened a little on either side
(Chorowski et al. 2015, on long utterances). The last frame is the end of the input, and in no span.

    t labels   s frames, the end of the input included
"""

from __future__ import annotations

import numpy as np

from attnbench.scoring.metric import Metric, share

SHARE = 0.9
"""Of a step's weight that must lie within the widened span."""
MARGIN = 0.2
"""Seconds by which a span is widened on either side: the paper's 20 frames."""
_ROUNDING = 1e-6
"""What a sum of weights in single precision may lack."""


def aligned(name: str, signature: str) -> Metric:
    """Return the share of labels that are aligned: ``NAME/aligned``, ``NAME/labels``."""
    return share(name, "aligned", "labels", signature)


def mean(name: str, signature: str) -> Metric:
    """Return the mean number of such labels an utterance: ``NAME/labels``, ``NAME/utterances``."""
    return share(name, "labels", "utterances", signature, unit="labels")


def pointing(name: str, signature: str) -> Metric:
    """Return the share of labels whose largest weight lies in their span: ``NAME/hits``, ``NAME/labels``."""
    return share(name, "hits", "labels", signature)


def entropy(signature: str) -> Metric:
    """Return the mean entropy of a step's weights: ``entropy/nats``, ``entropy/steps``."""
    return share("entropy", "nats", "steps", signature, unit="nats a step", higher_is_better=False)


def statistics(weights: np.ndarray, spans: np.ndarray, frame_shift: float) -> dict[str, float]:
    """Return the columns of all metrics above but the entropy, of one utterance.

    Chance spreads each step's weight evenly over all frames, the end of the input included.

    Args:
        weights: (t, s), the weights with which each label is read.
        spans: (t, 2), the first frame of each label, and the one after its last.
        frame_shift: milliseconds from one frame to the next.
    """
    labels, frames = weights.shape
    spans = np.clip(spans, 0, frames - 1)
    margin = round(1000 * MARGIN / frame_shift)
    wide = np.clip(spans + np.array([-margin, margin]), 0, frames - 1)
    found = _enough(_within(weights, wide))
    by_chance = _enough((wide[:, 1] - wide[:, 0]) / frames)
    strongest = weights.argmax(axis=1)
    hits = (spans[:, 0] <= strongest) & (strongest < spans[:, 1])
    return {
        "aligned/aligned": float(found.sum()),
        "aligned/labels": float(labels),
        "aligned-uniform/aligned": float(by_chance.sum()),
        "aligned-uniform/labels": float(labels),
        "aligned-count/labels": float(found.sum()),
        "aligned-count/utterances": 1.0,
        "prefix/labels": float(np.logical_and.accumulate(found).sum()),
        "prefix/utterances": 1.0,
        "pointing/hits": float(hits.sum()),
        "pointing/labels": float(labels),
        "pointing-chance/hits": float((spans[:, 1] - spans[:, 0]).sum() / frames),
        "pointing-chance/labels": float(labels),
    }


def spread(weights: np.ndarray) -> dict[str, float]:
    """Return the columns of ``entropy`` of the weights (t, s) of one utterance."""
    positive = weights[weights > 0].astype(np.float64)
    return {
        "entropy/nats": float(-(positive * np.log(positive)).sum()),
        "entropy/steps": float(len(weights)),
    }


def _within(weights: np.ndarray, spans: np.ndarray) -> np.ndarray:
    """Return how much of each step's weight (t, s) lies in its span (t, 2): (t,)."""
    before = np.zeros((len(weights), weights.shape[1] + 1))
    np.cumsum(weights, axis=1, dtype=np.float64, out=before[:, 1:])
    edges = np.take_along_axis(before, spans, axis=1)
    return np.asarray(edges[:, 1] - edges[:, 0])


def _enough(weight: np.ndarray) -> np.ndarray:
    return np.asarray(weight >= SHARE - _ROUNDING)
