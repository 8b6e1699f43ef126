"""What is measured without a verdict: alignment errors, one curve within its cap, unknown words by length."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from judging_claims import Made, measured, verdict
from translating_claims import KNOWN, LENGTHS, MAIN, World, bent, flat, matching, records

from attnbench.tasks.translation.measures import METRICS
from reproductions.bahdanau2015 import PAPER

OWN, DIAGONAL, SHUFFLED = "RNNsearch-50", "diagonal minus it", "its weights shuffled minus it"
ERRORS = {"aer": 0.2, "aer-diagonal": 0.45, "aer-shuffled": 0.9}
WORLD = World(errors=ERRORS)


def of(name: str, made: Made) -> pd.DataFrame:
    return measured(PAPER, name, made)


def test_each_measurement_is_tried_here() -> None:
    names = ["alignment-error", "attention-within-its-cap", "unknown-words-at-equal-lengths"]
    assert [one.name for one in PAPER.measurements] == names


# --- alignment error ---


def test_alignment_error_beside_its_controls() -> None:
    """0.2; the diagonal's 0.45 is 0.25 more, and 0.9 of shuffled weights 0.7 more."""
    rows = of("alignment-error", records(WORLD, WORLD, WORLD))
    assert list(rows.index) == [OWN, DIAGONAL, SHUFFLED]
    assert rows["value"].tolist() == pytest.approx([0.2, 0.25, 0.7])
    assert (rows["ci_low"] < rows["value"]).all() and (rows["value"] < rows["ci_high"]).all()
    assert (rows["ci_high"] - rows["ci_low"] < 0.03).all(), "0.1 / √560 an example, three seeds that agree"
    assert rows["seeds"].tolist() == [3, 3, 3] and rows["n"].tolist() == [len(LENGTHS)] * 3
    assert not rows["reason"].str.contains("learnt|undertrained").any()
    assert rows["reason"][OWN] == "3 seeds: +0.2, +0.2, +0.2"


def test_a_diagonal_that_is_better_is_a_number_below_nought() -> None:
    rows = of("alignment-error", records(replace(WORLD, errors={**ERRORS, "aer-diagonal": 0.05})))
    assert rows["value"][DIAGONAL] == pytest.approx(-0.15)
    assert rows["reason"][DIAGONAL] == "1 seed: -0.15"


def test_seeds_that_differ_widen_it() -> None:
    seeds = [replace(WORLD, errors={**ERRORS, "aer": error}) for error in (0.1, 0.2, 0.3)]
    rows = of("alignment-error", records(*seeds))
    assert rows["value"][OWN] == pytest.approx(0.2)
    assert rows["ci_high"][OWN] == pytest.approx(0.2 + 4.3027 * 0.1 / 3**0.5, abs=0.005)


@pytest.mark.parametrize(("shuffled", "doubtful"), [(0.2, True), (0.199, True), (0.22, False)])
def test_attention_at_chance_is_said(shuffled: float, doubtful: bool) -> None:
    """Weights that say no more of their own word than of another have not learnt to align."""
    rows = of("alignment-error", records(*[replace(WORLD, errors={**ERRORS, "aer-shuffled": shuffled})] * 3))
    said = rows["reason"].str.contains("rnnsearch-50 does not point better than chance: ")
    assert said.tolist() == [doubtful] * 3
    assert rows["value"][SHUFFLED] == pytest.approx(shuffled - 0.2)


@pytest.mark.parametrize(
    ("gold", "main", "said"),
    [
        (0.0076, 0.4, "undertrained: rnnsearch-50 has 0.8 BLEU on gold, below 5"),
        (0.4, 0.0076, ""),
        (0.4, 0.4, ""),
    ],
)
def test_alignment_error_is_guarded_where_gold_alignments_are(gold: float, main: float, said: str) -> None:
    """And nowhere else: the main test set may be translated well, or not."""
    world = World(match={"rnnsearch-50": flat(main)}, gold={"rnnsearch-50": gold, "rnnencdec-50": 0.0})
    rows = of("alignment-error", records(*[world] * 3))
    assert rows["value"].tolist() == pytest.approx([0.2, 0.25, 0.7])
    assert [reason.partition("; ")[2] for reason in rows["reason"]] == [said] * 3


def test_no_gold_alignments_no_error_rate() -> None:
    made = records(WORLD)
    frame = made.frame.drop(columns=[name for name in made.frame if name.startswith("aer")])
    rows = of("alignment-error", replace(made, frame=frame))
    assert rows["reason"].tolist() == ["not run: no test set has aer"]
    assert rows["value"].isna().all()
    rows = of("alignment-error", made.without("rnnsearch-50"))
    assert rows["reason"].tolist() == ["not run: system rnnsearch-50 was not run"]


# --- attention within its cap ---


def test_change_within_the_cap() -> None:
    """From 50 BLEU at 21–30 words to 45 at 41–50 is -10 %, whatever is elsewhere."""
    worlds = [matching(rnnsearch_50=bent(0.5, 41, 50, late)) for late in (0.44, 0.45, 0.46)]
    rows = of("attention-within-its-cap", records(*worlds))
    assert rows["value"].tolist() == pytest.approx([-10])
    assert rows["reason"].tolist() == ["3 seeds: -12, -10, -8"]
    assert rows["ci_low"][""] < -10 - 4.3 * 2 / 3**0.5 and rows["ci_high"][""] > -10 + 4.3 * 2 / 3**0.5
    beyond = of("attention-within-its-cap", records(matching(rnnsearch_50=bent(0.5, 51, 70, 0.1))))
    assert beyond["value"].tolist() == pytest.approx([0])


def test_a_weak_system_is_told_beside_the_number() -> None:
    rows = of("attention-within-its-cap", records(matching(rnnsearch_50=flat(0.04))))
    assert rows["reason"].tolist() == ["1 seed: +0; undertrained: rnnsearch-50 has 4.0 BLEU on test, below 5"]


# --- unknown words ---


def test_an_effect_of_length_alone_vanishes_at_equal_lengths() -> None:
    """Sentences without unknown words are the short ones, and BLEU falls with length: that is all."""
    steep = {name: lambda length: 0.9 - 0.1 * ((length - 1) // 10) for name in MAIN}
    made = records(*[World(match=steep)] * 3, known=LENGTHS <= 20)
    row = verdict(PAPER, "unknown-words-cost", made)
    assert row["verdict"] == "reproduced"
    known = float(METRICS["bleu"].value(_sums(made, "nounk")))
    every = float(METRICS["bleu"].value(_sums(made, "test")))
    assert known > 80 and every < 60
    assert row["effect"] == pytest.approx(known - every, abs=1e-6)
    rows = of("unknown-words-at-equal-lengths", made)
    assert sorted(rows.index) == sorted(MAIN)
    assert rows["value"].tolist() == pytest.approx([0] * 4, abs=1e-6)
    assert ((rows["ci_low"] < 0) & (rows["ci_high"] > 0)).all()


def _sums(made: Made, test: str) -> np.ndarray:
    rows = made.frame[(made.frame["test"] == test) & (made.frame["system"] == "rnnsearch-30")]
    rows = rows[(rows["seed"] == 0) & (rows["decoding"] != "forced")]
    return np.asarray(rows[list(METRICS["bleu"].columns)].sum())


def test_an_effect_of_words_alone_stays() -> None:
    """The same lengths on both sides: 3 BLEU by either way of counting."""
    made = records(*[World(known=dict.fromkeys(MAIN, flat(0.53)))] * 3)
    assert verdict(PAPER, "unknown-words-cost", made)["effect"] == pytest.approx(3)
    rows = of("unknown-words-at-equal-lengths", made)
    assert rows["value"].tolist() == pytest.approx([3] * 4)
    assert (rows["ci_low"] > 2).all()


def test_bins_are_weighted_by_the_sentences_without_unknown_words() -> None:
    """80 of them in 1–10 with 2 BLEU more, 60 in 11–20 with 9 more: (80 * 2 + 60 * 9) / 140 = 5.

    Forty in a bin are too few to count.
    """
    place = np.arange(len(LENGTHS)) % 80
    known = (LENGTHS <= 10) | ((LENGTHS <= 20) & (place < 60)) | ((LENGTHS <= 30) & (place < 40))
    more = {name: lambda n: np.select([n <= 10, n <= 20], [0.52, 0.59], 0.99) for name in MAIN}
    rows = of("unknown-words-at-equal-lengths", records(World(known=more), known=known))
    assert rows["value"].tolist() == pytest.approx([5] * 4)
    assert rows["n"].tolist() == [160] * 4, "every sentence of the two bins, each counted once"


def test_sentences_are_counted_once_and_drawn_once() -> None:
    """Those without unknown words are a part of all: resampled together, equal scores cancel in part.

    By hand: noise of 0.1 × 50 BLEU a sentence; the mean of 420 minus that of the 560 they are among has the
    variance 25 (1 / 420 - 1 / 560) where both have the same noise, and 25 (1 / 420 + 1 / 560) where they are
    drawn apart.
    """
    made = records(World(), systems=MAIN)
    every = made.frame[made.frame["decoding"] == "beam"]
    some = every[np.tile(KNOWN, len(MAIN))].assign(decoding="beam-known", test="nounk")
    row = verdict(PAPER, "unknown-words-cost", replace(made, frame=pd.concat([every, some])))
    assert row["effect"] == pytest.approx(0, abs=1e-6)
    assert row["n"] == len(LENGTHS)
    half = (row["ci_high"] - row["ci_low"]) / 2
    together, apart = (1.96 * 5 * (1 / 420 + sign / 560) ** 0.5 for sign in (-1, 1))
    assert half == pytest.approx(together, rel=0.35)
    assert half < apart / 1.7


def test_too_few_sentences_with_unknown_words_show_nothing() -> None:
    known = np.arange(len(LENGTHS)) >= 40
    row = verdict(PAPER, "unknown-words-cost", records(World(), known=known))
    assert row["verdict"] == "not run"
    assert row["reason"] == "too few test sentences have unknown words: 40, 50 needed"
    known = np.arange(len(LENGTHS)) >= 50
    assert verdict(PAPER, "unknown-words-cost", records(World(), known=known))["verdict"] == "failed once"


def test_equal_lengths_need_a_length_with_enough_sentences() -> None:
    made = records(World(), known=np.arange(len(LENGTHS)) % 80 < 40)
    rows = of("unknown-words-at-equal-lengths", made)
    assert rows["reason"].tolist() == ["not run: no length has 50 sentences without unknown words"]
    rows = of("unknown-words-at-equal-lengths", records(World()).without("rnnencdec-30", "rnnsearch-30"))
    assert list(rows.index) == ["rnnencdec-50", "rnnsearch-50"], "each system has a number of its own"
