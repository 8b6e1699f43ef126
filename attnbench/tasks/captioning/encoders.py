"""What turns a picture into annotations: a convolutional network that stays as it is.

n pictures   h, w the grid   L = h w cells   D numbers an annotation
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from attnbench.errors import BadInput, unknown
from attnbench.machine.files import read_json
from attnbench.machine.places import named
from attnbench.tasks.captioning.networks import FORM, VGG, Colours, filed, put, torchvision
from attnbench.tasks.captioning.settings import CaptioningData
from attnbench.zoo.layered_network import Layer, LayeredNetwork

BATCH = 16
"""Pictures at a time; more are no faster on a CPU, and larger maps leave its cache."""

USUAL = 224
"""Pixels of a side of a picture, of which memory has so many at a time."""

_WEIGHTS, _DESCRIPTION = "encoder.safetensors", "encoder.json"


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

    @property
    def together(self) -> int:
        """How many pictures are seen at a time: fewer where they are larger than usual, to bound memory."""
        return min(BATCH, max(1, BATCH * USUAL**2 // self.side**2))

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
        for start in range(0, len(pictures), self.together):
            some = np.stack(pictures[start : start + self.together])
            maps = F.avg_pool2d(self.network(self.colours.of(some)), self.pool)
            found[start : start + len(some)] = maps.permute(0, 2, 3, 1).flatten(1, 2).half().numpy()
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
        return cls(network, Colours(**held["colours"]), held["side"], held["pool"])

    def _weights(self) -> dict[str, Tensor]:
        """Return the weights by name, rows of them one after the other."""
        return {
            f"{name}.{kind}": getattr(layer, kind).contiguous()
            for name, layer in self.network.named().items()
            for kind in ("weight", "bias")
        }

    def _described(self) -> dict[str, Any]:
        layers = [layer.described() for layer in self.network.layers]
        return {"layers": layers, "colours": asdict(self.colours), "side": self.side, "pool": self.pool}


def opened(settings: CaptioningData) -> Encoder:
    """Return the encoder that ``data.encoder`` names; raise ``BadInput`` where it cannot be had."""
    if settings.encoder == VGG:
        network, colours = torchvision(settings.layer)
    elif settings.encoder.startswith("torchvision:"):
        raise unknown("data.encoder", settings.encoder, [VGG])
    elif settings.encoder:
        network, colours = filed(named(settings.encoder), settings.layer)
    else:
        raise BadInput(f"pictures need a network that makes annotations of them; set data.encoder: {FORM}")
    return Encoder(network, colours, settings.side, settings.pool)
