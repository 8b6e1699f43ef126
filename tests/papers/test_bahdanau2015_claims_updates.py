"""How many updates attention saves, from learning curves: by hand, over seeds, and where it never does."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from judging_claims import Made, history, verdict
from translating_claims import World, records

from reproductions.bahdanau2015 import PAPER

Scores = Mapping[int, float]
FIXED: Scores = {250: 10.0, 500: 20.0, 750: 30.0, 1000: 29.0}
"""Its best is 30, after three quarters of its updates; it had 1000."""

MADE = records(World(), World(), World(), systems=["rnnencdec-50", "rnnsearch-50"])


def curves(fixed: Mapping[int, Scores], search: Mapping[int, Scores]) -> Made:
    """Return records with these validation scores, by seed and update."""
    runs = [
        {"system": system, "seed": seed, "history": history(one)}
        for system, scores in (("rnnencdec-50", fixed), ("rnnsearch-50", search))
        for seed, one in scores.items()
    ]
    return replace(MADE, runs=tuple(runs))


def judged(made: Made) -> pd.Series:
    return verdict(PAPER, "fewer-updates-suffice", made)


@pytest.mark.parametrize(
    ("scores", "effect", "seen", "latest"),
    [
        ({200: 5.0, 400: 30.0, 600: 50.0}, 60.0, 60.0, 80.0),  # as good is enough: at 400, not yet at 200
        ({200: 5.0, 400: 20.0, 600: 40.0}, 50.0, 40.0, 60.0),  # half-way between two evaluations
        ({200: 40.0, 400: 20.0, 600: 19.0}, 85.0, 80.0, 100.0),  # the first time counts; before it there is 0
        ({500: 5.0, 900: 29.0, 1000: 30.0}, 0.0, 0.0, 10.0),
        ({500: 5.0, 1000: 29.0, 1200: 30.0}, -20.0, -20.0, 0.0),  # later than the fixed vector ends
    ],
)
def test_one_training_by_hand(scores: Scores, effect: float, seen: float, latest: float) -> None:
    row = judged(curves({0: FIXED}, {0: scores}))
    assert row["effect"] == pytest.approx(effect)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((seen, latest))
    assert row["verdict"] == ("held once" if effect > 25 else "failed once")
    assert (row["seeds"], pd.isna(row["n"])) == (1, True)


def test_the_step_between_two_evaluations_may_hold_the_margin() -> None:
    row = judged(curves({0: FIXED}, {0: {700: 29.0, 800: 30.0}}))
    assert (row["effect"], row["ci_low"], row["ci_high"]) == pytest.approx((20.0, 20.0, 30.0))
    assert row["verdict"] == "undecided"


def at(update: int) -> Scores:
    return {update - 20: 29.9, update: 30.0, update + 300: 40.0}


@pytest.mark.parametrize(
    ("updates", "expected", "half"),
    [
        ((500, 510, 490), "reproduced", 4.3027 * 1 / 3**0.5),
        ((400, 300, 500), "reproduced", 4.3027 * 10 / 3**0.5),  # 60 - 24.84 is above the margin
        ((510, 410, 610), "undecided", 4.3027 * 10 / 3**0.5),  # 49 - 24.84 is not
        ((300, 500, 700), "undecided", 4.3027 * 20 / 3**0.5),
        ((900, 910, 890), "contradicted", 4.3027 * 1 / 3**0.5),
        ((500, 510), "reproduced", 12.7062 * 0.5**0.5 / 2**0.5),
        ((500, 600), "undecided", 12.7062 * 50**0.5 / 2**0.5),
    ],
)
def test_seeds_by_hand(updates: tuple[int, ...], expected: str, half: float) -> None:
    """By Student's t; what is saved deviates by 1, 10 or 20 points, with two seeds by 1 / √2 or 10 / √2."""
    seeds = {seed: at(update) for seed, update in enumerate(updates)}
    row = judged(curves(dict.fromkeys(seeds, FIXED), seeds))
    saved = 100 - sum(updates) / len(updates) / 10
    assert (row["verdict"], row["effect"]) == (expected, pytest.approx(saved)), row["reason"]
    assert row["ci_low"] == pytest.approx(saved - half, abs=1e-3)
    assert row["ci_high"] == pytest.approx(saved + (half**2 + 2**2) ** 0.5, abs=1e-3)


def test_each_seed_has_its_own_goal_and_budget() -> None:
    longer = {500: 10.0, 2000: 60.0}
    search = {100: 29.0, 400: 30.0, 1200: 60.0}
    row = judged(curves({0: FIXED, 1: longer}, {0: search, 1: search}))
    assert "2 seeds: +60, +40" in row["reason"]
    assert row["effect"] == pytest.approx(50)


def test_only_seeds_of_both_count() -> None:
    row = judged(curves({0: FIXED, 1: FIXED}, {1: at(500), 2: at(100)}))
    assert (row["seeds"], row["effect"]) == (1, pytest.approx(50))
    row = judged(curves({0: FIXED}, {1: at(500)}))
    assert row["verdict"] == "not run"
    assert row["reason"] == "no seed was run for all the systems that are compared"


@pytest.mark.parametrize("never", [(2,), (0, 2)])
def test_a_seed_that_never_gets_there_leaves_it_undecided(never: tuple[int, ...]) -> None:
    search = {seed: at(300) for seed in range(3)} | {seed: {100: 10.0, 900: 29.9} for seed in never}
    row = judged(curves(dict.fromkeys(range(3), FIXED), search))
    named = " and ".join(map(str, never))
    assert row["verdict"] == "undecided"
    assert row["reason"].startswith(f"RNNsearch-50 never gets there with seed {named}; ")
    assert row["needed"] == "more updates"
    assert judged(curves(dict.fromkeys(range(3), FIXED), dict.fromkeys(range(3), at(300))))["verdict"] == (
        "reproduced"
    )


def test_updates_with_nothing_saved_are_no_success() -> None:
    """Equal budgets, and a goal that is reached at their end."""
    row = judged(curves(dict.fromkeys(range(3), FIXED), dict.fromkeys(range(3), at(1000))))
    assert (row["verdict"], row["effect"]) == ("contradicted", pytest.approx(0))


@pytest.mark.parametrize("system", ["rnnencdec-50", "rnnsearch-50"])
def test_no_curve_no_claim(system: str) -> None:
    made = curves({0: FIXED}, {0: at(500)})
    kept: tuple[Mapping[str, Any], ...] = tuple(run for run in made.runs if run["system"] != system)
    row = judged(replace(made, runs=kept))
    assert (row["verdict"], row["reason"]) == ("not run", f"no training history of {system}")
