"""A trained captioner on a test set: what it says of the pictures, as records.

b pictures   s cells
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from attnbench.corpora.text import END
from attnbench.decoding import beam_search
from attnbench.errors import BadInput
from attnbench.scoring import bleu, cider, diversity
from attnbench.tasks import reading
from attnbench.tasks.captioning.captioner import Captioner
from attnbench.tasks.captioning.corpus import Batch, Pictures
from attnbench.tasks.captioning.measures import METRICS
from attnbench.tasks.engine import Outcome, Use
from attnbench.tasks.sentences import cut
from attnbench.tasks.split import Split, in_order
from attnbench.zoo.attention.normalisers import Hard

TOGETHER = 64
"""Pictures searched together where cells are drawn: what is drawn for a picture hangs on the others."""


class Found(NamedTuple):
    """What is said of one picture."""

    tokens: list[int]
    words: list[str]
    score: float
    alignment: Tensor | None
    """(words, s): the alignment of each word that was written."""


def used(model: Captioner, attention: str) -> Captioner:
    """Return a model with the same weights whose attention is used as ``decoding.attention`` says.

    The given model stays as it is; it is the one that is returned where its attention is not drawn, which
    knows ``expected`` alone: ``BadInput`` for another.
    """
    hard = _hard(model)
    if not hard and attention == "expected":
        return model
    if not hard:
        raise BadInput(f"this system's attention cannot be {attention}; leave out decoding.attention")
    assert isinstance(model, torch.nn.Module)
    shared = {id(one): one for one in chain(model.parameters(), model.buffers())}
    twin = copy.deepcopy(model, shared)  # what the memo holds is not copied
    for one in _hard(twin):
        one.use = attention
    return twin


def _hard(model: Any) -> list[Hard]:
    """Return the parts of a model by which its attention is drawn."""
    return [one for one in model.attention.modules() if isinstance(one, Hard)]


@torch.inference_mode()
def described(use: Use) -> list[Found]:
    """Return what is said of every picture of a split, in its order.

    Where cells are drawn, the draws are the same each time, whatever ``decoding.batch_size`` is; those of the
    alignments that are kept are others than those of the search.
    """
    model: Captioner = used(use.model, use.settings.attention)
    drawn = use.settings.attention == "sampled"
    size = TOGETHER if drawn else use.settings.batch_size
    with seeded(use.device):
        batches = use.split.in_batches(size, use.device, use.tick, by="source")
        return in_order((indices, _described(use, model, batch)) for indices, batch in batches)


@contextmanager
def seeded(device: torch.device) -> Iterator[None]:
    """Draw the same as ever, and leave the generators as they were."""
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(0)
        yield


def _described(use: Use, model: Captioner, batch: Pictures) -> list[Found]:
    """Return what is said of every picture of a batch."""
    encoded = model.encode(batch.source)
    limits = torch.full((len(batch.source.mask),), use.settings.max_length, device=use.device)
    hypotheses = beam_search(model, encoded, limits, use.settings, end=END)
    alignments: Sequence[Tensor | None] = [None] * len(hypotheses)
    if use.alignments and model.attends:
        alignments = reading.alignments(model, encoded, batch, hypotheses)
    decode = use.corpus.features.target.decode
    return [
        Found(hypothesis.tokens, decode(hypothesis.tokens), hypothesis.score, alignment)
        for hypothesis, alignment in zip(hypotheses, alignments, strict=True)
    ]


def bleu_statistics(found: Sequence[Found], split: Split[Pictures]) -> np.ndarray:
    """Return the sufficient statistics (n, 10) of every BLEU of what is said of a split's pictures."""
    return bleu.statistics([" ".join(one.words) for one in found], split["captions"], "none")


def search(use: Use) -> Outcome:
    """Describe every picture of a test set."""
    found, records = described(use), frame(use.split)
    records = pd.concat([records, _scored(use, found)], axis=1)
    told = list(zip(use.split["id"], found, strict=True))
    predictions: list[dict[str, Any]] = [
        {"id": name, "output": " ".join(one.words), "score": round(one.score, 6)} for name, one in told
    ]
    alignments = {name: one.alignment for name, one in told if one.alignment is not None}
    return Outcome(records, predictions, alignments)


def _scored(use: Use, found: Sequence[Found]) -> pd.DataFrame:
    """Return the statistics of captions: BLEU, CIDEr-D, and how varied they are."""
    likeness = cider.statistics([" ".join(one.words) for one in found], use.split["captions"])
    columns = dict(zip(METRICS["bleu-4"].columns, bleu_statistics(found, use.split).T, strict=True))
    columns |= zip(METRICS["cider"].columns, (likeness, np.ones(len(found))), strict=True)
    said = _said(found, use.corpus.train)
    return pd.DataFrame({**columns, **diversity.statistics([one.words for one in found], said)})


def _said(found: Sequence[Found], train: Split[Batch]) -> np.ndarray:
    """Say of each caption (n,) whether training has it; all words that the model does not know are alike."""
    rows = np.arange(len(train)) if train.rows is None else train.rows
    known = {ids.astype(np.int32).tobytes() for ids in train.columns["target"].at(rows)}
    return np.array([np.array(one.tokens, np.int32).tobytes() in known for one in found], dtype=bool)


def frame(split: Split[Pictures]) -> pd.DataFrame:
    """Return id and lengths of each picture: its captions' mean words, and its objects where known."""
    words = [np.mean([len(cut(line)) for line in captions]) for captions in split["captions"]]
    lengths = {"objects": split["objects"]} if "objects" in split else {}
    return pd.DataFrame({"id": split["id"], **lengths, "target_length": words})
