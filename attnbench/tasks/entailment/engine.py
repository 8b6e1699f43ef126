"""Entailment as the harness sees it: loss, evaluation, test and prediction.

b batch   s premise length   t hypothesis length
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F

from attnbench.corpora import plain
from attnbench.corpora.entailment.labels import LABELS
from attnbench.corpora.text import SPECIAL, Vocabulary, is_blank
from attnbench.errors import BadInput
from attnbench.settings import DecodingSettings
from attnbench.tasks.engine import Corpus, Loss, Use
from attnbench.tasks.entailment import testing
from attnbench.tasks.entailment.corpus import SIDES, Batch, LabelledPairs
from attnbench.tasks.entailment.reader import Reader
from attnbench.tasks.entailment.settings import EntailmentData
from attnbench.tasks.entailment.words import Words

EVALUATED = DecodingSettings(batch_size=256)
"""How the validation set is read."""


class Entailment(LabelledPairs):
    """Sentence pairs, scored by accuracy, by likelihood, and by where the attention lies."""

    def features(self, settings: EntailmentData) -> Words:
        """Return the words of no corpus, none with a learned vector: how many is not in the settings."""
        return Words(Vocabulary(()), torch.zeros(len(SPECIAL), settings.dimension))

    def loss(self, model: Reader, batch: Batch) -> Loss:
        """Return the negative log-likelihood of the labels."""
        logits = model(batch.premise, batch.hypothesis).logits.float()
        pairs = len(batch.label)
        tokens = int(batch.premise.mask.sum() + batch.hypothesis.mask.sum())
        nll = F.cross_entropy(logits, batch.label, reduction="sum")
        return Loss(nll, nll, pairs, pairs, tokens)

    @torch.inference_mode()
    def evaluate(self, model: Reader, corpus: Corpus[Batch], device: torch.device) -> tuple[float, float]:
        """Return nats a pair and the accuracy in percent on the validation set."""
        use = Use(model, corpus, corpus.valid, EVALUATED, None, False, device, lambda _: None)
        found = testing.answers(use, attention=False)
        correct = [one.label == label for one, label in zip(found, corpus.valid["label"], strict=True)]
        return float(np.mean([one.nats for one in found])), 100 * float(np.mean(correct))

    @torch.inference_mode()
    def predict(
        self, model: Reader, corpus: Corpus[Batch], lines: Sequence[str], settings: DecodingSettings,
        device: torch.device,
    ) -> Iterator[str]:  # fmt: skip
        """Yield the label of each line, ``PREMISE<TAB>HYPOTHESIS``, in order; read all before the first."""
        sides = [_sides(number, line) for number, line in enumerate(lines, start=1)]
        rows = {side: [pair[place] for pair in sides] for place, side in enumerate(SIDES)}
        rows["label"] = [LABELS[0]] * len(lines)  # nobody looks at it
        for batch in self.new(rows, corpus, settings.batch_size, device):
            logits = model(batch.premise, batch.hypothesis).logits
            yield from (LABELS[place] for place in logits.argmax(dim=1).tolist())


def _sides(number: int, line: str) -> tuple[str, str]:
    """Return premise and hypothesis of a line of new input, which a tab parts; neither may be blank."""
    sides = plain.text(line, f"--input line {number}").split("\t")
    if len(sides) != 2 or any(map(is_blank, sides)):
        raise BadInput(f"--input line {number}: {line[:200]!r} is not PREMISE<TAB>HYPOTHESIS")
    return sides[0], sides[1]
