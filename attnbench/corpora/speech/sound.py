"""Sound from files: wav, flac, ogg, opus and NIST sphere.

Whatever the recording has, what is returned is mono, 16-bit, ``RATE`` samples a second: channels are averaged
and other rates resampled.
"""

from __future__ import annotations

import io
import math
import re
from typing import NamedTuple

import numpy as np
import soundfile
from scipy.signal import resample_poly

from attnbench.corpora.speech import RATE

_FULL = 2**15
"""The integer that a sample of 1.0 is."""

_LEVEL = 0.05 * _FULL
"""The root mean square of a recording at the common level, -26 dB: speech has room above it."""

_LOUDEST = 100
"""The largest sample, where 1 is full scale, that is not taken for a whole number or noise."""

_SLOWEST, _FASTEST = 1_000, 768_000
"""Samples a second that a recording may have; others are those of a broken file, and take all memory."""

_BLOCK = 2**20
"""Samples read at once: what a broken file promises is not asked for."""

_UNKNOWN = 2**31 - 1
"""As many samples, or bytes, or more has a file that was written to a pipe, which says no better."""

_CUT = re.compile(r"(?:data|SSND|Data Size) *: ([0-9]+) \(should be ([0-9]+)\)")
"""What the library notes of a wav, aiff or au file that promises more bytes than there are, and reads on."""

_SPHERE = re.compile(rb"NIST_1A\n.*\nsample_count -i ([0-9]{1,15})\n", re.DOTALL)
"""How many samples a sphere file promises, which the library passes over."""


class Unreadable(Exception):
    """What is no sound that can be read; says why."""


class Sound(NamedTuple):
    """A recording, as it is used and as it was."""

    samples: np.ndarray
    """(samples,) of 16-bit integers, mono, ``RATE`` a second."""
    rate: int
    """Samples a second that the recording had."""
    channels: int


def decoded(content: bytes) -> Sound:
    """Return the sound in the bytes of a file; raise ``Unreadable`` where there is none.

    The kind of file is told by how it begins, not by its name.
    """
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            _require_whole(file, content)
            rate, promised, parts = file.samplerate, file.frames, [_part(file)]
            while len(parts[-1]):
                parts.append(_part(file))
    except soundfile.SoundFileError as error:
        raise Unreadable(" ".join(str(error).rpartition(">: ")[2].split())) from error
    waves = np.concatenate(parts)
    if len(waves) < promised:
        raise Unreadable(f"it ends after {len(waves)} of {promised} samples")
    loudest = np.abs(waves).max(initial=0)
    if not loudest <= _LOUDEST:  # nor is what is no number
        raise Unreadable(f"it holds a sample of {loudest:g}, where 1 is full scale")
    mono = waves.mean(axis=1) if waves.shape[1] > 1 else waves[:, 0]
    if rate != RATE and len(mono):
        shared = math.gcd(RATE, rate)
        mono = resample_poly(mono, RATE // shared, rate // shared)
    samples = np.clip(np.rint(mono * _FULL), -_FULL, _FULL - 1).astype(np.int16)
    return Sound(samples, rate, waves.shape[1])


def _part(file: soundfile.SoundFile) -> np.ndarray:
    """Return the next samples (samples, channels), none at the end."""
    part: np.ndarray = file.read(_BLOCK, dtype="float32", always_2d=True)
    return part


def _require_whole(file: soundfile.SoundFile, content: bytes) -> None:
    """Raise ``Unreadable`` for an opened file that is cut short, of no known length, too slow or too fast."""
    there, promised, unit = file.frames, file.frames, "samples"
    if cut := _CUT.search(file.extra_info):
        promised, there, unit = int(cut[1]), int(cut[2]), "bytes"
    elif sphere := _SPHERE.match(content[:1024]):
        promised = int(sphere[1])
    if promised >= _UNKNOWN:
        raise Unreadable("it does not say how long it is; write it to a file again, not to a pipe")
    if there < promised:
        raise Unreadable(f"it ends after {there} of {promised} {unit}")
    if not _SLOWEST <= file.samplerate <= _FASTEST:
        raise Unreadable(f"it has {file.samplerate} samples a second")


def levelled(samples: np.ndarray) -> np.ndarray:
    """Return a sound at the common level, or as near to it as its peak allows; silence stays as it is."""
    waves = samples.astype(np.float64)
    peak = np.abs(waves).max(initial=0)
    if not peak:
        return samples
    factor = min(_LEVEL / math.sqrt(np.square(waves).mean()), (_FULL - 1) / peak)
    levelled: np.ndarray = np.rint(waves * factor).astype(np.int16)
    return levelled
