"""Entailment as the harness sees it: loss, evaluation, test and prediction.

b batch   s premise length   t hypothesis length
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
from attnbench.corpora.entailment.labels import LABELS
from attnbench.corpora.text import UNKNOWN
from attnbench.errors import BadInput
from attnbench.settings import DecodingSettings
from attnbench.tasks.engine import Corpus, Loss
from attnbench.tasks.entailment import corpus as prepared
from attnbench.tasks.entailment import testing, words
from attnbench.tasks.entailment.examples import Batch, Pairs
from attnbench.tasks.entailment.reader import Reader
from attnbench.tasks.entailment.settings import EntailmentData
from attnbench.tasks.entailment.words import Words
from attnbench.tasks.ragged import Ragged

SEEN = "train"
"""The test set that is a sample of the training pairs, for the gap between seen and unseen pairs."""

SAMPLE = 2000
"""Its size."""

EVALUATED_TOGETHER = 256
"""Validation pairs a batch."""


class Entailment:
    """Sentence pairs, scored by accuracy, by likelihood, and by where the attention lies."""

    def features(self, settings: EntailmentData) -> Words:
        """Return the words of no corpus, none with a learned vector: how many is not in the settings."""
        return words.unfilled(settings.dimension)

    def read(self, source: Source, settings: EntailmentData) -> Mapping[str, Dataset]:
        """Return the corpus as it is."""
        return prepared.read(source, settings)[0]

    def prepare(self, source: Source, settings: EntailmentData, root: Path) -> Path:
        """Make the corpus ready under ``root``; see ``corpus.prepare``."""
        return prepared.prepare(source, settings, root)

    def open(self, folder: Path, settings: EntailmentData) -> Corpus[Pairs]:
        """Open a prepared corpus; a sample of the training pairs is one more test set."""
        splits, features, about = prepared.opened(folder)
        settings = replace(settings, tokenizer=about["tokenizer"])
        train = Pairs(splits["train"])
        tests = {name: Pairs(split) for name, split in splits.items() if name not in ("train", "valid")}
        return Corpus(features, train, Pairs(splits["valid"]), tests | {SEEN: train.sample(SAMPLE)}, settings)

    def loss(self, model: Reader, batch: Batch) -> Loss:
        """Return the negative log-likelihood of the labels."""
        logits = testing.read(model, batch).logits.float()
        pairs = len(batch.label)
        tokens = int(batch.premise_mask.sum() + batch.hypothesis_mask.sum())
        nll = F.cross_entropy(logits, batch.label, reduction="sum")
        return Loss(nll, nll, pairs, pairs, tokens)

    @torch.inference_mode()
    def evaluate(self, model: Reader, corpus: Corpus[Pairs], device: torch.device) -> tuple[float, float]:
        """Return nats a pair and the accuracy in percent on the validation set."""
        found = testing.answers(model, corpus.valid, EVALUATED_TOGETHER, device, lambda _: None)
        correct = found.answers == corpus.valid.labels
        return float(found.nats.mean()), 100 * float(correct.mean())

    @torch.inference_mode()
    def predict(
        self, model: Reader, corpus: Corpus[Pairs], lines: Sequence[str], settings: DecodingSettings,
        device: torch.device,
    ) -> Iterator[str]:  # fmt: skip
        """Yield the label of each line, ``PREMISE<TAB>HYPOTHESIS``, in order; read all before the first."""
        cut = prepared.words_of(corpus.settings.tokenizer)
        sides = list(zip(*(_sides(number, line) for number, line in enumerate(lines, start=1)), strict=True))
        encode = corpus.features.vocabulary.encode
        numbers = [[encode(cut(text)) or [UNKNOWN] for text in side] for side in sides]
        for start in range(0, len(lines), settings.batch_size):
            ragged = [Ragged(side[start : start + settings.batch_size], closed=False) for side in numbers]
            padded = [array for side in ragged for array in side.pad(np.arange(len(side.lengths)))]
            logits = model(*(torch.from_numpy(array).to(device) for array in padded)).logits
            yield from (LABELS[place] for place in logits.argmax(dim=1).tolist())


def _sides(number: int, line: str) -> tuple[str, str]:
    """Return premise and hypothesis of a line of new input."""
    sides = line.split("\t")
    if len(sides) != 2 or not all(side.strip() for side in sides):
        raise BadInput(f"--input line {number}: {line!r} is not PREMISE<TAB>HYPOTHESIS")
    return sides[0], sides[1]
