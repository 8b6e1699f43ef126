"""The encoder of generated scenes: trained on what the generator knows of each cell, then left as it is.

Real pictures have networks that were trained on ImageNet's labels; for generated ones nobody has trained any,
so this stands in.

n scenes   h, w the grid
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from datasets import Dataset
from torch import Tensor

from attnbench.corpora.captions.pictures import decoded
from attnbench.corpora.captions.pictures import fitted as squared
from attnbench.corpora.captions.regions import coverage
from attnbench.corpora.captions.scenes import COLOURS, SHAPES, SIZES, TEXTURES
from attnbench.tasks.captioning.encoders import Encoder
from attnbench.tasks.captioning.networks import Colours
from attnbench.tasks.captioning.settings import CaptioningData
from attnbench.zoo.scene_trunk import SceneTrunk, loss

SIDE = 64
"""Pixels of a side of what is seen of a scene."""
GRID = (8, 8)
"""Rows and columns of cells."""
LEAST = 0.25
"""Of a cell, what is in it must cover so much."""
BATCH = 24
"""Scenes an update."""
RATE = 1e-2
"""The largest step of Adam's; it rises to it and falls again."""
HELD = 10
"""One scene of so many is held out."""
NAMED = {"shape": SHAPES, "colour": COLOURS, "texture": TEXTURES, "size": SIZES}
"""The attributes, and their values."""

GREY = Colours("RGB", [127.5] * 3, [63.75] * 3)
"""Colours from -2 to 2."""


def fitted(train: Dataset, settings: CaptioningData) -> tuple[Encoder, str]:
    """Return an encoder that is trained on scenes, and a note of how well it tells held-out ones.

    The labels are the generator's own: of each cell the shape, colour, texture and size of the region that
    covers most of it, if that is at least a quarter, and whether there is any. The annotations are the last
    layer that all of these share, scaled so that their mean square over the scenes is 1.

    Args:
        train: raw rows of generated scenes: ``picture``, ``regions``, ``attributes``.
        settings: ``seed`` and ``trunk_updates`` are read.

    The same rows and settings give the same weights, on one thread.
    """
    pictures, labels = _pictures(train), torch.from_numpy(_labels(train))
    held = np.arange(len(pictures)) % HELD == HELD - 1
    with _alone(settings.seed):
        trunk = SceneTrunk([len(values) for values in NAMED.values()])
        _train(trunk, pictures[~held], labels[~held], settings)
        trunk.eval()
        note = _note(trunk, pictures[held], labels[held])
        return Encoder(trunk.folded(1 / _size(trunk, pictures)), GREY, SIDE), note


@contextmanager
def _alone(seed: int) -> Iterator[None]:
    """Seed torch, and keep it to one thread: sums in another order would give other weights."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


def _pictures(scenes: Dataset) -> np.ndarray:
    """Return what is seen of scenes, (n, SIDE, SIDE, 3) uint8."""
    return np.stack([squared(decoded(one), SIDE, "squeeze")[0] for one in scenes["picture"]])


def _labels(scenes: Dataset) -> np.ndarray:
    """Return the attributes of what is in each cell, (n, attributes, h, w) int64; -1 where nothing is."""
    height, width = GRID
    found = np.full((len(scenes), height * width, len(NAMED)), -1)
    for labels, regions, attributes in zip(found, scenes["regions"], scenes["attributes"], strict=True):
        if regions:
            shares = coverage(regions, GRID)
            there = shares.max(axis=0) >= LEAST
            labels[there] = np.array(attributes)[shares.argmax(axis=0)[there]]
    return found.transpose(0, 2, 1).reshape(len(scenes), len(NAMED), height, width)


def _train(trunk: SceneTrunk, pictures: np.ndarray, labels: Tensor, settings: CaptioningData) -> None:
    trunk.train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.Adam(trunk.parameters())
    updates = settings.trunk_updates
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=updates + 1)
    order = _order(len(pictures), updates, settings.seed)
    for some in order:
        optimiser.zero_grad()
        loss(trunk(GREY.of(pictures[some])), labels[some]).backward()
        optimiser.step()
        schedule.step()


def _order(scenes: int, updates: int, seed: int) -> np.ndarray:
    """Return which scenes each update reads, (updates, batch): all in a new order, pass after pass."""
    random, batch = np.random.default_rng(seed), min(BATCH, scenes)
    passes = -(-updates * batch // scenes)
    order = np.concatenate([random.permutation(scenes) for _ in range(passes)])
    return order[: updates * batch].reshape(updates, batch)


@torch.no_grad()
def _size(trunk: SceneTrunk, pictures: np.ndarray) -> float:
    """Return the root of the mean square of what a trunk's heads see of some scenes."""
    squares = [trunk.shared(GREY.of(some)).square().mean() for some in _batches(pictures)]
    return max(float(torch.stack(squares).mean().sqrt()), 1e-6)


def _batches(pictures: np.ndarray) -> list[np.ndarray]:
    return np.array_split(pictures, -(-len(pictures) // BATCH))


@torch.no_grad()
def _note(trunk: SceneTrunk, pictures: np.ndarray, labels: Tensor) -> str:
    """Tell in a line what share of the cells of held-out scenes is told rightly."""
    if not len(pictures):
        return f"the encoder of scenes was tried on none: fewer than {HELD} train it"
    seen = [trunk(GREY.of(some)) for some in _batches(pictures)]
    something = torch.cat([one.something for one in seen]) > 0
    values = [torch.cat(parts).argmax(dim=1) for parts in zip(*(one.attributes for one in seen), strict=True)]
    there = labels[:, 0] >= 0
    shares = {"something there": (something == there).double().mean()}
    for number, (name, told) in enumerate(zip(NAMED, values, strict=True)):
        shares[name] = (told == labels[:, number])[there].double().mean()
    line = ", ".join(f"{name} {float(share):.3f}" for name, share in shares.items())
    return f"the encoder of scenes tells of the cells of {len(pictures)} held-out ones: {line}"
