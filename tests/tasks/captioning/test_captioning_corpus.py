"""A corpus of captions made ready: annotations, words, links, coverage, what is left out, what is told."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pytest
import torch
from datasets import Dataset, DatasetDict, List, Value
from PIL import Image

from attnbench import corpora
from attnbench.corpora.captions.regions import SIDE, packed
from attnbench.corpora.text import Vocabulary
from attnbench.errors import BadInput
from attnbench.scoring import regions
from attnbench.tasks import prepare
from attnbench.tasks.captioning import corpus as module
from attnbench.tasks.captioning.corpus import Captions, captions, pictures
from attnbench.tasks.captioning.encoders import Encoder
from attnbench.tasks.captioning.features import Features
from attnbench.tasks.captioning.networks import Colours
from attnbench.tasks.captioning.settings import CaptioningData
from attnbench.tasks.columns import cells
from attnbench.tasks.engine import Corpus
from attnbench.tasks.split import mapped
from attnbench.zoo.layered_network import Layer, LayeredNetwork

CPU = torch.device("cpu")
SETTINGS = CaptioningData(captions=2, max_length=6)
EMBEDDED = corpora.parse("embedded")
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
COLUMNS = datasets.Features({
    "id": Value("string"), "picture": Value("binary"), "captions": List(Value("string")),
    "objects": Value("int32"), "regions": List(Value("binary")),
    "links": List(List(Value("int32"), length=3)), "attributes": List(List(Value("int32"), length=4)),
})  # fmt: skip


def encoder(pool: int = 1, deviation: float = 1.0) -> Encoder:
    """Sees 8 x 8 pixels; an annotation of its 2 x 2 cells is the largest red, green and blue in it."""
    layer = Layer("max_pool", "seen", ("input",), kernel=4, stride=4)
    return Encoder(LayeredNetwork([layer]), Colours("RGB", (0.0,) * 3, (deviation,) * 3), 8, pool)


def png(*quarters: tuple[int, int, int], mode: str = "RGB", size: tuple[int, int] = (8, 8)) -> bytes:
    """A picture of four colours, row by row; or of one."""
    small = np.array(quarters if len(quarters) == 4 else quarters * 4, np.uint8).reshape(2, 2, 3)
    file = io.BytesIO()
    Image.fromarray(small).resize(size, Image.Resampling.NEAREST).convert(mode).save(file, "PNG")
    return file.getvalue()


def left_half() -> bytes:
    mask = np.zeros((SIDE, SIDE), bool)
    mask[:, : SIDE // 2] = True
    return packed(mask)


def row(place: str, picture: bytes, *said: str, links: Sequence[Sequence[int]] = ()) -> dict[str, Any]:
    return {
        "id": place, "picture": picture, "captions": list(said), "objects": 1, "regions": [left_half()],
        "links": [list(link) for link in links], "attributes": [[0, 0, 0, 0]],
    }  # fmt: skip


FIRST = row(
    "a", png(RED, GREEN, BLUE, WHITE), "A ball.", "Red ball!", "never read",
    links=[(0, 1, 0), (1, 1, 0), (2, 0, 0)],
)  # fmt: skip
TRAIN = [FIRST, row("b", png(RED), "one two three four five six", "A cube .")]
VALID = [row("v", png(BLUE), "a a a a a a lamp")]
TEST = [row(f"t{n}", png((n, 0, 0)), "a ball") for n in range(66)]


def scenes(given: bool = False, **sets: Sequence[Mapping[str, Any]]) -> DatasetDict:
    rows = {"train": TRAIN, "valid": VALID, "test": TEST} | sets
    made = DatasetDict({name: Dataset.from_list(list(one), features=COLUMNS) for name, one in rows.items()})
    return made.remove_columns(["objects", "regions", "links", "attributes"]) if given else made


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the embedded ``corpus`` is, and which ``encoder`` there is; a test may change them."""
    here: dict[str, Any] = {"corpus": scenes(), "encoder": encoder()}

    def made(seed: int, **asked: Any) -> DatasetDict:
        here["asked"] = {"seed": seed} | asked
        return DatasetDict(here["corpus"])

    def fitted(train: Dataset, settings: CaptioningData) -> tuple[Encoder, str]:
        here["trained"] = train.column_names, len(train)
        return here["encoder"], "right of 9 in 10 cells"

    monkeypatch.setattr(module.embedded, "scenes", made)
    monkeypatch.setattr(module.files, "captions", lambda *asked, **more: scenes(given=True))
    monkeypatch.setattr(module.files, "read_from", lambda folder, names: [])
    monkeypatch.setattr(module.trunk, "fitted", fitted)
    monkeypatch.setattr(module.encoders, "opened", lambda settings: here["encoder"])
    return here


def opened(work: Path, settings: CaptioningData = SETTINGS, data: str = "embedded") -> Corpus:
    task = Captions()
    return task.open(task.prepare(corpora.parse(data), settings, work), settings)


def about(work: Path, settings: CaptioningData = SETTINGS, data: str = "embedded") -> dict[str, Any]:
    folder = Captions().prepare(corpora.parse(data), settings, work)
    told: dict[str, Any] = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    return told


def test_pictures_become_annotations_and_captions_numbers(held: Mapping, tmp_path: Path) -> None:
    corpus = opened(tmp_path)
    folder = Captions().prepare(EMBEDDED, SETTINGS, tmp_path)
    train = pictures(mapped(folder / "train.arrow"))
    assert set(train.table.column_names) == {
        "id", "captions", "caption_ids", "annotations", "objects", "links", "coverage",
    }  # fmt: skip
    assert train["annotations"][0] == [list(RED), list(GREEN), list(BLUE), list(WHITE)], "row by row"
    assert train.table["annotations"].type == pa.list_(pa.list_(pa.float16(), 3), 4)
    assert train["captions"] == [["a ball .", "red ball !"], ["one two three four five six", "a cube ."]]
    assert corpus.features.target.words[2:] == (".", "a", "ball", "!", "cube", "red"), "one ... is too long"
    assert train["caption_ids"] == [[[3, 4, 2], [7, 4, 5]], [[0] * 6, [3, 6, 2]]]
    assert train["links"] == [[[0, 1, 0], [1, 1, 0]], []], "of captions that count"
    assert train["coverage"][0] == [[1, 0, 1, 0]]
    assert corpus.valid["caption_ids"] == [[[3] * 6 + [0]]], "as long as it may be"
    batch = corpus.valid.batch(np.array([0]), CPU)
    assert batch._fields == ("source",) and batch.source.values.tolist() == [[list(BLUE)] * 4]
    assert held["trained"][1] == 2 and {"picture", "attributes", "regions"} <= set(held["trained"][0])


def test_training_examples_are_captions_that_are_short_enough(held: Mapping, tmp_path: Path) -> None:
    train = opened(tmp_path).train
    assert (train["picture"], train["caption"]) == ([0, 0, 1], [0, 1, 1])
    assert train.lengths.tolist() == train.sizes("target").tolist() == [4, 4, 4]
    batch = train.batch(np.array([2, 1]), CPU)
    assert batch.target.values.tolist() == [[3, 6, 2, 1], [7, 4, 5, 1]] and batch.target.mask.all()
    assert batch.source.values[:, 1].tolist() == [list(RED), list(GREEN)]


def test_captions_of_some_pictures_by_hand() -> None:
    """Two chunks; picture i has annotations of i, and captions of i j words for j from 0."""

    def table(*numbers: int) -> pa.Table:
        ids = [[[9] * (i * j) for j in range(i)] for i in numbers]
        seen = cells(np.repeat(np.array(numbers, np.float16), 2).reshape(-1, 2, 1))
        kind = pa.list_(pa.list_(pa.int32()))
        return pa.table({"annotations": seen, "caption_ids": pa.array(ids, kind)})

    every = pictures(pa.concat_tables([table(2, 0), table(3, 1)]))
    said = captions(every)
    assert said["picture"] == [0, 0, 2, 2, 2, 3] and said["caption"] == [0, 1, 0, 1, 2, 0]
    assert said.lengths.tolist() == [1, 3, 1, 4, 7, 1]
    assert said.columns["source"].column is every.columns["source"], "nothing is copied"
    some = captions(every.select(np.array([3, 1, 2])))
    assert some["picture"] == [0, 2, 2, 2] and some["caption"] == [0, 0, 1, 2]
    batch = some.batch(np.arange(4), CPU)
    assert batch.source.values[:, :, 0].tolist() == [[1, 1], [3, 3], [3, 3], [3, 3]]
    assert batch.target.mask.sum(dim=1).tolist() == [1, 1, 4, 7]


def test_coverage_is_of_what_the_encoder_sees(held: dict[str, Any], tmp_path: Path) -> None:
    """Of 32 x 16 pixels the middle 14 x 14 are seen: the left half of the picture is the left half of it."""
    wide = row("w", png(RED, GREEN, RED, GREEN, size=(32, 16)), "a ball")
    mask = np.zeros((SIDE, SIDE), bool)
    mask[:, :24] = True  # up to 12 of the 32 pixels; seen are those from 9 to 23, a cell is 7 wide
    wide["regions"] = [left_half(), packed(mask)]
    held["corpus"] = scenes(test=[wide])
    features = Features.of(Vocabulary(["a"]), encoder(), "crop")
    table = Captions().tokenise(held["corpus"]["test"].data.table, SETTINGS)
    (found,) = Captions().encode(table, features)["coverage"].to_pylist()
    assert found == [pytest.approx([1, 0, 1, 0]), pytest.approx([3 / 7, 0, 3 / 7, 0], abs=1e-6)]
    (squeezed,) = opened(tmp_path).tests["test"]["coverage"]
    assert squeezed == [[1, 0, 1, 0], [0.75, 0, 0.75, 0]], "generated scenes are seen whole"


def test_words_whose_region_is_not_seen_are_not_scored() -> None:
    """The left eighth of a picture twice as wide as high is cut off, with all that lies in it."""
    wide = row("w", png(RED, GREEN, RED, GREEN, size=(32, 16)), "ball cube")
    mask = np.zeros((SIDE, SIDE), bool)
    mask[:, : SIDE // 8] = True
    wide["regions"] = [packed(mask), left_half()]
    features = Features.of(Vocabulary(["ball"]), encoder(), "crop")
    table = Captions().tokenise(scenes(test=[wide])["test"].data.table, SETTINGS)
    (covered,) = Captions().encode(table, features)["coverage"].to_pylist()
    right = regions.named([(0, 0), (1, 1)], regions.marked(np.array(covered)), 2)
    assert right.tolist() == [[False] * 4, [True, False] * 2]
    found = regions.statistics(np.full((2, 4), 0.25), right, (2, 2))
    assert found["pointing/words"] == found["mass/words"] == 1


def test_no_regions_no_coverage(held: dict[str, Any], tmp_path: Path) -> None:
    settings = replace(SETTINGS, encoder="some.npz")
    corpus = opened(tmp_path, settings, f"files:{tmp_path}")
    assert set(corpus.tests["test"].table.column_names) == {"id", "captions", "caption_ids", "annotations"}
    held["corpus"] = scenes(valid=[VALID[0], VALID[0] | {"regions": []}])
    assert opened(tmp_path).valid["coverage"] == [[[1, 0, 1, 0]], []]


def test_what_is_not_used_as_it_is(held: dict[str, Any], tmp_path: Path) -> None:
    grey = row("g", png(RED, mode="L"), "a grey ball")
    clear = row("p", png(RED, mode="P"), "a ball")
    wordy = row("w", png(RED), "one two three four five six")
    held["corpus"] = scenes(train=[*TRAIN, grey, wordy, clear, grey], test=[wordy, grey])
    held["corpus"]["train"].info.description = "2 pictures that cannot be read left out, the first x"
    told, corpus = about(tmp_path), opened(tmp_path)
    assert told["examples"] == told["pictures"] == {"train": 5, "valid": 1, "test": 2}
    assert told["captions"] == {"train": 7, "valid": 1, "test": 2}
    assert corpus.tests["test"]["id"] == ["w", "g"] and len(corpus.train) == 6
    assert [note for note in told["notes"] if "not among" not in note] == [
        "train: 2 pictures that cannot be read left out, the first x",
        "train: 1 captions beyond the first 2 of their pictures left out, the first a",
        "train: 2 captions of 6 words or more left out, the first b",
        "train: 2 pictures converted from L to red, green and blue, the first g",
        "train: 1 pictures without a shorter caption left out, the first w",
        "train: 1 pictures converted from P to red, green and blue, the first p",
        "test: 1 pictures converted from L to red, green and blue, the first g",
        "annotations: 2 x 2 cells of 3 numbers; right of 9 in 10 cells",
    ]
    held["corpus"] = scenes(train=[wordy])
    with pytest.raises(BadInput, match=r"no training caption has fewer than 6 words; raise data.max_length"):
        opened(tmp_path / "again")


def test_unknown_words_are_told_of(held: Mapping, tmp_path: Path) -> None:
    """Of training captions, those that are too long as well: six words of fifteen."""
    told = about(tmp_path)
    assert told["words"] == 6
    assert told["notes"][2:5] == [
        "train: 40.00% of the words are not among the 8 known ones",
        "valid: 14.29% of the words are not among the 8 known ones",
        "test: 0.00% of the words are not among the 8 known ones",
    ]
    assert about(tmp_path, replace(SETTINGS, words=4))["words"] == 2


def test_rows_are_few_at_a_time_and_told_of(held: Mapping, tmp_path: Path) -> None:
    said: list[Any] = []
    folder = Captions().prepare(EMBEDDED, SETTINGS, tmp_path, lambda *one: said.append(one))
    assert [len(chunk) for chunk in mapped(folder / "test.arrow")["annotations"].chunks] == [64, 2]
    steps = [2, 3, 67, 69]
    assert said == [(step, done, 69) for step in ("tokenised", "encoded") for done in steps]
    said.clear()
    Captions().prepare(EMBEDDED, SETTINGS, tmp_path, lambda *one: said.append(one))
    assert not said, "it is there"


def test_another_encoder_is_another_corpus(held: dict[str, Any], tmp_path: Path) -> None:
    """By what it is, not by where it lies; its weights are kept with the annotations."""
    data, here = f"files:{tmp_path}", replace(SETTINGS, encoder="one.npz", fit="squeeze")
    first = about(tmp_path / "work", here, data)
    assert about(tmp_path / "work", replace(here, encoder="moved/two.npz"), data)["key"] == first["key"]
    assert first["notes"][-1] == "annotations: 2 x 2 cells of 3 numbers; the encoder is one.npz"
    held["encoder"] = encoder(deviation=2.0)
    second = about(tmp_path / "work", here, data)
    assert second["key"] != first["key"] and second["fingerprint"] != first["fingerprint"]
    corpus = opened(tmp_path / "work", here, data)
    assert corpus.valid.batch(np.array([0]), CPU).source.values[0, 0].tolist() == [0, 0, 127.5]
    assert corpus.features.encoder.identity == held["encoder"].identity


def test_an_encoder_that_was_replaced_is_seen(held: Mapping, tmp_path: Path) -> None:
    folder = Captions().prepare(EMBEDDED, SETTINGS, tmp_path)
    encoder(deviation=2.0).save(folder)
    with pytest.raises(BadInput, match=r"no whole corpus: .*encoder.*is not as it was written"):
        Captions().open(folder, SETTINGS)


def test_an_encoder_that_changes_meanwhile_is_not_used(
    held: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The annotations are of the encoder that the folder is named after, which is read once."""
    first, later = held["encoder"], encoder(deviation=2.0)
    files = iter([first, later, later])
    monkeypatch.setattr(module.encoders, "opened", lambda settings: next(files))
    here = replace(SETTINGS, encoder="one.npz", fit="squeeze")
    corpus = opened(tmp_path / "work", here, f"files:{tmp_path}")
    assert corpus.features.encoder.identity == first.identity
    assert corpus.valid.batch(np.array([0]), CPU).source.values[0, 0].tolist() == [0, 0, 255]


def test_annotations_that_the_disk_has_no_room_for_are_refused(
    held: Mapping, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """69 pictures have 4 cells of 3 numbers of 2 bytes each."""
    monkeypatch.setattr(prepare, "free_disk", lambda folder: 69 * 24)
    Captions().prepare(EMBEDDED, SETTINGS, tmp_path / "room")
    monkeypatch.setattr(prepare, "free_disk", lambda folder: 69 * 24 - 1)
    with pytest.raises(BadInput, match=r"need at least 1\.62 KiB of disk, .* is free; choose another --work"):
        Captions().prepare(EMBEDDED, SETTINGS, tmp_path / "none")
    assert not list((tmp_path / "none").iterdir()), "nothing half written"


def test_given_pictures_need_an_encoder_first(
    held: Mapping, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    with pytest.raises(BadInput, match=r"data\.encoder"):
        opened(tmp_path / "work", SETTINGS, f"files:{tmp_path / 'nothing there'}")


def test_readers_are_asked_as_set(
    held: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = Captions()
    settings = replace(SETTINGS, seed=4, test_count=9, objects=3, references=2)
    task.read(EMBEDDED, settings)
    asked = {"seed": 4, "test": 9, "objects": 3, "references": 2, "scratch": None}
    assert held["asked"] == asked
    task.read(EMBEDDED, replace(settings, limit=50))
    assert held["asked"] == asked | {"train": 50}
    seen: list[Any] = []

    def given(*asked: Any) -> DatasetDict:
        seen.append(asked)
        return scenes(given=True)

    monkeypatch.setattr(module.files, "captions", given)
    monkeypatch.setattr(module.hub, "captions", lambda *asked: (given(*asked), "abc"))
    task.read(corpora.parse(f"files:{tmp_path}"), replace(settings, limit=7, test=("a",)))
    task.read(corpora.parse("hub:some/set"), settings)
    assert seen == [(tmp_path, {"test": ("a",)}, 7, None), ("some/set", {}, None, None)]


def test_files_are_seen_as_the_corpus_was(held: Mapping, tmp_path: Path) -> None:
    corpus = opened(tmp_path / "work")
    paths = [tmp_path / f"{n}.png" for n in range(65)]
    for path, one in zip(paths, TEST, strict=False):
        path.write_bytes(one["picture"])
    first, second = Captions().seen(paths, corpus)
    assert (len(first), len(second)) == (64, 1) and first["id"] + second["id"] == list(map(str, paths))
    assert first["annotations"] + second["annotations"] == corpus.tests["test"]["annotations"][:65]
    assert second["captions"] == second["caption_ids"] == [[]]


@pytest.mark.parametrize(("content", "reason"), [
    (None, "cannot be read: "), (b"no picture", "is no picture that can be read: .*; name"),
])  # fmt: skip
def test_what_cannot_be_seen_is_named(
    held: Mapping, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    corpus, path = opened(tmp_path / "work"), tmp_path / "lost.jpg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=f"lost.jpg {reason}"):
        list(Captions().seen([path], corpus))


def test_features_come_back(tmp_path: Path) -> None:
    features = Features.of(Vocabulary(["a", "ball"]), encoder(pool=2), "crop")
    assert (features.grid, features.cells, features.size) == ((1, 1), 1, 3)
    features.save(tmp_path)
    again = Features.load(tmp_path)
    assert (again.target, again.grid, again.size, again.fit) == (features.target, (1, 1), 3, "crop")
    assert again.opened.identity == features.opened.identity


def test_features_without_a_corpus() -> None:
    paper = Features.numbered(CaptioningData())
    assert (len(paper.target), paper.grid, paper.cells, paper.size) == (10_000, (14, 14), 196, 512)
    small = Features.numbered(CaptioningData(words=50, pool=2))
    assert (len(small.target), small.grid) == (50, (7, 7))
    with pytest.raises(ValueError, match="see no picture"):
        _ = small.opened
