"""Every claim on made-up records of known effects: each verdict comes out, at the right value."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from entailing_claims import CASES, MARGINS, ORDER, SYSTEMS, World, records, tried
from judging_claims import SPREADS, Made, both_ways, verdict

from attnbench.tasks.entailment.measures import METRICS
from reproductions.rocktaschel2016 import PAPER

every_claim = pytest.mark.parametrize("claim", CASES)
ALONE = "unrelated-pairs-look-at-function-words"
comparing = pytest.mark.parametrize("claim", [name for name in CASES if name != ALONE])


def judged(claim: str, made: Made) -> pd.Series:
    return verdict(PAPER, claim, made)


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
    assert pd.isna(row["p"]) == (len(shifts) == 1 or "is not known to read" in row["reason"])


@every_claim
@pytest.mark.parametrize("seeds", [1, 3])
def test_undecided_on_the_margin(claim: str, seeds: int) -> None:
    row = judged(claim, tried(claim, *[0.0] * seeds))
    assert row["verdict"] == "undecided", row["reason"]
    assert row["effect"] == pytest.approx(row["margin"], abs=1e-6)
    assert row["ci_low"] < row["margin"] < row["ci_high"]


@every_claim
def test_not_run_without_any_of_its_systems(claim: str) -> None:
    made = tried(claim, 1.0)  # of no other system but the control: it needs none
    assert judged(claim, made)["verdict"] == "held once"
    for system in CASES[claim].systems:
        row = judged(claim, made.without(system))
        assert (row["verdict"], pd.isna(row["effect"])) == ("not run", True)
        nothing = "no test set has function-mass-unrelated" if claim == ALONE else ""
        assert row["reason"] == (nothing or f"system {system} was not run")


@comparing
def test_systems_swapped_never_reproduce(claim: str) -> None:
    """Of a chain, or of several systems beside the same one, the last pair."""
    chained = claim in ("ranking", "frozen-vectors-shrink-the-gap")
    pairs = CASES[claim].pairs[-1:] if chained else CASES[claim].pairs
    row = judged(claim, tried(claim, 0.9, 1.0, 1.1, attending=SYSTEMS).renamed(both_ways(pairs)))
    assert row["verdict"] == "contradicted", row["reason"]
    assert row["effect"] < row["margin"]


def test_groups_of_pairs_swapped_do_not_reproduce() -> None:
    swapped = [World(function={"related": 0.4 + x}) for x in (0.09, 0.1, 0.11)]
    row = judged(ALONE, records(*swapped))
    assert (row["verdict"], row["effect"]) == ("contradicted", pytest.approx(-0.1))


@comparing
def test_a_system_against_itself_is_no_difference(claim: str) -> None:
    """Undecided, or, where a claim says that nothing is gained, true."""
    own = records(World(), systems=["word-by-word"])
    frames = [own.frame.assign(system=system) for system in SYSTEMS if system != "hypothesis-only"]
    runs = tuple({**own.runs[0], "system": system} for system in SYSTEMS)
    control = records(World(), systems=["hypothesis-only"]).frame
    row = judged(claim, Made(pd.concat([*frames, control], ignore_index=True), runs))
    if claim == "one-look-flattens-on-long-premises":
        assert row["effect"] == pytest.approx(0) and row["verdict"] in ("failed once", "undecided")
    elif claim == "two-way-does-not-help":
        assert (row["verdict"], row["effect"]) == ("held once", 0)
    else:
        assert (row["verdict"], row["effect"]) == ("undecided", 0)
        assert "nothing differs between the two sides" in row["reason"]


@every_claim
def test_trainings_that_are_as_good_never_reproduce_a_difference(claim: str) -> None:
    row = judged(claim, records(*[World()] * 3))
    assert row["effect"] == pytest.approx(0, abs=1e-6)
    assert row["verdict"] in (["undecided"] if row["margin"] <= 0 else ["undecided", "contradicted"])


@every_claim
def test_a_short_test_set_is_said_to_be_short(claim: str) -> None:
    made = tried(claim, 1.0)
    row = judged(claim, replace(made, frame=made.frame[made.frame["id"].str[-4:].astype(int) % 50 < 2]))
    assert row["verdict"] == "not run"
    assert "test set too short" in row["reason"]


def test_right_answers_are_told_seed_by_seed() -> None:
    """Word by word has the first 600 right; attention 50 to 499 with seed 0, and 200 to 699 with seed 1."""
    made = tried("word-by-word-beats-attention", 1.0, 1.0)
    frame, place = made.frame.copy(), made.frame["id"].str[-4:].astype(int)
    first = np.where(frame["system"] == "word-by-word", 0, np.where(frame["seed"] == 0, 50, 200))
    last = np.where(frame["system"] == "word-by-word", 600, np.where(frame["seed"] == 0, 500, 700))
    frame["accuracy/correct"] = ((place >= first) & (place < last)).astype(float)
    reason = judged("word-by-word-beats-attention", replace(made, frame=frame))["reason"]
    told = reason.split("; ")[-1].replace(" (p ", "|").replace("), ", "|").split("|")
    assert told[::2] == ["right alone, McNemar: 150 : 0", "200 : 100"]


@every_claim
def test_right_answers_are_told_of_accuracies_alone(claim: str) -> None:
    about_levels = next(one for one in PAPER.claims if one.name == claim).levels
    told = "right alone, McNemar: " in judged(claim, tried(claim, 1.0))["reason"]
    assert told == (about_levels and claim != "frozen-vectors-shrink-the-gap")


# --- a claim of several parts holds if all do ---


@pytest.mark.parametrize("model", ["attention", "word-by-word"])
def test_neither_attention_may_gain_by_looking_both_ways(model: str) -> None:
    worse = World(test={f"{model}-two-way": 72})
    row = judged("two-way-does-not-help", records(*[worse] * 3))
    assert (row["verdict"], row["effect"]) == ("contradicted", pytest.approx(-12))
    assert row["reason"].startswith(f"weakest part: {model}; ")


@pytest.mark.parametrize("place", range(4))
def test_the_order_must_hold_at_every_place(place: int) -> None:
    """One step back of 11 points among steps of 11 points up."""
    better, worse = ORDER[place], ORDER[place + 1]
    test = {system: 82 - 11 * rank for rank, system in enumerate(ORDER)}
    made = records(*[World(test={**test, better: test[worse], worse: test[better]})] * 3)
    row = judged("ranking", made)
    assert (row["verdict"], row["effect"]) == ("contradicted", pytest.approx(-11))
    assert row["reason"].startswith(f"weakest part: {better} over {worse}; ")


@pytest.mark.parametrize("system", ["conditional-shared", "word-by-word"])
def test_both_must_fall_less_with_frozen_vectors(system: str) -> None:
    """Independent encoding falls by 35; one of the others by 45."""
    worlds = [World(test={system: 50}, train={"independent": 95, system: 95})] * 3
    row = judged("frozen-vectors-shrink-the-gap", records(*worlds))
    assert (row["verdict"], row["effect"]) == ("contradicted", pytest.approx(-10))
    assert row["reason"].startswith(f"weakest part: {system}; ")


def test_attention_must_flatten_itself() -> None:
    """That word-by-word attention gets sharper is not enough; nor is that both flatten alike."""
    sharper = World(rise={"attention": -0.1, "word-by-word": -0.3})
    row = judged("one-look-flattens-on-long-premises", records(*[sharper] * 3))
    assert (row["verdict"], row["effect"]) == ("contradicted", pytest.approx(-0.1))
    assert row["reason"].startswith("weakest part: attention; ")
    both = World(rise={"attention": 0.2, "word-by-word": 0.3})
    row = judged("one-look-flattens-on-long-premises", records(*[both] * 3))
    assert (row["verdict"], row["effect"]) == ("contradicted", pytest.approx(-0.1))
    assert row["reason"].startswith("weakest part: more than word by word; ")


# --- by hand ---


def test_falls_by_hand() -> None:
    """Independent 90 to 60, conditional 85 to 70 and word by word 95 to 80: 30 - 15 = 15 either way."""
    world = World(
        test={"independent": 60, "conditional-shared": 70, "word-by-word": 80},
        train={"independent": 90, "conditional-shared": 85, "word-by-word": 95},
    )
    row = judged("frozen-vectors-shrink-the-gap", records(*[world] * 3))
    assert (row["verdict"], row["effect"], row["n"]) == ("reproduced", pytest.approx(15), 2000)


def test_function_words_beyond_a_uniform_attention() -> None:
    """Unrelated 0.6 against 0.45, related 0.3 against 0.35: 0.15 and -0.05, apart by 0.2."""
    world = World(
        function={"unrelated": 0.6, "unrelated-uniform": 0.45, "related": 0.3, "related-uniform": 0.35}
    )
    row = judged(ALONE, records(*[world] * 3))
    assert (row["verdict"], row["effect"]) == ("reproduced", pytest.approx(0.2))


def test_entropy_is_compared_between_up_to_ten_and_more_than_twenty_words() -> None:
    made = records(*[World(rise={"attention": 0.1})] * 3)
    frame, (name, _) = made.frame.copy(), METRICS["entropy"].columns
    frame.loc[frame["premise_length"].between(11, 20), name] = 9.0
    row = judged("one-look-flattens-on-long-premises", replace(made, frame=frame))
    assert row["effect"] == pytest.approx(0.1)


def test_statements_name_the_sizes_that_were_used() -> None:
    def statement(claim: str, hidden: dict[str, int]) -> str:
        made = records(World(), systems=list(hidden) or ["attention"], hidden=hidden)
        text: str = judged(claim, made)["statement"]
        return text

    used = {"attention": 50, "conditional-shared-159": 80, "conditional": 58}
    paper, ours = (
        [statement(claim, sizes) for claim in ("attention-beats-a-larger-lstm", "attention-beats-two-lstms",
                                               "ranking", "conditioning-beats-independent-encoding")]
        for sizes in ({}, used)
    )  # fmt: skip
    assert "Attention with k = 100" in paper[0] and "parameters, k = 159." in paper[0]
    assert "Attention with k = 50" in ours[0] and "parameters, k = 80." in ours[0]
    assert "k = 100" in paper[1] and "k = 116." in paper[1]
    assert "k = 50" in ours[1] and "k = 58." in ours[1]
    assert "one LSTM with k = 159, two LSTMs with k = 116" in paper[2]
    assert "one LSTM with k = 80, two LSTMs with k = 58" in ours[2]
    assert "one LSTM with k = 100" in paper[3] and "one LSTM with k = 50" in ours[3]
    alone = statement("conditioning-beats-independent-encoding", {"conditional-shared": 40})
    assert "one LSTM with k = 40" in alone, "of the system that was run"
