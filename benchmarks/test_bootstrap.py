"""The bootstrap of a 10,000-sentence test set, beside the textbook's loop over resamples.

The limit is 2 seconds in one thread, taken here as CPU seconds over all threads, for two systems, all
length bins and their paired differences, R = 1000. The textbook version scores resamples of one system's
whole test set only, and only a few of them; its time is scaled up to the same R. It does no bins and no
differences, so the ratio understates.
"""

import time

import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture
from sacrebleu.metrics.bleu import BLEU

from attnbench.scoring import Estimate, Examples, resample
from attnbench.scoring.bootstrap import RESAMPLES
from attnbench.tasks.translation.measures import METRICS

SENTENCES = 10_000
TEXTBOOK_RESAMPLES = 10
LIMIT_SECONDS = 2.0


def statistics(quality: float) -> tuple[np.ndarray, np.ndarray]:
    """Made-up BLEU statistics ``(n, 10)`` and source lengths ``(n,)`` of 1 to 70 words."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 71, size=SENTENCES)
    totals = np.maximum(lengths[:, None] - np.arange(4), 0)
    return np.column_stack([lengths, lengths, rng.binomial(totals, quality), totals]).astype(float), lengths


def ours(systems: list[np.ndarray], lengths: np.ndarray) -> list[Estimate]:
    """All bins and the whole set: two scores and their difference each."""
    resample.cache_clear()
    sets = [lengths > 0, *((lengths >= low) & (lengths < low + 10) for low in range(1, 71, 10))]
    metric, ids = METRICS["bleu"], np.arange(len(lengths))
    columns = [dict(zip(metric.columns, rows.T, strict=True)) for rows in systems]
    scored = [Examples((0,), ids, one).estimates([metric], sets)[metric.name] for one in columns]
    return [one for left, right in zip(*scored, strict=True) for one in (left, right, left - right)]


def textbook(rows: list[list[int]], resamples: int) -> list[float]:
    """Draw sentences, add up their statistics, score: one resample after the other."""
    rng, scorer = np.random.default_rng(0), BLEU(tokenize="none")
    scores = []
    for _ in range(resamples):
        drawn = [rows[i] for i in rng.integers(len(rows), size=len(rows))]
        scores.append(scorer._aggregate_and_compute(drawn).score)
    return scores


def test_bootstrap_of_two_systems_in_all_bins(benchmark: BenchmarkFixture) -> None:
    (first, lengths), (second, _) = statistics(0.5), statistics(0.48)
    start = time.process_time()
    ours([first, second], lengths)
    cpu_seconds = time.process_time() - start
    results = benchmark.pedantic(ours, args=([first, second], lengths), rounds=3)
    rows = first.astype(int).tolist()
    start = time.perf_counter()
    loop = textbook(rows, TEXTBOOK_RESAMPLES)
    textbook_seconds = (time.perf_counter() - start) * RESAMPLES / TEXTBOOK_RESAMPLES
    benchmark.extra_info |= {
        "textbook_seconds_scaled_for_one_system_without_bins": round(textbook_seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "textbook_resamples": TEXTBOOK_RESAMPLES,
        "ratio": round(textbook_seconds / benchmark.stats.stats.median, 1),
    }
    assert results[0].interval[0] < np.mean(loop) < results[0].interval[1]
    assert cpu_seconds < LIMIT_SECONDS
