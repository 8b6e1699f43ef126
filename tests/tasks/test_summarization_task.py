"""Summarization by known targets: loss, evaluation, likelihood, and where attention lies.

Beside it stand literal loops over ``step`` and over the paper's equations, and a model whose attention is
given.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import reference_summaries as literal
import torch
import torch.nn.functional as F
from summary_pairs import (
    CPU,
    ENGINE,
    FEATURES,
    SETTINGS,
    TARGET,
    Draw,
    closed,
    corpus_of,
    costs,
    drawn,
    model_of,
    split_of,
    value,
)
from torch import Tensor, nn
from using import use

from attnbench.corpora.text import END, UNKNOWN
from attnbench.tasks import reading
from attnbench.tasks.engine import Corpus
from attnbench.tasks.summarization import FORCED, engine
from attnbench.tasks.summarization.measures import METRICS
from attnbench.tasks.summarization.settings import SummarizationDecoding
from attnbench.zoo.kneser_ney import KneserNey
from attnbench.zoo.padded import Padded

kinds = pytest.mark.parametrize("kind", ["nnlm", "bow", "tdnn", "abs"])


# --- loss and likelihood ---


@kinds
def test_the_loss_is_the_sum_over_summaries(kind: str, draw: Draw) -> None:
    split, model = drawn(7), model_of(kind, draw)
    loss = ENGINE.loss(model, split.batch(np.arange(7), CPU))
    expected = 0.0
    for source, target in closed(split):
        logits, _ = literal.forced(model, source, target)
        expected += F.cross_entropy(logits, torch.tensor(target), reduction="sum").item()
    assert loss.nll.item() == pytest.approx(expected, rel=1e-9)
    words = sum(len(ids) + 1 for ids in split["target_ids"])
    assert (loss.targets, loss.examples, loss.tokens) == (words, 7, words)
    assert loss.objective.item() == loss.nll.item()
    loss.objective.backward()
    assert all(one.grad is not None and one.grad.abs().sum() > 0 for one in model.parameters())


@kinds
def test_evaluation_is_the_mean_loss_of_the_validation_set(
    kind: str, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches of several lengths; the training and test sets are others."""
    monkeypatch.setattr(engine, "EVALUATED", 4)
    valid, model = drawn(11), model_of(kind, draw)
    loss = ENGINE.loss(model, valid.batch(np.arange(11), CPU))
    other = drawn(3, seed=1)
    nats, perplexity = ENGINE.evaluate(model, Corpus(FEATURES, other, valid, {"test": other}, SETTINGS), CPU)
    assert nats == pytest.approx(loss.nll.item() / loss.targets, rel=1e-9)
    assert perplexity == pytest.approx(math.exp(nats), rel=1e-12)


@kinds
@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_forced_reading_gives_each_target_the_nats_of_its_steps(
    kind: str, batch_size: int, draw: Draw
) -> None:
    """The end symbol is a word; of known words the unknown ones are left out, not the end symbol."""
    split, model = drawn(9), model_of(kind, draw)
    ticks: list[int] = []
    settings = SummarizationDecoding(batch_size=batch_size)
    outcome = use(FORCED, model, corpus_of(split), "test", settings, ticks.append)
    records = outcome.records
    for i, (source, target) in enumerate(closed(split)):
        nats = [-float(cost[word]) for cost, word in zip(costs(model, source, target), target, strict=True)]
        known = [one for one, word in zip(nats, target, strict=True) if word != UNKNOWN]
        row = records.iloc[i]
        assert [row["nll/nats"], row["nll-known/nats"]] == pytest.approx([sum(nats), sum(known)], rel=1e-5)
        assert [row["nll/words"], row["nll/sentences"], row["nll-known/words"]] == [len(nats), 1, len(known)]
    assert records["nll-known/words"].sum() < records["nll/words"].sum()
    assert list(records["id"]) == split["id"] and sum(ticks) == 9
    assert list(records["source_length"]) == [len(ids) for ids in split["source_ids"]]
    assert list(records["target_length"]) == [len(ids) for ids in split["target_ids"]]
    assert outcome.predictions == [] and outcome.alignments == {}
    assert ("copied/weight" in records) == (kind == "abs") and "pointing/hits" not in records


def test_perplexities_are_of_all_words_together(draw: Draw) -> None:
    split, model = drawn(9), model_of("bow", draw)
    records = use(FORCED, model, corpus_of(split), "test", SummarizationDecoding()).records
    loss = ENGINE.loss(model, split.batch(np.arange(9), CPU))
    nats = loss.nll.item() / loss.targets
    assert value(records, "nats") == pytest.approx(nats, rel=1e-5)
    assert value(records, "perplexity") == pytest.approx(math.exp(nats), rel=1e-5)
    assert value(records, "nll") == pytest.approx(loss.nll.item() / 9, rel=1e-5)


def test_n_grams_are_counted_on_the_training_targets() -> None:
    """The end symbol of each counted; what the model counted before is forgotten; sources are not read."""
    train, test = drawn(40, seed=1), drawn(9)
    model = KneserNey(5, len(TARGET))
    model.count([[3, 3, 3, END]])
    outcome = use(FORCED, model, corpus_of(test, train), "test", SummarizationDecoding())
    slow = literal.KneserNey(5, len(TARGET), [target for _, target in closed(train)])
    for i, (_, target) in enumerate(closed(test)):
        nats = [-math.log(one) for one in slow.probabilities(target)]
        known = [one for one, word in zip(nats, target, strict=True) if word != UNKNOWN]
        row = outcome.records.iloc[i]
        assert [row["nll/nats"], row["nll-known/nats"]] == pytest.approx([sum(nats), sum(known)], rel=1e-9)
        assert [row["nll/words"], row["nll/sentences"], row["nll-known/words"]] == [len(nats), 1, len(known)]
    assert list(outcome.records.columns) == [
        "id", "source_length", "target_length", "nll/nats", "nll/words", "nll/sentences", "nll-known/nats",
        "nll-known/words",
    ]  # fmt: skip
    assert outcome.predictions == []


# --- where attention lies ---


class Read(NamedTuple):
    readout: Tensor
    alignment: Tensor


class Looking(nn.Module):
    """Word i of a target looks with 0.7 at source word i, or the last, and evenly at the others."""

    attends = True

    def encode(self, source: Padded) -> Padded:
        return source

    def decode(self, source: Padded, targets: Tensor, mask: Tensor) -> Read:
        (b, t), sizes = targets.shape, source.mask.sum(dim=1)
        weights = torch.full((b, t, source.mask.shape[1]), 99.0)  # what is padding is not looked at
        for row, size in enumerate(sizes.tolist()):
            weights[row, :, :size] = 1.0 if size == 1 else 0.3 / (size - 1)
            for i in range(t if size > 1 else 0):
                weights[row, i, min(i, size - 1)] = 0.7
        return Read(torch.zeros(int(mask.sum()), len(TARGET)), weights)

    def logits(self, readout: Tensor) -> Tensor:
        return readout


LINKED = [
    ("a man sees a dog", "a dog", [[0, 3], [1, 4]]),
    ("dog sees", "dog sees here", [[0, 0], [1, 1]]),
    ("<unk> man zebra", "zebra", [[0, 2]]),
    ("A man 17 sees 23", "here ## man", [[1, 2], [1, 4]]),
    ("", "man", []),
    ("old", "cat", []),
]
"""Source, target, gold links."""


def looked(linked: bool = True, batch_size: int = 4) -> pd.DataFrame:
    links = [one for *_, one in LINKED] if linked else None
    split = split_of([(source, target) for source, target, _ in LINKED], links)
    settings = SummarizationDecoding(batch_size=batch_size)
    return use(FORCED, Looking(), corpus_of(split), "test", settings).records


def test_attention_on_what_is_copied_by_hand() -> None:
    """A word counts with all its places, whatever its case and its digits; an unknown one never."""
    records = looked()
    weights = [
        (0.7 + 0.075) + 0.075,  # a at 0 and 3 from place 0; dog at 4 from place 1
        0.7 + 0.7,  # here is in no source
        0,  # zebra is spelt alike, but the model knows no zebra
        (0.075 + 0.075) + 0.075,  # ## at 2 and 4 from place 1, man at 1 from place 2
    ]
    assert records["copied/weight"].tolist()[:4] == pytest.approx(weights, abs=1e-6)
    assert records["copied/words"].tolist()[:4] == [2, 2, 0, 2]
    chance = [2 / 5 + 1 / 5, 1 / 2 + 1 / 2, 0, 2 / 5 + 1 / 5]
    assert records["copied-chance/weight"].tolist()[:4] == pytest.approx(chance)
    assert list(records["copied-chance/words"])[:4] == [2, 2, 0, 2]
    assert value(records, "copied") == pytest.approx((0.85 + 1.4 + 0.225) / 6)
    assert value(records, "copied-chance") == pytest.approx((0.6 + 1 + 0.6) / 6)


def test_attention_on_gold_links_by_hand() -> None:
    """The largest weight lies on word i: right for both of the second pair and for neither of the first."""
    records = looked()
    assert records["pointing/hits"].tolist()[:4] == [0, 2, 0, 0]
    assert records["pointing/words"].tolist()[:4] == [2, 2, 1, 1]
    chance = [1 / 5 + 1 / 5, 1 / 2 + 1 / 2, 1 / 3, 2 / 5]
    assert records["pointing-chance/hits"].tolist()[:4] == pytest.approx(chance)
    assert value(records, "pointing") == pytest.approx(2 / 6)
    assert value(records, "pointing-chance") == pytest.approx(sum(chance) / 6)


def test_a_source_without_words_is_read_and_has_no_attention_to_score() -> None:
    records = looked()
    assert records["source_length"].tolist() == [5, 2, 3, 5, 0, 1]
    columns = [name for name in records if name.startswith(("copied", "pointing"))]
    assert records[columns].iloc[4].isna().all() and records[columns].iloc[5].tolist() == [0] * 16
    assert records["nll/nats"].tolist() == pytest.approx(
        [words * math.log(len(TARGET)) for words in (3, 4, 2, 4, 2, 2)]
    )


def test_without_gold_links_there_is_no_pointing() -> None:
    pd.testing.assert_frame_equal(
        looked(linked=False), looked().drop(columns=[name for name in looked() if "pointing" in name])
    )


def test_batches_change_no_record() -> None:
    pd.testing.assert_frame_equal(looked(), looked(batch_size=1))


def test_what_is_read_ends_with_its_source_and_its_words() -> None:
    """Padding has no nats and no weights; the end symbol has nats and no weights."""
    split = split_of([(source, target) for source, target, _ in LINKED[:3]])
    forced = reading.force(Looking(), split.batch(np.arange(3), CPU))
    nats = math.log(len(TARGET))
    assert forced.nats.tolist() == pytest.approx(
        np.array([[nats, nats, nats, 0], [nats] * 4, [nats, nats, 0, 0]])
    )
    first, second, third = forced.alignments
    assert first is not None and first == pytest.approx(
        np.array([[0.7, 0.075, 0.075, 0.075, 0.075], [0.075, 0.7, 0.075, 0.075, 0.075]])
    )
    assert second is not None and second == pytest.approx(np.array([[0.7, 0.3], [0.3, 0.7], [0.3, 0.7]]))
    assert third is not None and third.shape == (1, 3)


def test_the_columns_are_those_of_the_metrics() -> None:
    columns = set(looked()) - {"id", "source_length", "target_length"}
    names = list(METRICS)
    read = names[names.index("nll") :]
    assert columns == {column for name in read for column in METRICS[name].columns}
