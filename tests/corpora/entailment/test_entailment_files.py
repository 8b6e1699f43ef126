"""Labelled sentence pairs in plain files: what is read, and what is said of broken files."""

import gzip
import json
from pathlib import Path

import pytest

from attnbench.corpora import splits
from attnbench.corpora.entailment import files
from attnbench.errors import BadInput

DEEP = '{"sentence1": ' * 99_999
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
        ("a\rb\u2028\x1b[1mc\tgold_label\n",
         r"line 1 has no column sentence1, sentence2, only a\rb\u2028\x1b[1mc, gold_label; a tsv file"),
        ("w " * 9999, f"gold_label, only {'w ' * 100}; a tsv file begins with the names of its columns"),
        (HEAD + "m" * 9999 + "\ta\tb\n", f"train.tsv line 2: label '{'m' * 50}'; it must be"),
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


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"sentence1": "a", "sentence2": "b"}',
        "7",
        "",
        "null",
        '"a"',
        "1" * 5000,
        DEEP,
        "[" * 99_999,
    ],
)
def test_broken_objects_are_refused(folder: Path, text: str) -> None:
    (folder / "more" / "snli.jsonl").write_text(text + "\n")
    said = refusal(folder, test=("more/snli",))
    assert said.endswith("line 1 is not a JSON object with the fields sentence1, sentence2, gold_label")


RIGHT = {"gold_label": "neutral", "sentence1": "p", "sentence2": "h"}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("sentence2", "null", "is null; it must be a text"),
        ("sentence1", "null", "is null; it must be a text"),
        ("sentence1", "7", "is a number; it must be a text"),
        ("sentence1", "1e999", "is a number; it must be a text"),
        ("sentence1", "9" * 5000, "is a number; it must be a text"),
        ("sentence1", "NaN", "is a number; it must be a text"),
        ("sentence2", "false", "is true or false; it must be a text"),
        ("sentence2", '["a"]', "is a list; it must be a text"),
        ("sentence2", '{"en": "a"}', "is an object; it must be a text"),
        ("sentence2", r'"a\ud800"', "holds half of a surrogate pair, which is no character; delete it"),
        ("sentence2", r'"\udc00\ud800"', "holds half of a surrogate pair, which is no character; delete it"),
        ("sentence2", r'"a\u0000"', "holds a NUL character; delete it"),
        ("gold_label", "null", "is null; it must be a text"),
        ("gold_label", "2", "is a number; it must be a text"),
        ("gold_label", "true", "is true or false; it must be a text"),
    ],
)
def test_what_is_no_text_in_an_object_is_named_with_its_field(
    folder: Path, field: str, value: str, says: str
) -> None:
    right = json.dumps(RIGHT)
    wrong = right.replace(json.dumps(RIGHT[field]), value)
    assert wrong != right
    (folder / "more" / "snli.jsonl").write_text(f"{right}\n{wrong}\n")
    assert refusal(folder, test=("more/snli",)).endswith(f"more/snli.jsonl line 2: {field} {says}")


def test_an_unknown_label_of_an_object_is_refused(folder: Path) -> None:
    (folder / "more" / "snli.jsonl").write_text(json.dumps(RIGHT | {"gold_label": "maybe"}) + "\n")
    assert "snli.jsonl line 1: label 'maybe'; it must be entailment" in refusal(folder, test=("more/snli",))


def test_texts_of_objects_are_one_line_and_keep_their_words(folder: Path) -> None:
    """The word none is a word; a pair of surrogate escapes is a character; others' fields hold anything."""
    odd = '"nan": NaN, "long": ' + "1" * 5000 + ', "deep": ' + "[" * 50 + "]" * 50
    rows = [
        RIGHT | {"sentence1": "none", "sentence2": "a\nb\r\nc\td\u2028e\x85"},
        RIGHT | {"sentence1": "\U0001f600", "gold_label": "-"},
        RIGHT | {"gold_label": -1},
    ]
    texts = [json.dumps(row)[:-1] + f", {odd}}}" for row in rows]
    raw = '{"gold_label": "neutral", "sentence1": "x\u2028\x85\u00a0y", "sentence2": "z"}'  # not escaped
    (folder / "more" / "snli.jsonl").write_text("\ufeff" + "\r\n".join([*texts, raw]), newline="")
    test = files.sentence_pairs(folder, {"test": ("more/snli",)})["snli"]
    assert test.to_list() == [
        pair("more/snli/1", "none", "a b c\td\u2028e\x85", "neutral"),
        pair("more/snli/4", "x\u2028\x85\u00a0y", "z", "neutral"),
    ]
    assert splits.left_out({"test": test}) == ["test: 2 pairs without a label left out"]


def test_a_field_that_stands_twice_is_refused(folder: Path) -> None:
    twice = '{"sentence1": "a", "sentence2": "b", "sentence1": "c", "gold_label": "neutral", "x": 1, "x": 2}'
    (folder / "more" / "snli.jsonl").write_text(twice + "\n")
    assert refusal(folder, test=("more/snli",)).endswith("line 1 has the field sentence1 twice; drop one")
    (folder / "more" / "snli.jsonl").write_text(twice.replace('"sentence1": "c", ', "") + "\n")
    files.sentence_pairs(folder, {"test": ("more/snli",)})
    (folder / "train.tsv").write_text("sentence1\tgold_label\tsentence2\tsentence1\na\tneutral\tb\tc\n")
    assert refusal(folder).endswith("train.tsv line 1 has two columns sentence1; rename or drop one")


def test_the_last_ending_says_how_a_file_is_read(folder: Path) -> None:
    (folder / "dev.tsv.jsonl").write_text(json.dumps(RIGHT) + "\n")
    (folder / "dev.jsonl.tsv.gz").write_bytes(gzip.compress(TEST.encode()))
    names = {"test": ("dev.tsv", "dev.jsonl")}
    corpus = files.sentence_pairs(folder, names)
    assert corpus["dev.tsv"].to_list() == [pair("dev.tsv/1", "p", "h", "neutral")]
    assert corpus["dev.jsonl"].to_list() == [pair("dev.jsonl/1", "", "A cat.", "neutral")]


def test_one_name_has_one_file(folder: Path) -> None:
    (folder / "train.jsonl").write_text(json.dumps(RIGHT) + "\n")
    said = refusal(folder)
    assert said.endswith("has two files for train; let there be either train.tsv[.gz] or train.jsonl[.gz]")
    (folder / "train.tsv").unlink()
    assert files.sentence_pairs(folder, {})["train"]["premise"][:] == ["p"]
    (folder / "train.jsonl").unlink()
    (folder / "train.tsv").mkdir()
    assert "has no 'train' for the train split" in refusal(folder)


def test_a_table_ends_its_lines_with_lf_or_cr_lf_and_has_no_blank_but_the_space(folder: Path) -> None:
    rows = "neutral\ta\rb\x0b\u2028c\td\u00a0e \r\nneutral\t\u00a0\t "
    (folder / "test.tsv").write_bytes(("\ufeff" + HEAD.replace("\n", "\r\n") + rows).encode())
    corpus = files.sentence_pairs(folder, {"train": ("test",)})
    assert corpus["test"].to_list() == [
        pair("test/1", "a\rb\x0b\u2028c", "d\u00a0e ", "neutral"), pair("test/2", "\u00a0", " ", "neutral"),
    ]  # fmt: skip
    assert corpus["train"]["id"][:] == ["test/1"], "a side of U+00A0 alone shows nothing"


def test_missing_folders_and_names_are_refused(folder: Path, tmp_path: Path) -> None:
    assert "no folder" in refusal(folder / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "holds no NAME.tsv[.gz] or NAME.jsonl[.gz]" in refusal(tmp_path / "empty")
    assert "did you mean 'more/test'? choose with data.test=NAME from:" in refusal(folder, test=("more/tst",))
