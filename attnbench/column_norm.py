"""A bound on the incoming weights of each unit: the columns of a matrix from inputs to outputs."""

from __future__ import annotations

import torch
from torch import nn

from attnbench.zoo.attention.additive import Additive
from attnbench.zoo.deep_bidirectional import BothWays
from attnbench.zoo.word_vectors import WordVectors

LOOK_UPS = (nn.Embedding, WordVectors)


@torch.no_grad()
def bound(model: nn.Module, norm: float) -> None:
    """Scale the incoming weights of each unit that have a larger norm down to it, in place.

    Of a matrix (outputs, inputs), as torch has them, and of stacked gates these are the rows; of filters
    (filters, inputs, width) all numbers of a filter. A look-up table (words, numbers) is a matrix from words
    to numbers, so here they are the columns. The vector that scores in additive attention is all that goes
    into one unit. Biases and first states stay as they are.
    """
    for module in model.modules():
        units = 1 if isinstance(module, LOOK_UPS) else 0
        for weight in module.parameters(recurse=False):
            into_one = isinstance(module, Additive)  # its only own weight
            matrix = weight.unsqueeze(0) if into_one else weight
            if matrix.dim() > 1 and weight.requires_grad and not isinstance(module, BothWays):
                matrix.renorm_(2, units, norm)
