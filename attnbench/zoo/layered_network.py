"""A convolutional network that is made of a list of layers, as a file describes them.

A layer is a mapping: ``op``, ``name``, ``input`` (the name of an earlier layer, or of several; ``input`` is
the picture), and what its ``op`` needs:

    conv              out_channels, kernel, stride, groups, padding, act   has a weight and a bias
    max_pool          kernel, stride, padding
    add               the sum of its inputs
    concat_channels   its inputs, one after the other
    global_avg_pool   the mean over all places

``padding`` is ``valid`` (none) or ``same``, as TensorFlow has it: n places become ceil(n / stride), and of
what is put around them for it the smaller half stands ahead. ``act`` is null, ``relu`` or ``relu6``. Other
entries are not read.

    b batch   c channels   h, w places of a picture, or of a map
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PICTURE = "input"
"""The name by which layers read the picture."""

OPS = ("conv", "max_pool", "add", "concat_channels", "global_avg_pool")
PADDINGS = ("valid", "same")
ACTS = (None, "relu", "relu6")

MOST = 10_000
"""The largest number that describes a layer; more is a slip."""

_WHOLE = {"conv": ("out_channels", "kernel", "stride", "groups"), "max_pool": ("kernel", "stride")}
"""What an op needs of whole numbers from 1."""


@dataclass(frozen=True)
class Layer:
    """One layer, its inputs by name."""

    op: str
    name: str
    inputs: tuple[str, ...]
    out_channels: int = 0
    kernel: int = 1
    stride: int = 1
    groups: int = 1
    padding: str = "valid"
    act: str | None = None

    @classmethod
    def of(cls, described: Any) -> Layer:
        """Return a layer as a file describes it; raise ``ValueError``, which names it, where it does not."""
        if not (isinstance(described, Mapping) and isinstance(described.get("name"), str)):
            raise ValueError(f"a layer needs a name, unlike {str(described)[:60]}")
        name, op, inputs = described["name"], described.get("op"), described.get("input")
        if op not in OPS:
            raise ValueError(f"layer {name} is {op!r}; an op is one of {', '.join(OPS)}")
        inputs = [inputs] if isinstance(inputs, str) else inputs
        if not (isinstance(inputs, list) and inputs and all(isinstance(one, str) for one in inputs)):
            raise ValueError(f"layer {name} needs an input: the name of a layer, or a list of names")
        read: dict[str, Any] = {key: described.get(key) for key in _WHOLE.get(op, ())}
        for key, value in read.items():
            if type(value) is not int or not 1 <= value <= MOST:
                raise ValueError(f"{key} of layer {name} is {value!r}; it must be a number from 1 to {MOST}")
        if op in _WHOLE:
            read |= {"padding": _among(described, "padding", PADDINGS)}
        if op == "conv":
            read |= {"act": _among(described, "act", ACTS)}
        return cls(op, name, tuple(inputs), **read)

    def described(self) -> dict[str, Any]:
        """Return the layer as ``of`` reads it."""
        sizes = {key: getattr(self, key) for key in _WHOLE.get(self.op, ())}
        padding = {"padding": self.padding} if self.op in _WHOLE else {}
        act = {"act": self.act} if self.op == "conv" else {}
        return {"op": self.op, "name": self.name, "input": list(self.inputs), **sizes, **padding, **act}


def _among(described: Mapping[str, Any], key: str, known: Sequence[str | None]) -> str | None:
    value = described.get(key)
    if value not in known:
        raise ValueError(f"{key} of layer {described['name']} is {value!r}; it is one of {known}")
    return value


def leading_to(layers: Sequence[Layer], name: str) -> list[Layer]:
    """Return what the layer of that name is computed from, and itself, in order.

    Raises ``ValueError`` for a layer that reads one which is not ahead of it, and for a name given twice.
    """
    seen = {PICTURE}
    for layer in layers:
        if missing := [one for one in layer.inputs if one not in seen]:
            raise ValueError(f"layer {layer.name} reads {missing[0]}, which is no layer ahead of it")
        if layer.name in seen:
            raise ValueError(f"two layers are called {layer.name}")
        seen.add(layer.name)
    needed, kept = {name}, []
    for layer in reversed(layers):
        if layer.name in needed:
            needed.update(layer.inputs)
            kept.append(layer)
    return kept[::-1]


class LayeredNetwork(nn.Module):
    """Runs a list of layers; what the last one gives is the output."""

    def __init__(self, layers: Sequence[Layer], channels: int = 3) -> None:
        """Make the weights for pictures of so many channels, with torch's own start.

        Raises ``ValueError`` where numbers of channels do not fit.
        """
        super().__init__()
        self.layers = tuple(layers)
        sizes, convolutions = {PICTURE: channels}, {}
        for layer in self.layers:
            read = [sizes[name] for name in layer.inputs]
            if layer.op == "conv":
                convolutions[layer.name] = _convolution(layer, read[0])
            sizes[layer.name] = _channels(layer, read)
        self._places = {name: place for place, name in enumerate(convolutions)}
        self.convolutions = nn.ModuleList(convolutions.values())
        self.size = sizes[self.layers[-1].name]
        """Channels of the output."""
        self._last = {name: layer.name for layer in self.layers for name in layer.inputs}
        """Of each layer the last one that reads it, after which its map is given up."""

    def named(self) -> dict[str, nn.Conv2d]:
        """Return the convolutions by the names of their layers, in order."""
        return {name: self._convolution(name) for name in self._places}

    def _convolution(self, name: str) -> nn.Conv2d:
        found = self.convolutions[self._places[name]]
        assert isinstance(found, nn.Conv2d)
        return found

    def forward(self, pictures: Tensor) -> Tensor:
        """Turn pictures (b, channels, h, w) into the last layer's maps (b, size, h', w')."""
        maps = {PICTURE: pictures}
        for layer in self.layers:
            maps[layer.name] = self._run(layer, [maps[name] for name in layer.inputs])
            for name in layer.inputs:
                if self._last[name] == layer.name:
                    maps.pop(name, None)
        return maps[self.layers[-1].name]

    def _run(self, layer: Layer, read: list[Tensor]) -> Tensor:
        if layer.op == "conv":
            found, (padded, padding) = self._convolution(layer.name), _padded(layer, read[0], 0.0)
            convolved = F.conv2d(padded, found.weight, found.bias, layer.stride, padding, groups=layer.groups)
            return _activated(convolved, layer.act)
        if layer.op == "max_pool":
            padded, padding = _padded(layer, read[0], float("-inf"))
            return F.max_pool2d(padded, layer.kernel, layer.stride, padding)
        if layer.op == "add":
            return torch.stack(read).sum(dim=0) if len(read) > 2 else read[0] + read[-1]
        if layer.op == "concat_channels":
            return torch.cat(read, dim=1)
        return read[0].mean(dim=(2, 3), keepdim=True)


def _convolution(layer: Layer, channels: int) -> nn.Conv2d:
    if channels % layer.groups or layer.out_channels % layer.groups:
        raise ValueError(
            f"layer {layer.name} has {layer.groups} groups, which do not divide its "
            f"{channels} channels in and {layer.out_channels} out"
        )
    return nn.Conv2d(channels, layer.out_channels, layer.kernel, layer.stride, groups=layer.groups)


def _channels(layer: Layer, read: Sequence[int]) -> int:
    """Return the channels of a layer's output from those of its inputs."""
    if layer.op == "concat_channels":
        return sum(read)
    if layer.op == "add" and len(set(read)) > 1:
        raise ValueError(f"layer {layer.name} adds maps of {read[0]} and {read[1]} channels")
    return layer.out_channels or read[0]


def _padded(layer: Layer, read: Tensor, value: float) -> tuple[Tensor, tuple[int, int]]:
    """Return a map with the padding that torch's layers lack, and what is left for them (rows, columns)."""
    if layer.padding == "valid":
        return read, (0, 0)
    rows, columns = (_same(places, layer.kernel, layer.stride) for places in read.shape[2:])
    even = all(ahead == behind for ahead, behind in (rows, columns))
    if even and 2 * max(rows[0], columns[0]) <= layer.kernel:  # a pool of torch's pads no more than that
        return read, (rows[0], columns[0])
    return F.pad(read, (*columns, *rows), value=value), (0, 0)


def _same(places: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return how many places TensorFlow pads ahead and behind."""
    total = max((-(-places // stride) - 1) * stride + kernel - places, 0)
    return total // 2, total - total // 2


def _activated(convolved: Tensor, act: str | None) -> Tensor:
    if act is None:
        return convolved
    return F.relu_(convolved) if act == "relu" else F.hardtanh_(convolved, 0.0, 6.0)
