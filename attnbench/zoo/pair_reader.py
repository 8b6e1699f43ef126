"""Readers of sentence pairs that see the first sentence while they read the second.

Conditional encoding, attention and word-by-word attention of Rocktäschel et al. (2016). One
LSTM reads the premise, giving Y = [h_1 ... h_L] and the cell c_L. A second one, or the same, starts from
c_L and a zero state, reads a delimiter and the hypothesis, and ends with h_N. One vector is made of this:

    conditional    h_N
    attention      tanh(W_p r + W_x h_N), r = Y softmax(w' tanh(W_y Y + W_h h_N))
    word by word   tanh(W_p r_N + W_x h_N), r_N as in ``attnbench.zoo.word_by_word``

and the label's scores are tanh(W vector + b): the tanh comes after the projection to the labels.

    b batch   s premise length   t hypothesis length   N real tokens, packed   e word vector   k hidden
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnbench.zoo.attention import AdditiveAttention
from attnbench.zoo.lstm import LSTM, Run
from attnbench.zoo.packing import Packing
from attnbench.zoo.padded import Padded
from attnbench.zoo.word_by_word import WordByWordAttention

LABELS = 3


class Judgement(NamedTuple):
    """What a reader makes of sentence pairs."""

    logits: Tensor
    """(b, 3): unnormalised log-probabilities of the labels."""
    alignment: Tensor | None
    """(b, t, s): that of each hypothesis word to the premise; (b, 1, s) where the last state alone attends;
    None without attention. Rows of padding are zero."""


class Conditioned(NamedTuple):
    """A pair of which the second sentence was read knowing the first."""

    annotations: Padded
    """Y (b, s, k), padding zero."""
    hypothesis: Run
    """Its first token is the delimiter."""
    packing: Packing
    """The hypothesis'."""


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
        distinct, index = torch.unique(words, return_inverse=True)
        inputs = F.embedding(index, self.projection(self.embedding(distinct)))
        if before is not None:
            inputs = torch.cat([self.projection(before), inputs])
        return self.dropout(inputs)


class Squashed(nn.Linear):
    """The scores of the labels: tanh(W vector + b), so none is above 1."""

    def __init__(self, inputs: int) -> None:
        """Make W (3, inputs) and b (3)."""
        super().__init__(inputs, LABELS)

    def forward(self, vector: Tensor) -> Tensor:
        """Score vectors (b, inputs): (b, 3)."""
        return torch.tanh(super().forward(vector))


class Layered(nn.Sequential):
    """The scores of the labels from three tanh layers and a linear one (Bowman et al. 2015)."""

    def __init__(self, inputs: int, hidden: int) -> None:
        """Make layers of ``hidden`` units."""
        sizes = [inputs, hidden, hidden, hidden]
        layers = [part for pair in pairwise(sizes) for part in (nn.Linear(*pair), nn.Tanh())]
        super().__init__(*layers, nn.Linear(hidden, LABELS))


class LastState(nn.Module):
    """No attention: the pair is what the second LSTM ended with."""

    def forward(self, pair: Conditioned) -> tuple[Tensor, None]:
        """Return h_N (b, k)."""
        return pair.hypothesis.hidden, None


class Combined(nn.Module):
    """h* = tanh(W_p r + W_x h_N): the context, and the last state."""

    def __init__(self, hidden: int) -> None:
        """Make W_p and W_x (k, k), without bias."""
        super().__init__()
        self.context = nn.Linear(hidden, hidden, bias=False)
        self.state = nn.Linear(hidden, hidden, bias=False)

    def forward(self, context: Tensor, state: Tensor) -> Tensor:
        """Combine (b, k) and (b, k) to (b, k)."""
        return torch.tanh(self.context(context) + self.state(state))

    def start_wide(self) -> None:
        """Give W_p and W_x a scale at which the tanh is not linear, so that it can compare its inputs."""
        for part in (self.context, self.state):
            nn.init.normal_(part.weight, std=2.0 * part.in_features**-0.5)


def start_wide(attention: AdditiveAttention) -> None:
    """Give W_y and W_h a scale at which the sums inside the tanh start where it is not linear.

    An LSTM's states are small: between torch's small weights the tanh is all but linear, its scores are a sum
    of what the query says and what the annotation says, and the softmax cancels the query's part. Then no
    word can look for another, and the gradients hardly tell how it might.
    """
    for part in (attention.key, attention.query):
        nn.init.normal_(part.weight, std=3.5 * part.in_features**-0.5)


def start_constant(reader: LSTM) -> None:
    """Let the first unit of an LSTM say the same whatever it reads, and no other unit hear it.

    Neither attention nor what combines has a bias, so both are odd functions of the states: where these
    have no mean, no score holds a product of query and annotation. This unit is that mean.
    """
    for gate, bias in enumerate((2.0, 1.0, 2.0, 2.0)):
        unit = gate * reader.hidden
        for weight in (reader.inputs, reader.recurrent):
            nn.init.zeros_(weight.data[unit])
        nn.init.constant_(reader.bias.data[unit : unit + 1], bias)
    nn.init.zeros_(reader.recurrent.data[:, 0])


def start_matching(attention: AdditiveAttention) -> None:
    """Let a query look for annotations like itself, if the constant unit stands first in both.

    The hidden units come in pairs, 1 + u(y - h) and 1 - u(y - h) inside the tanh. Their sum is largest where
    annotation y and query h agree in u; w sums it over random directions u. An odd unit left over stays.
    """
    size = attention.key.in_features
    half = attention.key.out_features // 2
    directions = torch.randn(half, size) * 2.0 * size**-0.5
    directions[:, 0] = 0.0
    key = torch.cat([directions, -directions])
    attention.query.weight.data[: 2 * half] = -key
    key[:, 0] = 1.25  # times the constant unit's 0.6 to 0.9
    attention.key.weight.data[: 2 * half] = key
    nn.init.constant_(attention.energy.data[: 2 * half], 0.5)


class Attention(nn.Module):
    """Attention: the last state attends to the premise."""

    def __init__(self, hidden: int) -> None:
        """Make W_y, W_h, W_p, W_x (k, k) and w (k)."""
        super().__init__()
        self.attention = AdditiveAttention(hidden, hidden, hidden)
        start_wide(self.attention)
        self.combined = Combined(hidden)

    def start_matching(self) -> None:
        """Start by looking for what is like the last state."""
        start_matching(self.attention)
        self.combined.start_wide()

    def forward(self, pair: Conditioned) -> tuple[Tensor, Tensor]:
        """Return h* (b, k) and the alignment (b, 1, s)."""
        memory = self.attention.prepare(*pair.annotations)
        last = pair.hypothesis.hidden
        context, alignment, _ = self.attention(last.unsqueeze(1), memory)
        return self.combined(context.squeeze(1), last), alignment


class WordByWord(nn.Module):
    """Word-by-word attention: every hypothesis word attends to the premise, the delimiter first."""

    def __init__(self, hidden: int) -> None:
        """Make W_y, W_h, W_r, W_t, W_p, W_x (k, k) and w (k)."""
        super().__init__()
        self.attention = WordByWordAttention(hidden)
        start_wide(self.attention.attention)
        self.combined = Combined(hidden)

    def start_matching(self) -> None:
        """Start by looking for what is like each state; W_t is orthogonal, so that what was seen lasts."""
        start_matching(self.attention.attention)
        nn.init.orthogonal_(self.attention.carried.weight)
        self.combined.start_wide()

    def forward(self, pair: Conditioned) -> tuple[Tensor, Tensor]:
        """Return h* (b, k) and the alignment (b, t, s); the delimiter's row is left out."""
        memory = self.attention.prepare(*pair.annotations)
        context, alignment = self.attention(pair.hypothesis.states, pair.packing, memory)
        return self.combined(context, pair.hypothesis.hidden), pair.packing.pad(alignment)[:, 1:]


Representation = LastState | Attention | WordByWord
"""What makes the vector that is classified, and the alignment, of a ``Conditioned`` pair."""


class PairReader(nn.Module):
    """Reads the hypothesis knowing the premise, and scores the labels.

    ``two_way`` reads the pair once more with premise and hypothesis swapped, with the same weights, and
    classifies both vectors together. The alignment is that of the first reading.
    """

    def __init__(
        self, inputs: Inputs, representation: Representation, *, hidden: int, shared: bool,
        two_way: bool = False, layered: bool = False, matching: bool = False, dropout: float = 0.0,
    ) -> None:  # fmt: skip
        """Make the LSTMs of k units, one for both sentences if ``shared``, the delimiter and the classifier.

        The classifier is ``Squashed``, or ``Layered`` with 2k units. ``matching``: two LSTMs start as one,
        and attention starts by looking for states like the one that looks. ``dropout`` is that of the
        vector which is classified.
        """
        super().__init__()
        self.inputs, self.represent, self.two_way = inputs, representation, two_way
        self.delimiter = nn.Parameter(torch.empty(inputs.projection.in_features).uniform_(-0.05, 0.05))
        self.first = LSTM(hidden, hidden)
        self.second = None if shared else LSTM(hidden, hidden)
        self.dropout = nn.Dropout(dropout)
        size = 2 * hidden if two_way else hidden
        self.output = Layered(size, 2 * hidden) if layered else Squashed(size)
        if matching:
            self._start_matching()

    def _start_matching(self) -> None:
        start_constant(self.first)
        if self.second is not None:
            self.second.load_state_dict(self.first.state_dict())
        if not isinstance(self.represent, LastState):
            self.represent.start_matching()

    def forward(self, premise: Padded, hypothesis: Padded) -> Judgement:
        """Read word ids (b, s) and (b, t)."""
        vector, alignment = self.represent(self._condition(premise, hypothesis))
        if self.two_way:
            vector = torch.cat([vector, self.represent(self._condition(hypothesis, premise))[0]], dim=-1)
        return Judgement(self.output(self.dropout(vector)), alignment)

    def _condition(self, premise: Padded, hypothesis: Padded) -> Conditioned:
        """Read two sentences, the second knowing the first."""
        (words, mask), packing = hypothesis, Packing.of(premise.mask)
        first = self.first(self.inputs(packing.pack(premise.values)), packing)
        after = Packing.of(F.pad(mask, (1, 0), value=True))  # its first b tokens are the delimiters
        inputs = self.inputs(Packing.of(mask).pack(words), before=self.delimiter.expand(len(mask), -1))
        second = (self.second or self.first)(inputs, after, first.cell)
        return Conditioned(Padded(packing.pad(first.states), premise.mask), second, after)
