"""Translation as the harness sees it: loss, evaluation, test and prediction.

b batch   s source length   t target length, end symbols included   v vocabulary   l read-out size
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from attnbench.corpora.text import detokenizer
from attnbench.tasks import reading
from attnbench.tasks.engine import Corpus, Loss, Use
from attnbench.tasks.sentences import Vocabularies
from attnbench.tasks.translation import testing
from attnbench.tasks.translation.corpus import Batch, ParallelText
from attnbench.tasks.translation.measures import METRICS
from attnbench.tasks.translation.settings import TranslationData, TranslationDecoding
from attnbench.tasks.translation.translator import Translator

GREEDY = TranslationDecoding(beam=1, normalise=False)


class Translation(ParallelText):
    """Sentence pairs, scored by BLEU, by likelihood, and by alignment error where gold links exist."""

    def features(self, settings: TranslationData) -> Vocabularies:
        """Return vocabularies of the sizes that the settings name."""
        return Vocabularies.numbered(settings.sizes)

    def outputs(self, features: Vocabularies) -> int:
        """Return the target words."""
        return len(features.target)

    def loss(self, model: Translator, batch: Batch) -> Loss:
        """Return the negative log-likelihood of the targets; no logits are made for padding."""
        return reading.loss(model, batch)

    @torch.inference_mode()
    def evaluate(self, model: Translator, corpus: Corpus[Batch], device: torch.device) -> tuple[float, float]:
        """Return nats a word and the BLEU of greedy search on the validation set."""
        nats, words = 0.0, 0
        for _, batch in corpus.valid.in_batches(GREEDY.batch_size, device):
            loss = self.loss(model, batch)
            nats, words = nats + float(loss.nll), words + loss.targets
        use = Use(model, corpus, corpus.valid, GREEDY, None, False, device, lambda _: None)
        found = testing.translations(use)
        statistics = testing.bleu_statistics(found, corpus.valid)
        return nats / words, float(METRICS["bleu"].value(statistics.sum(axis=0)))

    @torch.inference_mode()
    def predict(
        self, model: Translator, corpus: Corpus[Batch], lines: Sequence[str], settings: TranslationDecoding,
        device: torch.device,
    ) -> Iterator[str]:  # fmt: skip
        """Yield the translation of each line, detokenised, in order."""
        join = detokenizer(corpus.settings.tokenizer, corpus.settings.pair[1])
        rows = {"source": list(lines), "target": [""] * len(lines)}
        for batch in self.new(rows, corpus, settings.batch_size, device):
            for hypothesis in testing.searched(model, model.encode(batch.source), batch, settings):
                yield join(corpus.features.target.decode(hypothesis.tokens))
