"""What is measured without a verdict: one difference at a time, by length, and where attention looks."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from judging_claims import Made, measured, verdict
from summarizing_claims import NEARER, PAIRS, World, records

from reproductions.rush2015 import PAPER

STEPS = {
    "word-order-step-by-step": ("word-order-helps", ("bow", "tdnn-sorted", "tdnn")),
    "attention-step-by-step": ("attention-beats-a-bag-of-words", ("bow", "abs-unsmoothed", "abs")),
}


def of(name: str, made: Made) -> pd.DataFrame:
    return measured(PAPER, name, made)


def test_each_measurement_is_tried_here() -> None:
    names = [
        *STEPS, "smoothing-in-rouge", "perplexity-steps", "attention-by-length",
        "attention-by-length-in-rouge", "words-are-looked-at", "gold-links-are-looked-at",
        "abs-over-prefix-step-by-step", "prefix-over-retrieval-step-by-step", "on-duc-2004", "copying",
    ]  # fmt: skip
    assert [one.name for one in PAPER.measurements] == names


@pytest.mark.parametrize("name", STEPS)
def test_each_step_is_one_difference_and_they_add_up(name: str) -> None:
    """4, 3.9 and 3.5 nats with one seed, and so on: steps of 0.1 and 0.4, of -0.2 and 0.6."""
    claim, systems = STEPS[name]
    seeds = [World(nats=dict(zip(systems, nats, strict=True))) for nats in ((4, 3.9, 3.5), (4, 4.2, 3.6))]
    made = records(*seeds)
    rows = of(name, made)
    assert rows["value"].tolist() == pytest.approx([-0.05, 0.5])
    assert rows["reason"].tolist() == ["2 seeds: +0.1, -0.2", "2 seeds: +0.4, +0.6"]
    assert rows["value"].sum() == pytest.approx(verdict(PAPER, claim, made)["effect"]) == pytest.approx(0.45)
    assert rows["n"].tolist() == [PAIRS] * 2
    without = of(name, made.without(systems[1]))
    assert without["reason"].tolist() == [f"not run: system {systems[1]} was not run"]


def test_the_controls_have_names_that_say_which_step_is_theirs() -> None:
    made = records(World())
    assert [*of("word-order-step-by-step", made).index] == ["layers, words sorted", "word order"]
    assert [*of("attention-step-by-step", made).index] == ["weights alone", "smoothing"]


def test_what_smoothing_adds_to_summaries() -> None:
    gains = {"abs": 2.0, "abs:rouge-2-75": 3.0, "abs-unsmoothed:rouge-l-75": 4.0}
    rows = of("smoothing-in-rouge", records(World(gains=gains)))
    assert rows["value"].to_dict() == pytest.approx({"R-1": 2.0, "R-2": 3.0, "R-L": -2.0})


def test_steps_of_perplexity_in_percent() -> None:
    """Those of Table 2: 183.2, 145.9, 43.6, 35.9 and 27.1."""
    table = {"kn-5": 183.2, "nnlm": 145.9, "bow": 43.6, "tdnn": 35.9, "abs": 27.1}
    made = records(World(nats={system: float(np.log(value)) for system, value in table.items()}))
    rows = of("perplexity-steps", made)
    expected = {"kn-5 to nnlm": -20.4, "nnlm to bow": -70.1, "bow to tdnn": -17.7, "tdnn to abs": -24.5,
                "bow to abs": -37.8}  # fmt: skip
    assert rows["value"].to_dict() == pytest.approx(expected, abs=0.05)
    assert [*of("perplexity-steps", made.without("tdnn")).index] == [
        "kn-5 to nnlm",
        "nnlm to bow",
        "bow to abs",
    ]
    nothing = of("perplexity-steps", made.without("nnlm", "bow", "abs"))
    assert nothing["reason"].tolist() == ["not run: no two rows of Table 2 were run"]


def test_attention_is_ahead_of_a_bag_of_words_by_length() -> None:
    """0.5 nats on short inputs; on those of more than 30 words 0.2 more, as a bag of words is worse there."""
    made = records(*[World(nats={"bow": 4.0, "abs": 3.5}, growth={"bow": 0.2})] * 3)
    rows = of("attention-by-length", made)
    expected = {"up to 20 words": 0.5, "more than 30": 0.7, "growth": 0.2}
    assert rows["value"].to_dict() == pytest.approx(expected)
    assert rows["n"].to_dict() == {"up to 20 words": 120, "more than 30": 60, "growth": 180}


def test_the_same_in_rouge() -> None:
    """3 points on short inputs; on those of more than 30 words attention is 2 points better still."""
    made = records(*[World(gains={"bow": -3.0}, growth={"abs": 2.0})] * 3)
    rows = of("attention-by-length-in-rouge", made)
    assert rows["value"].tolist() == pytest.approx([3.0, 5.0, 2.0])


@pytest.mark.parametrize(
    ("name", "what", "shares", "chance"),
    [
        ("words-are-looked-at", "weight", "copied", 0.1),
        ("gold-links-are-looked-at", "hits", "pointing", 0.05),
    ],
)
def test_where_attention_looks_and_by_how_much_beyond_chance(
    name: str, what: str, shares: str, chance: float
) -> None:
    looks = {"abs": 0.4, "abs-unsmoothed": 0.7}
    world = replace(World(pointing={}), **{shares: looks})
    rows = of(name, records(*[world] * 3))
    expected = {}
    for system, share in looks.items():
        expected |= {f"{system}, {what}": share, f"{system}, {what}, above chance": share - chance}
        near = f"{system}, {what} within two words"
        expected |= {near: share + NEARER, f"{near}, above chance": share - chance}
    assert rows["value"].to_dict() == pytest.approx(expected)
    alone = of(name, records(world).without("abs-unsmoothed"))
    assert [*alone.index] == [one for one in expected if one.startswith("abs,")]


def test_no_gold_links_no_number_about_them() -> None:
    rows = of("gold-links-are-looked-at", records(World()))
    assert rows["reason"].tolist() == ["not run: no test set has pointing"]


def test_what_the_length_of_the_prefix_is_worth() -> None:
    """ABS 31, as many first words 28, 75 bytes 33: 3 more at equal length, 5 less for the length."""
    made = records(*[World(gains={"abs": 1.0, "lead": -2.0, "prefix": 3.0, "ir": -20.0})] * 3)
    rows = of("abs-over-prefix-step-by-step", made)
    assert [*rows.index[:2]] == ["R-1 over as many first words", "R-1 these over 75 bytes"]
    assert rows["value"].tolist() == pytest.approx([3.0, -5.0] * 3)
    effect = verdict(PAPER, "attention-beats-the-baselines", made)["effect"]
    assert rows["value"][:2].sum() == pytest.approx(effect) == pytest.approx(-2)


def test_what_prefix_gains_over_retrieval_by_its_length() -> None:
    """PREFIX 33, as many first words 28, IR 29: all of its lead, and 1 more, is its length."""
    made = records(*[World(gains={"lead": -2.0, "prefix": 3.0, "ir": -1.0})] * 3)
    rows = of("prefix-over-retrieval-step-by-step", made)
    assert [*rows.index[:2]] == ["R-1 as many first words", "R-1 75 bytes over these"]
    assert rows["value"].tolist() == pytest.approx([-1.0, 5.0] * 3)
    row = verdict(PAPER, "prefix-beats-retrieval", made)
    assert rows["value"][:2].sum() == pytest.approx(row["effect"]) == pytest.approx(4)
    assert "prefix-over-retrieval-step-by-step" in row["also_differs"]


def test_the_papers_own_test_set() -> None:
    gains = {"abs": 4.0, "abs:rouge-2-75": 1.0, "abs-plus": 6.0}
    rows = of("on-duc-2004", records(World(duc=gains)))
    expected = {"R-1 ABS over PREFIX": 4.0, "R-2 ABS over PREFIX": 1.0, "R-L ABS over PREFIX": 4.0,
                "R-1 ABS+ over ABS": 2.0, "R-2 ABS+ over ABS": 5.0, "R-L ABS+ over ABS": 2.0}  # fmt: skip
    assert rows["value"].to_dict() == pytest.approx(expected)
    absent = of("on-duc-2004", records(World()))
    assert absent["reason"].tolist() == ["not run: abs has no records of decoding beam-75 on test duc2004"]


def test_what_is_copied() -> None:
    made = records(World(copies={"abs": 0.7, "ir": 0.2}))
    rows = of("copying", made)
    assert rows["value"]["abs, words of the input"] == pytest.approx(0.7)
    assert rows["value"]["ir, new word pairs"] == pytest.approx(0.2)
    systems = ("ir", "bow", "tdnn", "abs", "abs-plus")
    assert [*rows.index] == [
        f"{one}, {w}" for one in systems for w in ("words of the input", "new word pairs")
    ]
    nothing = of("copying", made.without(*systems, "abs-unsmoothed", "tdnn-sorted"))
    assert nothing["reason"].tolist() == ["not run: no system that writes summaries was run"]
