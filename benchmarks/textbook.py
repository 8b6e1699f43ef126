"""RNNsearch as a tutorial writes it: a cell, an attention and an output projection at every step.

The same equations and sizes as ``attnbench.zoo.encoder_decoder``, nothing outside the loop that could
stand inside it, torch's own cells. It is what our training step and search are timed against.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class TextbookSearch(nn.Module):
    """Attention-based encoder–decoder of ``torch.nn`` parts, one step at a time."""

    def __init__(self, source: int, target: int, embedding: int, hidden: int) -> None:
        super().__init__()
        self.source = nn.Embedding(source, embedding)
        self.target = nn.Embedding(target, embedding)
        self.encoder = nn.GRU(embedding, hidden, batch_first=True, bidirectional=True)
        self.initial = nn.Linear(hidden, hidden)
        self.query = nn.Linear(hidden, hidden, bias=False)
        self.key = nn.Linear(2 * hidden, hidden, bias=False)
        self.energy = nn.Linear(hidden, 1, bias=False)
        self.cell = nn.GRUCell(embedding + 2 * hidden, hidden)
        self.readout = nn.Linear(hidden + embedding + 2 * hidden, 2 * hidden)
        self.output = nn.Linear(hidden, target)

    def encode(self, tokens: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return annotations (b, s, 2n) and the first decoder state (b, n)."""
        packed = nn.utils.rnn.pack_padded_sequence(
            self.source(tokens), mask.sum(1).cpu(), batch_first=True, enforce_sorted=False
        )
        states, last = self.encoder(packed)
        states = nn.utils.rnn.pad_packed_sequence(states, batch_first=True, total_length=tokens.shape[1])[0]
        return states, torch.tanh(self.initial(last[1]))

    def step(
        self, states: Tensor, mask: Tensor, hidden: Tensor, previous: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Attend, read out, and return logits (b, v) and the context (b, 2n)."""
        compared = torch.tanh(self.query(hidden).unsqueeze(1) + self.key(states))
        energy = self.energy(compared).squeeze(-1).masked_fill(~mask, -torch.inf)
        context = torch.bmm(torch.softmax(energy, dim=1).unsqueeze(1), states).squeeze(1)
        readout = self.readout(torch.cat([hidden, previous, context], dim=1))
        return self.output(readout.unflatten(1, (-1, 2)).amax(dim=2)), context

    def loss(self, source: Tensor, source_mask: Tensor, target: Tensor, target_mask: Tensor) -> Tensor:
        """Return the mean negative log-likelihood a word."""
        states, hidden = self.encode(source, source_mask)
        previous = states.new_zeros(len(source), self.target.embedding_dim)
        logits = []
        for word in target.unbind(1):
            scores, context = self.step(states, source_mask, hidden, previous)
            logits.append(scores)
            previous = self.target(word)
            hidden = self.cell(torch.cat([previous, context], dim=1), hidden)
        scores = torch.stack(logits, dim=1)
        return F.cross_entropy(scores[target_mask], target[target_mask])
