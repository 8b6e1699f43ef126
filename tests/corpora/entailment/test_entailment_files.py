"""Labelled sentence pairs in plain files: what is read, and what is said of broken files."""

import gzip
import json
from pathlib import Path

import pytest

from attnbench.corpora import splits
from attnbench.corpora.entailment import files
from attnbench.errors import BadInput

HEAD = "gold_label\tsentence1\tsentence2\n"
TRAIN = (
    HEAD + 'entailment\tA "man" sleeps.\tA person sleeps.\n-\tA dog.\tA cat.\nneutral\tA dog.\t\n'
    "-1\tx\ty\ncontradiction\tTwo men\tNobody\n"
)
TEST = HEAD + "neutral\t\tA cat.\n-\tA dog.\tA cat.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "more").mkdir()
    (tmp_path / "train.tsv").write_text(TRAIN)
    (tmp_path / "dev.tsv.gz").write_bytes(gzip.compress((HEAD + "neutral\ta\tb\n").encode()))
    (tmp_path / "test.tsv").write_text(TEST)
    odd = "sentence2\tsource\tgold_label\tsentence1\nB c\twiki\tneutral\tA\n"
    (tmp_path / "more" / "test.tsv").write_text(odd)
    said = {"gold_label": "entailment", "sentence1": "p", "sentence2": "h", "pairID": "7"}
    (tmp_path / "more" / "snli.jsonl").write_text(json.dumps(said) + "\n")
    return tmp_path


def refusal(folder: Path, **names: tuple[str, ...]) -> str:
    with pytest.raises(BadInput) as caught:
        files.sentence_pairs(folder, names)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def pair(name: str, premise: str, hypothesis: str, label: str) -> dict[str, str]:
    return {"id": name, "premise": premise, "hypothesis": hypothesis, "label": label}


def test_pairs_without_a_label_leave_all_splits_and_blank_ones_the_training_split(folder: Path) -> None:
    corpus = files.sentence_pairs(folder, {})
    assert corpus["train"].to_list() == [
        pair("train/1", 'A "man" sleeps.', "A person sleeps.", "entailment"),
        pair("train/5", "Two men", "Nobody", "contradiction"),
    ]
    assert corpus["valid"]["id"][:] == ["dev/1"]
    assert corpus["test"].to_list() == [pair("test/1", "", "A cat.", "neutral")]
    assert splits.left_out(corpus) == [
        "train: 2 pairs without a label left out",
        "train: 1 pairs with a blank side left out",
        "test: 1 pairs without a label left out",
    ]


def test_columns_come_in_any_order_and_names_are_joined(folder: Path) -> None:
    names = {"train": ("train", "more/snli"), "test": ("test", "more/test", "more/snli")}
    corpus = files.sentence_pairs(folder, names, limit=6)
    assert list(corpus) == ["train", "valid", "test", "more.test", "snli"]
    assert corpus["train"]["id"][:] == ["train/1", "train/5", "more/snli/1"]
    assert corpus["more.test"].to_list() == [pair("more/test/1", "A", "B c", "neutral")]
    assert corpus["snli"]["premise"][:] == ["p"]
    assert files.sentence_pairs(folder, names, limit=1)["train"]["id"][:] == ["train/1"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("label\tsentence1\ta\n", "line 1 has no column sentence2, gold_label, only label, sentence1, a"),
        ("", "line 1 has no column sentence1, sentence2, gold_label, only "),
        (HEAD + "neutral\ta\tb\nmaybe\ta\tb\n", "train.tsv line 3: label 'maybe'; it must be entailment"),
        (HEAD + "\ta\tb\n", "train.tsv line 2: label ''; it must be entailment"),
        (HEAD + "neutral\ta\tb\tc\n", "train.tsv line 2 has 4 columns but line 1 has 3"),
        (HEAD + "neutral\ta\n", "train.tsv line 2 has 2 columns but line 1 has 3"),
        (HEAD, "train.tsv holds no pair"),
        (HEAD + "-\ta\tb\nneutral\ta\t \n", "training split has no pair of sentences; 1 pairs without a "
         "label left out; 1 pairs with a blank side left out"),
    ],
)  # fmt: skip
def test_broken_tables_are_refused(folder: Path, text: str, says: str) -> None:
    (folder / "train.tsv").write_text(text)
    assert says in refusal(folder)


@pytest.mark.parametrize("text", ["{", "[]", '{"sentence1": "a", "sentence2": "b"}', "7"])
def test_broken_objects_are_refused(folder: Path, text: str) -> None:
    (folder / "more" / "snli.jsonl").write_text(text + "\n")
    said = refusal(folder, test=("more/snli",))
    assert said.endswith("line 1 is not a JSON object with the fields sentence1, sentence2, gold_label")


def test_an_unknown_label_of_an_object_is_refused(folder: Path) -> None:
    said = {"gold_label": 2, "sentence1": "p", "sentence2": "h"}
    (folder / "more" / "snli.jsonl").write_text(json.dumps(said) + "\n")
    assert "snli.jsonl line 1: label '2'; it must be" in refusal(folder, test=("more/snli",))


def test_missing_folders_and_names_are_refused(folder: Path, tmp_path: Path) -> None:
    assert "no folder" in refusal(folder / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "holds no NAME.tsv[.gz] or NAME.jsonl[.gz]" in refusal(tmp_path / "empty")
    assert "did you mean 'more/test'? choose with data.test=NAME from:" in refusal(folder, test=("more/tst",))
