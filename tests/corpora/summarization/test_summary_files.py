"""Sentences and their summaries in plain files: what is read, and what is said of broken files."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from attnbench.corpora import splits
from attnbench.corpora.summarization import files
from attnbench.errors import BadInput

TRAIN = (
    "sentence\tcompression\tkeep\n"
    "the old  man , of course , sleeps .\tthe man sleeps .\t101000011\n"
    "a b\ta b\t11\nc\t\t0\n\t\t\nd e\te\t01\n"
)
RAW = "sentence\tcompression\tsentence_raw\tcompression_raw\nthe a17\ta ##\tThe A17\tA17\n"


def lines(*rows: Any) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "more").mkdir()
    (tmp_path / "train.tsv").write_text(TRAIN)
    (tmp_path / "dev.tsv.gz").write_bytes(gzip.compress(b"newid\theadline\tsentence\n7\tB\tA b\n"))
    (tmp_path / "test.tsv").write_text(RAW)
    pair = {"article": "Hun Sen said no .", "headlines": ["Sen says no", " ", "No, says Sen"], "n": 1}
    (tmp_path / "more" / "duc2004.jsonl").write_text(lines(pair))
    return tmp_path


def read(folder: Path, limit: int | None = None, **names: str) -> Any:
    chosen = {split: tuple(name.split(",")) for split, name in names.items()}
    return files.summaries(folder, chosen, limit)


def refusal(folder: Path, **names: str) -> str:
    with pytest.raises(BadInput) as caught:
        read(folder, **names)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def pair(name: str, source: str, *references: str) -> dict[str, Any]:
    return {"id": name, "source": source, "target": references[0], "references": list(references)}


def test_marks_of_kept_words_are_gold_links(folder: Path) -> None:
    """The words of the first source: the old man , of course , sleeps . (two blanks make no word)."""
    train = read(folder)["train"]
    assert train.to_list() == [
        pair("train/1", "the old  man , of course , sleeps .", "the man sleeps .")
        | {"links": [[0, 0], [1, 2], [2, 7], [3, 8]]},
        pair("train/2", "a b", "a b") | {"links": [[0, 0], [1, 1]]},
        pair("train/5", "d e", "e") | {"links": [[0, 1]]},
    ]
    assert splits.left_out({"train": train}) == ["train: 2 pairs with a blank side left out"]
    assert train.features["links"].feature.feature.dtype == "int32"


def test_the_first_of_the_names_is_read(folder: Path) -> None:
    corpus = read(folder, test="test,more/duc2004")
    assert list(corpus) == ["train", "valid", "test", "duc2004"]
    assert corpus["valid"].to_list() == [pair("dev/1", "A b", "B")]
    assert corpus["test"].to_list() == [pair("test/1", "The A17", "A17")]
    assert corpus["duc2004"].to_list() == [
        pair("more/duc2004/1", "Hun Sen said no .", "Sen says no", "No, says Sen")
    ]
    assert read(folder, limit=1)["train"]["id"][:] == ["train/1"]


@pytest.mark.parametrize(
    ("head", "source", "summary"),
    [
        ("sentence_raw document article sentence", "sentence_raw", "summary"),
        ("sentence article document", "document", "summary"),
        ("sentence article", "article", "summary"),
        ("sentence", "sentence", "summary"),
        ("sentence compression headline headlines summary compression_raw", "sentence", "compression_raw"),
        ("sentence compression headline headlines", "sentence", "headlines"),
        ("sentence compression headline", "sentence", "headline"),
        ("sentence compression", "sentence", "compression"),
    ],
)
def test_the_order_of_the_names(folder: Path, head: str, source: str, summary: str) -> None:
    columns = head.split() if "compression" in head else [*head.split(), "summary"]
    (folder / "dev.tsv.gz").unlink()
    (folder / "dev.tsv").write_text("\t".join(columns) + "\n" + "\t".join(f"<{one}>" for one in columns))
    assert read(folder)["valid"].to_list() == [pair("dev/1", f"<{source}>", f"<{summary}>")]
    (folder / "dev.tsv").unlink()
    (folder / "dev.jsonl").write_text(lines({one: f"<{one}>" for one in columns}))
    assert read(folder)["valid"].to_list() == [pair("dev/1", f"<{source}>", f"<{summary}>")]


def test_a_split_has_links_where_all_its_files_have_marks(folder: Path) -> None:
    (folder / "marked.jsonl").write_text(lines({"article": "x y", "headline": "y", "keep": "01"}))
    corpus = read(folder, train="train,dev", valid="train,marked", test="train,marked,dev")
    linked = {name: "links" in corpus[name].column_names for name in corpus}
    assert linked == {
        "train": False, "valid": True, "test.train": True, "marked": True, "dev": False,
    }  # fmt: skip
    assert corpus["train"]["id"][:] == ["train/1", "train/2", "train/5", "dev/1"]
    assert corpus["valid"]["links"][-2:] == [[[0, 1]], [[0, 1]]]
    (folder / "marked.jsonl").write_text(lines({"article": "x y", "headline": "y", "keep": "1"}))
    assert "keep '1' has 1 marks" in refusal(folder, train="marked,dev"), "marks are checked all the same"


def test_pairs_that_score_nothing_are_left_out_and_a_blank_source_stays(folder: Path) -> None:
    rows = [("", "a"), ("b", "\u00a0"), ("c", ""), ("d", "e")]
    (folder / "test.tsv").write_text("document\tsummary\n" + "".join(f"{a}\t{b}\n" for a, b in rows))
    odd = [{"document": "x", "summary": one} for one in ([" ", ""], ["", "y"], "")]
    (folder / "more" / "odd.jsonl").write_text(lines(*odd))
    corpus = read(folder, train="test", valid="test", test="test,more/odd")
    assert corpus["train"].to_list() == [pair("test/4", "d", "e")]
    assert corpus["valid"].to_list() == [pair("test/1", "", "a"), pair("test/4", "d", "e")]
    assert corpus["odd"].to_list() == [pair("more/odd/2", "x", "y")]
    assert splits.left_out(corpus) == [
        "train: 3 pairs with a blank side left out",
        "valid: 2 pairs whose summaries are all blank left out",
        "test: 2 pairs whose summaries are all blank left out",
        "odd: 2 pairs whose summaries are all blank left out",
    ]


def test_a_summary_may_be_longer_than_its_source(folder: Path) -> None:
    (folder / "train.tsv").write_text("article\theadline\na b\tx y z\n")
    assert read(folder)["train"].to_list() == [pair("train/1", "a b", "x y z")]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (
            "a b c\ta\t10",
            "keep '10' has 2 marks; it must have a 0 or a 1 for each of the 3 words of the source",
        ),
        ("a b\ta\t", "keep '' has 0 marks; it must have a 0 or a 1 for each of the 2 words of the source"),
        ("a b\ta\t1x", "keep '1x' has 2 marks; it must have a 0 or a 1 for each of the 2 words"),
        ("a b\ta\t1 0", "keep '1 0' has 3 marks; it must have a 0 or a 1 for each of the 2 words"),
        ("a b\ta\t110", "keep '110' has 3 marks; it must have a 0 or a 1 for each of the 2 words"),
        ("a\u00a0b\ta\t10", "keep '10' has 2 marks; it must have a 0 or a 1 for each of the 1 words"),
        ("a b c\ta c\t110", "word 2 of the summary is 'c' but keep marks 'b'; mark the summary's words, or"),
        ("a b c\tc a\t101", "word 1 of the summary is 'c' but keep marks 'a'"),
        ("a b c\ta b\t111", "word 3 of the summary is '' but keep marks 'c'"),
        ("a b c\ta b\t100", "word 2 of the summary is 'b' but keep marks ''"),
        ("a b c\tA\t100", "word 1 of the summary is 'A' but keep marks 'a'"),
    ],
)
def test_marks_that_do_not_fit_are_refused(folder: Path, row: str, says: str) -> None:
    (folder / "train.tsv").write_text(f"sentence\tcompression\tkeep\nx\tx\t1\n{row}\n")
    assert f"train.tsv line 3: {says}" in refusal(folder)


def test_a_byte_order_mark_is_no_word_whatever_is_marked(folder: Path) -> None:
    """As a word of its own it had a mark, which is dropped: the first, a 0."""
    rows = "\ufeff a b\tb\t001\n\ufeffa b\tb\t01\n"
    (folder / "train.tsv").write_text(f"\ufeffsentence\tsummary\tkeep\n{rows}")
    train = read(folder)["train"]
    assert train["links"][:] == [[[0, 1]], [[0, 1]]]
    assert train["source"][:] == [" a b", "a b"]
    (folder / "train.tsv").write_text("sentence\tsummary\tkeep\n\ufeff a b\tb\t101\n")
    assert "line 2: keep '101' has 3 marks" in refusal(folder)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "sentence\tlabel\n",
            "line 1 has no column compression_raw/summary/headlines/headline/compression, only",
        ),
        (
            "text\tsummary\n",
            "line 1 has no column sentence_raw/document/article/sentence, only text, summary",
        ),
        ("article\tsummary\na\tb\tc\n", "train.tsv line 2 has 3 columns but line 1 has 2"),
        ("article\tsummary\na\tb\nc\n", "train.tsv line 3 has 1 columns but line 1 has 2"),
        (
            "article\tsummary\tarticle\na\tb\tc\n",
            "train.tsv line 1 has two columns article; rename or drop one",
        ),
        ("article\tkeep\tkeep\tsummary\n", "train.tsv line 1 has two columns keep; rename or drop one"),
        ("article\tsummary\na\tb\0\n", "train.tsv line 2 holds a NUL character"),
        ("article\tsummary\n", "train.tsv holds no pair"),
        (
            "article\tsummary\na\t\n",
            "training split has no pair of sentences; 1 pairs with a blank side left out",
        ),
    ],
)
def test_broken_tables_are_refused(folder: Path, text: str, says: str) -> None:
    (folder / "train.tsv").write_text(text)
    assert says in refusal(folder)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"article": null, "headlines": ["b"]}', "line 2: article is null; it must be a text"),
        ('{"article": ["a"], "headlines": ["b"]}', "line 2: article is a list; it must be a text"),
        ('{"article": "a", "headlines": null}', "line 2: headlines is null; it must be a text"),
        ('{"article": "a", "headlines": []}', "line 2: headlines is an empty list; it must hold a text"),
        (
            '{"article": "a", "headlines": ["b", 7]}',
            "line 2: headlines, text 2, is a number; it must be a text",
        ),
        (
            '{"article": "a", "headlines": ["b", null]}',
            "line 2: headlines, text 2, is null; it must be a text",
        ),
        (
            r'{"article": "a", "headlines": ["\ud800"]}',
            "line 2: headlines, text 1, holds half of a surrogate p",
        ),
        (r'{"article": "a\udc00", "headlines": "b"}', "line 2: article holds half of a surrogate pair"),
        (r'{"article": "a\u0000", "headlines": "b"}', "line 2: article holds a NUL character; delete it"),
        (
            '{"article": "a", "article": "b", "headlines": "b"}',
            "line 2 has the field article twice; drop one",
        ),
        ('{"article": "a"}', "line 2 is not a JSON object with the fields article, headlines"),
        (
            '{"document": "a", "headlines": "b"}',
            "line 2 is not a JSON object with the fields article, headlines",
        ),
        ("[]", "line 2 is not a JSON object with the fields article, headlines"),
    ],
)
def test_broken_objects_are_refused(folder: Path, text: str, says: str) -> None:
    right = lines({"article": "a", "headlines": ["b"]})
    (folder / "more" / "odd.jsonl").write_text(f"{right}{text}\n")
    assert f"more/odd.jsonl {says}" in refusal(folder, test="more/odd")


def test_texts_of_objects_are_one_line_and_keep_their_words(folder: Path) -> None:
    odd = {"article": "\ufeffa\nb\tc\u2028d", "headlines": ["10\u00a0000\r\nx", "\ufeffUNK <unk> ##"]}
    (folder / "more" / "odd.jsonl").write_text("\ufeff" + lines(odd))
    assert read(folder, test="more/odd")["odd"].to_list() == [
        pair("more/odd/1", "a b\tc\u2028d", "10\u00a0000 x", "UNK <unk> ##")
    ]


def test_marks_must_be_a_text(folder: Path) -> None:
    (folder / "train.tsv").unlink()
    (folder / "train.jsonl").write_text(lines({"article": "a b", "summary": "b", "keep": 1}))
    assert refusal(folder).endswith("train.jsonl line 1: keep is a number; it must be a text")


def test_the_files_that_are_read_are_named(folder: Path) -> None:
    names = {"train": ("train",), "test": ("test", "more/duc2004")}
    found = [path.relative_to(folder).as_posix() for path in files.read_from(folder, names)]
    assert found == ["train.tsv", "dev.tsv.gz", "test.tsv", "more/duc2004.jsonl"]
    assert "did you mean 'more/duc2004'?" in refusal(folder, test="more/duc2003")
