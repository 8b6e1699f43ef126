"""What a speaker makes of a list of phones: parts with samples, and the tracks of every target over time."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attnbench.corpora.speech import RATE
from attnbench.corpora.speech.voice.inventory import SILENCE, SPOKEN, Part
from attnbench.corpora.speech.voice.speaker import Speaker

Array = NDArray[np.float64]

SPREAD = 0.55
"""A phone is up to e to the power of this longer or shorter than it is on average; 1.25 times is usual."""
DRIFT = 0.12
"""By how much of it a formant may miss its target."""
ACCENT = 4.0
"""By how many decibels each source of a phone may be louder or weaker than the table says."""
EDGES = (30.0, 100.0)
"""Shortest and longest silence before and behind the speech, in milliseconds, at any rate."""
PAUSES = (40.0, 250.0)
"""Shortest and longest silence within; where utterances are joined it is 0.11 to 0.25 s."""
TRANSITION = 0.025
"""Seconds, on either side of a boundary, in which formants move; less in short parts."""
FADE = 0.003
"""Seconds, on either side of a boundary, in which sources come and go."""


class Score(NamedTuple):
    """The parts of an utterance, one after the other."""

    parts: list[Part]
    bounds: Array
    """Samples: where each part begins, and where the last one ends."""
    ends: list[int]
    """The sample after the last one of each phone."""


def written(phones: Sequence[str], speaker: Speaker, rng: random.Random) -> Score:
    """Return how the speaker says the phones this time."""
    parts: list[Part] = []
    bounds, ends = [0], []
    for place, phone in enumerate(phones):
        silences = EDGES if place in (0, len(phones) - 1) else PAUSES
        for part in _silent(silences, rng) if phone == SILENCE else _said(phone, speaker, rng):
            parts.append(part)
            bounds.append(bounds[-1] + round(part.length * RATE / 1000))
        ends.append(bounds[-1])
    return Score(parts, np.array(bounds, dtype=float), ends)


def _silent(lengths: tuple[float, float], rng: random.Random) -> list[Part]:
    return [Part(lengths[0] + (lengths[1] - lengths[0]) * rng.random())]


def _said(phone: str, speaker: Speaker, rng: random.Random) -> list[Part]:
    """Return the phone's parts with lengths, formants and levels of this time."""
    longer = math.exp(SPREAD * (rng.random() + rng.random() - 1)) / speaker.rate
    louder = [ACCENT * (2 * rng.random() - 1) for _ in range(3)]
    moved = [(1 + DRIFT * (2 * rng.random() - 1)) / speaker.tract for _ in range(3)]
    return [_changed(part, longer, louder, moved) for part in SPOKEN[phone]]


def _changed(part: Part, longer: float, louder: Sequence[float], moved: Sequence[float]) -> Part:
    formants = part.formants
    if formants is not None:
        formants = formants[0] * moved[0], formants[1] * moved[1], formants[2] * moved[2]
    return part._replace(
        length=part.length * longer,
        formants=formants,
        voice=part.voice + louder[0],
        breath=part.breath + louder[1],
        hiss=part.hiss + louder[2],
    )


def levels(score: Score, source: str) -> Array:
    """Return the amplitude of a source (``voice``, ``breath``, ``hiss``) at each sample."""
    amplitudes = [10 ** (getattr(part, source) / 20) for part in score.parts]
    knots = _knots(score, np.full(len(amplitudes), FADE * RATE))
    return np.interp(np.arange(score.ends[-1]), knots, np.repeat(amplitudes, 2))


def track(
    score: Score, targets: Sequence[Sequence[float] | None], at: Array, usual: Sequence[float]
) -> Array:
    """Return targets at the samples ``at``, (samples, values), with transitions between the parts.

    Parts whose target is None are passed through on the way from what is before to what is behind; where no
    part has a target, it is ``usual``.
    """
    there = np.array([target is not None for target in targets])
    if not there.any():
        return np.tile(np.asarray(usual, dtype=float), (len(at), 1))
    margins = np.minimum(TRANSITION * RATE, 0.4 * np.diff(score.bounds))
    knots = _knots(score, margins).reshape(-1, 2)[there].ravel()
    values = np.array([target for target in targets if target is not None], dtype=float).repeat(2, axis=0)
    return np.stack([np.interp(at, knots, column) for column in values.T], axis=1)


def _knots(score: Score, margins: Array) -> Array:
    """Return two samples a part: where its targets are reached, and where they are left."""
    return np.stack([score.bounds[:-1] + margins, score.bounds[1:] - margins], axis=1).ravel()
