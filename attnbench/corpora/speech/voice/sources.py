"""What is heard before any filter: a voice, and noise.

All chance comes from ``random.Random``, whose numbers are the same everywhere.
"""

from __future__ import annotations

import math
import random

import numpy as np
from numpy.typing import NDArray

from attnbench.corpora.speech import RATE

Array = NDArray[np.float64]

TILT = 0.93 ** np.arange(80)
"""The shape of a pulse: its spectrum falls by 6 decibels an octave."""
FALL = (0.05, 0.3)
"""By how many octaves the pitch sinks within an utterance, at least and at most."""
MELODY = 0.12
"""By how many octaves it moves up and down besides."""
JITTER = 0.015
"""By how much of a period a pulse may come early or late."""


def noise(rng: random.Random, number: int) -> Array:
    """Return white noise of variance 1."""
    whole = np.frombuffer(rng.randbytes(2 * number), dtype="<i2")
    return whole * (math.sqrt(3) / 2**15)


def contour(rng: random.Random, number: int, pitch: float) -> Array:
    """Return the pitch, in Hz, at each sample: sinking, with a slow movement; ``pitch`` is about its mean."""
    fall = FALL[0] + (FALL[1] - FALL[0]) * rng.random()
    height, turns, start = MELODY * rng.random(), 0.5 + 1.5 * rng.random(), 2 * math.pi * rng.random()
    place = np.arange(number) / number
    octaves = fall * (0.5 - place) + height * np.sin(start + 2 * math.pi * turns * place)
    return pitch * np.exp2(octaves)


def voice(rng: random.Random, pitch: Array) -> Array:
    """Return pulses of the voice, with the power of white noise of variance 1 times ``TILT``'s spectrum."""
    number = len(pitch)
    phase = np.cumsum(pitch) / RATE
    times = np.interp(np.arange(1, int(phase[-1]) + 1), phase, np.arange(number))
    periods = RATE / pitch[times.astype(int)]
    times = np.clip(times + periods * JITTER * noise(rng, len(times)) / math.sqrt(3), 0, number - 2)
    whole = times.astype(int)
    part = times - whole
    heights = np.sqrt(periods)
    pulses = np.bincount(whole, heights * (1 - part), number)
    pulses += np.bincount(whole + 1, heights * part, number)
    return np.convolve(pulses, TILT)[:number]
