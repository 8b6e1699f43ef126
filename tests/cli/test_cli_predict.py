"""New input for a trained system: the same lines from a file and from standard input, or a refusal."""

import gzip
import io
import os
import stat
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
        (gzip.compress(b"a\n", mtime=0), "is packed by gzip; unpack it"),
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


def test_an_output_that_is_a_pipe_a_device_or_a_link_stays_one(
    attnbench: Run, smoke: Path, tmp_path: Path
) -> None:
    """Else `--output /dev/null` would put a plain file in the place of a device that all programs share."""
    (tmp_path / "in.txt").write_text("the man sees a dog .\n")
    (tmp_path / "real.txt").write_text("of old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    os.mkfifo(tmp_path / "pipe")
    predict = ["predict", "bahdanau2015/rnnsearch-50", "--work", smoke / "work"]
    predict += ["--input", tmp_path / "in.txt"]
    usual = attnbench(*predict).out
    heard = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    for name in ("pipe", "link.txt"):
        assert attnbench(*predict, "--output", tmp_path / name).code == 0
    assert os.read(heard, 1 << 16).decode() == usual == (tmp_path / "real.txt").read_text()
    os.close(heard)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode) and (tmp_path / "link.txt").is_symlink()


def test_a_folder_that_holds_no_finished_run_is_named(
    attnbench: Run, refused: Refused, tmp_path: Path
) -> None:
    """It is no name of a paper, of which another should be chosen."""
    run = tmp_path / "work/runs/bahdanau2015/embedded.smoke/rnnsearch-50.0.abc"
    run.mkdir(parents=True)
    (tmp_path / "in.txt").write_text("a\n")
    predict = ["--work", tmp_path / "work", "--input", tmp_path / "in.txt"]
    for name in (run, run.relative_to(tmp_path / "work")):
        refused(attnbench("predict", name, *predict), f"{run} is not the folder of a finished run")
