"""A caption decoder as a tutorial writes it: a cell, an attention and an output layer at every step.

Equations and sizes are those of ``attnbench.zoo.attending_lstm`` with additive attention and a gate, with
torch's own cell. It is what our training step and our search are timed against. As in the implementations
most often copied, the annotations are projected anew at every step, beside the query, and a batch shrinks as
its captions end; nothing is hoisted out of the loop. A second form projects them once.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class TextbookCaptioner(nn.Module):
    """Captions by ``torch.nn`` parts, one step at a time."""

    def __init__(self, annotation: int, words: int, embedding: int, hidden: int, size: int) -> None:
        super().__init__()
        self.first_hidden = nn.Linear(annotation, hidden)
        self.first_cell = nn.Linear(annotation, hidden)
        self.key = nn.Linear(annotation, size)
        self.query = nn.Linear(hidden, size, bias=False)
        self.energy = nn.Linear(size, 1, bias=False)
        self.selector = nn.Linear(hidden, 1)
        self.embedding = nn.Embedding(words, embedding)
        self.cell = nn.LSTMCell(embedding + annotation, hidden)
        self.of_hidden = nn.Linear(hidden, embedding, bias=False)
        self.of_context = nn.Linear(annotation, embedding, bias=False)
        self.output = nn.Linear(embedding, words)

    def start(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return h and c (b, n) of pictures (b, s, d)."""
        mean = pictures.mean(dim=1)
        return torch.tanh(self.first_hidden(mean)), torch.tanh(self.first_cell(mean))

    def step(
        self, pictures: Tensor, embedded: Tensor, hidden: Tensor, cell: Tensor, keys: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Attend, read a word (b, m) and write; return logits (b, v), alignment (b, s), h and c."""
        keys = self.key(pictures) if keys is None else keys
        compared = torch.tanh(keys + self.query(hidden).unsqueeze(1))
        alignment = torch.softmax(self.energy(compared).squeeze(2), dim=1)
        context = (pictures * alignment.unsqueeze(2)).sum(dim=1)
        context = torch.sigmoid(self.selector(hidden)) * context
        hidden, cell = self.cell(torch.cat([embedded, context], dim=1), (hidden, cell))
        logits = self.output(embedded + self.of_hidden(hidden) + self.of_context(context))
        return logits, alignment, hidden, cell

    def loss(self, pictures: Tensor, target: Tensor, lengths: Tensor, once: bool = False) -> Tensor:
        """Return the mean loss a word, with the penalty; the longest captions come first."""
        hidden, cell = self.start(pictures)
        keys = self.key(pictures) if once else None
        embedded = torch.zeros(len(target), self.embedding.embedding_dim)
        alignments = torch.zeros(*target.shape, pictures.shape[1])
        scores = torch.zeros(*target.shape, self.output.out_features)
        for i, words in enumerate(target.unbind(1)):
            live = int((lengths > i).sum())
            given = pictures[:live], embedded[:live], hidden[:live], cell[:live]
            if keys is not None:
                given = (*given, keys[:live])
            scores[:live, i], alignments[:live, i], hidden, cell = self.step(*given)
            embedded = self.embedding(words)
        real = torch.arange(target.shape[1]) < lengths.unsqueeze(1)
        penalty = (1 - alignments.sum(dim=1)).square().sum()
        return (F.cross_entropy(scores[real], target[real], reduction="sum") + penalty) / int(lengths.sum())

    @torch.no_grad()
    def search(self, picture: Tensor, beam: int, longest: int, end: int) -> list[int]:
        """Return the best caption of ONE picture (s, d) by a beam search that runs to ``longest``."""
        pictures = picture.expand(beam, -1, -1)
        hidden, cell = self.start(pictures)
        embedded = torch.zeros(beam, self.embedding.embedding_dim)
        score = torch.full((beam,), -torch.inf)
        score[0] = 0
        tokens = torch.zeros(beam, 0, dtype=torch.long)
        done = torch.zeros(beam, dtype=torch.bool)
        for _ in range(longest):
            logits, _, hidden, cell = self.step(pictures, embedded, hidden, cell)
            following = torch.log_softmax(logits, dim=1)
            following[done] = -torch.inf
            following[done, end] = 0
            score, place = (score.unsqueeze(1) + following).flatten().topk(beam)
            parent, word = place // logits.shape[1], place % logits.shape[1]
            tokens = torch.cat([tokens[parent], word.unsqueeze(1)], dim=1)
            done, hidden, cell = done[parent] | (word == end), hidden[parent], cell[parent]
            embedded = self.embedding(word)
            if done.all():
                break
        return [int(word) for word in tokens[0]]
