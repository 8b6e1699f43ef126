"""Word vectors in text files: both formats are read, and what is wrong is said with its line."""

import gzip
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from attnbench.corpora.entailment import vectors
from attnbench.errors import BadInput

GLOVE = "the 0.5 -1 2e-3\n. . . 1 2 3\ncat 4 5 6\nthe 9 9 9\n2 7 8 9\n"


def found(path: Path, text: str | bytes, *words: str, dimension: int = 3) -> dict[str, list[float]]:
    content = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return {word: vector.tolist() for word, vector in vectors.read(path, words, dimension).items()}


@pytest.mark.parametrize("name", ["glove.txt", "glove.txt.gz"])
@pytest.mark.parametrize("head", ["", "5 3\n"])
def test_both_formats_give_the_wanted_words_and_the_first_of_two(
    tmp_path: Path, name: str, head: str
) -> None:
    read = found(tmp_path / name, head + GLOVE, "the", "cat", "dog", "2", ". . .")
    assert read == {
        "the": [0.5, -1.0, np.float32(2e-3)], ". . .": [1, 2, 3], "cat": [4, 5, 6], "2": [7, 8, 9],
    }  # fmt: skip


@pytest.mark.parametrize("head", ["", "4 3\n", "4\t3 \n"])
@pytest.mark.parametrize("end", ["\n", "\r\n", " \n", " \t \r\n"])
@pytest.mark.parametrize("blank", [" ", "\t", "  ", " \t "])
def test_blanks_are_spaces_and_tabs_one_or_more(tmp_path: Path, head: str, end: str, blank: str) -> None:
    """Also between the parts of a word; those at a line's ends count for nothing."""
    rows = [["a", "1", "2", "3"], [".", ".", "4", "5", "6"], ["7", "-1", "+.5", "1E-2"], ["z", "1", "2", "3"]]
    text = head + "".join(blank.join(row) + end for row in rows)
    wanted = {"a": [1, 2, 3], ". .": [4, 5, 6], "7": [-1, 0.5, np.float32(0.01)], "z": [1, 2, 3]}
    assert found(tmp_path / "v", text, *wanted) == wanted
    assert found(tmp_path / "v", text.removesuffix("\n"), *wanted) == wanted


def test_other_characters_belong_to_the_word(tmp_path: Path) -> None:
    words = [
        "10\u00a0000",
        "\u00a0",
        "a\u2003b",
        "\u3000",
        "x\x85y",
        "\u2028",
        "c\x0bd",
        "\u200b",
        "e\rf",
        "g\ufeff",
    ]
    text = "".join(f"{word} {place} 2 3\n" for place, word in enumerate(words))
    assert found(tmp_path / "v", text, *words) == {word: [n, 2, 3] for n, word in enumerate(words)}


def test_a_mark_at_the_beginning_and_a_word_that_is_a_blank(tmp_path: Path) -> None:
    """Some writers leave a word out that is a space."""
    assert found(tmp_path / "v", "\ufeffthe 1 2 3\n", "the") == {"the": [1, 2, 3]}
    assert found(tmp_path / "v", "\ufeff2 3\nthe 1 2 3\n 4 5 6\n", "the") == {"the": [1, 2, 3]}


def test_vectors_of_one_number_may_lack_a_head(tmp_path: Path) -> None:
    assert found(tmp_path / "v", "2 7\nthe 5\n", "2", "the", dimension=1) == {"2": [7], "the": [5]}
    assert found(tmp_path / "v", "1 1\nthe 5\n", "the", dimension=1) == {"the": [5]}


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "v")
    writer = threading.Thread(target=(tmp_path / "v").write_text, args=("2 3\nthe 1 2 3\na 4 5 6\n",))
    writer.start()
    assert vectors.read(tmp_path / "v", ["the"], 3)["the"].tolist() == [1, 2, 3]
    writer.join()


def test_vectors_take_four_bytes_a_number(tmp_path: Path) -> None:
    (tmp_path / "v").write_text("a 1 2\n")
    assert vectors.read(tmp_path / "v", ["a"], 2)["a"].dtype == np.float32


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2 50\nthe 1 2 3\n", "line 1: a vector has 50 numbers, but data.dimension is 3; set data"),
        ("the 1 2\n", "line 1: a vector has 2 numbers, but data.dimension is 3; set data.dimension=2"),
        ("a 1 2 3\nb 1 2 3 4\n", "line 2: a vector has 4 numbers but that of line 1 has 3; fetch the file"),
        ("a 1 2 3\nb 1 2\n", "line 2: a vector has 2 numbers but that of line 1 has 3; fetch the file"),
        ("a 1 2 3\nb 1\t2 3 4\n", "line 2: a vector has 4 numbers but that of line 1 has 3; fetch the file"),
        ("a b c 1 2\n", "line 1: a vector has 2 numbers, but data.dimension is 3; set data.dimension=2"),
        ("2 3\na 1 2\n", "line 2: a vector has 2 numbers but that of line 1 has 3; fetch the file"),
        ("a 1 2 3\n\nb 1 2 3\n", "line 2 holds something else than a word and its numbers; a line is a word"),
        ("x\n", "line 1 holds something else than a word and its numbers; a line is a word and its"),
        ("a 1 2 3\nthe 1 x 3\n", "line 2 holds something else than a word and its numbers"),
        ("the 1 nan 3\n", "line 1 holds something else than a word and its numbers"),
        ("the 1 inf 3\n", "line 1 holds something else than a word and its numbers"),
        ("the 1 1e999 3\n", "line 1 holds something else than a word and its numbers"),
        ("a 1 2 3\nthe 1 1_0 3\n", "line 2 holds something else than a word and its numbers"),
        ("the 1 \u0661 3\n", "line 1 holds something else than a word and its numbers"),
        ("the\u00a01 2 3\n", "line 1: a vector has 2 numbers, but data.dimension is 3"),
        (b"2 3\nthe " + np.array([1, 2, 3], np.float32).tobytes(),
         "line 2 holds a NUL character, as UTF-16 and binary files do; if it is word2vec's binary for"),
        (b"a 1 2 3\nb\xff 1 2 3\n", "line 2 is not UTF-8; if it is word2vec's binary format, convert it"),
        ("", "vectors.txt holds no vector; a line is a word and its numbers with blanks between them"),
        ("0 3\n", "holds no vector"),
        ("5 3\n", "line 1 says 5 words, but 0 follow; fetch it again"),
        ("3 3\nthe 1 2 3\na 1 2 3\n", "line 1 says 3 words, but 2 follow; fetch it again"),
        ("1 3\nthe 1 2 3\na 1 2 3\n", "line 1 says 1 words, but 2 follow; fetch it again"),
        ("The 1 2 3\nA 1 2 3\n", "has none of the corpus' 1 words, but words such as 'A'; choose vectors of"),
        ("the,1,2,3\n", "line 1 looks like comma-separated values; a line is a word and its numbers with bl"),
        ("the, 1, 2, 3\n", "line 1 looks like comma-separated values"),
        ("the 1,2,3\n", "line 1 looks like comma-separated values"),
        ('"the","1","2","3"\n', "line 1 looks like comma-separated values"),
        ("word,d0,d1,d2\nthe,1,2,3\n", "line 1 looks like comma-separated values"),
        ("the,1\n", "line 1 looks like comma-separated values"),
        ("the;1;2;3\n", "line 1 looks like semicolon-separated values"),
        ("9" * 5000 + " 3\n", "line 1: a vector has 1 numbers, but data.dimension is 3; set data"),
    ],
)  # fmt: skip
def test_broken_files_are_refused(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        found(tmp_path / "vectors.txt", text, "the")
    assert says in str(caught.value) and "vectors.txt" in str(caught.value)
    assert "\n" not in str(caught.value) and "dimension=0" not in str(caught.value)


@pytest.mark.parametrize("text", ["the 1 2\na 3 4\n", "2 2\nthe 1 2\na 3 4\n", "the\t1\t2\na\t3\t4\n"])
def test_the_dimension_that_is_advised_reads_the_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput, match=r"; set data.dimension=2$"):
        found(tmp_path / "v", text, "the", dimension=3)
    assert found(tmp_path / "v", text, "the", "a", dimension=2) == {"the": [1, 2], "a": [3, 4]}


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"data.vectors=.*nowhere cannot be read: No such file"):
        vectors.read(tmp_path / "nowhere", ["a"], 3)
    (tmp_path / "x.gz").write_text("the 1 2 3\n")
    with pytest.raises(BadInput, match=r"data.vectors=.*x.gz is not whole gzip after line 0: Not a gzipped"):
        vectors.read(tmp_path / "x.gz", ["a"], 3)
    with pytest.raises(BadInput, match=r"data.vectors=.* cannot be read: Is a directory"):
        vectors.read(tmp_path, ["a"], 3)
