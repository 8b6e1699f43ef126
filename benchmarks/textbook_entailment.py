"""Word-by-word attention as a tutorial writes it: a cell a token, and every projection at every step.

Equations and sizes are those of ``attnbench.zoo.pair_reader``, with torch's own cells. It is what our
training step is timed against.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnbench.zoo.padded import Padded


class TextbookWordByWord(nn.Module):
    """Conditional encoding and word-by-word attention of ``torch.nn`` parts, one step at a time."""

    def __init__(self, embedding: nn.Embedding, hidden: int) -> None:
        super().__init__()
        self.embedding = embedding
        self.delimiter = nn.Parameter(torch.zeros(embedding.embedding_dim))
        self.projection = nn.Linear(embedding.embedding_dim, hidden)
        self.first, self.second = nn.LSTMCell(hidden, hidden), nn.LSTMCell(hidden, hidden)
        self.key, self.query, self.previous, self.carried, self.combined, self.state = (
            nn.Linear(hidden, hidden, bias=False) for _ in range(6)
        )
        self.energy = nn.Linear(hidden, 1, bias=False)
        self.output = nn.Linear(hidden, 3)

    def forward(self, first: Padded, second: Padded) -> Tensor:
        """Return logits (b, 3) of ids (b, s) and (b, t)."""
        (premise, premise_mask), (hypothesis, hypothesis_mask) = first, second
        batch, hidden = len(premise), self.first.hidden_size
        h, c = (self.delimiter.new_zeros(batch, hidden) for _ in range(2))
        states = []
        for step in range(premise.shape[1]):
            h, c = self._step(self.first, self.embedding(premise[:, step]), premise_mask[:, step], h, c)
            states.append(h)
        annotations = torch.stack(states, dim=1)
        h, context = torch.zeros_like(h), torch.zeros_like(h)
        for step in range(-1, hypothesis.shape[1]):
            if step < 0:
                vector, real = self.delimiter.expand(batch, -1), torch.ones_like(premise_mask[:, 0])
            else:
                vector, real = self.embedding(hypothesis[:, step]), hypothesis_mask[:, step]
            h, c = self._step(self.second, vector, real, h, c)
            query = self.query(h) + self.previous(context)
            scores = self.energy(torch.tanh(self.key(annotations) + query.unsqueeze(1))).squeeze(-1)
            alignment = torch.softmax(scores.masked_fill(~premise_mask, -torch.inf), dim=1)
            glimpse = torch.bmm(alignment.unsqueeze(1), annotations).squeeze(1)
            new = glimpse + torch.tanh(self.carried(context))
            context = torch.where(real.unsqueeze(1), new, context)
        return torch.tanh(self.output(torch.tanh(self.combined(context) + self.state(h))))

    def _step(
        self, cell: nn.LSTMCell, vector: Tensor, real: Tensor, h: Tensor, c: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Read one word vector (b, d); where it is padding, h and c stay."""
        new_h, new_c = cell(self.projection(vector), (h, c))
        return torch.where(real.unsqueeze(1), new_h, h), torch.where(real.unsqueeze(1), new_c, c)
