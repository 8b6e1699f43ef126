"""Location-aware attention: additive attention that also sees where it looked before.

b batch   s source length   k hypotheses   q query size   d annotation size   a alignment size   f filters
"""

from __future__ import annotations

from torch import Tensor, nn

from attnbench.zoo.additive_kernels import additive_scores
from attnbench.zoo.attention.additive import Additive
from attnbench.zoo.attention.interface import Attended, Memory
from attnbench.zoo.attention.normalisers import Normaliser, Previous, first_alignment, glimpse


class LocationAwareAttention(Additive):
    """Location-aware attention: e_j = w' tanh(W q + V h_j + U f_j + b), f = F * alpha of the step before.

    Chorowski et al. (2015), eq. 8 and 9. The state holds the alignment of the step before, so queries
    (b, k, q) are the hypotheses of ONE step, and there always is an alignment. Before the first step all
    weight is on the first real token, as in the authors' code. Beyond both ends the alignment is zero.
    """

    def __init__(
        self, query: int, annotation: int, size: int, *, filters: int = 10, width: int = 201,
        normaliser: Normaliser | None = None, implementation: str = "auto",
    ) -> None:  # fmt: skip
        """Make the weights W (size, query), V (size, annotation) with b, U (size, filters), F and w (size).

        F are ``filters`` rows of ``width`` tokens, an odd number; the defaults are the paper's.
        """
        super().__init__(size, normaliser, True, implementation)
        if width < 1 or width % 2 == 0:
            raise ValueError(f"width is {width}; a filter spans an odd number of tokens, such as 201")
        self.query = nn.Linear(query, size, bias=False)
        self.key = nn.Linear(annotation, size)
        self.filters = nn.Conv1d(1, filters, width, padding=width // 2, bias=False)
        self.location = nn.Linear(filters, size, bias=False)

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        """Project the annotations (b, s, d) to keys V h + b (b, s, a) once."""
        return Memory(keys=self.key(annotations), values=annotations, mask=mask)

    def forward(self, query: Tensor, memory: Memory, state: Previous | None = None) -> Attended:
        """Attend with hypotheses (b, k, q) at one step; they share their sentence's memory."""
        keys, values, mask = memory
        assert keys is not None
        shape = (*query.shape[:2], keys.shape[1])  # b, k, s
        if state is None:
            state = Previous(first_alignment(query.new_empty(shape), mask.unsqueeze(1)), None)
        compared = keys.unsqueeze(1) + self._locate(state.alignment)  # [b, k, s, a]
        energy = additive_scores(
            self.query(query).flatten(0, 1).unsqueeze(1),  # [b k, 1, a]
            compared.flatten(0, 1),
            self.energy,
            implementation=self.implementation,
        ).view(shape)
        context, alignment, inner = glimpse(energy, values, mask, self.normaliser, state.normaliser)
        return context, alignment, Previous(alignment, inner)

    def _locate(self, alignment: Tensor) -> Tensor:
        """Return U f (b, k, s, a) of the alignment (b, k, s) of the step before.

        The filters are laid on unturned; since they are learnt, that is the same as a convolution.
        """
        features = self.filters(alignment.flatten(0, 1).unsqueeze(1))  # [b k, f, s]
        located: Tensor = self.location(features.transpose(1, 2))
        return located.unflatten(0, alignment.shape[:2])
