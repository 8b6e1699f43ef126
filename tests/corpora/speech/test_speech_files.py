"""Recordings with a manifest: what is read, how it is named, and what is left out or refused."""

import io
import json
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from attnbench.corpora import splits
from attnbench.corpora.speech import files
from attnbench.errors import BadInput

HEAD = ("file", "split", "speaker", "type", "text", "phones")
SPLITS = ("train", "dev", "test")


def write(path: Path, value: int = 1, size: int = 1600, rate: int = 16_000, channels: int = 1) -> None:
    """Write a recording whose samples are all ``value``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.full((size, channels), value, np.int16), rate)


def manifest(folder: Path, *rows: Sequence[str], head: Sequence[str] = HEAD) -> None:
    folder.mkdir(exist_ok=True)
    lines = ["\t".join(cells) for cells in (head, *rows)]
    (folder / "manifest.tsv").write_text("\n".join(lines) + "\n")


def row(file: str, split: str, phones: str = "AA1 | B", speaker: str = "s", kind: str = "si") -> list[str]:
    return [file, split, speaker, kind, "Oh, bee!", phones]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a corpus of one recording a split."""
    for place, split in enumerate(SPLITS, start=1):
        write(tmp_path / "data" / f"{split}.wav", place)
    manifest(tmp_path / "data", *(row(f"{split}.wav", split) for split in SPLITS))
    return tmp_path / "data"


def add(folder: Path, *cells: str) -> None:
    with (folder / "manifest.tsv").open("a") as file:
        file.write("\t".join(cells) + "\n")


def test_recordings_become_rows(folder: Path) -> None:
    corpus = files.speech(folder, {})
    assert {name: split.to_list() for name, split in corpus.items()} == {
        key: [{"id": f"{name}/1", "sound": bytes([place, 0]) * 1600, "labels": "aa b", "pieces": 1}]
        for place, (key, name) in enumerate(
            {"train": "train", "valid": "dev", "test": "test"}.items(), start=1
        )
    }
    assert splits.left_out(corpus) == []
    assert files.speech(folder, {}, labels="words")["train"]["labels"][:] == ["oh bee"]


def test_jsonl_and_deeper_folders_and_folding(folder: Path) -> None:
    write(folder / "deep" / "er" / "x.flac", 7)
    rows = [{"phones61": "h# q hv", "split": "x", "file": "er/x.flac", "digit": 5, "else": None}]
    (folder / "deep" / "manifest.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    corpus = files.speech(folder, {"train": ("train", "deep/x"), "test": ("deep/x",)}, phones="39")
    assert corpus["train"]["id"][:] == ["train/1", "deep/x/1"]
    assert corpus["train"]["labels"][:] == ["aa b", "sil hh"]
    assert list(corpus) == ["train", "valid", "x"] and corpus["x"][0]["sound"] == b"\7\0" * 1600
    digits = files.speech(folder, {"test": ("deep/x",)}, labels="words", phones="39")["x"][0]
    assert (digits["labels"], digits["ends"]) == ("5", [1600])
    assert files.read_from(folder, {"test": ("deep/x",)}) == [
        folder / "manifest.tsv", folder / "train.wav", folder / "dev.wav",
        folder / "deep" / "manifest.jsonl", folder / "deep" / "er" / "x.flac",
    ]  # fmt: skip


def test_members_of_tar_files_are_read_in_place(folder: Path) -> None:
    with tarfile.open(folder / "b.tar", "w") as tar:
        for split in SPLITS:
            tar.add(folder / f"{split}.wav", f"./{split}.wav")
    before = {name: split.to_list() for name, split in files.speech(folder, {}).items()}
    for split in SPLITS:
        (folder / f"{split}.wav").unlink()
    assert {name: split.to_list() for name, split in files.speech(folder, {}).items()} == before
    assert files.read_from(folder, {}) == [folder / "manifest.tsv", folder / "b.tar"]
    assert sorted(path.name for path in folder.iterdir()) == ["b.tar", "manifest.tsv"]


def test_what_is_left_out_or_changed_is_told_with_its_first_file(folder: Path) -> None:
    (folder / "bad.wav").write_bytes(b"RIFF no sound")
    write(folder / "empty.wav", size=0)
    write(folder / "short.wav", size=319)
    write(folder / "exact.wav", size=320)
    write(folder / "slow.wav", size=800, rate=8000)
    write(folder / "both.wav", channels=2)
    for split in SPLITS:
        add(folder, *row("bad.wav", split))
        add(folder, *row("empty.wav", split))
        add(folder, *row("short.wav", split))
        add(folder, *row("exact.wav", split))
        add(folder, *row("train.wav", split, phones=" | "))
        add(folder, *row("dev.wav", split, kind="SA"))
        add(folder, *row("slow.wav", split))
        add(folder, *row("both.wav", split))
        add(folder, *row("bad.wav", split))
    corpus = files.speech(folder, {})
    for name, told in (("train", "train"), ("dev", "valid"), ("test", "test")):
        assert corpus[told]["id"][:] == [f"{name}/{place}" for place in (1, 5, 8, 9)]
        (why,) = [line for line in corpus[told].info.description.splitlines() if "unreadable" in line]
        assert why.startswith("2 recordings with unreadable audio left out, the first bad.wav (")
    assert [line for line in splits.left_out(corpus) if "unreadable" not in line] == [
        f"{split}: 1 recordings {what}"
        for split in ("train", "valid", "test")
        for what in (
            "with empty audio left out, the first empty.wav",
            "with more labels than frames of 10 ms left out, the first short.wav",
            "without labels left out, the first train.wav",
            "of the sentences sa1 and sa2, which every speaker reads, left out, the first dev.wav",
            "resampled to 16,000 samples a second, the first slow.wav from 8,000",
            "of more than one channel averaged, the first both.wav",
        )
    ]


def test_a_split_of_which_nothing_can_be_used_is_refused(folder: Path) -> None:
    write(folder / "test.wav", size=0)
    with pytest.raises(
        BadInput, match="data: test has no recording that can be used; 1 recordings with empty"
    ):
        files.speech(folder, {})


def test_so_many_training_utterances_can_be_asked_for(folder: Path) -> None:
    write(folder / "empty.wav", size=0)
    for file in ("train.wav", "empty.wav", "dev.wav", "empty.wav"):
        add(folder, *row(file, "train"))
    corpus = files.speech(folder, {"train": ("train", "dev")}, limit=3)
    assert corpus["train"]["id"][:] == ["train/1", "train/2", "train/4"]
    assert splits.left_out(corpus) == ["train: 1 recordings with empty audio left out, the first empty.wav"]
    assert files.speech(folder, {"train": ("train", "dev")}, limit=4)["train"]["id"][:][3] == "dev/1"


TIMES = [("train", 0, 0, 800, "aa"), ("train", 1, 800, 1500, "b"), ("dev", 0, 5, 10, "aa"),
         ("dev", 1, 20, 9999, "b"), ("te", 0, 0, 400, "aa"), ("te", 1, 400, 800, "B0")]  # fmt: skip


def timed(folder: Path, rows: Sequence[Sequence[Any]] = TIMES) -> None:
    lines = [("utt", "i", "start_sample", "end_sample", "phone"), *rows]
    (folder / "phones.tsv").write_text("".join("\t".join(map(str, one)) + "\n" for one in lines))


def test_times_are_read_at_the_recordings_rate_and_end_with_it(folder: Path) -> None:
    write(folder / "test.wav", size=800, rate=8000)
    cells = [[f"{one}.wav", one, "aa b", "te" if one == "test" else ""] for one in SPLITS]
    manifest(folder, *cells, head=("file", "split", "phones", "utt"))
    timed(folder)
    corpus = files.speech(folder, {})
    assert [split[0]["ends"] for split in corpus.values()] == [[800, 1500], [10, 1600], [800, 1600]]
    assert splits.left_out(corpus) == [
        "valid: 1 recordings with times beyond their end, which were moved there, the first dev.wav",
        "test: 1 recordings resampled to 16,000 samples a second, the first test.wav from 8,000",
    ]
    assert files.read_from(folder, {})[:2] == [folder / "manifest.tsv", folder / "phones.tsv"]


def test_a_joined_split_has_times_where_all_its_names_have(folder: Path) -> None:
    timed(folder, [*TIMES[:4], *(("test", *one[1:]) for one in TIMES[4:])])
    write(folder / "other" / "x.wav")
    manifest(folder / "other", row("x.wav", "more"))
    both = files.speech(folder, {"train": ("train", "other/more")})
    assert "ends" not in both["train"].column_names and "ends" in both["test"].column_names


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (TIMES[2:], "manifest.tsv line 2: the times of train in phones.tsv are not there; mend or drop it"),
        (
            [*TIMES, ("train", 2, 1500, 1600, "c")],
            "the times of train in phones.tsv are others than in the row",
        ),
        ([TIMES[1]], "phones.tsv line 2: i is 1 but 0 phones of train stand before"),
        (
            [TIMES[0], ("train", 1, 700, 900, "b")],
            "line 3: b from 700 to 900 does not follow what ends at 800",
        ),
        ([("train", 0, 9, 8, "aa")], "line 2: aa from 9 to 8 does not follow what ends at 0"),
        ([("train", 0, 0, "8.5", "aa")], "line 2: '8.5' is no whole number; samples are counted from 0"),
        ([("train", 0, 0, 8, "aa b")], "line 2: 'aa b' is not one phone"),
    ],
)
def test_times_that_do_not_fit_are_refused(folder: Path, rows: list[Any], said: str) -> None:
    timed(folder, rows)
    with pytest.raises(BadInput, match=said):
        files.speech(folder, {})


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (row("gone.wav", "train"), "manifest.tsv line 5 names gone.wav, which is neither in .* nor in a tar"),
        (row("../x.wav", "train"), r"line 5: '../x.wav' is no file below"),
        (row("/etc/passwd", "train"), "line 5: '/etc/passwd' is no file below"),
        (row("x/" * 3000 + "y.wav", "train"), "line 5 names x/x/x/.*, which is neither in .* nor in a tar"),
        (row("y" * 300, "train"), "line 5 names yyyy.*, which is neither in .* nor in a tar"),
        (row("train.wav", " "), "line 5: the split ' ' is no name"),
        (row("train.wav", "train "), "line 5: the split 'train ' is no name; .* no blanks around"),
        (row("train.wav", "x/"), "line 5: the split 'x/' is no name"),
        (["train.wav", "train"], "line 5 has 2 columns but line 1 has 6"),
    ],
)
@pytest.mark.parametrize("read", [files.speech, files.read_from])
def test_broken_rows_are_refused_with_their_line(
    folder: Path, cells: list[str], said: str, read: Callable[..., Any]
) -> None:
    add(folder, *cells)
    with pytest.raises(BadInput, match=said):
        read(folder, {})


def test_missing_columns_folders_and_names_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no folder .*gone; --data files:DIR takes a folder with a manifest"):
        files.speech(tmp_path / "gone", {})
    (tmp_path / "bare").mkdir()
    with pytest.raises(BadInput, match=r"bare holds no manifest.tsv or manifest.jsonl, nor TIMIT's folders"):
        files.speech(tmp_path / "bare", {})
    manifest(tmp_path / "headed")
    with pytest.raises(BadInput, match=r"headed describes no recording: no row"):
        files.speech(tmp_path / "headed", {})
    with pytest.raises(BadInput, match=r"has no 'tran' for the train split; did you mean 'train'"):
        files.read_from(folder, {"train": ("tran",)})
    manifest(folder, *([f"{one}.wav", one, "1 2"] for one in SPLITS), head=("file", "split", "digit"))
    with pytest.raises(BadInput, match=r"has no column phones/phones61; add one, or set data.labels=words"):
        files.speech(folder, {})
    with pytest.raises(BadInput, match="line 2: the digit '1 2' is more than one word; call the column text"):
        files.speech(folder, {}, labels="words")


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    """Return 60 recordings a split, of three speakers and levels, each of a length and a digit of its own."""
    with tarfile.open(tmp_path / "all.tar", "w") as tar:
        rows = []
        for split in SPLITS:
            for place in range(60):
                held = io.BytesIO()
                wave = (-1) ** np.arange(400 + place) * (100 + 50 * (place % 3))
                soundfile.write(held, wave.astype(np.int16), 16_000, format="FLAC")
                entry = tarfile.TarInfo(f"{split}{place}.flac")
                entry.size = len(held.getvalue())
                tar.addfile(entry, io.BytesIO(held.getvalue()))
                rows.append([entry.name, split, f"s{place % 3}", str(place)])
    manifest(tmp_path, *rows, head=("file", "split", "speaker", "digit"))
    return tmp_path


def test_strings_hold_each_recording_once_at_one_level(digits: Path) -> None:
    corpus = files.speech(digits, {}, labels="words", strings=4)
    for split in corpus.values():
        spoken = [[int(label) for label in labels.split()] for labels in split["labels"]]
        assert sorted(place for one in spoken for place in one) == list(range(60))
        assert {len(one) for one in spoken} == {1, 2, 3, 4} and 60 / 4 < len(spoken) < 60 / 2.5 + 6
        for one, row in zip(spoken, split.to_list(), strict=True):
            assert len({place % 3 for place in one}) == 1
            assert row["ends"] == np.cumsum([400 + place for place in one]).tolist()
            assert np.abs(np.frombuffer(row["sound"], "<i2")).tolist() == [1638] * row["ends"][-1]
            assert row["pieces"] == 1
    assert corpus["train"]["id"][:2] == ["train/1", "train/2"]


def test_strings_are_drawn_by_the_seed_and_limited(digits: Path) -> None:
    drawn = [
        files.speech(digits, {}, "words", strings=4, seed=seed)["train"]["labels"][:] for seed in (0, 0, 1)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert files.speech(digits, {}, "words", strings=4, limit=5)["train"]["labels"][:] == drawn[0][:5]


def test_splits_larger_than_a_table_are_whole(digits: Path) -> None:
    names = {"train": ("train", "dev"), "valid": ("dev",)}
    corpus = files.speech(digits, names, labels="words")
    assert corpus["train"]["labels"][:] == [str(place) for place in (*range(60), *range(60))]
    assert corpus["train"]["ends"][59:61] == [[459], [400]]
