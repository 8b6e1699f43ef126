"""Every kind of file becomes the same mono, 16-bit samples, 16,000 a second; what is none is refused."""

import io
import struct

import numpy as np
import pytest
import soundfile

from attnbench.corpora.speech import sound


def written(samples: np.ndarray, kind: str, rate: int = 16_000, subtype: str | None = None) -> bytes:
    held = io.BytesIO()
    soundfile.write(held, samples, rate, format=kind, subtype=subtype)
    return held.getvalue()


def tone(seconds: float, rate: int, hertz: float = 440.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "NIST"])
def test_lossless_files_give_their_very_samples(kind: str) -> None:
    samples = np.array([0, 1, -1, 32767, -32768, 1234, -4321], np.int16)
    found = sound.decoded(written(samples, kind))
    assert found.samples.tolist() == samples.tolist() and found.samples.dtype == np.int16
    assert (found.rate, found.channels) == (16_000, 1)


def test_a_sphere_file_of_timits_kind_is_read() -> None:
    """The header is written by hand: 1024 bytes, then little-endian samples."""
    fields = ["channel_count -i 1", "sample_count -i 3", "sample_rate -i 16000", "sample_n_bytes -i 2",
              "sample_byte_format -s2 01", "sample_sig_bits -i 16", "end_head"]  # fmt: skip
    header = "\n".join(["NIST_1A", "   1024", *fields, ""]).encode().ljust(1024)
    assert sound.decoded(header + struct.pack("<3h", 5, -7, 300)).samples.tolist() == [5, -7, 300]


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_ogg_is_heard_though_not_to_the_bit(subtype: str) -> None:
    wave = tone(1, 16_000)
    found = sound.decoded(written(wave, "OGG", subtype=subtype))
    assert (len(found.samples), found.rate) == (16_000, 16_000)
    assert np.corrcoef(found.samples[1000:15_000], wave[1000:15_000])[0, 1] > 0.98


def test_other_widths_are_scaled_and_what_is_too_loud_is_cut() -> None:
    wave = np.array([0.5, -0.25, 1.5, -1.5])
    assert sound.decoded(written(wave, "WAV", subtype="FLOAT")).samples.tolist() == [
        16384, -8192, 32767, -32768,
    ]  # fmt: skip
    assert sound.decoded(written(wave[:2], "WAV", subtype="PCM_24")).samples.tolist() == [16384, -8192]


def test_channels_are_averaged() -> None:
    both = np.array([[100, 300], [-50, 50], [32767, 32767]], np.int16)
    found = sound.decoded(written(both, "FLAC"))
    assert found.samples.tolist() == [200, 0, 32767] and found.channels == 2


@pytest.mark.parametrize("rate", [8000, 44_100])
def test_other_rates_are_resampled(rate: int) -> None:
    found = sound.decoded(written(tone(0.5, rate), "WAV", rate))
    assert found.rate == rate and len(found.samples) == 8000
    inner = slice(500, 7500)  # the ends of a filtered sound are not those of an endless one
    assert np.abs(found.samples[inner] / 32768 - tone(0.5, 16_000)[inner]).max() < 0.003


def test_a_file_without_samples_is_empty_not_broken() -> None:
    assert len(sound.decoded(written(np.zeros(0, np.int16), "WAV", 8000)).samples) == 0


def test_what_is_no_sound_says_why() -> None:
    with pytest.raises(sound.Unreadable, match=r"Format not recogni[sz]ed"):
        sound.decoded(b"this is no sound")
    with pytest.raises(sound.Unreadable):
        sound.decoded(b"")
    noise = np.random.default_rng(0).integers(-9999, 9999, 40_000).astype(np.int16)
    whole = written(noise, "FLAC")
    with pytest.raises(sound.Unreadable):
        sound.decoded(whole[: len(whole) // 2])


@pytest.mark.parametrize("kind", ["WAV", "WAVEX", "NIST", "AIFF", "AU"])
def test_a_file_that_is_cut_short_is_not_taken_for_a_shorter_one(kind: str) -> None:
    whole = written(np.arange(600, dtype=np.int16), kind)
    with pytest.raises(sound.Unreadable, match=r"it ends after \d+ of \d+ (bytes|samples)$"):
        sound.decoded(whole[:-2])
    with pytest.raises(sound.Unreadable, match=r"it ends after \d+ of \d+ (bytes|samples)$"):
        sound.decoded(whole[: len(whole) - 900])


@pytest.mark.parametrize("loudest", [np.nan, np.inf, 101, 3e38, -(2**15)])
def test_samples_that_are_no_numbers_about_one_are_refused(loudest: float) -> None:
    """Such as whole numbers that were written as they are: all of them would be cut to 1 or -1."""
    for channels in (1, 2):
        wave = np.full((9, channels), loudest, np.float32)
        with pytest.raises(sound.Unreadable, match="where 1 is full scale"):
            sound.decoded(written(wave, "WAV", subtype="FLOAT"))


@pytest.mark.parametrize("rate", [1, 999, 768_001, 2**31 - 1])
def test_a_rate_that_no_recording_has_is_refused(rate: int) -> None:
    """Resampling from such ones takes all memory."""
    content = bytearray(written(np.zeros(9, np.int16), "WAV"))
    content[24:28] = struct.pack("<I", rate)
    with pytest.raises(sound.Unreadable, match=f"it has {rate} samples a second"):
        sound.decoded(bytes(content))


def test_more_than_is_read_at_once_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "_BLOCK", 100)
    for size in (99, 100, 250):
        samples = np.arange(size, dtype=np.int16)
        assert sound.decoded(written(samples, "FLAC")).samples.tolist() == samples.tolist()


def test_a_file_that_cannot_be_wound_back_is_read() -> None:
    wave = tone(0.5, 8000)
    found = sound.decoded(written(wave, "WAV", 8000, subtype="GSM610"))
    assert len(found.samples) >= 8000  # it holds whole blocks


def test_a_file_that_does_not_say_how_long_it_is_is_refused() -> None:
    content = bytearray(written(np.arange(600, dtype=np.int16), "FLAC"))
    content[21] &= 0xF0  # 36 bits of the header are the number of samples; 0 is unknown
    content[22:26] = bytes(4)
    with pytest.raises(sound.Unreadable, match="does not say how long it is"):
        sound.decoded(bytes(content))
    content[21:26] = bytes([content[21] | 0x0E, *[255] * 4])  # 64 thousand million are not asked for
    with pytest.raises(sound.Unreadable, match="does not say how long it is"):
        sound.decoded(bytes(content))
    piped = bytearray(written(np.arange(600, dtype=np.int16), "WAV"))
    piped[4:8] = piped[40:44] = bytes([255] * 4)
    with pytest.raises(sound.Unreadable, match="does not say how long it is"):
        sound.decoded(bytes(piped))


def test_levels_are_made_equal_as_far_as_the_peak_allows() -> None:
    square = np.array([1000, -1000] * 50, np.int16)
    assert sound.levelled(square).tolist() == [1638, -1638] * 50  # 0.05 of 32768
    click = np.zeros(10_000, np.int16)
    click[7] = -50
    assert np.flatnonzero(sound.levelled(click)).tolist() == [7] and sound.levelled(click)[7] == -32767
    assert sound.levelled(np.zeros(3, np.int16)).tolist() == [0, 0, 0]
