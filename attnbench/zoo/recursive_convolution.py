"""The gated recursive convolutional encoder, grConv, of Cho et al. (2014b, arXiv 1409.1259).

Each level joins neighbours, so it is one position shorter than the level below; the one vector of the
last level, the apex, stands for the sentence. With l and r the left and right neighbour in level t-1:

    h^0_j     = U E x_j
    w         = softmax(G_l l + G_r r + b_w)            three weights: new, left, right
    h~        = tanh(W_l l + W_r r + b)
    h^t_j     = w_new h~ + w_left l + w_right r

Checked: the layer in GroundHog, the authors' code, has these equations, both biases, and the order of
the weights; it too takes a sentence's apex over its true tokens. From memory of the paper, unchecked:
that it has no biases, and that it is 2000 wide. The factor E (the word embedding) is as in our other
encoders. The decoder beside it is that of ``EncoderDecoder``, whose state has the apex' size.

    b batch   s source length   m embedding   d annotation (= n, hidden)   v vocabulary
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnbench.zoo.annotations import Annotations
from attnbench.zoo.padded import Padded, vectors, zeroed


class RecursiveConvolutionalEncoder(nn.Module):
    """A pyramid of gated joins; annotation i is the apex over the tokens 0 to i.

    So the last real annotation, which ``FixedVector`` takes, is the sentence's apex, and so is the
    summary. The work grows with the square of the length.
    """

    def __init__(self, vocabulary: int, embedding: int, hidden: int) -> None:
        """Make the embedding (v, m), U (d, m), and G over W, each (3 + d, d), for either neighbour."""
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.inputs = nn.Linear(embedding, hidden, bias=False)
        self.left = nn.Linear(hidden, 3 + hidden, bias=False)
        self.right = nn.Linear(hidden, 3 + hidden)
        self.annotation = hidden

    def forward(self, inputs: Padded) -> Annotations:
        """Encode word ids (b, s).

        Position j of level t covers the tokens j to j + t, so position 0 never sees the padding after them.
        """
        mask = inputs.mask
        both = torch.cat([self.left.weight, self.right.weight])  # one product for both neighbours
        level = self.inputs(vectors(self.embedding, *inputs))  # [b, s, d]
        apexes = [level[:, 0]]
        while level.shape[1] > 1:
            level = self._join(level, both)
            apexes.append(level[:, 0])
        states = zeroed(torch.stack(apexes, dim=1), mask)
        last = mask.sum(dim=1).clamp(min=1) - 1
        return Annotations(states, mask, states[torch.arange(len(last), device=last.device), last])

    def _join(self, level: Tensor, both: Tensor) -> Tensor:
        """Return the next level (b, s - 1, d) of a level (b, s, d)."""
        left, right = F.linear(level, both).chunk(2, dim=-1)  # [b, s, 3 + d] each
        summed = left[:, :-1] + right[:, 1:] + self.right.bias
        new, keep_left, keep_right = torch.softmax(summed[..., :3], dim=-1).split(1, dim=-1)
        candidate = torch.tanh(summed[..., 3:])
        return new * candidate + keep_left * level[:, :-1] + keep_right * level[:, 1:]
