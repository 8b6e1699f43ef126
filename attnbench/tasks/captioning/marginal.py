"""How far the prediction of soft attention is from the mean of the predictions over places.

Xu et al. (2015) argue that soft attention, which reads an expected context, approximates to first order the
expectation over the places that might be attended to. At each word of a caption that is a sum over cells, and
it is made exactly, with the decoder's state before the word as soft attention left it.

    b captions   t words, the end symbol included   s cells   v vocabulary
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from attnbench.decoding import rows
from attnbench.tasks.captioning.captioner import Captioner
from attnbench.tasks.captioning.corpus import Batch, Pictures, captions
from attnbench.tasks.captioning.settings import PICTURES
from attnbench.tasks.captioning.testing import frame, used
from attnbench.tasks.engine import Outcome, Use
from attnbench.tasks.split import Split, in_order
from attnbench.zoo.attention import Memory

SCORES = 2**22
"""The most scores (b, s, v) that are held at once, of a caption at least: 32 MiB in double precision."""


def firsts(split: Split[Pictures]) -> Split[Batch]:
    """Return the first caption of every picture of a split, in its order."""
    said = captions(split)
    return said.select(np.flatnonzero(np.array(said["caption"]) == 0))


def sampled(split: Split[Pictures]) -> np.ndarray:
    """Return the places of at most ``PICTURES`` of the pictures, spread evenly over the split."""
    return np.linspace(0, len(split) - 1, min(PICTURES, len(split))).astype(np.int64)


def of_sample(split: Split[Pictures], places: np.ndarray, statistics: pd.DataFrame) -> pd.DataFrame:
    """Return the records of all pictures of a split, with statistics at those that were looked at."""
    return frame(split).join(statistics.set_index(places))


@torch.inference_mode()
def marginal(use: Use) -> Outcome:
    """Return, of the first caption of a sample of pictures, how far the soft prediction is from the mean."""
    places, model = sampled(use.split), used(use.model, "expected")
    split = use.split.select(places)
    scores = len(use.corpus.features.target) * int(split.sizes("source").max())
    batches = firsts(split).in_batches(max(1, SCORES // scores), use.device, use.tick)
    found = in_order((indices, divergences(model, batch).tolist()) for indices, batch in batches)
    use.tick(len(use.split) - len(split))
    divergence = pd.DataFrame(found, columns=["kl/sum", "kl-places/sum", "kl/words"])
    divergence["kl-places/words"] = divergence["kl/words"]
    return Outcome(of_sample(use.split, places, divergence), [], {})


def divergences(model: Captioner, batch: Batch) -> Tensor:
    """Return (b, 3) of each caption: two divergences of its words in nats, summed, and how many words it has.

    The first is KL(P || p), p what soft attention predicts, and P the mean, weighted by alpha_i, of what the
    decoder predicts, p_i, with a single annotation a_i as what is attended to, gated as ever. The second is
    the mean of KL(p_i || P), weighted so too: how much it matters which place is attended to. Where that is
    nothing, the first is nothing either, and says nothing of attention.
    """
    target, real = batch.target
    encoded = model.encode(batch.source)
    count, cells = encoded.memory.mask.shape
    index = torch.arange(count, device=target.device).repeat_interleave(cells)
    alone = alone_with(encoded, index, torch.arange(cells, device=target.device).repeat(count))
    state, tokens = model.start(encoded), None
    sums = torch.zeros(2, *target.shape, dtype=torch.float64, device=target.device)
    for step in range(target.shape[1]):
        each = model.step(alone, rows(state, index), None if tokens is None else tokens[index])[0]
        logits, alignment, state = model.step(encoded, state, tokens)
        assert alignment is not None
        places = each.double().log_softmax(dim=-1).view(count, cells, -1)
        weights = alignment.double().mT  # [b, s, 1]
        mean = (places + weights.log()).logsumexp(dim=1)
        soft = logits.double().log_softmax(dim=-1).squeeze(1)
        sums[0, :, step] = (mean.exp() * (mean - soft)).sum(dim=-1)
        sums[1, :, step] = (weights * places.exp() * (places - mean.unsqueeze(1))).sum(dim=(1, 2))
        tokens = target[:, step : step + 1]
    return torch.stack([*sums.where(real, 0).sum(dim=2), real.sum(dim=1).double()], dim=1)


def alone_with(encoded: Any, index: Tensor, cells: Tensor) -> Any:
    """Return rows (n,) of what a captioner encoded, each with a single annotation, that at ``cells`` (n,).

    Attention gives it all weight, so a step from there reads that annotation, gated.
    """
    memory = Memory(*(part[index, cells].unsqueeze(1) for part in encoded.memory))
    return rows(encoded._replace(memory=None), index)._replace(memory=memory)
