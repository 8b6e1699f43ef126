"""A trained reader on a test set: its labels, its likelihoods, where its attention lies, as records.

b batch   s premise length   t hypothesis length   n pairs
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from attnbench.corpora.entailment.labels import LABELS
from attnbench.scoring import accuracy, function_words, pointing
from attnbench.scoring.function_words import GROUPS
from attnbench.tasks.engine import Outcome, Tick, Use, batches
from attnbench.tasks.entailment.examples import Batch, Pairs
from attnbench.tasks.entailment.measures import METRICS
from attnbench.tasks.entailment.reader import Read, Reader


@dataclass(frozen=True)
class Found:
    """What a reader made of a split, in its order."""

    probabilities: np.ndarray
    """(n, 3)."""
    nats: np.ndarray
    """(n,): the negative log-likelihood of the label."""
    alignments: list[Tensor]
    """A (t, s) or (1, s) each; empty for a reader that does not attend."""

    @property
    def answers(self) -> np.ndarray:
        """(n,): the place of the likeliest label in ``LABELS``."""
        return self.probabilities.argmax(axis=1)


def read(model: Reader, batch: Batch) -> Read:
    """Let a model read a batch."""
    return model(batch.premise, batch.premise_mask, batch.hypothesis, batch.hypothesis_mask)


@torch.inference_mode()
def judge(use: Use) -> Outcome:
    """Give each pair of a test set its likeliest label."""
    found = answers(use.model, use.split, use.settings.batch_size, use.device, use.tick)
    return score(found, use.split)


def answers(model: Reader, pairs: Pairs, batch_size: int, device: torch.device, tick: Tick) -> Found:
    """Let a model judge every pair of a split."""
    probabilities = np.zeros((len(pairs), len(LABELS)))
    nats = np.zeros(len(pairs))
    alignments: dict[int, Tensor] = {}
    for indices in batches(pairs.lengths, batch_size):
        batch = pairs.batch(indices, device)
        said = read(model, batch)
        logits = said.logits.double()
        probabilities[indices] = logits.softmax(dim=1).cpu().numpy()
        nats[indices] = F.cross_entropy(logits, batch.label, reduction="none").cpu().numpy()
        if said.alignment is not None:
            weights = said.alignment.float().cpu()
            for row, index in enumerate(indices):
                rows = min(weights.shape[1], int(pairs.hypothesis.lengths[index]))
                alignments[int(index)] = weights[row, :rows, : int(pairs.premise.lengths[index])].clone()
        tick(len(indices))
    return Found(probabilities, nats, [alignments[place] for place in range(len(alignments))])


def score(found: Found, pairs: Pairs) -> Outcome:
    """Return the records of a judged split, its labels and its alignments."""
    ids = list(pairs.dataset["id"])
    records = pd.DataFrame(
        {
            "id": ids,
            "premise_length": _lengths(pairs, "premise"),
            "hypothesis_length": _lengths(pairs, "hypothesis"),
        }
    )
    columns = accuracy.statistics(pairs.labels, found.answers, LABELS)
    for column, values in columns.items():
        records[column] = values
    records[list(METRICS["nll"].columns)] = np.stack([found.nats, *np.ones((2, len(ids)))], axis=1)
    if found.alignments:
        attention = pd.DataFrame(_attention(found.alignments, pairs), columns=list(_ATTENTION))
        records = pd.concat([records, attention.dropna(axis="columns", how="all")], axis=1)
    answers = [LABELS[place] for place in found.answers]
    predictions = [
        {"id": name, "output": answer, "probabilities": dict(zip(LABELS, row.round(6).tolist(), strict=True))}
        for name, answer, row in zip(ids, answers, found.probabilities, strict=True)
    ]
    return Outcome(records, predictions, dict(zip(ids, found.alignments, strict=False)))


def _lengths(pairs: Pairs, side: str) -> list[int]:
    return [len(line.split()) for line in pairs.dataset[f"{side}_words"]]


_ATTENTION = tuple(
    column
    for name in (
        "pointing", "pointing-chance", "copied", "copied-chance", "entropy",
        *(f"function-mass-{group}{control}" for group in GROUPS for control in ("", "-uniform")),
    )
    for column in METRICS[name].columns
)  # fmt: skip
"""The columns that tell where the attention lies."""


def _attention(alignments: list[Tensor], pairs: Pairs) -> list[dict[str, float]]:
    """Return a row a pair with those of ``_ATTENTION`` that apply to it."""
    dataset = pairs.dataset
    sides = [[line.split() for line in dataset[f"{side}_words"]] for side in ("premise", "hypothesis")]
    links = dataset["links"] if "links" in dataset.column_names else [None] * len(pairs)
    rows: list[dict[str, float]] = []
    for alignment, premise, hypothesis, gold in zip(alignments, *sides, links, strict=True):
        if not premise or not hypothesis:
            rows.append({})
            continue
        weights = np.broadcast_to(alignment.numpy(), (len(hypothesis), len(premise)))
        same = pointing.copied(np.array(premise), np.array(hypothesis))
        row = _hits("copied", weights, same)
        if gold is not None:
            row |= _hits("pointing", weights, pointing.linked(gold, weights.shape))
        row |= {"entropy/sum": pointing.normalised_entropy(weights), "entropy/pairs": 1.0}
        rows.append(row | _function_mass(weights, premise, hypothesis))
    return rows


def _hits(name: str, weights: np.ndarray, right: np.ndarray) -> dict[str, float]:
    found, chance, words = pointing.hits(weights, right).tolist()
    return {
        f"{name}/hits": found, f"{name}/words": words,
        f"{name}-chance/hits": chance, f"{name}-chance/words": words,
    }  # fmt: skip


def _function_mass(weights: np.ndarray, premise: list[str], hypothesis: list[str]) -> dict[str, float]:
    group = function_words.group(premise, hypothesis)
    if group is None:
        return {}
    mass, even = function_words.mass(weights, premise)
    name = f"function-mass-{group}"
    return {
        f"{name}/sum": mass, f"{name}/pairs": 1.0, f"{name}-uniform/sum": even, f"{name}-uniform/pairs": 1.0
    }  # fmt: skip
