"""A trained reader on a test set: its labels, its likelihoods, where its attention lies, as records.

b batch   s premise length   t hypothesis length   n pairs
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from attnbench.corpora.entailment.labels import LABELS
from attnbench.scoring import accuracy, function_words, pointing
from attnbench.scoring.function_words import GROUPS
from attnbench.tasks.engine import Outcome, Use
from attnbench.tasks.entailment.corpus import SIDES, Batch
from attnbench.tasks.entailment.measures import METRICS
from attnbench.tasks.entailment.reader import Reader
from attnbench.tasks.sentences import cut
from attnbench.tasks.split import in_order


class Answer(NamedTuple):
    """What a reader made of a pair."""

    probabilities: np.ndarray
    """(3,)."""
    nats: float
    """The negative log-likelihood of its label."""
    alignment: Tensor | None
    """(t, s) or (1, s); None from a reader that does not attend, or where nobody asks for it."""

    @property
    def label(self) -> int:
        """The place of the likeliest label in ``LABELS``."""
        return int(self.probabilities.argmax())


def judge(use: Use) -> Outcome:
    """Give each pair of a test set its likeliest label; records of attention need alignments, kept or not."""
    found, pairs = answers(use, attention=True), use.split
    ids, labels = pairs["id"], [answer.label for answer in found]
    sides = [list(map(cut, pairs[f"{side}_words"])) for side in SIDES]
    lengths = {f"{side}_length": list(map(len, words)) for side, words in zip(SIDES, sides, strict=True)}
    records = pd.DataFrame({"id": ids, **lengths})
    columns = accuracy.statistics(np.array(pairs["label"]), np.array(labels), LABELS)
    for column, values in columns.items():
        records[column] = values
    nats = np.array([answer.nats for answer in found])
    records[list(METRICS["nll"].columns)] = np.stack([nats, *np.ones((2, len(ids)))], axis=1)
    alignments = {n: one.alignment for n, one in zip(ids, found, strict=True) if one.alignment is not None}
    if alignments:
        links = pairs["links"] if "links" in pairs else [None] * len(pairs)
        rows = map(_attention, [answer.alignment for answer in found], *sides, links)
        attention = pd.DataFrame(rows, columns=list(_ATTENTION))
        records = pd.concat([records, attention.dropna(axis="columns", how="all")], axis=1)
    predictions = [
        {"id": name, "output": LABELS[label], "probabilities": _rounded(answer.probabilities)}
        for name, label, answer in zip(ids, labels, found, strict=True)
    ]
    return Outcome(records, predictions, alignments if use.alignments else {})


def _rounded(probabilities: np.ndarray) -> dict[str, float]:
    return dict(zip(LABELS, probabilities.round(6).tolist(), strict=True))


@torch.inference_mode()
def answers(use: Use, *, attention: bool) -> list[Answer]:
    """Let a model judge every pair of a split; ``attention``: keep its alignments."""
    batches = use.split.in_batches(use.settings.batch_size, use.device, use.tick)
    return in_order((indices, _answers(use.model, batch, attention)) for indices, batch in batches)


def _answers(model: Reader, batch: Batch, attention: bool) -> list[Answer]:
    """Let a model judge a batch."""
    judgement = model(batch.premise, batch.hypothesis)
    logits = judgement.logits.double()
    probabilities = logits.softmax(dim=1).cpu().numpy()
    nats = F.cross_entropy(logits, batch.label, reduction="none").tolist()
    alignments: list[Tensor | None] = [None] * len(nats)
    if attention and judgement.alignment is not None:
        sizes = [padded.mask.sum(dim=1).tolist() for padded in (batch.hypothesis, batch.premise)]
        rows = zip(judgement.alignment.float().cpu(), *sizes, strict=True)
        alignments = [one[:hypothesis, :premise].clone() for one, hypothesis, premise in rows]
    return list(map(Answer, probabilities, nats, alignments))


_ATTENTION = tuple(
    column
    for name in (
        "pointing", "pointing-chance", "reworded", "reworded-chance", "copied", "copied-chance", "entropy",
        *(f"function-mass-{group}{control}" for group in GROUPS for control in ("", "-uniform")),
    )
    for column in METRICS[name].columns
)  # fmt: skip
"""The columns that tell where the attention lies."""


def _attention(
    alignment: Tensor | None, premise: list[str], hypothesis: list[str], links: list[tuple[int, int]] | None
) -> dict[str, float]:
    """Return those of ``_ATTENTION`` that apply to a pair."""
    if alignment is None or not premise or not hypothesis:
        return {}
    each = np.broadcast_to(alignment.numpy(), (len(hypothesis), len(premise)))
    copied = pointing.copied(np.array(premise), np.array(hypothesis))
    row = _hits("copied", each, copied)
    if links is not None:
        linked = pointing.linked(links, each.shape)
        row |= _hits("pointing", each, linked)
        row |= _hits("reworded", each, pointing.reworded(linked, copied))
    row |= {"entropy/sum": pointing.normalised_entropy(each), "entropy/pairs": 1.0}
    return row | _function_mass(each, premise, hypothesis)


def _hits(name: str, alignment: np.ndarray, right: np.ndarray) -> dict[str, float]:
    found, chance, words = pointing.hits(alignment, right).tolist()
    return {
        f"{name}/hits": found, f"{name}/words": words,
        f"{name}-chance/hits": chance, f"{name}-chance/words": words,
    }  # fmt: skip


def _function_mass(alignment: np.ndarray, premise: list[str], hypothesis: list[str]) -> dict[str, float]:
    group = function_words.group(premise, hypothesis)
    if group is None:
        return {}
    mass, chance = function_words.mass(alignment, premise)
    name = f"function-mass-{group}"
    return {
        f"{name}/sum": mass, f"{name}/pairs": 1.0, f"{name}-uniform/sum": chance, f"{name}-uniform/pairs": 1.0
    }  # fmt: skip
