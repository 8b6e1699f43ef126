"""A decoder over the annotations of a picture: an LSTM that attends before each word (Xu et al. 2015).

    h_0, c_0   = tanh(W_h a + b_h), tanh(W_c a + b_c), with a the mean annotation
    z_t        = attend(h_{t-1}, annotations)
    h_t, c_t   = lstm(E y_{t-1}, z_t; h_{t-1}, c_{t-1})
    p(y_t)     = softmax(L_o (E y_{t-1} + L_h h_t + L_z z_t) + b_o)

so what attends has not read y_{t-1}. The word before the first is a zero vector. The sum ahead of L_o stays
linear; a bias within it would add nothing to b_o. Dropout, where there is any, is on h_t as the output reads
it and on that sum.

    b batch   s annotations   t target length   k hypotheses   n hidden   m embedding   d annotation
    v vocabulary   p chosen positions
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnbench.zoo.annotations import Annotations, Encoder
from attnbench.zoo.attention import Drawing, Drawn, Gated, Mechanism, Memory, drawn
from attnbench.zoo.lstm import ContextLSTM, Kept
from attnbench.zoo.padded import Padded, vectors, zeroed
from attnbench.zoo.reinforce import Reinforce
from attnbench.zoo.word_output import WordOutput


class GivenAnnotations(nn.Module):
    """Annotations as they come; the summary is the mean of those that are real."""

    def __init__(self, size: int) -> None:
        """Take annotations of size d."""
        super().__init__()
        self.annotation = size

    def forward(self, inputs: Padded) -> Annotations:
        """Return annotations (b, s, d); where none is real, their mean is zero."""
        values, mask = zeroed(*inputs), inputs.mask
        return Annotations(values, mask, values.sum(dim=1) / mask.sum(dim=1, keepdim=True).clamp(min=1))


class Encoded(NamedTuple):
    """A picture, ready to be described by many hypotheses."""

    memory: Memory
    start: Kept
    """(b, n): h_0 and c_0."""


class State(NamedTuple):
    """Where the decoder stands, for each hypothesis."""

    kept: Kept
    """(b, k, n): h_{t-1} and c_{t-1}."""
    attention: Any
    """The mechanism's own state: None, or tensors (b, k, ...) in nested named tuples."""


class Decoded(NamedTuple):
    """A caption under teacher forcing."""

    readout: Tensor
    """(b, t, m), or (p, m) at chosen positions: what ``AttendingLSTM.logits`` turns into scores."""
    alignment: Tensor | None
    """(b, t, s), the expectation where annotations are drawn; None where the mechanism gives none."""
    gate: Tensor | None
    """(b, t): how much of each context was let in; None without a gate."""
    drawn: Drawn | None
    """(b,): sums over the real words; None where no annotations are drawn."""


class AttendingLSTM(nn.Module):
    """Encode once; then ``decode`` a known caption at once, or ``start`` and ``step`` through a new one.

    ``decode`` and ``step`` agree to rounding. ``step`` gives all hypotheses of a picture one memory.
    """

    def __init__(
        self,
        encoder: Encoder,
        attention: Mechanism,
        *,
        vocabulary: int,
        embedding: int,
        hidden: int,
        dropout: float = 0.0,
        penalty: float = 0.0,
        reinforce: Reinforce | None = None,
    ) -> None:
        """Make a decoder of ``vocabulary`` words and ``hidden`` units over the encoder's annotations.

        ``penalty`` is what ``doubly_stochastic`` counts in the objective, and ``reinforce`` what a mechanism
        that draws adds to it: both are the trainer's to use.
        """
        super().__init__()
        annotation = encoder.annotation
        self.encoder, self.attention = encoder, attention
        self.penalty, self.reinforce = penalty, reinforce
        self.first_hidden = nn.Linear(annotation, hidden)
        self.first_cell = nn.Linear(annotation, hidden)
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.cell = ContextLSTM(embedding, hidden, annotation)
        self.of_hidden = nn.Linear(hidden, embedding, bias=False)
        self.of_context = nn.Linear(annotation, embedding, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.output = WordOutput(embedding, vocabulary)

    @property
    def attends(self) -> bool:
        """Whether ``decode`` gives alignments."""
        return self.attention.align

    def encode(self, inputs: Any) -> Encoded:
        """Encode what the encoder takes."""
        states, mask, summary = self.encoder(inputs)
        start = Kept(torch.tanh(self.first_hidden(summary)), torch.tanh(self.first_cell(summary)))
        return Encoded(self.attention.prepare(states, mask), start)

    def decode(self, encoded: Encoded, targets: Tensor, mask: Tensor | None = None) -> Decoded:
        """Read known captions (b, t), end symbol included, real where ``mask`` (b, t) is True, or all.

        Real positions are read out, one after the other: (p, m).
        """
        embedded = vectors(self.embedding, targets, mask)
        previous = torch.cat([torch.zeros_like(embedded[:, :1]), embedded[:, :-1]], dim=1)
        run = self.attention.unroll(self.cell, self.cell.project(previous), encoded.start, encoded.memory)
        real = torch.ones_like(targets, dtype=torch.bool) if mask is None else mask
        read = previous, run.hidden[:, 1:], run.context.expand(-1, targets.shape[1], -1)
        readout = self.readout(*(read if mask is None else (each[mask] for each in read)))
        gate = self.attention.gate(run.hidden[:, :-1]) if isinstance(self.attention, Gated) else None
        alignment = run.alignment if run.expected is None else run.expected
        return Decoded(readout, alignment, gate, drawn(run, real))

    def readout(self, embedded: Tensor, hidden: Tensor, context: Tensor) -> Tensor:
        """Return E y_{t-1} + L_h h_t + L_z z_t (..., m) of (..., m), (..., n) and (..., d)."""
        summed: Tensor = embedded + self.of_hidden(self.dropout(hidden)) + self.of_context(context)
        dropped: Tensor = self.dropout(summed)
        return dropped

    def logits(self, readout: Tensor) -> Tensor:
        """Return unnormalised log-probabilities: (..., m) to (..., v)."""
        return self.output(readout)

    def nats(self, readout: Tensor, words: Tensor) -> Tensor:
        """Return the negative log-likelihood of words (p,) at read-outs (p, m), summed; holds no logits."""
        return self.output.nats(readout, words)

    def each(self, readout: Tensor, words: Tensor) -> Tensor:
        """Return the negative log-likelihood (p,) of each word (p,) at read-outs (p, m)."""
        return F.cross_entropy(self.logits(readout), words, reduction="none")

    def start(self, encoded: Encoded) -> State:
        """Return the state of the one empty hypothesis of each picture (k = 1)."""
        return State(Kept(*(part.unsqueeze(1) for part in encoded.start)), None)

    def step(
        self, encoded: Encoded, state: State, tokens: Tensor | None
    ) -> tuple[Tensor, Tensor | None, State]:
        """Read the last tokens (b, k), None at the start; return logits (b, k, v), alignment, next state."""
        hidden = state.kept.hidden
        if tokens is None:
            embedded = hidden.new_zeros(*hidden.shape[:2], self.embedding.embedding_dim)
        else:
            embedded = self.embedding(tokens)
        context, alignment, attention = self.attention(hidden, encoded.memory, state.attention)
        kept = self.cell.step(self.cell.project(embedded), context, state.kept)
        if isinstance(attention, Drawing):
            alignment = attention.expected
        readout = self.readout(embedded, kept.hidden, context)
        return self.logits(readout), alignment, State(kept, attention)
