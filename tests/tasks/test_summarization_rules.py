"""Summaries by rule, on splits that are made by hand; and the search for the nearest text, literally."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pytest
import torch

from attnbench.tasks.columns import Ids
from attnbench.tasks.engine import Corpus, Use
from attnbench.tasks.split import Split
from attnbench.tasks.summarization.bm25 import Index
from attnbench.tasks.summarization.measures import METRICS
from attnbench.tasks.summarization.rules import Lead, Nearest, Prefix, Rule, mean_length
from attnbench.tasks.summarization.settings import SummarizationDecoding
from attnbench.zoo.padded import Padded

Pairs = Sequence[tuple[str, str]]


class Batch(NamedTuple):
    target: Padded


def split(pairs: Pairs) -> Split[Batch]:
    """Sources as they are written, and targets; normalised is in lower case."""
    sources, targets = zip(*pairs, strict=True)
    ids = [[2] * len(target.split()) for target in targets]
    table = pa.table({
        "source_tokens": sources,
        "source_words": [source.lower() for source in sources],
        "target_words": targets,
        "references": [[target] for target in targets],
        "target_ids": pa.array(ids, pa.list_(pa.int32())),
    })  # fmt: skip
    column = Ids(table["target_ids"], closed=True)
    return Split(table, Batch, {"target": column}, column.lengths)


def use(
    test: Split[Batch], train: Split[Batch] | None = None, valid: Split[Batch] | None = None, **said: Any
) -> Use:
    nothing: Any = None
    corpus = Corpus(nothing, train or test, valid or test, {"test": test}, nothing)
    settings = SummarizationDecoding(**said)
    return Use(nothing, corpus, test, settings, nothing, False, torch.device("cpu"), lambda _: None)


def of_words(*numbers: int) -> Split[Batch]:
    return split([("a", " ".join(["b"] * number)) for number in numbers])


@pytest.mark.parametrize(
    ("numbers", "mean"), [([3], 3), ([2, 3], 3), ([2, 2, 3], 2), ([0, 0, 1], 1), ([4, 5], 5)]
)
def test_the_mean_length_is_that_of_validation_targets_rounded(numbers: list[int], mean: int) -> None:
    assert mean_length(use(of_words(9), of_words(9), of_words(*numbers)).corpus) == mean


def test_the_mean_length_is_of_the_examples_that_are_held() -> None:
    assert mean_length(use(of_words(9), valid=of_words(1, 7, 1).select(np.array([1]))).corpus) == 7


def test_lead_is_the_first_words_as_written() -> None:
    test = split([("The Man sleeps .", "x"), ("Rain", "x"), ("", "x"), ("a\u00a0b c\u2028d e f", "x")])
    given = use(test, valid=of_words(2, 1))
    assert Lead().summaries(given) == [
        ["The", "Man"], ["Rain"], [], ["a\u00a0b", "c\u2028d"],
    ]  # fmt: skip
    three = use(test, valid=of_words(2, 1), length=3)
    assert Lead().summaries(three)[0] == ["The", "Man", "sleeps"]
    one = use(test.select(np.array([1, 0])))
    assert Lead().summaries(one) == [["Rain"], ["The"]]
    free = use(test, valid=of_words(2, 1), ending="model")
    assert Lead().summaries(free)[0] == ["The", "Man", "sleeps", "."]


def test_prefix_is_what_ends_within_the_bytes() -> None:
    test = split([("ab cd ef", "x"), ("éé é f", "x"), ("", "x"), ("abcdefgh i", "x")])
    wanted = {
        1: [[], [], [], []],
        4: [["ab"], ["éé"], [], []],  # of cd only c: left out
        5: [["ab", "cd"], ["éé"], [], []],
        6: [["ab", "cd"], ["éé"], [], []],
        7: [["ab", "cd"], ["éé", "é"], [], []],
        8: [["ab", "cd", "ef"], ["éé", "é"], [], ["abcdefgh"]],
    }
    for size, summaries in wanted.items():
        assert Prefix(bytes=size).summaries(use(test)) == summaries
    long = split([("word " * 20 + "end", "x")])
    assert Prefix().summaries(use(long)) == [["word"] * 15]  # 74 bytes


TRAIN: Pairs = [
    ("the minister resigned in paris", "minister quits"),
    ("the storm hit the coast", "storm hits coast"),
    ("The Storm killed ten in paris", "storm kills ten"),
    ("storm in paris the killed ten", "never taken"),
]


def test_nearest_is_the_target_of_the_training_input_that_is_most_alike() -> None:
    asked: Pairs = [
        ("A MINISTER left", ""), ("the coast", ""), ("ten killed in storm", ""), ("xyz", ""), ("", ""),
    ]  # fmt: skip
    found = Nearest().summaries(use(split(asked), split(TRAIN)))
    first = ["minister", "quits"]
    assert found == [first, ["storm", "hits", "coast"], ["storm", "kills", "ten"], first, first]


def test_nearest_looks_at_the_training_inputs_that_are_held_alone() -> None:
    train = split(TRAIN).select(np.array([3, 1]))
    asked = split([("a minister left", ""), ("coast", "")]).select(np.array([1, 0]))
    assert Nearest().summaries(use(asked, train)) == [["storm", "hits", "coast"], ["never", "taken"]]


def bm25(
    query: Sequence[str], texts: Sequence[Sequence[str]], k1: float = 1.2, b: float = 0.75
) -> list[float]:
    """Score each text, word by word, as the formula is printed."""
    mean = sum(map(len, texts)) / len(texts)
    having = Counter(word for text in texts for word in set(text))
    scores = []
    for text in texts:
        counts, score = Counter(text), 0.0
        for word in query:
            rare = math.log(1 + (len(texts) - having[word] + 0.5) / (having[word] + 0.5))
            often = counts[word] * (k1 + 1) / (counts[word] + k1 * (1 - b + b * len(text) / mean))
            score += rare * often
        scores.append(score)
    return scores


def test_the_search_follows_the_formula() -> None:
    rng = np.random.default_rng(0)
    words = [f"w{number}" for number in range(30)]
    likely = 1 / np.arange(1, 31)
    texts = [rng.choice(words, size=rng.integers(0, 25), p=likely / likely.sum()).tolist() for _ in range(60)]
    index, found = Index(texts), []
    for _ in range(80):
        query = rng.choice([*words, "new"], size=rng.integers(1, 12)).tolist()
        scores = bm25(query, texts)
        found.append(index.nearest(query))
        assert scores[found[-1]] == pytest.approx(max(scores), rel=1e-12)
    assert len(set(found)) > 20


def test_of_equals_the_first_is_nearest() -> None:
    index = Index([["a"], ["b", "c", "d"], ["d", "c", "b"], ["b", "c", "d"]])
    assert [index.nearest(query) for query in (["c", "b", "d", "d"], [], ["z"], ["d"])] == [1, 0, 0, 1]
    assert Index([[], []]).nearest(["a"]) == 0


def test_rules_have_no_parameters() -> None:
    for rule in (Prefix(), Lead(), Nearest()):
        assert isinstance(rule, Rule) and list(rule.state_dict()) == []


def test_metrics_stand_in_the_order_of_the_tables() -> None:
    assert list(METRICS) == [
        "rouge-1-recall", "rouge-2-recall", "rouge-l-recall", "rouge-1-75", "rouge-2-75", "rouge-l-75",
        "rouge-1-f1", "rouge-2-f1", "rouge-l-f1", "extractive", "novel-2", "novel-3", "words", "nll", "nats",
        "perplexity", "perplexity-known",
        "pointing", "pointing-chance", "pointing-near", "pointing-near-chance",
        "copied", "copied-chance", "copied-near", "copied-near-chance",
    ]  # fmt: skip
    known, whole = (METRICS[name].signed(None) for name in ("perplexity-known", "perplexity"))
    assert (known, whole) == ("nats|end:counted|unk:left-out", "nats|end:counted|unk:word")
