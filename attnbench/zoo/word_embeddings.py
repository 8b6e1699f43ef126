"""Words as vectors and nothing more: what an attention without recurrence reads (Rush et al. 2015).

b batch   s source length   m embedding   d annotation   v vocabulary
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnbench.zoo.annotations import Annotations, Encoder
from attnbench.zoo.padded import Padded, vectors


class BoundedEmbedding(nn.Embedding):
    """Vectors of words; in training those that are read are first scaled to a largest norm.

    They start normal with deviation 1 / sqrt(m), so that their norms are about 1.
    """

    def __init__(self, vocabulary: int, embedding: int, max_norm: float = 0.0) -> None:
        """Make the vectors (v, m), of norms up to ``max_norm``; 0: any."""
        super().__init__(vocabulary, embedding)
        self.bound = max_norm

    def reset_parameters(self) -> None:
        """Draw the vectors."""
        nn.init.normal_(self.weight, std=self.embedding_dim**-0.5)

    def forward(self, words: Tensor) -> Tensor:
        """Return the vectors of word ids: (...,) to (..., m)."""
        if self.training and self.bound:
            self._shorten(words)
        return super().forward(words)

    @torch.no_grad()
    def _shorten(self, words: Tensor) -> None:
        """Do as ``torch.embedding_renorm_``, which goes row by row on a CPU."""
        read = self.weight[words]
        norms = torch.linalg.vector_norm(read, dim=-1, keepdim=True)
        self.weight[words] = read * (self.bound / norms).clamp(max=1)


class WordEmbeddings(nn.Module):
    """The annotations are the words' vectors F x; their order tells nothing, and the summary is zeros."""

    def __init__(self, vocabulary: int, annotation: int, max_norm: float = 0.0) -> None:
        """Make F (v, d); ``max_norm`` is that of ``BoundedEmbedding``."""
        super().__init__()
        self.embedding = BoundedEmbedding(vocabulary, annotation, max_norm)
        self.annotation = annotation

    def forward(self, inputs: Padded) -> Annotations:
        """Encode word ids (b, s)."""
        states = vectors(self.embedding, *inputs)
        return Annotations(states, inputs.mask, states.new_zeros(len(states), self.annotation))


class Sorted(nn.Module):
    """An encoder that reads each sentence's words in the order of their numbers: a control for word order."""

    def __init__(self, encoder: Encoder) -> None:
        """Sort for an encoder."""
        super().__init__()
        self.encoder = encoder
        self.annotation = encoder.annotation

    def forward(self, inputs: Padded) -> Annotations:
        """Encode word ids (b, s); real ones come first."""
        last = torch.iinfo(inputs.values.dtype).max
        values = inputs.values.masked_fill(~inputs.mask, last).sort(dim=1).values
        mask = inputs.mask.sort(dim=1, descending=True).values
        made: Annotations = self.encoder(Padded(values, mask))
        return made
