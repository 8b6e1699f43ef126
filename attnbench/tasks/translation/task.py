"""Translation as the harness sees it: loss, evaluation, test and prediction.

b batch   s source length   t target length, end symbols included   v vocabulary   l read-out size
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from datasets import Dataset

from attnbench.corpora import Source
from attnbench.corpora.text import SPECIAL, Vocabulary, detokenizer, tokenizer
from attnbench.scoring import METRICS, bleu
from attnbench.settings import DecodingSettings
from attnbench.tasks import Corpus, Loss, Outcome, Tick, batches
from attnbench.tasks.translation import corpus as prepared
from attnbench.tasks.translation import testing
from attnbench.tasks.translation.examples import Batch, Pairs, Ragged
from attnbench.tasks.translation.settings import TranslationData
from attnbench.tasks.translation.translator import Translator

GREEDY = DecodingSettings(beam=1, normalise=False)


class Translation:
    """Sentence pairs, scored by BLEU, by likelihood, and by alignment error where gold links exist."""

    name = "translation"
    Data = TranslationData
    length = "source length in words"

    def features(self, settings: TranslationData) -> prepared.Vocabularies:
        """Return vocabularies of the size that the settings name."""
        words = [str(number) for number in range(settings.vocabulary - len(SPECIAL))]
        return prepared.Vocabularies(Vocabulary(words), Vocabulary(words))

    def read(self, source: Source, settings: TranslationData) -> Mapping[str, Dataset]:
        """Return the corpus as it is."""
        return prepared.read(source, settings)[0]

    def prepare(self, source: Source, settings: TranslationData, root: Path) -> Path:
        """Make the corpus ready under ``root``; see ``corpus.prepare``."""
        return prepared.prepare(source, settings, root)

    def open(self, folder: Path, settings: TranslationData) -> Corpus[Pairs]:
        """Open a prepared corpus; only training pairs are held to ``max_length``."""
        splits, vocabularies, about = prepared.opened(folder)
        settings = replace(settings, tokenizer=about["tokenizer"])
        tests = {name: Pairs(split) for name, split in splits.items() if name not in ("train", "valid")}
        train = Pairs(splits["train"], settings.max_length)
        return Corpus(vocabularies, train, Pairs(splits["valid"]), tests, settings)

    def loss(self, model: Translator, batch: Batch) -> Loss:
        """Return the negative log-likelihood of the targets; no logits are made for padding."""
        decoded = model.decode(model.encode(batch.source, batch.source_mask), batch.target)
        words = batch.target[batch.target_mask]
        logits = model.logits(decoded.readout[batch.target_mask])  # [words, v]
        return Loss(F.cross_entropy(logits.float(), words, reduction="sum"), len(words), len(batch.target))

    @torch.inference_mode()
    def evaluate(self, model: Translator, corpus: Corpus[Pairs], device: torch.device) -> tuple[float, float]:
        """Return nats a word and the BLEU of greedy search on the validation set."""
        nats, words = 0.0, 0
        for indices in batches(corpus.valid.lengths, GREEDY.batch_size):
            loss = self.loss(model, corpus.valid.batch(indices, device))
            nats, words = nats + float(loss.nats), words + loss.targets
        found = testing.search(model, corpus, corpus.valid, GREEDY, device, lambda _: None)
        statistics = testing.bleu_statistics(found, corpus.valid)
        return nats / words, float(METRICS["bleu"].value(statistics.sum(axis=0)))

    @torch.inference_mode()
    def test(
        self, model: Translator, corpus: Corpus[Pairs], test: str, decoding: str, settings: DecodingSettings,
        device: torch.device, tick: Tick,
    ) -> Outcome:  # fmt: skip
        """Translate a test set (``beam``, ``greedy``), or read its references (``forced``)."""
        pairs = corpus.tests[test]
        if decoding == "forced":
            return testing.read(model, pairs, settings.batch_size, device, tick)
        if decoding == "greedy":
            settings = replace(settings, beam=1)
        found = testing.search(model, corpus, pairs, settings, device, tick)
        return testing.score(found, corpus, pairs)

    def signatures(self, settings: TranslationData) -> dict[str, str]:
        """Return each metric's signature."""
        likelihood = "nats|end:counted|unk:word"
        alignment = "links:argmax|end:no-link|decoding:forced"
        return {
            "bleu": bleu.signature("none"),
            "bleu-13a": bleu.signature("13a"),
            "nll": likelihood,
            "perplexity": likelihood,
            "aer": alignment,
            "aer-diagonal": "links:diagonal",
            "aer-shuffled": f"{alignment}|rows:shuffled",
        }

    @torch.inference_mode()
    def predict(
        self, model: Translator, corpus: Corpus[Pairs], lines: Sequence[str], settings: DecodingSettings,
        device: torch.device,
    ) -> Iterator[str]:  # fmt: skip
        """Yield the translation of each line, detokenised, in order."""
        source, target = corpus.settings.pair
        cut = tokenizer(corpus.settings.tokenizer, source)
        join = detokenizer(corpus.settings.tokenizer, target)
        for start in range(0, len(lines), settings.batch_size):
            words = [cut(line) for line in lines[start : start + settings.batch_size]]
            ids = Ragged([corpus.features.source.encode(sentence) for sentence in words])
            tokens, mask = (torch.from_numpy(array).to(device) for array in ids.pad(np.arange(len(words))))
            for hypothesis in testing.translate(model, tokens, mask, settings):
                yield join(corpus.features.target.decode(hypothesis.tokens))
