"""What turns a picture into annotations: a convolutional network that stays as it is.

n pictures   h, w the grid   L = h w cells   D numbers an annotation
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from attnbench.errors import BadInput
from attnbench.machine.files import read_json
from attnbench.zoo.layered_network import Layer, LayeredNetwork

BATCH = 16
"""Pictures at a time; more are no faster on a CPU, and larger maps leave its cache."""

_WEIGHTS, _DESCRIPTION = "encoder.safetensors", "encoder.json"


@dataclass(frozen=True)
class Colours:
    """How a network wants the colours of a picture: (value - mean) / deviation, of values from 0 to 255."""

    order: str
    """``RGB`` or ``BGR``."""
    mean: tuple[float, float, float]
    """In that order."""
    deviation: tuple[float, float, float]

    def of(self, pictures: np.ndarray) -> Tensor:
        """Turn pictures (n, side, side, 3) uint8, RGB, into the network's (n, 3, side, side), float32."""
        seen = torch.from_numpy(pictures).permute(0, 3, 1, 2).float()  # a view of channels-last memory
        seen = seen.flip(1) if self.order == "BGR" else seen
        mean, deviation = (torch.tensor(three).view(3, 1, 1) for three in (self.mean, self.deviation))
        return ((seen - mean) / deviation).contiguous(memory_format=torch.channels_last)


@dataclass(frozen=True, eq=False)
class Encoder:
    """A network with fixed weights, and what it sees of a picture."""

    network: LayeredNetwork
    """Its last layer's maps are the annotations."""
    colours: Colours
    side: int
    """Pixels of a side of the square picture that it sees."""
    pool: int = 1
    """So many by so many places of the network's map are averaged to a cell."""

    def __post_init__(self) -> None:
        """Fix the weights; raise ``BadInput`` where no whole cells come out."""
        self.network.requires_grad_(False).eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        height, width = self._places
        if height % self.pool or width % self.pool:
            raise BadInput(f"data.pool={self.pool} does not divide the encoder's {height} x {width} places")

    @cached_property
    def _places(self) -> tuple[int, int]:
        """The rows and columns of the network's map; nothing is computed for it."""
        shapes = copy.deepcopy(self.network).to("meta")
        try:
            maps = shapes(torch.empty(1, 3, self.side, self.side, device="meta"))
        except RuntimeError as error:
            raise BadInput(
                f"the encoder cannot see a picture of {self.side} x {self.side}; raise data.side"
            ) from error
        return maps.shape[2], maps.shape[3]

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of cells, (h, w)."""
        height, width = self._places
        return height // self.pool, width // self.pool

    @property
    def size(self) -> int:
        """Numbers an annotation, D."""
        return self.network.size

    @cached_property
    def identity(self) -> str:
        """The hash of all that decides the annotations of a picture: 16 hexadecimal digits."""
        found = hashlib.sha256(json.dumps(self._described(), sort_keys=True).encode())
        for tensor in self._weights().values():
            found.update(tensor.numpy().tobytes())
        return found.hexdigest()[:16]

    @torch.inference_mode()
    def annotate(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """Turn pictures, each (side, side, 3) uint8 RGB, into annotations (n, L, D) float16, row by row.

        Raises ``BadInput`` where a number is too large for 16 bits.
        """
        rows, columns = self.grid
        found = np.empty((len(pictures), rows * columns, self.size), np.float16)
        for start in range(0, len(pictures), BATCH):
            some = np.stack(pictures[start : start + BATCH])
            maps = F.avg_pool2d(self.network(self.colours.of(some)), self.pool)
            found[start : start + BATCH] = maps.permute(0, 2, 3, 1).flatten(1, 2).half().numpy()
        if not np.isfinite(found).all():
            raise BadInput(
                f"layer {self.network.layers[-1].name} of the encoder gives numbers that 16 bits cannot "
                "hold; name another in data.layer"
            )
        return found

    def save(self, folder: Path) -> None:
        """Write layers and weights into a folder."""
        save_file(self._weights(), folder / _WEIGHTS)
        (folder / _DESCRIPTION).write_text(json.dumps(self._described()), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Encoder:
        """Read what ``save`` wrote, to the bit."""
        held = read_json(folder / _DESCRIPTION)
        network = LayeredNetwork([Layer.of(layer) for layer in held["layers"]])
        put(network, load_file(folder / _WEIGHTS))
        colours = Colours(*(value if isinstance(value, str) else tuple(value) for value in held["colours"]))
        return cls(network, colours, held["side"], held["pool"])

    def _weights(self) -> dict[str, Tensor]:
        """Return the weights by name, rows of them one after the other."""
        return {
            f"{name}.{kind}": getattr(layer, kind).contiguous()
            for name, layer in self.network.named().items()
            for kind in ("weight", "bias")
        }

    def _described(self) -> dict[str, Any]:
        layers = [layer.described() for layer in self.network.layers]
        colours = list(asdict(self.colours).values())
        return {"layers": layers, "colours": colours, "side": self.side, "pool": self.pool}


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
            with torch.no_grad():
                held.copy_(weights[key])


def _shape(tensor: Tensor) -> str:
    return " x ".join(map(str, tensor.shape))
