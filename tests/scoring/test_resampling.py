"""The bootstrap against slow loops over repeated sentences and against theory."""

import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import sacrebleu

from attnbench.scoring import Estimate, Examples, Metric, bleu, resample
from attnbench.scoring.bootstrap import Population, interval, intervals, resampled
from attnbench.tasks.translation.measures import METRICS


def estimate(
    statistics: np.ndarray, metric: Metric, seeds: tuple[int, ...], chosen: np.ndarray | None = None
) -> Estimate:
    """Score ``(s, n, k)`` statistics as records hold them."""
    rows = statistics.reshape(-1, statistics.shape[-1])
    columns = dict(zip(metric.columns, rows.T, strict=True))
    found = Examples(seeds, np.arange(statistics.shape[1]), columns).estimate(metric, chosen)
    assert found is not None
    return found


MEAN = Metric("mean", ("mean/sum", "mean/count"), lambda s: s[..., 0] / s[..., 1], "", True)


def numbers(values: np.ndarray) -> np.ndarray:
    """``(s, n)`` numbers as statistics of their mean."""
    return np.stack([values, np.ones_like(values)], axis=-1)


def test_weights_are_n_draws_of_n_and_fixed() -> None:
    weights = resample(50)
    assert weights.shape == (1000, 50)
    assert (weights.sum(axis=1) == 50).all()
    assert weights.var() == pytest.approx(1 - 1 / 50, rel=0.02)  # binomial(n, 1/n)
    resample.cache_clear()
    assert np.array_equal(weights, resample(50))
    with pytest.raises(ValueError, match="read-only"):
        weights[0, 0] = 1


def test_a_replicate_is_sacrebleu_of_the_repeated_sentences() -> None:
    rng = np.random.default_rng(3)
    references = [" ".join(rng.choice(list("abcd"), size=8)) for _ in range(12)]
    hypotheses = [" ".join(rng.choice(list("abcd"), size=7)) for _ in range(12)]
    chosen = np.arange(12) % 3 > 0
    score = estimate(
        bleu.statistics(hypotheses, [[one] for one in references], "none")[None],
        METRICS["bleu"],
        (0,),
        chosen,
    )
    for row, weights in enumerate(Population(np.arange(12)).weights(np.arange(12)).T[:5]):
        drawn = [i for i in range(12) if chosen[i] for _ in range(int(weights[i]))]
        theirs = sacrebleu.corpus_bleu(
            [hypotheses[i] for i in drawn], [[references[i] for i in drawn]], tokenize="none", force=True
        )
        assert score.replicates[row, 0] == pytest.approx(theirs.score, rel=1e-12)
    assert score.n == 8


def draws(n: int, resamples: int) -> np.ndarray:
    """Draw as the papers' tables have always drawn: one resample after the other from one generator."""
    rng = np.random.default_rng(0)
    return np.array([np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(resamples)])


@pytest.mark.parametrize("n", [7, 300])
def test_the_draws_do_not_depend_on_how_many_are_made_at_a_time(n: int) -> None:
    assert np.array_equal(resample(n), draws(n, 1000))
    assert np.array_equal(resample(n, 65), draws(n, 65))


def test_sums_are_weights_times_statistics_in_every_set_however_they_are_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(2)
    statistics, sets = rng.normal(size=(53, 3)), [rng.random(53) < share for share in (0.5, 0.9, 0)]
    monkeypatch.setattr("attnbench.scoring.bootstrap._EXAMPLES", 10)
    for chosen, sums in zip(sets, resampled(statistics, sets, resample(53).T), strict=True):
        np.testing.assert_allclose(sums, draws(53, 1000) @ (statistics * chosen[:, None]), atol=1e-12)


def test_intervals_are_those_of_each_column() -> None:
    columns = np.random.default_rng(0).normal(size=(1000, 5))
    columns[:10, 1], columns[:, 2], columns[3, 4] = np.nan, np.nan, np.inf
    found = intervals(columns)
    assert np.isnan(found[2]).all()
    for place in (0, 1, 3, 4):
        finite = columns[np.isfinite(columns[:, place]), place]
        assert found[place] == pytest.approx(np.percentile(finite, [2.5, 97.5]), rel=1e-12)


def test_no_array_grows_with_resamples_times_examples_beyond_a_byte_each() -> None:
    """The whole product needs 8 bytes a weight; a set of 20,000 would take 160 MB."""
    statistics = np.ones((20_000, 2))
    resample.cache_clear()
    tracemalloc.start()
    (sums,) = resampled(statistics, [np.ones(20_000, dtype=bool)], resample(20_000).T)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (sums == 20_000).all()
    assert peak < 20_000 * 1000 + 30e6


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to read the peak from")
def test_a_hundred_thousand_examples_stay_under_a_gibibyte() -> None:
    """By the process' own peak: ``ru_maxrss`` is handed down from the process that started it."""
    script = """
import numpy as np
from attnbench.scoring import Examples, Metric
n, k = 100_000, 10
metric = Metric("m", tuple(map(str, range(k))), lambda s: s[..., 0] / s[..., 1], "", True)
columns = {name: np.random.default_rng(int(name)).random(n) for name in metric.columns}
found = Examples((0,), np.arange(n), columns).estimate(metric)
low, high = found.interval
assert low < found.value < high
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < 2**20, "KiB"


def test_interval_of_a_mean_is_the_normal_one() -> None:
    values = np.random.default_rng(0).normal(5, 2, size=(1, 400))
    low, high = estimate(numbers(values), MEAN, (0,)).interval
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - half, abs=0.15 * half)
    assert high == pytest.approx(values.mean() + half, abs=0.15 * half)


def test_percentiles_leave_out_what_is_not_defined() -> None:
    assert interval(np.array([np.nan, *np.arange(101.0)])) == pytest.approx((2.5, 97.5))
    assert np.isnan(interval(np.array([np.nan]))).all()


def test_differences_are_paired() -> None:
    first = np.random.default_rng(0).normal(0, 10, size=(1, 200))
    left, right = (estimate(numbers(v), MEAN, (0,)) for v in (first + 1, first))
    assert np.ptp(left.replicates) > 3
    assert (left - right).interval == pytest.approx((1, 1))


def test_a_part_of_a_set_shares_its_draws_and_another_set_has_its_own() -> None:
    whole, other = Population(np.arange(50)), Population(np.arange(50, 100))
    places = np.array([3, 17, 40])
    assert np.array_equal(whole.weights(places), whole.weights(np.arange(50))[places])
    assert np.array_equal(whole.weights(np.arange(50)), Population(np.arange(50)).weights(np.arange(50)))
    drawn = [one.weights(np.arange(50)).astype(float).ravel() for one in (whole, other)]
    assert abs(np.corrcoef(*drawn)[0, 1]) < 0.02


def test_the_value_over_seeds_is_the_mean_of_the_seeds_values() -> None:
    statistics = np.array([[[1.0, 1], [0, 3]], [[9, 1], [0, 1]]])  # means 1/4 and 9/2, pooled 10/6
    score = estimate(statistics, MEAN, (0, 1))
    assert score.values.tolist() == [0.25, 4.5]
    assert score.value == 2.375
