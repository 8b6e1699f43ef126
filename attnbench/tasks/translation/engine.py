"""Translation as the harness sees it: loss, evaluation, test and prediction.

b batch   s source length   t target length, end symbols included   v vocabulary   l read-out size
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset

from attnbench.corpora import Source
from attnbench.corpora.text import END, SPECIAL, Vocabulary, detokenizer, tokenizer
from attnbench.decoding import beam_search
from attnbench.errors import BadInput
from attnbench.tasks.engine import Corpus, Loss, Use, batches
from attnbench.tasks.ragged import Ragged
from attnbench.tasks.translation import NOUNK, testing
from attnbench.tasks.translation import corpus as prepared
from attnbench.tasks.translation.examples import Batch, Pairs
from attnbench.tasks.translation.measures import METRICS
from attnbench.tasks.translation.settings import TranslationData, TranslationDecoding
from attnbench.tasks.translation.translator import Translator

GREEDY = TranslationDecoding(beam=1, normalise=False)


class Translation:
    """Sentence pairs, scored by BLEU, by likelihood, and by alignment error where gold links exist."""

    def features(self, settings: TranslationData) -> prepared.Vocabularies:
        """Return vocabularies of the sizes that the settings name."""
        sides = {side: Vocabulary(map(str, range(n - len(SPECIAL)))) for side, n in settings.sizes.items()}
        return prepared.Vocabularies(**sides)

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
        if NOUNK in splits:
            raise BadInput(f"a test set cannot be called {NOUNK}, which is attnbench's own; rename its files")
        tests = {name: Pairs(split) for name, split in splits.items() if name not in ("train", "valid")}
        main = tests["test"] if "test" in tests else next(iter(tests.values()))
        known = testing.known_words_only(main)
        if 0 < len(known) < len(main):
            tests[NOUNK] = known
        train = Pairs(splits["train"], settings.max_length)
        return Corpus(vocabularies, train, Pairs(splits["valid"]), tests, settings, {NOUNK})

    def loss(self, model: Translator, batch: Batch) -> Loss:
        """Return the negative log-likelihood of the targets; no logits are made for padding."""
        encoded = model.encode(batch.source, batch.source_mask)
        words = batch.target[batch.target_mask]
        nats = model.nats(model.decode(encoded, batch.target, batch.target_mask).readout, words)
        return Loss(nats, nats, len(words), len(batch.target), tokens=len(words))

    @torch.inference_mode()
    def evaluate(self, model: Translator, corpus: Corpus[Pairs], device: torch.device) -> tuple[float, float]:
        """Return nats a word and the BLEU of greedy search on the validation set."""
        nats, words = 0.0, 0
        for indices in batches(corpus.valid.lengths, GREEDY.batch_size):
            loss = self.loss(model, corpus.valid.batch(indices, device))
            nats, words = nats + float(loss.nll), words + loss.targets
        use = Use(model, corpus, corpus.valid, GREEDY, None, False, device, lambda _: None)
        found = testing.translations(use)
        statistics = testing.bleu_statistics(found, corpus.valid)
        return nats / words, float(METRICS["bleu"].value(statistics.sum(axis=0)))

    @torch.inference_mode()
    def predict(
        self, model: Translator, corpus: Corpus[Pairs], lines: Sequence[str], settings: TranslationDecoding,
        device: torch.device,
    ) -> Iterator[str]:  # fmt: skip
        """Yield the translation of each line, detokenised, in order."""
        source, target = corpus.settings.pair
        cut = tokenizer(corpus.settings.tokenizer, source)
        join = detokenizer(corpus.settings.tokenizer, target)
        for start in range(0, len(lines), settings.batch_size):
            words = [cut(line) for line in lines[start : start + settings.batch_size]]
            ids = Ragged([corpus.features.source.encode(sentence) for sentence in words], closed=True)
            tokens, mask = (torch.from_numpy(array).to(device) for array in ids.pad(np.arange(len(words))))
            most = testing.limits(mask, settings)
            for hypothesis in beam_search(model, model.encode(tokens, mask), most, settings, end=END):
                yield join(corpus.features.target.decode(hypothesis.tokens))
