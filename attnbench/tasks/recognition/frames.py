"""From sound to frames: log energy, log mel filter banks, and their differences, as Kaldi computes them.

A frame looks at 25 ms of sound. Frame i stands for the samples from i times the shift to i + 1 times it, in
whose middle its window lies; at either end the window reads the sound mirrored. So a sound has as many frames
as it has shifts, rounded, and where a label ends in samples tells where it ends in frames.

    n frames   m mel filter banks   f = 3 (m + 1) numbers a frame
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import kaldi_native_fbank as kaldi
import numpy as np

from attnbench.corpora.speech import RATE


def size(mel: int) -> int:
    """Return f, the numbers of a frame with so many mel filter banks."""
    return 3 * (mel + 1)


def shift(milliseconds: float) -> int:
    """Return the samples from one frame to the next."""
    return round(RATE * milliseconds / 1000)


def counts(samples: Sequence[int], shift_ms: float) -> np.ndarray:
    """Return how many frames each of so many samples has: its shifts, the last where half of it is there."""
    step = shift(shift_ms)
    return (np.asarray(samples, np.int64) + step // 2) // step


def spans(ends: Sequence[int], samples: int, shift_ms: float) -> np.ndarray:
    """Return where labels lie in the frames of a sound.

    Args:
        ends: the sample after the last one of each label; the first begins at 0, the others where the one
            before ends.
        samples: of the sound.
        shift_ms: milliseconds from one frame to the next.

    Returns:
        (labels, 2), 32 bits: the first frame of each label, and the frame after its last. A frame belongs to
        the label that the middle of its window lies in. A label too short for that has the one frame in
        which it begins.
    """
    *edges, frames = counts([0, *ends, samples], shift_ms).tolist()
    first = np.clip(edges[:-1], 0, max(frames - 1, 0))
    return np.stack([first, np.clip(edges[1:], first + 1, frames)], axis=1).astype(np.int32)


def filterbanks(sound: np.ndarray, *, shift_ms: float, mel: int) -> np.ndarray:
    """Return the frames (n, f) of a sound, 32 bits; the same whenever they are computed.

    Args:
        sound: (samples,), 16-bit whole numbers, ``RATE`` a second.
        shift_ms: milliseconds from one frame to the next.
        mel: filter banks, evenly spaced on the mel scale from 20 Hz to half the rate.

    The first m + 1 numbers of a frame are the log energy and the log filter banks (of the power spectrum; DC
    removed, pre-emphasis 0.97, no dither). Then come their first, then their second differences, each over
    two frames to either side, with the first and the last frame repeated beyond the ends.
    """
    options = kaldi.FbankOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.frame_shift_ms = 1000 * shift(shift_ms) / RATE
    options.frame_opts.dither = 0
    options.frame_opts.snip_edges = False
    options.mel_opts.num_bins = mel
    options.use_energy = True
    reader = kaldi.OnlineFbank(options)
    reader.accept_waveform(RATE, sound.astype(np.float32))
    reader.input_finished()
    frames = [reader.get_frame(place) for place in range(reader.num_frames_ready)]
    if not frames:  # less than half a shift
        return np.zeros((0, size(mel)), np.float32)
    differences: np.ndarray = kaldi.compute_deltas(kaldi.DeltaOptions(order=2, window=2), np.stack(frames))
    return differences


def of_all(sounds: Sequence[np.ndarray], *, shift_ms: float, mel: int) -> list[np.ndarray]:
    """Return the frames (n, f) of each sound, in order; the library lets threads compute side by side."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(partial(filterbanks, shift_ms=shift_ms, mel=mel), sounds))
