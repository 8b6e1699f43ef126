"""The rules of judging, on effects made by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attnbench import claims
from attnbench.errors import BadInput
from attnbench.evidence import Evidence, NotRun, Part
from attnbench.paper import Claim, Measurement, Paper
from attnbench.records import Records
from attnbench.scoring import AllExamples, Estimate
from attnbench.scoring.bootstrap import Population

CLAIM = Claim(
    "c", "above {low}", "Table 1", f"{__name__}:check", "BLEU", 1.0, "reason", "2026-11-23, abc",
    paper_effect="paper: +2", terms={"low": 7},
)  # fmt: skip
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
        tuple(range(len(values))), np.array(values), np.array(values) + noise, {1: np.ones(n, dtype=bool)}
    )


def judged(*given: Part | Estimate) -> pd.Series:
    parts[:] = [part if isinstance(part, Part) else Part("", part) for part in given]
    return claims.judge(PAPER, AllExamples(Records(NOTHING))).iloc[0]


def evidence_of(frame: pd.DataFrame, metadata: Sequence[Mapping[str, Any]] = (), **of: str) -> Evidence:
    return Evidence(AllExamples(Records(frame, metadata)), replace(PAPER, **of))


ABOVE, BELOW, HOLDS = (f"the interval {where} the margin" for where in ("lies above", "lies below", "holds"))


@pytest.mark.parametrize(
    ("given", "verdict", "reason"),
    [
        (effect(2.0), "held once", f"{ABOVE}; 1 seed: +2"),
        (effect(0.4), "failed once", f"{BELOW}; 1 seed: +0.4"),
        (effect(1.2), "undecided", f"{HOLDS}; 1 seed: +1.2"),
        (effect(9.0, 7.0), "undecided", f"{HOLDS}; 2 seeds: +9, +7"),  # 8 ± 12.7: Student's t of two
        (effect(9.0, 8.2), "reproduced", f"{ABOVE}; 2 seeds: +9, +8.2"),
        (effect(-9.0, -8.2), "contradicted", f"{BELOW}; 2 seeds: -9, -8.2"),
        (effect(2.97, 1.95, 4.01, spread=0.86), "undecided", f"{HOLDS}; 3 seeds: +2.97, +1.95, +4.01"),
        (effect(2.97, 2.95, 3.01, spread=0.86), "reproduced", f"{ABOVE}; 3 seeds: +2.97, +2.95, +3.01"),
        (effect(9.0, 9.0, 9.0, 9.0, 0.9), "reproduced", ABOVE),
        (effect(0.0, spread=0), "undecided", "nothing differs between the two sides"),
        (effect(0.0, 0.0, spread=0), "undecided", "nothing differs between the two sides"),
        (effect(0.0, spread=0.1), "failed once", f"{BELOW}; 1 seed: +0"),
        (effect(float("nan")), "undecided", "the effect is not defined"),
        (effect(), "not run", "no seed was run for all the systems that are compared"),
        (Part("", effect(2.0), doubt="undertrained: x"), "undecided", "undertrained: x; 1 seed: +2"),
    ],
)  # fmt: skip
def test_verdicts(given: Part | Estimate, verdict: str, reason: str) -> None:
    row = judged(given)
    assert row["verdict"] == verdict
    assert row["reason"].startswith(reason)


def test_no_fall_at_all_is_no_fall() -> None:
    """Two bins that are both perfect differ by nought exactly, which is above a margin of less."""
    claim = replace(CLAIM, margin=-10.0)
    parts[:] = [Part("", effect(0.0, 0.0, 0.0, spread=0))]
    row = claims.judge(replace(PAPER, claims=(claim,)), AllExamples(Records(NOTHING))).iloc[0]
    assert row["verdict"] == "reproduced"


def test_a_claim_that_may_fail_in_many_parts_needs_more_to_fail() -> None:
    """A part 2.2 standard errors below the margin fails alone, not as one of ten."""
    weak, error = effect(0.0, 0.0, 0.0, spread=1.959964 / 0.95 / 2.2), effect(9.0, 9.0, 9.0)
    assert judged(weak)["verdict"] == "contradicted"
    assert judged(Part("weak", weak), *(Part(str(n), error) for n in range(9)))["verdict"] == "undecided"


def test_p_and_q_are_of_tested_claims_only() -> None:
    """q by hand: three p of 0.01, 0.04 and 0.03 give 0.03, 0.04 and 0.04."""
    assert claims.adjusted(np.array([0.01, np.nan, 0.04, 0.03])) == pytest.approx(
        [0.03, np.nan, 0.04, 0.04], nan_ok=True
    )
    assert claims.adjusted(np.array([np.nan])) == pytest.approx([np.nan], nan_ok=True)
    assert np.isnan(judged(effect(2.0))["p"]), "one training is no test"
    assert np.isnan(judged(Part("", effect(9.0, 8.9), doubt="x"))["p"])
    row = judged(effect(1.0, 2.0, 3.0, spread=0))  # t = 1 / (1 / √3): two-sided p by a table of Student's
    assert row["p"] == row["q"] == pytest.approx(0.2254, abs=1e-4)
    both = judged(Part("a", effect(1.0, 2.0, 3.0, spread=0)), Part("b", effect(9.0, 9.1, 9.2)))
    assert both["p"] == pytest.approx(0.2254, abs=1e-4), "all parts must hold: the least certain counts"
    failed = judged(Part("a", effect(-1.0, 0.0, 1.0, spread=0)), Part("b", effect(9.0, 9.1, 9.2)))
    assert failed["p"] == pytest.approx(2 * 0.2254, abs=1e-4), "any of two parts may fail"


def test_a_statement_is_in_the_terms_of_the_run() -> None:
    assert judged(effect(2.0))["statement"] == "above 7"
    claim = replace(CLAIM, terms_of=f"{__name__}:terms")
    row = claims.judge(replace(PAPER, claims=(claim,)), AllExamples(Records(NOTHING))).iloc[0]
    assert row["statement"] == "above 3"
    assert (row["margin_set"], row["after_results"]) == ("2026-11-23, abc", False)


def terms(evidence: Evidence) -> dict[str, int]:
    return {"low": 3}


def test_measurements_have_parts_and_no_verdict() -> None:
    measured = (
        Measurement("m", "how much", f"{__name__}:check", "BLEU"),
        Measurement("n", "another", f"{__name__}:missing", "BLEU"),
    )
    parts[:] = [Part("a", effect(2.0, 3.0, n=70), note="so"), Part("b", effect(1.0), doubt="not learnt")]
    found = claims.measure(replace(PAPER, measurements=measured), AllExamples(Records(NOTHING)))
    assert list(found.columns) == claims.MEASURED
    rows = found.to_dict("records")
    assert [(row["measurement"], row["part"]) for row in rows] == [("m", "a"), ("m", "b"), ("n", "")]
    assert (rows[0]["value"], rows[0]["seeds"], rows[0]["n"]) == (2.5, 2, 70)
    assert rows[0]["reason"] == "2 seeds: +2, +3; so" and rows[1]["reason"] == "1 seed: +1; not learnt"
    assert rows[2]["reason"] == "not run: gone" and pd.isna(rows[2]["value"])


def missing(evidence: Evidence) -> list[Part]:
    raise NotRun("gone")


def test_a_note_follows_the_reason() -> None:
    row = judged(Part("", effect(2.0), note="right alone, McNemar: 3 : 1 (p 0.62)"))
    assert row["reason"].endswith("1 seed: +2; right alone, McNemar: 3 : 1 (p 0.62)")
    assert row["verdict"] == "held once"


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
    half = np.hypot(12.7062 * 0.5**0.5 / 2**0.5, 0.475)
    assert row["effect"] == 2.5
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((2.5 - half, 2.5 + half), rel=1e-5)
    assert (row["seeds"], row["n"], row["margin"], row["unit"]) == (2, 70, 1.0, "BLEU")
    assert (row["paper_location"], row["paper_effect"]) == ("Table 1", "paper: +2")


def test_what_is_needed_is_what_is_short() -> None:
    row = judged(effect(1.2, spread=0.6, n=100))  # half-width 0.57, distance 0.2
    assert row["needed"] == "about 813 examples instead of 100, and more trainings: --seeds 3"
    assert judged(effect(1.0))["needed"].startswith("no practical number")
    assert judged(effect(9.0))["needed"] == "more trainings: --seeds 3"
    # two seeds, deviation 1.13, mean 2.6, distance 1.6: t(s-1) 1.13 / √s is 1.8 at four and 1.4 at five
    assert judged(effect(1.8, 3.4, spread=0))["needed"] == "about 5 seeds instead of 2"
    assert judged(effect(1.9, 1.9, spread=2, n=100))["needed"] == "about 446 examples instead of 100"
    assert judged(effect(1.1, 2.7, spread=2, n=100))["needed"] == (
        "about 892 examples instead of 100, and 15 seeds"
    )
    assert judged(effect(0.9, 1.4, spread=0))["needed"] == "about 24 seeds instead of 2"
    assert judged(effect(-40, 42.1, spread=0))["needed"] == "more than 100 seeds"


@pytest.mark.parametrize(
    ("second", "verdict"),
    [(effect(1.6), "held once"), (effect(1.1), "undecided"), (effect(0.1), "failed once")],
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


def test_evidence_knows_settings() -> None:
    assert evidence_of(NOTHING).settings("a") == {}
    metadata = [
        {"system": "b", "seed": 0},
        {"system": "a", "seed": 0, "settings": {"data": {"max_length": 20}}},
    ]
    evidence = evidence_of(NOTHING, metadata)
    assert evidence.settings("a") == {"data": {"max_length": 20}}
    assert evidence.settings("b") == evidence.settings("c") == {}


def trained(system: str, losses: Sequence[float], seed: int = 0, stage: str = "fit") -> dict[str, Any]:
    """What a run's file says of a training of 100 updates, evaluated every ten."""
    curve = [{"stage": stage, "update": 10 * (n + 1), "valid_nll": one, "valid_score": 1.0}
             for n, one in enumerate(losses)]  # fmt: skip
    return {"system": system, "seed": seed, "history": curve}


SETTLED, FALLING = [5.0] * 10, [5.0] * 8 + [4.8, 4.4]


def test_a_loss_is_still_falling_if_it_fell_by_a_tenth_in_the_last_fifth() -> None:
    runs = [trained("a", FALLING), trained("b", SETTLED), trained("c", [*FALLING[:-1], 4.51]),
            trained("d", FALLING), trained("d", [9.0] * 8 + [9.0, 8.9], seed=1)]  # fmt: skip
    evidence = evidence_of(NOTHING, runs)
    told = "still falling: the validation loss of a by 12% in the last fifth"
    assert evidence.still_falling(["a", "b", "c", "rule"]) == told
    assert evidence.still_falling(["b", "c", "rule"]) == ""
    assert evidence.still_falling(["d"]) == "", (
        "5.0 and 9.0 to 4.4 and 8.9: the mean of the seeds fell by 5 %"
    )
    staged = [trained("a", FALLING, stage="first"), trained("b", SETTLED)]
    staged[0]["history"] += trained("a", SETTLED, stage="then")["history"]
    assert evidence_of(NOTHING, staged).still_falling(["a"]) == "", "the last stage counts"
    with pytest.raises(NotRun, match="no training history of rule"):
        evidence.curve("rule")


@pytest.mark.parametrize(
    ("levels", "given", "falling", "verdict"),
    [
        (True, effect(2.0), "behind", "undecided"),
        (True, effect(2.0), "ahead", "held once"),
        (True, effect(0.1), "ahead", "undecided"),
        (True, effect(0.1), "behind", "failed once"),
        (False, effect(2.0), "behind", "held once"),
    ],
)
def test_whom_training_would_help_must_not_be_falling_where_levels_are_compared(
    levels: bool, given: Estimate, falling: str, verdict: str
) -> None:
    losses = {"ahead": SETTLED, "behind": SETTLED, falling: FALLING}
    records = Records(NOTHING, [trained(name, curve) for name, curve in losses.items()])
    parts[:] = [Part("", given, ("ahead",), ("behind",))]
    paper = replace(PAPER, claims=(replace(CLAIM, levels=levels),))
    row = claims.judge(paper, AllExamples(records)).iloc[0]
    assert row["verdict"] == verdict
    assert row["reason"].startswith(f"still falling: the validation loss of {falling}") == (
        verdict == "undecided"
    )


def test_attention_must_be_clear_of_chance() -> None:
    evidence = evidence_of(NOTHING)
    assert evidence.at_chance("a", effect(0.5, spread=0.4)) == ""
    told = "a does not point better than chance: +0.5 [-0.07, 1.07]"
    assert evidence.at_chance("a", effect(0.5, spread=0.6)) == told
    assert evidence.at_chance("a", effect(0.1, 0.9, spread=0.1)).startswith("a does not point"), (
        "seeds differ"
    )


def test_a_part_of_a_test_set_is_paired_with_the_whole_and_counts_once() -> None:
    """Against a direct resample of the whole set, the same draws serving both."""
    rng = np.random.default_rng(3)
    nats, known = rng.normal(5, 2, 300), rng.random(300) < 0.6
    keys = {"system": "a", "seed": 0, "decoding": "forced", "source_length": 5, "nll/words": 1.0}
    frame = pd.DataFrame(
        {"id": [f"{n:03d}" for n in range(300)], **keys, "nll/sentences": 1.0, "nll/nats": nats}
    )
    parted = pd.concat([frame.assign(test="test"), frame[known].assign(test="part")])
    evidence = evidence_of(parted)
    difference = evidence.score("a", "nll", "forced", "part") - evidence.score("a", "nll", "forced", "test")
    assert difference.n == 300
    weights = Population(np.array(frame["id"], dtype=object)).weights(np.arange(300)).T.astype(float)
    direct = (weights[:, known] @ nats[known]) / weights[:, known].sum(axis=1) - weights @ nats / 300
    assert difference.replicates[:, 0] == pytest.approx(direct, rel=1e-9)
    apart = pd.concat([frame.assign(test="test"), frame.assign(test="other", id="x" + frame["id"])])
    scores = [evidence_of(apart).score("a", "nll", "forced", test) for test in ("test", "other")]
    assert (scores[0] - scores[1]).n == 600
    assert abs(np.corrcoef(*(one.replicates[:, 0] for one in scores))[0, 1]) < 0.1, "draws of its own"
