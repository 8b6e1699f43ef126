"""The gated recurrent unit of Cho et al. (2014), and encoders made of it.

It differs from ``torch.nn.GRU`` twice: the update gate multiplies the new candidate, and the reset
gate acts on the state before the recurrent product, U (r * h).

    b batch   s source length   m input size   n hidden size   d context   v vocabulary
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnbench.zoo.annotations import Annotations
from attnbench.zoo.padded import Padded, vectors
from attnbench.zoo.unrolled import Gated, gated_run


class GatedUnit(nn.Module):
    """One gated recurrent unit; its input products stand outside the loop over time.

    The rows of ``inputs`` (3n, m) and ``gates`` (2n, n) are ordered update, reset, candidate.
    Only the candidate has a bias, as in the code of Bahdanau et al. (2015).
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        """Make the weights for inputs of size m and states of size n."""
        super().__init__()
        self.hidden = hidden
        self.inputs = nn.Parameter(torch.empty(3 * hidden, inputs))
        self.gates = nn.Parameter(torch.empty(2 * hidden, hidden))
        self.candidate = nn.Parameter(torch.empty(hidden, hidden))
        self.bias = nn.Parameter(torch.zeros(hidden))
        nn.init.normal_(self.inputs, std=inputs**-0.5)
        for block in (*self.gates.chunk(2), self.candidate):
            nn.init.orthogonal_(block)

    def project(self, inputs: Tensor) -> Tensor:
        """Return the input part of both gates and the candidate: (..., m) to (..., 3n)."""
        return F.linear(inputs, self.inputs, F.pad(self.bias, (2 * self.hidden, 0)))

    def forward(self, projected: Tensor, hidden: Tensor) -> Tensor:
        """Take one step: projected input (..., 3n) and state (..., n) to the new state (..., n)."""
        n = self.hidden
        gates = torch.sigmoid(projected[..., : 2 * n] + F.linear(hidden, self.gates))
        update, reset = gates[..., :n], gates[..., n:]
        candidate = torch.tanh(projected[..., 2 * n :] + F.linear(reset * hidden, self.candidate))
        return torch.lerp(hidden, candidate, update)

    def run(self, projected: Tensor, mask: Tensor | None = None, *, hidden: Tensor | None = None) -> Tensor:
        """Return the states (b, s, n) after each step over (b, s, 3n).

        Where ``mask`` (b, s) is False the state is carried over unchanged. It starts at ``hidden``
        (b, n), or at zero.
        """
        if hidden is None:
            hidden = projected.new_zeros(projected.shape[0], self.hidden)
        return gated_run(projected, mask, hidden, self.gates, self.candidate)


class ContextUnit(GatedUnit):
    """A gated unit of a decoder: its gates and candidate read a context too (Bahdanau et al. 2015, A.2.2)."""

    long_short = None

    def __init__(self, inputs: int, hidden: int, context: int) -> None:
        """Make the weights for inputs of size m, states of size n and contexts of size d."""
        super().__init__(inputs, hidden)
        self.context = nn.Linear(context, 3 * hidden, bias=False)

    @property
    def gated(self) -> Gated:
        """All weights but the inputs'."""
        return Gated(self.context.weight, self.gates, self.candidate)

    def query(self, state: Tensor) -> Tensor:
        """Return the state itself."""
        return state

    def step(self, projected: Tensor, context: Tensor, state: Tensor) -> Tensor:
        """Take one step: projected input (..., 3n), context (..., d) and state (..., n) to the new state."""
        return self(projected + self.context(context), state)


class ForwardEncoder(nn.Module):
    """One gated unit read forwards; the summary is its last state."""

    def __init__(self, vocabulary: int, embedding: int, hidden: int) -> None:
        """Make the embedding (v, m) and the unit of size n."""
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.forwards = GatedUnit(embedding, hidden)
        self.annotation = hidden

    def forward(self, inputs: Padded) -> Annotations:
        """Encode word ids (b, s)."""
        embedded = vectors(self.embedding, *inputs)
        states = self.forwards.run(self.forwards.project(embedded), inputs.mask)
        return Annotations(states, inputs.mask, states[:, -1])


class BidirectionalEncoder(nn.Module):
    """Two gated units read forwards and backwards (Bahdanau et al. 2015, A.2.1).

    An annotation is [forward state; backward state]; the summary is the backward state at the
    first token. The backward unit starts at the true last token, not at the padding.
    """

    def __init__(self, vocabulary: int, embedding: int, hidden: int) -> None:
        """Make one embedding (v, m) for both directions and two units of size n."""
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.forwards = GatedUnit(embedding, hidden)
        self.backwards = GatedUnit(embedding, hidden)
        self.annotation = 2 * hidden

    def forward(self, inputs: Padded) -> Annotations:
        """Encode word ids (b, s)."""
        embedded, mask = vectors(self.embedding, *inputs), inputs.mask
        forwards = self.forwards.run(self.forwards.project(embedded), mask)
        backwards = self.backwards.run(self.backwards.project(embedded).flip(1), mask.flip(1)).flip(1)
        return Annotations(torch.cat([forwards, backwards], dim=-1), mask, backwards[:, 0])
