"""Who speaks, where, and how fast: drawn for each utterance."""

from __future__ import annotations

import random
from typing import NamedTuple

PITCH = (80.0, 260.0)
TRACT = (0.85, 1.2)
RATE = (0.8, 1.25)
LOUDNESS = (-34.0, -18.0)
BREATH = (-38.0, -18.0)
NOISE = (15.0, 35.0)


class Speaker(NamedTuple):
    """What is the same throughout an utterance."""

    pitch: float
    """Hz, on average."""
    tract: float
    """Length of the vocal tract relative to that of the tables: formants are divided by it."""
    rate: float
    """How many times as fast as the tables say."""
    loudness: float
    """Decibels of the speech relative to full scale."""
    breath: float
    """Decibels of the noise that goes with the voice, relative to it."""
    noise: float
    """Decibels of the speech relative to the noise of the place."""


def draw(rng: random.Random) -> Speaker:
    """Return a speaker; who has a long tract tends to have a low voice."""
    size, own = rng.random(), rng.random()
    high = 1 - (2 * size + own) / 3
    return Speaker(
        pitch=PITCH[0] * (PITCH[1] / PITCH[0]) ** high,
        tract=_between(TRACT, size),
        rate=RATE[0] * (RATE[1] / RATE[0]) ** rng.random(),
        loudness=_between(LOUDNESS, rng.random()),
        breath=_between(BREATH, rng.random()),
        noise=_between(NOISE, rng.random()),
    )


def _between(span: tuple[float, float], place: float) -> float:
    return span[0] + (span[1] - span[0]) * place
