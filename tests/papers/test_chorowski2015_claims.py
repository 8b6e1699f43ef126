"""Every claim on made-up records of known effects: each verdict comes out, at the right value."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from judging_claims import SPREADS, Made, both_ways, verdict
from recognizing_claims import CASES, LONG, MARGINS, World, needed, records, tried

from reproductions.chorowski2015 import PAPER

every_claim = pytest.mark.parametrize("claim", CASES)
OF_SETS = [name for name, case in CASES.items() if any("long" in one for one in case.decodings)]
"""Claims about joined utterances."""


def judged(claim: str, made: Made) -> pd.Series:
    return verdict(PAPER, claim, made)


def thrice(claim: str, world: World) -> pd.Series:
    """Judge three trainings that come out alike."""
    return judged(claim, needed(claim, *[world] * 3))


def test_every_claim_has_a_case() -> None:
    assert list(CASES) == [claim.name for claim in PAPER.claims]
    assert len(OF_SETS) == 11


@every_claim
@pytest.mark.parametrize("spread", SPREADS)
def test_verdicts(claim: str, spread: str) -> None:
    expected, shifts = SPREADS[spread]
    margin, gap = MARGINS[claim], CASES[claim].gap
    row = judged(claim, tried(claim, *shifts))
    assert row["verdict"] == expected, row["reason"]
    assert row["effect"] == pytest.approx(margin + gap * np.mean(shifts), abs=1e-6)
    assert row["ci_low"] < row["effect"] < row["ci_high"]
    assert row["seeds"] == len(shifts) and row["n"] >= 50
    assert (row["needed"] == "") == (expected in ("reproduced", "contradicted"))


@every_claim
def test_undecided_on_the_margin(claim: str) -> None:
    row = judged(claim, tried(claim, 0.0, 0.0, 0.0))
    assert row["verdict"] == "undecided", row["reason"]
    assert row["effect"] == pytest.approx(row["margin"], abs=1e-6)
    assert row["ci_low"] < row["margin"] < row["ci_high"]


@every_claim
def test_not_run_without_any_of_its_systems(claim: str) -> None:
    made = tried(claim, 1.0)
    assert judged(claim, made)["verdict"] == "held once"
    for system in CASES[claim].systems:
        row = judged(claim, made.without(system))
        assert (row["verdict"], pd.isna(row["effect"])) == ("not run", True)
        assert f"{system} was not run" in row["reason"] or "no test set has" in row["reason"]


@pytest.mark.parametrize("claim", OF_SETS)
@pytest.mark.parametrize("test", LONG)
def test_not_run_without_either_set_of_joined_utterances(claim: str, test: str) -> None:
    made = tried(claim, 1.0)
    row = judged(claim, replace(made, frame=made.frame[made.frame["test"] != test]))
    assert row["verdict"] == "not run"
    assert f"on test {test}" in row["reason"]


@pytest.mark.parametrize("claim", [name for name, case in CASES.items() if case.lags and MARGINS[name] > 0])
def test_sides_swapped_never_reproduce(claim: str) -> None:
    names = both_ways([(CASES[claim].leads[0], CASES[claim].lags[0])])
    row = judged(claim, tried(claim, 0.9, 1.0, 1.1).renamed(names))
    assert row["verdict"] == "contradicted", row["reason"]
    assert row["effect"] < row["margin"]


@every_claim
def test_a_short_test_set_is_said_to_be_short(claim: str) -> None:
    made = tried(claim, 1.0)
    row = judged(claim, replace(made, frame=made.frame[made.frame["id"].str.contains("/00")]))
    assert row["verdict"] == "not run"
    assert "test set too short" in row["reason"]


# --- by hand ---


@pytest.mark.parametrize(
    ("claim", "effect"),
    [("content-alone-is-competitive", -3.89), ("location-helps", 3.74), ("smoothing-helps", 2.22)],
)
def test_the_effects_of_table_1(claim: str, effect: float) -> None:
    """18.7, 18.0 and 17.6 percent: 0.7 / 18.0, 0.7 / 18.7 and 0.4 / 18.0."""
    world = World(errors={"baseline": 18.7, "conv": 18.0, "conv-smooth": 17.6})
    row = thrice(claim, world)
    assert row["effect"] == pytest.approx(effect, abs=0.01)
    assert row["verdict"] == "reproduced", row["reason"]
    assert f"{effect:+.1f} %" in row["paper_effect"]


def test_margins_of_table_1_are_a_third_of_its_effects_and_three_times_the_lag() -> None:
    assert MARGINS["location-helps"] == pytest.approx(100 * (18.7 - 18.0) / 18.7 / 3, abs=0.06)
    assert MARGINS["smoothing-helps"] == pytest.approx(100 * (18.0 - 17.6) / 18.0 / 3, abs=0.06)
    assert -MARGINS["content-alone-is-competitive"] == pytest.approx(3 * 100 * (18.7 - 18.0) / 18.0, rel=0.03)


def test_ten_times_longer_is_8_and_11_utterances_and_no_others() -> None:
    """Of 1, 2, 3, 5, 8, 11 and 15; inputs of 8 and 11 have 80 and 110 labels: (80 * 40 + 110 * 60) / 190."""
    world = World(errors={"baseline/long": (99.0, 99.0, 99.0, 99.0, 40.0, 60.0, 99.0)})
    row = thrice("content-decoding-breaks", world)
    assert row["effect"] == pytest.approx((80 * 40 + 110 * 60) / 190 - 20)


def test_what_is_left_is_asked_of_11_and_15() -> None:
    """9 labels of single utterances; 6 of 11 and 12 of 15 are as many in the mean."""
    world = World(aligned={"forced-long": 0.2}, prefix={"forced-long": (0, 0, 0, 0, 0, 6.0, 12.0)})
    assert thrice("content-keeps-the-beginning", world)["effect"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("claim", OF_SETS)
def test_either_set_must_hold(claim: str) -> None:
    if claim == "repeats-are-easier":  # one part, of both sets
        return
    for test in LONG[:1]:
        above, below = tried(claim, 0.9, 1.0, 1.1), tried(claim, -0.9, -1.0, -1.1)
        frames = [above.frame[above.frame["test"] != test], below.frame[below.frame["test"] == test]]
        row = judged(claim, replace(above, frame=pd.concat(frames, ignore_index=True)))
        assert row["verdict"] == "contradicted", row["reason"]
        assert test in row["reason"].split(";")[0]


def test_either_way_of_sharpening_must_rescue() -> None:
    name = "sharpening-rescues-location"
    row = judged(name, tried(name, 0.9, 1.0, 1.1, aligned={"conv/forced-top-10": 0.35}))
    assert (row["verdict"], row["effect"]) == ("contradicted", pytest.approx(0, abs=1e-6))
    assert "best 10" in row["reason"]


@pytest.mark.parametrize("wide", [19.4, 19.8, 20.0, 20.2, 20.6])
def test_beams_are_as_good_if_neither_is_ahead(wide: float) -> None:
    row = thrice("a-narrow-beam-suffices", World(errors={"beam-40": wide}))
    assert row["verdict"] == ("reproduced" if abs(wide - 20) < 0.3 else "contradicted"), row["reason"]
    assert row["effect"] == pytest.approx(-abs(wide - 20), abs=1e-6)


@pytest.mark.parametrize(("settings", "beam"), [({"decoding": {"beam": 5}}, 5), ({}, 10)])
def test_the_beam_that_was_used_is_named(settings: dict[str, dict[str, int]], beam: int) -> None:
    made = needed("a-narrow-beam-suffices", World())
    row = judged(
        "a-narrow-beam-suffices", Made(made.frame, tuple(r | {"settings": settings} for r in made.runs))
    )
    assert f"a beam of 40 is hardly better than one of {beam}," in row["statement"]


def test_beams_that_write_the_same_are_as_good() -> None:
    """Nothing differs, and here that is the claim."""
    made = records(*[World()] * 3, systems=("conv", "baseline"), decodings=("beam", "forced"))
    beam = made.frame[made.frame["decoding"] == "beam"]
    frame = pd.concat([made.frame, beam.assign(decoding="beam-40")], ignore_index=True)
    row = judged("a-narrow-beam-suffices", replace(made, frame=frame))
    assert (row["verdict"], row["effect"]) == ("reproduced", 0)
