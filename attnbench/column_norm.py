"""A bound on the incoming weights of each unit: the columns of a matrix from inputs to outputs."""

from __future__ import annotations

import torch
from torch import nn

from attnbench.zoo.word_vectors import WordVectors

LOOK_UPS = (nn.Embedding, WordVectors)


@torch.no_grad()
def bound(model: nn.Module, norm: float) -> None:
    """Scale the incoming weights of each unit that have a larger norm down to it, in place.

    Of a matrix (outputs, inputs), as torch has them, and of stacked gates these are the rows; of filters
    (filters, inputs, width) all numbers of a filter. A look-up table (words, numbers) is a matrix from words
    to numbers, so here they are the columns. Biases and other vectors stay as they are.
    """
    for module in model.modules():
        units = 1 if isinstance(module, LOOK_UPS) else 0
        for weight in module.parameters(recurse=False):
            if weight.dim() > 1 and weight.requires_grad:
                weight.renorm_(2, units, norm)
