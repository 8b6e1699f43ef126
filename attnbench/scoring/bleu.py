"""BLEU (Papineni et al. 2002) from sufficient statistics, equal to sacrebleu's on the whole set.

The statistics of an example are sacrebleu's own: words of the hypothesis and of the reference, then
matched and all n-grams of the hypothesis, n = 1 to 4. Smoothing is sacrebleu's default, ``exp``
(method 3 of Chen and Cherry 2014), and the effective order is off. Of a longer and a shorter reference that
are equally near in length the shorter counts, as sacrebleu has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
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


def signature(tokenize: str, references: int | None = 1) -> str:
    """Return sacrebleu's signature: references an example, case, tokeniser, smoothing, version.

    ``references`` is None where examples have several numbers of them.
    """
    from sacrebleu.metrics.bleu import BLEU

    scorer = BLEU(tokenize=tokenize)
    several: list[list[Any]] = [["word", "word"], ["word", None]]
    streams = several if references is None else several[:1] * references
    scorer.corpus_score(["word", "word"], streams)  # only then does it know how many there are
    return str(scorer.get_signature())


def value(statistics: np.ndarray, orders: int = ORDERS, brevity: bool = True) -> np.ndarray:
    """Return BLEU (0 to 100) of summed statistics ``(..., 10)``; NaN where no word is on either side.

    ``orders`` is the largest n whose n-grams count, each order as much; without ``brevity`` outputs may be
    short unpunished.
    """
    statistics = np.asarray(statistics, dtype=np.float64)
    hypothesis, reference = statistics[..., 0], statistics[..., 1]
    matches = statistics[..., 2 : 2 + orders]
    totals = statistics[..., 2 + ORDERS : 2 + ORDERS + orders]
    missed = matches == 0
    smoothed = 0.5 ** np.cumsum(missed, axis=-1)  # each order without a match halves what stands for one
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = 100 * np.where(missed, smoothed, matches) / totals
        penalty = np.exp(np.minimum(0.0, 1 - reference / hypothesis)) if brevity else 1.0
        score = penalty * np.exp(np.log(precision).sum(axis=-1) / orders)
    nothing_matched = missed.all(axis=-1) | (totals == 0).any(axis=-1)
    score = np.where(nothing_matched, 0.0, score)
    return np.where(hypothesis + reference > 0, score, np.nan)


def metric(name: str, tokenize: str, references: int = 1) -> Metric:
    """Return the metric whose statistics are in the columns ``NAME/...``."""
    return Metric(name, _columns(name), value, "BLEU", True, lambda _: signature(tokenize, references))


def metrics(name: str, tokenize: str, more: str) -> list[Metric]:
    """Return BLEU-1 to BLEU-4, ``NAME-1`` and so on, then the same with brevity penalty, ``NAME-1-bp``.

    All have the statistics in the columns ``NAME/...``, from examples with several numbers of references.
    ``more`` is what their signatures say of the words.
    """
    kinds = [(orders, brevity) for brevity in (False, True) for orders in range(1, ORDERS + 1)]
    return [_member(name, tokenize, more, *kind) for kind in kinds]


def _member(name: str, tokenize: str, more: str, orders: int, brevity: bool) -> Metric:
    """Return BLEU of n-grams up to ``orders``, with brevity penalty or without."""
    kind = f"orders:1-{orders}|bp:{'nearest,shorter-of-two' if brevity else 'no'}|{more}"
    return Metric(
        f"{name}-{orders}{'-bp' if brevity else ''}",
        _columns(name),
        partial(value, orders=orders, brevity=brevity),
        "BLEU",
        True,
        lambda _: f"{signature(tokenize, None)}|{kind}",
    )


def _columns(name: str) -> tuple[str, ...]:
    return tuple(f"{name}/{statistic}" for statistic in STATISTICS)


def _scorer(tokenize: str) -> Any:
    """Return what gives a sentence's statistics; the effective order, off in ours, silences a warning."""
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(tokenize=tokenize, effective_order=True)
