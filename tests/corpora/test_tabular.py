"""The door for tsv and jsonl files: which fields are read, under which names, and what is said of others."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from attnbench.corpora import tabular
from attnbench.corpora.tabular import Field
from attnbench.errors import BadInput

SIDE, MARKS = Field(("raw", "text")), Field(("marks", "keep"), optional=True)
CAPTIONS = Field(("captions", "caption"), read=tabular.texts)


def tsv(folder: Path, text: str, *fields: Field) -> tabular.Table:
    (folder / "x.tsv").write_text(text)
    return tabular.table(folder, "x", fields)


def jsonl(folder: Path, rows: list[Any], *fields: Field) -> tabular.Table:
    (folder / "x.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return tabular.table(folder, "x", fields)


def refusal(table: tabular.Table) -> str:
    with pytest.raises(BadInput) as caught:
        list(table.rows)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_first_name_that_is_there_is_read(tmp_path: Path) -> None:
    table = tsv(tmp_path, "text\tkeep\traw\nt\t01\tr\n", SIDE, MARKS)
    assert table.names == ("raw", "keep") and table.path == tmp_path / "x.tsv"
    assert [(where, list(values)) for where, values in table.rows] == [
        (f"{tmp_path}/x.tsv line 2", ["r", "01"])
    ]
    (tmp_path / "x.tsv").unlink()
    table = jsonl(tmp_path, [{"text": "t", "raw": "r"}, {"raw": "s"}], MARKS, SIDE)
    assert table.names == ("", "raw")
    assert list(table.rows) == [
        (f"{tmp_path}/x.jsonl line 1", [None, "r"]), (f"{tmp_path}/x.jsonl line 2", [None, "s"])
    ]  # fmt: skip


def test_one_field_is_enough_and_an_optional_one_may_be_missing(tmp_path: Path) -> None:
    assert [list(values) for _, values in tsv(tmp_path, "a\ttext\n1\tt\n", SIDE).rows] == [["t"]]
    table = tsv(tmp_path, "\ttext\t\n1\tt\t2\n", MARKS, SIDE)  # names may be empty, even two
    assert [list(values) for _, values in table.rows] == [[None, "t"]]


def test_the_first_line_decides_and_the_others_must_have_its_fields(tmp_path: Path) -> None:
    rows = [{"text": "t", "keep": "1"}, {"text": "u", "keep": "0", "raw": "r", "marks": 7}, {"text": "v"}]
    table = jsonl(tmp_path, rows, SIDE, MARKS)
    assert next(table.rows)[1] == ["t", "1"] and next(table.rows)[1] == ["u", "0"]
    assert refusal(table).endswith("x.jsonl line 3 is not a JSON object with the fields text, keep")


def test_all_names_of_what_is_missing_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        tsv(tmp_path, "text\tsummary\n", SIDE, CAPTIONS, MARKS)
    assert str(caught.value).endswith(
        "x.tsv line 1 has no column captions/caption, only text, summary; a tsv file begins with the "
        "names of its columns, text, captions among them"
    )
    (tmp_path / "x.tsv").unlink()
    for row in ({"text": "t"}, ["raw", "text"], "raw text caption", None):
        wanted = "text, captions/caption" if row == {"text": "t"} else "raw/text, captions/caption"
        said = refusal(jsonl(tmp_path, [row], SIDE, CAPTIONS, MARKS))
        assert said.endswith(f"x.jsonl line 1 is not a JSON object with the fields {wanted}")


def test_a_name_counts_twice_only_where_it_is_read(tmp_path: Path) -> None:
    assert len(list(tsv(tmp_path, "text\traw\ttext\na\tb\tc\n", SIDE).rows)) == 1
    with pytest.raises(BadInput, match="line 1 has two columns raw; rename or drop one"):
        tsv(tmp_path, "raw\traw\na\tb\n", SIDE)
    (tmp_path / "x.tsv").unlink()
    (tmp_path / "x.jsonl").write_text('{"text": "a", "raw": "b", "text": "c"}\n{"raw": "b", "raw": "c"}\n')
    table = tabular.table(tmp_path, "x", [SIDE])
    assert next(table.rows)[1] == ["b"]
    assert refusal(table).endswith("x.jsonl line 2 has the field raw twice; drop one")


def test_a_list_of_texts(tmp_path: Path) -> None:
    table = jsonl(tmp_path, [{"caption": "a\nb"}, {"caption": ["c", "", "d\u00a0e"]}], CAPTIONS)
    assert [values for _, values in table.rows] == [[["a b"]], [["c", "", "d\u00a0e"]]]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([], " is an empty list; it must hold a text"),
        (["a", None], ", text 2, is null; it must be a text"),
        ([["a"]], ", text 1, is a list; it must be a text"),
        (["a", "b\0"], ", text 2, holds a NUL character; delete it"),
        (["\ud800"], ", text 1, holds half of a surrogate pair, which is no character; delete it"),
        ({"en": "a"}, " is an object; it must be a text"),
    ],
)
def test_what_is_no_list_of_texts_is_named_with_its_place(tmp_path: Path, value: Any, says: str) -> None:
    table = jsonl(tmp_path, [{"captions": ["right"]}, {"captions": value}], CAPTIONS)
    assert refusal(table) == f"{tmp_path}/x.jsonl line 2: captions{says}"


def test_a_field_may_read_other_values(tmp_path: Path) -> None:
    box = Field(("box",), read=lambda value, where: (where, sum(value)))
    table = jsonl(tmp_path, [{"box": [1, 2.5]}], box)
    assert list(table.rows) == [(f"{tmp_path}/x.jsonl line 1", [(f"{tmp_path}/x.jsonl line 1: box", 3.5)])]


def test_empty_files_have_no_rows(tmp_path: Path) -> None:
    assert list(jsonl(tmp_path, [], SIDE, MARKS).rows) == []
    (tmp_path / "x.jsonl").unlink()
    assert list(tsv(tmp_path, "text\n", SIDE, MARKS).rows) == []


def test_files_are_found_by_name(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "train.tsv.gz").write_bytes(gzip.compress(b"text\nx\n"))
    (tmp_path / "dev.jsonl").write_text("{}\n")
    (tmp_path / "test.en").write_text("no table\n")
    assert tabular.names(tmp_path) == {"a/train", "dev"}
    names = {"train": ("a/train",), "valid": ("dev",), "test": ("a/train", "dev")}
    assert tabular.read_from(tmp_path, names) == [tmp_path / "a" / "train.tsv.gz", tmp_path / "dev.jsonl"]
    assert [list(values) for _, values in tabular.table(tmp_path, "a/train", [SIDE]).rows] == [["x"]]
    (tmp_path / "dev.tsv").write_text("text\n")
    with pytest.raises(BadInput, match=r"has two files for dev; let there be either dev\.tsv\[\.gz\] or"):
        tabular.table(tmp_path, "dev", [SIDE])
