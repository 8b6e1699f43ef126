"""Recognition as the harness sees it: loss, evaluation, test and prediction.

b batch   s frames   t labels, the end symbol included
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from attnbench.corpora.text import is_blank
from attnbench.errors import BadInput
from attnbench.tasks import reading
from attnbench.tasks.engine import Corpus, Loss, Use
from attnbench.tasks.recognition import testing
from attnbench.tasks.recognition.corpus import Batch, Features, Utterances
from attnbench.tasks.recognition.measures import METRICS
from attnbench.tasks.recognition.recognizer import Recognizer
from attnbench.tasks.recognition.settings import RecognitionData, RecognitionDecoding

GREEDY = RecognitionDecoding(beam=1, widest=0, max_length_ratio=0.5)


class Recognition(Utterances):
    """Utterances, scored by label errors, by likelihood, and by where the attention lies."""

    def features(self, settings: RecognitionData) -> Features:
        """Return features of TIMIT's 61 phones, or of as many as are generated, whose names are numbers."""
        return Features.numbered(settings)

    def outputs(self, features: Features) -> int:
        """Return the labels."""
        return len(features.target)

    def loss(self, model: Recognizer, batch: Batch) -> Loss:
        """Return the negative log-likelihood of the labels; no logits are made for padding."""
        return reading.loss(model, batch)

    @torch.inference_mode()
    def evaluate(self, model: Recognizer, corpus: Corpus[Batch], device: torch.device) -> tuple[float, float]:
        """Return nats a label and the label error rate of greedy search on the validation set."""
        nats, labels = 0.0, 0
        for _, batch in corpus.valid.in_batches(GREEDY.batch_size, device, budget=GREEDY.batch_frames):
            loss = self.loss(model, batch)
            nats, labels = nats + float(loss.nll), labels + loss.targets
        use = Use(model, corpus, corpus.valid, GREEDY, None, False, device, lambda _: None)
        statistics = testing.errors(use, testing.recognised(use))
        return nats / labels, float(METRICS["per"].value(statistics.sum(axis=0)))

    @torch.inference_mode()
    def predict(
        self, model: Recognizer, corpus: Corpus[Batch], lines: Sequence[str], settings: RecognitionDecoding,
        device: torch.device,
    ) -> Iterator[str]:  # fmt: skip
        """Yield the labels of each file of sound, by its path, parted by blanks, in order."""
        paths = [_path(number, line) for number, line in enumerate(lines, start=1)]
        for split in self.heard(paths, corpus):
            use = Use(model, corpus, split, settings, None, False, device, lambda _: None)
            yield from map(" ".join, testing.recognised(use))


def _path(number: int, line: str) -> Path:
    """Return the path that a line of new input is; it may not be blank."""
    if is_blank(line):
        raise BadInput(f"--input line {number} is blank; name a file of sound a line")
    return Path(line)
