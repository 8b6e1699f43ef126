"""Real photos with captions, where there are some: ``ATTNBENCH_DATA`` names a folder with ``captions``."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import DatasetDict

from attnbench.corpora import splits
from attnbench.corpora.captions import files, regions
from attnbench.corpora.captions.pictures import decoded
from attnbench.corpora.captions.words import words

pytestmark = pytest.mark.skipif(
    "ATTNBENCH_DATA" not in os.environ, reason="set ATTNBENCH_DATA to a folder with captions/ in it"
)

ROOT = Path(os.environ.get("ATTNBENCH_DATA", ".")) / "captions"
NAMES = {
    "train": ("flickr8k/extra",),
    "valid": ("flickr8k/extra",),
    "test": ("flickr8k/test", "coco_mini/region_eval"),
}


@pytest.fixture(scope="module")
def corpus() -> DatasetDict:
    return files.captions(ROOT, NAMES)


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (ROOT / name).read_text().splitlines()]


def test_the_sets_are_whole(corpus: DatasetDict) -> None:
    assert {name: len(split) for name, split in corpus.items()} == {
        "train": 91, "valid": 91, "test": 500, "region_eval": 129,
    }  # fmt: skip
    assert splits.left_out(corpus) == []
    given = [row for row in rows("flickr8k/captions.jsonl") if row["split"] == "test"]
    assert corpus["test"]["captions"][:] == [row["captions"] for row in given]
    assert decoded(corpus["test"][0]["picture"]).shape == (112, 112, 3)


def test_captions_that_are_cut_already_stay_as_they_are(corpus: DatasetDict) -> None:
    said = [one for captions in corpus["test"]["captions"] for one in captions]
    kept = [words(one) == one.lower().split() for one in said]
    assert len(said) == 2500 and np.mean(kept) > 0.995


def test_regions_have_the_areas_that_coco_says(corpus: DatasetDict) -> None:
    found, given = corpus["region_eval"].to_list(), rows("coco_mini/captions_regions.jsonl")
    assert [row["objects"] for row in found] == [len(row["objects"]) for row in given]
    outlined = [
        (regions.unpacked(mask).mean(), one["area"])
        for row, of in zip(found, given, strict=True)
        for mask, one in zip(row["regions"], of["objects"], strict=True)
        if not one["crowd"]
    ]
    assert len(outlined) == 1050
    drawn, said = np.array(outlined).T
    assert np.abs(drawn - said).max() < 0.02
    assert drawn.sum() == pytest.approx(said.sum(), rel=0.02)


def test_words_are_linked_to_regions_of_their_own_picture(corpus: DatasetDict) -> None:
    linked, named = 0, set()
    for row in corpus["region_eval"].to_list():
        for caption, word, region in row["links"]:
            named.add(words(row["captions"][caption])[word])
            assert 0 <= region < row["objects"]
        linked += len({(caption, word) for caption, word, _ in row["links"]})
    assert 900 < linked < 1100
    assert {"man", "woman", "people", "table", "dog", "pizza", "zebras", "meter"} <= named
    assert not {"a", "of", "red", "street", "tree", "station", "kitchen"} & named
