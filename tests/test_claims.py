"""The rules of judging, on effects made by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from attnbench import claims
from attnbench.claims import Evidence, NotRun, Part
from attnbench.paper import Claim, Paper
from attnbench.scoring import Estimate

CLAIM = Claim("c", "statement", "Table 1", f"{__name__}:check", "BLEU", 1.0, "reason", "paper: +2")
PAPER = Paper(
    name="p", title="t", authors="a", venue="v", url="u", task="", model="", systems=(), scales=(),
    claims=(CLAIM,), printed=(), headline="bleu", decodings=("beam",),
)  # fmt: skip
parts: list[Part] = []


def check(evidence: Evidence) -> list[Part]:
    return parts


def effect(*values: float, spread: float = 0.5, n: int = 100) -> Estimate:
    """An effect for each seed, whose replicates lie evenly within ``spread`` of it."""
    noise = np.linspace(-spread, spread, 1001)[:, None]
    return Estimate(
        tuple(range(len(values))), np.array(values), np.array(values) + noise, np.ones(n, dtype=bool)
    )


def judged(*given: Part | Estimate) -> pd.Series:
    parts[:] = [part if isinstance(part, Part) else Part("", part) for part in given]
    return claims.judge(PAPER, pd.DataFrame({"system": []}), pd.DataFrame()).iloc[0]


@pytest.mark.parametrize(
    ("given", "verdict", "reason"),
    [
        (effect(2.0), "reproduced", "the interval lies above the margin; 1 seed: +2"),
        (effect(0.4), "contradicted", "the interval lies below the margin; 1 seed: +0.4"),
        (effect(1.2), "undecided", "the interval holds the margin; 1 seed: +1.2"),
        (effect(9.0, 0.9), "undecided", "the seeds lie on both sides of the margin; 2 seeds: +9, +0.9"),
        (effect(9.0, 8.0), "reproduced", "the interval lies above the margin; 2 seeds: +9, +8"),
        (effect(-9.0, 1.5), "undecided", "the seeds lie on both sides of the margin; 2 seeds: -9, +1.5"),
        (effect(9.0, 9.0, 9.0, 9.0, 0.9), "reproduced", "the interval lies above the margin"),
        (effect(0.0, spread=0), "undecided", "no example differs: the same records on both sides"),
        (effect(0.0, spread=0.1), "contradicted", "the interval lies below the margin; 1 seed: +0"),
        (effect(float("nan")), "undecided", "the effect is not defined"),
        (effect(), "not run", "no seed was run for all the systems that are compared"),
        (Part("", effect(2.0), "undertrained: x"), "undecided", "undertrained: x"),
    ],
)  # fmt: skip
def test_verdicts(given: Part | Estimate, verdict: str, reason: str) -> None:
    row = judged(given)
    assert row["verdict"] == verdict
    assert row["reason"].startswith(reason)


def test_a_note_follows_the_reason() -> None:
    row = judged(Part("", effect(2.0), note="right alone, McNemar: 3 : 1 (p 0.62)"))
    assert row["reason"].endswith("1 seed: +2; right alone, McNemar: 3 : 1 (p 0.62)")
    assert row["verdict"] == "reproduced"


def test_mcnemar_is_told_seed_by_seed() -> None:
    answers = {("a", 0): [1, 1, 1, 0], ("a", 1): [1, 1, 1, 1], ("b", 0): [1, 0, 0, 1], ("b", 1): [0, 0, 0, 0]}
    keys = {"decoding": "argmax", "test": "t", "source_length": 3}
    rows = [
        {**keys, "system": system, "seed": seed, "id": str(place),
         "accuracy/correct": float(right), "accuracy/pairs": 1.0}
        for (system, seed), rights in answers.items() for place, right in enumerate(rights)
    ]  # fmt: skip
    evidence = Evidence(pd.DataFrame(rows), pd.DataFrame(), PAPER)
    said = evidence.mcnemar("a", "b", "accuracy", "argmax", "t")
    assert said == "right alone, McNemar: 2 : 1 (p 1), 4 : 0 (p 0.12)"
    with pytest.raises(NotRun, match="system c was not run"):
        evidence.mcnemar("a", "c", "accuracy", "argmax", "t")


def test_the_row_holds_effect_interval_and_claim() -> None:
    row = judged(effect(2.0, 3.0, n=70))
    assert row["effect"] == 2.5
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((2.5 - 0.475, 2.5 + 0.475))
    assert (row["seeds"], row["n"], row["margin"], row["unit"]) == (2, 70, 1.0, "BLEU")
    assert (row["paper_location"], row["paper_effect"]) == ("Table 1", "paper: +2")


def test_needed_examples_grow_with_the_square() -> None:
    row = judged(effect(1.2, spread=0.6, n=100))  # half-width 0.57, distance 0.2
    assert row["needed"] == "about 813 examples instead of 100"
    assert judged(effect(1.0))["needed"].startswith("no practical number")
    assert judged(effect(9.0, 0.9))["needed"] == "at least 5 seeds"


def test_needed_seeds_where_seeds_are_drawn() -> None:
    assert judged(effect(0, 0, 1, 2, 4, spread=0))["needed"].endswith(" seeds instead of 5")


@pytest.mark.parametrize(
    ("second", "verdict"),
    [(effect(1.6), "reproduced"), (effect(1.1), "undecided"), (effect(0.1), "contradicted")],
)
def test_a_claim_is_as_strong_as_its_weakest_part(second: Estimate, verdict: str) -> None:
    row = judged(Part("strong", effect(5.0)), Part("weak", second))
    assert row["verdict"] == verdict
    assert row["reason"].startswith("weakest part: weak; ")
    assert row["effect"] == second.value


def test_evidence_pairs_only_equal_examples() -> None:
    frame = pd.DataFrame(
        {
            "system": ["a"] * 60 + ["b"] * 60,
            "seed": 0,
            "decoding": "forced",
            "test": "test",
            "id": [*map(str, range(60)), *map(str, range(1, 61))],
            "source_length": 5,
            "nll/nats": 2.0,
            "nll/words": 5.0,
            "nll/sentences": 1.0,
        }
    )
    evidence = Evidence(frame, pd.DataFrame(), PAPER)
    assert evidence.score("a", "nll", "forced", "test").value == 2
    for _ in range(2):
        with pytest.raises(NotRun, match="b and a were tested on different examples of test"):
            evidence.score("b", "nll", "forced", "test")
    with pytest.raises(NotRun, match="system c was not run"):
        evidence.score("c", "nll", "forced", "test")
    with pytest.raises(NotRun, match="a has no records of decoding beam on test test"):
        evidence.score("a", "nll", "beam", "test")
    with pytest.raises(NotRun, match="0 examples of 11 to 20 words in test, 50 needed"):
        evidence.score("a", "nll", "forced", "test", 11, 21)
    assert evidence.undertrained(["a"], "nll", "forced", "test", at_least=2) == ""
    said = evidence.undertrained(["a"], "nll", "forced", "test", at_least=3)
    assert said == "undertrained: a has 2.0 nats a sentence on test, below 3"


def test_evidence_knows_settings_and_updates() -> None:
    table = pd.DataFrame({"system": ["a", "b"]})
    assert Evidence(table, pd.DataFrame(), PAPER).settings("a") == {}
    table.attrs["about"] = [{"system": "b"}, {"system": "a", "settings": {"data": {"max_length": 20}}}]
    history = pd.DataFrame({"system": ["a", "a", "a", "b"], "seed": [0, 0, 1, 0], "update": [10, 20, 15, 30]})
    evidence = Evidence(table, history, PAPER)
    assert evidence.settings("a") == {"data": {"max_length": 20}}
    assert evidence.settings("b") == evidence.settings("c") == {}
    assert (evidence.updates("a"), evidence.updates("b")) == (20, 30)
    with pytest.raises(NotRun, match="no training history of c"):
        evidence.updates("c")
    with pytest.raises(NotRun, match="no training history of a"):
        Evidence(table, pd.DataFrame(), PAPER).updates("a")


def test_a_difference_over_two_test_sets_rests_on_the_examples_of_both() -> None:
    all_of_60 = effect(5.0, 6.0, n=60)
    some_of_40 = effect(2.0, 1.0, spread=0.0, n=40)
    some_of_40 = replace(some_of_40, examples=np.arange(40) < 30)
    difference = all_of_60 - some_of_40
    assert difference.n == 60 + 30
    assert difference.values.tolist() == [3.0, 5.0]
    assert difference.interval == pytest.approx((4 - 0.475, 4 + 0.475))
    assert (difference - effect(1.0, 1.0, n=60)).n == 60 + 30 + 60
    assert (all_of_60 - replace(all_of_60, examples=np.arange(60) < 20)).n == 60, "the same set counts once"
    assert judged(some_of_40 - all_of_60)["n"] == 90
