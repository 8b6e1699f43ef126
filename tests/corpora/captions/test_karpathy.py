"""Listings as Karpathy gave them out."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from attnbench.corpora.captions import files
from attnbench.errors import BadInput


def picture(value: int) -> bytes:
    held = io.BytesIO()
    Image.new("L", (4, 3), value).save(held, "PNG")
    return held.getvalue()


def image(name: str, split: str, **more: Any) -> dict[str, Any]:
    said = [{"tokens": ["a", "dog"], "raw": f"A dog {part}.", "imgid": 0, "sentid": part} for part in (0, 1)]
    return {"filename": name, "split": split, "sentids": [0, 1], "imgid": 0, "sentences": said, **more}


def write(folder: Path, *images: dict[str, Any], name: str = "dataset_flickr8k") -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps({"images": images, "dataset": "x"}))


def test_photos_lie_in_a_folder_beside_the_listing(tmp_path: Path) -> None:
    (tmp_path / "Images").mkdir()
    for place, name in enumerate(("train", "val", "test")):
        (tmp_path / "Images" / f"{name}.jpg").write_bytes(picture(place))
    write(tmp_path, *(image(f"{name}.jpg", name) for name in ("train", "val", "test")))
    corpus = files.captions(tmp_path, {})
    assert corpus["valid"].to_list() == [
        {"id": "val/1", "picture": picture(1), "captions": ["A dog 0.", "A dog 1."]}
    ]
    assert files.read_from(tmp_path, {}) == [
        tmp_path / "dataset_flickr8k.json",
        *(tmp_path / "Images" / f"{name}.jpg" for name in ("train", "val", "test")),
    ]


@pytest.mark.parametrize("place", ["val2014", "images/val2014", "images"])
def test_photos_of_coco_lie_in_folders_that_the_listing_names(tmp_path: Path, place: str) -> None:
    inner = tmp_path / "coco"
    parts = ("train", "restval", "val", "test")
    write(inner, *(image(f"{one}.jpg", one, filepath="val2014") for one in parts), name="dataset_coco")
    (inner / place).mkdir(parents=True)
    for number, name in enumerate(parts):
        (inner / place / f"{name}.jpg").write_bytes(picture(number))
    names = {"train": ("coco/train", "coco/restval"), "valid": ("coco/val",), "test": ("coco/test",)}
    corpus = files.captions(tmp_path, names)
    assert corpus["train"]["picture"][:] == [picture(0), picture(1)]
    assert corpus["test"]["id"][:] == ["coco/test/1"]


def test_a_missing_photo_stops_the_reading(tmp_path: Path) -> None:
    write(tmp_path, *(image("x.jpg", name, filepath="val2014") for name in ("train", "val", "test")))
    with pytest.raises(BadInput, match=r"flickr8k.json image 1 names val2014/x.jpg, which is neither in "):
        files.captions(tmp_path, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "is no JSON object with a list images; fetch it again"),
        ('{"images": 5}', "is no JSON object with a list images"),
        ('{"images": [', "is no JSON object with a list images"),
        ('{"images": [5]}', "image 1 lacks filename, split, or sentences with raw; fetch the file again"),
        ('{"images": [{"filename": "x", "split": "train"}]}', "image 1 lacks filename"),
        ('{"images": [{"filename": "x", "split": "train", "sentences": [{}]}]}', "image 1 lacks filename"),
        ('{"images": [{"filename": "x", "split": 3, "sentences": []}]}', "image 1: split is a number"),
        ('{"images": [{"filename": "x", "split": "", "sentences": []}]}', "image 1: the split '' is no name"),
    ],
)
def test_what_is_no_such_listing_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "dataset_x.json").write_text(text)
    with pytest.raises(BadInput, match=said):
        files.captions(tmp_path, {})


def test_two_listings_in_a_folder_are_refused(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, name="dataset_coco")
    with pytest.raises(
        BadInput, match=r"holds dataset_coco.json and dataset_flickr8k.json; give each a folder"
    ):
        files.captions(tmp_path, {})
