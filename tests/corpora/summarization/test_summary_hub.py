"""Gigaword as the hub has it: made ours from local parquet files in its schema."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pytest
from datasets import Dataset, Features, List, Value

from attnbench.corpora import splits
from attnbench.corpora.summarization import hub
from attnbench.errors import BadInput

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REFERENCE = f"Harvard/gigaword@{COMMIT}"
ROWS = {
    "train": [("a b .", "a"), ("", "x"), ("c", " "), ("d", "e f g"), ("h", None)],
    "validation": [("p", "h"), ("q", "\u00a0")],
    "test": [("p\nq", "h"), (None, "q"), ("", "a\0"), ("", "b\r\nc")],
}
FEATURES = Features({"document": Value("string"), "summary": Value("string")})


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what puts a set in a folder, as parquet with a card, in place of the hub's."""
    folder = tmp_path / "hub"
    (folder / "data").mkdir(parents=True)
    real: Callable[..., Any] = datasets.load_dataset

    def local(repository: str, config: str | None, **options: Any) -> Any:
        assert (repository, options.pop("revision")) == ("Harvard/gigaword", COMMIT)
        return real(str(folder), config, cache_dir=str(tmp_path / "cache"), **options)

    def put(features: Features = FEATURES, rows: dict[str, list[Any]] = ROWS) -> None:
        for split, values in rows.items():
            made = Dataset.from_list(
                [dict(zip(features, row, strict=True)) for row in values], features=features
            )
            made.to_parquet(folder / "data" / f"{split}-00000-of-00001.parquet")
        paths = "".join(f"  - split: {split}\n    path: data/{split}-*\n" for split in rows)
        card = f"---\nconfigs:\n- config_name: default\n  data_files:\n{paths}---\n"
        (folder / "README.md").write_text(card)

    monkeypatch.setattr(datasets, "load_dataset", local)
    return put


def pair(name: str, source: str, *references: str) -> dict[str, Any]:
    return {"id": name, "source": source, "target": references[0], "references": list(references)}


@pytest.mark.parametrize("limit", [None, 3])  # downloaded, streamed
def test_the_schema_of_gigaword_becomes_ours(read: Callable[..., None], limit: int | None) -> None:
    read()
    corpus, revision = hub.summarization(REFERENCE, {}, limit)
    assert revision == COMMIT
    train = [pair("train/1", "a b .", "a"), pair("train/4", "d", "e f g")]
    assert corpus["train"].to_list() == (train if limit is None else train[:1])
    assert corpus["valid"].to_list() == [pair("validation/1", "p", "h")]
    assert corpus["test"].to_list() == [pair("test/1", "p q", "h"), pair("test/4", "", "b c")]
    null = "with a side that is null or holds NUL left out"
    told = ["train: 2 pairs with a blank side left out"] if limit else [
        f"train: 1 pairs {null}", "train: 2 pairs with a blank side left out",
    ]  # fmt: skip
    assert splits.left_out(corpus) == [
        *told, "valid: 1 pairs whose summaries are all blank left out", f"test: 2 pairs {null}"
    ]  # fmt: skip


def test_lists_are_references_and_other_names_are_known(read: Callable[..., None]) -> None:
    lists = [
        ("a", 0, ["", "b", None, "c\0", "d"]), ("e", 1, []), ("f", 2, None), ("g", 3, [None, "h\0"]),
        ("i", 4, [" ", ""]), ("j", 5, ["k\n", "\ufeffl"]),
    ]  # fmt: skip
    features = Features({"article": Value("string"), "n": Value("int64"), "headlines": List(Value("string"))})
    read(features, {"train": lists, "dev": lists, "test": lists[-1:]})
    corpus, _ = hub.summarization(REFERENCE, {})
    for name, split in (("train", "train"), ("valid", "dev")):
        assert corpus[name].to_list() == [
            pair(f"{split}/1", "a", "b", "d"), pair(f"{split}/6", "j", "k ", "l")
        ]  # fmt: skip
    null = "2 pairs with a side that is null or holds NUL left out"
    assert splits.left_out(corpus) == [
        f"train: {null}", "train: 2 pairs with a blank side left out",
        f"valid: {null}", "valid: 2 pairs whose summaries are all blank left out",
    ]  # fmt: skip
    assert corpus["test"]["references"][:] == [["k ", "l"]]


def columns(**held: Any) -> list[dict[str, Any]]:
    table = pa.table(held)
    found: list[dict[str, Any]] = pa.table(
        hub._columns(table, Dataset(table), "hub:a/b train", 11)
    ).to_pylist()
    return found


def test_the_first_of_the_names_is_read() -> None:
    found = columns(sentence=["s"], compression=["c"], sentence_raw=["S"], compression_raw=["C"])
    assert found == [{"source": "S", "target": "C", "references": ["C"]}]


def test_missing_columns_are_named() -> None:
    with pytest.raises(BadInput) as caught:
        columns(text=["a"], summary=["b"])
    assert str(caught.value) == (
        "hub:a/b train has no column sentence_raw/document/article/sentence, only text, summary"
    )
    with pytest.raises(BadInput, match=r"train has no column compression_raw/summary/headlines/headline/"):
        columns(document=["a"], text=["b"])


@pytest.mark.parametrize(
    ("held", "says"),
    [
        ({"document": [1, 2], "summary": ["a", "b"]}, "hub:a/b train row 11: document is a number; it must"),
        (
            {"document": ["a", "b"], "summary": [None, 0.5]},
            "hub:a/b train row 12: summary is a number; it mu",
        ),
        (
            {"document": ["a"], "summary": [[1]]},
            "hub:a/b train: summary has lists of int64; they must hold te",
        ),
        (
            {"document": [["a"]], "summary": ["b"]},
            "hub:a/b train row 11: document is a list; it must be a te",
        ),
    ],
)
def test_what_is_no_text_is_refused(held: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput) as caught:
        columns(**held)
    assert says in str(caught.value)


def test_lists_that_are_all_empty_are_blank() -> None:
    found = columns(document=["a", "b"], summary=pa.array([[], None], pa.list_(pa.null())))
    assert [row["target"] for row in found] == ["", None]


def test_a_text_that_is_not_utf8_is_refused() -> None:
    broken = pa.array([[b"\xff"]], pa.list_(pa.binary())).view(pa.list_(pa.string()))
    with pytest.raises(BadInput, match="summary is not UTF-8, from row 11 on"):
        columns(document=["a"], summary=broken)
