"""The deep LSTM encoder–decoder of Sutskever et al. (2014, arXiv 1409.3215), which does not attend.

One deep LSTM reads the source, its words reversed. A second one starts from the last state and cell of
every layer of the first; it reads y_{i-1}, and its top layer's new state scores y_i:

    (s_i, cells_i) = lstm(E y_{i-1}, s_{i-1}, cells_{i-1})
    p(y_i)         = softmax(W s_i + b)

where s_0 is what the encoder ended with and the word before the first is a zero vector. The paper's
figure feeds the source's end symbol at that step; here the encoder has read it. The cells are torch's:
without peepholes, and with two biases a gate.

    b batch   s source length   t target length   k hypotheses   n hidden   m embedding   v vocabulary
    p chosen positions   layers: LSTM layers of either side
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from attnbench.zoo.encoder_decoder import Decoded
from attnbench.zoo.padded import Padded, vectors
from attnbench.zoo.word_output import WordOutput


class State(NamedTuple):
    """Where all layers ended: those that read a source, or a hypothesis up to its last token but one."""

    hidden: Tensor
    """(b, layers, n), or (b, k, layers, n)."""
    cell: Tensor
    """The same."""


def reverse_words(source: Padded) -> Tensor:
    """Reverse the words of each source (b, s); its last real token, the end symbol, and padding stay."""
    tokens, mask = source
    place = torch.arange(tokens.shape[1], device=tokens.device)
    words = mask.sum(dim=1, keepdim=True) - 1  # [b, 1]
    return tokens.gather(1, torch.where(place < words, words - 1 - place, place))


class DeepLSTM(nn.Module):
    """Encode once; then ``decode`` a known target at once, or ``start`` and ``step`` through a new one.

    The interface is that of ``EncoderDecoder``; there is never an alignment.
    """

    attends = False

    def __init__(
        self, *, source: int, target: int, embedding: int, hidden: int, layers: int = 4, reverse: bool = True
    ) -> None:
        """Make two deep LSTMs, for vocabularies of ``source`` and ``target`` words.

        ``reverse`` says whether the encoder reads the source's words from last to first.
        """
        super().__init__()
        self.reverse = reverse
        self.source_embedding = nn.Embedding(source, embedding)
        self.encoder = nn.LSTM(embedding, hidden, layers, batch_first=True)
        self.embedding = nn.Embedding(target, embedding)
        self.decoder = nn.LSTM(embedding, hidden, layers, batch_first=True)
        self.output = WordOutput(hidden, target)

    def encode(self, inputs: Padded) -> State:
        """Encode word ids (b, s); a source with no word becomes zeros."""
        tokens, lengths = reverse_words(inputs) if self.reverse else inputs.values, inputs.mask.sum(dim=1)
        embedded = vectors(self.source_embedding, tokens, inputs.mask)
        packed = pack_padded_sequence(
            embedded, lengths.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False
        )
        real = (lengths > 0).view(-1, 1, 1)
        hidden, cell = (last.transpose(0, 1) * real for last in self.encoder(packed)[1])
        return State(hidden, cell)

    def decode(self, encoded: State, targets: Tensor, mask: Tensor | None = None) -> Decoded:
        """Read known targets (b, t), end symbol included, real where ``mask`` (b, t) is True, or all.

        Real positions are read out, one after the other: (p, n).
        """
        embedded = vectors(self.embedding, targets, mask)
        previous = torch.cat([torch.zeros_like(embedded[:, :1]), embedded[:, :-1]], dim=1)
        readout = self._run(previous, *encoded)[0]
        return Decoded(readout if mask is None else readout[mask], None, None)

    def _run(self, embedded: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read words (b, t, m) from a state and cell (b, layers, n).

        Returns the top layer's states (b, t, n), and the last state and cell of all layers.
        """
        starts = hidden.transpose(0, 1).contiguous(), cell.transpose(0, 1).contiguous()
        top, (hidden, cell) = self.decoder(embedded, starts)
        return top, hidden.transpose(0, 1), cell.transpose(0, 1)

    def logits(self, readout: Tensor) -> Tensor:
        """Return unnormalised log-probabilities: (..., n) to (..., v)."""
        return self.output(readout)

    def nats(self, readout: Tensor, words: Tensor) -> Tensor:
        """Return the negative log-likelihood of words (p,) at read-outs (p, n), summed; holds no logits."""
        return self.output.nats(readout, words)

    def start(self, encoded: State) -> State:
        """Return the state of the one empty hypothesis of each sentence (k = 1)."""
        return State(*(part.unsqueeze(1) for part in encoded))

    def step(self, encoded: State, state: State, tokens: Tensor | None) -> tuple[Tensor, None, State]:
        """Read the last tokens (b, k), None at the start; return logits (b, k, v), None, next state."""
        batch = state.hidden.shape[:2]  # b, k
        if tokens is None:
            embedded = state.hidden.new_zeros(batch.numel(), self.embedding.embedding_dim)
        else:
            embedded = self.embedding(tokens.flatten())
        top, *after = self._run(embedded.unsqueeze(1), *(part.flatten(0, 1) for part in state))
        new = State(*(part.unflatten(0, batch) for part in after))
        return self.logits(top.unflatten(0, batch).squeeze(2)), None, new
