"""Sets of the hub: made ours from local parquet files in the schema of WMT, and refused in one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pytest
from datasets import Dataset, Features, IterableDataset, Translation

from attnbench.corpora import hub as hubs
from attnbench.corpora import splits
from attnbench.corpora.translation import hub
from attnbench.errors import BadInput

COMMIT = "0123456789abcdef0123456789abcdef01234567"
EN_FR = ("en", "fr")


@pytest.fixture
def wmt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a set of the WMT schema in a folder, with two configurations, and read it in place of the hub's."""
    rows = {
        "train": [("a cat", "un chat"), ("", "rien"), ("the dog", "le chien"), ("we go", "nous allons")],
        "validation": [("yes", "oui")],
        "test": [("no", "non"), ("", "vide")],
    }
    folder = tmp_path / "hub"
    features = Features({"translation": Translation(languages=["fr", "en"])})
    for split, texts in rows.items():
        made = Dataset.from_list(
            [{"translation": {"en": en, "fr": fr}} for en, fr in texts], features=features
        )
        path = folder / "fr-en" / f"{split}-00000-of-00001.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        made.to_parquet(path)
    splits = "".join(f"  - split: {split}\n    path: fr-en/{split}-*\n" for split in rows)
    configs = f"- config_name: fr-en\n  data_files:\n{splits}- config_name: other\n  data_files: x-*\n"
    (folder / "README.md").write_text(f"---\nconfigs:\n{configs}---\n")
    real: Callable[..., Any] = datasets.load_dataset

    def local(repository: str, config: str | None, **options: Any) -> Any:
        assert (repository, options.pop("revision")) == ("wmt/wmt14", COMMIT)
        return real(str(folder), config, cache_dir=str(tmp_path / "cache"), **options)

    monkeypatch.setattr(datasets, "load_dataset", local)
    return folder


@pytest.mark.parametrize("limit", [None, 3])  # downloaded, streamed
def test_the_wmt_schema_becomes_ours(wmt: Path, limit: int | None) -> None:
    corpus, revision = hub.translation(f"wmt/wmt14:fr-en@{COMMIT}", EN_FR, {}, limit)
    assert revision == COMMIT
    train = [
        ("train/1", "a cat", "un chat"),
        ("train/3", "the dog", "le chien"),
        ("train/4", "we go", "nous allons"),
    ]
    wanted = train if limit is None else train[:2]
    assert [tuple(row.values()) for row in corpus["train"]] == wanted
    assert corpus["train"].column_names == ["id", "source", "target"]
    assert corpus["valid"].to_list() == [{"id": "validation/1", "source": "yes", "target": "oui"}]
    assert corpus["test"]["source"][:] == ["no", ""]


def test_splits_are_chosen_by_name(wmt: Path) -> None:
    names = {"train": ("validation",), "valid": ("test", "validation"), "test": ("test", "validation")}
    corpus, _ = hub.translation(f"wmt/wmt14:fr-en@{COMMIT}", ("fr", "en"), names)
    assert {split: corpus[split]["source"][:] for split in corpus} == {
        "train": ["oui"], "valid": ["non", "vide", "oui"], "test": ["non", "vide"], "validation": ["oui"],
    }  # fmt: skip


def test_one_column_a_language_and_missing_texts() -> None:
    row = Dataset.from_dict({"de": ["eins", None], "en": ["one", "two"], "image": [b"x", b"y"]})
    corpus = hub.corpus({"train": row, "val": row, "test": row}, ("de", "en"), {}, "a/b")
    assert corpus["train"].to_list() == [{"id": "train/1", "source": "eins", "target": "one"}]
    assert corpus["valid"]["source"][:] == ["eins"]
    left_out = [f"{name}: 1 pairs with a side that is null or holds NUL left out" for name in corpus]
    assert splits.left_out(corpus) == left_out == [*left_out[:2], left_out[2].replace("valid", "test")]


def test_a_null_is_no_text_and_a_text_is_one_line() -> None:
    """Left out of every split, tests too, and counted; the word None stays a word."""
    rows = [
        ("None", "none"),
        ("a", None),
        (None, None),
        ("a\0", "b"),
        ("x\ny\r\nz", "u\u2028v\rw"),
        ("\u00a0", "b"),
    ]
    row = Dataset.from_list(
        [{"translation": {"en": en, "fr": fr}} for en, fr in rows] + [{"translation": None}]
    )
    corpus = hub.corpus({"train": row, "val": row, "test": row}, EN_FR, {}, "a/b")
    kept = [("train/1", "None", "none"), ("train/5", "x y z", "u\u2028v\rw")]
    assert [tuple(one.values()) for one in corpus["train"]] == kept
    assert corpus["test"]["id"][:] == ["test/1", "test/5", "test/6"]
    assert splits.left_out(corpus) == [
        "train: 4 pairs with a side that is null or holds NUL left out",
        "train: 1 pairs with a blank side left out",
        "valid: 4 pairs with a side that is null or holds NUL left out",
        "test: 4 pairs with a side that is null or holds NUL left out",
    ]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([1, 2], "hub:a/b train row 1: en is a number; it must be a text"),
        ([None, True], "hub:a/b train row 2: en is true or false; it must be a text"),
        ([["a"], ["b"]], "hub:a/b train row 1: en is a list; it must be a text"),
    ],
)
def test_columns_of_something_else_are_refused_with_their_row(values: list[Any], says: str) -> None:
    right = Dataset.from_dict({"en": ["a", "b"], "fr": ["a", "b"]})
    wrong = Dataset.from_dict({"en": values, "fr": ["a", "b"]})
    with pytest.raises(BadInput) as caught:
        hub.corpus({"train": wrong, "val": right, "test": right}, EN_FR, {}, "a/b")
    assert str(caught.value) == says


def test_rows_are_counted_over_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "_BATCH", 2)
    right = Dataset.from_dict({"en": ["a"] * 5, "fr": ["b"] * 5})
    wrong = Dataset.from_dict({"en": [None, None, None, None, 4], "fr": ["b"] * 5})
    with pytest.raises(BadInput, match="hub:a/b val row 5: en is a number"):
        hub.corpus({"train": right, "val": wrong, "test": right}, EN_FR, {}, "a/b")


def test_joined_splits_share_the_limit() -> None:
    row = Dataset.from_dict({"en": ["1", "2"], "fr": ["a", "b"]})
    corpus = hub.corpus({"x": row, "dev": row, "test": row}, EN_FR, {"train": ("x", "dev")}, "a/b", limit=3)
    assert corpus["train"]["id"][:] == ["x/1", "x/2", "dev/1"]


def test_a_stream_is_read_no_further_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches, each onto the disk before the next is asked for; the numbers of rows go on."""
    monkeypatch.setattr(hubs, "_BATCH", 10)
    read = []

    def rows() -> Any:
        for number in range(100):
            read.append(number)
            yield {"translation": {"en": f"e{number}" if number != 12 else " ", "fr": f"f{number}"}}

    short = Dataset.from_list([{"translation": {"en": "a", "fr": "b"}}])
    opened = {"train": IterableDataset.from_generator(rows), "validation": short, "test": short}
    train = hub.corpus(opened, EN_FR, {}, "a/b", limit=25)["train"]
    assert max(read) < 40
    assert train["id"][:] == [f"train/{number + 1}" for number in range(25) if number != 12]
    assert train["target"][:] == [f"f{number}" for number in range(25) if number != 12]
    assert train.info.description == "1 pairs with a blank side left out"
    assert len(hub.corpus(opened, EN_FR, {}, "a/b")["train"]) == 99


def test_an_empty_split_is_refused() -> None:
    short, empty = Dataset.from_dict({"en": ["a"], "fr": ["b"]}), Dataset.from_dict({"en": [], "fr": []})
    with pytest.raises(BadInput, match="hub:a/b: validation split has no pair of sentences"):
        hub.corpus({"train": short, "validation": empty, "test": short}, EN_FR, {}, "a/b")


def refusal(reference: str, languages: tuple[str, str] = EN_FR, **names: tuple[str, ...]) -> str:
    with pytest.raises(BadInput) as caught:
        hub.translation(reference, languages, names)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_wrong_names_are_refused_with_the_right_ones(wmt: Path) -> None:
    message = refusal(f"wmt/wmt14:fr-en@{COMMIT}", ("en", "de"))
    assert "has no text in 'de', only translation.en, translation.fr; set data.languages" in message
    message = refusal(f"wmt/wmt14:fr-en@{COMMIT}", test=("tset",))
    assert "hub:wmt/wmt14:fr-en@" in message
    assert "did you mean 'test'? choose with data.test=NAME from: test, train, validation" in message
    assert "pick one among the available configs: ['fr-en', 'other']" in refusal(f"wmt/wmt14@{COMMIT}")


def test_no_network_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    for reference in ("wmt/wmt14:fr-en", "wmt/wmt14:fr-en@main"):
        message = refusal(reference)
        assert message.startswith(f"hub:{reference} does not load (OfflineModeIsEnabled: ")
        assert message.endswith("if there is no network, use --data embedded or --data files:DIR")


def test_the_revision_is_resolved_to_a_commit(wmt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Api:
        def dataset_info(self, repository: str, revision: str | None, timeout: float) -> Any:
            assert (repository, revision) == ("wmt/wmt14", "v2")
            return type("Info", (), {"sha": COMMIT})

    monkeypatch.setattr("huggingface_hub.HfApi", Api)
    _, revision = hub.translation("wmt/wmt14:fr-en@v2", EN_FR, {})
    assert revision == COMMIT


def test_a_script_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def script(*_: Any, **__: Any) -> None:
        raise RuntimeError("Dataset scripts are no longer supported, but found wmt14.py")

    monkeypatch.setattr(datasets, "load_dataset", script)
    message = refusal(f"wmt/wmt14:fr-en@{COMMIT}")
    assert message.endswith("which is never run; try hub:wmt/wmt14:fr-en@refs/convert/parquet")


def test_a_broken_stream_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def with_format(self, _: str) -> "Broken":
            return self

        def iter(self, batch_size: int) -> Any:
            raise pa.ArrowInvalid("Parquet magic bytes not found\nin footer")

    parts = dict.fromkeys(("train", "validation", "test"), Broken())
    monkeypatch.setattr(datasets, "load_dataset", lambda *_, **__: parts)
    assert "(ArrowInvalid: Parquet magic bytes not found in footer);" in refusal(f"wmt/wmt14:fr-en@{COMMIT}")


def test_a_folder_of_the_same_name_is_not_taken_for_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wmt" / "wmt14").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert "would be read in place of hub:wmt/wmt14" in refusal(f"wmt/wmt14@{COMMIT}")


@pytest.mark.parametrize("reference", ["wmt14", "wmt/wmt14:", "wmt/wmt14@", "a/b/c", "a/b:c:d", "a b/c"])
def test_malformed_references_are_refused(reference: str) -> None:
    assert "is not hub:OWNER/NAME[:CONFIG][@REVISION]" in refusal(reference)
