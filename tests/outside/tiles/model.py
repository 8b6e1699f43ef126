"""An encoder of a grid, a mechanism, and a rule."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from attnbench.zoo.annotations import Annotations
from attnbench.zoo.attention import Mechanism, Memory, Sharpened, masked_softmax
from attnbench.zoo.attention.interface import Attended
from attnbench.zoo.encoder_decoder import EncoderDecoder
from tiles import TilesModel


class GridEncoder(nn.Module):
    """Cells have no order; all of them are real."""

    def __init__(self, cell: int, size: int, noise: float) -> None:
        super().__init__()
        self.annotation, self.noise = size, noise
        self.cells = nn.Linear(cell, size)

    def forward(self, grid: Tensor) -> Annotations:
        if self.training and self.noise:
            grid = grid + self.noise * torch.randn_like(grid)
        states = torch.tanh(self.cells(grid))
        return Annotations(states, torch.ones(grid.shape[:2], dtype=torch.bool), states.mean(dim=1))


class Nearest(Mechanism):
    """e = -|q - k|^2 / temperature."""

    align = True

    def __init__(self) -> None:
        super().__init__()
        self.sharper: Sharpened | None = None
        self.temperature: Tensor
        self.register_buffer("temperature", torch.ones(()))

    def prepare(self, annotations: Tensor, mask: Tensor) -> Memory:
        return Memory(keys=annotations, values=annotations, mask=mask)

    def forward(self, query: Tensor, memory: Memory, state: Any = None) -> Attended:
        assert memory.keys is not None
        energy = -torch.cdist(query, memory.keys).square() / self.temperature
        mask = memory.mask.unsqueeze(1)
        alignment = self.sharper(energy, mask)[0] if self.sharper else masked_softmax(energy, mask)
        return alignment @ memory.values, alignment, None


def attends(settings: TilesModel, features: Any) -> EncoderDecoder:
    size = settings.size
    encoder = GridEncoder(3, size, settings.noise)
    return EncoderDecoder(
        encoder, Nearest(), vocabulary=len(features), embedding=size, hidden=size, maxout=size
    )


def peaked(model: nn.Module) -> nn.Module:
    """A decoding's change of a trained mechanism."""
    if isinstance(model, EncoderDecoder):
        model.attention.sharper = Sharpened(beta=4.0)
    return model


class Silent(nn.Module):
    """The end symbol at once, whatever the picture."""

    attends = False

    def __init__(self, words: int, end: int) -> None:
        super().__init__()
        self.logits = torch.zeros(words).index_fill(0, torch.tensor(end), 9.0)

    def encode(self, grid: Tensor) -> Tensor:
        return grid

    def start(self, encoded: Tensor) -> Tensor:
        return encoded.new_zeros(len(encoded), 1, 1)

    def step(self, encoded: Tensor, state: Tensor, tokens: Tensor | None) -> tuple[Tensor, None, Tensor]:
        return self.logits.expand(*state.shape[:2], -1), None, state


def silent(settings: TilesModel, features: Any) -> Silent:
    from attnbench.corpora.text import END

    return Silent(len(features), END)
