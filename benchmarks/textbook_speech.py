"""Location-aware recognition as a tutorial writes it: a convolution, an attention and a cell at every step.

Equations and sizes are those of ``attnbench.zoo``'s deep encoder, location-aware attention and decoder, with
torch's own cells. It is what our training step and our search are timed against. Keys are projected once;
nothing else is hoisted.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Heard(NamedTuple):
    """Annotations (b, s, 2n), keys (b, s, a), mask (b, s), and the first alignment (b, s)."""

    states: Tensor
    keys: Tensor
    mask: Tensor
    first: Tensor


class TextbookRecognizer(nn.Module):
    """Attention-based recognizer of ``torch.nn`` parts, one step at a time."""

    def __init__(
        self, frame: int, labels: int, hidden: int, layers: int, size: int, filters: int, width: int,
        maxout: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.encoder = nn.GRU(frame, hidden, layers, batch_first=True, bidirectional=True)
        self.first = nn.Parameter(torch.zeros(hidden))
        self.query = nn.Linear(hidden, size, bias=False)
        self.key = nn.Linear(2 * hidden, size)
        self.filters = nn.Conv1d(1, filters, width, padding=width // 2, bias=False)
        self.location = nn.Linear(filters, size, bias=False)
        self.energy = nn.Linear(size, 1, bias=False)
        self.embedding = nn.Embedding(labels, hidden)
        self.cell = nn.GRUCell(hidden + 2 * hidden, hidden)
        self.readout = nn.Linear(hidden + 2 * hidden, 2 * maxout)
        self.output = nn.Linear(maxout, labels)

    def encode(self, frames: Tensor, mask: Tensor) -> Heard:
        """Read frames (b, s, f)."""
        packed = nn.utils.rnn.pack_padded_sequence(
            frames, mask.sum(1).cpu(), batch_first=True, enforce_sorted=False
        )
        states, _ = self.encoder(packed)
        states = nn.utils.rnn.pad_packed_sequence(states, batch_first=True, total_length=mask.shape[1])[0]
        first = torch.zeros(mask.shape)
        first[:, 0] = 1
        return Heard(states, self.key(states), mask, first)

    def step(self, heard: Heard, hidden: Tensor, alignment: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Attend and read out; return logits (b, v), the context (b, 2n) and the alignment (b, s)."""
        located = self.location(self.filters(alignment.unsqueeze(1)).transpose(1, 2))
        energy = self.energy(torch.tanh(self.query(hidden).unsqueeze(1) + heard.keys + located)).squeeze(-1)
        alignment = torch.softmax(energy.masked_fill(~heard.mask, -torch.inf), dim=1)
        context = torch.bmm(alignment.unsqueeze(1), heard.states).squeeze(1)
        readout = self.readout(torch.cat([hidden, context], dim=1))
        return self.output(readout.unflatten(1, (-1, 2)).amax(dim=2)), context, alignment

    def loss(self, frames: Tensor, mask: Tensor, target: Tensor, target_mask: Tensor) -> Tensor:
        """Return the mean negative log-likelihood a label."""
        heard = self.encode(frames, mask)
        hidden, alignment, logits = self.first.expand(len(frames), -1), heard.first, []
        for label in target.unbind(1):
            scores, context, alignment = self.step(heard, hidden, alignment)
            logits.append(scores)
            hidden = self.cell(torch.cat([self.embedding(label), context], dim=1), hidden)
        return F.cross_entropy(torch.stack(logits, dim=1)[target_mask], target[target_mask])

    @torch.no_grad()
    def search(self, frames: Tensor, beam: int, longest: int, end: int) -> list[int]:
        """Return the best output of ONE utterance (s, f) by a beam search that runs to ``longest``."""
        heard = self.encode(frames.unsqueeze(0), torch.ones(1, len(frames), dtype=torch.bool))
        heard = Heard(*(x.repeat_interleave(beam, 0) for x in heard))
        hidden, alignment = self.first.expand(beam, -1), heard.first
        score = torch.full((beam,), -torch.inf)
        score[0] = 0
        tokens = torch.zeros(beam, 0, dtype=torch.long)
        done = torch.zeros(beam, dtype=torch.bool)
        for _ in range(longest):
            logits, context, alignment = self.step(heard, hidden, alignment)
            following = torch.log_softmax(logits, dim=1)
            following[done] = -torch.inf
            following[done, end] = 0
            score, place = (score.unsqueeze(1) + following).flatten().topk(beam)
            parent, label = place // logits.shape[1], place % logits.shape[1]
            tokens = torch.cat([tokens[parent], label.unsqueeze(1)], dim=1)
            done, alignment = done[parent] | (label == end), alignment[parent]
            hidden = self.cell(torch.cat([self.embedding(label), context[parent]], dim=1), hidden[parent])
        return [int(label) for label in tokens[0]]
