"""A feed-forward language model over the last C output words, with an encoder or without (Rush et al. 2015).

    h          = tanh(U [E y_{i-C+1}; ...; E y_i])
    p(y_{i+1}) = softmax(V h + W enc(x, y))

enc is the context that a mechanism gives for the query P [G y_{i-C+1}; ...; G y_i], G being an embedding of
its own; where it does not look at queries, there is neither P nor G. Without an encoder there is no W. The
words before the first are a start word. As no state goes from word to word, all words of all known targets
are read at once, attention included.

Every linear map has a bias. V and W stand beside each other in one layer, so they share one: that of two
biases only the sum matters.

    b batch   s annotations   t target length   k hypotheses   c = C, context   p chosen positions
    m embedding   n hidden   d annotation   l read-out (n + d)   v vocabulary
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from attnbench.zoo.annotations import Encoder
from attnbench.zoo.attention import Mechanism, Memory
from attnbench.zoo.padded import Padded
from attnbench.zoo.word_embeddings import BoundedEmbedding
from attnbench.zoo.word_output import WordOutput


class Encoded(NamedTuple):
    """A source, ready to be decoded by many hypotheses."""

    memory: Memory | None
    """None without an encoder."""
    start: Tensor
    """(b, c): the window before the first word."""


class State(NamedTuple):
    """Where the decoder stands, for each hypothesis."""

    window: Tensor
    """(b, k, c): the last words."""


class Decoded(NamedTuple):
    """A target under teacher forcing."""

    readout: Tensor
    """(b, t, l), or (p, l) at chosen positions: [h; enc], what ``ContextWindowModel.logits`` takes."""
    alignment: Tensor | None
    """(b, t, s), or None where there is none."""


class ContextWindowModel(nn.Module):
    """Encode once; then ``decode`` a known target at once, or ``start`` and ``step`` through a new one.

    ``decode`` and ``step`` agree to rounding. ``step`` gives all hypotheses of a sentence one memory.
    """

    def __init__(
        self,
        encoder: Encoder | None,
        attention: Mechanism | None,
        *,
        vocabulary: int,
        embedding: int,
        hidden: int,
        context: int,
        start: int,
        max_norm: float = 0.0,
    ) -> None:
        """Make E, U, [V W] and, where the mechanism looks at queries, G and P.

        The mechanism keeps no state. ``start`` is the word before the first; ``max_norm`` is that of
        ``BoundedEmbedding``, for E and G. Raise ``ValueError`` for an encoder without a mechanism to read
        it, or the other way round.
        """
        super().__init__()
        if (encoder is None) != (attention is None):
            raise ValueError("a model needs an encoder and a mechanism, or neither")
        self.context, self.before = context, start
        self.encoder, self.attention = encoder, attention
        self.embedding = BoundedEmbedding(vocabulary, embedding, max_norm)
        self.hidden = nn.Linear(context * embedding, hidden)
        annotation = 0 if encoder is None else encoder.annotation
        self.query_embedding, self.query = None, None
        if attention is not None and attention.queried:
            self.query_embedding = BoundedEmbedding(vocabulary, embedding, max_norm)
            self.query = nn.Linear(context * embedding, annotation)
        self.output = WordOutput(hidden + annotation, vocabulary)

    @property
    def attends(self) -> bool:
        """Whether ``decode`` gives alignments."""
        return self.attention is not None and self.attention.align

    def encode(self, inputs: Padded) -> Encoded:
        """Encode what the encoder takes, such as word ids (b, s)."""
        memory = None
        if self.encoder is not None and self.attention is not None:
            annotations = self.encoder(inputs)
            memory = self.attention.prepare(annotations.states, annotations.mask)
        start = torch.full((len(inputs.mask), self.context), self.before, device=inputs.mask.device)
        return Encoded(memory, start)

    def decode(self, encoded: Encoded, targets: Tensor, mask: Tensor | None = None) -> Decoded:
        """Read known targets (b, t), end symbol included, real where ``mask`` (b, t) is True, or all.

        Real positions are read out, one after the other: (p, l).
        """
        real = torch.ones_like(targets, dtype=torch.bool) if mask is None else mask
        words = torch.cat([encoded.start, targets.masked_fill(~real, self.before)], dim=1)
        windows = words[:, :-1].unfold(1, self.context, 1)[real]  # [p, c]
        readout, alignment = self._hidden(windows), None
        if encoded.memory is not None and self.attention is not None:
            asked = self._queries(windows)
            queries = asked.new_zeros(*real.shape, asked.shape[-1]).masked_scatter(real.unsqueeze(-1), asked)
            contexts, alignment, _ = self.attention(queries, encoded.memory)
            readout = torch.cat([readout, contexts[real]], dim=-1)
        return Decoded(readout.unflatten(0, real.shape) if mask is None else readout, alignment)

    def logits(self, readout: Tensor) -> Tensor:
        """Return unnormalised log-probabilities: (..., l) to (..., v)."""
        return self.output(readout)

    def nats(self, readout: Tensor, words: Tensor) -> Tensor:
        """Return the negative log-likelihood of words (p,) at read-outs (p, l), summed; holds no logits."""
        return self.output.nats(readout, words)

    def start(self, encoded: Encoded) -> State:
        """Return the state of the one empty hypothesis of each sentence (k = 1)."""
        return State(encoded.start.unsqueeze(1))

    def step(
        self, encoded: Encoded, state: State, tokens: Tensor | None
    ) -> tuple[Tensor, Tensor | None, State]:
        """Read the last tokens (b, k), None at the start; return logits (b, k, v), alignment, next state."""
        window = state.window
        if tokens is not None:
            window = torch.cat([window[..., 1:], tokens.unsqueeze(-1)], dim=-1)
        readout, alignment = self._hidden(window), None
        if encoded.memory is not None and self.attention is not None:
            contexts, alignment, _ = self.attention(self._queries(window), encoded.memory)
            readout = torch.cat([readout, contexts], dim=-1)
        return self.logits(readout), alignment, State(window)

    def _hidden(self, windows: Tensor) -> Tensor:
        """Return h (..., n) of windows (..., c)."""
        return torch.tanh(self.hidden(self.embedding(windows).flatten(-2)))

    def _queries(self, windows: Tensor) -> Tensor:
        """Return queries (..., d) of windows (..., c); of size 0 where the mechanism looks at none."""
        if self.query is None or self.query_embedding is None:
            return self.embedding.weight.new_empty(*windows.shape[:-1], 0)
        queries: Tensor = self.query(self.query_embedding(windows).flatten(-2))
        return queries
