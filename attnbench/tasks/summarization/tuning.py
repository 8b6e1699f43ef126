"""The weights of ABS+'s extractive features, chosen on the validation set: Rush et al. (2015), section 5.

The paper tunes them by Z-MERT (Zaidan 2009), which scores n-best lists anew. Here every choice of weights is
searched with, and its summaries are scored: slower, exact, and quick enough for four weights.

The score is what the paper's headline table reports, the recall of ROUGE-1, ROUGE-2 and ROUGE-L at 75 bytes
(the protocol of DUC), their mean. The configuration that was released with the paper tunes BLEU-4 instead,
so its weights are not the best for the score that is reported.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from attnbench.scoring import rouge
from attnbench.tasks.engine import Tuning, Use
from attnbench.tasks.summarization.scorers import Abstractive
from attnbench.tasks.summarization.testing import summaries

EXAMPLES = 200
"""Validation examples that are searched, at most."""
DECODINGS = 48
"""Choices of weights that are tried, at most."""
STEPS = (4.0, 2.0, 1.0, 0.5)
"""By how much a weight is changed, in nats: the released ones are about 5, 1, -13 and -1/2."""
SCORES = ("rouge-1-75", "rouge-2-75", "rouge-l-75")

Weights = tuple[float, ...]
NONE: Weights = (1.0, 0.0, 0.0, 0.0, 0.0)
"""No feature: of log-probability, unigram, bigram, trigram and reordering."""
REORDERING = 4


def tune(tuning: Tuning) -> None:
    """Choose the weights in the buffer ``extraction`` (5,) of the model, by the search that the run uses."""
    valid, extraction = tuning.corpus.valid.sample(EXAMPLES), tuning.model.extraction
    settings, device = tuning.settings.decoding, tuning.device
    use = Use(tuning.model, tuning.corpus, valid, settings, Abstractive, False, device, lambda _: None)
    references = valid["references"]

    def score(weights: Weights) -> float:
        extraction.copy_(extraction.new_tensor(weights))
        return recall([" ".join(words) for words in summaries(use)], references)

    extraction.copy_(extraction.new_tensor(climbed(score)))


def recall(outputs: list[str], references: list[list[str]]) -> float:
    """Return the mean of the three recalls, over the examples whose references can be read (0 to 1)."""
    columns = rouge.statistics(outputs, references)
    sums, counts = (
        sum(np.nansum(columns[f"{name}/{one}"]) for name in SCORES) for one in ("sum", "summaries")
    )
    return float(sums / max(counts, 1))


def climbed(score: Callable[[Weights], float]) -> Weights:
    """Return the best weights that coordinate ascent finds from ``NONE``.

    With each step, longest first, every weight but the log-probability's is moved up for as long as the score
    rises, or else down. Of equal scores the weights of the smaller sum are better, so what makes no
    difference stays 0. As in the released code, reordering is never rewarded.
    """
    tried = {NONE: score(NONE)}

    def worth(weights: Weights) -> tuple[float, float]:
        if weights not in tried:
            tried[weights] = score(weights) if len(tried) < DECODINGS else -math.inf
        return tried[weights], -sum(map(abs, weights))

    best = NONE
    for step in STEPS:
        for place in range(1, len(NONE)):
            up = _along(best, place, step, worth)
            best = up if up != best else _along(best, place, -step, worth)
    return best


def _along(
    best: Weights, place: int, step: float, worth: Callable[[Weights], tuple[float, float]]
) -> Weights:
    """Return the last weights on the way from ``best``, one weight changed by ``step`` again and again, that
    are worth more than those before."""
    while worth(other := _moved(best, place, step)) > worth(best):
        best = other
    return best


def _moved(weights: Weights, place: int, step: float) -> Weights:
    changed = list(weights)
    changed[place] += step
    changed[REORDERING] = min(changed[REORDERING], 0.0)
    return tuple(changed)
