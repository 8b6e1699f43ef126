"""Pictures as the hub has them: local parquet files in the schemas of Flickr8k, Flickr30k and COCO."""

import io
from pathlib import Path
from typing import Any

import datasets
import pytest
from of_the_hub import COMMIT, Put, stand_in
from PIL import Image

from attnbench.corpora import splits
from attnbench.corpora.captions import hub
from attnbench.errors import BadInput

REFERENCE = f"some/photos@{COMMIT}"
WHERE = f"hub:{REFERENCE}"
SPLITS = ("train", "validation", "test")


def content(value: int) -> bytes:
    held = io.BytesIO()
    Image.new("L", (4, 3), value).save(held, "PNG")
    return held.getvalue()


def image(value: int) -> dict[str, Any]:
    return {"bytes": content(value), "path": "x.png"}


def row(value: int, **more: Any) -> dict[str, Any]:
    return {"image": image(value), **more}


def alike(rows: list[Any]) -> dict[str, list[Any]]:
    return dict.fromkeys(SPLITS, rows)


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    return stand_in("some/photos", tmp_path, monkeypatch, image=datasets.Image())


@pytest.mark.parametrize("limit", [None, 1])  # downloaded, streamed
def test_captions_in_numbered_columns(put: Put, limit: int | None) -> None:
    told = {f"caption_{place}": f"number {place}" for place in (10, 0, 2)}
    put(alike([row(1, **told), row(2, **told | {"caption_2": None})]))
    corpus, revision = hub.captions(REFERENCE, {}, limit=limit)
    assert revision == COMMIT
    assert corpus["train"]["id"][:] == ["train/1", "train/2"][: limit or 2]
    assert corpus["valid"].to_list() == [
        {"id": "validation/1", "picture": content(1), "captions": ["number 0", "number 2", "number 10"]},
        {"id": "validation/2", "picture": content(2), "captions": ["number 0", "number 10"]},
    ]


def test_one_split_whose_rows_say_what_they_are_of(put: Put) -> None:
    """As Flickr30k is: a list of captions, and a column ``split`` in the one split ``test``."""
    rows = [row(place, caption=[f"a {place}", "b"], split=name)
            for place, name in enumerate(("train", "test", "val", "train"))]  # fmt: skip
    put({"test": rows})
    names = {"train": ("test/train",), "valid": ("test/val",), "test": ("test/test",)}
    corpus, _ = hub.captions(REFERENCE, names)
    assert {name: split["captions"][:] for name, split in corpus.items()} == {
        "train": [["a 0", "b"], ["a 3", "b"]], "valid": [["a 2", "b"]], "test": [["a 1", "b"]],
    }  # fmt: skip
    with pytest.raises(BadInput, match=r"has no 'train' for the train split; .*choose with data.train"):
        hub.captions(REFERENCE, {})
    with pytest.raises(BadInput, match="test/none has no picture that can be used"):
        hub.captions(REFERENCE, names | {"test": ("test/none",)})


def test_rows_with_the_same_picture_are_one(put: Put) -> None:
    """As COCO is: a row a caption, which is an object; more of them than are read at once."""
    said = [f"caption {place}" for place in range(70)]
    first = [row(1, sentences={"raw": one, "tokens": ["x"]}, split="restval") for one in said]
    put(alike([*first, row(2, sentences={"raw": "other", "tokens": []}, split="train")]))
    corpus, _ = hub.captions(REFERENCE, {})
    assert corpus["train"].to_list() == [
        {"id": "train/1", "picture": content(1), "captions": said},
        {"id": "train/2", "picture": content(2), "captions": ["other"]},
    ]


@pytest.mark.parametrize(
    "held",
    [
        {"captions": ["a", "b"]},
        {"sentences_raw": ["a", "b"], "sentences": ["x"]},
        {"sentences": [{"raw": "a"}, {"raw": "b"}]},
        {"sentences": {"raw": ["a", "b"]}},
        {"alt_text": ["a", None, "b"]},
    ],
)
def test_captions_in_other_columns(put: Put, held: dict[str, Any]) -> None:
    put(alike([row(1, **held)]))
    assert hub.captions(REFERENCE, {})[0]["test"]["captions"][:] == [["a", "b"]]


def test_pictures_that_cannot_be_used_are_left_out_and_told(put: Put) -> None:
    rows = [
        {"image": {"bytes": None, "path": "/etc/passwd"}, "text": "a"},
        {"image": None, "text": "b"},
        {"image": {"bytes": b"no picture", "path": None}, "text": "c"},
        row(1, text=None),
        row(2, text="kept"),
    ]
    put(alike(rows))
    corpus, _ = hub.captions(REFERENCE, {})
    assert corpus["test"].to_list() == [{"id": "test/5", "picture": content(2), "captions": ["kept"]}]
    assert splits.left_out(corpus)[-2:] == [
        f"test: 3 pictures that cannot be read left out, the first {WHERE} test row 1 (the row has no bytes)",
        f"test: 1 pictures without captions left out, the first {WHERE} test row 4",
    ]


def test_missing_columns_and_other_values_are_refused(put: Put) -> None:
    put(alike([{"photo": "x", "label": 1}]))
    with pytest.raises(
        BadInput, match=r"train has no column image and caption_0/captions/.*, only photo, label"
    ):
        hub.captions(REFERENCE, {})
    put(alike([{"image": 3, "text": "a"}]))
    with pytest.raises(BadInput, match=r"train: column image holds no image files .*; choose another set"):
        hub.captions(REFERENCE, {})
    put(alike([row(1, text=b"\xff")]))
    with pytest.raises(BadInput, match="train row 1: text is bytes; it must be a text"):
        hub.captions(REFERENCE, {})
    put(alike([row(1, captions=[7])]))
    with pytest.raises(BadInput, match="train row 1: captions is a number; it must be a text"):
        hub.captions(REFERENCE, {})
    put(alike([row(1, sentences=[{"said": "a"}])]))
    with pytest.raises(BadInput, match="train row 1: sentences is an object without raw, only said"):
        hub.captions(REFERENCE, {})
