"""SNLI as the hub has it: made ours from local parquet files in its schema."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pytest
from datasets import ClassLabel, Dataset, Features, Value

from attnbench.corpora import splits
from attnbench.corpora.entailment import hub
from attnbench.corpora.entailment.labels import NONE
from attnbench.errors import BadInput

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ROWS = {
    "train": [
        ("a man sleeps", "a person sleeps", 0),
        ("a dog", "a cat", -1),
        ("x", "", 1),
        ("two", "none", 2),
    ],
    "validation": [("p", "h", 1), ("p", "q", -1)],
    "test": [("p", "h", 2), (None, "q", 0), ("", "a\nb", 1)],
}
FEATURES = Features(
    {
        "premise": Value("string"),
        "hypothesis": Value("string"),
        "label": ClassLabel(names=["entailment", "neutral", "contradiction"]),
    }
)


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what puts a set in a folder, as parquet with SNLI's card, in place of the hub's."""
    folder = tmp_path / "hub"
    (folder / "plain_text").mkdir(parents=True)
    real: Callable[..., Any] = datasets.load_dataset

    def local(repository: str, config: str | None, **options: Any) -> Any:
        assert (repository, options.pop("revision")) == ("stanfordnlp/snli", COMMIT)
        return real(str(folder), config, cache_dir=str(tmp_path / "cache"), **options)

    def put(features: Features = FEATURES) -> None:
        for split, rows in ROWS.items():
            made = Dataset.from_list(
                [dict(zip(features, row, strict=True)) for row in rows], features=features
            )
            made.to_parquet(folder / "plain_text" / f"{split}-00000-of-00001.parquet")
        paths = "".join(f"  - split: {split}\n    path: plain_text/{split}-*\n" for split in ROWS)
        card = f"---\nconfigs:\n- config_name: plain_text\n  data_files:\n{paths}---\n"
        (folder / "README.md").write_text(card)

    monkeypatch.setattr(datasets, "load_dataset", local)
    return put


@pytest.mark.parametrize("limit", [None, 3])  # downloaded, streamed
def test_the_schema_of_snli_becomes_ours(read: Callable[..., None], limit: int | None) -> None:
    read()
    corpus, revision = hub.entailment(f"stanfordnlp/snli@{COMMIT}", {}, limit)
    assert revision == COMMIT
    train = [
        {"id": "train/1", "premise": "a man sleeps", "hypothesis": "a person sleeps", "label": "entailment"},
        {"id": "train/4", "premise": "two", "hypothesis": "none", "label": "contradiction"},
    ]
    assert corpus["train"].to_list() == (train if limit is None else train[:1])
    assert corpus["valid"].to_list() == [
        {"id": "validation/1", "premise": "p", "hypothesis": "h", "label": "neutral"}
    ]
    assert [tuple(row.values()) for row in corpus["test"]] == [
        ("test/1", "p", "h", "contradiction"), ("test/3", "", "a b", "neutral"),
    ]  # fmt: skip
    assert splits.left_out(corpus) == [
        "train: 1 pairs without a label left out",
        "train: 1 pairs with a blank side left out",
        "valid: 1 pairs without a label left out",
        "test: 1 pairs with a side that is null or holds NUL left out",
    ]


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        (["entailment", "-", "neutral"], ["entailment", "neutral"]),
        (["contradiction", None, "-1"], ["contradiction"]),
        ([0, None, 2], ["entailment", "contradiction"]),
    ],
)
def test_labels_may_be_names(labels: list[Any], wanted: list[str]) -> None:
    table = pa.table({"premise": ["a"] * 3, "hypothesis": ["b"] * 3, "label": labels})
    columns = hub._columns(table, Dataset(table), "hub:a/b train", 1)
    assert [label for label in columns["label"].to_pylist() if label != NONE] == wanted


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (
            ["neutral", "maybe"],
            "hub:a/b train row 12 has label 'maybe' of entailment, neutral, contradiction;",
        ),
        ([0.5], "hub:a/b train row 11 has label 0.5 of entailment"),
        ([True], "hub:a/b train row 11 has label True of entailment"),
        ([["neutral"]], "hub:a/b train row 11 has label ['neutral'] of entailment"),
        ([3], "hub:a/b train row 11 has label 3 of entailment"),
        ([-2], "hub:a/b train row 11 has label -2 of entailment"),
    ],
)
def test_other_labels_are_refused_with_their_row(labels: list[Any], says: str) -> None:
    table = pa.table({"premise": ["a"] * len(labels), "hypothesis": ["b"] * len(labels), "label": labels})
    with pytest.raises(BadInput, match=re.escape(says)):
        hub._columns(table, Dataset(table), "hub:a/b train", 11)


def test_other_columns_and_labels_are_refused(read: Callable[..., None]) -> None:
    read(Features({**FEATURES, "label": ClassLabel(names=["entailment", "not", "maybe"])}))
    with pytest.raises(
        BadInput, match=r"train row 3 has label 1 of entailment, not, maybe; it must be entailment, neutral"
    ):
        hub.entailment(f"stanfordnlp/snli@{COMMIT}", {})


def test_missing_columns_are_named(read: Callable[..., None]) -> None:
    read(Features({"premise": Value("string"), "text": Value("string"), "label": Value("int64")}))
    with pytest.raises(BadInput, match=r"has no column 'hypothesis', only premise, text, label"):
        hub.entailment(f"stanfordnlp/snli@{COMMIT}", {})


def test_plain_numbers_are_read_as_snli_numbers_them(read: Callable[..., None]) -> None:
    read(Features({**FEATURES, "label": Value("int64")}))
    corpus, _ = hub.entailment(f"stanfordnlp/snli@{COMMIT}", {"test": ("validation", "test")})
    assert [(name, corpus[name]["label"][:]) for name in corpus] == [
        ("train", ["entailment", "contradiction"]), ("valid", ["neutral"]), ("validation", ["neutral"]),
        ("test", ["contradiction", "neutral"]),
    ]  # fmt: skip
