"""Captioning as the harness sees it: loss, evaluation, test and prediction.

b batch   s cells   t words, the end symbol included   p real words
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from attnbench.corpora.text import is_blank
from attnbench.errors import BadInput
from attnbench.tasks import reading
from attnbench.tasks.captioning import testing
from attnbench.tasks.captioning.captioner import Captioner
from attnbench.tasks.captioning.corpus import Batch, Captions, Features, Pictures, captions
from attnbench.tasks.captioning.measures import METRICS
from attnbench.tasks.captioning.settings import CaptioningData, CaptioningDecoding
from attnbench.tasks.engine import Corpus, Loss, Use
from attnbench.zoo.doubly_stochastic import doubly_stochastic

GREEDY = CaptioningDecoding(beam=1)


class Captioning(Captions):
    """Pictures, scored by what is written of them, by likelihood, and by where the attention lies."""

    def features(self, settings: CaptioningData) -> Features:
        """Return features of the sizes that the settings name, with words that are numbers."""
        return Features.numbered(settings)

    def outputs(self, features: Features) -> int:
        """Return the words."""
        return len(features.target)

    def loss(self, model: Captioner, batch: Batch) -> Loss:
        """Return the negative log-likelihood of captions, and what the model's attention costs besides.

        Xu et al. (2015): soft attention is asked to see every cell as often, with the weight
        ``model.penalty`` and summed over cells; attention that is drawn learns by ``model.reinforce``.
        """
        if not model.penalty and model.reinforce is None:
            return reading.loss(model, batch)
        target, real = batch.target
        words = target[real]
        decoded = model.decode(model.encode(batch.source), target, real)
        costs = torch.zeros(len(target), device=target.device)
        if model.reinforce is None:
            nats = model.nats(decoded.readout, words)
        else:
            each = model.each(decoded.readout, words)
            nats = each.sum()
            costs = costs + model.reinforce(-_of_captions(each, real), decoded.drawn)
        if model.penalty:
            costs = costs + model.penalty * doubly_stochastic(decoded.alignment, real)
        return Loss(nats + costs.sum(), nats, len(words), len(target), tokens=len(words))

    @torch.inference_mode()
    def evaluate(
        self, model: Captioner, corpus: Corpus[Pictures], device: torch.device
    ) -> tuple[float, float]:
        """Return nats a word of all captions and BLEU-4 of greedy search, on the validation set.

        It is that with the brevity penalty: without one a model is best that has just begun to learn, and
        writes short captions.
        """
        nats, words = 0.0, 0
        for _, batch in captions(corpus.valid).in_batches(GREEDY.batch_size, device):
            loss = reading.loss(model, batch)
            nats, words = nats + float(loss.nll), words + loss.targets
        use = Use(model, corpus, corpus.valid, GREEDY, None, False, device, lambda _: None)
        statistics = testing.bleu_statistics(testing.described(use), use.split)
        return nats / words, float(METRICS["bleu-4-bp"].value(statistics.sum(axis=0)))

    @torch.inference_mode()
    def predict(
        self, model: Captioner, corpus: Corpus[Pictures], lines: Sequence[str], settings: CaptioningDecoding,
        device: torch.device,
    ) -> Iterator[str]:  # fmt: skip
        """Yield a caption for each file of a picture, by its path, in order."""
        paths = [_path(number, line) for number, line in enumerate(lines, start=1)]
        for split in self.seen(paths, corpus):
            use = Use(model, corpus, split, settings, None, False, device, lambda _: None)
            yield from (" ".join(one.words) for one in testing.described(use))


def _of_captions(each: Tensor, real: Tensor) -> Tensor:
    """Return (b,) what words (p,) of captions, real where (b, t) is True, add up to."""
    summed = each.new_zeros(len(real))
    return summed.index_add(0, real.nonzero()[:, 0], each)


def _path(number: int, line: str) -> Path:
    """Return the path that a line of new input is; it may not be blank."""
    if is_blank(line):
        raise BadInput(f"--input line {number} is blank; name a file of a picture a line")
    return Path(line)
