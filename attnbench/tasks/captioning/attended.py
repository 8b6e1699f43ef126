"""References that a trained captioner reads: how likely they are, and where the attention lies.

b captions   t words, end symbols included   s cells   r regions
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch

from attnbench.scoring import regions
from attnbench.scoring.function_words import is_function_word
from attnbench.tasks.captioning.captioner import Captioner
from attnbench.tasks.captioning.corpus import Batch, Pictures, captions
from attnbench.tasks.captioning.measures import METRICS
from attnbench.tasks.captioning.testing import frame, seeded, used
from attnbench.tasks.engine import Outcome, Use
from attnbench.tasks.sentences import cut
from attnbench.tasks.split import Split


class Read(NamedTuple):
    """A caption under teacher forcing; its end symbol is the last of its t words."""

    nats: float
    """The negative log-likelihood."""
    weights: np.ndarray | None
    """(t, s): the alignment; None where nothing attends."""
    gate: np.ndarray | None
    """(t,): what the context is multiplied by at each word; None where it is not gated."""
    words: int
    """t."""


class Picture(NamedTuple):
    """What is known of a picture beside its annotations."""

    captions: list[list[str]]
    """The words of each."""
    links: list[tuple[int, int, int]] | None
    """Caption, word and the region that it names; None where no picture of the split has any."""
    inside: np.ndarray | None
    """(r, s): the cells inside each region; None likewise."""


@torch.inference_mode()
def force(use: Use) -> Outcome:
    """Return the records of the references under teacher forcing, summed over the captions of each picture.

    Pictures are read some at a time, so that only their alignments and regions are held.
    """
    model = used(use.model, use.settings.attention)
    places, size = np.arange(len(use.split)), use.settings.batch_size
    scores: list[dict[str, float]] = []
    with seeded(use.device):
        for start in range(0, len(places), size):
            some = use.split.select(places[start : start + size])
            scores += _scored(use, model, some)
            use.tick(len(some))
    return Outcome(pd.concat([frame(use.split), pd.DataFrame(scores)], axis=1), [], {})


def _scored(use: Use, model: Captioner, split: Split[Pictures]) -> list[dict[str, float]]:
    """Return the statistics of each of a few pictures."""
    said, pictures = captions(split), _known(split)
    places, numbers = said["picture"], said["caption"]
    sums: list[Counter[str]] = [Counter() for _ in pictures]
    for indices, batch in said.in_batches(use.settings.batch_size, use.device):
        for index, one in zip(indices.tolist(), _read(model, batch), strict=True):
            picture = pictures[places[index]]
            sums[places[index]].update(_statistics(one, picture, numbers[index], use.corpus.features.grid))
    return [dict(one) for one in sums]


def _known(split: Split[Pictures]) -> list[Picture]:
    """Return what is known of each picture of a split."""
    written = [[cut(line) for line in lines] for lines in split["captions"]]
    if "links" not in split:
        return [Picture(lines, None, None) for lines in written]
    cells = split.sizes("source")
    known = zip(written, split["links"], split["coverage"], cells, strict=True)
    return [
        Picture(lines, links or [], regions.marked(np.array(coverage or [], np.float32).reshape(-1, count)))
        for lines, links, coverage, count in known
    ]


def _read(model: Captioner, batch: Batch) -> Iterator[Read]:
    """Let a model read a batch of captions."""
    target, real = batch.target
    decoded = model.decode(model.encode(batch.source), target, real)
    nats = torch.zeros(target.shape, dtype=torch.float64, device=target.device)
    nats[real] = model.each(decoded.readout, target[real]).double()
    likelihoods, words = nats.sum(dim=1).tolist(), real.sum(dim=1).tolist()
    alignments, gates = _rows(decoded.alignment, words), _rows(decoded.gate, words)
    yield from map(Read, likelihoods, alignments, gates, words)


def _rows(values: Any, words: Sequence[int]) -> Sequence[np.ndarray | None]:
    """Return what a batch (b, t, ...) holds of the words of each caption, or None for each."""
    if values is None:
        return [None] * len(words)
    array = values.float().cpu().numpy()
    return [array[row, :count] for row, count in enumerate(words)]


def _statistics(one: Read, picture: Picture, caption: int, grid: tuple[int, int]) -> dict[str, float]:
    """Return the statistics of one caption; those of regions and gates where there are any."""
    words = picture.captions[caption]
    links = [(word, region) for number, word, region in picture.links or [] if number == caption]
    found = dict(zip(METRICS["nll"].columns, (one.nats, one.words, 1), strict=True))
    if one.weights is not None:
        found |= regions.spread(one.weights)
        if picture.inside is not None:
            right = regions.named(links, picture.inside, len(words))
            found |= regions.statistics(one.weights[:-1], right, grid)
    if one.gate is not None:
        objects = None if picture.links is None else {word for word, _ in links}
        found |= _gates(one.gate[:-1], words, objects)
    return found


def _gates(gate: np.ndarray, words: Sequence[str], objects: set[int] | None) -> dict[str, float]:
    """Return the gates (t,) at words that name regions, and at function words.

    Where no such words are known, ``objects`` is None, and content words stand for them.
    """
    function = np.array([is_function_word(word) for word in words], dtype=bool)
    named = ~function if objects is None else np.isin(np.arange(len(words)), list(objects))
    return {
        "gate-objects/sum": float(gate[named].sum(dtype=np.float64)),
        "gate-objects/words": float(named.sum()),
        "gate-function/sum": float(gate[function].sum(dtype=np.float64)),
        "gate-function/words": float(function.sum()),
    }
