"""A voice made of sources and filters, and what it says; when it says each phone is known to the sample.

Phones of whole syllables (``phonotactics``) are given lengths, formants and levels by a speaker (``speaker``,
``score``); pulses and noise (``sources``) go through filters that move from one phone's targets to the
next's (``tract``, ``inventory``).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attnbench.corpora.speech.voice import phonotactics, score, sources, tract
from attnbench.corpora.speech.voice.speaker import Speaker

__all__ = ["LENGTHS", "Said", "Speaker", "say", "words"]

LENGTHS = (4, 14)
"""Fewest and most phones of an utterance, all as likely; silence is not counted."""

FULL = 2**15
PEAK = 0.9 * FULL
"""No sample is larger."""

_NEUTRAL = (500.0, 1500.0, 2500.0)
_ANY = (4000.0, 4000.0)


class Said(NamedTuple):
    """An utterance."""

    sound: NDArray[np.int16]
    phones: list[str]
    ends: list[int]
    """The sample after the last one of each phone."""


def words(rng: random.Random, inventory: int) -> list[str]:
    """Return what is said: some of the first ``inventory`` phones of ``inventory.ORDER``, and silence.

    The same state of ``rng`` gives the same phones.
    """
    fewest, most = LENGTHS
    return phonotactics.phrase(rng, fewest + int(rng.random() * (most - fewest + 1)), inventory)


def say(phones: Sequence[str], who: Speaker, rng: random.Random) -> Said:
    """Return the phones, of which one sounds at the least, as the speaker says them this time."""
    plan = score.written(phones, who, rng)
    samples = plan.ends[-1]
    return Said(_recorded(_spoken(plan, who, rng, samples), who, rng), list(phones), plan.ends)


def _spoken(plan: score.Score, who: Speaker, rng: random.Random, samples: int) -> score.Array:
    """Return the speech alone, a vowel's power being about 1."""
    voiced = score.levels(plan, "voice")
    breath = score.levels(plan, "breath") + voiced * 10 ** (who.breath / 20)
    source = voiced * sources.voice(rng, sources.contour(rng, samples, who.pitch))
    source += breath * sources.noise(rng, samples)
    hiss = tract.pieces(score.levels(plan, "hiss") * sources.noise(rng, samples))
    at = tract.centres(samples)
    lowest = score.track(plan, [part.formants for part in plan.parts], at, _NEUTRAL)
    width = score.track(plan, [part.formants and (part.width,) for part in plan.parts], at, (1.0,))
    band = score.track(plan, [part.band for part in plan.parts], at, _ANY)
    sound = tract.spectra(tract.pieces(source)) * tract.formants(lowest, width, who.tract)
    hissed = hiss.any(axis=1)  # most pieces have none
    sound[hissed] += tract.spectra(hiss[hissed]) * tract.bands(band[hissed])
    return tract.together(sound, samples)


def _recorded(speech: score.Array, who: Speaker, rng: random.Random) -> NDArray[np.int16]:
    """Return the speech in a noisy place, as loud as the speaker speaks or as a recording can be."""
    place = sources.noise(rng, len(speech) + 1)
    dull = rng.random()
    place = place[1:] + dull * place[:-1]
    power = np.mean(speech**2)
    heard = speech + place * np.sqrt(power / np.mean(place**2)) * 10 ** (-who.noise / 20)
    wanted = FULL * 10 ** (who.loudness / 20) / np.sqrt(power)
    return np.rint(heard * min(wanted, PEAK / np.abs(heard).max())).astype(np.int16)
