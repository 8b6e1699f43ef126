"""A summarizer on a test set: its summaries, its likelihoods, its alignments, as records.

b batch   s source length   t target length, end symbols included
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from attnbench.corpora.text import END, SPECIAL, UNKNOWN
from attnbench.decoding import beam_search
from attnbench.scoring import copying, pointing, rouge
from attnbench.tasks import reading
from attnbench.tasks.engine import Outcome, Use
from attnbench.tasks.sentences import cut
from attnbench.tasks.split import Split, in_order
from attnbench.tasks.summarization.corpus import Batch
from attnbench.tasks.summarization.measures import METRICS
from attnbench.tasks.summarization.restoring import restored
from attnbench.tasks.summarization.rules import Rule, most_words
from attnbench.tasks.summarization.words import normalised
from attnbench.zoo.kneser_ney import KneserNey


class Found(NamedTuple):
    """A summary of one source."""

    words: list[str]
    """As the model knows them."""
    score: float
    alignment: Tensor | None
    """(words, s): the alignment of each word that was written."""


def searched(use: Use) -> list[Found]:
    """Return the summary of every source of a split, in its order."""
    length = most_words(use)
    batches = use.split.in_batches(use.settings.batch_size, use.device, use.tick, by="source")
    return in_order((indices, _searched(use, batch, length)) for indices, batch in batches)


@torch.inference_mode()
def _searched(use: Use, batch: Batch, length: int) -> list[Found]:
    """Return the summary of every source of a batch."""
    encoded = use.model.encode(batch.source)
    limits = torch.full((len(batch.source.mask),), length, device=use.device)
    scorer = use.scorer(batch, use, length)
    hypotheses = beam_search(use.model, encoded, limits, use.settings, end=END, scorer=scorer)
    alignments: Sequence[Tensor | None] = [None] * len(hypotheses)
    if use.alignments and use.model.attends:
        alignments = reading.alignments(use.model, encoded, batch, hypotheses)
    decode = use.corpus.features.target.decode
    return [
        Found(decode(hypothesis.tokens), hypothesis.score, alignment)
        for hypothesis, alignment in zip(hypotheses, alignments, strict=True)
    ]


def _written(use: Use, found: Sequence[Found]) -> list[list[str]]:
    """Return the words of summaries as they are handed out: numbers restored, where that is wanted."""
    if not use.settings.restore:
        return [one.words for one in found]
    sides = zip(found, use.split["source_words"], use.split["source_tokens"], strict=True)
    return [restored(one.words, cut(words), cut(tokens)) for one, words, tokens in sides]


def summaries(use: Use) -> list[list[str]]:
    """Return the words of the summary of every source of a split, in its order."""
    return use.model.summaries(use) if isinstance(use.model, Rule) else _written(use, searched(use))


def search(use: Use) -> Outcome:
    """Summarize every source of a test set."""
    ids, alignments = use.split["id"], {}
    if isinstance(use.model, Rule):
        written = use.model.summaries(use)
        predictions: list[dict[str, Any]] = [{"id": name} for name in ids]
    else:
        found = searched(use)
        written = _written(use, found)
        predictions = [{"id": name, "score": round(f.score, 6)} for name, f in zip(ids, found, strict=True)]
        alignments = {n: f.alignment for n, f in zip(ids, found, strict=True) if f.alignment is not None}
    records = pd.concat([_frame(use.split), _scored(use, written)], axis=1)
    told = zip(predictions, written, strict=True)
    return Outcome(records, [{**one, "output": " ".join(words)} for one, words in told], alignments)


def _scored(use: Use, written: Sequence[Sequence[str]]) -> pd.DataFrame:
    """Return the statistics of summaries: ROUGE, and how much of them is copied."""
    columns = rouge.statistics([" ".join(words) for words in written], use.split["references"])
    numbers = use.corpus.settings.numbers
    outputs = [[normalised(token, numbers) for token in words] for words in written]
    sources = [cut(line) for line in use.split["source_words"]]
    return pd.DataFrame({**columns, **copying.statistics(outputs, sources)})


@torch.inference_mode()
def force(use: Use) -> Outcome:
    """Return the records of the targets under teacher forcing: likelihood, and where the attention lies."""
    read = _counted(use) if isinstance(use.model, KneserNey) else _read(use)
    records = _frame(use.split)
    records[[*METRICS["nll"].columns, *METRICS["perplexity-known"].columns]] = np.stack(
        [_likelihood(nats, ids) for (nats, _), ids in zip(read, use.split["target_ids"], strict=True)]
    )
    alignments = [weights for _, weights in read if weights is not None]
    if alignments:
        rows = map(_attention, alignments, *_sides(use))
        records = pd.concat([records, pd.DataFrame(list(rows))], axis=1)
    return Outcome(records, [], {})


Read = list[tuple[np.ndarray, np.ndarray | None]]
"""Of each target the nats of its words (t,), the end symbol's last, and its alignment (t - 1, s)."""


def _read(use: Use) -> Read:
    batches = use.split.in_batches(use.settings.batch_size, use.device, use.tick)
    return in_order((rows, _of_batch(use, batch)) for rows, batch in batches)


def _of_batch(use: Use, batch: Batch) -> Read:
    forced = reading.force(use.model, batch)
    nats = forced.nats.double().cpu().numpy()
    lengths = batch.target.mask.sum(dim=1).tolist()
    return [(row[:length], one) for row, length, one in zip(nats, lengths, forced.alignments, strict=True)]


def _counted(use: Use) -> Read:
    """Count the training targets, then read those of the split."""
    model, train, split = use.model, use.corpus.train, use.split
    model.count([*ids, END] for ids in train["target_ids"])
    return [(model.nats([*ids, END]), None) for ids in split["target_ids"]]


def _likelihood(nats: np.ndarray, ids: Sequence[int]) -> np.ndarray:
    """Return nats, words and summaries (1), and nats and words without the unknown ones, (5,)."""
    known = np.append(np.array(ids, int) != UNKNOWN, True)
    return np.array([nats.sum(), len(nats), 1, nats[known].sum(), known.sum()])


def _sides(use: Use) -> tuple[list[list[str]], list[list[str]], Sequence[Any]]:
    """Return of each pair the source's words, the target's that the model knows, and its gold links."""
    split, decode = use.split, use.corpus.features.target.decode
    targets = [decode(ids) for ids in split["target_ids"]]
    links = split["links"] if "links" in split else [None] * len(split)
    return [cut(line) for line in split["source_words"]], targets, links


def _attention(weights: np.ndarray, source: list[str], target: list[str], links: Any) -> dict[str, float]:
    """Return the statistics of where a target's alignment (t, s) lies; none for a source without words."""
    if not source or not target:
        return {}
    right = {"copied": copying.copies(np.array(source), np.array(target), SPECIAL[UNKNOWN])}
    if links is not None:
        right["pointing"] = pointing.linked(links, weights.shape)
    row: dict[str, float] = {}
    for name, places in right.items():
        for near, some in (("", places), ("-near", copying.near(places))):
            row |= _compared(f"{name}{near}", *_LOOKS[name], weights, some)
    return row


_LOOKS = {"copied": ("weight", copying.attended), "pointing": ("hits", pointing.hits)}
"""What is measured of weights and places, and what it is called in the records."""


def _compared(
    name: str, part: str, look: Callable[..., np.ndarray], weights: np.ndarray, places: np.ndarray
) -> dict[str, float]:
    """Return the columns of a metric, and of what chance has."""
    own, chance, words = look(weights, places).tolist()
    return {
        f"{name}/{part}": own, f"{name}/words": words,
        f"{name}-chance/{part}": chance, f"{name}-chance/words": words,
    }  # fmt: skip


def _frame(split: Split[Batch]) -> pd.DataFrame:
    """Return id and lengths, in words, of each pair."""
    lengths = {
        f"{side}_length": [len(cut(line)) for line in split[f"{side}_words"]] for side in Batch._fields
    }
    return pd.DataFrame({"id": split["id"], **lengths})
