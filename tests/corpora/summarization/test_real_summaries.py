"""Real summaries, where there are some: ``ATTNBENCH_DATA`` names a folder with ``summarization`` in it."""

import os
from pathlib import Path

import numpy as np
import pytest

from attnbench.corpora import splits
from attnbench.corpora.summarization import files, sources
from attnbench.corpora.text import at_blanks
from attnbench.scoring import rouge
from reproductions.rush2015 import PAPER

pytestmark = pytest.mark.skipif(
    "ATTNBENCH_DATA" not in os.environ, reason="set ATTNBENCH_DATA to a folder with summarization/ in it"
)

ROOT = Path(os.environ.get("ATTNBENCH_DATA", ".")) / "summarization"
COMPRESSED = {"train": ("sentence_compression/train",), "valid": ("sentence_compression/valid",)}
REUTERS = {"train": ("reuters_headline/train",), "valid": ("reuters_headline/valid",)}
LENGTHS = {
    "sentence_compression/train": [580, 38068, 79542, 44243, 12679, 2880, 842, 339, 493],
    "sentence_compression/valid": [57, 4208, 8822, 4965, 1430, 329, 91, 30, 62],
    "sentence_compression/test_eval1000": [0, 217, 460, 240, 64, 15, 2, 0, 2],
    "sentence_compression/test": [25, 1821, 3627, 1830, 524, 116, 30, 6, 14],
    "headline_tests/gigaword_test.part1442": [43, 133, 442, 655, 140, 22, 6, 1, 0],
    "headline_tests/duc2004": [8, 39, 195, 194, 50, 10, 2, 1, 1],
    "headline_tests/newsroom": [1, 71, 172, 36, 0, 0, 0, 0, 0],
    "headline_tests/broadcast": [308, 467, 328, 175, 45, 34, 8, 3, 2],
    "headline_tests/bnc": [132, 395, 460, 341, 169, 74, 31, 11, 16],
    "reuters_headline/test": [0, 72, 374, 420, 120, 14, 0, 0, 0],
    "reuters_headline/valid": [1, 67, 385, 395, 142, 9, 1, 0, 0],
    "reuters_headline/train": [15, 778, 4558, 4899, 1372, 142, 11, 1, 0],
}
"""Sources of 0 to 9 words, of 10 to 19, and so on, as others counted them; but of
``sentence_compression/test`` they counted one more than there is, in the third bin."""

TARGETS = {
    "sentence_compression/train": [82060, 95761, 1820, 25],
    "sentence_compression/valid": [9113, 10673, 208, 0],
    "sentence_compression/test_eval1000": [363, 628, 9, 0],
    "sentence_compression/test": [3036, 4840, 115, 2],
    "headline_tests/gigaword_test.part1442": [904, 520, 18, 0],
    "headline_tests/duc2004": [155, 345, 0, 0],
    "headline_tests/newsroom": [83, 197, 0, 0],
    "headline_tests/broadcast": [396, 577, 294, 69],
    "headline_tests/bnc": [251, 694, 452, 160],
    "reuters_headline/test": [968, 32, 0, 0],
    "reuters_headline/valid": [966, 34, 0, 0],
    "reuters_headline/train": [11453, 323, 0, 0],
}
"""Targets of 0 to 9 words, and so on to 39."""


@pytest.mark.parametrize("name", LENGTHS)
def test_sizes_and_lengths_are_those_that_others_counted(name: str) -> None:
    corpus = files.summaries(ROOT, {**REUTERS, "test": (name,)})
    (test,) = (corpus[key] for key in corpus if key not in ("train", "valid"))
    source, target = (
        np.histogram(measure(test), [*range(0, 90, 10), np.inf])[0].tolist()
        for measure in sources.LENGTHS.values()
    )
    assert len(test) == sum(LENGTHS[name])
    assert source == LENGTHS[name]
    assert target[:4] == TARGETS[name]
    assert splits.left_out(corpus) == []


def test_marks_give_the_words_of_the_compression() -> None:
    corpus = files.summaries(ROOT, {**COMPRESSED, "test": ("sentence_compression/test_eval1000",)})
    assert (len(corpus["train"]), len(corpus["valid"])) == (179_666, 19_994)
    assert "links" not in corpus["test_eval1000"].column_names
    for split in ("train", "valid"):
        for row in corpus[split].select(range(0, len(corpus[split]), 9)):
            source, target = at_blanks(row["source"]), at_blanks(row["target"])
            assert [place for place, _ in row["links"]] == list(range(len(target)))
            assert [source[place] for _, place in row["links"]] == target


def test_raw_text_and_all_references_are_read() -> None:
    names = ("sentence_compression/test", "headline_tests/duc2004", "headline_tests/broadcast")
    corpus = files.summaries(ROOT, {**REUTERS, "test": names})
    assert sum(text != text.lower() for text in corpus["test"]["source"]) > 7900, "cased"
    assert {len(references) for references in corpus["duc2004"]["references"]} == {4}
    assert {len(references) for references in corpus["broadcast"]["references"]} == {3}


def test_the_first_75_bytes_of_duc_2004_score_as_the_paper_prints_prefix() -> None:
    """Over all references; by jackknife they would score far more."""
    corpus = files.summaries(ROOT, {**REUTERS, "test": ("headline_tests/duc2004",)})
    starts = [text.encode()[: rouge.BYTES].decode(errors="ignore") for text in corpus["duc2004"]["source"]]
    columns = rouge.statistics(starts, corpus["duc2004"]["references"])
    average, jackknife = (
        [round(100 * float(np.mean(columns[f"rouge-{kind}-{way}/sum"])), 2) for kind in rouge.KINDS]
        for way in ("75", "recall")
    )
    assert average == [22.35, 6.5, 19.57]
    assert jackknife == [34.05, 13.49, 30.63]
    printed = {(one.system, one.test, one.metric): one.value for one in PAPER.printed}
    paper = [printed["prefix", "duc2004", f"rouge-{kind}-75"] for kind in rouge.KINDS]
    assert average == pytest.approx(paper, abs=0.1)
