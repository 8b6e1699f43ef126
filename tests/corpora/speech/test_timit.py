"""TIMIT in the layout of the LDC, with made-up sound."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from attnbench.corpora import splits
from attnbench.corpora.speech import files, timit
from attnbench.errors import BadInput


def test_the_lists_are_of_50_and_24_speakers_who_differ() -> None:
    dev, core = timit.DEV.split(), timit.CORE.split()
    assert (len(dev), len(set(dev))) == (50, 50) and (len(core), len(set(core))) == (24, 24)
    assert not set(dev) & set(core)
    assert all(len(name) == 5 and name[0] in "fm" and name[4].isdigit() for name in dev + core)
    assert sum(name[0] == "f" for name in core) == 8  # two men and a woman of each of eight dialects


def sentence(folder: Path, name: str, kind: str = "NIST", value: int = 5) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    soundfile.write(folder / f"{name}.WAV", np.full(1000, value, np.int16), 16_000, format=kind)
    (folder / f"{name}.PHN").write_text("0 300 h#\n300 420 q\n420 700 ix\n700 1040 h#\n")
    (folder / f"{name}.WRD").write_text("300 800 Don't\n750 1000 do\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path /= "all/timit"
    for speaker in (
        "TRAIN/DR2/FAAA0",
        "TRAIN/DR1/MBBB0",
        "TEST/DR1/FAKS0",
        "TEST/DR1/MDAB0",
        "TEST/DR8/MABC0",
    ):
        for name in ("SA1", "SI12", "SX3"):
            sentence(tmp_path / speaker, name)
    return tmp_path


def test_the_layout_is_read_without_a_manifest(folder: Path) -> None:
    corpus = files.speech(folder, {})
    assert {name: split["id"][:] for name, split in corpus.items()} == {
        "train": ["train/2", "train/3", "train/5", "train/6"], "valid": ["dev/2", "dev/3"],
        "test": ["test/2", "test/3"],
    }  # fmt: skip
    row = corpus["test"][0]
    assert (row["labels"], row["ends"]) == ("h# q ix h#", [300, 420, 700, 1000])
    assert row["sound"] == b"\5\0" * 1000
    for split, number, all_, first in (
        ("train", 2, 462, "TRAIN/DR1/MBBB0"), ("valid", 1, 50, "TEST/DR1/FAKS0"),
        ("test", 1, 24, "TEST/DR1/MDAB0"),
    ):  # fmt: skip
        assert [line for line in splits.left_out(corpus) if line.startswith(split)] == [
            f"{split}: only {number} of TIMIT's {all_} speakers are there",
            f"{split}: {number} recordings of the sentences sa1 and sa2, which every speaker reads, left "
            f"out, the first {first}/SA1.WAV",
            f"{split}: {2 * number} recordings with times beyond their end, which were moved there, "
            f"the first {first}/SI12.WAV",
        ]


def test_words_and_folded_phones(folder: Path) -> None:
    words = files.speech(folder, {}, labels="words", phones="spoken")["train"]
    assert words["labels"][:] == ["don't do"] * 4 and "ends" not in words.column_names
    row = files.speech(folder, {}, phones="39")["train"][0]
    assert (row["labels"], row["ends"]) == ("sil ih sil", [420, 700, 1000])


def lower(path: Path) -> None:
    for one in sorted(path.rglob("*"), reverse=True):
        one.rename(one.with_name(one.name.lower()))


def test_lower_case_and_riff_copies_and_deeper_folders(folder: Path) -> None:
    before = files.speech(folder, {})
    sentence(folder / "TEST/DR1/MDAB0", "SX3.WAV", "WAV", 9)  # SX3.WAV.WAV stands beside SX3.WAV
    lower(folder)
    after = files.speech(folder, {})
    assert {name: split.to_list() for name, split in after.items()} == {
        name: split.to_list() for name, split in before.items()
    }
    names = {split: (f"{folder.name}/{split}",) for split in ("train", "test")} | {
        "valid": (f"{folder.name}/dev",)
    }
    read = files.read_from(folder.parent, names)
    assert len(read) == 4 * 3 * 3 and folder / "test/dr1/mdab0/sx3.phn" in read
    assert not [path for path in read if "mxxx0" in str(path)]


def test_what_is_broken_is_named(folder: Path) -> None:
    path = folder / "TEST/DR1/MDAB0/SX3"
    path.with_suffix(".WRD").unlink()
    with pytest.raises(BadInput, match=r"MDAB0/SX3.WAV has no .WRD beside it; put it there"):
        files.speech(folder, {}, labels="words")
    path.with_suffix(".PHN").write_text("0 300 h#\n300 ix\n")
    with pytest.raises(BadInput, match=r"SX3.PHN line 2: '300 ix' is not a first sample, the one after"):
        files.speech(folder, {})
    path.with_suffix(".PHN").write_text("0 300 h#\n299 400 ix\n")
    with pytest.raises(
        BadInput, match=r"SX3.PHN line 2: ix from 299 to 400 does not follow what ends at 300"
    ):
        files.speech(folder, {})


def test_a_name_that_is_no_text_is_told_as_one(folder: Path) -> None:
    (folder / "TEST/DR1/MDAB0").rename(folder / "TEST/DR1/away")
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/TRAIN/DR1/M\xff0"))
    (folder / "TRAIN/DR1/MBBB0").rename(odd)
    sentence(folder / "TEST/DR1/MDAB0", "SI1")
    told = splits.left_out(files.speech(folder, {}))
    assert any(line.endswith(r"the first TRAIN/DR1/M\udcff0/SA1.WAV") for line in told)


def test_a_set_without_its_speakers_is_not_there(folder: Path) -> None:
    for path in (folder / "TEST/DR1/MDAB0").iterdir():
        path.unlink()
    (folder / "TEST/DR1/MDAB0").rmdir()
    with pytest.raises(BadInput, match=r"has no 'test' for the test split.*from: dev, train"):
        files.speech(folder, {})
