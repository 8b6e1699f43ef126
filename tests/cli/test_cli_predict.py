"""New input for a trained system: the same lines from a file and from standard input, or a refusal."""

import gzip
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Refused = Callable[..., str]

TEXT = "the man sees a dog .\n\na\x0bb\x85c\u2028d\u00a0e\rf\n"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Return what puts bytes on standard input, whose own encoding is another than UTF-8."""

    def put(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="latin-1"))

    return put


def test_a_mark_line_ends_and_where_the_text_comes_from_change_nothing(
    attnbench: Run, smoke: Path, tmp_path: Path, typed: Callable[[bytes], None]
) -> None:
    """A mark would make the first word unknown, and each U+2028 taken for a line's end one output more."""
    predict = ["predict", "bahdanau2015/rnnsearch-50", "--work", smoke / "work", "--input"]
    plain, path = TEXT.encode(), tmp_path / "in.txt"
    path.write_bytes(plain)
    said = attnbench(*predict, path)
    assert said.code == 0 and said.out.count("\n") == 3
    marked = b"\xef\xbb\xbf" + plain
    for content in (marked, plain.replace(b"\n", b"\r\n"), marked.removesuffix(b"\n")):
        path.write_bytes(content)
        assert attnbench(*predict, path).out == said.out
        typed(content)
        assert attnbench(*predict, "-").out == said.out
    (tmp_path / "in.gz").write_bytes(gzip.compress(marked))
    assert attnbench(*predict, tmp_path / "in.gz").out == said.out
    typed(b"")
    assert attnbench(*predict, "-").out == ""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a\ncaf\xe9\n", "line 2 is not UTF-8; convert it, such as with iconv"),
        (b"a\n\xed\xa0\x80\n", "line 2 is not UTF-8"),
        (b"a\0\n", "line 1 holds a NUL character"),
        ("a\n".encode("utf-16"), "is UTF-16; convert it, such as with iconv -f utf-16 -t utf-8"),
        (gzip.compress(b"a\n"), "is packed by gzip; unpack it"),
    ],
)
def test_what_is_no_text_is_refused_wherever_it_comes_from(
    attnbench: Run, smoke: Path, tmp_path: Path, typed: Callable[[bytes], None], refused: Refused,
    content: bytes, says: str,
) -> None:  # fmt: skip
    predict = ["predict", "bahdanau2015/rnnsearch-50", "--work", smoke / "work", "--input"]
    (tmp_path / "in.txt").write_bytes(content)
    refused(attnbench(*predict, tmp_path / "in.txt"), f"--input {tmp_path / 'in.txt'} {says}")
    typed(content)
    refused(attnbench(*predict, "-"), f"--input - (standard input) {says}")


def test_closed_standard_input_is_refused(
    attnbench: Run, smoke: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    said = attnbench("predict", "bahdanau2015", "--input", "-", "--work", smoke / "work")
    refused(said, "--input -: standard input is closed; name a file")
