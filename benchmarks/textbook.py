"""RNNsearch as a tutorial writes it: a cell, an attention and an output projection at every step.

Equations and sizes are those of ``attnbench.zoo.encoder_decoder``, with torch's own cells. It is what
our training step and our search are timed against. Keys are projected once; nothing else is hoisted.
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

    def encode(self, tokens: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return annotations (b, s, 2n), keys (b, s, n) and the first decoder state (b, n)."""
        packed = nn.utils.rnn.pack_padded_sequence(
            self.source(tokens), mask.sum(1).cpu(), batch_first=True, enforce_sorted=False
        )
        states, last = self.encoder(packed)
        states = nn.utils.rnn.pad_packed_sequence(states, batch_first=True, total_length=tokens.shape[1])[0]
        return states, self.key(states), torch.tanh(self.initial(last[1]))

    def step(
        self, states: Tensor, keys: Tensor, mask: Tensor, hidden: Tensor, previous: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Attend and read out; return logits (b, v) and the context (b, 2n)."""
        energy = self.energy(torch.tanh(self.query(hidden).unsqueeze(1) + keys)).squeeze(-1)
        alignment = torch.softmax(energy.masked_fill(~mask, -torch.inf), dim=1)
        context = torch.bmm(alignment.unsqueeze(1), states).squeeze(1)
        readout = self.readout(torch.cat([hidden, previous, context], dim=1))
        return self.output(readout.unflatten(1, (-1, 2)).amax(dim=2)), context

    def loss(self, source: Tensor, source_mask: Tensor, target: Tensor, target_mask: Tensor) -> Tensor:
        """Return the mean negative log-likelihood a word."""
        states, keys, hidden = self.encode(source, source_mask)
        previous = states.new_zeros(len(source), self.target.embedding_dim)
        logits = []
        for word in target.unbind(1):
            scores, context = self.step(states, keys, source_mask, hidden, previous)
            logits.append(scores)
            previous = self.target(word)
            hidden = self.cell(torch.cat([previous, context], dim=1), hidden)
        stacked = torch.stack(logits, dim=1)
        return F.cross_entropy(stacked[target_mask], target[target_mask])

    @torch.no_grad()
    def search(self, source: Tensor, mask: Tensor, beam: int, longest: int, end: int) -> Tensor:
        """Return the best outputs (b, longest) of a batched beam search; everything runs to the end."""
        batch = len(source)
        states, keys, hidden = self.encode(source, mask)
        states, keys, mask, hidden = (t.repeat_interleave(beam, 0) for t in (states, keys, mask, hidden))
        previous = states.new_zeros(batch * beam, self.target.embedding_dim)
        score = states.new_full((batch, beam), -torch.inf)
        score[:, 0] = 0
        tokens = torch.zeros(batch, beam, 0, dtype=torch.long)
        done = torch.zeros(batch, beam, dtype=torch.bool)
        for _ in range(longest):
            logits, context = self.step(states, keys, mask, hidden, previous)
            following = torch.log_softmax(logits, dim=1).view(batch, beam, -1)
            following[done] = -torch.inf
            following[..., end][done] = 0
            size = following.shape[-1]
            score, place = (score.unsqueeze(2) + following).flatten(1).topk(beam, dim=1)
            parent, word = place // size, place % size
            flat = (parent + beam * torch.arange(batch).unsqueeze(1)).flatten()
            tokens = torch.cat([tokens.flatten(0, 1)[flat].view(batch, beam, -1), word.unsqueeze(2)], dim=2)
            done = done.flatten()[flat].view(batch, beam) | (word == end)
            previous = self.target(word.flatten())
            hidden = self.cell(torch.cat([previous, context[flat]], dim=1), hidden[flat])
        return tokens[:, 0]
