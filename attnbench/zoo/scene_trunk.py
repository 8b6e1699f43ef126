"""A small convolutional network that sees what stands in each cell of a picture.

Each of 8 x 8 cells sees 46 x 46 of the 64 x 64 pixels, its own 8 x 8 in the middle.

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

    Batch normalisation stands between a convolution and its ReLU: without it a short training learns colours
    and hardly any shape. ``folded`` gives the trunk without it.
    """

    def __init__(self, attributes: Sequence[int], channels: int = 64) -> None:
        """Make the weights for attributes of so many values each; c = ``channels``, a multiple of 4.

        Filters start as He et al. (2015) have them for ReLU.
        """
        super().__init__()
        self.layers = _layers(channels)
        widths = [3, *(layer.out_channels for layer in self.layers)]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(
                width, layer.out_channels, layer.kernel, layer.stride, (layer.kernel - 1) // 2, bias=False
            )
            for width, layer in zip(widths, self.layers, strict=False)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(layer.out_channels) for layer in self.layers)
        self.something = nn.Conv2d(channels, 1, 1)
        self.attributes = nn.ModuleList(nn.Conv2d(channels, values, 1) for values in attributes)
        for convolution in self.convolutions:
            nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")  # type: ignore[arg-type]

    def forward(self, pictures: Tensor) -> Seen:
        """Tell from pictures (b, 3, 8 h, 8 w) what is in each cell."""
        maps = self.shared(pictures)
        return Seen(self.something(maps).squeeze(1), tuple(head(maps) for head in self.attributes))

    def shared(self, pictures: Tensor) -> Tensor:
        """Return what all heads see, (b, c, h, w), not negative."""
        maps = pictures
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            maps = F.relu_(norm(convolution(maps)))
        return maps

    @torch.no_grad()
    def folded(self, scale: float = 1.0) -> LayeredNetwork:
        """Return the trained trunk as a network of layers, which gives ``scale`` times what the heads see."""
        network = LayeredNetwork(self.layers)
        named = zip(network.named().values(), self.convolutions, self.norms, strict=True)
        for layer, convolution, norm in named:
            slope = norm.weight * (norm.running_var + norm.eps).rsqrt()  # type: ignore[operator]
            layer.weight.copy_(convolution.weight * slope.view(-1, 1, 1, 1))  # type: ignore[operator]
            layer.bias.copy_(norm.bias - norm.running_mean * slope)  # type: ignore[operator, union-attr]
        layer.weight.mul_(scale)
        layer.bias.mul_(scale)  # type: ignore[union-attr]
        return network


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
    shapes = (
        (channels // 4, 4, 2),
        (channels // 2, 4, 2),
        (channels, 3, 1),
        (channels, 4, 2),
        (channels, 3, 1),
    )
    layers, read = [], PICTURE
    for number, (outputs, kernel, stride) in enumerate(shapes, 1):
        name = f"conv{number}"
        layers.append(Layer("conv", name, (read,), outputs, kernel, stride, padding="same", act="relu"))
        read = name
    return layers
