"""Frames of sound against a slow transcription of Kaldi's, and where labels lie in them, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from attnbench.tasks.recognition import frames

RATE, WINDOW, PADDED = 16_000, 400, 512
EPSILON = np.finfo(np.float32).eps


def sound(samples: int, seed: int = 0) -> np.ndarray:
    """Noise over a tone that rises, off centre, with some silence in it."""
    rng = np.random.default_rng(seed)
    time = np.arange(samples) / RATE
    wave = 300 * rng.normal(size=samples) + 3000 * np.sin(2 * np.pi * (200 + 900 * time) * time) + 150
    wave[samples // 3 : samples // 2] = 0
    return wave.astype(np.int16)


def mirrored(place: int, samples: int) -> int:
    while not 0 <= place < samples:
        place = -place - 1 if place < 0 else 2 * samples - 1 - place
    return place


def mel(hertz: float) -> float:
    return 1127 * np.log(1 + hertz / 700)


def kaldi_frame(wave: np.ndarray, middle: int, banks: int) -> list[float]:
    """Log energy and log filter banks of one window, as feature-window.cc and mel-computations.cc do it."""
    first = middle - WINDOW // 2
    window = np.array([float(wave[mirrored(first + i, len(wave))]) for i in range(WINDOW)])
    window -= window.mean()
    energy = np.log(max(np.dot(window, window), EPSILON))
    for i in range(WINDOW - 1, 0, -1):
        window[i] -= 0.97 * window[i - 1]
    window[0] -= 0.97 * window[0]
    povey = [(0.5 - 0.5 * np.cos(2 * np.pi * i / (WINDOW - 1))) ** 0.85 for i in range(WINDOW)]
    power = np.abs(np.fft.rfft(window * povey, PADDED)) ** 2
    low, high = mel(20), mel(RATE / 2)
    step = (high - low) / (banks + 1)
    found = [energy]
    for bank in range(banks):
        left, centre, right = (low + (bank + edge) * step for edge in range(3))
        total = 0.0
        for place in range(PADDED // 2):
            at = mel(place * RATE / PADDED)
            if left < at < right:
                up, down = (at - left) / (centre - left), (right - at) / (right - centre)
                total += power[place] * (up if at <= centre else down)
        found.append(np.log(max(total, EPSILON)))
    return found


def kaldi_deltas(static: np.ndarray) -> np.ndarray:
    """First and second differences of frames behind them, as delta-features.cc does it."""
    scales = [np.ones(1)]
    for _ in range(2):
        longer = np.zeros(len(scales[-1]) + 4)
        for j in range(-2, 3):
            for k, value in enumerate(scales[-1]):
                longer[j + 2 + k] += j * value / 10
        scales.append(longer)
    last = len(static) - 1
    return np.array([
        np.concatenate([
            sum(scale * static[min(max(t + place - len(scaled) // 2, 0), last)]
                for place, scale in enumerate(scaled))
            for scaled in scales
        ])
        for t in range(len(static))
    ])  # fmt: skip


@pytest.mark.parametrize(("samples", "shift_ms", "banks"), [(2700, 10, 40), (2700, 12.5, 23), (3001, 30, 8)])
def test_frames_are_kaldis(samples: int, shift_ms: float, banks: int) -> None:
    wave, step = sound(samples), round(16 * shift_ms)
    count = (samples + step // 2) // step
    static = np.array([kaldi_frame(wave, i * step + step // 2, banks) for i in range(count)])
    found = frames.filterbanks(wave, shift_ms=shift_ms, mel=banks)
    assert found.dtype == np.float32 and found.shape == (count, frames.size(banks))
    np.testing.assert_allclose(found, kaldi_deltas(static), rtol=0, atol=2e-3)
    assert np.ptp(static, axis=0).min() > 1, "the sound moves every number"


def test_a_sound_has_the_frames_that_are_counted() -> None:
    """Whole shifts and one more where half of one is left; less than half a shift has none."""
    assert frames.counts([0, 79, 80, 160, 239, 240], 10).tolist() == [0, 0, 1, 1, 1, 2]
    for shift_ms in (*range(5, 41), 12.5, 10 / 3):
        samples = np.array([1, 700, 1234])
        found = [len(frames.filterbanks(np.ones(n, np.int16), shift_ms=shift_ms, mel=4)) for n in samples]
        assert found == frames.counts(samples, shift_ms).tolist()
    assert frames.filterbanks(np.zeros(50, np.int16), shift_ms=10, mel=4).shape == (0, 15)


def test_spans_by_hand() -> None:
    """The third label ends before the middle of a frame; the last one goes on beyond the sound."""
    ends = [160, 480, 500, 700, 900]
    assert frames.spans(ends, 800, 10).tolist() == [[0, 1], [1, 3], [3, 4], [3, 4], [4, 5]]
    assert frames.spans(ends, 800, 20).tolist() == [[0, 1], [1, 2], [2, 3], [2, 3], [2, 3]]
    assert frames.spans([800], 800, 10).dtype == np.int32


def test_every_span_has_a_frame_and_together_they_have_all() -> None:
    rng = np.random.default_rng(0)
    for shift_ms in (10, 12.5, 40):
        ends = np.cumsum(rng.integers(1, 900, 40))
        spans = frames.spans(ends.tolist(), int(ends[-1]), shift_ms)
        assert (spans[:, 0] < spans[:, 1]).all() and (np.diff(spans, axis=0) >= 0).all()
        covered = {frame for first, end in spans.tolist() for frame in range(first, end)}
        assert covered == set(range(frames.counts([int(ends[-1])], shift_ms)[0]))


def test_a_label_is_heard_in_its_span() -> None:
    """Silence, then noise from sample 8000 on: the windows of frames 48 and 51 do not reach over the edge."""
    wave = np.zeros(16_000, np.int16)
    wave[8000:] = np.random.default_rng(0).integers(-3000, 3000, 8000)
    (_, end), (begin, _) = frames.spans([8000, 16_000], 16_000, 10).tolist()
    energy = frames.filterbanks(wave, shift_ms=10, mel=8)[:, 0]
    assert (end, begin, len(energy)) == (50, 50, 100)
    assert energy[: end - 1].max() < -15 and energy[begin:].min() > 15


def test_sounds_are_computed_side_by_side_and_kept_in_order() -> None:
    sounds = [sound(900 + 300 * n, n) for n in range(7)]
    found = frames.of_all(sounds, shift_ms=10, mel=8)
    for wave, heard in zip(sounds, found, strict=True):
        assert np.array_equal(heard, frames.filterbanks(wave, shift_ms=10, mel=8))
