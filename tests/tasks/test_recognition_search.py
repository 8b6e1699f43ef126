"""What is heard in utterances, how wide a search must be, what is scored of them, and what is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from random_utterances import LABELS, MEAN_FRAMES, Draw, corpus_of, drawn, frames, model_of, stepped
from torch import Tensor
from using import use

from attnbench.corpora.text import END
from attnbench.decoding import beam_search
from attnbench.errors import BadInput
from attnbench.paper import Decoding
from attnbench.scoring import aligned
from attnbench.tasks.recognition import BEAM, FORCED, testing
from attnbench.tasks.recognition.corpus import utterances
from attnbench.tasks.recognition.engine import Recognition
from attnbench.tasks.recognition.measures import METRICS
from attnbench.tasks.recognition.settings import RecognitionDecoding
from attnbench.tasks.recognition.sharpening import sharpened
from attnbench.zoo.padded import Padded

SETTINGS = RecognitionDecoding(beam=3, widest=0, batch_size=3)

# --- search ---


class Chain:
    """A made-up model: a and b go on, now and then as d does, for ever; c, third best at first, ends at once.

    So does a where a source is 1. Nine times a is less likely than c, and an end.
    """

    def __init__(self) -> None:
        self.searched: list[int] = []
        """How many utterances each search was of."""

    def start(self, encoded: Tensor) -> Tensor:
        self.searched.append(len(encoded))
        return encoded.new_zeros(len(encoded), 1)

    def step(
        self, encoded: Tensor, state: Tensor, tokens: Tensor | None
    ) -> tuple[Tensor, Tensor | None, Tensor]:
        end, a, b, c, d = END, 2, 3, 4, 5
        chances = torch.full((6, 6), 1e-12)  # row 0: at the start
        chances[0, [a, b, c, d]] = torch.tensor([0.4, 0.3, 0.25, 0.05])
        chances[a, [a, d]] = chances[b, [b, d]] = torch.tensor([0.9, 0.1])
        chances[c, end] = chances[d, d] = 1.0
        chances = chances.expand(len(encoded), -1, -1).clone()
        chances[encoded == 1, a, end] = 5.0
        last = torch.zeros_like(state, dtype=torch.long) if tokens is None else tokens
        rows = chances[torch.arange(len(encoded))[:, None], last]
        return rows.log().log_softmax(dim=-1), None, state


def _wide(widest: int, beam: int = 1) -> tuple[list[testing.Searched], list[int]]:
    """Search for three utterances of 30 frames, the second of which has an end for any beam."""
    source = Padded(torch.zeros(3, 30, 1), torch.ones(3, 30, dtype=torch.bool))
    settings = RecognitionDecoding(beam=beam, widest=widest, max_length_ratio=0.3)
    model: Any = Chain()
    found = testing.searched(model, torch.tensor([0.0, 1.0, 0.0]), source, settings)
    return found, model.searched


def test_a_beam_without_an_end_is_doubled_until_it_has_one() -> None:
    found, searches = _wide(40)
    assert [one.hypothesis.tokens for one in found] == [[4], [2], [4]]
    assert [one.beam for one in found] == [4, 1, 4]
    assert searches == [3, 2, 2]  # what has ended is not searched again


def test_a_beam_grows_no_further_than_the_widest() -> None:
    for widest, beams, searches in ((0, [1, 1, 1], [3]), (1, [1, 1, 1], [3]), (2, [2, 1, 2], [3, 2])):
        found, seen = _wide(widest)
        assert [one.hypothesis.tokens for one in found] == [[2] * 9, [2], [2] * 9]
        assert ([one.beam for one in found], seen) == (beams, searches)
    found, seen = _wide(3)
    assert ([one.beam for one in found], seen) == ([3, 1, 3], [3, 2, 2])
    found, seen = _wide(40, beam=4)
    assert ([one.beam for one in found], seen) == ([4, 4, 4], [3])


@pytest.mark.parametrize("how", [{}, {"beta": 2.0}, {"window": 0.2}])
def test_each_utterance_is_searched_as_if_alone(how: dict[str, float], draw: Draw) -> None:
    split, model = drawn(7), model_of("conv", draw)
    settings = replace(SETTINGS, **how)
    outcome = use(BEAM, model, corpus_of(split), "test", settings)
    alone = sharpened(model, settings, MEAN_FRAMES)
    lengths = set()
    for row, prediction in enumerate(outcome.predictions):
        source = frames(split, row)
        encoded = alone.encode(source)
        limit = torch.tensor([int(source.mask.shape[1] / 3)])
        (best,) = beam_search(alone, encoded, limit, settings, end=END)
        assert prediction == {
            "id": f"test/{row}", "output": " ".join(LABELS.decode(best.tokens)), "beam": 3,
            "score": pytest.approx(best.score, abs=1e-6),
        }  # fmt: skip
        weights = outcome.alignments[f"test/{row}"]
        if best.tokens:
            expected = stepped(alone, encoded, best.tokens)[1]
            torch.testing.assert_close(weights, expected, atol=1e-9, rtol=0)
        assert weights.shape == (len(best.tokens), source.mask.shape[1])
        lengths.add(len(best.tokens))
    assert len(lengths) > 1


def test_batches_are_bounded_by_frames_and_change_nothing(draw: Draw) -> None:
    split, model = drawn(9), model_of("conv", draw)
    ticks: list[int] = []
    decoding = Decoding("plain", BEAM.run)
    whole = use(decoding, model, corpus_of(split), "test", replace(SETTINGS, batch_size=64), ticks.append)
    assert ticks == [9] and whole.alignments == {}
    ticks.clear()
    settings = replace(SETTINGS, batch_frames=60)
    parts = use(decoding, model, corpus_of(split), "test", settings, ticks.append)
    assert sum(ticks) == 9 and len(ticks) > 3
    assert [one["output"] for one in parts.predictions] == [one["output"] for one in whole.predictions]
    pd.testing.assert_frame_equal(parts.records, whole.records)


# --- scores ---


def _said(heard: list[str], labels: str, draw: Draw, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """The records where what is heard is given; the references are these two."""
    table = drawn(2).table
    said = ["h# k ix q zh h#", "tcl ae q"]
    table = table.set_column(table.column_names.index("labels"), "labels", [said])
    found = [testing.Found(line.split(), -1.0, 10, None) for line in heard]
    monkeypatch.setattr(testing, "transcripts", lambda use: found)
    corpus = corpus_of(utterances(table), labels=labels)
    return use(BEAM, model_of("conv", draw), corpus, "test", SETTINGS).records


def test_phones_are_scored_after_folding(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    """References: sil k ih sh sil, and sil ae."""
    heard = ["pau kcl k ih sh", "q q bcl ae"]  # sil sil k ih sh: one inserted, one deleted
    records = _said(heard, "phones", draw, monkeypatch)
    assert records[list(METRICS["per"].columns)].to_numpy().tolist() == [[2, 5], [0, 2]]
    assert "wer/edits" not in records
    assert records["target_length"].tolist() == [6, 3]  # as they are written


def test_words_are_scored_as_they_are(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    records = _said(["h# k ix q zh", "tcl ae q"], "words", draw, monkeypatch)
    for name in ("per", "wer"):
        assert records[list(METRICS[name].columns)].to_numpy().tolist() == [[1, 6], [0, 3]]
    signatures = {
        METRICS["per"].signed(corpus_of(drawn(1), labels=one).settings) for one in ("words", "phones")
    }
    assert len(signatures) == 2


def test_records_name_each_utterance_and_its_lengths(draw: Draw) -> None:
    split = drawn(5)
    for decoding in (BEAM, FORCED):
        records = use(decoding, model_of("conv", draw), corpus_of(split), "test", SETTINGS).records
        assert records["id"].tolist() == [f"test/{row}" for row in range(5)]
        assert records["target_length"].tolist() == [len(ids) for ids in split["label_ids"]]
        assert records["source_length"].tolist() == pytest.approx(
            [0.05 * len(one) for one in split["frames"]]
        )
        assert records["pieces"].tolist() == [1, 2, 1, 2, 1]


# --- known labels ---


@pytest.mark.parametrize("kind", ["content", "conv", "smooth"])
@pytest.mark.parametrize("how", [{}, {"beta": 2.0, "keep": 4}, {"window": 0.2}])
def test_known_labels_are_scored_one_by_one(kind: str, how: dict[str, float], draw: Draw) -> None:
    split, model = drawn(6), model_of(kind, draw)
    settings = replace(SETTINGS, **how)
    outcome = use(FORCED, model, corpus_of(split), "test", settings)
    assert (outcome.predictions, outcome.alignments) == ([], {})
    alone = sharpened(model, settings, MEAN_FRAMES)
    for row, labels in enumerate(split["label_ids"]):
        with torch.no_grad():
            nats, weights = stepped(alone, alone.encode(frames(split, row)), labels)
        expected = {"nll/nats": nats, "nll/words": len(labels) + 1, "nll/sentences": 1}
        expected |= aligned.statistics(weights.numpy(), np.array(split["spans"][row]), 50.0)
        expected |= aligned.spread(weights.numpy())
        found = outcome.records.loc[row, list(expected)].to_dict()
        assert found == pytest.approx(expected, abs=1e-5)
    metrics = {name for name, one in METRICS.items() if one.columns[0] in outcome.records}
    assert metrics == set(METRICS) - {"per", "wer"}


def test_known_labels_are_read_in_portions(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    split, model = drawn(8), model_of("conv", draw)
    settings = replace(SETTINGS, batch_size=8)
    whole = use(FORCED, model, corpus_of(split), "test", settings).records
    read, sizes = testing.reading.force, []

    def counted(model: Any, batch: Any) -> Any:
        sizes.append(len(batch.target.mask))
        return read(model, batch)

    monkeypatch.setattr(testing.reading, "force", counted)
    monkeypatch.setattr(testing, "WEIGHTS", 500)
    parts = use(FORCED, model, corpus_of(split), "test", settings).records
    assert sum(sizes) == 8 and 1 <= max(sizes) < 4
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-6)


def test_without_times_or_attention_there_is_less_to_score(draw: Draw) -> None:
    def columns(kind: str, split: Any) -> set[str]:
        records = use(FORCED, model_of(kind, draw), corpus_of(split), "test", SETTINGS).records
        return {name for name, one in METRICS.items() if one.columns[0] in records}

    split = drawn(3)
    timeless = utterances(split.table.drop_columns(["spans"]))
    assert columns("conv", timeless) == {"nll", "perplexity", "entropy"}
    assert columns("fixed", split) == {"nll", "perplexity"}


def test_a_blank_line_is_no_file() -> None:
    """Its path would be the folder one stands in."""
    nothing: Any = None
    with pytest.raises(BadInput, match="--input line 2 is blank; name a file of sound a line"):
        next(Recognition().predict(nothing, nothing, ["a.wav", " "], SETTINGS, torch.device("cpu")))
