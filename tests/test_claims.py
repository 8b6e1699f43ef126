"""The rules of judging, on effects made by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attnbench import claims
from attnbench.claims import Evidence, NotRun, Part
from attnbench.errors import BadInput
from attnbench.paper import Claim, Paper
from attnbench.records import Records
from attnbench.scoring import AllExamples, Estimate

CLAIM = Claim("c", "statement", "Table 1", f"{__name__}:check", "BLEU", 1.0, "reason", "paper: +2")
PAPER = Paper(
    name="p", title="t", authors="a", venue="v", url="u", task="attnbench.tasks.translation:TASK", model="",
    systems=(), scales=(), claims=(CLAIM,), printed=(), headline="bleu", decodings=("beam",),
)  # fmt: skip
NOTHING = pd.DataFrame(columns=["system", "seed", "decoding", "test", "id"])
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
    return claims.judge(PAPER, AllExamples(Records(NOTHING))).iloc[0]


def evidence_of(frame: pd.DataFrame, metadata: Sequence[Mapping[str, Any]] = (), **of: str) -> Evidence:
    return Evidence(AllExamples(Records(frame, metadata)), replace(PAPER, **of))


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
    keys = {"decoding": "argmax", "test": "t", "premise_length": 3}
    rows = [
        {**keys, "system": system, "seed": seed, "id": str(place),
         "accuracy/correct": float(right), "accuracy/pairs": 1.0}
        for (system, seed), rights in answers.items() for place, right in enumerate(rights)
    ]  # fmt: skip
    evidence = evidence_of(pd.DataFrame(rows), task="attnbench.tasks.entailment:TASK")
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
    evidence = evidence_of(frame)
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
    with pytest.raises(NotRun, match=r"0 examples of 0\.5 to below 1 words in test, 50 needed"):
        evidence.score("a", "nll", "forced", "test", 0.5, 1)
    with pytest.raises(NotRun, match="0 examples of 6 to inf words in test, 50 needed"):
        evidence.score("a", "nll", "forced", "test", 6)


@pytest.mark.parametrize(
    ("metric", "good", "bad", "message"),
    [
        ("nll", 2.0, 1.9, "undertrained: a has 2.0 nats a sentence on test, above 1.9"),
        ("diagonal-mass", 0.4, 0.5, "undertrained: a has 0.4 share on test, below 0.5"),
    ],
)
def test_an_error_is_at_most_its_bound_and_a_score_at_least(
    metric: str, good: float, bad: float, message: str
) -> None:
    statistics = {"nll/nats": 2.0, "nll/words": 5.0, "nll/sentences": 1.0, "diagonal-mass/near": 2.0,
                  "diagonal-mass/words": 5.0}  # fmt: skip
    keys = {"system": "a", "seed": 0, "decoding": "forced", "test": "test", "source_length": 5}
    evidence = evidence_of(pd.DataFrame({"id": [*map(str, range(60))], **keys, **statistics}))
    assert evidence.undertrained(["a"], metric, "forced", "test", good) == ""
    assert evidence.undertrained(["a"], metric, "forced", "test", bad) == message


def test_scores_can_be_asked_for_by_any_length_of_the_task() -> None:
    place = np.arange(120)
    keys = {
        "system": "a",
        "seed": 0,
        "decoding": "forced",
        "test": "test",
        "nll/words": 1.0,
        "nll/sentences": 1.0,
    }
    frame = pd.DataFrame({"id": [f"{one:03d}" for one in place], **keys, "nll/nats": place.astype(float),
                          "source_length": place % 2, "target_length": place // 60})  # fmt: skip
    evidence = evidence_of(frame)
    assert evidence.score("a", "nll", "forced", "test", 1, 2).value == place[1::2].mean()
    assert evidence.score("a", "nll", "forced", "test", 1, 2, by="target-length").value == place[60:].mean()
    with pytest.raises(
        BadInput, match="unknown length 'seconds'; translation has length, source-length, target-"
    ):
        evidence.score("a", "nll", "forced", "test", by="seconds")


def test_evidence_knows_settings_and_updates() -> None:
    """The updates of stages add up; a record that names no stage had the one; a rule has no history."""
    assert evidence_of(NOTHING).settings("a") == {}
    metadata = [
        {"system": "b", "seed": 0, "history": [{"update": 30}]},
        {"system": "a", "seed": 0, "settings": {"data": {"max_length": 20}}, "history": [
            {"stage": "first", "update": 5}, {"stage": "first", "update": 10},
            {"stage": "then", "update": 7}]},
        {"system": "a", "seed": 1, "history": [{"stage": "first", "update": 15}]},
        {"system": "rule", "seed": 0, "history": []},
    ]  # fmt: skip
    evidence = evidence_of(NOTHING, metadata)
    assert evidence.settings("a") == {"data": {"max_length": 20}}
    assert evidence.settings("b") == evidence.settings("c") == {}
    assert (evidence.updates("a"), evidence.updates("b")) == (17, 30)
    for name in ("c", "rule"):
        with pytest.raises(NotRun, match=f"no training history of {name}"):
            evidence.updates(name)


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
