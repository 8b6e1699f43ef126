"""BLEU (Papineni et al. 2002) from sufficient statistics, equal to sacrebleu's on the whole set.

The statistics of an example are sacrebleu's own: words of the hypothesis and of the reference, then
matched and all n-grams of the hypothesis, n = 1 to 4. Smoothing is sacrebleu's default, ``exp``
(method 3 of Chen and Cherry 2014), and the effective order is off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from attnbench.scoring.metric import Metric

ORDERS = 4
STATISTICS = (
    "hypothesis_words",
    "reference_words",
    *(f"match_{n}" for n in range(1, ORDERS + 1)),
    *(f"total_{n}" for n in range(1, ORDERS + 1)),
)


def statistics(hypotheses: Sequence[str], references: Sequence[Sequence[str]], tokenize: str) -> np.ndarray:
    """Return sacrebleu's statistics of each example, ``(n, 10)`` in the order of ``STATISTICS``.

    An example has one or more references, not all the same number; the reference's words are those of the
    one that is nearest in length. ``tokenize`` is sacrebleu's name of a tokeniser: ``none`` for text that is
    tokenised, or ``13a``. Even ``none`` cuts at every blank of Unicode: a word with a no-break space in it is
    two here, on either side, whatever it was in the corpus.
    """
    if len(hypotheses) != len(references):
        raise ValueError(f"{len(hypotheses)} hypotheses for the references of {len(references)} examples")
    scorer = _scorer(tokenize)
    rows = [_row(scorer.sentence_score(*both)) for both in zip(hypotheses, references, strict=True)]
    return np.array(rows, dtype=np.float64).reshape(-1, len(STATISTICS))


def _row(score: Any) -> list[int]:
    return [score.sys_len, score.ref_len, *score.counts, *score.totals]


def signature(tokenize: str, references: int = 1) -> str:
    """Return sacrebleu's signature: references an example, case, tokeniser, smoothing, version."""
    from sacrebleu.metrics.bleu import BLEU

    scorer = BLEU(tokenize=tokenize)
    scorer.corpus_score(["word"], [["word"]] * references)  # only then does it know how many there are
    return str(scorer.get_signature())


def value(statistics: np.ndarray) -> np.ndarray:
    """Return BLEU (0 to 100) of summed statistics ``(..., 10)``; NaN where no word is on either side."""
    statistics = np.asarray(statistics, dtype=np.float64)
    hypothesis, reference = statistics[..., 0], statistics[..., 1]
    matches, totals = statistics[..., 2 : 2 + ORDERS], statistics[..., 2 + ORDERS :]
    missed = matches == 0
    smoothed = 0.5 ** np.cumsum(missed, axis=-1)  # each order without a match halves what stands for one
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = 100 * np.where(missed, smoothed, matches) / totals
        brevity = np.exp(np.minimum(0.0, 1 - reference / hypothesis))
        score = brevity * np.exp(np.log(precision).sum(axis=-1) / ORDERS)
    nothing_matched = missed.all(axis=-1) | (totals == 0).any(axis=-1)
    score = np.where(nothing_matched, 0.0, score)
    return np.where(hypothesis + reference > 0, score, np.nan)


def metric(name: str, tokenize: str, references: int = 1) -> Metric:
    """Return the metric whose statistics are in the columns ``NAME/...``."""
    columns = tuple(f"{name}/{s}" for s in STATISTICS)
    return Metric(name, columns, value, "BLEU", True, lambda _: signature(tokenize, references))


def _scorer(tokenize: str) -> Any:
    """Return what gives a sentence's statistics; the effective order, off in ours, silences a warning."""
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(tokenize=tokenize, effective_order=True)
