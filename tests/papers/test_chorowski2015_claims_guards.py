"""What supports no verdict: each guard with records that trip it, and with records that do not."""

import re

import pandas as pd
import pytest
from judging_claims import Made, verdict
from recognizing_claims import CASES, tried

from reproductions.chorowski2015 import PAPER

ABOVE, BELOW = (0.9, 1.0, 1.1), (-0.9, -1.0, -1.1)
every_claim = pytest.mark.parametrize("claim", CASES)
ALIGNING = [name for name, case in CASES.items() if case.at(0.1).aligned]
"""Claims about forced alignment."""
FAILING = [
    "content-keeps-the-beginning", "location-loses-everything-once-broken", "sharpening-rescues-location",
    "a-window-rescues-alignment",
]  # fmt: skip
APART = ("a-window-rescues-alignment", "the-best-frame-alone-hurts", "a-narrow-beam-suffices")
"""Claims whose parts are of one system each."""
LEVELS = [claim.name for claim in PAPER.claims if claim.levels]


def judged(claim: str, made: Made) -> pd.Series:
    return verdict(PAPER, claim, made)


def sides(claim: str) -> list[tuple[str, ...]]:
    """Return whom a guard is tried on: one at a time, or all where one system's part may fail by itself."""
    systems = CASES[claim].systems
    return [systems] if claim in APART else [(system,) for system in systems]


def undecided(row: pd.Series, said: str) -> bool:
    return (row["verdict"], row["needed"]) == ("undecided", "more updates") and said in row["reason"]


@every_claim
@pytest.mark.parametrize("shifts", [ABOVE, BELOW])
def test_who_is_compared_must_recognise_single_utterances(claim: str, shifts: tuple[float, ...]) -> None:
    for side in sides(claim):
        row = judged(claim, tried(claim, *shifts, errors={f"{system}/beam": 51.0 for system in side}))
        assert undecided(row, "undertrained: "), row["reason"]
        assert any(f"{system} has 51.0 % on test, above 50" in row["reason"] for system in side)


@every_claim
def test_who_is_compared_must_point_better_than_chance(claim: str) -> None:
    for side in sides(claim):
        row = judged(claim, tried(claim, *ABOVE, pointing=dict.fromkeys(side, 0.05)))
        assert undecided(row, " does not point better than chance"), row["reason"]
        assert any(f"{system} does not point" in row["reason"] for system in side)


@every_claim
def test_without_times_error_rates_alone_tell(claim: str) -> None:
    row = judged(claim, tried(claim, *ABOVE, timed=False))
    assert row["verdict"] == ("not run" if claim in ALIGNING else "reproduced"), row["reason"]
    if claim in ALIGNING:
        assert re.match("no (test set has )?(aligned|aligned-count|prefix)( for|$)", row["reason"])


@pytest.mark.parametrize("claim", ALIGNING)
def test_single_utterances_must_be_aligned_first(claim: str) -> None:
    for side in sides(claim):
        row = judged(claim, tried(claim, *ABOVE, aligned={f"{system}/forced": 0.4 for system in side}))
        assert undecided(row, " aligns 0.40 of the labels of single utterances, below 0.5"), row["reason"]


@pytest.mark.parametrize("claim", ALIGNING)
def test_uniform_weights_that_align_as_much_tell_nothing(claim: str) -> None:
    """Where inputs are so short that a widened label is nearly all of one."""
    row = judged(claim, tried(claim, *ABOVE, uniform=0.95))
    assert undecided(row, "'s alignment does not point better than chance: -0.05"), row["reason"]


@pytest.mark.parametrize("claim", FAILING)
def test_what_has_not_failed_tells_nothing_about_failing(claim: str) -> None:
    row = judged(claim, tried(claim, *ABOVE, aligned={f"{s}/forced-long": 0.8 for s in CASES[claim].systems}))
    bound = 0.75 if "rescues" in claim else 0.5
    assert undecided(row, "has not failed: it aligns 0.80 of the labels in "), row["reason"]
    assert f", above {bound}" in row["reason"]


def test_each_side_must_have_failed_where_failures_are_compared() -> None:
    claim = "location-loses-everything-once-broken"
    for system in ("baseline", "conv"):
        row = judged(claim, tried(claim, *ABOVE, aligned={f"{system}/forced-long": 0.6}))
        assert undecided(row, f"{system} has not failed: it aligns 0.60"), row["reason"]


def test_content_alone_may_stand_where_location_is_rescued() -> None:
    """Of sharpening the claim asks only that location-aware attention had failed."""
    claim = "sharpening-rescues-location"
    held = {"baseline/forced-long": 0.8, "baseline/forced-sharp": 0.85, "baseline/forced-top-10": 0.85}
    assert judged(claim, tried(claim, *ABOVE, aligned=held))["verdict"] == "reproduced"


@pytest.mark.parametrize("claim", LEVELS)
def test_who_still_learns_may_catch_up(claim: str) -> None:
    """Ahead by more than the margin, it is the other side that more training might help."""
    for shifts, behind in ((ABOVE, CASES[claim].lags), (BELOW, CASES[claim].leads)):
        for some in filter(None, [behind] if claim in APART else [(system,) for system in behind]):
            row = judged(claim, tried(claim, *shifts).falling(dict.fromkeys(some, 0.2)))
            assert undecided(row, "still falling: the validation loss of "), row["reason"]
            assert any(f"{system} by 20%" in row["reason"] for system in some)
        row = judged(claim, tried(claim, *shifts).falling(dict.fromkeys(CASES[claim].systems, 0.08)))
        assert row["verdict"] == ("reproduced" if shifts is ABOVE else "contradicted")


def test_what_compares_levels() -> None:
    assert LEVELS == [
        "content-alone-is-competitive", "location-helps", "smoothing-helps",
        "a-window-rescues-decoding-by-location-alone", "a-wide-window-beats-a-narrow-one",
        "the-best-frame-alone-hurts", "a-narrow-beam-suffices",
    ]  # fmt: skip
