"""Real speech, where there is some: ``ATTNBENCH_DATA`` names a folder with ``speech`` in it."""

import csv
import os
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset

from attnbench.corpora import splits
from attnbench.corpora.speech import RATE, files, joining, sources
from attnbench.corpora.speech.phones import FOLDING
from attnbench.harness.check import check

pytestmark = pytest.mark.skipif(
    "ATTNBENCH_DATA" not in os.environ, reason="set ATTNBENCH_DATA to a folder with speech/ in it"
)

ROOT = Path(os.environ.get("ATTNBENCH_DATA", ".")) / "speech"
TIMIT = {"train": ("timit_nltk/train",), "valid": ("timit_nltk/dev",), "test": ("timit_nltk/test",)}
SA = "recordings of the sentences sa1 and sa2, which every speaker reads, left out"


def rows(name: str, file: str = "manifest") -> list[dict[str, str]]:
    with (ROOT / name / f"{file}.tsv").open() as opened:
        return list(csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE))


def seconds(split: Dataset) -> float:
    return sum(sources.LENGTHS["source-length"](split))


def told(of: Iterable[dict[str, str]]) -> float:
    return sum(int(row["samples"]) / int(row["sample_rate"]) for row in of)


def test_the_sample_of_timit_has_every_phone_and_time_of_its_files() -> None:
    corpus = files.speech(ROOT, TIMIT)
    assert [len(split) for split in corpus.values()] == [64, 16, 32]
    assert [line.split(", the first")[0] for line in splits.left_out(corpus)] == [
        f"train: 16 {SA}", f"valid: 4 {SA}", f"test: 8 {SA}",
    ]  # fmt: skip
    spoken = [row for row in rows("timit_nltk") if row["split"] == "test" and row["type"] != "sa"]
    times = rows("timit_nltk", "phones")
    for row, of in zip(corpus["test"].to_list(), spoken, strict=True):
        assert row["labels"] == of["phones61"] and len(row["sound"]) == 2 * int(of["samples"])
        assert row["ends"] == [int(one["end_sample"]) for one in times if one["utt"] == of["utt"]]
        assert all(low < high for low, high in pairwise([0, *row["ends"]]))
    assert seconds(corpus["test"]) == pytest.approx(told(spoken))


def test_check_counts_the_sample_of_timit() -> None:
    changes = {f"data.{split}": ",".join(names) for split, names in TIMIT.items()}
    frame = check("chorowski2015", f"files:{ROOT}", changes | {"data.joined_per_count": "0"})
    of_test = frame[frame["split"] == "test"].set_index("length")
    assert list(of_test["examples"]) == [32] * 3 and of_test["aligned"].all()
    spoken = [row for row in rows("timit_nltk") if row["split"] == "test" and row["type"] != "sa"]
    labels = [len(row["phones61"].split()) for row in spoken]
    assert of_test.loc["target-length", "21–40"] == sum(21 <= count <= 40 for count in labels)


def test_the_sample_of_timit_is_folded_as_its_own_table_says() -> None:
    table = {row["phone61"]: row["phone39"].strip("-") for row in rows("timit_nltk", "phone_map_61_48_39")}
    assert len(table) == 61 and all(FOLDING[phone] == into for phone, into in table.items())
    given, folded = (files.speech(ROOT, TIMIT, phones=way)["train"] for way in ("given", "39"))
    for one, other in zip(given["labels"], folded["labels"], strict=True):
        assert other.split() == [table[phone] for phone in one.split() if table[phone]]


def test_digits_are_joined_to_strings_of_one_speaker() -> None:
    names = {"train": ("fsdd/train",), "valid": ("fsdd/test",), "test": ("fsdd/test",)}
    corpus = files.speech(ROOT, names, labels="words", strings=10)
    digits = [label for labels in corpus["test"]["labels"] for label in labels.split()]
    assert sorted(digits) == sorted(row["digit"] for row in rows("fsdd") if row["split"] == "test")
    assert 300 / 5.5 <= len(corpus["test"]) < 75
    assert abs(len(corpus["train"]) - 10 * 2400 / 5.5) < 150, "each recording comes in ten of training"
    whole = 10 * told(row for row in rows("fsdd") if row["split"] == "train")
    assert seconds(corpus["train"]) == pytest.approx(whole, abs=0.01)
    assert "2400 recordings resampled to 16,000 samples a second" in splits.left_out(corpus)[0]
    loud = [np.square(np.frombuffer(one, "<i2") / 32768).mean() ** 0.5 for one in corpus["test"]["sound"]]
    assert min(loud) > 0.02 and max(loud) < 0.0501


def test_all_of_speechocean_is_read_and_a_test_of_timit_has_its_phones() -> None:
    names = {part: (f"speechocean762/{name}",) for part, name in (("train", "train"), ("valid", "dev"))}
    names["test"] = ("speechocean762/test", "timit_nltk/test")
    corpus = files.speech(ROOT, names, phones="spoken")
    assert {name: len(split) for name, split in corpus.items()} == {
        "train": 3640, "valid": 400, "speechocean762.test": 480, "timit_nltk.test": 32,
    }  # fmt: skip
    assert len(splits.left_out(corpus)) == 1
    for split, name in (("train", "train"), ("valid", "dev"), ("speechocean762.test", "test")):
        given = [row for row in rows("speechocean762") if row["split"] == name]
        assert [len(one) // 2 for one in corpus[split]["sound"]] == [int(row["samples"]) for row in given]
    known = {label for labels in corpus["train"]["labels"] for label in labels.split()}
    assert len(known) == 37
    assert {label for labels in corpus["timit_nltk.test"]["labels"] for label in labels.split()} <= known


def test_long_inputs_are_joined_of_real_ones() -> None:
    test = files.speech(ROOT, TIMIT, phones="39")["test"]
    made = {name: list(drawn) for name, drawn in joining.experiment(test, 2).items()}
    for found in made.values():
        assert [row["pieces"] for row in found] == [n for n in joining.COUNTS for _ in range(2)]
        for row in found:
            assert len(row["labels"].split()) == len(row["ends"])
            assert (
                0 <= len(row["sound"]) // 2 - row["ends"][-1] < RATE // 4
            )  # TIMIT's times end a bit earlier
    longest = made["repeated"][-1]
    alone = made["repeated"][1]
    assert len(longest["sound"]) == 15 * len(alone["sound"]) + 14 * 2 * RATE // 20
    inner = alone["labels"].removesuffix(" sil").removeprefix("sil ")
    assert longest["labels"] == " ".join(["sil", *[f"{inner} sil"] * 15])  # silences that meet are one
