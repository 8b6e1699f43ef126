"""The encoder of generated scenes: its labels by hand, and that it learns, the same each time."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from datasets import Dataset

from attnbench.corpora.captions import embedded
from attnbench.corpora.captions.regions import SIDE, packed
from attnbench.tasks.captioning import trunk
from attnbench.tasks.captioning.settings import CaptioningData

SETTINGS = CaptioningData(trunk_updates=60, seed=3)


@pytest.fixture(scope="module")
def scenes() -> Dataset:
    return embedded.scenes(3, train=120, valid=1, test=1)["train"]


def masked(rows: slice, columns: slice) -> bytes:
    mask = np.zeros((SIDE, SIDE), bool)
    mask[rows, columns] = True
    return packed(mask)


def test_a_cell_is_of_the_region_that_covers_most_of_it() -> None:
    first = masked(slice(0, 8), slice(0, 14))  # a cell, and three quarters of the next
    second = masked(slice(0, 8), slice(14, 18))  # the last quarter, and a quarter of a third
    third = masked(slice(56, 64), slice(62, 63))  # an eighth of the last
    rows = {
        "regions": [[first, second, third], []],
        "attributes": [[[1, 2, 3, 0], [4, 5, 0, 1], [6] * 4], []],
    }
    labels = trunk._labels(Dataset.from_dict(rows))
    assert labels.shape == (2, 4, 8, 8)
    assert labels[0, :, 0, 0].tolist() == [1, 2, 3, 0]
    assert labels[0, :, 0, 1].tolist() == [1, 2, 3, 0]
    assert labels[0, :, 0, 2].tolist() == [4, 5, 0, 1]
    assert (labels[0].reshape(4, 64)[:, 3:] == -1).all()
    assert (labels[1] == -1).all()


def test_updates_read_every_scene_equally_often() -> None:
    order = trunk._order(50, 25, seed=0)
    assert order.shape == (25, trunk.BATCH)
    assert (np.bincount(order.ravel()) == 12).all()
    assert sorted(order.ravel()[:50]) == list(range(50))
    assert trunk._order(5, 7, seed=0).shape == (7, 5)


def test_it_learns_what_it_is_told(scenes: Dataset) -> None:
    encoder, note = trunk.fitted(scenes, SETTINGS)
    assert (encoder.grid, encoder.size, encoder.side) == ((8, 8), 64, 64)
    told = {name: float(share) for name, share in re.findall(r"(\w+) ([01]\.\d{3})", note)}
    assert list(told) == ["there", "shape", "colour", "texture", "size"]
    assert "of the cells of 12 held-out ones" in note
    assert told["there"] > 0.93  # five cells of six hold nothing
    assert told["colour"] > 0.6  # of eight
    annotations = encoder.annotate(list(trunk._pictures(scenes))).astype(np.float32)
    assert np.square(annotations).mean() == pytest.approx(1, abs=0.02)
    assert annotations.min() == 0


def test_the_same_scenes_and_seed_give_the_same_encoder(scenes: Dataset) -> None:
    few, settings = scenes.select(range(12)), replace(SETTINGS, trunk_updates=3)
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    first = trunk.fitted(few, settings)[0].identity
    assert torch.get_num_threads() == threads
    assert (torch.get_rng_state() == state).all()
    torch.manual_seed(99)
    torch.set_num_threads(2)
    assert trunk.fitted(few, settings)[0].identity == first
    torch.set_num_threads(threads)
    assert trunk.fitted(few, replace(settings, seed=4))[0].identity != first


def test_few_scenes_leave_none_to_try_it_on(scenes: Dataset) -> None:
    note = trunk.fitted(scenes.select(range(3)), replace(SETTINGS, trunk_updates=1))[1]
    assert note == "the encoder of scenes was tried on none: fewer than 10 train it"
