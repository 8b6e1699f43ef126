"""A trained translator on a test set: its translations, its likelihoods, its alignments, as records.

b batch   s source length   t target length, end symbols included
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from attnbench.corpora.text import END, UNKNOWN, detokenizer
from attnbench.decoding import Hypothesis, beam_search
from attnbench.scoring import alignment, bleu
from attnbench.tasks.engine import Corpus, Outcome, Use, batches
from attnbench.tasks.translation.examples import Batch, Pairs
from attnbench.tasks.translation.measures import METRICS
from attnbench.tasks.translation.settings import TranslationDecoding
from attnbench.tasks.translation.translator import Translator


class Found(NamedTuple):
    """A translation of one test sentence."""

    words: list[str]
    score: float
    alignment: Tensor | None
    """(words, s): the weights with which each word was written, the source's end symbol last."""


def known_words_only(pairs: Pairs) -> Pairs:
    """Return the pairs without an unknown word on either side."""
    sides = zip(pairs.dataset["source_ids"], pairs.dataset["target_ids"], strict=True)
    known = [row for row, both in enumerate(sides) if all(UNKNOWN not in ids for ids in both)]
    return Pairs(pairs.dataset.select(known))


class KnownWords:
    """Bars the unknown word; the probabilities of the others stay as they are."""

    def __init__(self, batch: Batch, corpus: Corpus[Pairs]) -> None:
        """Take the batch that is searched, and its corpus."""

    def score(self, scores: Tensor, tokens: Tensor, sentence: Tensor) -> Tensor:
        """Return the scores (b, k, v), -inf at the unknown word."""
        return scores.index_fill(-1, torch.tensor([UNKNOWN], device=scores.device), -torch.inf)

    def same(self, tokens: Tensor) -> None:
        """Let all hypotheses live."""


def limits(mask: Tensor, settings: TranslationDecoding) -> Tensor:
    """Return the most words (b,), end symbol included, of translations of sources with this mask (b, s)."""
    return (mask.sum(dim=1) * settings.max_length_ratio).long()


def search(use: Use) -> Outcome:
    """Translate every source of a test set."""
    return score(translations(use), use.corpus, use.split)


@torch.inference_mode()
def translations(use: Use) -> list[Found]:
    """Return the translation of every source of a split, in its order."""
    found: dict[int, Found] = {}
    for indices in batches(use.split.source.lengths, use.settings.batch_size):
        batch = use.split.batch(indices, use.device)
        encoded = use.model.encode(batch.source, batch.source_mask)
        scorer = None if use.scorer is None else use.scorer(batch, use.corpus)
        most = limits(batch.source_mask, use.settings)
        hypotheses = beam_search(use.model, encoded, most, use.settings, end=END, scorer=scorer)
        weights: Sequence[Tensor | None] = [None] * len(hypotheses)
        if use.alignments and use.model.attends:
            weights = _weights(use.model, encoded, batch, hypotheses)
        for place, index in enumerate(indices):
            words = use.corpus.features.target.decode(hypotheses[place].tokens)
            found[int(index)] = Found(words, hypotheses[place].score, weights[place])
        use.tick(len(indices))
    return [found[index] for index in range(len(use.split))]


def _weights(model: Translator, encoded: Any, batch: Batch, hypotheses: Sequence[Hypothesis]) -> list[Tensor]:
    """Return the alignment of each hypothesis, from reading them all once more."""
    longest = max(len(hypothesis.tokens) for hypothesis in hypotheses) + 1
    tokens = batch.source.new_full((len(hypotheses), longest), END)
    for row, hypothesis in enumerate(hypotheses):
        tokens[row, : len(hypothesis.tokens)] = tokens.new_tensor(hypothesis.tokens)
    nowhere = torch.zeros_like(tokens, dtype=torch.bool)
    weights = model.decode(encoded, tokens, nowhere).alignment.cpu()
    lengths = batch.source_mask.sum(dim=1).tolist()
    return [
        weights[row, : len(hypothesis.tokens), : lengths[row]].clone()
        for row, hypothesis in enumerate(hypotheses)
    ]


def bleu_statistics(found: Sequence[Found], pairs: Pairs) -> np.ndarray:
    """Return the sufficient statistics (n, 10) of BLEU on the tokenised text."""
    references = [[line] for line in pairs.dataset["target_words"]]
    return bleu.statistics([" ".join(f.words) for f in found], references, "none")


def score(found: Sequence[Found], corpus: Corpus[Pairs], pairs: Pairs) -> Outcome:
    """Return the records of a searched split, its translations and their alignments."""
    join = detokenizer(corpus.settings.tokenizer, corpus.settings.pair[1])
    plain = [join(f.words) for f in found]
    records = _frame(pairs)
    records[list(METRICS["bleu"].columns)] = bleu_statistics(found, pairs)
    references = [[line] for line in pairs.dataset["reference"]]
    records[list(METRICS["bleu-13a"].columns)] = bleu.statistics(plain, references, "13a")
    ids = pairs.dataset["id"]
    predictions: list[dict[str, Any]] = [
        {"id": name, "output": " ".join(f.words), "score": round(f.score, 6)}
        for name, f in zip(ids, found, strict=True)
    ]
    weights = {n: f.alignment for n, f in zip(ids, found, strict=True) if f.alignment is not None}
    return Outcome(records, predictions, weights)


@torch.inference_mode()
def force(use: Use) -> Outcome:
    """Return the records of the references under teacher forcing: likelihood, and alignment error."""
    model, pairs, device = use.model, use.split, use.device
    nats = np.zeros(len(pairs))
    weights: dict[int, np.ndarray] = {}
    for indices in batches(pairs.lengths, use.settings.batch_size):
        batch = pairs.batch(indices, device)
        encoded = model.encode(batch.source, batch.source_mask)
        decoded = model.decode(encoded, batch.target, batch.target_mask)
        words = batch.target[batch.target_mask]
        logits = model.logits(decoded.readout).float()
        losses = torch.zeros(batch.target.shape, device=device)
        losses[batch.target_mask] = F.cross_entropy(logits, words, reduction="none")
        nats[indices] = losses.double().sum(dim=1).cpu().numpy()
        if decoded.alignment is not None:
            weights |= _word_weights(decoded.alignment, indices, pairs)
        use.tick(len(indices))
    records = _frame(pairs)
    counts = np.stack([nats, pairs.target.lengths, np.ones(len(pairs))], axis=1)
    records[list(METRICS["nll"].columns)] = counts
    if weights:
        in_order = [weights[index] for index in range(len(pairs))]
        _add_diagonal_mass(records, in_order)
        if "sure" in pairs.dataset.column_names:
            _add_alignment_errors(records, in_order, pairs)
    return Outcome(records, [], {})


def _word_weights(weights: Tensor, indices: np.ndarray, pairs: Pairs) -> dict[int, np.ndarray]:
    """Return the weights (target words, source words and end symbol) of each pair."""
    sizes = zip(pairs.target.lengths[indices] - 1, pairs.source.lengths[indices], strict=True)
    return {
        int(index): weights[row, :target, :source].float().cpu().numpy()
        for row, (index, (target, source)) in enumerate(zip(indices, sizes, strict=True))
    }


def _add_diagonal_mass(records: pd.DataFrame, weights: list[np.ndarray]) -> None:
    """Add how much of the attention lies near the diagonal, and how much of an even one would."""
    for name in ("diagonal-mass", "diagonal-mass-uniform"):
        even = name.endswith("uniform")
        rows = [
            alignment.near_diagonal(
                np.full_like(weight, 1 / weight.shape[1]) if even else weight, weight.shape[1] - 1
            )
            for weight in weights
        ]
        records[list(METRICS[name].columns)] = np.stack(rows)


def _add_alignment_errors(records: pd.DataFrame, weights: list[np.ndarray], pairs: Pairs) -> None:
    """Add the counts of AER for the model's alignment, and for the controls."""
    rng, other_rng = np.random.default_rng(0), np.random.default_rng(1)
    counts: dict[str, list[np.ndarray]] = {
        name: [] for name in ("aer", "aer-diagonal", "aer-shuffled", "aer-uniform")
    }
    gold = zip(pairs.dataset["sure"], pairs.dataset["possible"], strict=True)
    for weight, (sure, possible) in zip(weights, gold, strict=True):
        target, source = weight.shape
        links = {
            "aer": alignment.hard(weight, source - 1),
            "aer-diagonal": alignment.diagonal(source - 1, target),
            "aer-shuffled": alignment.hard(alignment.shuffled(weight, rng), source - 1),
            "aer-uniform": alignment.uniform(source - 1, target, other_rng),
        }
        truth = {(i, j) for i, j in sure}, {(i, j) for i, j in possible}
        for name, found in links.items():
            counts[name].append(alignment.statistics(found, *truth))
    for name, rows in counts.items():
        records[list(METRICS[name].columns)] = np.stack(rows).astype(float)


def _frame(pairs: Pairs) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": list(pairs.dataset["id"]),
            "source_length": pairs.source.lengths - 1,
            "target_length": pairs.target.lengths - 1,
        }
    )
