"""Entailment by a reader whose answers and weights are known: loss, records, scores, prediction."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from torch import Tensor, nn
from using import use

from attnbench.corpora.entailment.labels import LABELS
from attnbench.corpora.text import Vocabulary
from attnbench.errors import BadInput
from attnbench.settings import DecodingSettings
from attnbench.tasks.engine import Corpus, Outcome
from attnbench.tasks.entailment import ARGMAX, TASK
from attnbench.tasks.entailment.corpus import pairs
from attnbench.tasks.entailment.engine import Entailment
from attnbench.tasks.entailment.measures import METRICS
from attnbench.tasks.entailment.settings import EntailmentData
from attnbench.tasks.entailment.words import Words
from attnbench.zoo.padded import Padded

CPU = torch.device("cpu")
WORDS = ("a", "man", "dog", "sleeps", ".", "is", "here", "cat")
PAIRS = [
    ("a man sleeps .", "a dog", "neutral", [[1, 1]]),
    ("a dog is here", "a dog is here .", "entailment", [[1, 1], [3, 3]]),
    ("man", "cat is here", "contradiction", [[0, 0]]),
    ("a cat . man . dog", "is", "entailment", []),
]


class Judgement(NamedTuple):
    logits: Tensor
    alignment: Tensor | None


class Stub(nn.Module):
    """Scores the labels by lengths; word i of the hypothesis looks at premise word i, or at the last."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, premise: Padded, hypothesis: Padded) -> Judgement:
        read, asked = premise.mask.sum(dim=1), hypothesis.mask.sum(dim=1)
        logits = self.scale * torch.stack([read, asked, (read - asked).abs()], dim=1).float()
        s, t = premise.mask.shape[1], hypothesis.mask.shape[1]
        if self.kind == "none":
            return Judgement(logits, None)
        if self.kind == "once":
            return Judgement(logits, (premise.mask / read[:, None]).unsqueeze(1))
        place = torch.minimum(torch.arange(t)[None], read[:, None] - 1)
        return Judgement(logits, nn.functional.one_hot(place, s).float())


def probabilities(premise: str, hypothesis: str) -> np.ndarray:
    read, asked = len(premise.split()), len(hypothesis.split())
    powers = np.exp([read, asked, abs(read - asked)])
    return np.asarray(powers / powers.sum())


@pytest.fixture
def corpus() -> Corpus:
    vocabulary = Vocabulary(WORDS)
    columns = {
        "id": [f"t/{place}" for place in range(len(PAIRS))],
        "premise_words": [pair[0] for pair in PAIRS],
        "hypothesis_words": [pair[1] for pair in PAIRS],
        "premise_ids": [vocabulary.encode(pair[0].split()) for pair in PAIRS],
        "hypothesis_ids": [vocabulary.encode(pair[1].split()) for pair in PAIRS],
        "label": [LABELS.index(pair[2]) for pair in PAIRS],
        "links": [pair[3] for pair in PAIRS],
    }
    table = pa.table(columns)
    both, plain = pairs(table), pairs(table.drop_columns("links"))
    words = Words(vocabulary, torch.zeros(2, 3))
    return Corpus(words, both, both, {"test": both, "plain": plain}, EntailmentData(tokenizer="none"))


def judged(corpus: Corpus, kind: str, test: str = "test", batch_size: int = 3) -> Outcome:
    ticks: list[int] = []
    outcome = use(ARGMAX, Stub(kind), corpus, test, DecodingSettings(batch_size=batch_size), ticks.append)
    assert sum(ticks) == len(PAIRS)
    return outcome


def value(records: pd.DataFrame, name: str) -> float:
    return float(METRICS[name].value(records[list(METRICS[name].columns)].dropna().to_numpy().sum(axis=0)))


def test_pairs_are_batched_without_end_symbols(corpus: Corpus) -> None:
    batch = corpus.train.batch(np.array([2, 1]), CPU)
    assert batch.premise.values.tolist() == [[3, 1, 1, 1], [2, 4, 7, 8]]
    assert batch.premise.mask.sum(dim=1).tolist() == [1, 4]
    assert batch.hypothesis.values.tolist() == [[9, 7, 8, 1, 1], [2, 4, 7, 8, 6]]
    assert batch.hypothesis.mask.sum(dim=1).tolist() == [3, 5]
    assert batch.label.tolist() == [2, 0]
    assert corpus.train.lengths.tolist() == [6, 9, 4, 7]
    assert corpus.train.sample(2)["id"] == ["t/0", "t/3"]


def test_the_loss_is_the_sum_of_the_labels_nats(corpus: Corpus) -> None:
    model = Stub("none")
    loss = Entailment().loss(model, corpus.train.batch(np.arange(4), CPU))
    nats = [-np.log(probabilities(p, h)[LABELS.index(label)]) for p, h, label, _ in PAIRS]
    assert loss.nll.item() == pytest.approx(sum(nats), rel=1e-6)
    assert (loss.targets, loss.examples, loss.tokens) == (4, 4, 26)
    loss.objective.backward()
    assert model.scale.grad is not None and model.scale.grad != 0
    nll, accuracy = Entailment().evaluate(model, corpus, CPU)
    assert nll == pytest.approx(sum(nats) / 4, rel=1e-6)
    right = [probabilities(p, h).argmax() == LABELS.index(label) for p, h, label, _ in PAIRS]
    assert accuracy == 100 * sum(right) / 4 == 25.0


def test_records_hold_lengths_answers_and_likelihoods(corpus: Corpus) -> None:
    outcome = judged(corpus, "none")
    records = outcome.records
    assert list(records["id"]) == ["t/0", "t/1", "t/2", "t/3"]
    assert list(records["premise_length"]) == [4, 4, 1, 6]
    assert list(records["hypothesis_length"]) == [
        2,
        5,
        3,
        1,
    ]
    assert list(records["accuracy/correct"]) == [0, 0, 0, 1]
    assert (value(records, "accuracy"), value(records, "accuracy-entailment")) == (25, 50)
    expected = [-np.log(probabilities(p, h)[LABELS.index(label)]) for p, h, label, _ in PAIRS]
    assert records["nll/nats"].to_numpy() == pytest.approx(np.array(expected), rel=1e-6)
    assert value(records, "nll") == pytest.approx(np.mean(expected))
    assert outcome.alignments == {} and not any("pointing" in column for column in records)
    assert set(records.columns[3:]) <= {column for metric in METRICS.values() for column in metric.columns}


def test_predictions_are_labels_with_their_probabilities(corpus: Corpus) -> None:
    for row, (premise, hypothesis, *_) in zip(judged(corpus, "none").predictions, PAIRS, strict=True):
        wanted = probabilities(premise, hypothesis)
        assert row["output"] == LABELS[wanted.argmax()]
        assert list(row["probabilities"].values()) == pytest.approx(list(wanted), abs=1e-6)


def test_attention_is_scored_by_hand(corpus: Corpus) -> None:
    """Hypothesis word i looks at premise word i, or the last."""
    outcome = judged(corpus, "each")
    records = outcome.records
    assert [outcome.alignments[f"t/{i}"].shape for i in range(4)] == [(2, 4), (5, 4), (3, 1), (1, 6)]
    assert list(records["pointing/hits"]) == [1, 2, 1, 0] and list(records["pointing/words"]) == [1, 2, 1, 0]
    assert list(records["pointing-chance/hits"]) == [1 / 4, 2 / 4, 1, 0]
    # To other words: dog to man; none; cat to man; none.
    assert list(records["reworded/hits"]) == list(records["reworded/words"]) == [1, 0, 1, 0]
    # In both: a; a dog is here; nothing; nothing.
    assert list(records["copied/hits"]) == [1, 4, 0, 0] and list(records["copied/words"]) == [1, 4, 0, 0]
    assert list(records["copied-chance/hits"]) == [1 / 4, 1, 0, 0]
    assert records["entropy/sum"].tolist()[:2] == [0, 0] and np.isnan(records["entropy/sum"][2])
    assert value(records, "pointing") == 1 and value(records, "copied-chance") == 0.25
    # a-man: unrelated; a-dog-is-here: related; man: unrelated; is: no content word.
    assert value(records, "function-mass-related") == pytest.approx(4 / 5)  # all but dog
    assert records["function-mass-related/pairs"].count() == 1
    assert records["function-mass-unrelated/pairs"].count() == 2
    assert value(records, "function-mass-unrelated") == pytest.approx((1 / 2 + 0) / 2)
    assert value(records, "function-mass-unrelated-uniform") == pytest.approx((2 / 4 + 0) / 2)


def test_attention_that_looks_once_looks_the_same_way_for_every_word(corpus: Corpus) -> None:
    outcome = judged(corpus, "once")
    assert [outcome.alignments[f"t/{i}"].shape for i in range(4)] == [(1, 4), (1, 4), (1, 1), (1, 6)]
    records = outcome.records
    assert records["entropy/sum"].dropna().tolist() == pytest.approx([1, 1, 1])
    assert list(records["pointing/words"]) == [1, 2, 1, 0]
    assert list(records["copied/hits"]) == [1, 1, 0, 0]  # the first of equals, a, is the largest
    uniform, own = (records[f"function-mass-related{name}/sum"].dropna() for name in ("-uniform", ""))
    assert own.tolist() == pytest.approx(uniform.tolist())


@pytest.mark.parametrize("kind", ["none", "once", "each"])
def test_batches_change_nothing(corpus: Corpus, kind: str) -> None:
    whole, single = judged(corpus, kind, batch_size=4), judged(corpus, kind, batch_size=1)
    pd.testing.assert_frame_equal(whole.records, single.records)
    assert whole.predictions == single.predictions
    assert all(torch.equal(whole.alignments[name], single.alignments[name]) for name in whole.alignments)


def test_without_gold_links_there_is_no_pointing(corpus: Corpus) -> None:
    records = judged(corpus, "each", test="plain").records
    assert not [column for column in records if column.startswith("pointing")]
    assert "copied/hits" in records


def test_a_side_without_words_has_no_attention_to_score(corpus: Corpus) -> None:
    columns = corpus.tests["plain"].table.to_pydict()
    columns["hypothesis_words"][1], columns["hypothesis_ids"][1] = "", [0]
    corpus = replace(corpus, tests={"test": pairs(pa.table(columns))})
    records = judged(corpus, "each").records
    assert records["hypothesis_length"].tolist() == [2, 0, 3, 1]
    assert np.isnan(records["copied/hits"][1]) and records["accuracy/pairs"].tolist() == [1] * 4


def predicted(corpus: Corpus, *lines: str) -> list[str]:
    settings = DecodingSettings(batch_size=2)
    return list(Entailment().predict(Stub("none"), corpus, lines, settings, CPU))


def test_lines_are_judged_in_order(corpus: Corpus) -> None:
    lines = [f"{premise}\t{hypothesis}" for premise, hypothesis, *_ in PAIRS]
    outputs = [row["output"] for row in judged(corpus, "none").predictions]
    assert predicted(corpus, *lines) == outputs
    assert predicted(corpus, "A zebra\tan unknown UNICORN is here") == ["neutral"]
    assert predicted(corpus) == []


@pytest.mark.parametrize("line", ["a man sleeps .", "a\tb\tc", "a\t ", "\tb", ""])
def test_a_bad_line_is_refused_before_any_is_judged(corpus: Corpus, line: str) -> None:
    outputs = Entailment().predict(Stub("none"), corpus, ["a\tb", line], DecodingSettings(), CPU)
    with pytest.raises(BadInput, match=r"--input line 2: .* is not PREMISE<TAB>HYPOTHESIS"):
        next(outputs)


def test_every_score_has_a_signature(corpus: Corpus) -> None:
    signatures = TASK.signatures(corpus.settings)
    records = judged(corpus, "each").records
    told = {name for name, metric in METRICS.items() if set(metric.columns) <= set(records.columns)}
    assert told == set(signatures) and all(signatures.values())
    assert signatures["accuracy"] == "labels:3|tok:none|case:lower|vectors:learned"


def test_alignments_are_kept_where_the_decoding_keeps_them(corpus: Corpus) -> None:
    """The records of attention are the same either way."""
    kept = judged(corpus, "each")
    silent = use(replace(ARGMAX, alignments=False), Stub("each"), corpus, "test", DecodingSettings())
    assert len(kept.alignments) == 4 and silent.alignments == {}
    pd.testing.assert_frame_equal(kept.records, silent.records)
