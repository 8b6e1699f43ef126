"""Word vectors in text files: both formats are read, and what is wrong is said with its line."""

import gzip
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


def test_blanks_at_the_end_of_a_line_are_no_number(tmp_path: Path) -> None:
    assert found(tmp_path / "v", "1 3\na 1 2 3 \n", "a") == {"a": [1, 2, 3]}


def test_vectors_take_four_bytes_a_number(tmp_path: Path) -> None:
    (tmp_path / "v").write_text("a 1 2\n")
    assert vectors.read(tmp_path / "v", ["a"], 2)["a"].dtype == np.float32


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2 50\nthe 1 2 3\n", "line 1: a vector has 50 numbers, but data.dimension is 3; set data"),
        ("the 1 2\n", "line 1: a vector has 2 numbers, but data.dimension is 3; set data.dimension=2"),
        ("a 1 2 3\nb 1 2 3 4\n", "line 2: a vector has 4 numbers, but data.dimension is 3; set"),
        ("a 1 2 3\n\nb 1 2 3\n", "line 2: a vector has 0 numbers"),
        ("a 1 2 3\nthe 1 x 3\n", "line 2 holds something else than a word and its numbers"),
        ("the 1 nan 3\n", "line 1 holds something else than a word and its numbers"),
        (b"2 3\nthe " + np.array([1, 2, 3], np.float32).tobytes(), "is not text; if it is word2vec's binary"),
        (b"a 1 2 3\nb\xff 1 2 3\n", "is not text"),
    ],
)  # fmt: skip
def test_broken_files_are_refused(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        found(tmp_path / "vectors.txt", text, "the")
    assert says in str(caught.value) and "vectors.txt" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"data.vectors=.*nowhere cannot be read: No such file"):
        vectors.read(tmp_path / "nowhere", ["a"], 3)
    (tmp_path / "x.gz").write_text("the 1 2 3\n")
    with pytest.raises(BadInput, match=r"data.vectors=.*x.gz cannot be read: Not a gzipped file"):
        vectors.read(tmp_path / "x.gz", ["a"], 3)
