"""The generated corpus of captions: columns, splits, sizes, and the same words everywhere for a seed."""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset, DatasetDict
from PIL import Image

from attnbench.corpora import generated
from attnbench.corpora.captions import embedded
from attnbench.corpora.captions.regions import unpacked
from attnbench.corpora.captions.words import words
from attnbench.errors import BadInput


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DatasetDict:
    return embedded.scenes(1, train=150, valid=20, test=60, scratch=tmp_path_factory.mktemp("scenes"))


def objects(split: Dataset) -> list[str]:
    return [str(sorted(map(tuple, row))) for row in split["attributes"]]


def test_columns_and_sizes(made: DatasetDict) -> None:
    assert {name: len(split) for name, split in made.items()} == {"train": 150, "valid": 20, "test": 60}
    assert made["valid"][7]["id"] == "valid/7"
    for row in made["test"]:
        assert list(row) == ["id", "picture", "captions", "objects", "regions", "links", "attributes"]
        assert row["objects"] == len(row["regions"]) == len(row["attributes"]) <= 6
        assert len(row["captions"]) == 4
        picture = Image.open(io.BytesIO(row["picture"]))
        assert (picture.size, picture.mode, picture.format) == ((64, 64), "RGB", "PNG")
        seen = np.stack([unpacked(region) for region in row["regions"]])
        assert seen.sum(axis=0).max() == 1 and (seen.sum(axis=(1, 2)) >= 10).all()
        for caption, word, region in row["links"]:
            assert words(row["captions"][caption])[word].isalpha() and 0 <= region < row["objects"]
        assert {caption for caption, _, _ in row["links"]} == {0, 1, 2, 3}


def test_all_numbers_of_objects_are_as_likely(made: DatasetDict) -> None:
    counts = Counter(made["train"]["objects"])
    assert sorted(counts) == [1, 2, 3, 4, 5, 6] and min(counts.values()) > 12
    few = embedded.scenes(0, train=40, valid=1, test=1, objects=2, references=1)
    assert set(few["train"]["objects"]) == {1, 2}
    assert {len(captions) for captions in few["train"]["captions"]} == {1}


def test_splits_share_no_scene_and_tests_repeat_none(made: DatasetDict) -> None:
    train, valid, test = (set(objects(made[name])) for name in ("train", "valid", "test"))
    assert not train & valid and not train & test and not valid & test
    assert len(valid) == 20 and len(test) == 60


def test_other_sizes_leave_the_tests_as_they_are() -> None:
    one = embedded.scenes(3, train=3, valid=2, test=3)
    more = embedded.scenes(3, train=6, valid=2, test=3)
    assert [more[name][:] for name in ("valid", "test")] == [one[name][:] for name in ("valid", "test")]
    assert more["train"][:3] == one["train"][:]
    assert embedded.scenes(3, train=3, valid=1, test=3)["test"][:] == one["test"][:]


def test_scenes_and_captions_are_the_same_everywhere(made: DatasetDict) -> None:
    """All but the pictures, to the last bit."""
    known = [
        [row[name] for name in ("id", "captions", "links", "attributes")] + [row["regions"][0].hex()]
        for split in made.values()
        for row in split
    ]
    digest = hashlib.sha256(json.dumps(known).encode()).hexdigest()
    assert digest[:16] == "a9fa57cdbbf7d0a9"
    assert made["test"][0]["captions"] == [
        "two yellow crosses and a yellow square on a table",
        "a yellow checked cross below a yellow box with a solid yellow cross",
        "there are two yellow crosses under a checked yellow box",
        "two yellow crosses are below one yellow checkered square",
    ]


def test_a_seed_has_its_pictures_and_no_other_s(made: DatasetDict) -> None:
    again = embedded.scenes(1, train=3, valid=3, test=20)
    assert again["test"][:] == made["test"][:20]
    other = embedded.scenes(2, train=0, valid=0, test=9)
    assert not set(other["test"]["picture"]) & set(made["test"]["picture"])
    assert set(objects(other["test"])) != set(objects(made["test"]))


def test_what_has_no_room_or_no_more_scenes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match=r"disk, and .* is free; lower data\.limit or data\.test_count$"):
        embedded.scenes(train=10**12, scratch=tmp_path)
    monkeypatch.setattr(generated, "TRIES", 20)
    monkeypatch.setattr(generated.Seen, "__contains__", lambda self, text: len(self._hashes) == 2)
    with pytest.raises(BadInput, match=r"^20 scenes in a row were there before: .*lower data\.test_count$"):
        embedded.scenes(train=1, valid=1, test=3)


def test_few_scenes_are_held_and_each_is_as_large_as_was_said(tmp_path: Path) -> None:
    split = embedded.scenes(0, train=60, valid=1, test=1, scratch=tmp_path)["train"]
    size = Path(split.cache_files[0]["filename"]).stat().st_size / 60
    assert embedded.BYTES < size < 2 * embedded.BYTES


def test_the_description_names_what_there_is() -> None:
    text = embedded.description()
    assert "circle, square, triangle" in text and "striped, dotted, checked" in text
    assert "64 x 64" in text and "4 to 25 words" in text
