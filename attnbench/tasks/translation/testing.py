"""A trained translator on a test set: its translations, its likelihoods, its alignments, as records.

b batch   s source length   t target length, end symbols included
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from attnbench.corpora.text import END, UNKNOWN, detokenizer
from attnbench.decoding import Hypothesis, Scorer, beam_search
from attnbench.scoring import alignment, bleu
from attnbench.tasks import reading
from attnbench.tasks.engine import Corpus, Outcome, Use
from attnbench.tasks.split import Split, in_order
from attnbench.tasks.translation.corpus import Batch
from attnbench.tasks.translation.measures import METRICS
from attnbench.tasks.translation.settings import TranslationDecoding
from attnbench.tasks.translation.translator import Translator


class Found(NamedTuple):
    """A translation of one test sentence."""

    words: list[str]
    score: float
    alignment: Tensor | None
    """(words, s): the alignment of each word that was written, the source's end symbol last."""


class KnownWords:
    """Bars the unknown word; the probabilities of the others stay as they are."""

    def __init__(self, batch: Batch, corpus: Corpus[Batch]) -> None:
        """Take the batch that is searched, and its corpus."""

    def score(self, scores: Tensor, tokens: Tensor, sentence: Tensor) -> Tensor:
        """Return the scores (b, k, v), -inf at the unknown word."""
        return scores.index_fill(-1, torch.tensor([UNKNOWN], device=scores.device), -torch.inf)

    def same(self, tokens: Tensor) -> None:
        """Let all hypotheses live."""


def searched(
    model: Translator, encoded: Any, batch: Batch, settings: TranslationDecoding, scorer: Scorer | None = None
) -> list[Hypothesis]:
    """Return the best translation of every source of a batch."""
    limits = (batch.source.mask.sum(dim=1) * settings.max_length_ratio).long()
    return beam_search(model, encoded, limits, settings, end=END, scorer=scorer)


@torch.inference_mode()
def translations(use: Use) -> list[Found]:
    """Return the translation of every source of a split, in its order."""
    batches = use.split.in_batches(use.settings.batch_size, use.device, use.tick, by="source")
    return in_order((indices, _translated(use, batch)) for indices, batch in batches)


def _translated(use: Use, batch: Batch) -> list[Found]:
    """Return the translation of every source of a batch."""
    encoded = use.model.encode(batch.source)
    scorer = None if use.scorer is None else use.scorer(batch, use.corpus)
    hypotheses = searched(use.model, encoded, batch, use.settings, scorer)
    alignments: Sequence[Tensor | None] = [None] * len(hypotheses)
    if use.alignments and use.model.attends:
        alignments = reading.alignments(use.model, encoded, batch, hypotheses)
    decode = use.corpus.features.target.decode
    return [
        Found(decode(hypothesis.tokens), hypothesis.score, alignment)
        for hypothesis, alignment in zip(hypotheses, alignments, strict=True)
    ]


def bleu_statistics(found: Sequence[Found], pairs: Split[Batch]) -> np.ndarray:
    """Return the sufficient statistics (n, 10) of BLEU on the tokenised text."""
    references = [[line] for line in pairs["target_words"]]
    return bleu.statistics([" ".join(f.words) for f in found], references, "none")


def search(use: Use) -> Outcome:
    """Translate every source of a test set."""
    found, pairs, settings = translations(use), use.split, use.corpus.settings
    join = detokenizer(settings.tokenizer, settings.pair[1])
    plain = [join(f.words) for f in found]
    records = _frame(pairs)
    records[list(METRICS["bleu"].columns)] = bleu_statistics(found, pairs)
    references = [[line] for line in pairs["reference"]]
    records[list(METRICS["bleu-13a"].columns)] = bleu.statistics(plain, references, "13a")
    ids = pairs["id"]
    predictions: list[dict[str, Any]] = [
        {"id": name, "output": " ".join(f.words), "score": round(f.score, 6)}
        for name, f in zip(ids, found, strict=True)
    ]
    alignments = {n: f.alignment for n, f in zip(ids, found, strict=True) if f.alignment is not None}
    return Outcome(records, predictions, alignments)


@torch.inference_mode()
def force(use: Use) -> Outcome:
    """Return the records of the references under teacher forcing: likelihood, and alignment error."""
    pairs = use.split
    batches = pairs.in_batches(use.settings.batch_size, use.device, use.tick)
    nats, alignments = zip(
        *in_order((rows, _forced(use.model, batch)) for rows, batch in batches), strict=True
    )
    records = _frame(pairs)
    counts = np.stack([np.array(nats), pairs.sizes("target"), np.ones(len(pairs))], axis=1)
    records[list(METRICS["nll"].columns)] = counts
    if use.model.attends:
        _add_diagonal_mass(records, alignments)
        if "sure" in pairs:
            _add_alignment_errors(records, alignments, pairs)
    return Outcome(records, [], {})


def _forced(model: Translator, batch: Batch) -> list[tuple[float, np.ndarray | None]]:
    """Return each reference's nats and its alignment (target words, s), without the end symbol's row."""
    forced = reading.force(model, batch)
    nats = forced.nats.double().sum(dim=1).tolist()
    return list(zip(nats, forced.alignments, strict=True))


def _add_diagonal_mass(records: pd.DataFrame, alignments: Sequence[np.ndarray]) -> None:
    """Add how much of the attention lies near the diagonal, and how much of a uniform one would."""
    uniform = [np.full_like(one, 1 / one.shape[1]) for one in alignments]
    for name, ones in (("diagonal-mass", alignments), ("diagonal-mass-uniform", uniform)):
        rows = [alignment.near_diagonal(one, one.shape[1] - 1) for one in ones]
        records[list(METRICS[name].columns)] = np.stack(rows)


def _add_alignment_errors(
    records: pd.DataFrame, alignments: Sequence[np.ndarray], pairs: Split[Batch]
) -> None:
    """Add the counts of AER for the model's alignment, and for the controls."""
    rng, other_rng = np.random.default_rng(0), np.random.default_rng(1)
    counts: dict[str, list[np.ndarray]] = {
        name: [] for name in ("aer", "aer-diagonal", "aer-shuffled", "aer-uniform")
    }
    for one, sure, possible in zip(alignments, pairs["sure"], pairs["possible"], strict=True):
        target, source = one.shape
        links = {
            "aer": alignment.hard(one, source - 1),
            "aer-diagonal": alignment.diagonal(source - 1, target),
            "aer-shuffled": alignment.hard(alignment.shuffled(one, rng), source - 1),
            "aer-uniform": alignment.uniform(source - 1, target, other_rng),
        }
        truth = {(i, j) for i, j in sure}, {(i, j) for i, j in possible}
        for name, found in links.items():
            counts[name].append(alignment.statistics(found, *truth))
    for name, rows in counts.items():
        records[list(METRICS[name].columns)] = np.stack(rows).astype(float)


def _frame(pairs: Split[Batch]) -> pd.DataFrame:
    """Return id and lengths of each pair."""
    lengths = {f"{side}_length": pairs.sizes(side).astype(np.int64) - 1 for side in Batch._fields}
    return pd.DataFrame({"id": pairs["id"], **lengths})
