"""Every claim on made-up records of known effects: each verdict comes out, at the right value."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from judging_claims import SPREADS, Made, both_ways, verdict
from summarizing_claims import (
    BLIND,
    CASES,
    MARGINS,
    NETWORK,
    ORDER,
    ROUGES,
    SYSTEMS,
    World,
    records,
    seeds,
    tried,
)

from reproductions.rush2015 import PAPER

every_claim = pytest.mark.parametrize("claim", CASES)
LADDER = ("conditioning-beats-no-encoder", "neural-model-beats-n-grams", "ranking")
OF_DECODINGS = ("beam-beats-greedy", "abstractive-beats-extractive")
SEVERAL = {
    name: case for name, case in CASES.items() if case.pairs[0][0][1] == "beam" and "copying" not in name
}
"""Claims about all three ROUGEs."""


def judged(claim: str, made: Made) -> pd.Series:
    return verdict(PAPER, claim, made)


def thrice(claim: str, world: World) -> pd.Series:
    """Judge three trainings that come out alike."""
    return judged(claim, seeds(claim, *[world] * 3))


def test_every_claim_has_a_case() -> None:
    assert list(CASES) == [claim.name for claim in PAPER.claims]


@every_claim
@pytest.mark.parametrize("spread", SPREADS)
def test_verdicts(claim: str, spread: str) -> None:
    expected, shifts = SPREADS[spread]
    margin, gap = MARGINS[claim], CASES[claim].gap
    row = judged(claim, tried(claim, *shifts))
    assert row["verdict"] == expected, row["reason"]
    assert row["effect"] == pytest.approx(margin + gap * np.mean(shifts), abs=1e-6)
    assert row["ci_low"] < row["effect"] < row["ci_high"]
    sides = {"reproduced": row["ci_low"] > margin, "contradicted": row["ci_high"] < margin}
    sides |= {"held once": sides["reproduced"], "failed once": sides["contradicted"]}
    assert sides.get(expected, row["ci_low"] < margin < row["ci_high"])
    assert row["seeds"] == len(shifts) and row["n"] >= 50
    assert (row["needed"] == "") == (expected in ("reproduced", "contradicted"))
    assert pd.isna(row["p"]) == (len(shifts) == 1)


@every_claim
@pytest.mark.parametrize("seeds", [1, 3])
def test_undecided_on_the_margin(claim: str, seeds: int) -> None:
    row = judged(claim, tried(claim, *[0.0] * seeds))
    assert row["verdict"] == "undecided", row["reason"]
    assert row["effect"] == pytest.approx(row["margin"], abs=1e-6)
    assert row["ci_low"] < row["margin"] < row["ci_high"]


@every_claim
def test_not_run_without_any_of_its_systems(claim: str) -> None:
    made = tried(claim, 1.0)  # of no other system but those that tell whether it has learnt
    assert judged(claim, made)["verdict"] == "held once"
    for system in dict.fromkeys(system for pair in CASES[claim].pairs for system, _ in pair):
        row = judged(claim, made.without(system))
        assert (row["verdict"], pd.isna(row["effect"])) == ("not run", True)
        assert f"{system} was not run" in row["reason"]


@every_claim
def test_sides_swapped_never_reproduce(claim: str) -> None:
    """Of a chain, or of several systems beside the same one, the last pair."""
    pairs = CASES[claim].pairs[-1:]
    shifts = (0.9, 1.0, 1.1)
    if claim in OF_DECODINGS:
        made = tried(claim, *shifts)
        swapped = made.frame["decoding"].replace(both_ways([(pairs[0][0][1], pairs[0][1][1])]))
        row = judged(claim, replace(made, frame=made.frame.assign(decoding=swapped)))
    else:
        made = tried(claim, *shifts, apart=False, attending=SYSTEMS)
        row = judged(claim, made.renamed(both_ways([(one[0], other[0]) for one, other in pairs])))
    assert row["verdict"] == "contradicted", row["reason"]
    assert row["effect"] < row["margin"]


@every_claim
def test_a_system_against_itself_is_no_difference(claim: str) -> None:
    own = records(World(apart=False), systems=["abs"])
    beam = own.frame[own.frame["decoding"] == "beam"]
    own = replace(own, frame=pd.concat([
        own.frame[own.frame["decoding"] == "forced"],
        *(beam.assign(decoding=name) for name in ("beam", "greedy", "beam-extractive")),
    ]))  # fmt: skip
    controls = [] if claim in LADDER else [records(World(), systems=BLIND).frame]
    alike = [name for name in SYSTEMS if claim in LADDER or name not in BLIND]
    frames = [own.frame.assign(system=system) for system in alike]
    runs = tuple({**own.runs[0], "system": system} for system in SYSTEMS)
    row = judged(claim, Made(pd.concat([*frames, *controls], ignore_index=True), runs))
    assert (row["verdict"], row["effect"]) == ("undecided", 0)
    assert "nothing differs between the two sides" in row["reason"]


@every_claim
def test_trainings_that_are_as_good_never_reproduce_a_difference(claim: str) -> None:
    nats = dict.fromkeys(ORDER, 3.5) if claim in LADDER else dict.fromkeys(("bow", "tdnn", "abs"), 3.5)
    row = thrice(claim, World(nats=nats))
    assert row["effect"] == pytest.approx(0, abs=1e-6)
    assert row["verdict"] in (["undecided"] if row["margin"] <= 0 else ["undecided", "contradicted"])


@every_claim
def test_a_short_test_set_is_said_to_be_short(claim: str) -> None:
    made = tried(claim, 1.0)
    row = judged(claim, replace(made, frame=made.frame[made.frame["id"].str[-4:].astype(int) % 50 < 2]))
    assert row["verdict"] == "not run"
    assert "test set too short" in row["reason"]


# --- a claim of several parts holds if all do ---


@pytest.mark.parametrize("place", range(4))
def test_the_order_must_hold_at_every_place(place: int) -> None:
    """One step back of 0.3 nats among steps of 0.3 nats up: that is more than another part's doubt."""
    nats = {system: 3.0 + 0.3 * rank for rank, system in enumerate(ORDER)}
    better, worse = ORDER[place], ORDER[place + 1]
    nats |= {better: nats[worse], worse: nats[better]}
    row = thrice("ranking", World(nats=nats))
    assert (row["verdict"], row["effect"]) == ("contradicted", pytest.approx(-0.3))
    assert row["reason"].startswith(f"weakest part: {better} over {worse}; ")


@pytest.mark.parametrize("blind", BLIND)
def test_a_bag_of_words_must_beat_either_model_without_input(blind: str) -> None:
    """By 0.1 over one of them and by 1.5 over the other; the network is as good as counts to within 1.4."""
    nats = {"bow": 4.0, "nnlm": 4.5, "kn-5": 4.6} | {blind: 4.1}
    row = thrice("conditioning-beats-no-encoder", World(nats=nats))
    assert (row["verdict"], row["effect"]) == ("contradicted", pytest.approx(0.1))
    assert row["reason"].startswith(f"weakest part: over {blind}; ")


@pytest.mark.parametrize("claim", SEVERAL)
@pytest.mark.parametrize(("rouge", "name"), [*zip(ROUGES, ("R-1", "R-2", "R-L"), strict=True)])
def test_every_rouge_must_hold(claim: str, rouge: str, name: str) -> None:
    """Each by 10 points, one by 10 less than none; of the baselines against the last one."""
    one, other = ("/".join(way) for way in CASES[claim].pairs[-1])
    gains = {one: 10.0, other: 0.0, "prefix": 0.0} | ({"prefix": 10.0} if one == "prefix/beam" else {})
    gains |= {f"{one}:{rouge}": 0.0, f"{other}:{rouge}": 10.0}
    if claim == "attention-beats-the-baselines":
        gains[f"prefix:{rouge}"] = -10.0
    row = thrice(claim, World(gains=gains))
    assert (row["verdict"], row["effect"]) == ("contradicted", pytest.approx(-10))
    assert row["reason"].startswith(f"weakest part: {name}")


def test_attention_must_beat_both_baselines() -> None:
    for baseline in ("prefix", "ir"):
        row = judged(
            "attention-beats-the-baselines",
            seeds("attention-beats-the-baselines", *[World(gains={baseline: 5.0, "abs": 2.0})] * 3),
        )
        assert (row["verdict"], row["effect"]) == ("contradicted", pytest.approx(-3))
        assert f" over {baseline}; " in row["reason"]


# --- by hand ---


def test_a_ratio_of_perplexities_is_a_difference_of_nats() -> None:
    """Perplexities 43.6 and 27.1, as in Table 2: ln(43.6 / 27.1) = 0.4755."""
    nats = {"bow": float(np.log(43.6)), "abs": float(np.log(27.1))}
    row = thrice("attention-beats-a-bag-of-words", World(nats=nats))
    assert (row["verdict"], row["effect"]) == ("reproduced", pytest.approx(0.4755, abs=1e-4))


@pytest.mark.parametrize(
    ("claim", "higher", "lower"),
    [
        ("conditioning-beats-no-encoder", 145.9, 43.6),
        ("neural-model-beats-n-grams", 183.2, 145.9),
        ("word-order-helps", 43.6, 35.9),
        ("attention-beats-convolution", 35.9, 27.1),
        ("attention-beats-a-bag-of-words", 43.6, 27.1),
    ],
)
def test_margins_are_a_third_of_table_2(claim: str, higher: float, lower: float) -> None:
    assert MARGINS[claim] == pytest.approx(np.log(higher / lower) / 3, rel=0.01)


def test_margins_of_rouge_are_a_third_of_the_smallest_printed_difference() -> None:
    printed = {(one.system, one.test, one.metric, one.location): one.value for one in PAPER.printed}

    def third(test: str, one: tuple[str, str], other: tuple[str, str]) -> float:
        return (
            min(printed[one[0], test, m, one[1]] - printed[other[0], test, m, other[1]] for m in ROUGES) / 3
        )

    table_3 = {name: f"Table 3, {name}" for name in ("beam, abstractive", "greedy, abstractive",
                                                     "beam, extractive")}  # fmt: skip
    best = ("abs-plus", table_3["beam, abstractive"])
    expected = {
        "attention-raises-rouge": third("duc2003", best, ("bow", table_3["beam, abstractive"])),
        "beam-beats-greedy": third("duc2003", best, ("abs-plus", table_3["greedy, abstractive"])),
        "abstractive-beats-extractive": third("duc2003", best, ("abs-plus", table_3["beam, extractive"])),
        "extractive-features-help-recall": third("duc2004", ("abs-plus", "Table 1"), ("abs", "Table 1")),
        "attention-beats-the-baselines": min(
            third("duc2004", ("abs", "Table 1"), (name, "Table 1")) for name in ("prefix", "ir")
        ),
        "prefix-beats-retrieval": third("duc2004", ("prefix", "Table 1"), ("ir", "Table 1")),
    }
    assert {name: MARGINS[name] for name in expected} == pytest.approx(expected, rel=0.03)
    copied = [printed[name, "test", "extractive", "Table 1"] for name in ("abs-plus", NETWORK)]
    assert MARGINS["extractive-features-raise-copying"] == pytest.approx(
        (copied[0] - copied[1]) / 3, rel=0.03
    )


def test_claims_that_others_imply_ask_for_no_more() -> None:
    """Steps of one ladder add up; for the order it is enough that each lies above nought."""
    for claim in PAPER.claims:
        if claim.implied_by and claim.name != "ranking":
            assert sum(MARGINS[name] for name in claim.implied_by) >= claim.margin
    (whole,) = [claim for claim in PAPER.claims if claim.name == "ranking"]
    assert min(MARGINS[name] for name in whole.implied_by) >= whole.margin
