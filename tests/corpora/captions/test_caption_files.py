"""Pictures with captions in a folder: what is read, how it is named, and what is left out or refused."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from attnbench.corpora import splits
from attnbench.corpora.captions import files
from attnbench.corpora.captions.regions import coverage
from attnbench.errors import BadInput

SPLITS = ("train", "dev", "test")
DOG = {"category": "dog", "polygons": [[0, 0, 0.5, 0, 0.5, 1, 0, 1]], "crowd": 0}
MAN = {"category": "person", "box": [0.5, 0.5, 1, 1]}


def picture(value: int, kind: str = "PNG", mode: str = "L") -> bytes:
    held = io.BytesIO()
    Image.new(mode, (4, 3), value).save(held, kind)
    return held.getvalue()


def row(file: str, split: str, *captions: str, **more: Any) -> dict[str, Any]:
    return {"file": file, "split": split, "captions": list(captions) or ["A dog .", "two men"], **more}


def write(folder: Path, *rows: dict[str, Any], name: str = "captions") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a corpus of one picture a split."""
    for place, split in enumerate(SPLITS, start=1):
        (tmp_path / f"{split}.png").write_bytes(picture(place))
    write(tmp_path, *(row(f"{split}.png", split) for split in SPLITS))
    return tmp_path


def test_pictures_become_rows(folder: Path) -> None:
    corpus = files.captions(folder, {})
    assert {name: split.to_list() for name, split in corpus.items()} == {
        key: [{"id": f"{name}/1", "picture": picture(place), "captions": ["A dog .", "two men"]}]
        for place, (key, name) in enumerate(
            {"train": "train", "valid": "dev", "test": "test"}.items(), start=1
        )
    }
    assert splits.left_out(corpus) == []


def test_rows_of_a_table_are_joined_by_their_picture(folder: Path) -> None:
    (folder / "captions.jsonl").unlink()
    cells = [("caption", "split", "file"), ("b a", "train", "dev.png"), ("one", "train", "test.png")]
    cells += [("c", "train", "dev.png"), ("v", "dev", "dev.png"), ("t", "test", "test.png")]
    (folder / "captions.tsv").write_text("".join("\t".join(one) + "\n" for one in cells))
    train = files.captions(folder, {})["train"]
    assert train["captions"][:] == [["b a", "c"], ["one"]]
    assert train["picture"][:] == [picture(2), picture(3)]


def test_members_of_tar_files_are_read_in_place(folder: Path) -> None:
    with tarfile.open(folder / "images.tar", "w") as tar:
        for split in SPLITS:
            tar.add(folder / f"{split}.png", f"./{split}.png")
    before = {name: split.to_list() for name, split in files.captions(folder, {}).items()}
    for split in SPLITS:
        (folder / f"{split}.png").unlink()
    assert {name: split.to_list() for name, split in files.captions(folder, {}).items()} == before
    assert files.read_from(folder, {}) == [folder / "captions.jsonl", folder / "images.tar"]


def test_a_test_set_with_regions_lies_in_a_folder_of_its_own(folder: Path) -> None:
    inner = folder / "mini"
    objects = [DOG, MAN, DOG | {"category": "frog", "polygons": [[0.9, 0.9, 1, 0.9, 1, 1, 0.9, 1]]}]
    write(inner, row("x/a.png", "eval", "Men, a frog", "A dog", objects=objects), name="captions_regions")
    (inner / "x").mkdir()
    (inner / "x" / "a.png").write_bytes(picture(9))
    names = {"test": ("test", "mini/eval")}
    corpus = files.captions(folder, names)
    assert list(corpus) == ["train", "valid", "test", "eval"]
    assert corpus["test"].column_names == ["id", "picture", "captions"]
    (found,) = corpus["eval"].to_list()
    assert (found["id"], found["objects"]) == ("mini/eval/1", 3)
    assert found["links"] == [[0, 0, 1], [0, 3, 2], [1, 1, 0]]
    assert coverage(found["regions"][:2], (2, 2)).tolist() == [[1, 0, 1, 0], [0, 0, 0, 1]]
    assert files.read_from(folder, names)[-2:] == [inner / "captions_regions.jsonl", inner / "x" / "a.png"]
    mixed = files.captions(folder, {"train": ("train", "mini/eval"), "test": ("mini/eval",)})
    assert mixed["train"].column_names == ["id", "picture", "captions"] and len(mixed["train"]) == 2
    assert "links" in mixed["eval"].column_names


def test_what_is_left_out_is_told_with_its_first_file(folder: Path) -> None:
    (folder / "bad.jpg").write_bytes(b"no picture")
    (folder / "cut.png").write_bytes(picture(1)[:-30])
    rows = [row(f"{split}.png", split) for split in SPLITS]
    for split in SPLITS:
        rows += [row("bad.jpg", split), row("cut.png", split), row("mute.png", split) | {"captions": []}]
        rows += [row("blank.png", split, " ", "\u200b"), row("half.png", split, " ", "a cat")]
    for name in ("mute", "blank", "half"):
        (folder / f"{name}.png").write_bytes(picture(8))
    write(folder, *rows)
    corpus = files.captions(folder, {})
    for key, name in (("train", "train"), ("valid", "dev"), ("test", "test")):
        assert corpus[key]["id"][:] == [f"{name}/1", f"{name}/6"]
        assert corpus[key]["captions"][1] == ["a cat"]
        assert corpus[key].info.description.splitlines() == [
            "2 pictures that cannot be read left out, the first bad.jpg (it is none of JPEG, PNG, GIF, WEBP, "
            "BMP, TIFF, PPM, or broken where it begins)",
            "2 pictures without captions left out, the first mute.png",
            "1 pictures with captions without words, which were dropped, the first half.png",
        ]


def test_objects_that_each_row_of_a_picture_has_are_counted_once(folder: Path) -> None:
    cat = {"category": "cat", "box": [0.5, 0.5, 1, 1]}
    rows = [row(f"{split}.png", split, "a dog", objects=[DOG]) for split in SPLITS]
    write(folder, *rows, row("train.png", "train", "dog", objects=[DOG, cat]))
    (one,) = files.captions(folder, {})["train"]
    assert (one["captions"], one["objects"], len(one["regions"])) == (["a dog", "dog"], 2, 2)
    assert one["links"] == [[0, 1, 0], [1, 0, 0]]


def test_links_count_the_captions_that_are_left(folder: Path) -> None:
    rows = [row(f"{split}.png", split, "", "a dog", objects=[DOG]) for split in SPLITS]
    write(folder, *rows, row("bare.png", "test", objects=[]), name="captions_regions")
    (folder / "captions.jsonl").unlink()
    (folder / "bare.png").write_bytes(picture(1))
    test = files.captions(folder, {})["test"]
    assert test["links"][:] == [[[0, 1, 0]]]
    assert "1 pictures without objects left out, the first bare.png" in test.info.description


def test_pictures_of_all_colours_are_kept_as_they_are(folder: Path) -> None:
    kinds = {"grey.png": "L", "palette.png": "P", "alpha.png": "RGBA", "cmyk.jpg": "CMYK"}
    for name, mode in kinds.items():
        (folder / name).write_bytes(picture(3, "JPEG" if mode == "CMYK" else "PNG", mode))
    write(folder, *(row(name, split) for split in SPLITS for name in kinds))
    kept = files.captions(folder, {})["train"]["picture"][:]
    assert kept == [(folder / name).read_bytes() for name in kinds]


def test_limit_takes_the_first_training_pictures(folder: Path) -> None:
    pair = [row("train.png", "train"), row("dev.png", "train"), row("dev.png", "dev"), row("dev.png", "test")]
    write(folder, *pair)
    assert [len(split) for split in files.captions(folder, {}, limit=1).values()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (row("gone.png", "test"), r"line 4 names gone.png, which is neither in .*; put it there"),
        (row("../train.png", "test"), r"line 4: '../train.png' is no file below"),
        (row("train.png", " "), "line 4: the split ' ' is no name"),
        ({"file": "train.png", "split": "test"}, "line 4 is not a JSON object with the fields file, split, "),
        (row("train.png", "test") | {"captions": [3]}, "line 4: captions, text 1, is a number"),
        (row("train.png", "test") | {"captions": None}, "line 4: captions is null"),
    ],
)
def test_rows_that_cannot_be_read_stop_the_reading(folder: Path, last: dict[str, Any], said: str) -> None:
    with (folder / "captions.jsonl").open("a") as file:
        file.write(json.dumps(last) + "\n")
    with pytest.raises(BadInput, match=said):
        files.captions(folder, {})


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        ("dog", "objects is no list of objects"),
        ([1], "objects is no list of objects"),
        ([{"box": [0, 0, 1, 1]}], "object 1: category is null"),
        ([DOG, {"category": "cat"}], "object 2 has not a box left, top, right, bottom"),
        (
            [{"category": "cat", "box": [0, 0, 320, 200]}],
            "object 1 has not a box .* fractions of the picture's",
        ),
        (
            [{"category": "cat", "polygons": [[0, 0, 1, 1]]}],
            "object 1 has not polygons x, y, .* three points",
        ),
        ([{"category": "cat", "polygons": [[0, 0, 1, 1, 0.5, 0.5, 0.1]]}], "object 1 has not polygons"),
        ([{"category": "cat", "polygons": [[0, 0, 1, float("nan"), 0, 1]]}], "object 1 has not polygons"),
        ([{"category": "cat", "polygons": 5}], "object 1 has not polygons"),
        ([{"category": "cat", "box": [0.6, 0.2, 0.1, 0.4]}], "object 1 has not a box left, top, right"),
        ([{"category": "cat", "box": [0.2, 0.6, 0.4, 0.1]}], "object 1 has not a box left, top, right"),
    ],
)
def test_objects_that_cannot_be_read_stop_the_reading(folder: Path, objects: Any, said: str) -> None:
    write(folder, *(row(f"{split}.png", split, objects=objects) for split in SPLITS))
    with pytest.raises(BadInput, match=said):
        files.captions(folder, {})


def test_folders_that_hold_nothing_to_read_are_refused(folder: Path, tmp_path_factory: Any) -> None:
    empty: Path = tmp_path_factory.mktemp("empty")
    with pytest.raises(BadInput, match=r"holds no captions.jsonl, captions.tsv, .*; choose another folder"):
        files.captions(empty, {})
    with pytest.raises(BadInput, match=r"no folder .*nowhere; --data files:DIR takes a folder with"):
        files.captions(empty / "nowhere", {})
    write(empty)
    with pytest.raises(BadInput, match="describes no picture; add rows"):
        files.captions(empty, {})
    write(folder, name="captions_regions")
    with pytest.raises(BadInput, match="has two files of captions; let there be one"):
        files.captions(folder, {})


def test_objects_in_a_table_and_a_split_without_usable_pictures_are_refused(folder: Path) -> None:
    write(folder, *(row(f"{split}.png", split) for split in SPLITS[:2]), row("test.png", "test", " "))
    said = "test has no picture that can be used; 1 pictures without captions left out, the first test.png"
    with pytest.raises(BadInput, match=said):
        files.captions(folder, {})
    (folder / "captions.jsonl").unlink()
    head = "file\tsplit\tcaption\tobjects\n"
    lines = "".join(f"{split}.png\t{split}\ta\tdog\n" for split in SPLITS)
    (folder / "captions.tsv").write_text(head + lines)
    with pytest.raises(BadInput, match="has a column objects, which only a jsonl file can hold; write one"):
        files.captions(folder, {})


def test_the_order_and_bytes_of_a_larger_set_are_kept(folder: Path) -> None:
    """More pictures than a table has rows."""
    many = [f"{place}.png" for place in range(70)]
    for place, name in enumerate(many):
        (folder / name).write_bytes(picture(place))
    rows = [row(name, "train", f"number {place}") for place, name in enumerate(many)]
    write(folder, *rows, row("dev.png", "dev"), row("test.png", "test"))
    train = files.captions(folder, {})["train"]
    assert train["captions"][:] == [[f"number {place}"] for place in range(70)]
    shades = [int(np.asarray(Image.open(io.BytesIO(one)))[0, 0]) for one in train["picture"]]
    assert shades == list(range(70))
