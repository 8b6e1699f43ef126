"""What supports no verdict: each guard with records that trip it, and with records that do not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from judging_claims import Made, verdict
from summarizing_claims import BLIND, CASES, FORCED, MARGINS, NETWORK, RULES, TRAINED, World, seeds, tried

from reproductions.rush2015 import PAPER
from reproductions.rush2015.guards import EVEN

ABOVE, BELOW = (0.9, 1.0, 1.1), (-0.9, -1.0, -1.1)
every_claim = pytest.mark.parametrize("claim", CASES)


def among(*left_out: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("claim", [name for name in CASES if name not in left_out])


LADDER = ("conditioning-beats-no-encoder", "neural-model-beats-n-grams", "ranking")
RULED = "prefix-beats-retrieval"
NOT_LEVELS = "extractive-features-raise-copying"
ATTENDING = [name for name, case in CASES.items() if case.attending]
WRITTEN = [name for name in CASES if name not in (*FORCED, RULED)]
EVEN_LENGTHS = [name for name in WRITTEN if name != "attention-beats-the-baselines"]


def judged(claim: str, made: Made) -> pd.Series:
    return verdict(PAPER, claim, made)


def thrice(claim: str, world: World) -> pd.Series:
    """Judge three trainings that come out alike."""
    return judged(claim, seeds(claim, *[world] * 3))


def readers(claim: str) -> list[str]:
    """Return the systems compared that must read their input."""
    compared = (system for pair in CASES[claim].pairs for system, _ in pair)
    return [system for system in dict.fromkeys(compared) if system not in (*BLIND, *RULES)]


def undecided(row: pd.Series, said: str) -> bool:
    return (row["verdict"], row["needed"]) == ("undecided", "more updates") and said in row["reason"]


# --- who is compared must read the input ---


@among(*LADDER, RULED)
@pytest.mark.parametrize("control", BLIND)
@pytest.mark.parametrize("shifts", [ABOVE, BELOW])
def test_who_is_compared_must_beat_both_models_without_input(
    claim: str, control: str, shifts: tuple[float, ...]
) -> None:
    row = judged(claim, tried(claim, *shifts, nats={control: 2.0}))
    assert undecided(row, f"{readers(claim)[0]} is not known to read its input: -"), row["reason"]
    assert f"] nats a word ahead of {control}" in row["reason"]


@pytest.mark.parametrize("claim", ["word-order-helps", "attention-beats-a-bag-of-words"])
@pytest.mark.parametrize("blind", [0, 1])
def test_either_side_must_read(claim: str, blind: int) -> None:
    """The control lies between the two: the one behind does not read, whichever it is."""
    sides = CASES[claim].pairs[0][:: 1 if blind else -1]
    (ahead, _), (behind, _) = sides
    row = thrice(claim, World(nats={ahead: 3.0, behind: 4.0, "kn-5": 3.5}))
    assert undecided(row, f"{behind} is not known to read its input: -0.50 ["), row["reason"]
    assert f"{ahead} is not known" not in row["reason"]


def test_a_little_ahead_is_not_enough_and_clearly_ahead_is() -> None:
    """0.02 nats with a standard error of about 0.05 are not clear of nought; 0.3 are."""
    claim = "attention-beats-convolution"
    for ahead, verdict_ in ((0.02, "undecided"), (0.3, "reproduced")):
        row = thrice(claim, World(nats={"kn-5": 3.7 + ahead}))
        assert row["verdict"] == verdict_, row["reason"]
        assert (f"tdnn is not known to read its input: +{ahead:.2f} [" in row["reason"]) == (ahead < 0.1)


@among(RULED)
def test_without_a_control_nobody_is_known_to_have_learnt(claim: str) -> None:
    for control in BLIND:
        row = judged(claim, tried(claim, *ABOVE).without(control))
        assert (row["verdict"], pd.isna(row["effect"])) == ("not run", True)
        assert f"{control} was not run" in row["reason"]


@among(*LADDER, RULED)
def test_the_controls_must_have_the_seeds_of_the_effect(claim: str) -> None:
    made = tried(claim, *ABOVE)
    frame = made.frame[(made.frame["system"] != "nnlm") | (made.frame["seed"] == 0)]
    row = judged(claim, replace(made, frame=frame))
    assert undecided(row, "and nnlm were not both run with seed 1 and 2"), row["reason"]


def test_rules_need_no_control() -> None:
    made = tried(RULED, *ABOVE).without(*BLIND)
    assert judged(RULED, made)["verdict"] == "reproduced"


@pytest.mark.parametrize(("behind", "learnt"), [(0.6, True), (0.8, False)])
def test_a_language_model_that_is_twice_as_perplexed_as_counts_is_none(behind: float, learnt: bool) -> None:
    """ln 2 is 0.69. Being behind contradicts that it is ahead, if it has learnt."""
    worlds = [World(nats={"kn-5": 8.0, "nnlm": 8.0 + behind})] * 3
    said = f"nnlm has not learnt the language: {behind:+.2f} nats a word over kn-5, above 0.69"
    row = judged("neural-model-beats-n-grams", seeds("neural-model-beats-n-grams", *worlds))
    assert row["verdict"] == ("contradicted" if learnt else "undecided")
    assert (said in row["reason"]) != learnt
    row = judged("conditioning-beats-no-encoder", seeds("conditioning-beats-no-encoder", *worlds))
    assert row["verdict"] == ("reproduced" if learnt else "undecided")
    assert (said in row["reason"]) != learnt


# --- ABS+ reads no references: its network is that of ABS ---


PLUS = [name for name, case in CASES.items() if "abs-plus" in case.systems]


@pytest.mark.parametrize("claim", PLUS)
def test_without_its_network_nothing_is_known_of_abs_plus(claim: str) -> None:
    row = judged(claim, tried(claim, *ABOVE).without(NETWORK))
    assert row["verdict"] == "not run"
    assert f"{NETWORK} was not run" in row["reason"]


@pytest.mark.parametrize("claim", PLUS)
@pytest.mark.parametrize("section", ["data", "model", "training", "decoding"])
def test_another_network_tells_nothing_of_abs_plus(claim: str, section: str) -> None:
    made = tried(claim, *ABOVE)
    runs = tuple(
        {**run, "settings": {**run["settings"], section: {"other": 1}}} if run["system"] == NETWORK else run
        for run in made.runs
    )
    row = judged(claim, replace(made, runs=runs))
    assert row["verdict"] == ("reproduced" if section == "decoding" else "undecided")
    said = "abs-plus was not trained with the settings of abs"
    assert (said in row["reason"]) == (section != "decoding")


# --- attention must have learnt to attend ---


@every_claim
@pytest.mark.parametrize(("copied", "above"), [(0.1, 0.0), (0.05, -0.05)])
def test_a_lead_needs_attention_that_has_learnt(claim: str, copied: float, above: float) -> None:
    row = judged(claim, tried(claim, *ABOVE, copied={NETWORK: copied}))
    assert row["verdict"] == ("undecided" if claim in ATTENDING else "reproduced"), row["reason"]
    _, found, after = row["reason"].partition(f"{NETWORK} does not point better than chance: ")
    assert bool(found) == (claim in ATTENDING)
    if found:
        assert float(after.split(" ")[0]) == pytest.approx(above, abs=1e-6)
        assert row["needed"] == "more updates"


@pytest.mark.parametrize("claim", ATTENDING)
def test_a_lag_needs_attention_that_has_learnt(claim: str) -> None:
    row = judged(claim, tried(claim, *BELOW, copied={NETWORK: 0.1}))
    assert undecided(row, f"{NETWORK} does not point better than chance: ")


@pytest.mark.parametrize("claim", ATTENDING)
def test_attention_that_is_clear_of_chance_is_enough(claim: str) -> None:
    row = judged(claim, tried(claim, *ABOVE, copied={NETWORK: 0.12}))
    assert row["verdict"] == "reproduced", row["reason"]


@pytest.mark.parametrize("claim", ATTENDING)
@pytest.mark.parametrize(("hits", "learnt"), [(0.05, False), (0.1, True)])
def test_where_gold_links_are_they_tell(claim: str, hits: float, learnt: bool) -> None:
    """Whatever lies on copied words."""
    copied = {NETWORK: 0.05 if learnt else 0.5}
    row = judged(claim, tried(claim, *ABOVE, pointing={NETWORK: hits}, copied=copied))
    assert row["verdict"] == ("reproduced" if learnt else "undecided"), row["reason"]


@pytest.mark.parametrize(("window", "learnt"), [(2, True), (1, True), (0, False)])
def test_beside_a_word_is_near_enough_only_where_values_are_smoothed(window: int, learnt: bool) -> None:
    claim = "attention-beats-convolution"
    made = tried(claim, *ABOVE, copied={NETWORK: 0.05})
    frame = made.frame.assign(**{"copied-near/weight": made.frame["copied-near/weight"] * 2})
    runs = tuple({**run, "settings": {**run["settings"], "model": {"window": window}}} for run in made.runs)
    row = judged(claim, replace(made, frame=frame, runs=runs))
    assert row["verdict"] == ("reproduced" if learnt else "undecided"), row["reason"]


def test_an_attention_that_one_seed_alone_has_learnt_is_not_clear_of_chance() -> None:
    claim = "attention-beats-convolution"
    learnt, uniform = (
        replace(CASES[claim].at(0.3), copied={NETWORK: copied}) for copied in (0.5, 0.1)
    )  # fmt: skip
    row = judged(claim, seeds(claim, learnt, uniform, uniform))
    assert undecided(row, "abs does not point better than chance: +0.133 [-0.4"), row["reason"]


@pytest.mark.parametrize("claim", ATTENDING)
def test_without_weights_nothing_is_said_of_attention(claim: str) -> None:
    row = judged(claim, tried(claim, *ABOVE, attending=()))
    assert (row["verdict"], row["reason"]) == ("not run", "no test set has copied-near")


# --- what is written must have words of the references, and be equally long ---


@pytest.mark.parametrize("claim", WRITTEN)
def test_a_system_that_writes_no_right_word_supports_no_verdict(claim: str) -> None:
    """Each ROUGE is 4 at the margin, within 3 of it; the baselines may be so bad."""
    gap = CASES[claim].gap
    one, other = CASES[claim].pairs[0]
    worlds = [replace(CASES[claim].at(MARGINS[claim] + gap * shift), level=4.0) for shift in (0.1, 0.2, 0.3)]
    row = judged(claim, seeds(claim, *worlds))
    assert undecided(row, "undertrained: "), row["reason"]
    assert "recall (%) on test, below 5" in row["reason"]
    for system in {one[0], other[0]} & {*readers(claim)}:
        low = tried(claim, *ABOVE)
        frame = low.frame.copy()
        there = (frame["system"] == system) & (frame["decoding"] == "beam")
        frame.loc[there, "rouge-1-75/sum"] *= 0.1
        assert f"{system} has " in judged(claim, replace(low, frame=frame))["reason"]


def test_a_baseline_that_writes_no_right_word_may_be_beaten() -> None:
    gains = {"prefix": -28.0, "ir": -28.0}
    row = thrice("attention-beats-the-baselines", World(gains=gains))
    assert (row["verdict"], row["effect"]) == ("reproduced", pytest.approx(28))


@pytest.mark.parametrize("claim", EVEN_LENGTHS)
@pytest.mark.parametrize("shifts", [ABOVE, BELOW])
@pytest.mark.parametrize(("more", "even"), [(0.05, True), (0.3, False), (-0.3, False)])
def test_summaries_must_be_equally_long(
    claim: str, shifts: tuple[float, ...], more: float, even: bool
) -> None:
    (leads, how), _ = CASES[claim].pairs[0]
    row = judged(claim, tried(claim, *shifts, words={f"{leads}/{how}": 8 + more}))
    said = f"summaries are not equally long: {more:+.2f} words on one side"
    assert (said in row["reason"]) != even == (abs(more) < EVEN)
    assert row["verdict"] == ("undecided" if not even else "reproduced" if shifts[0] > 0 else "contradicted")


def test_baselines_are_as_long_as_they_are() -> None:
    for claim in ("attention-beats-the-baselines", RULED):
        row = judged(claim, tried(claim, *ABOVE, words={"prefix": 13.0, "ir": 6.0}))
        assert row["verdict"] == "reproduced", row["reason"]


# --- a claim about levels needs a loss that has settled on the side that is behind ---


def test_which_claims_are_about_levels() -> None:
    rest = [claim.name for claim in PAPER.claims if not claim.levels]
    assert rest == [NOT_LEVELS, RULED], "a share of copied words is no level; rules have nothing to learn"


@among(NOT_LEVELS, RULED)
def test_above_the_margin_those_behind_must_have_settled(claim: str) -> None:
    sides = [{pair[side][0] for pair in CASES[claim].pairs} & {*TRAINED} for side in (0, 1)]
    ahead = sides[0] - sides[1]
    made = tried(claim, *ABOVE)
    assert judged(claim, made.falling(dict.fromkeys(ahead, 0.5)))["verdict"] == "reproduced"
    for system in sides[1]:
        row = judged(claim, made.falling({system: 0.2}))
        assert undecided(
            row, f"still falling: the validation loss of {system} by 20% in the last fifth; 3 seeds"
        )


@among(NOT_LEVELS, RULED)
def test_below_the_margin_those_said_to_lead_must_have_settled(claim: str) -> None:
    (leads, _), (lags, _) = CASES[claim].pairs[-1] if claim != "ranking" else CASES[claim].pairs[0]
    made = tried(claim, *BELOW)
    others = {lags} - {leads} & {*TRAINED}
    settled = made.falling(dict.fromkeys(others & {*TRAINED}, 0.5))
    assert judged(claim, settled)["verdict"] == "contradicted"
    row = judged(claim, made.falling({leads: 0.2}))
    assert undecided(row, f"still falling: the validation loss of {leads} by 20% in the last fifth")


@pytest.mark.parametrize("shifts", [ABOVE, BELOW])
def test_copying_does_not_ask_whether_losses_have_settled(shifts: tuple[float, ...]) -> None:
    made = tried(NOT_LEVELS, *shifts).falling({"abs": 0.5, "abs-plus": 0.5})
    assert judged(NOT_LEVELS, made)["verdict"] == ("reproduced" if shifts is ABOVE else "contradicted")


def test_a_tuned_system_is_as_settled_as_its_network() -> None:
    """Tuning leaves no loss; the last stage that has one counts."""
    claim = "extractive-features-help-recall"
    made = tried(claim, *BELOW)
    tuned = {"stage": "tune", "update": 1, "valid_nll": np.nan, "valid_score": 31.0}
    runs = tuple(
        {**run, "history": [*run["history"], tuned]} if run["system"] == "abs-plus" else run
        for run in made.falling({"abs-plus": 0.2}).runs
    )
    row = judged(claim, replace(made, runs=runs))
    assert undecided(row, "still falling: the validation loss of abs-plus by 20%")
