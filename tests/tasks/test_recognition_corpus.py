"""A corpus of speech made ready: frames, spans, labels and their numbers, joined test sets, what is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import datasets
import numpy as np
import pytest
import soundfile
import torch
from datasets import Dataset, DatasetDict, List, Value

from attnbench import corpora
from attnbench.corpora.text import Vocabulary
from attnbench.errors import BadInput
from attnbench.tasks.engine import Corpus
from attnbench.tasks.recognition import corpus as module
from attnbench.tasks.recognition import frames
from attnbench.tasks.recognition.corpus import Utterances
from attnbench.tasks.recognition.features import FLOOR, Features
from attnbench.tasks.recognition.settings import RecognitionData
from attnbench.tasks.split import mapped

CPU = torch.device("cpu")
SETTINGS = RecognitionData(mel=4, joined_per_count=0)
EMBEDDED = corpora.parse("embedded")
COLUMNS = datasets.Features({
    "id": Value("string"), "sound": Value("binary"), "labels": Value("string"),
    "ends": List(Value("int32")), "pieces": Value("int32"),
})  # fmt: skip


class Said(NamedTuple):
    labels: str
    samples: int


TRAIN = (Said("a b a", 1600), Said("c", 800), Said("b a", 2400))
VALID = (Said("a d d e", 1200),)
TEST = tuple(Said(f"a {'b ' * (n % 3)}c", 1200 + 40 * n) for n in range(16))


def wave(samples: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-3000, 3000, samples).astype("<i2")


def split(name: str, said: Sequence[Said], timed: bool = True) -> Dataset:
    """Utterances of noise whose labels are all as long; utterance i has the noise of seed i."""
    rows = []
    for place, (labels, samples) in enumerate(said):
        ends = np.linspace(0, samples, len(labels.split()) + 1)[1:].astype(int).tolist()
        row = {"id": f"{name}/{place}", "sound": wave(samples, place).tobytes(), "labels": labels}
        rows.append(row | {"ends": ends, "pieces": 1})
    made = Dataset.from_list(rows, features=COLUMNS)
    return made if timed else made.remove_columns("ends")


def speech(**sets: Sequence[Said]) -> DatasetDict:
    said = {"train": TRAIN, "valid": VALID, "test": TEST} | sets
    return DatasetDict({name.replace("_", "."): split(name, one) for name, one in said.items()})


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the embedded corpus is: ``corpus``, which a test may change; and ``asked`` with what."""
    held: dict[str, Any] = {"corpus": speech()}

    def made(seed: int, **asked: Any) -> DatasetDict:
        held["asked"] = {"seed": seed} | asked
        return DatasetDict(held["corpus"])

    monkeypatch.setattr(module.embedded, "speech", made)
    return held


def opened(work: Path, settings: RecognitionData = SETTINGS) -> Corpus:
    task = Utterances()
    return task.open(task.prepare(EMBEDDED, settings, work), settings)


def about(work: Path, settings: RecognitionData = SETTINGS) -> dict[str, Any]:
    folder = Utterances().prepare(EMBEDDED, settings, work)
    held: dict[str, Any] = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    return held


def heard(said: Sequence[Said]) -> list[np.ndarray]:
    sounds = [wave(one.samples, place) for place, one in enumerate(said)]
    return [frames.filterbanks(one, shift_ms=10, mel=4) for one in sounds]


def test_sound_becomes_normalised_frames_spans_and_numbers(given: Mapping, tmp_path: Path) -> None:
    """Mean and deviation are those of all training frames, in 64 bits, whatever the other splits hold."""
    corpus = opened(tmp_path)
    assert set(corpus.train.table.column_names) == {
        "id", "frames", "labels", "label_ids", "spans", "pieces", "seconds",
    }  # fmt: skip
    every = np.concatenate(heard(TRAIN)).astype(np.float64)
    np.testing.assert_allclose(corpus.features.mean, every.mean(axis=0), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(corpus.features.deviation, every.std(axis=0), rtol=1e-8)
    assert (corpus.features.size, corpus.features.mean_frames) == (15, 10)
    kept = corpus.valid["frames"] + corpus.train["frames"]
    for found, raw in zip(kept, heard(VALID) + heard(TRAIN), strict=True):
        normal = (raw - every.mean(axis=0)) / every.std(axis=0)
        np.testing.assert_allclose(np.array(found), normal, rtol=0, atol=1e-5)
    assert corpus.train["label_ids"] == [[2, 3, 2], [4], [3, 2]], "a, b by how often; then c"
    assert corpus.train["spans"] == [[[0, 3], [3, 7], [7, 10]], [[0, 5]], [[0, 8], [8, 15]]]
    assert corpus.valid["label_ids"] == [[2, 0, 0, 0]] and corpus.valid["labels"] == ["a d d e"]
    assert corpus.train["id"] == ["train/0", "train/1", "train/2"] and corpus.train["pieces"] == [1, 1, 1]
    assert corpus.train["seconds"] == pytest.approx([0.1, 0.05, 0.15])


def test_a_batch_ends_in_a_frame_of_zeros_and_in_the_end_symbol(given: Mapping, tmp_path: Path) -> None:
    train = opened(tmp_path).train
    assert train.lengths.tolist() == train.sizes("source").tolist() == [11, 6, 16]
    batch = train.batch(np.array([1, 0]), CPU)
    assert batch.source.values.shape == (2, 11, 15) and batch.source.values.dtype == torch.float32
    assert batch.source.mask.sum(dim=1).tolist() == [6, 11]
    assert not batch.source.values[0, 5:].any() and not batch.source.values[1, 10].any()
    assert batch.source.values[1, :10].tolist() == train["frames"][0]
    assert batch.target.values.tolist() == [[4, 1, 1, 1], [2, 3, 2, 1]]
    assert batch.target.mask.tolist() == [[True, True, False, False], [True] * 4]


def test_the_frame_shift_and_the_filter_banks_are_as_set(given: Mapping, tmp_path: Path) -> None:
    corpus = opened(tmp_path, replace(SETTINGS, frame_shift=20.0, mel=7))
    assert corpus.features.size == 24 and corpus.train.lengths.tolist() == [6, 4, 9]
    assert corpus.train["spans"][2] == [[0, 4], [4, 8]]


def test_features_are_kept_to_the_bit(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    features = Features(Vocabulary(["sh", "h#"]), rng.normal(size=6), rng.uniform(1, 2, 6), 300 / 7)
    features.save(tmp_path)
    loaded = Features.load(tmp_path)
    assert loaded.target == features.target and loaded.mean_frames == features.mean_frames
    assert np.array_equal(loaded.mean, features.mean)
    assert np.array_equal(loaded.deviation, features.deviation)


def test_what_hardly_varies_is_not_blown_up() -> None:
    """Of the two numbers of a frame one is always 7: normalised it is 0, and 1 beside it is 1000."""
    features = Features.fitted(Vocabulary([]), [np.array([[7, 0], [7, 2]]), np.array([[7, 4]])])
    assert features.mean.tolist() == [7, 2] and features.mean_frames == 1.5
    assert features.deviation == pytest.approx([FLOOR, np.sqrt(8 / 3)])
    assert features.normalised(np.array([[7, 2], [8, 2]], np.float32)).tolist() == [[0, 0], [1000, 0]]


@pytest.mark.parametrize(("phones", "labels"), [("given", 61), ("39", 39), ("spoken", 37)])
def test_features_without_a_corpus(phones: str, labels: int) -> None:
    features = Features.numbered(RecognitionData(phones=phones))
    assert (features.size, len(features.target)) == (123, labels + 2)


def test_utterances_with_fewer_frames_than_labels(given: dict[str, Any], tmp_path: Path) -> None:
    """Of the training set they are left out, before anything is fitted; of others kept; told of by id."""
    short = Said("x x x", 400)  # 25 ms: three frames at 10 ms, one at 20
    given["corpus"] = speech(train=(*TRAIN, short), test=(short, *TEST))
    assert "x" in opened(tmp_path / "a").features.target.words
    settings = replace(SETTINGS, frame_shift=20.0)
    corpus, told = opened(tmp_path / "b", settings), about(tmp_path / "b", settings)
    assert told["notes"][:2] == [
        "train: 1 utterances with fewer frames than labels left out: train/3",
        "test: 1 utterances with fewer frames than labels kept: test/0",
    ]
    assert told["examples"] == {"train": 3, "valid": 1, "test": 17}
    assert corpus.features.target.words[2:] == ("a", "b", "c") and len(corpus.train) == 3
    assert corpus.tests["test"]["label_ids"][0] == [0, 0, 0]
    assert corpus.tests["test"]["spans"][0] == [[0, 1]] * 3
    given["corpus"] = speech(train=[short])
    with pytest.raises(BadInput, match="no training utterance has as many frames as labels; lower"):
        Utterances().prepare(EMBEDDED, settings, tmp_path / "c")


def test_labels_that_training_lacks_are_counted(given: Mapping, tmp_path: Path) -> None:
    told = about(tmp_path)
    assert told["notes"] == [
        "valid: 3 labels that the training set lacks, read as the unknown label: d (2), e (1)"
    ]
    assert told["labels"] == 3
    assert told["seconds"] == {"train": 0.3, "valid": 0.1, "test": 1.5}


def test_joined_sets_are_made_of_the_main_test_set(given: dict[str, Any], tmp_path: Path) -> None:
    settings = replace(SETTINGS, joined_per_count=2, seed=3)
    corpus = opened(tmp_path, settings)
    assert list(corpus.tests) == ["test", "repeated", "mixed"]
    assert set(corpus.constructed) == {"repeated", "mixed"}
    repeated, mixed = corpus.tests["repeated"], corpus.tests["mixed"]
    assert repeated["pieces"] == mixed["pieces"] == [n for n in (1, 2, 3, 5, 8, 11, 15) for _ in range(2)]
    assert repeated["frames"][:2] == mixed["frames"][:2] != repeated["frames"][2:4]
    assert repeated["spans"][-1][-1][1] == len(repeated["frames"][-1]) == repeated.lengths[-1] - 1
    given["corpus"] = speech(dev=TEST)
    del given["corpus"]["test"]
    assert list(opened(tmp_path / "b", settings).tests) == ["dev", "repeated", "mixed"], "the first"
    assert set(opened(tmp_path / "b").constructed) == set()


def test_rows_are_few_at_a_time(given: dict[str, Any], tmp_path: Path) -> None:
    """No table, from the sound to the frames, holds more than sixteen."""
    given["corpus"] = speech(train=TRAIN * 12)
    folder = Utterances().prepare(EMBEDDED, SETTINGS, tmp_path)
    sizes = [len(chunk) for chunk in mapped(folder / "train.arrow")["frames"].chunks]
    assert sizes == [16, 16, 4]


def test_no_times_no_spans(given: dict[str, Any], tmp_path: Path) -> None:
    given["corpus"]["test"] = split("test", TEST, timed=False)
    corpus = opened(tmp_path)
    assert "spans" in corpus.train and "spans" not in corpus.tests["test"]


def test_readers_are_asked_as_set(
    given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = Utterances()
    settings = replace(SETTINGS, test_count=9, inventory=12, seed=4)
    task.read(EMBEDDED, replace(settings, limit=50))
    assert given["asked"] == {"seed": 4, "train": 50, "test": 9, "inventory": 12, "scratch": None}
    task.read(EMBEDDED, settings)
    assert "train" not in given["asked"], "as many as the corpus has by itself"
    asked: list[Any] = []

    def files(*args: Any, **more: Any) -> DatasetDict:
        asked.append((args, more))
        return speech()

    monkeypatch.setattr(module.files, "speech", files)
    monkeypatch.setattr(module.hub, "speech", lambda *args, **more: (files(*args, **more), "abc"))
    words = replace(SETTINGS, labels="words", strings=3, test=("a/b",), limit=7)
    task.read(corpora.parse(f"files:{tmp_path}"), words)
    assert asked.pop() == (
        (tmp_path, {"test": ("a/b",)}),
        {"labels": "words", "phones": "given", "strings": 3, "limit": 7, "scratch": None, "seed": 0},
    )
    task.read(corpora.parse("hub:some/set"), replace(SETTINGS, phones="39"))
    assert asked.pop() == (
        ("some/set", {}), {"labels": "phones", "phones": "39", "limit": None, "scratch": None}
    )  # fmt: skip
    with pytest.raises(BadInput, match=r"a test set cannot be called mixed, .* rename its split"):
        task.read(corpora.parse(f"files:{tmp_path}"), replace(SETTINGS, test=("parts/mixed",)))


def test_files_are_heard_as_the_corpus_was(given: Mapping, tmp_path: Path) -> None:
    """In order, some at a time; nothing is said in them yet."""
    corpus = opened(tmp_path / "work")
    paths = [tmp_path / f"{place}.wav" for place in range(18)]
    for place, path in enumerate(paths):
        soundfile.write(path, wave(TRAIN[place % 3].samples, place % 3), 16_000)
    first, second = Utterances().heard(paths, corpus)
    assert (len(first), len(second)) == (16, 2) and first["id"] + second["id"] == list(map(str, paths))
    assert first["frames"][:3] == corpus.train["frames"] and second["frames"][1] == corpus.train["frames"][2]
    assert first["labels"] == [""] * 16 and first["label_ids"] == [[]] * 16
    assert first.batch(np.array([0, 1]), CPU).target.values.tolist() == [[1], [1]]


def test_a_recording_has_the_level_that_joined_ones_had(given: Mapping, tmp_path: Path) -> None:
    """Twice as loud, it is heard as the same, but for rounding; without strings it is not."""
    corpus, loud = opened(tmp_path / "work"), wave(1600, 0).astype(np.int16)
    for name, factor in (("one", 1), ("two", 2)):
        soundfile.write(tmp_path / f"{name}.wav", loud * factor, 16_000)

    def energies(strings: int) -> list[float]:
        as_set = replace(corpus, settings=replace(SETTINGS, strings=strings))
        (found,) = Utterances().heard([tmp_path / "one.wav", tmp_path / "two.wav"], as_set)
        return [float(one[5][0] * corpus.features.deviation[0]) for one in found["frames"]]

    one, two = energies(3)
    assert abs(one - two) < 1e-3
    one, two = energies(0)
    assert two - one == pytest.approx(np.log(4), abs=1e-3)


@pytest.mark.parametrize(("content", "reason"), [
    (None, "cannot be read: "), (b"no sound", "is no sound that can be read: .*; name wav"),
    (b"", "is no sound"),
])  # fmt: skip
def test_what_cannot_be_heard_is_named(
    given: Mapping, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    corpus, path = opened(tmp_path / "work"), tmp_path / "lost.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=f"lost.wav {reason}"):
        list(Utterances().heard([path], corpus))
    soundfile.write(path, np.zeros(0, np.int16), 16_000)
    with pytest.raises(BadInput, match=r"lost.wav holds no sound"):
        list(Utterances().heard([path], corpus))
