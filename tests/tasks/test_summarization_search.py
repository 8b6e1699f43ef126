"""Summaries that are written: by searches, by rules, of test sets and of new lines; and their records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import reference_summaries as literal
import torch
import torch.nn.functional as F
from summary_pairs import (
    CPU,
    ENGINE,
    SETTINGS,
    TARGET,
    WORDS,
    Draw,
    corpus_of,
    costs,
    drawn,
    model_of,
    split_of,
    value,
)
from torch import Tensor, nn
from using import use

from attnbench.corpora.text import END
from attnbench.errors import BadInput
from attnbench.paper import Decoding
from attnbench.scoring import copying, rouge
from attnbench.tasks.summarization import BEAM, BEAM_75, BEAM_EXTRACTIVE, GREEDY, TASK
from attnbench.tasks.summarization.measures import METRICS
from attnbench.tasks.summarization.rules import Lead, Nearest, Prefix
from attnbench.tasks.summarization.settings import SummarizationData, SummarizationDecoding
from attnbench.zoo.context_window import ContextWindowModel
from attnbench.zoo.kneser_ney import KneserNey
from attnbench.zoo.padded import Padded

# --- search ---


def greedily(
    model: ContextWindowModel, source: Sequence[int], length: int, ending: str
) -> tuple[list[int], float, int]:
    """Write the likeliest word again and again; return words, log-probability, and how many were counted."""
    words: list[int] = []
    total = 0.0
    for i in range(length):
        cost = costs(model, source, [*words, END])[i]
        allowed = [word for word in WORDS if word not in words]
        if ending == "model" and words:
            allowed.append(END)
        best = max(allowed, key=lambda word: float(cost[word]))
        total += float(cost[best])
        if best == END:
            return words, total, i + 1
        words.append(best)
    return words, total, length


@pytest.mark.parametrize("kind", ["bow", "tdnn", "abs"])
@pytest.mark.parametrize("ending", ["fixed", "model"])
@pytest.mark.parametrize("normalise", [True, False])
def test_greedy_summaries_are_those_of_a_literal_loop(
    kind: str, ending: str, normalise: bool, draw: Draw
) -> None:
    split, model = drawn(8), model_of(kind, draw)
    settings = SummarizationDecoding(
        beam=4, length=4, ending=ending, normalise=normalise, restore=False, batch_size=3
    )
    outcome = use(GREEDY, model, corpus_of(split), "test", settings)
    lengths = set()
    for i, source in enumerate(split["source_ids"]):
        words, total, counted = greedily(model, source, 4, ending)
        lengths.add(len(words))
        score = total / counted if normalise else total
        row = outcome.predictions[i]
        assert (row["id"], row["output"]) == (f"test/{i}", " ".join(TARGET.decode(words)))
        assert row["score"] == pytest.approx(score, abs=1e-5)
    assert lengths == {4} if ending == "fixed" else len(lengths) > 1
    assert outcome.alignments == {}


@pytest.mark.parametrize("kind", ["bow", "tdnn", "abs"])
def test_kept_alignments_are_those_of_the_words_that_were_written(kind: str, draw: Draw) -> None:
    split, model = drawn(6), model_of(kind, draw)
    settings = SummarizationDecoding(beam=3, ending="model", length=5, restore=False, batch_size=4)
    outcome = use(BEAM, model, corpus_of(split), "test", settings)
    assert set(outcome.alignments) == (set(split["id"]) if kind == "abs" else set())
    outputs = [row["output"].split(" ") for row in outcome.predictions]
    assert len(set(map(len, outputs))) > 1
    for name, source, words in zip(split["id"], split["source_ids"], outputs, strict=True):
        if kind == "abs":
            _, weights = literal.forced(model, source, [*TARGET.encode(words), END])
            assert weights is not None
            torch.testing.assert_close(outcome.alignments[name], weights[:-1].detach(), atol=1e-9, rtol=0)


@pytest.mark.parametrize("decoding", [BEAM, BEAM_EXTRACTIVE])
def test_records_hold_the_scores_of_each_summary_against_its_own_reference(
    decoding: Decoding, draw: Draw
) -> None:
    split, model = drawn(9), model_of("abs", draw)
    outcome = use(decoding, model, corpus_of(split), "test", SummarizationDecoding(beam=3, batch_size=4))
    for i, row in enumerate(outcome.predictions):
        output, source = row["output"].split(" "), split["source_words"][i].split(" ")
        expected = rouge.statistics([row["output"]], [split["references"][i]])
        expected |= copying.statistics([output], [source])
        for column, (number,) in expected.items():
            assert outcome.records[column][i] == pytest.approx(number, nan_ok=True), column
        if decoding is BEAM_EXTRACTIVE:
            assert set(output) <= set(source), "by spelling, whatever the numbers"
    assert value(outcome.records, "rouge-1-f1") > 0
    if decoding is BEAM:
        assert 0 < value(outcome.records, "extractive") < 1


def test_batch_size_changes_no_summary(draw: Draw) -> None:
    split, model = drawn(9), model_of("abs", draw)
    first, *others = (
        use(BEAM, model, corpus_of(split), "test", SummarizationDecoding(beam=3, batch_size=size))
        for size in (64, 1, 4)
    )
    assert len({row["output"] for row in first.predictions}) > 3
    for other in others:
        assert [row["output"] for row in other.predictions] == [row["output"] for row in first.predictions]
        pd.testing.assert_frame_equal(other.records, first.records)
        for name, weights in first.alignments.items():
            torch.testing.assert_close(other.alignments[name], weights, atol=1e-9, rtol=0)


def test_summaries_are_as_long_as_validation_targets_are(draw: Draw) -> None:
    """2, 3 and 3 words: 3 by rule, up to 6 by the model's own end."""
    split = split_of([("a dog", "a dog"), ("red", "red dog here"), ("old man", "a man here")])
    model = model_of("bow", draw)
    model.output.bias.data[END] -= 1e3
    for ending, length in (("fixed", 3), ("model", 6)):
        found = use(GREEDY, model, corpus_of(split), "test", SummarizationDecoding(ending=ending))
        assert [len(row["output"].split(" ")) for row in found.predictions] == [length] * 3
        assert found.records["words/words"].tolist() == [length] * 3
    longer = SummarizationDecoding(length=5)
    assert use(GREEDY, model, corpus_of(split), "test", longer).records["words/words"].tolist() == [5] * 3


# --- numbers ---


class Writer(nn.Module):
    """Writes the same words for every input."""

    context, attends = 1, False

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words = torch.tensor(TARGET.encode(text.split()))

    def encode(self, source: Padded) -> Padded:
        return source

    def start(self, encoded: Padded) -> Tensor:
        return torch.zeros(len(encoded.mask), 1, dtype=torch.long)

    def step(self, encoded: Any, state: Tensor, tokens: Tensor | None) -> tuple[Tensor, None, Tensor]:
        logits = F.one_hot(self.words[state], len(TARGET)) * 9.0
        return logits, None, state + 1


NUMBERS = [("A Dog saw 17 then 23", "dog 17 here"), ("old dog", "dog here")]


def numbered(restore: bool) -> tuple[list[str], pd.DataFrame]:
    settings = SummarizationDecoding(length=4, repeats=True, restore=restore)
    outcome = use(BEAM, Writer("dog ## here ##"), corpus_of(split_of(NUMBERS)), "test", settings)
    return [row["output"] for row in outcome.predictions], outcome.records


def test_numbers_are_those_of_the_input_where_it_is_wanted() -> None:
    assert numbered(True)[0] == ["dog 17 here 23", "dog ## here ##"]
    assert numbered(False)[0] == ["dog ## here ##"] * 2


def test_scores_of_restored_numbers_by_hand() -> None:
    """ROUGE reads no ``#``; what is copied is told by the words as the model knows them, either way."""
    (_, restored), (_, plain) = numbered(True), numbered(False)
    assert restored["rouge-1-recall/sum"].tolist() == pytest.approx([3 / 3, 2 / 2])
    assert plain["rouge-1-recall/sum"].tolist() == pytest.approx([2 / 3, 2 / 2])
    assert restored["rouge-1-f1/sum"].tolist() == pytest.approx([2 * 3 / (4 + 3), 1])
    assert plain["rouge-1-f1/sum"].tolist() == pytest.approx([2 * 2 / (2 + 3), 1])
    assert restored["rouge-2-recall/sum"].tolist() == pytest.approx([2 / 2, 1])
    for records in (restored, plain):
        assert records["extractive/copied"].tolist() == [3, 1]
        assert records["extractive/words"].tolist() == records["words/words"].tolist() == [4, 4]
        assert records["novel-2/novel"].tolist() == records["novel-2/ngrams"].tolist() == [3, 3]
        assert records["source_length"].tolist() == [6, 2] and records["target_length"].tolist() == [3, 2]


# --- rules ---


def test_records_of_a_rule_by_hand() -> None:
    """As written, with no score: The Man saw 17 against man saw 17 dogs."""
    split = split_of([("The Man saw 17 dogs", "man saw 17 dogs"), ("Rain", "the rain and wind")])
    outcome = use(BEAM, Lead(), corpus_of(split), "test", SummarizationDecoding())
    assert outcome.predictions == [
        {"id": "test/0", "output": "The Man saw 17"},
        {"id": "test/1", "output": "Rain"},
    ]
    records = outcome.records
    assert records["rouge-1-recall/sum"].tolist() == pytest.approx([3 / 4, 1 / 4])
    assert records["rouge-2-recall/sum"].tolist() == pytest.approx([2 / 3, 0])
    assert records["rouge-l-f1/sum"].tolist() == pytest.approx([3 / 4, 2 / 5])
    assert records["extractive/copied"].tolist() == records["words/words"].tolist() == [4, 1]
    assert records["novel-2/novel"].tolist() == [0, 0] and records["novel-2/ngrams"].tolist() == [3, 0]
    assert records["target_length"].tolist() == [4, 4] and list(records["id"]) == ["test/0", "test/1"]
    assert outcome.alignments == {}


def test_rules_write_for_75_bytes_too() -> None:
    """Lead has the fourteen words that searches have; PREFIX is as long either way."""
    split = split_of([(" ".join(f"w{i:02}xxxx" for i in range(30)), "a")])
    corpus = replace(corpus_of(split), tests={"duc2004": split})
    for rule, usual, short in ((Lead(), 1, 14), (Prefix(), 9, 9)):
        for decoding, length in ((BEAM, usual), (BEAM_75, short)):
            records = use(decoding, rule, corpus, "duc2004", SummarizationDecoding()).records
            assert records["words/words"].tolist() == [length]


def test_a_summary_of_another_input_is_as_it_is() -> None:
    """As it was written; its numbers are not those of this input."""
    train = split_of([("old man", "Man 40"), ("red dog", "dog sees")])
    test = split_of([("the Man 17", "man 17"), ("DOG", "dog")])
    outcome = use(BEAM, Nearest(), corpus_of(test, train), "test", SummarizationDecoding())
    assert [row["output"] for row in outcome.predictions] == ["Man 40", "dog sees"]
    assert outcome.records["extractive/copied"].tolist() == [2, 1]


# --- prediction ---

LINES = ["The old dog sees 17 dogs", "a", "", "red Zebra 23 and a man sees", "dog dog dog"]


@pytest.mark.parametrize("kind", ["abs", "nnlm", "writer", "lead", "prefix", "ir"])
def test_new_lines_are_summarized_as_a_test_set_is(kind: str, draw: Draw) -> None:
    made = {"lead": Lead, "prefix": Prefix, "ir": Nearest, "writer": lambda: Writer("man ## dog")}
    model = made[kind]() if kind in made else model_of(kind, draw)
    corpus = corpus_of(drawn(9))
    settings = SummarizationDecoding(beam=2, batch_size=2, length=3)
    lines = replace(corpus, tests={"test": split_of([(line, "a") for line in LINES])})
    searched = [row["output"] for row in use(BEAM, model, lines, "test", settings).predictions]
    assert list(ENGINE.predict(model, corpus, LINES, settings, CPU)) == searched
    assert len(set(searched)) > 1 or kind == "nnlm"
    assert list(ENGINE.predict(model, corpus, [], settings, CPU)) == []
    if kind == "writer":
        assert searched[0] == "man 17 dog" and searched[1] == "man ## dog"


def test_lines_are_cut_as_the_corpus_was() -> None:
    corpus = replace(corpus_of(drawn(9)), settings=SummarizationData())
    settings = SummarizationDecoding(length=4)
    assert list(ENGINE.predict(Lead(), corpus, ["It didn't rain."], settings, CPU)) == ["It did n't rain"]


def test_what_only_counts_writes_no_summary() -> None:
    outputs = ENGINE.predict(
        KneserNey(5, len(TARGET)), corpus_of(drawn(2)), ["a"], SummarizationDecoding(), CPU
    )
    with pytest.raises(BadInput, match="counted n-grams write no summary; predict with another system"):
        next(iter(outputs))


# --- what is told ---


def test_the_columns_are_those_of_the_metrics() -> None:
    """Each search has those of what is written, forced reading the others."""
    written = use(
        BEAM, Writer("dog here"), corpus_of(split_of(NUMBERS)), "test", SummarizationDecoding(length=2)
    )
    columns = set(written.records) - {"id", "source_length", "target_length"}
    names = list(METRICS)
    of_words = names[: names.index("nll")]
    assert columns == {column for name in of_words for column in METRICS[name].columns}


def test_every_score_has_a_signature() -> None:
    signatures = TASK.signatures(SETTINGS)
    assert list(signatures) == list(METRICS) and all(signatures.values())
    assert signatures["rouge-1-75"].endswith("|recall|bytes:75|stem:porter|refs:average|case:lower")
    assert signatures["copied"] == "weights:attention|target-words:known,in-source|decoding:forced"
