"""BLEU from summed statistics against sacrebleu on the text itself."""

import numpy as np
import pytest
import sacrebleu

from attnbench.scoring import bleu
from attnbench.tasks.captioning.measures import METRICS as CAPTIONS
from attnbench.tasks.translation.measures import METRICS

WORDS = ["the", "a", "cat", "dog", "sees", "old", "house", ",", ".", "near", "isn't", "co-operate"]


def corpus(seed: int, n: int, copied: float) -> tuple[list[str], list[str]]:
    """Random sentences; each hypothesis word is the reference's with probability ``copied``."""
    rng = np.random.default_rng(seed)
    references, hypotheses = [], []
    for _ in range(n):
        words = rng.choice(WORDS, size=rng.integers(1, 12)).tolist()
        guessed = [w if rng.random() < copied else str(rng.choice(WORDS)) for w in words]
        references.append(" ".join(words))
        hypotheses.append(" ".join(guessed[: rng.integers(0, len(guessed) + 1)] if seed % 2 else guessed))
    return hypotheses, references


def single(references: list[str]) -> list[list[str]]:
    """Give each example its one reference."""
    return [[reference] for reference in references]


@pytest.mark.parametrize("tokenize", ["none", "13a"])
@pytest.mark.parametrize("copied", [0.0, 0.3, 0.9, 1.0])
def test_equals_sacrebleu_on_whole_sets(tokenize: str, copied: float) -> None:
    for seed in range(6):
        hypotheses, references = corpus(seed, 40, copied)
        sums = bleu.statistics(hypotheses, single(references), tokenize).sum(axis=0)
        theirs = sacrebleu.corpus_bleu(hypotheses, [references], tokenize=tokenize, force=True).score
        assert float(bleu.value(sums)) == pytest.approx(theirs, rel=1e-12)


def test_equals_sacrebleu_on_single_sentences_in_one_vectorised_call() -> None:
    hypotheses, references = corpus(1, 300, 0.4)
    ours = bleu.value(bleu.statistics(hypotheses, single(references), "none").reshape(3, 100, 10)).ravel()
    theirs = [
        sacrebleu.corpus_bleu([h], [[r]], tokenize="none", force=True).score
        for h, r in zip(hypotheses, references, strict=True)
    ]
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert len({round(score, 6) for score in theirs}) > 30, "the sentences exercise few cases of smoothing"


@pytest.mark.parametrize("tokenize", ["none", "13a"])
def test_equals_sacrebleu_with_up_to_three_references_of_other_lengths(tokenize: str) -> None:
    """Where an example has fewer references than others, sacrebleu is told None."""
    for seed in range(6):
        hypotheses, first = corpus(seed, 40, 0.4)
        others = [corpus(seed + shift, 40, 0.4)[0] for shift in (10, 21)]
        numbers = np.random.default_rng(seed).integers(1, 4, size=40)
        sets = [list(all_of)[:n] for all_of, n in zip(zip(first, *others, strict=True), numbers, strict=True)]
        sums = bleu.statistics(hypotheses, sets, tokenize).sum(axis=0)
        streams = [[one[place] if place < len(one) else None for one in sets] for place in range(3)]
        theirs = sacrebleu.corpus_bleu(hypotheses, streams, tokenize=tokenize, force=True)
        assert float(bleu.value(sums)) == pytest.approx(theirs.score, rel=1e-12)
        assert sums.tolist() == [theirs.sys_len, theirs.ref_len, *theirs.counts, *theirs.totals]
    assert len(set(numbers)) == 3


def test_several_references_by_hand() -> None:
    """Matches are clipped by the reference that has most of a word; the nearest length counts."""
    (row,) = bleu.statistics(["a a b c"], [["a b", "a a x x x"]], "none")
    assert row.tolist() == [4, 5, 3, 2, 0, 0, 4, 3, 2, 1]


def test_no_warning_is_given(caplog: pytest.LogCaptureFixture) -> None:
    bleu.statistics(["a b ."], [["a c ."]], "13a")
    assert caplog.records == []


def test_by_hand() -> None:
    sums = bleu.statistics(["the cat sat on the mat"], [["the cat sat on a mat"]], "none").sum(axis=0)
    assert sums.tolist() == [6, 6, 5, 3, 2, 1, 6, 5, 4, 3]
    assert float(bleu.value(sums)) == pytest.approx(100 * (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25)


def test_case_and_tokeniser_count() -> None:
    assert bleu.statistics(["The"], [["the"]], "none")[0, 2] == 0
    assert bleu.statistics(["a,b"], [["a , b"]], "none")[0, 2] == 0
    assert bleu.statistics(["a,b"], [["a , b"]], "13a")[0, 2] == 3


def test_nothing_to_score_is_not_a_number_and_an_empty_output_is_zero() -> None:
    assert np.isnan(bleu.value(np.zeros(10)))
    assert float(bleu.value(bleu.statistics([""], [["a b"]], "none").sum(axis=0))) == 0
    assert bleu.statistics([], [], "none").shape == (0, 10)


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="1 hypotheses for the references of 2 examples"):
        bleu.statistics(["a"], [["a"], ["b"]], "none")


def test_signature_is_sacrebleus() -> None:
    scorer = sacrebleu.BLEU(tokenize="none")
    scorer.corpus_score(["a b"], [["a c"]])
    assert bleu.signature("none") == str(scorer.get_signature())
    assert "tok:13a" in bleu.signature("13a")
    assert METRICS["bleu"].signed(None) == bleu.signature("none")
    assert bleu.metric("bleu", "none", references=3).signed(None).startswith("nrefs:3|")


def test_columns_are_named_for_the_metric() -> None:
    assert METRICS["bleu"].columns[2] == "bleu/match_1"
    assert METRICS["bleu-13a"].columns[-1] == "bleu-13a/total_4"


# --- up to each order, with brevity penalty and without ---


@pytest.mark.parametrize("orders", [1, 2, 3, 4])
def test_each_order_equals_sacrebleus_and_without_the_penalty_its_precisions(orders: int) -> None:
    """The outputs of odd seeds are short; in five sentences the longer n-grams are never matched."""
    scorer, penalties = sacrebleu.BLEU(max_ngram_order=orders, tokenize="none"), []
    for seed, count in [(0, 5), (1, 5), (2, 40), (3, 40)]:
        hypotheses, first = corpus(seed, count, 0.3)
        second = corpus(seed + 10, count, 0.4)[0]
        both = [list(some) for some in zip(first, second, strict=True)]
        sums = bleu.statistics(hypotheses, both, "none").sum(axis=0)
        theirs = scorer.corpus_score(hypotheses, [first, second])
        assert float(CAPTIONS[f"bleu-{orders}-bp"].value(sums)) == pytest.approx(theirs.score, rel=1e-12)
        mean = np.exp(np.mean(np.log(theirs.precisions)))
        assert float(CAPTIONS[f"bleu-{orders}"].value(sums)) == pytest.approx(mean, rel=1e-12)
        penalties.append(theirs.bp)
    assert min(penalties) < 0.95 and max(penalties) == 1


def test_orders_by_hand() -> None:
    """Five of six words, three of five pairs; the nearest reference has seven words."""
    references = [["the cat sat on a mat now", "the cat"]]
    sums = bleu.statistics(["the cat sat on the mat"], references, "none").sum(axis=0)
    assert sums[:4].tolist() == [6, 7, 5, 3]
    assert float(CAPTIONS["bleu-1"].value(sums)) == pytest.approx(100 * 5 / 6)
    assert float(CAPTIONS["bleu-2"].value(sums)) == pytest.approx(100 * (5 / 6 * 3 / 5) ** 0.5)
    assert float(CAPTIONS["bleu-2-bp"].value(sums)) == pytest.approx(
        100 * (5 / 6 * 3 / 5) ** 0.5 * np.exp(-1 / 6)
    )
    sums = bleu.statistics(["a b"], [["a b"]], "none").sum(axis=0)
    assert float(CAPTIONS["bleu-2"].value(sums)) == pytest.approx(100)
    assert float(CAPTIONS["bleu-3"].value(sums)) == 0  # there is no n-gram of three


def test_of_two_lengths_that_are_as_near_the_shorter_counts() -> None:
    for references in (["a b c", "a b c d e"], ["a b c d e", "a b c"]):
        assert bleu.statistics(["a b c d"], [references], "none")[0, :2].tolist() == [4, 3]


def test_all_orders_share_columns_and_are_signed_apart() -> None:
    names = [f"bleu-{orders}{end}" for end in ("", "-bp") for orders in (1, 2, 3, 4)]
    assert list(CAPTIONS)[:8] == names
    assert {CAPTIONS[name].columns for name in names} == {METRICS["bleu"].columns}
    signed = [CAPTIONS[name].signed(None) for name in names]
    assert len(set(signed)) == 8
    for one in signed:
        assert one.startswith("nrefs:var|case:mixed|eff:no|tok:none|smooth:exp|version:")
    words = "words:lower-case,punctuation-apart"
    assert signed[3].endswith(f"|orders:1-4|bp:no|{words}")
    assert signed[4].endswith(f"|orders:1-1|bp:nearest,shorter-of-two|{words}")
    assert np.isnan(CAPTIONS["bleu-1"].value(np.zeros(10)))
