"""A trained recogniser on a test set: what it hears, its likelihoods, its alignments, as records.

b batch   s frames, the end of the input included   t labels, end symbols included
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from attnbench.corpora.speech.phones import folded
from attnbench.corpora.text import END
from attnbench.decoding import Hypothesis, beam_search, rows
from attnbench.scoring import aligned, edits
from attnbench.tasks import reading
from attnbench.tasks.engine import Outcome, Use
from attnbench.tasks.recognition.corpus import Batch
from attnbench.tasks.recognition.measures import METRICS
from attnbench.tasks.recognition.recognizer import Recognizer
from attnbench.tasks.recognition.settings import RecognitionDecoding
from attnbench.tasks.recognition.sharpening import sharpened
from attnbench.tasks.sentences import cut
from attnbench.tasks.split import Split, in_order
from attnbench.zoo.padded import Padded

WEIGHTS = 2**24
"""The most weights (b, t, s) of alignments that are read at once, an utterance at least: 64 MiB of them. An
utterance of a minute, with 600 labels, has 3.6 million."""


class Searched(NamedTuple):
    """The best hypothesis of an utterance."""

    hypothesis: Hypothesis
    beam: int
    """The width that was needed: the widest, where none found an end."""


class Found(NamedTuple):
    """What is heard in one utterance."""

    labels: list[str]
    score: float
    beam: int
    alignment: Tensor | None
    """(labels, s): the alignment of each label that was written, the end of the input last."""


def searched(
    model: Recognizer, encoded: Any, source: Padded, settings: RecognitionDecoding
) -> list[Searched]:
    """Return the best hypothesis of every utterance of a batch.

    Where it has no end symbol, the search is done again with twice the beam, up to ``settings.widest``.
    """
    limits = (source.mask.sum(dim=1) * settings.max_length_ratio).long().clamp(min=1)
    beam, most = settings.beam, limits.tolist()
    found = [Searched(one, beam) for one in beam_search(model, encoded, limits, settings, end=END)]
    while beam < settings.widest:
        endless = [row for row, one in enumerate(found) if len(one.hypothesis.tokens) == most[row]]
        if not endless:
            break
        beam = min(2 * beam, settings.widest)
        index, wider = limits.new_tensor(endless), replace(settings, beam=beam)
        again = beam_search(model, rows(encoded, index), limits[index], wider, end=END)
        for row, one in zip(endless, again, strict=True):
            found[row] = Searched(one, beam)
    return found


@torch.inference_mode()
def transcripts(use: Use) -> list[Found]:
    """Return what is heard in every utterance of a split, in its order."""
    model = _model(use)
    return in_order((indices, _heard(use, model, batch)) for indices, batch in _batches(use))


def recognised(use: Use) -> list[list[str]]:
    """Return the labels that are heard in every utterance of a split, in its order."""
    return [one.labels for one in transcripts(use)]


def _model(use: Use) -> Recognizer:
    """Return the model with the attention that the decoding asks for."""
    model: Recognizer = sharpened(use.model, use.settings, use.corpus.features.mean_frames)
    return model


def _batches(use: Use) -> Iterator[tuple[np.ndarray, Batch]]:
    size, budget = use.settings.batch_size, use.settings.batch_frames
    return use.split.in_batches(size, use.device, use.tick, by="source", budget=budget)


def _heard(use: Use, model: Recognizer, batch: Batch) -> list[Found]:
    """Return what is heard in every utterance of a batch."""
    encoded = model.encode(batch.source)
    found = searched(model, encoded, batch.source, use.settings)
    alignments: Sequence[Tensor | None] = [None] * len(found)
    if use.alignments and model.attends:
        alignments = reading.alignments(model, encoded, batch, [one.hypothesis for one in found])
    decode = use.corpus.features.target.decode
    return [
        Found(decode(one.tokens), one.score, beam, alignment)
        for (one, beam), alignment in zip(found, alignments, strict=True)
    ]


def errors(use: Use, written: Sequence[Sequence[str]]) -> np.ndarray:
    """Return the statistics (n, 2) of the error rate of labels that were written for a split.

    Phones of both sides are folded to TIMIT's 39; words are compared as they are.
    """
    references = [cut(line) for line in use.split["labels"]]
    if use.corpus.settings.labels == "words":
        return edits.statistics(written, references)
    return edits.statistics(_folded(written), _folded(references))


def _folded(utterances: Sequence[Sequence[str]]) -> list[list[str]]:
    return [folded(labels, None, "39")[0] for labels in utterances]


def search(use: Use) -> Outcome:
    """Recognise every utterance of a test set."""
    found, records = transcripts(use), _frame(use.split)
    statistics = errors(use, [one.labels for one in found])
    records[list(METRICS["per"].columns)] = statistics
    if use.corpus.settings.labels == "words":
        records[list(METRICS["wer"].columns)] = statistics
    told = list(zip(use.split["id"], found, strict=True))
    predictions: list[dict[str, Any]] = [
        {"id": name, "output": " ".join(one.labels), "score": round(one.score, 6), "beam": one.beam}
        for name, one in told
    ]
    alignments = {name: one.alignment for name, one in told if one.alignment is not None}
    return Outcome(records, predictions, alignments)


@torch.inference_mode()
def force(use: Use) -> Outcome:
    """Return the records of the labels under teacher forcing: likelihood, and where the attention lies."""
    model, split = _model(use), use.split
    spans = split["spans"] if "spans" in split else [None] * len(split)
    shift = use.corpus.settings.frame_shift
    scores = in_order(
        (indices, _scored(model, batch, [spans[index] for index in indices.tolist()], shift))
        for indices, batch in _batches(use)
    )
    return Outcome(pd.concat([_frame(split), pd.DataFrame(scores)], axis=1), [], {})


def _scored(model: Recognizer, batch: Batch, spans: Sequence[Any], shift: float) -> list[dict[str, float]]:
    """Return the statistics of every utterance of a batch; no alignment is held longer than it is needed."""
    scores: list[dict[str, float]] = []
    for portion in _portions(batch):
        forced = reading.force(model, portion)
        nats = forced.nats.double().sum(dim=1).tolist()
        words = portion.target.mask.sum(dim=1).tolist()
        likelihoods = zip(nats, words, [1] * len(nats), strict=True)
        for likelihood, weights in zip(likelihoods, forced.alignments, strict=True):
            row = dict(zip(METRICS["nll"].columns, likelihood, strict=True))
            scores.append(row | _attention(weights, spans[len(scores)], shift))
    return scores


def _portions(batch: Batch) -> Iterator[Batch]:
    """Yield a batch in portions whose alignments hold at most ``WEIGHTS`` weights, an utterance at least."""
    count = max(1, WEIGHTS // (batch.source.mask.shape[1] * batch.target.mask.shape[1]))
    for start in range(0, len(batch.source.mask), count):
        some = slice(start, start + count)
        yield Batch(*(Padded(field.values[some], field.mask[some]) for field in batch))


def _attention(weights: np.ndarray | None, spans: Any, shift: float) -> dict[str, float]:
    """Return the statistics of weights (labels, s): their spread, and where they lie if times are known."""
    if weights is None:
        return {}
    times = {} if spans is None else aligned.statistics(weights, np.array(spans, int).reshape(-1, 2), shift)
    return times | aligned.spread(weights)


def _frame(split: Split[Batch]) -> pd.DataFrame:
    """Return id and lengths of each utterance: its labels, its seconds, and of how many it is joined."""
    labels = [len(cut(line)) for line in split["labels"]]
    lengths = {"target_length": labels, "source_length": split["seconds"], "pieces": split["pieces"]}
    return pd.DataFrame({"id": split["id"], **lengths})
