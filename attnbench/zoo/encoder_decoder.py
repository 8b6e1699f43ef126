"""A recurrent encoder–decoder that attends, or that does not (Bahdanau et al. 2015, A.1 and A.2).

One decoder step, in the order of the authors' code (the paper's appendix writes y_{i-1} in s_i, which
would hide the last word from the attention):

    c_i      = attend(s_{i-1}, annotations)
    p(y_i)   = softmax(W_o maxout(U_o s_{i-1} + V_o E y_{i-1} + C_o c_i))
    s_i      = gated unit(s_{i-1}, y_i, c_i)

so s_{i-1} already knows y_{i-1}. The word before the first is a zero vector.

    b batch   s annotations   t target length   k hypotheses   n hidden   m embedding   l maxout
    d annotation   v vocabulary   p chosen positions
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from attnbench.zoo.annotations import Encoder
from attnbench.zoo.attention import Mechanism, Memory
from attnbench.zoo.padded import vectors
from attnbench.zoo.recurrent import ContextUnit
from attnbench.zoo.word_output import WordOutput


class Encoded(NamedTuple):
    """A source, ready to be decoded by many hypotheses."""

    memory: Memory
    hidden: Tensor
    """(b, n): the decoder's first state s_0."""


class State(NamedTuple):
    """Where the decoder stands, for each hypothesis."""

    hidden: Tensor
    """(b, k, n): s_{i-2}, from before the last token was read."""
    context: Tensor | None
    """(b, k, d): c_{i-1}; None before the first step."""
    attention: Any
    """The mechanism's own state: None, or tensors (b, k, ...) in nested named tuples."""


class Decoded(NamedTuple):
    """A target under teacher forcing."""

    readout: Tensor
    """(b, t, l), or (p, l) at chosen positions: what ``EncoderDecoder.logits`` turns into scores."""
    alignment: Tensor | None
    """(b, t, s), or None where the mechanism gives none."""
    attention: Any
    """The mechanism's state after all t steps, those of padding too; None where it has none."""


class Maxout(nn.Module):
    """The largest of each adjacent pair of a sum of linear maps (A.2.2, eq. 9 on)."""

    def __init__(self, hidden: int, embedding: int | None, annotation: int, size: int) -> None:
        """Make U_o (2l, n) with the sum's bias, V_o (2l, m) and C_o (2l, d); no V_o where m is None."""
        super().__init__()
        self.hidden = nn.Linear(hidden, 2 * size)
        self.embedding = None if embedding is None else nn.Linear(embedding, 2 * size, bias=False)
        self.context = nn.Linear(annotation, 2 * size, bias=False)

    def forward(
        self, hidden: Tensor, embedded: Tensor, context: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Return (..., l) from (..., n), (..., m), which does not matter without V_o, and (..., d).

        With ``mask`` (b, t), the inputs are (b, t, ·), or (b, 1, ·) where they do not change, and only the
        positions that are True are read out: (p, l).
        """
        summed = _project(self.hidden, hidden, mask)
        if self.embedding is not None:
            summed = summed.add_(_project(self.embedding, embedded, mask))
        summed = summed.add_(_project(self.context, context, mask))
        return summed.unflatten(-1, (-1, 2)).amax(dim=-1)


def _project(layer: nn.Linear, inputs: Tensor, mask: Tensor | None) -> Tensor:
    """Return a layer where ``mask`` is True; an input that does not change is projected once."""
    if mask is None:
        return layer(inputs)
    if inputs.shape[1] == 1:
        return layer(inputs).expand(*mask.shape, -1)[mask]
    return layer(inputs[mask])


class EncoderDecoder(nn.Module):
    """Encode once; then ``decode`` a known target at once, or ``start`` and ``step`` through a new one.

    ``decode`` and ``step`` agree to rounding. ``step`` gives all hypotheses of a sentence one memory.
    The encoder's summary has the size of the decoder's state, unless that state's start is learnt.
    """

    def __init__(
        self,
        encoder: Encoder,
        attention: Mechanism,
        *,
        vocabulary: int,
        embedding: int,
        hidden: int,
        maxout: int,
        learnt_start: bool = False,
        last_word: bool = True,
    ) -> None:
        """Make a decoder of ``vocabulary`` words and ``hidden`` units over the encoder's annotations.

        With ``learnt_start`` s_0 is a weight, and not made of the summary; without ``last_word`` the read-out
        does not see y_{i-1}, which then reaches it through the state alone (both as Chorowski et al. 2015).
        """
        super().__init__()
        self.encoder = encoder
        self.attention = attention
        self.initial = None if learnt_start else nn.Linear(hidden, hidden)
        self.first = nn.Parameter(torch.empty(hidden).normal_(std=0.001)) if learnt_start else None
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.cell = ContextUnit(embedding, hidden, encoder.annotation)
        self.readout = Maxout(hidden, embedding if last_word else None, encoder.annotation, maxout)
        self.output = WordOutput(maxout, vocabulary)

    @property
    def attends(self) -> bool:
        """Whether ``decode`` gives alignments."""
        return self.attention.align

    def encode(self, inputs: Any) -> Encoded:
        """Encode what the encoder takes."""
        annotations = self.encoder(inputs)
        memory = self.attention.prepare(annotations.states, annotations.mask)
        if self.initial is None:
            assert self.first is not None
            return Encoded(memory, self.first.expand(len(annotations.mask), -1))
        return Encoded(memory, torch.tanh(self.initial(annotations.summary)))

    def decode(self, encoded: Encoded, targets: Tensor, mask: Tensor | None = None) -> Decoded:
        """Read known targets (b, t), end symbol included, real where ``mask`` (b, t) is True, or all.

        Real positions are read out, one after the other: (p, l).
        """
        embedded = vectors(self.embedding, targets, mask)
        previous = torch.cat([torch.zeros_like(embedded[:, :1]), embedded[:, :-1]], dim=1)
        run = self.attention.unroll(self.cell, self.cell.project(embedded), encoded.hidden, encoded.memory)
        readout = self.readout(run.hidden[:, :-1], previous, run.context, mask)
        return Decoded(readout, run.alignment, run.attention)

    def logits(self, readout: Tensor) -> Tensor:
        """Return unnormalised log-probabilities: (..., l) to (..., v)."""
        return self.output(readout)

    def nats(self, readout: Tensor, words: Tensor) -> Tensor:
        """Return the negative log-likelihood of words (p,) at read-outs (p, l), summed; holds no logits."""
        return self.output.nats(readout, words)

    def start(self, encoded: Encoded) -> State:
        """Return the state of the one empty hypothesis of each sentence (k = 1)."""
        return State(encoded.hidden.unsqueeze(1), None, None)

    def step(
        self, encoded: Encoded, state: State, tokens: Tensor | None
    ) -> tuple[Tensor, Tensor | None, State]:
        """Read the last tokens (b, k), None at the start; return logits (b, k, v), alignment, next state."""
        if tokens is None or state.context is None:
            hidden = state.hidden
            embedded = hidden.new_zeros(*hidden.shape[:2], self.embedding.embedding_dim)
        else:
            embedded = self.embedding(tokens)
            hidden = self.cell.step(self.cell.project(embedded), state.context, state.hidden)
        context, alignment, attention = self.attention(hidden, encoded.memory, state.attention)
        logits = self.logits(self.readout(hidden, embedded, context))
        return logits, alignment, State(hidden, context, attention)
