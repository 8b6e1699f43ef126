"""Filters that change over time: short pieces of a source, each through a filter of its own, are added up."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from attnbench.corpora.speech import RATE
from attnbench.corpora.speech.voice.sources import TILT

Array = NDArray[np.float64]
Spectra = NDArray[np.complex128]

HOP = 80
"""Samples from one filter to the next: 5 ms."""
POINTS = 6 * HOP
"""Of a transform: a piece has two hops, its echo four."""

UPPER = (3500.0, 4500.0)
"""Formants that all phones share, in Hz."""
BANDWIDTHS = (80.0, 95.0, 130.0, 200.0, 280.0)

_WINDOW = np.sin(np.arange(2 * HOP) * math.pi / (2 * HOP)) ** 2
_SOURCE = np.abs(np.fft.rfft(TILT, POINTS)) ** 2
_RISE = np.fft.rfft([1.0, -1.0], POINTS)


def centres(samples: int) -> Array:
    """Return the sample in the middle of each piece of a sound."""
    return np.arange(0, _padded(samples) + 1, HOP, dtype=float)


def _padded(samples: int) -> int:
    return -(-samples // HOP) * HOP


def formants(lowest: Array, width: Array, tract: float) -> Spectra:
    """Return the tract's responses (pieces, frequencies) to a voice; the power of what comes out is 1.

    Args:
        lowest: the lowest three formants in Hz, (pieces, 3).
        width: by how much their bandwidths are wider than usual, (pieces, 1).
        tract: its length; see ``Speaker``.
    """
    upper = np.broadcast_to(np.array(UPPER) / tract, (len(lowest), len(UPPER)))
    return _of_power_one(1 / _poles(np.hstack([lowest, upper]), width * BANDWIDTHS), _SOURCE)


def bands(band: Array) -> Spectra:
    """Return responses (pieces, frequencies) to white noise from (pieces, [middle, width]), of power 1."""
    middle, width = band[:, :1], band[:, 1:]
    return _of_power_one(_RISE / _poles(middle + width * [-0.25, 0.25], width * [0.5, 0.5]), np.ones(1))


def _poles(frequencies: Array, bandwidths: Array) -> Spectra:
    """Return the spectra of the polynomials with a pair of roots for each resonance (pieces, resonances)."""
    radius = np.exp(bandwidths * (-math.pi / RATE))
    linear = -2 * radius * np.cos(frequencies * (2 * math.pi / RATE))
    square = radius**2
    product = np.zeros((len(frequencies), 2 * frequencies.shape[1] + 1))
    product[:, 0] = 1
    for place in range(frequencies.shape[1]):
        before = product.copy()
        product[:, 1:] += linear[:, place, None] * before[:, :-1]
        product[:, 2:] += square[:, place, None] * before[:, :-2]
    return np.fft.rfft(product, POINTS)


def _of_power_one(response: Spectra, source: Array) -> Spectra:
    power = ((response.real**2 + response.imag**2) * source).mean(axis=1, keepdims=True)
    return response / np.sqrt(power)


def pieces(sound: Array) -> Array:
    """Return the overlapping pieces of a sound, (pieces, samples), faded at both ends."""
    padded = np.zeros(_padded(len(sound)) + 2 * HOP)
    padded[HOP : HOP + len(sound)] = sound
    hops = padded.reshape(-1, HOP)
    return np.hstack([hops[:-1] * _WINDOW[:HOP], hops[1:] * _WINDOW[HOP:]])


def spectra(of: Array) -> Spectra:
    """Return the spectra (pieces, frequencies) of pieces, with room for their echoes."""
    return np.fft.rfft(of, POINTS)


def together(filtered: Spectra, samples: int) -> Array:
    """Return the sound, of so many samples, that pieces with their echoes add up to."""
    echoes = np.fft.irfft(filtered, POINTS).reshape(len(filtered), -1, HOP)
    hops = np.zeros((len(echoes) + echoes.shape[1] - 1, HOP))
    for delay in range(echoes.shape[1]):
        hops[delay : delay + len(echoes)] += echoes[:, delay]
    return hops.ravel()[HOP : HOP + samples]
