"""Summarization as the harness sees it: loss, evaluation, test and prediction.

b batch   s source length   t target length, end symbols included
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pyarrow as pa
import torch
from torch import nn

from attnbench.errors import BadInput
from attnbench.tasks import reading
from attnbench.tasks.engine import Corpus, Loss, Use
from attnbench.tasks.summarization import testing
from attnbench.tasks.summarization.corpus import Batch, Summaries, Vocabularies
from attnbench.tasks.summarization.scorers import Abstractive
from attnbench.tasks.summarization.settings import SummarizationData, SummarizationDecoding
from attnbench.tasks.summarization.summarizer import Summarizer
from attnbench.zoo.kneser_ney import KneserNey

EVALUATED = 256
"""How many validation pairs are read together."""


class Summarization(Summaries):
    """Sources and summaries, scored by ROUGE, by likelihood, by copying, and by where the attention lies."""

    def features(self, settings: SummarizationData) -> Vocabularies:
        """Return vocabularies of the sizes that the settings name."""
        return Vocabularies.numbered(settings.sizes)

    def outputs(self, features: Vocabularies) -> int:
        """Return the target words."""
        return len(features.target)

    def loss(self, model: Summarizer, batch: Batch) -> Loss:
        """Return the negative log-likelihood of the targets; no logits are made for padding."""
        return reading.loss(model, batch)

    @torch.inference_mode()
    def evaluate(self, model: Summarizer, corpus: Corpus[Batch], device: torch.device) -> tuple[float, float]:
        """Return nats a word and the perplexity of the validation set."""
        nats, words = 0.0, 0
        for _, batch in corpus.valid.in_batches(EVALUATED, device):
            loss = self.loss(model, batch)
            nats, words = nats + float(loss.nll), words + loss.targets
        return nats / words, math.exp(min(nats / words, 700))

    @torch.inference_mode()
    def predict(
        self, model: nn.Module, corpus: Corpus[Batch], lines: Sequence[str], settings: SummarizationDecoding,
        device: torch.device,
    ) -> Iterator[str]:  # fmt: skip
        """Yield the summary of each line, its words parted by blanks, in order.

        Raises ``BadInput`` for a model that only counts.
        """
        if isinstance(model, KneserNey):
            raise BadInput("counted n-grams write no summary; predict with another system")
        rows = {"source": list(lines), "target": [""] * len(lines), "references": [[""]] * len(lines)}
        table = self.encode(self.tokenise(pa.table(rows), corpus.settings), corpus.features)
        use = Use(model, corpus, self.split(table), settings, Abstractive, False, device, lambda _: None)
        yield from map(" ".join, testing.summaries(use))
