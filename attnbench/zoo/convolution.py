"""A convolutional sentence encoder, a time-delay network, that gives one vector (Rush et al. 2015).

    x^0_i  = F w_i
    y^l_i  = Q^l [x^{l-1}_{i-Q}; ...; x^{l-1}_{i+Q}] + b^l           l = 1 .. L
    x^l_i  = tanh(max(y^l_{2i-1}, y^l_{2i}))
    enc    = max_i x^L_i

Beyond the ends of a sentence a convolution reads zeros, and no maximum looks there: an odd last position is
a pair of its own. So n positions become n / 2, rounded up, and a sentence shorter than 2^L words has one
position in the end, as one of 2^L words has.

    b batch   s source length   d annotation   v vocabulary
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnbench.zoo.annotations import Annotations
from attnbench.zoo.padded import Padded, vectors
from attnbench.zoo.word_embeddings import BoundedEmbedding

WIDER = nn.init.calculate_gain("tanh")
"""How much wider than its inputs a layer's outputs start, so that what tanh flattens is made good."""
FIRST = 0.5
"""The deviation that the outputs of the first layer start with, whose inputs have norms of about 1."""


class ConvolutionalEncoder(nn.Module):
    """One annotation, the vector of the sentence, which ``FixedVector`` takes; zeros if it has no word.

    Filters start uniform, as Glorot and Bengio (2010) have them, scaled as the two numbers above say. From
    torch's own start each layer would halve what comes in, and nothing is learnt for long.
    """

    def __init__(
        self, vocabulary: int, annotation: int, *, layers: int = 3, reach: int = 2, max_norm: float = 0.0
    ) -> None:
        """Make F (v, d) and L = ``layers`` convolutions (d, d, 2Q + 1), which see Q = ``reach`` neighbours.

        ``max_norm`` is that of ``BoundedEmbedding``.
        """
        super().__init__()
        self.embedding = BoundedEmbedding(vocabulary, annotation, max_norm)
        self.annotation = annotation
        self.filters = nn.ModuleList()
        for layer in range(layers):
            filters = nn.Conv1d(annotation, annotation, 2 * reach + 1, padding=reach)
            nn.init.xavier_uniform_(filters.weight, gain=WIDER if layer else FIRST * annotation**0.5)
            self.filters.append(filters)

    def forward(self, inputs: Padded) -> Annotations:
        """Encode word ids (b, s) to states (b, 1, d)."""
        words, mask = inputs if inputs.mask.shape[1] else (F.pad(part, (0, 1)) for part in inputs)
        level = vectors(self.embedding, words, mask).transpose(1, 2)  # [b, d, s]
        for filters in self.filters:
            level, mask = _halve(filters(level * mask.unsqueeze(1)), mask)
        some = mask.any(dim=1, keepdim=True)
        vector = level.amax(dim=2).masked_fill(~some, 0)
        return Annotations(vector.unsqueeze(1), some, vector)


def _halve(level: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Return tanh of the maxima of pairs of positions (b, d, s), and their mask; -1 where it is False."""
    lowest = torch.finfo(level.dtype).min
    level = F.max_pool1d(level.masked_fill(~mask.unsqueeze(1), lowest), 2, ceil_mode=True)
    pairs = F.pad(mask, (0, mask.shape[1] % 2)).unflatten(1, (-1, 2))
    return torch.tanh(level), pairs.any(dim=2)
