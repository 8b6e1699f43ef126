"""Trained networks that make annotations of pictures, from a file of arrays or from torchvision.

n pictures
"""

from __future__ import annotations

import importlib
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from attnbench.errors import BadInput, first_line, reason
from attnbench.machine.files import read_json
from attnbench.zoo.layered_network import PICTURE, Layer, LayeredNetwork, leading_to

VGG = "torchvision:vgg19"
"""The paper's encoder, where torchvision is installed and may fetch its weights."""

VGG_BLOCKS = ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512))
"""Of the network of 19 layers: convolutions, and channels of each, ahead of each max-pool."""

FORM = "name a file NAME.npz of arrays LAYER.weight and LAYER.bias with layers.json beside it, or " + VGG

_DIVIDED = re.compile(r"(RGB|BGR), x/([0-9.]+) - ([0-9.]+)")
_CENTRED = re.compile(r"(RGB|BGR), 0\.\.255 minus \(([0-9.]+), ?([0-9.]+), ?([0-9.]+)\)")
"""How ``layers.json`` says what becomes of colours."""


@dataclass(frozen=True)
class Colours:
    """How a network wants the colours of a picture: (value - mean) / deviation, of values from 0 to 255."""

    order: str
    """``RGB`` or ``BGR``."""
    mean: Sequence[float]
    """Three, in that order."""
    deviation: Sequence[float]

    def of(self, pictures: np.ndarray) -> Tensor:
        """Turn pictures (n, side, side, 3) uint8, RGB, into the network's (n, 3, side, side), float32."""
        seen = torch.from_numpy(pictures).permute(0, 3, 1, 2).float()  # a view of channels-last memory
        seen = seen.flip(1) if self.order == "BGR" else seen
        mean, deviation = (torch.tensor(three).view(3, 1, 1) for three in (self.mean, self.deviation))
        return ((seen - mean) / deviation).contiguous(memory_format=torch.channels_last)


def filed(path: Path, layer: str) -> tuple[LayeredNetwork, Colours]:
    """Return the network of a file of arrays, as ``layers.json`` beside it describes it."""
    if path.suffix != ".npz":
        raise BadInput(f"data.encoder: {path} is no NAME.npz; {FORM}")
    described = path.with_name("layers.json")
    try:
        try:
            layers, colours = _described(read_json(described), path.stem)
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{described} cannot be used: {first_line(error)}; {FORM}") from error
        network = _network(layers, layer, str(described))
        put(network, _arrays(path, network))
    except OSError as error:
        raise BadInput(f"{error.filename or path} cannot be read: {reason(error)}; {FORM}") from error
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BadInput(f"{path} cannot be used: {first_line(error)}; {FORM}") from error
    return network, colours


def _described(held: Any, name: str) -> tuple[list[Layer], Colours]:
    """Return the layers of one of the models of ``layers.json``, and how it wants colours."""
    if not (isinstance(held, dict) and isinstance(held.get("models"), dict)):
        raise ValueError("it is no object with an entry models")
    model = held["models"].get(name)
    if model is None:
        raise ValueError(f"it has no model {name}, only {', '.join(held['models'])}")
    if not (isinstance(model, dict) and isinstance(model.get("layers"), list) and model["layers"]):
        raise ValueError(f"its model {name} has no list of layers")
    return [Layer.of(layer) for layer in model["layers"]], _colours(model.get("input"))


def _colours(text: Any) -> Colours:
    """Read how a file says it: ``RGB, x/127.5 - 1`` or ``BGR, 0..255 minus (103.9,116.8,123.7)``."""
    if (found := _DIVIDED.match(str(text))) and float(found[2]):
        by, less = float(found[2]), float(found[3])
        return Colours(found[1], [by * less] * 3, [by] * 3)
    if found := _CENTRED.match(str(text)):
        return Colours(found[1], [float(found[place]) for place in (2, 3, 4)], [1.0] * 3)
    raise ValueError(f"its input is {text!r}; write `RGB, x/A - B` or `BGR, 0..255 minus (A,B,C)`")


def _network(layers: Sequence[Layer], layer: str, where: str) -> LayeredNetwork:
    """Return the network up to a layer, by default the last that keeps places; its weights take no memory.

    So one that is described larger than any machine is refused for the shapes of its arrays, see ``put``.
    """
    names = [one.name for one in layers]
    pools = (place for place, one in enumerate(layers) if one.op == "global_avg_pool")
    last = names[next(pools, len(names)) - 1]
    if layer and layer not in names:
        raise BadInput(f"{where} has no layer {layer!r}; set data.layer to one of: {', '.join(names)}")
    try:
        with torch.device("meta"):
            return LayeredNetwork(leading_to(layers, layer or last))
    except ValueError as error:
        raise BadInput(f"{where} cannot be used: {first_line(error)}; {FORM}") from error


def _arrays(path: Path, network: LayeredNetwork) -> dict[str, Tensor]:
    """Return the arrays of a file that a network needs; pickled ones are refused."""
    wanted = {f"{name}.{kind}" for name in network.named() for kind in ("weight", "bias")}
    with path.open("rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError("it is no archive of arrays as numpy.savez writes it, or cut short")
    with np.load(path, allow_pickle=False) as held:
        return {key: torch.from_numpy(_numbers(key, held[key])) for key in held.files if key in wanted}


def _numbers(key: str, array: np.ndarray) -> np.ndarray:
    """Return an array in float32; raise ``ValueError`` for what is no number there."""
    if array.dtype.kind in "fiu":
        with np.errstate(over="ignore"):
            array = array.astype(np.float32)
        if np.isfinite(array).all():
            return array
    raise ValueError(f"{key} holds what is no number of 32 bits")


def torchvision(layer: str) -> tuple[LayeredNetwork, Colours]:
    """Return torchvision's network of 19 layers with its weights; the layer is conv5_4 unless named."""
    try:
        models = importlib.import_module("torchvision.models")
    except ModuleNotFoundError as error:
        raise BadInput(f"{VGG} needs torchvision: pip install 'attnbench[vision]'") from error
    except (ImportError, OSError, RuntimeError) as error:  # of another build than torch
        raise BadInput(
            f"torchvision cannot be used: {first_line(error)}; install the build of torch"
        ) from error
    network = _network(vgg_layers(), layer, VGG)
    try:
        held = models.VGG19_Weights.IMAGENET1K_V1.get_state_dict(check_hash=True, weights_only=True)
    except (OSError, RuntimeError) as error:
        raise BadInput(f"the weights of {VGG} cannot be fetched: {first_line(error)}; {FORM}") from error
    put(network, vgg_weights(held))
    deviation, mean = (0.229, 0.224, 0.225), (0.485, 0.456, 0.406)  # as torchvision says for its weights
    return network, Colours("RGB", *([255 * one for one in three] for three in (mean, deviation)))


def vgg_layers() -> list[Layer]:
    """Return the layers conv1_1, conv1_2, pool1, ... conv5_4: 3 x 3 filters with ReLU, maxima of 2 x 2."""
    layers, read = [], PICTURE
    for block, (count, channels) in enumerate(VGG_BLOCKS, 1):
        if block > 1:
            layers.append(Layer("max_pool", f"pool{block - 1}", (read,), kernel=2, stride=2))
            read = layers[-1].name
        for number in range(1, count + 1):
            name = f"conv{block}_{number}"
            layers.append(Layer("conv", name, (read,), channels, 3, padding="same", act="relu"))
            read = name
    return layers


def vgg_weights(held: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return torchvision's weights, ``features.PLACE.weight``, by the names of ``vgg_layers``."""
    names = [layer.name for layer in vgg_layers() if layer.op == "conv"]
    places = sorted({int(key.split(".")[1]) for key in held if key.startswith("features.")})
    return {
        f"{name}.{kind}": held[f"features.{place}.{kind}"]
        for name, place in zip(names, places, strict=True)
        for kind in ("weight", "bias")
    }


def put(network: LayeredNetwork, weights: Mapping[str, Tensor]) -> None:
    """Put weights into a network's layers: LAYER.weight (out, in / groups, rows, columns), LAYER.bias (out,).

    Raises ``ValueError`` for one that is missing, or of another shape.
    """
    for name, layer in network.named().items():
        for kind in ("weight", "bias"):
            key, held = f"{name}.{kind}", getattr(layer, kind)
            if key not in weights:
                raise ValueError(f"it has no array {key}")
            if weights[key].shape != held.shape:
                raise ValueError(f"{key} is {_shape(weights[key])}, where the layer needs {_shape(held)}")
            setattr(layer, kind, nn.Parameter(weights[key]))


def _shape(tensor: Tensor) -> str:
    return " x ".join(map(str, tensor.shape))
