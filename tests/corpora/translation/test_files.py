"""Parallel text in plain files: what is read, and what is said of broken files."""

import gc
import gzip
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from datasets import Dataset, DatasetDict

from attnbench import corpora
from attnbench.corpora import plain, splits
from attnbench.corpora.translation import files
from attnbench.errors import BadInput

EN_FR = ("en", "fr")


def write(folder: Path, **texts: str) -> Path:
    """Write ``train_en="..."`` as ``train.en``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(
        tmp_path / "corpus",
        train_en="a cat\n\nthe dog barks\n",
        train_fr="un chat\nrien\nle chien aboie\n",
        valid_en="a\n", valid_fr="un\n",
        test_en="one two\n\n", test_fr="un deux\ntrois\n",
    )  # fmt: skip


def refusal(folder: Path, languages: tuple[str, str] = EN_FR, **names: tuple[str, ...]) -> str:
    with pytest.raises(BadInput) as caught:
        files.parallel_text(folder, languages, names)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_splits_have_their_usual_names_and_blank_pairs_leave_only_the_training_set(folder: Path) -> None:
    corpus = files.parallel_text(folder, EN_FR, {})
    assert {split: len(corpus[split]) for split in corpus} == {"train": 2, "valid": 1, "test": 2}
    assert corpus["train"][1] == {"id": "train/3", "source": "the dog barks", "target": "le chien aboie"}
    assert corpus["test"][1] == {"id": "test/2", "source": "", "target": "trois"}
    assert corpus["train"].info.description == "1 pairs with a blank side left out"
    assert files.parallel_text(folder, ("fr", "en"), {})["train"][0]["source"] == "un chat"


@pytest.mark.parametrize("name", ["valid", "val", "dev"])
def test_validation_is_found_under_each_of_its_names(folder: Path, name: str) -> None:
    for language in EN_FR:
        (folder / f"valid.{language}").rename(folder / f"{name}.{language}")
    assert files.parallel_text(folder, EN_FR, {})["valid"]["id"][:] == [f"{name}/1"]


def test_line_ends_marks_and_odd_separators(tmp_path: Path) -> None:
    write(tmp_path, valid_en="a\n", valid_fr="b\n", test_en="a\n", test_fr="b\n")
    # A byte order mark, Windows line ends, a Unicode line separator inside a sentence, no last line end.
    (tmp_path / "train.en").write_bytes("\ufeffone\u2028more\r\ntwo\x85x".encode())
    (tmp_path / "train.fr").write_bytes(b"un\r\ndeux\r\n")
    train = files.parallel_text(tmp_path, EN_FR, {})["train"]
    assert train["source"][:] == ["one\u2028more", "two\x85x"]
    assert train["target"][:] == ["un", "deux"]


@pytest.mark.parametrize("character", "\u00a0\u2003\u3000\x85\u2028\u2029\x0b\x0c\x1c\r\u200b")
def test_links_count_words_at_spaces_and_tabs_alone(folder: Path, character: str) -> None:
    """The links name six words a side; other blanks, even at a line's ends, belong to their words."""
    text = f"we saw\t10{character}000 red  boats {character}.\r\n".encode()
    for language in EN_FR:
        (folder / f"test.{language}").write_bytes(b"\xef\xbb\xbf" + text)
    (folder / "test.align").write_bytes(b"\xef\xbb\xbf0-0 1-1\t2-2  3-3 4-4 5-5 \r\n")
    test = files.parallel_text(folder, EN_FR, {})["test"]
    assert test["source"][:] == [text.decode().removesuffix("\r\n")]
    assert test["sure"][:] == [[[n, n] for n in range(6)]]
    (folder / "test.align").write_text("6-5\n")
    assert "link '6-5' points past 6 source or 6 target words" in refusal(folder)
    (folder / "test.align").write_text("0-0\u00a01-1\n")
    assert "line 1: '0-0\\xa01-1' is not a link" in refusal(folder)


def test_a_lone_cr_ends_no_line_and_a_side_that_shows_nothing_is_blank(tmp_path: Path) -> None:
    write(tmp_path, valid_en="a\n", valid_fr="b\n", test_en="a\n", test_fr="b\n")
    (tmp_path / "train.en").write_bytes("a\rb\n\u00a0 \u3000\n\u200b\nc\x85d\n\x01\n".encode())
    (tmp_path / "train.fr").write_bytes(b"1\n2\n3\n4\n5")
    train = files.parallel_text(tmp_path, EN_FR, {"test": ("train",)})
    assert train["train"].to_list() == [
        {"id": "train/1", "source": "a\rb", "target": "1"},
        {"id": "train/4", "source": "c\x85d", "target": "4"},
    ]  # fmt: skip
    assert train["train"].info.description == "3 pairs with a blank side left out"
    assert train["test.train"]["source"][:] == ["a\rb", "\u00a0 \u3000", "\u200b", "c\x85d", "\x01"]


def test_names_are_joined_for_training_and_apart_for_tests(folder: Path) -> None:
    write(
        folder / "law",
        train_en="x\n",
        train_fr="y\n",
        test_en="l\n",
        test_fr="m\n",
        gold_en="g\n",
        gold_fr="h\n",
    )
    names = {
        "train": ("train", "law/train"),
        "valid": ("valid", "law/test"),
        "test": ("test", "law/test", "law/gold"),
    }
    corpus = files.parallel_text(folder, EN_FR, names)
    assert list(corpus) == ["train", "valid", "test", "law.test", "gold"]
    assert corpus["train"]["id"][:] == ["train/1", "train/3", "law/train/1"]
    assert corpus["valid"]["source"][:] == ["a", "l"]
    assert corpus["gold"][0] == {"id": "law/gold/1", "source": "g", "target": "h"}


def test_a_test_set_never_takes_the_key_of_another_split() -> None:
    assert splits.keys_of_tests(["train", "a/valid", "b/x"]) == {
        "train": "test.train",
        "a/valid": "a.valid",
        "b/x": "x",
    }


def test_the_limit_counts_training_lines_over_all_names(folder: Path) -> None:
    names = {"train": ("train", "test")}
    corpus = files.parallel_text(folder, EN_FR, names, limit=4)
    assert corpus["train"]["id"][:] == ["train/1", "train/3", "test/1"]  # line 2 is read, and blank
    assert len(corpus["test"]) == 2


def test_gzip_is_read_in_place(folder: Path) -> None:
    plain = files.parallel_text(folder, EN_FR, {})
    for path in list(folder.iterdir()):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    packed = files.parallel_text(folder, EN_FR, {})
    assert packed["train"].to_list() == plain["train"].to_list()


def test_gold_alignments_are_read_beside_tests_and_validation(folder: Path) -> None:
    write(folder, test_align="1-0 0?1 1?0 0-0\n\n", valid_align="0-0\n")
    write(folder, test_en="one two\nx\n", train_align="nonsense\n")
    corpus = files.parallel_text(folder, EN_FR, {})
    assert corpus["test"]["sure"][:] == [[[0, 0], [1, 0]], []]
    assert corpus["test"]["possible"][:] == [[[0, 1]], []]  # 1?0 repeats a sure link
    assert corpus["valid"]["sure"][:] == [[[0, 0]]]
    assert "sure" not in corpus["train"].column_names


def test_a_first_number_without_links_is_refused(folder: Path) -> None:
    write(folder, train_align="1-1\n")
    with pytest.raises(BadInput, match=r"links_from=1 changes nothing here: .* has a NAME\.align; leave it"):
        files.parallel_text(folder, EN_FR, {}, links_from=1)
    write(folder, valid_align="1-1\n")
    assert files.parallel_text(folder, EN_FR, {}, links_from=1)["valid"]["sure"][:] == [[[0, 0]]]


def test_links_that_cannot_be_read_are_not_passed_over(folder: Path) -> None:
    (folder / "test.align").symlink_to("elsewhere.align")
    assert "test.align is no file, nor a link to one" in refusal(folder)
    (folder / "test.align").unlink()
    (folder / "test.align").mkdir()
    assert "test.align is a folder" in refusal(folder)
    (folder / "test.align").rmdir()
    write(folder, test_align="0-0\n\n", test_align_gz="")
    assert "test.align and test.align.gz are both there; move one away" in refusal(folder)


def test_alignments_of_some_of_the_joined_sets_are_left_out(folder: Path) -> None:
    write(folder, valid_align="0-0\n")
    joined = files.parallel_text(folder, EN_FR, {"valid": ("valid", "test")})["valid"]
    assert joined.column_names == ["id", "source", "target"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0-0\n", "test.align has 1 lines but test has 2"),
        ("\n \t\n", "test.align holds no link; move it away if test has none"),
        ("0-0\n0:0\n", "test.align line 2: '0:0' is not a link; write i-j (sure), i?j or ipj (possible)"),
        ("2-0\n\n", "test.align line 1: link '2-0' points past 2 source or 2 target words"),
        ("0-2\n\n", "link '0-2' points past"),
        ("1-2\n\n", "words, from 0; set data.links_from=1 if the file counts from 1, or turn data.languages"),
        ("-1-0\n\n", "'-1-0' is not a link"),
        ("²-0\n\n", "'²-0' is not a link"),
        ("0-" + "9" * 5000 + "\n\n", "9' is not a link"),
        ("0-0\0\n\n", "test.align line 1 holds a NUL character"),
    ],
)
def test_bad_alignments_are_named(folder: Path, text: str, expected: str) -> None:
    write(folder, test_align=text)
    assert expected in refusal(folder)


def test_links_may_count_from_one_and_be_possible_in_two_ways(folder: Path) -> None:
    """The same links in the three ways of writing them."""
    for first, text in [(0, "1-0 0?1 1?0 0-0\n\n"), (0, "1-0 0p1 1p0 0-0\n\n"), (1, "2-1 1p2 2?1 1-1\n\n")]:
        write(folder, test_align=text)
        test = files.parallel_text(folder, EN_FR, {}, links_from=first)["test"]
        assert test["sure"][:] == [[[0, 0], [1, 0]], []]
        assert test["possible"][:] == [[[0, 1]], []]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1-1\n\n0-1\n", None),
        (
            "0-1\n\n",
            "test.align line 1: link '0-1' has a word 0, but links count from 1; set data.links_from=0",
        ),
        ("1p0\n\n", "link '1p0' has a word 0"),
        (
            "3-1\n\n",
            "link '3-1' points past 2 source or 2 target words, from 1; turn data.languages",
        ),
    ],
)
def test_links_outside_a_file_that_counts_from_one(folder: Path, text: str, expected: str | None) -> None:
    write(folder, test_align=text)
    with pytest.raises(BadInput) as caught:
        files.parallel_text(folder, EN_FR, {}, links_from=1)
    message = str(caught.value)
    assert "\n" not in message
    assert (expected or "has 3 lines but test has 2") in message
    assert "links_from=1" not in message  # it is set already


def test_no_table_is_read_beyond_the_limit() -> None:
    read = []

    def tables() -> Iterator[pa.Table]:
        for start in range(0, 100, 10):
            read.append(start)
            yield pa.table({"id": list(range(start, start + 10))})

    for limit, wanted in [(25, [0, 10, 20]), (20, [0, 10]), (1, [0]), (None, list(range(0, 100, 10)))]:
        read.clear()
        ids = [number for table in splits.first(tables(), limit) for number in table["id"].to_pylist()]
        assert (ids, read) == (list(range(100 if limit is None else limit)), wanted)


def test_long_files_are_read_in_batches(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "_BATCH", 3)
    write(
        folder,
        train_en="".join(f"e {n}\n" for n in range(10)),
        train_fr="".join(f"f {n}\n" for n in range(10)),
    )
    names = {"train": ("train", "valid")}
    train = files.parallel_text(folder, EN_FR, names)["train"]
    assert train["id"][:] == [*(f"train/{n}" for n in range(1, 11)), "valid/1"]
    assert train["target"][:] == [*(f"f {n}" for n in range(10)), "un"]
    # Line 8 is broken; seven pairs do not need it.
    (folder / "train.fr").write_bytes(b"f\n" * 7 + b"\xff\n" * 3)
    assert len(files.parallel_text(folder, EN_FR, names, limit=7)["train"]) == 7
    assert "train.fr line 8 is not UTF-8" in refusal(folder, **names)


def test_splits_lie_on_the_disk(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the folder given, or in a temporary one that goes with the corpus; the rows stay readable."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    corpus = files.parallel_text(folder, EN_FR, {}, scratch=scratch)
    assert sorted(path.name for path in scratch.iterdir()) == ["test.arrow", "train.arrow", "valid.arrow"]
    assert corpus["train"].cache_files == [{"filename": str(scratch / "train.arrow")}]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    corpus = files.parallel_text(folder, EN_FR, {})
    train = corpus["train"]
    assert len(list(tmp_path.glob("attnbench.*/train.arrow"))) == 1
    del corpus
    gc.collect()
    assert not list(tmp_path.glob("attnbench.*"))
    assert train["source"][:] == ["a cat", "the dog barks"]


def test_missing_things_are_named_with_what_is_there(folder: Path, tmp_path: Path) -> None:
    assert f"no folder {tmp_path / 'nowhere'}" in refusal(tmp_path / "nowhere")
    assert "holds no NAME.sv[.gz] or NAME.da[.gz]; set data.languages" in refusal(folder, ("sv", "da"))
    assert "has no 'tests' for the test split; did you mean 'test'?" in refusal(folder, test=("tests",))
    assert "from: test, train, valid" in refusal(folder, test=("zzz",))
    assert f"{folder / 'test'}.de[.gz] is missing" in refusal(folder, ("en", "de"), train=("test",))
    assert "no split 'dev'" in refusal(folder, dev=("test",))
    for language in EN_FR:
        (folder / f"test.{language}").rename(folder / f"test_2016.{language}")
    message = refusal(folder)
    assert "did you mean 'test_2016'?" in message
    assert "data.test=NAME from: test_2016, train, valid" in message


def test_unequal_and_empty_files_are_named_with_both_counts(folder: Path) -> None:
    write(folder, train_fr="un\n")
    assert f"{folder / 'train.en'} has 3 lines but {folder / 'train.fr'} has 1;" in refusal(folder)
    write(folder, train_fr="1\n2\n3\n4\n5\n")
    assert "train.en has 3 lines but" in refusal(folder)
    assert "train.fr has 5;" in refusal(folder)
    write(folder, train_fr="", train_en="")
    assert f"{folder / 'train.en'} is empty" in refusal(folder)
    write(folder, train_fr="un\n", train_en=" \n")
    assert "training split has no pair of sentences; 1 pairs with a blank side left out" in refusal(folder)


def test_another_encoding_is_named_with_its_line(folder: Path) -> None:
    (folder / "train.fr").write_bytes("un\nété\ntrois\n".encode("latin-1"))
    assert f"{folder / 'train.fr'} line 2 is not UTF-8" in refusal(folder)


@pytest.mark.parametrize("damage", ["cut", "other"])
def test_broken_gzip_is_named(folder: Path, damage: str) -> None:
    whole = gzip.compress(os.urandom(2000).hex().encode() + b"\n")
    (folder / "train.en").unlink()
    (folder / "train.en.gz").write_bytes(whole[:500] if damage == "cut" else b"a cat\n")
    assert f"{folder / 'train.en.gz'} is not whole gzip after line 0" in refusal(folder)


def test_data_is_parsed_and_slugged(tmp_path: Path) -> None:
    written = ["embedded", "files:/x/multi30k/", "hub:wmt/wmt14:fr-en@v1"]
    parsed = [corpora.parse(data) for data in written]
    # What a report prints shows no folders of the machine it was made on.
    assert [source.text for source in parsed] == ["embedded", "files:multi30k", "hub:wmt/wmt14:fr-en@v1"]
    assert [(source.kind, source.location, source.slug) for source in parsed] == [
        ("embedded", "", "embedded"),
        ("files", "/x/multi30k", "files-multi30k"),
        ("hub", "wmt/wmt14:fr-en@v1", "hub-wmt-wmt14-fr-en-v1"),
    ]
    assert corpora.parse("files:~/texts").location == str(Path.home() / "texts")
    reference = corpora.parse_hub("wmt/wmt14:fr-en@v1")
    assert (reference.repository, reference.config, reference.revision) == ("wmt/wmt14", "fr-en", "v1")


@pytest.mark.parametrize(
    "data", ["file:/x", "embeded", "", "files:", "embedded:x", "hub:wmt14", "hub:a/b:c:d"]
)
def test_other_data_is_refused(data: str) -> None:
    with pytest.raises(BadInput) as caught:
        corpora.parse(data)
    if data in ("file:/x", "embeded"):
        assert "did you mean '" in str(caught.value)


def test_the_fingerprint_is_of_the_content(folder: Path) -> None:
    corpus = files.parallel_text(folder, EN_FR, {})
    first = corpora.fingerprint(corpus)
    assert len(first) == 16
    rows = {split: corpus[split].to_list() for split in reversed(list(corpus))}
    again = DatasetDict(
        {split: Dataset.from_list([dict(reversed(row.items())) for row in rows[split]]) for split in rows}
    )
    assert corpora.fingerprint(again) == first
    rows["train"][1]["target"] = "le chien dort"
    assert corpora.fingerprint({split: Dataset.from_list(rows[split]) for split in rows}) != first
    assert corpora.fingerprint({**corpus, "test": corpus["test"].select([1, 0])}) != first
    assert corpora.fingerprint({"train": corpus["train"], "valid": corpus["valid"]}) != first


def test_the_package_imports_neither_torch_nor_datasets() -> None:
    program = "import sys, attnbench.corpora; print({'torch', 'datasets', 'pandas'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
