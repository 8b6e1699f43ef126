"""The generated corpus of speech: columns, splits, sizes; it can be learnt, but not without error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset, DatasetDict

from attnbench.corpora import generated
from attnbench.corpora.speech import RATE, embedded
from attnbench.corpora.speech.voice.inventory import ORDER, SILENCE
from attnbench.errors import BadInput


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DatasetDict:
    return embedded.speech(seed=1, train=230, valid=20, test=60, scratch=tmp_path_factory.mktemp("speech"))


def sequences(split: Dataset) -> list[str]:
    return [labels.replace(SILENCE, "") for labels in split["labels"]]


def test_columns_and_sizes(made: DatasetDict) -> None:
    assert {name: len(split) for name, split in made.items()} == {"train": 230, "valid": 20, "test": 60}
    row = made["valid"][7]
    assert list(row) == ["id", "sound", "labels", "ends", "pieces"]
    assert row["id"] == "valid/7" and row["pieces"] == 1
    for row in made["test"]:
        labels, ends = row["labels"].split(), row["ends"]
        assert len(ends) == len(labels) and len(row["sound"]) == 2 * ends[-1]
        assert np.diff(ends, prepend=0).min() > 0.01 * RATE
        assert labels[0] == labels[-1] == SILENCE and set(labels) <= {SILENCE, *ORDER[:24]}
        assert 4 <= sum(label != SILENCE for label in labels) <= 14


def test_utterances_and_phones_last_as_long_as_in_speech(made: DatasetDict) -> None:
    """9 phones of 80 ms on average; a vowel 100, a stop 70."""
    lasted: dict[str, list[float]] = {}
    for row in made["train"]:
        times = np.diff(row["ends"], prepend=0) * 1000 / RATE
        for label, time in zip(row["labels"].split(), times, strict=True):
            lasted.setdefault(label, []).append(time)
    phones = [time for label, times in lasted.items() if label != SILENCE for time in times]
    assert 76 < np.mean(phones) < 90 and 25 < min(phones) < 45
    vowels = [time for label in ("aa", "iy", "uw", "eh", "ae", "ih", "er", "ah") for time in lasted[label]]
    stops = [time for label in "ptkbdg" for time in lasted[label]]
    assert 90 < np.mean(vowels) < 110 and 60 < np.mean(stops) < 80
    assert 8.4 < len(phones) / 230 < 9.6


def test_splits_share_no_sequence_and_tests_repeat_none(made: DatasetDict) -> None:
    train, valid, test = (set(sequences(made[name])) for name in ("train", "valid", "test"))
    assert not train & valid and not train & test and not valid & test
    assert len(valid) == 20 and len(test) == 60


def test_other_sizes_leave_the_tests_as_they_are() -> None:
    one = embedded.speech(seed=3, train=3, valid=2, test=3, inventory=8)
    more = embedded.speech(seed=3, train=6, valid=2, test=3, inventory=8)
    assert [more[name][:] for name in ("valid", "test")] == [one[name][:] for name in ("valid", "test")]
    assert more["train"][:3] == one["train"][:]
    fewer = embedded.speech(seed=3, train=3, valid=1, test=3, inventory=8)
    assert fewer["test"][:] == one["test"][:]


def test_a_seed_has_its_sounds_and_no_other_s() -> None:
    """The same on every machine, but for the rounding of sums of 64 bits: phones and times to the last."""
    one, again, other = (embedded.speech(seed=seed, train=2, valid=1, test=1) for seed in (5, 5, 6))
    assert {name: split[:] for name, split in one.items()} == {
        name: split[:] for name, split in again.items()
    }
    assert not set(other["train"]["sound"]) & set(one["train"]["sound"])
    assert list(one["test"]["labels"]) == ["sil f ih k s aa sil"]
    assert list(one["test"]["ends"]) == [[1566, 2293, 3262, 4253, 5605, 6801, 7515]]


def features(sound: bytes, ends: list[int]) -> np.ndarray:
    """Return the log energies of 20 bands, their mean taken off, in the 25 ms around each label's middle."""
    samples = np.pad(np.frombuffer(sound, "<i2").astype(float), 200)
    middles = (np.array([0, *ends[:-1]]) + ends) // 2 + 200
    pieces = samples[middles[:, None] + np.arange(-200, 200)] * np.hanning(400)
    power = np.abs(np.fft.rfft(pieces, 512)) ** 2
    edges = np.unique(np.geomspace(5, 257, 21).astype(int))
    energies = np.log(np.add.reduceat(power, edges[:-1], axis=1) + 1)
    return energies - energies.mean(axis=1, keepdims=True)


def test_the_nearest_mean_finds_most_phones_but_not_all(made: DatasetDict) -> None:
    """Of 25 labels; of each the middle alone is heard."""
    heard = {
        name: np.concatenate([features(row["sound"], row["ends"]) for row in made[name]])
        for name in ("train", "test")
    }
    labels = {name: np.array(" ".join(made[name]["labels"]).split()) for name in heard}
    names = np.unique(labels["train"])
    means = np.stack([heard["train"][labels["train"] == name].mean(0) for name in names])
    spread = np.mean([heard["train"][labels["train"] == name].std(0) for name in names], axis=0)
    far = (((heard["test"][:, None] - means) / spread) ** 2).sum(axis=2)
    right = (names[far.argmin(axis=1)] == labels["test"]).mean()
    assert len(names) == 25 and 0.6 < right < 0.9


def test_what_has_no_room_or_no_more_sequences_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match=r"disk, and .* is free; lower data\.limit or data\.test_count$"):
        embedded.speech(train=10**12, scratch=tmp_path)
    monkeypatch.setattr(generated, "TRIES", 20)
    monkeypatch.setattr(generated.Seen, "__contains__", lambda self, text: len(self._hashes) == 2)
    with pytest.raises(
        BadInput, match=r"^20 utterances in a row were there before: .*lower data\.test_count$"
    ):
        embedded.speech(train=1, valid=1, test=3)


def test_few_utterances_are_held_before_they_are_written(made: DatasetDict) -> None:
    """Sounds are large: a batch of the file has a hundred."""
    assert [len(batch) for batch in made["train"].data.table.column("id").chunks] == [100, 100, 30]
    size = Path(made["train"].cache_files[0]["filename"]).stat().st_size / 230
    assert embedded.BYTES < size < 2 * embedded.BYTES


def test_the_description_names_every_phone() -> None:
    text = embedded.description()
    assert "14 vowels and 24 consonants" in text and " ".join(ORDER) in text and "4 to 14 phones" in text
