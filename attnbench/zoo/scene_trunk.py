"""A small convolutional network that sees what stands in each cell of a picture.

Each of 8 x 8 cells sees 26 x 26 of the 64 x 64 pixels, its own 8 x 8 in the middle.

    b batch   c channels   h, w rows and columns of cells, an eighth of the picture's   v values
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnbench.zoo.layered_network import PICTURE, Layer, LayeredNetwork


class Seen(NamedTuple):
    """What is in each cell."""

    something: Tensor
    """(b, h, w), the logit of there being anything at all."""
    attributes: tuple[Tensor, ...]
    """(b, v, h, w) an attribute, logits of its values."""


class SceneTrunk(nn.Module):
    """A trunk of convolutions, and above it a linear layer for each attribute and for there being something.

    What is shared stands in ``trunk``, a network of layers; its output is not negative.
    """

    def __init__(self, attributes: Sequence[int], channels: int = 64) -> None:
        """Make the weights for attributes of so many values each; c = ``channels``, a multiple of 4.

        Filters start as He et al. (2015) have them for ReLU, biases at zero.
        """
        super().__init__()
        self.trunk = LayeredNetwork(_layers(channels))
        self.something = nn.Conv2d(channels, 1, 1)
        self.attributes = nn.ModuleList(nn.Conv2d(channels, values, 1) for values in attributes)
        for layer in self.trunk.named().values():
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, pictures: Tensor) -> Seen:
        """Tell from pictures (b, 3, 8 h, 8 w) what is in each cell."""
        maps = self.trunk(pictures)
        return Seen(self.something(maps).squeeze(1), tuple(head(maps) for head in self.attributes))

    @torch.no_grad()
    def divide(self, by: float) -> None:
        """Divide what the trunk gives by a number above 0; the heads see what they saw."""
        last = self.trunk.named()[self.trunk.layers[-1].name]
        for parameter in (last.weight, last.bias):
            parameter.div_(by)  # type: ignore[union-attr]
        for head in (self.something, *self.attributes):
            head.weight.mul_(by)  # type: ignore[operator]


def loss(seen: Seen, attributes: Tensor) -> Tensor:
    """Return the cross-entropy a cell of there being something, and of its attributes where there is.

    Args:
        seen: of pictures.
        attributes: (b, attributes, h, w), whole numbers; -1 where nothing is.
    """
    there = attributes[:, 0] >= 0
    total = F.binary_cross_entropy_with_logits(seen.something, there.float(), reduction="sum")
    for logits, values in zip(seen.attributes, attributes.unbind(1), strict=True):
        total = total + F.cross_entropy(logits, values, ignore_index=-1, reduction="sum")
    return total / there.numel()


def _layers(channels: int) -> list[Layer]:
    """Return the trunk's layers; filters of even size at stride 2 keep a cell's view centred on it."""
    sizes = (
        (channels // 4, 4, 2),
        (channels // 4, 3, 1),
        (channels // 2, 4, 2),
        (channels, 4, 2),
        (channels, 1, 1),
    )
    layers, read = [], PICTURE
    for number, (outputs, kernel, stride) in enumerate(sizes, 1):
        name = f"conv{number}"
        layers.append(Layer("conv", name, (read,), outputs, kernel, stride, padding="same", act="relu"))
        read = name
    return layers
