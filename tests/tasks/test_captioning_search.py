"""What is said of pictures, how attention that is drawn is used, and what is scored of captions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from torch import nn
from using import use

from attnbench.corpora.text import END, UNKNOWN, Vocabulary
from attnbench.decoding import beam_search
from attnbench.errors import BadInput
from attnbench.scoring import bleu, cider, regions
from attnbench.tasks.captioning import BEAM, BEAM_ARGMAX, BEAM_SAMPLED, GREEDY, testing
from attnbench.tasks.captioning.corpus import captions, pictures
from attnbench.tasks.captioning.measures import METRICS
from attnbench.tasks.captioning.settings import CaptioningData, CaptioningDecoding
from attnbench.tasks.engine import Corpus
from attnbench.tasks.split import Split
from attnbench.zoo.annotations import Annotations
from attnbench.zoo.attending_lstm import AttendingLSTM, GivenAnnotations
from attnbench.zoo.attention import AdditiveAttention, Gated, Mean
from attnbench.zoo.attention.normalisers import Hard, Softmax
from attnbench.zoo.padded import Padded

Draw = Callable[[nn.Module, int], None]

WORDS = Vocabulary(["a", "red", "blue", "square", "circle", "."])
CELLS, SIZE = 6, 3
SETTINGS = CaptioningDecoding(beam=3, max_length=7, batch_size=4)


class Features:
    """What testing asks of the features."""

    target = WORDS


class Doubled(GivenAnnotations):
    """Annotations in double precision."""

    def forward(self, inputs: Padded) -> Annotations:
        return super().forward(inputs._replace(values=inputs.values.double()))


def _split(count: int, *, seed: int = 0, objects: bool = True) -> Split[Any]:
    """Random annotations of pictures, each with one to three captions."""
    rng = np.random.default_rng(seed)
    ids = [
        [rng.integers(2, len(WORDS), rng.integers(1, 6)).tolist() for _ in range(rng.integers(1, 4))]
        for _ in range(count)
    ]
    values = pa.array(rng.normal(scale=2, size=count * CELLS * SIZE).astype(np.float16))
    for size in (SIZE, CELLS):
        values = pa.FixedSizeListArray.from_arrays(values, size)
    columns = {
        "id": [f"test/{row}" for row in range(count)],
        "annotations": values,
        "captions": [[" ".join(WORDS.decode(one)) for one in some] for some in ids],
        "caption_ids": pa.array(ids, pa.list_(pa.list_(pa.int32()))),
    }
    known = {"objects": pa.array(rng.integers(1, 7, count), pa.int32())} if objects else {}
    return pictures(pa.table({**columns, **known}))


def _corpus(split: Split[Any], train: Split[Any] | None = None) -> Corpus:
    train = captions(_split(5, seed=1) if train is None else train)
    return Corpus(Features(), train, split, {"test": split}, CaptioningData())


def _model(kind: str, draw: Draw) -> AttendingLSTM:
    """A random model in double precision: ``soft``, ``hard``, or ``mean``."""
    normaliser = Hard() if kind == "hard" else Softmax()
    within = Mean() if kind == "mean" else AdditiveAttention(5, SIZE, 6, normaliser=normaliser)
    model = AttendingLSTM(Doubled(SIZE), Gated(within, 5), vocabulary=len(WORDS), embedding=4, hidden=5)
    draw(model, 0 if kind == "mean" else 3)
    with torch.no_grad():  # so that captions differ, and some have words
        model.output.weight *= 1.5
        model.embedding.weight *= 2
        model.output.bias[END] -= 1.5
    return model.double().eval()


# --- search ---


@pytest.mark.parametrize("kind", ["soft", "hard", "mean"])
def test_each_picture_is_described_as_if_alone(kind: str, draw: Draw) -> None:
    split, model = _split(9), _model(kind, draw)
    ticks: list[int] = []
    outcome = use(BEAM, model, _corpus(split), "test", SETTINGS, ticks.append)
    alone, lengths = testing.used(model, "expected"), set()
    for row, prediction in enumerate(outcome.predictions):
        source = split.batch(np.array([row]), torch.device("cpu")).source
        encoded = alone.encode(source)
        (best,) = beam_search(alone, encoded, torch.tensor([7]), SETTINGS, end=END)
        output = " ".join(WORDS.decode(best.tokens))
        score = pytest.approx(best.score, abs=1e-6)
        assert prediction == {"id": f"test/{row}", "output": output, "score": score}
        lengths.add(len(best.tokens))
        if kind != "mean":
            weights = alone.decode(encoded, torch.tensor([[*best.tokens, END]])).alignment
            torch.testing.assert_close(outcome.alignments[f"test/{row}"], weights[0, :-1], atol=1e-9, rtol=0)
    assert len(lengths) > 1 and max(lengths) <= 7 and sum(ticks) == 9
    assert len(outcome.alignments) == (0 if kind == "mean" else 9)
    assert use(GREEDY, model, _corpus(split), "test", SETTINGS).alignments == {}


# --- how drawn attention is used ---


def _described(model: Any, decoding: Any, **settings: Any) -> list[dict[str, Any]]:
    """What is said of seven pictures."""
    return use(decoding, model, _corpus(_split(7)), "test", replace(SETTINGS, **settings)).predictions


def test_the_expectation_is_soft_attention_with_the_same_weights(draw: Draw) -> None:
    soft, hard = _model("soft", draw), _model("hard", draw)
    hard.load_state_dict(soft.state_dict())
    assert _described(hard, BEAM) == _described(soft, BEAM)
    assert _described(hard, BEAM_ARGMAX) != _described(soft, BEAM)


def test_argmax_reads_the_likeliest_cell_alone(draw: Draw) -> None:
    """Against greedy steps whose context is the gate times the annotation of that cell."""
    model, split = _model("hard", draw), _split(7)
    found = _described(model, BEAM_ARGMAX, beam=1)
    for row, prediction in enumerate(found):
        source = split.batch(np.array([row]), torch.device("cpu")).source
        tokens, kept = [], model.encode(source).start
        previous = torch.zeros(1, 4, dtype=torch.float64)
        while END not in tokens and len(tokens) < 7:
            memory = model.attention.prepare(source.values.double(), source.mask)
            query = kept.hidden.unsqueeze(1)
            energy = model.attention.mechanism(query, memory, None)[2].expected[0, 0]
            context = source.values[0, energy.argmax()].double() * model.attention.gate(query)[0]
            kept = model.cell.step(model.cell.project(previous), context.view(1, SIZE), kept)
            logits = model.logits(model.readout(previous, kept.hidden, context.view(1, SIZE)))
            tokens.append(int(logits.argmax()))
            previous = model.embedding.weight[tokens[-1:]]
        words = WORDS.decode([token for token in tokens if token != END])
        assert prediction["output"] == " ".join(words)


def test_draws_are_the_same_each_time_and_leave_the_generator_alone(draw: Draw) -> None:
    model = _model("hard", draw)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    first = _described(model, BEAM_SAMPLED)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(4)
    assert _described(model, BEAM_SAMPLED, batch_size=2) == first
    assert _described(model, BEAM_SAMPLED) != _described(model, BEAM_ARGMAX)


def test_another_use_shares_the_weights_and_leaves_the_model_as_it_is(draw: Draw) -> None:
    model = _model("hard", draw)
    twin: Any = testing.used(model, "sampled")
    uses = [one.attention.mechanism.normaliser.use for one in (model, twin)]
    assert uses == ["argmax", "sampled"] and not twin.training
    pairs = zip(model.parameters(), twin.parameters(), strict=True)
    assert all(one is other for one, other in pairs)


def test_attention_that_is_not_drawn_has_one_use(draw: Draw) -> None:
    for kind in ("soft", "mean"):
        model = _model(kind, draw)
        assert testing.used(model, "expected") is model
        with pytest.raises(BadInput, match=r"cannot be argmax; leave out decoding\.attention$"):
            testing.used(model, "argmax")


# --- scores ---


def _said(
    outputs: list[list[int]], draw: Draw, monkeypatch: pytest.MonkeyPatch, **other: Any
) -> pd.DataFrame:
    """The records where what is said is given."""
    found = [testing.Found(one, WORDS.decode(one), -1.0, None) for one in outputs]
    monkeypatch.setattr(testing, "described", lambda use: found)
    corpus = _corpus(_split(len(outputs)), **other)
    return use(BEAM, _model("soft", draw), corpus, "test", SETTINGS).records


def test_captions_are_scored_against_all_references(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    references = _split(6)["captions"]
    outputs = [WORDS.encode(some[-1].split()) for some in references[:3]] + [[2, 3], [], [UNKNOWN, 2]]
    records = _said(outputs, draw, monkeypatch)
    lines = [" ".join(WORDS.decode(one)) for one in outputs]
    found = records[list(METRICS["bleu-1"].columns)].to_numpy()
    assert found.tolist() == bleu.statistics(lines, references, "none").tolist()
    assert records["cider/sum"].tolist() == cider.statistics(lines, references).tolist()
    assert records["cider/pictures"].tolist() == [1] * 6
    assert records["length/words"].tolist() == [len(one) for one in outputs]
    assert testing.bleu_statistics([], _split(0)).shape == (0, 10)
    metrics = {name for name, one in METRICS.items() if one.columns[0] in records}
    written = {"cider", "length", "distinct-1", "distinct-2", "novel"}
    assert metrics == written | {f"bleu-{n}{end}" for n in (1, 2, 3, 4) for end in ("", "-bp")}


def test_a_caption_is_novel_where_no_training_picture_has_it(
    draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = _split(5, seed=1)
    said = [ids for some in train["caption_ids"] for ids in some]
    outputs = [said[0], said[-1], [*said[3][:-1], UNKNOWN], [2] * 9]
    assert _said(outputs, draw, monkeypatch, train=train)["novel/novel"].tolist() == [0, 0, 1, 1]
    kept = train.select(np.array([0, 1]))  # the last picture is not trained with
    assert _said(outputs, draw, monkeypatch, train=kept)["novel/novel"].tolist() == [0, 1, 1, 1]


def test_records_name_each_picture_its_objects_and_the_words_that_were_said_of_it(draw: Draw) -> None:
    split = _split(5)
    records = use(BEAM, _model("soft", draw), _corpus(split), "test", SETTINGS).records
    assert records["id"].tolist() == [f"test/{row}" for row in range(5)]
    assert records["objects"].tolist() == split["objects"]
    words = [[len(ids) for ids in some] for some in split["caption_ids"]]
    assert records["target_length"].tolist() == pytest.approx([sum(some) / len(some) for some in words])
    assert len({len(some) for some in words}) > 1
    assert "objects" not in testing.frame(_split(2, objects=False))


def test_every_statistic_of_attention_has_its_metric() -> None:
    weights, right = np.full((3, 4), 1 / 4), np.eye(2, 4, dtype=bool)
    columns = set(regions.statistics(weights[:-1], right, (2, 2)) | regions.spread(weights))
    names = list(METRICS)
    some = names[names.index("pointing") : names.index("gate-objects")]
    assert {column for name in some for column in METRICS[name].columns} == columns
    assert len(some) == 11 and len({METRICS[name].signed(None) for name in some}) == 11
