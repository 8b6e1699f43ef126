"""What is measured without a verdict: one difference at a time, frozen vectors, and where words point."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from entailing_claims import PAIRS, World, records
from judging_claims import Made, measured, verdict

from reproductions.rocktaschel2016 import PAPER

FROZEN, ALONE, CLASSIFIER = "frozen vectors", "conditioning alone", "the simpler classifier"
STEPS = ("independent", "independent-frozen", "conditional-shared-layered", "conditional-shared")


def of(name: str, made: Made) -> pd.DataFrame:
    return measured(PAPER, name, made)


def climbing(*percent: float) -> World:
    return World(test=dict(zip(STEPS, percent, strict=True)))


def test_each_measurement_is_tried_here() -> None:
    names = ["conditioning-step-by-step", "frozen-vectors-alone", "words-find-themselves",
             "words-find-what-settles-them"]  # fmt: skip
    assert [one.name for one in PAPER.measurements] == names


def test_each_step_is_one_difference() -> None:
    """45, 50, 58 and 60 right: steps of 5, 8 and 2, which are the 15 between the ends."""
    made = records(*[climbing(45, 50, 58, 60)] * 3)
    rows = of("conditioning-step-by-step", made)
    assert list(rows.index) == [FROZEN, ALONE, CLASSIFIER]
    assert rows["value"].tolist() == pytest.approx([5, 8, 2])
    assert (rows["ci_low"] < rows["value"]).all() and (rows["value"] < rows["ci_high"]).all()
    claim = verdict(PAPER, "conditioning-beats-independent-encoding", made)
    assert rows["value"].sum() == pytest.approx(claim["effect"]) == pytest.approx(15)
    assert rows["n"].tolist() == [PAIRS] * 3 and rows["seeds"].tolist() == [3] * 3


def test_steps_add_up_seed_by_seed_and_may_go_down() -> None:
    seeds = [climbing(45, 50, 58, 60), climbing(50, 46, 61, 57), climbing(40, 45, 43, 63)]
    rows = of("conditioning-step-by-step", records(*seeds))
    assert rows["reason"].tolist() == ["3 seeds: +5, -4, +5", "3 seeds: +8, +15, -2", "3 seeds: +2, -4, +20"]
    assert rows["value"].tolist() == pytest.approx([2, 7, 6])
    whole = verdict(PAPER, "conditioning-beats-independent-encoding", records(*seeds))
    assert "3 seeds: +15, +7, +23" in whole["reason"]
    assert rows["value"].sum() == pytest.approx(whole["effect"])
    spread = np.std([5, -4, 5], ddof=1)
    assert rows["ci_low"][FROZEN] < 2 - 4.3 * spread / 3**0.5, "trainings and examples"


@pytest.mark.parametrize("system", STEPS)
def test_a_missing_control_leaves_no_steps(system: str) -> None:
    rows = of("conditioning-step-by-step", records(World()).without(system))
    assert rows["reason"].tolist() == [f"not run: system {system} was not run"]
    assert rows["value"].isna().all()


def test_tuned_vectors_against_frozen_ones() -> None:
    """From 95 to 60 is 35, frozen from 85 to 62 is 23: 12 more."""
    world = World(
        test={"independent": 60, "independent-frozen": 62},
        train={"independent": 95, "independent-frozen": 85},
    )
    rows = of("frozen-vectors-alone", records(*[world] * 3))
    assert rows["value"].tolist() == pytest.approx([12])
    assert rows["ci_low"][""] > 8 and rows["ci_high"][""] < 16
    assert rows["n"].tolist() == [2 * PAIRS], "training and test pairs"
    less = replace(world, train={"independent": 80, "independent-frozen": 85})
    assert of("frozen-vectors-alone", records(less))["value"].tolist() == pytest.approx([-3])


def test_without_given_vectors_none_are_frozen() -> None:
    rows = of("frozen-vectors-alone", records(World(), vectors=""))
    assert rows["reason"].tolist() == [
        "not run: independent was not run with given word vectors: --set data.vectors=FILE"
    ]
    rows = of("frozen-vectors-alone", records(World()).without("independent"))
    assert rows["reason"].tolist() == ["not run: system independent was not run"]


@pytest.mark.parametrize(
    ("name", "seeds", "hits", "above"),
    [
        ("words-find-themselves", [World(copied={"word-by-word": 0.7})] * 3, 0.7, 0.5),
        ("words-find-themselves", [World(copied={"word-by-word": p}) for p in (0.1, 0.2, 0.6)], 0.3, 0.1),
        ("words-find-themselves", [World(copied={"attention": 0.1})], 0.8, 0.6),
        ("words-find-what-settles-them", [World(pointing=0.65)] * 3, 0.65, 0.4),
        ("words-find-what-settles-them", [World(pointing=p) for p in (0.1, 0.2)], 0.15, -0.1),
    ],
)
def test_where_words_point_and_by_how_much_beyond_chance(
    name: str, seeds: list[World], hits: float, above: float
) -> None:
    rows = of(name, records(*seeds))
    assert list(rows.index) == ["hits", "above chance"]
    assert rows["value"].tolist() == pytest.approx([hits, above])
    assert (rows["ci_low"] < rows["value"]).all() and (rows["value"] < rows["ci_high"]).all()
    assert rows["seeds"].tolist() == [len(seeds)] * 2


def test_no_gold_links_no_number_about_them() -> None:
    made = records(World())
    frame = made.frame.drop(columns=[name for name in made.frame if name.startswith("pointing")])
    rows = of("words-find-what-settles-them", replace(made, frame=frame))
    assert rows["reason"].tolist() == ["not run: no test set has pointing"]
    assert of("words-find-themselves", replace(made, frame=frame))["value"].tolist() == pytest.approx(
        [0.8, 0.6]
    )
