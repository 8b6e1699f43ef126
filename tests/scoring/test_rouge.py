"""ROUGE an example against the library on the text itself, by hand, and of several references."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
import pytest
from rouge_score.rouge_scorer import RougeScorer

from attnbench.scoring import rouge
from attnbench.tasks.summarization.measures import METRICS

WORDS = [
    "the",
    "Ministers",
    "minister",
    "resigned",
    "resigning",
    "in",
    "2,000",
    "##",
    "naïve",
    "co-op",
    ".",
    "é",
]
LIBRARY = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)


def texts(seed: int, count: int, most: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, size=rng.integers(0, most))) for _ in range(count)]


def score(name: str, output: str, *references: str) -> float:
    """Return the metric of one example."""
    columns = rouge.statistics([output], [references])
    sums = np.stack([columns[column] for column in METRICS[name].columns], axis=1).sum(axis=0)
    return float(METRICS[name].value(sums))


def test_the_mean_over_examples_is_that_of_the_librarys_own_scores() -> None:
    outputs = texts(0, 150, 30)
    references = ["", "##", "é .", *texts(1, 147, 16)]
    readable = [bool(LIBRARY._tokenizer.tokenize(reference)) for reference in references]
    pairs = [both for both, one in zip(zip(references, outputs, strict=True), readable, strict=True) if one]
    columns = rouge.statistics(outputs, [[reference] for reference in references])
    assert 130 < len(pairs) < 148 and columns["rouge-1-f1/summaries"][readable].tolist() == [1] * len(pairs)
    whole = [LIBRARY.score(*both) for both in pairs]
    short = [LIBRARY.score(one, output.encode()[:75].decode(errors="ignore")) for one, output in pairs]
    assert sum(len(output.encode()) > 75 for output in outputs) > 50
    for kind, theirs in (("1", "rouge1"), ("2", "rouge2"), ("l", "rougeL")):
        means = {
            "recall": np.mean([one[theirs].recall for one in whole]),
            "75": np.mean([one[theirs].recall for one in short]),
            "f1": np.mean([one[theirs].fmeasure for one in whole]),
        }
        assert 0.05 < means["75"] < means["recall"]
        for protocol, mean in means.items():
            metric = METRICS[f"rouge-{kind}-{protocol}"]
            sums = np.array([np.nansum(columns[column]) for column in metric.columns])
            assert float(metric.value(sums)) == pytest.approx(100 * mean, rel=1e-12)


def test_by_hand() -> None:
    """Words that match are clipped by the reference, which has two of three."""
    said = ("the the the dog sat", "the cat sat on the mat")
    assert score("rouge-1-recall", *said) == pytest.approx(100 * 3 / 6)  # the, the, sat
    assert score("rouge-1-f1", *said) == pytest.approx(100 * 2 * 3 / (6 + 5))
    assert score("rouge-2-recall", *said) == 0
    assert score("rouge-l-recall", *said) == pytest.approx(100 * 2 / 6)  # the ... sat
    assert score("rouge-l-f1", *said) == pytest.approx(100 * 2 * 2 / (6 + 5))


def test_jackknife_by_hand() -> None:
    """Against a b c d, a b and a x y, the output a b c recalls 3/4, 1 and 1/3."""
    references = ["a b c d", "a b", "a x y"]
    assert [score("rouge-1-recall", "a b c", one) for one in references] == pytest.approx([75, 100, 100 / 3])
    # Left out: the first, best is 1; the second, best is 3/4; the third, best is 1.
    assert score("rouge-1-recall", "a b c", *references) == pytest.approx((100 + 75 + 100) / 3)
    # F1 is 6/7, 4/5 and 1/3: the best of it are other references.
    assert score("rouge-1-f1", "a b c", *references) == pytest.approx(100 * (4 / 5 + 6 / 7 + 6 / 7) / 3)
    assert score("rouge-1-recall", "a b c", "a b c d", "a b") == pytest.approx((100 + 75) / 2)
    assert score("rouge-1-recall", "a b c", "a b c d", "a b", "« »", "") == pytest.approx((100 + 75) / 2)
    assert score("rouge-1-recall", "a b c", "a b c d", "") == 75


def test_the_average_by_hand() -> None:
    """Hits 3, 2 and 1 of 4, 2 and 3 words; 2, 1 and none of 3, 1 and 2 pairs."""
    references = ["a b c d", "a b", "a x y"]
    assert score("rouge-1-75", "a b c", *references, "") == pytest.approx(100 * 6 / 9)
    assert score("rouge-2-75", "a b c", *references) == pytest.approx(100 * 3 / 6)
    assert score("rouge-l-75", "c a b", *references) == pytest.approx(100 * (2 + 2 + 1) / 9)
    assert score("rouge-2-75", "a", "a") == 0


@pytest.mark.parametrize("references", [1, 2, 3, 5])
def test_jackknife_leaves_each_reference_out_in_turn(references: int) -> None:
    scores = np.random.default_rng(references).random((references, 4)).round(1)  # with equal ones
    others = [np.delete(scores, left, axis=0) for left in range(references)] if references > 1 else [scores]
    expected = np.mean([one.max(axis=0) for one in others], axis=0)
    np.testing.assert_allclose(rouge.jackknife(scores), expected, rtol=1e-14)


def test_the_output_is_cut_at_75_bytes_and_not_the_reference() -> None:
    long = " ".join(["aa"] * 24)  # 71 bytes
    assert score("rouge-1-75", f"{long} bbb", f"{long} bbb") == 100  # 75
    assert score("rouge-1-75", f"{long} bbbb", f"{long} bbb") == 100  # of bbbb three letters are left
    assert score("rouge-1-75", f"{long} xyé", "xy z") == 50  # of é, two bytes, nothing is left
    assert score("rouge-1-75", f"{long} b ccc", f"{long} b ccc") == pytest.approx(100 * 25 / 26)
    assert score("rouge-1-75", f"{long} b dd ccc", f"{long} b dd ccc") == pytest.approx(100 * 25 / 27)
    assert score("rouge-1-recall", f"{long} b dd ccc", f"{long} b dd ccc") == 100


def test_how_signs_letters_with_accents_and_stems_are_read() -> None:
    assert score("rouge-1-f1", "## deaths", "#### deaths") == 100
    assert score("rouge-1-f1", "##", "deaths") == 0
    assert score("rouge-1-f1", "na ve", "naïve") == 100
    assert score("rouge-1-f1", "<unk>", "UNK") == 100
    assert score("rouge-1-f1", "RESIGNED", "resigning") == 100
    assert score("rouge-1-f1", "was", "wa") == 0


def test_nothing_written_is_nought_and_nothing_to_hold_it_against_is_not_a_number() -> None:
    columns = rouge.statistics(["", "a", "a", "a b"], [["a"], [], ["", "…"], ["a"]])
    for name in rouge.NAMES:
        assert np.isnan(columns[f"{name}/sum"]).tolist() == [False, True, True, False]
        assert np.array_equal(columns[f"{name}/summaries"], [1, np.nan, np.nan, 1], equal_nan=True)
        assert columns[f"{name}/sum"][0] == 0
    assert columns["rouge-2-recall/sum"][3] == 0 and columns["rouge-1-recall/sum"][3] == 1
    assert {values.shape for values in rouge.statistics([], []).values()} == {(0,)}
    with pytest.raises(ValueError, match="1 outputs for the references of 2 examples"):
        rouge.statistics(["a"], [["a"], ["b"]])


def test_signatures_tell_the_nine_apart_but_for_the_kind() -> None:
    library = f"rouge_score:{version('rouge_score')}"
    signed = [METRICS[name].signed(None) for name in rouge.NAMES[::3]]
    assert signed == [
        f"{library}|recall|full|stem:porter|refs:jackknife|case:lower",
        f"{library}|recall|bytes:75|stem:porter|refs:average|case:lower",
        f"{library}|f1|full|stem:porter|refs:jackknife|case:lower",
    ]
    assert METRICS["rouge-l-75"].columns == ("rouge-l-75/sum", "rouge-l-75/summaries")
