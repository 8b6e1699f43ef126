"""Readers of sentence pairs that see the first sentence while they read the second.

Conditional encoding, attention and word-by-word attention of Rocktäschel et al. (2016). One
LSTM reads the premise, giving Y = [h_1 ... h_L] and the cell c_L. A second one, or the same, starts from
c_L and a zero state, reads a delimiter and the hypothesis, and ends with h_N. A look makes one vector of
this:

    conditional    h_N
    attention      tanh(W_p r + W_x h_N), r = Y softmax(w' tanh(W_y Y + W_h h_N))
    word by word   tanh(W_p r_N + W_x h_N), r_N as in ``attnbench.zoo.word_by_word``

and the label's scores are tanh(W vector + b): the tanh comes after the projection to the labels.

    b batch   s premise length   t hypothesis length   N real tokens, packed   e word vector   k hidden
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnbench.zoo.attention import AdditiveAttention
from attnbench.zoo.lstm import LSTM, Run
from attnbench.zoo.packing import Packing, packing
from attnbench.zoo.word_by_word import WordByWordAttention

LABELS = 3


class Read(NamedTuple):
    """What a reader says about sentence pairs."""

    logits: Tensor
    """(b, 3): unnormalised log-probabilities of the labels."""
    alignment: Tensor | None
    """(b, t, s): the weights with which each hypothesis word looked at the premise; (b, 1, s) for one look
    at the end; None without attention. Rows of padding are zero."""


class Conditioned(NamedTuple):
    """A pair of which the second sentence was read knowing the first."""

    premise: Run
    premise_mask: Tensor
    """(b, s)."""
    premise_packing: Packing
    hypothesis: Run
    """Its first token is the delimiter."""
    hypothesis_packing: Packing

    @property
    def annotations(self) -> Tensor:
        """Y as (b, s, k), padding zero."""
        return self.premise_packing.pad(self.premise.states)


class Inputs(nn.Module):
    """Word vectors, mapped to what an LSTM reads: x = P e + p."""

    def __init__(self, embedding: nn.Module, dimension: int, hidden: int, dropout: float = 0.0) -> None:
        """Take ``embedding``, ids (...,) to vectors (..., e), and make P (k, e); x is dropped out.

        P starts orthogonal, so that its inputs are as large as the word vectors' numbers.
        """
        super().__init__()
        self.embedding = embedding
        self.projection = nn.Linear(dimension, hidden)
        nn.init.orthogonal_(self.projection.weight)
        self.dropout = nn.Dropout(dropout)

    def forward(self, words: Tensor, before: Tensor | None = None) -> Tensor:
        """Return the inputs of packed words: (N,) to (N, k); each distinct word is mapped once.

        ``before`` (b, e), vectors that stand in front of them, gives (b + N, k).
        """
        distinct, where = torch.unique(words, return_inverse=True)
        inputs = F.embedding(where, self.projection(self.embedding(distinct)))
        if before is not None:
            inputs = torch.cat([self.projection(before), inputs])
        return self.dropout(inputs)


class LastState(nn.Module):
    """No look back: the pair is what the second LSTM ended with."""

    def forward(self, pair: Conditioned) -> tuple[Tensor, None]:
        """Return h_N (b, k)."""
        return pair.hypothesis.hidden, None


class Combined(nn.Module):
    """h* = tanh(W_p r + W_x h_N): what was read of the premise, and the last state."""

    def __init__(self, hidden: int) -> None:
        """Make W_p and W_x (k, k), without bias."""
        super().__init__()
        self.read = nn.Linear(hidden, hidden, bias=False)
        self.state = nn.Linear(hidden, hidden, bias=False)

    def forward(self, read: Tensor, state: Tensor) -> Tensor:
        """Combine (b, k) and (b, k) to (b, k)."""
        return torch.tanh(self.read(read) + self.state(state))


def bend(attention: AdditiveAttention) -> None:
    """Start W_y and W_h large enough for the sums inside the tanh to lie where it bends.

    An LSTM's states are small: between torch's small weights the tanh is all but linear, its scores are a sum
    of what the query says and what the annotation says, and the softmax cancels the query's part. Then no
    word can look for another, and the gradients hardly tell how it might.
    """
    for part in (attention.key, attention.query):
        nn.init.normal_(part.weight, std=3.5 * part.in_features**-0.5)


class OneLook(nn.Module):
    """Attention: the last state looks at the premise once."""

    def __init__(self, hidden: int) -> None:
        """Make W_y, W_h, W_p, W_x (k, k) and w (k)."""
        super().__init__()
        self.attention = AdditiveAttention(hidden, hidden, hidden)
        bend(self.attention)
        self.combined = Combined(hidden)

    def forward(self, pair: Conditioned) -> tuple[Tensor, Tensor]:
        """Return h* (b, k) and the alignment (b, 1, s)."""
        memory = self.attention.prepare(pair.annotations, pair.premise_mask)
        last = pair.hypothesis.hidden
        context, alignment, _ = self.attention(last.unsqueeze(1), memory)
        return self.combined(context.squeeze(1), last), alignment


class LookPerWord(nn.Module):
    """Word-by-word attention: every hypothesis word looks, the delimiter first."""

    def __init__(self, hidden: int) -> None:
        """Make W_y, W_h, W_r, W_t, W_p, W_x (k, k) and w (k)."""
        super().__init__()
        self.attention = WordByWordAttention(hidden)
        bend(self.attention.attention)
        self.combined = Combined(hidden)

    def forward(self, pair: Conditioned) -> tuple[Tensor, Tensor]:
        """Return h* (b, k) and the alignment (b, t, s); the delimiter's row is left out."""
        memory = self.attention.prepare(pair.annotations, pair.premise_mask)
        where = pair.hypothesis_packing
        read, alignment = self.attention(pair.hypothesis.states, where, memory)
        return self.combined(read, pair.hypothesis.hidden), where.pad(alignment)[:, 1:]


Look = LastState | OneLook | LookPerWord


class PairReader(nn.Module):
    """Reads the hypothesis knowing the premise, and scores the labels.

    ``two_way`` reads the pair once more with premise and hypothesis swapped, with the same weights, and
    classifies both vectors together. The alignment is that of the first reading.
    """

    def __init__(
        self, inputs: Inputs, look: Look, *, hidden: int, shared: bool, two_way: bool = False,
        dropout: float = 0.0,
    ) -> None:  # fmt: skip
        """Make the LSTMs of k units, one for both sentences if ``shared``, the delimiter and the classifier.

        ``dropout`` is that of the vector which is classified.
        """
        super().__init__()
        self.inputs, self.look, self.two_way = inputs, look, two_way
        self.delimiter = nn.Parameter(torch.empty(inputs.projection.in_features).uniform_(-0.05, 0.05))
        self.first = LSTM(hidden, hidden)
        self.second = None if shared else LSTM(hidden, hidden)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(2 * hidden if two_way else hidden, LABELS)

    def forward(
        self, premise: Tensor, premise_mask: Tensor, hypothesis: Tensor, hypothesis_mask: Tensor
    ) -> Read:
        """Read word ids (b, s) and (b, t), real where the masks are True, padded at the end."""
        sides = (premise, premise_mask), (hypothesis, hypothesis_mask)
        vector, alignment = self.look(self._condition(*sides))
        if self.two_way:
            vector = torch.cat([vector, self.look(self._condition(*sides[::-1]))[0]], dim=-1)
        return Read(torch.tanh(self.output(self.dropout(vector))), alignment)

    def _condition(self, first: tuple[Tensor, Tensor], second: tuple[Tensor, Tensor]) -> Conditioned:
        """Read two sentences, each its ids and mask, the second knowing the first."""
        (premise, premise_mask), (hypothesis, mask) = first, second
        where = packing(premise_mask)
        read = self.first(self.inputs(where.pack(premise)), where)
        after = packing(F.pad(mask, (1, 0), value=True))  # its first b tokens are the delimiters
        inputs = self.inputs(packing(mask).pack(hypothesis), before=self.delimiter.expand(len(mask), -1))
        continued = (self.second or self.first)(inputs, after, read.cell)
        return Conditioned(read, premise_mask, where, continued, after)
