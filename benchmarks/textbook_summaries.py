"""Attention-based summarization as a tutorial writes it: the equations of one word, for word after word.

Equations and sizes are those of ``attnbench.zoo.context_window`` with ``SmoothedDot``. It is what our
training step is timed against.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnbench.zoo.padded import Padded


class TextbookSummarizer(nn.Module):
    """The attention-based encoder and the language model of ``torch.nn`` parts."""

    def __init__(
        self, source: int, target: int, embedding: int, hidden: int, *, context: int, reach: int, start: int
    ) -> None:
        super().__init__()
        self.context, self.reach, self.before = context, reach, start
        self.words = nn.Embedding(source, hidden)
        self.embedding, self.query_embedding = (nn.Embedding(target, embedding) for _ in range(2))
        self.hidden, self.query = (nn.Linear(context * embedding, hidden) for _ in range(2))
        self.read, self.contextual = (nn.Linear(hidden, target) for _ in range(2))

    def loss(self, source: Padded, target: Padded) -> Tensor:
        """Return the negative log-likelihood of target ids (b, t), summed."""
        total = torch.zeros(())
        window = torch.full((len(source.values), self.context), self.before)
        for word, real in zip(target.values.unbind(1), target.mask.unbind(1), strict=True):
            nats = F.cross_entropy(self(source, window), word, reduction="none")
            total = total + (nats * real).sum()
            window = torch.cat([window[:, 1:], word.unsqueeze(1)], dim=1)
        return total

    def forward(self, source: Padded, window: Tensor) -> Tensor:
        """Return the scores (b, v) of the word after a window (b, c)."""
        h = torch.tanh(self.hidden(self.embedding(window).flatten(1)))
        return self.read(h) + self.contextual(self.encode(source, window))

    def encode(self, source: Padded, window: Tensor) -> Tensor:
        """Return the context (b, h) of a window."""
        words, width = self.words(source.values) * source.mask.unsqueeze(-1), 2 * self.reach + 1
        query = self.query(self.query_embedding(window).flatten(1))
        scores = torch.bmm(words, query.unsqueeze(2)).squeeze(2)
        alignment = torch.softmax(scores.masked_fill(~source.mask, -torch.inf), dim=1)
        smoothed = F.avg_pool1d(words.transpose(1, 2), width, 1, self.reach) * (width / self.reach)
        return torch.bmm(smoothed, alignment.unsqueeze(2)).squeeze(2)
